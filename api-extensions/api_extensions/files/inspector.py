"""Reads a file that somebody sent, in a process of its own: `… inspector MIME < file`.

Libraries that read what strangers send may crash, hang, or be tricked. Here they have
no secrets, no connections, a few seconds and little memory.
"""

import json
import resource
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import BinaryIO

import filetype

from api_extensions.files.documents import check_pdf
from api_extensions.files.images import check_image
from api_extensions.files.measure import Measure, UnsoundError, more_than_one
from api_extensions.files.movies import check_audio, check_video
from api_extensions.files.sound import check_mp3, check_wav

# Seconds of computing (what is sound takes three at the worst), and bytes of memory.
MAX_CPU, MAX_MEMORY = 5, 512 * 1024 * 1024
# No file that is taken has room for a day; a rate of one sample a second claims more.
MAX_SECONDS = 24 * 60 * 60
# As much of the beginning as the library looks at.
_HEAD = 8192
# A reader of PDFs searches so far for a beginning.
_PDF_HEAD = 1024

Check = Callable[[BinaryIO, int], Measure]


@dataclass(frozen=True)
class Kind:
    """How a type is checked.

    Attributes:
        sniffed: what the library may take such a file for.
        check: looks closer; gets the file and its size.
    """

    sniffed: frozenset[str]
    check: Check


def _image(mime_type: str) -> Kind:
    return Kind(frozenset({mime_type}), lambda file, _: check_image(file, mime_type))


KINDS: Mapping[str, Kind] = {
    "image/jpeg": _image("image/jpeg"),
    "image/png": _image("image/png"),
    "application/pdf": Kind(frozenset({"application/pdf"}), check_pdf),
    "audio/mpeg": Kind(frozenset({"audio/mpeg"}), check_mp3),
    "audio/wav": Kind(frozenset({"audio/x-wav"}), check_wav),
    # Telephones record sound under a video's brand.
    "audio/mp4": Kind(frozenset({"audio/mp4", "video/mp4"}), check_audio),
    "video/mp4": Kind(frozenset({"video/mp4"}), check_video),
}


def inspect(file: BinaryIO, mime_type: str) -> Measure:
    """Check that a file is what it should be, and measure it.

    Args:
        file: can seek.
        mime_type: one of KINDS.

    Raises:
        UnsoundError: it is not, or is something else as well.
    """
    kind = KINDS[mime_type]
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD)
    if filetype.guess_mime(head) not in kind.sniffed:
        raise UnsoundError(f"is not {mime_type}")
    if zipfile.is_zipfile(file) or b"%PDF-" in head[1:_PDF_HEAD]:
        raise more_than_one()
    file.seek(0)
    measure = kind.check(file, size)
    if not 0 <= (measure.duration_sec or 0) <= MAX_SECONDS:
        raise UnsoundError("claims to last longer than a day")
    return measure


def _answer(file: BinaryIO, mime_type: str) -> Mapping[str, object]:
    try:
        return asdict(inspect(file, mime_type))
    except UnsoundError as error:
        return {"refused": str(error)}
    except Exception:  # whatever a library stumbles over is the file's doing
        return {"refused": "can't be read"}


def main() -> None:
    """Inspect what is on standard input, and print what there is to say as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU, MAX_CPU))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    json.dump(_answer(sys.stdin.buffer, sys.argv[1]), sys.stdout)


if __name__ == "__main__":
    main()
