"""The rows of COPY as the lines of a file that spreadsheets open well (RFC 4180)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from psycopg import AsyncCopy

# Without it, Excel takes UTF-8 for the code page of the machine.
BYTE_ORDER_MARK = "\ufeff".encode()
LINE_END = b"\r\n"
# Bytes that are written at once.
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Block:
    """A piece of the file, and how many rows of data end in it."""

    data: bytes
    rows: int


async def read_blocks(copy: AsyncCopy) -> AsyncIterator[Block]:
    """Read a COPY with a header, block by block.

    The protocol promises that a message of the server is one row, which ends with a
    line feed; those inside of a cell stay as they are.
    """
    lines: list[bytes] = [BYTE_ORDER_MARK]
    size, rows = 0, -1
    while row := await copy.read():
        line = bytes(row)
        lines.append(line[:-1])
        lines.append(LINE_END)
        size += len(line)
        rows += 1
        if size >= _BLOCK:
            yield Block(b"".join(lines), rows)
            lines.clear()
            size = rows = 0
    yield Block(b"".join(lines), rows)
