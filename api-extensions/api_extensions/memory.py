"""Keeps the process small."""

import ctypes

# glibc's number for the option, and bytes: below what one password hash takes.
_M_MMAP_THRESHOLD = -3
_LARGE = 4 * 1024 * 1024


def return_large_blocks() -> None:
    """Have glibc return large blocks to the system as soon as they are freed.

    By itself it learns from the first password hash to keep such blocks, and the
    process stays bigger by a third. Other C libraries lack the option, and the habit.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
