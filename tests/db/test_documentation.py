"""docs/database.md and its diagram show the database as it is."""

import xml.etree.ElementTree as ET

from db.tools.document import catalog, diagram
from db.tools.document.__main__ import pages
from tests.support.database import Database


def test_the_reference_and_the_diagram_are_up_to_date(shared_db: Database) -> None:
    with shared_db.connect() as conn:
        for path, text in pages(conn).items():
            assert path.read_text("utf-8") == text, f"{path}: run make docs"


def test_the_diagram_shows_every_table_and_foreign_key(shared_db: Database) -> None:
    with shared_db.connect() as conn:
        found = catalog.read(conn)
    svg = ET.fromstring(diagram.render(found))  # noqa: S314  # our own
    space = "{http://www.w3.org/2000/svg}"
    shown = {text.text for text in svg.iter(f"{space}text") if text.text}
    assert {table.name for table in found.tables} <= shown
    keys = sum(len(table.references) for table in found.tables)
    assert len(list(svg.iter(f"{space}path"))) == keys > 0
