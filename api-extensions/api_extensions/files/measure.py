"""What a check says of a file: what was measured, or why it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """What was measured; None where such a file has no such thing.

    Attributes:
        duration_sec: of sound and video.
        width: of images, in pixels.
        height: of images, in pixels.
    """

    duration_sec: float | None = None
    width: int | None = None
    height: int | None = None


class UnsoundError(Exception):
    """The bytes are not what they should be; the text says how, after "The file"."""


def cut_short() -> UnsoundError:
    """Refuse a file whose end is missing."""
    return UnsoundError("is cut short")


def more_than_one() -> UnsoundError:
    """Refuse a file that is something else as well."""
    return UnsoundError("holds something else besides")
