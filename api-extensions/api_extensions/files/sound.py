"""MP3 and WAV: complete, alone, and how long they are."""

import struct
from typing import BinaryIO

from mutagen import MutagenError
from mutagen.mp3 import HeaderNotFoundError, MPEGFrame
from mutagen.wave import WaveStreamInfo

from api_extensions.files.measure import Measure, UnsoundError, cut_short, more_than_one

_LAYER_III = 3
_MIN_FRAMES = 2
_ID3_HEADER, _ID3V1_LENGTH = 10, 128
# Tags that may follow the sound.
_TAGS = (b"APETAGEX", b"LYRICSBEGIN")
# More chunks than any recorder writes.
_MAX_CHUNKS = 1000


def check_mp3(file: BinaryIO, size: int) -> Measure:
    """Walk through all frames, which is what the length is measured by.

    Raises:
        UnsoundError: it has no frames, ends inside of one, or goes on after the last.
    """
    position = _after_id3(file)
    seconds, frames = 0.0, 0
    while position < size:
        file.seek(position)
        try:
            frame = MPEGFrame(file)
        except HeaderNotFoundError:
            break
        if frame.layer != _LAYER_III:
            raise UnsoundError("is not an MP3")
        position, frames = file.tell(), frames + 1
        seconds += (1152 if frame.version == 1 else 576) / frame.sample_rate
    if frames < _MIN_FRAMES:
        raise UnsoundError("is not an MP3")
    if position > size:
        raise cut_short()
    file.seek(position)
    _require_tags(file.read().strip(b"\0"))
    return Measure(duration_sec=seconds)


def _after_id3(file: BinaryIO) -> int:
    """Return where the frames begin: after a tag, and the zeros that fill it up."""
    file.seek(0)
    header = file.read(_ID3_HEADER)
    position = 0
    if header.startswith(b"ID3") and len(header) == _ID3_HEADER:
        for byte in header[6:]:  # seven bits each
            position = position << 7 | byte & 0x7F
        position += _ID3_HEADER
    file.seek(position)
    rest = file.read()
    return position + len(rest) - len(rest.lstrip(b"\0"))


def _require_tags(tail: bytes) -> None:
    is_id3v1 = tail.startswith(b"TAG") and len(tail) <= _ID3V1_LENGTH
    if tail and not is_id3v1 and not tail.startswith(_TAGS):
        raise more_than_one()


def check_wav(file: BinaryIO, size: int) -> Measure:
    """Walk through the chunks; the sound's own says how long it is.

    Raises:
        UnsoundError: chunks and file do not end together, or there is no sound.
    """
    try:
        seconds = WaveStreamInfo(file).length
    except MutagenError:
        raise UnsoundError("is not a sound WAV") from None
    if not seconds:
        raise UnsoundError("has no sound in it")
    end = _chunks_end(file)
    file.seek(4)
    (riff,) = struct.unpack("<I", file.read(4))
    if end > size + 1 or riff + 8 > size + 1:  # the last pad byte is often left out
        raise cut_short()
    if end < size or riff + 8 < size - 1:
        raise more_than_one()
    return Measure(duration_sec=seconds)


def _chunks_end(file: BinaryIO) -> int:
    position = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:  # noqa: PLR2004 - a chunk's name and length
            return position + len(header)
        (length,) = struct.unpack("<4xI", header)
        position += 8 + length + length % 2
    raise more_than_one()
