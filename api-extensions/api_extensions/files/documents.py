"""PDF: begins and ends as one. What is between is for the viewer to judge."""

import re
from typing import BinaryIO

from api_extensions.files.measure import Measure, UnsoundError, cut_short, more_than_one

# Bytes before the end in which a reader looks for the cross-reference table.
_TAIL = 1024
_START = re.compile(rb"%PDF-[12]\.\d")
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF(.*)", re.DOTALL)


def check_pdf(file: BinaryIO, size: int) -> Measure:
    """Check a PDF's first line, and the last ones, which lead to its contents.

    Raises:
        UnsoundError: it is none, its end is missing, or something follows it.
    """
    file.seek(0)
    if not _START.match(file.read(_TAIL)):
        raise UnsoundError("is not a PDF")
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    end = _END.search(tail, max(0, tail.rfind(b"startxref")))
    if not end or int(end[1]) >= size:
        raise cut_short()
    if end[2].strip(b"\0\t\n\f\r "):
        raise more_than_one()
    return Measure()
