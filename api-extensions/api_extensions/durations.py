"""Durations as people write them in configuration: `15m`, `30d`."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PATTERN = re.compile(r"([0-9]{1,6})([smhd])")


def parse_duration(text: object) -> timedelta:
    """Read one number with one unit.

    Args:
        text: such as `45s`, `15m`, `12h` or `30d`.

    Returns:
        The duration; always longer than nothing.

    Raises:
        ValueError: for anything else.
    """
    match = _PATTERN.fullmatch(str(text).strip().lower())
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not duration:
        raise ValueError("must be a duration such as 15m, 12h or 30d")
    return duration
