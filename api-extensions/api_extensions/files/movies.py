"""MP4 and M4A, which are the same container: what is in it makes the difference."""

from typing import BinaryIO

from mutagen import MutagenError
from mutagen.mp4 import MP4Info
from mutagen.mp4._atom import Atom, AtomError, Atoms

from api_extensions.files.measure import Measure, UnsoundError, cut_short

_VIDEO, _SOUND = b"vide", b"soun"
# Where a track's handler box names its kind.
_HANDLER = slice(8, 12)


def check_video(file: BinaryIO, size: int) -> Measure:
    """Check an MP4, which must have a picture.

    Raises:
        UnsoundError: it is damaged, or has none.
    """
    measure, tracks = _open(file, size)
    if _VIDEO not in tracks:
        raise UnsoundError("has no video in it")
    return measure


def check_audio(file: BinaryIO, size: int) -> Measure:
    """Check an M4A, which must have sound and nothing else.

    Raises:
        UnsoundError: it is damaged, has no sound, or is a video.
    """
    measure, tracks = _open(file, size)
    if _SOUND not in tracks or _VIDEO in tracks:
        raise UnsoundError("is not sound alone")
    return measure


def _open(file: BinaryIO, size: int) -> tuple[Measure, set[bytes]]:
    """Walk through the boxes, which must fill the file; return the kinds of tracks."""
    file.seek(0)
    try:
        atoms = Atoms(file)
        if atoms.atoms[-1].offset + atoms.atoms[-1].length != size:
            raise cut_short()
        moov = atoms[b"moov"]
        tracks = {_handler(track, file) for track in moov.findall(b"trak")}
        seconds = MP4Info(atoms, file).length
        is_streamed = any(child.name == b"mvex" for child in moov.children)
    except (AtomError, MutagenError, KeyError, IndexError):
        raise UnsoundError("is not a sound MP4") from None
    # What a browser records has its length in its fragments, and nowhere as a whole.
    if not seconds and not is_streamed:
        raise UnsoundError("has no length")
    if not any(atom.name == b"mdat" for atom in atoms.atoms):
        raise cut_short()
    return Measure(duration_sec=seconds or None), tracks


def _handler(track: Atom, file: BinaryIO) -> bytes:
    _, data = track[b"mdia", b"hdlr"].read(file)
    return bytes(data[_HANDLER])
