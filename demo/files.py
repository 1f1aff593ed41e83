"""The files that the demo sends: a one-page document, and a second of a tone."""

import io
import math
import wave
from dataclasses import dataclass

_RATE, _PITCH = 8000, 440


@dataclass(frozen=True)
class File:
    """A file and its extension."""

    ext: str
    data: bytes


def _pdf() -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    ]
    text, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(text))
        text += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return text + (
        b"xref\n0 4\n0000000000 65535 f \n%strailer<</Size 4/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(text))
    )


def _wav() -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(_RATE)
        writer.writeframes(
            bytes(
                round(128 + 100 * math.sin(2 * math.pi * _PITCH * step / _RATE))
                for step in range(_RATE)
            )
        )
    return sound.getvalue()


PDF = File("pdf", _pdf())
WAV = File("wav", _wav())
