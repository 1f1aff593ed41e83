"""The diagram: tables as boxes, grouped by domain, and their foreign keys as lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from db.tools.document.catalog import Catalog, Relation

# Pixels.
_LINE, _HEAD, _WIDTH = 15, 22, 250
_GAP, _CHANNEL, _TITLE = 16, 90, 30
_STACKS = 5
_COLOURS = ("#3b6ea5", "#2f855a", "#b7791f", "#9b2c2c", "#6b46c1", "#2c7a7b", "#97266d")
_STYLE = """
text { font: 11px sans-serif; fill: #1a202c }
.table { font-weight: bold; fill: white }
.domain { font-size: 15px; font-weight: bold }
.type { fill: #718096; font-size: 9px }
.key { font-weight: bold }
path { fill: none; stroke-width: 1.3; opacity: .75 }
"""


@dataclass(frozen=True)
class Box:
    """A table in its place."""

    table: Relation
    left: int
    top: int
    colour: str

    @property
    def height(self) -> int:
        """How high it is."""
        return _height(self.table)

    def line(self, column: str) -> int:
        """Return the middle of a column's line."""
        names = [one.name for one in self.table.columns]
        return self.top + _HEAD + names.index(column) * _LINE + _LINE // 2 + 2


def render(catalog: Catalog) -> str:
    """Return the diagram as SVG."""
    boxes, titles = _place(catalog)
    width = _STACKS * (_WIDTH + _CHANNEL)
    height = max(box.top + box.height for box in boxes.values()) + _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *titles,
        *(line for box in boxes.values() for line in _references(box, boxes)),
        *(line for box in boxes.values() for line in _box(box)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _place(catalog: Catalog) -> tuple[dict[str, Box], list[str]]:
    """Put each domain under the shortest stack so far, the largest first."""
    groups = [
        (domain, list(tables))
        for domain, tables in groupby(catalog.tables, key=lambda table: table.domain)
    ]
    groups.sort(key=lambda group: (-sum(map(_height, group[1])), group[0]))
    bottoms = [_GAP] * _STACKS
    boxes: dict[str, Box] = {}
    titles: list[str] = []
    for number, (domain, tables) in enumerate(groups):
        stack = bottoms.index(min(bottoms))
        left, top = stack * (_WIDTH + _CHANNEL) + _CHANNEL // 2, bottoms[stack]
        colour = _COLOURS[number % len(_COLOURS)]
        titles.append(
            f'<text class="domain" style="fill:{colour}" x="{left}" y="{top + 16}">'
            f"{domain}</text>"
        )
        top += _TITLE
        for table in tables:
            boxes[table.qualified] = Box(table, left, top, colour)
            top += _height(table) + _GAP
        bottoms[stack] = top
    return boxes, titles


def _height(table: Relation) -> int:
    return _HEAD + len(table.columns) * _LINE + 6


def _box(box: Box) -> Iterator[str]:
    left, top = box.left, box.top
    frame = f'x="{left}" y="{top}" width="{_WIDTH}" rx="4"'
    yield f'<rect {frame} height="{box.height}" fill="white" stroke="{box.colour}"/>'
    yield f'<rect {frame} height="{_HEAD}" fill="{box.colour}"/>'
    name = box.table.name
    yield f'<text class="table" x="{left + 8}" y="{top + 15}">{name}</text>'
    for column in box.table.columns:
        middle = box.line(column.name) + 4
        kind = ' class="key"' if column.is_key else ""
        mark = "" if column.is_required else "?"
        text = f"{escape(column.name)}{mark}"
        yield f'<text{kind} x="{left + 8}" y="{middle}">{text}</text>'
        yield (
            f'<text class="type" x="{left + _WIDTH - 6}" y="{middle}" '
            f'text-anchor="end">{escape(_short(column.type))}</text>'
        )


def _references(box: Box, boxes: dict[str, Box]) -> Iterator[str]:
    """Draw a table's foreign keys from their first column to the other's head."""
    for reference in box.table.references:
        target = boxes[reference.target]
        y, end = box.line(reference.columns[0]), target.top + _HEAD // 2
        if target.left > box.left:
            x, across = box.left + _WIDTH, target.left
            bend_x, bend_across = x + _CHANNEL // 2, across - _CHANNEL // 2
        elif target.left < box.left:
            x, across = box.left, target.left + _WIDTH
            bend_x, bend_across = x - _CHANNEL // 2, across + _CHANNEL // 2
        else:
            x = across = box.left
            bend_x = bend_across = x - _CHANNEL // 2
        yield (
            f'<path stroke="{box.colour}" '
            f'd="M{x} {y} C{bend_x} {y} {bend_across} {end} {across} {end}"/>'
            f'<circle cx="{across}" cy="{end}" r="3" fill="{box.colour}"/>'
        )


def _short(name: str) -> str:
    return name.replace("timestamp with time zone", "timestamptz").removeprefix("app.")
