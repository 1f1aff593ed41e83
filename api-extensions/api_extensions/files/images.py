"""JPEG and PNG: complete, alone, and not too large to be shown. Never decoded."""

import re
import struct
from typing import BinaryIO

from PIL import Image

from api_extensions.files.measure import Measure, UnsoundError, cut_short, more_than_one

# The largest sensors of telephones; whoever shows an image needs four bytes a pixel.
MAX_PIXELS = 200_000_000

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
_PNG_SIGNATURE_LENGTH = 8
_JPEG_START = b"\xff\xd8"
# Before it there may be many more 0xff; to match them all would be begun anew at each.
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff])", re.DOTALL)
_JPEG_END = 0xD9
# Markers without a length: restarts inside of the picture, and one for arithmetic.
_JPEG_BARE = {0x01, *range(0xD0, 0xD9)}
# Cameras add previews, depth, gain; each costs a copy of what is behind it.
_MAX_PICTURES = 8
# What Samsung's telephones add to their pictures ends with this.
_SAMSUNG_TRAILER = b"SEFT"


def check_image(file: BinaryIO, mime_type: str) -> Measure:
    """Check an image, and read its dimensions from its header.

    Raises:
        UnsoundError: it is damaged, has a tail, or is too large.
    """
    name = _FORMATS[mime_type]
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and is no warning
    try:
        with Image.open(file, formats=[name]) as image:
            measure = Measure(width=image.width, height=image.height)
            image.verify()  # a PNG's checksums; nothing for a JPEG
    except (OSError, SyntaxError, ValueError, struct.error):
        raise UnsoundError(f"is not a sound {name}") from None
    if image.width * image.height > MAX_PIXELS:
        raise UnsoundError(f"has more than {MAX_PIXELS} pixels")
    file.seek(0)
    data = file.read()
    tail = _after_jpeg(data) if name == "JPEG" else data[_png_end(data) :]
    if tail:
        raise more_than_one()
    return measure


def _after_jpeg(data: bytes) -> bytes:
    """Return what follows the picture, but for what cameras are known to add."""
    for _ in range(_MAX_PICTURES):
        if not data.startswith(_JPEG_START):
            break
        data = data[_jpeg_end(data) :].strip(b"\0")
    return b"" if data.endswith(_SAMSUNG_TRAILER) else data


def _jpeg_end(data: bytes) -> int:
    position = len(_JPEG_START)
    while found := _JPEG_MARKER.search(data, position):
        marker, position = found[1][0], found.end()
        if marker == _JPEG_END:
            return position
        if marker not in _JPEG_BARE:
            position += int.from_bytes(data[position : position + 2])
    raise cut_short()


def _png_end(data: bytes) -> int:
    position = _PNG_SIGNATURE_LENGTH
    while position + 12 <= len(data):
        kind = data[position + 4 : position + 8]
        position += int.from_bytes(data[position : position + 4]) + 12
        if kind == b"IEND" and position <= len(data):
            return position
    raise cut_short()
