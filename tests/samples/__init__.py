"""Real files, small: one of each kind that is taken; and what is made wrong of them."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A file and how it is announced.

    Attributes:
        name: of the file, which ends with the extension.
        category: that it is uploaded as.
        mime_type: that follows.
        purpose: which suits it.
    """

    name: str
    category: str
    mime_type: str
    purpose: str

    @property
    def ext(self) -> str:
        """The extension."""
        return self.name.rpartition(".")[2]

    @property
    def data(self) -> bytes:
        """What is in it."""
        return (FOLDER / self.name).read_bytes()


MP3 = Sample("sample.mp3", "AUDIO", "audio/mpeg", "VOICE_NOTE")
M4A = Sample("sample.m4a", "AUDIO", "audio/mp4", "VOICE_NOTE")
WAV = Sample("sample.wav", "AUDIO", "audio/wav", "VOICE_NOTE")
MP4 = Sample("sample.mp4", "VIDEO", "video/mp4", "PET_VIDEO")
PDF = Sample("sample.pdf", "DOCUMENT", "application/pdf", "MEDICAL_DOC")
JPG = Sample("sample.jpg", "IMAGE", "image/jpeg", "MEDICAL_DOC")
PNG = Sample("sample.png", "IMAGE", "image/png", "MEDICAL_DOC")
SAMPLES = [MP3, M4A, WAV, MP4, PDF, JPG, PNG]
# What each kind is mistaken for: the likeliest confusion that there is.
RENAMED = {
    "mp3": WAV,
    "m4a": MP4,
    "wav": MP3,
    "mp4": M4A,
    "pdf": PNG,
    "jpg": PNG,
    "png": JPG,
}


def truncated(data: bytes) -> bytes:
    """Return the file without its last tenth."""
    return data[: len(data) * 9 // 10]


def polyglot(data: bytes) -> bytes:
    """Return the file with a ZIP archive behind it: both at once."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("evil.js", "alert(1)")
    return data + archive.getvalue()


def with_tail(data: bytes) -> bytes:
    """Return the file with a page behind it, which no archiver recognises."""
    return data + b"<html><script>alert(1)</script></html>"
