"""`python -m db.tools.document`: write docs/database.md and docs/database.svg."""

from pathlib import Path
from typing import Any

import psycopg

from db.tools import source
from db.tools.document import catalog, diagram, markdown
from db.tools.paths import ROOT
from db.tools.scratch import scratch_server

DOCS = ROOT / "docs"


def pages(conn: psycopg.Connection[Any]) -> dict[Path, str]:
    """Return what is written where, of the database that `conn` is connected to."""
    found = catalog.read(conn)
    return {
        DOCS / "database.md": markdown.render(found),
        DOCS / "database.svg": diagram.render(found),
    }


def main() -> None:
    """Build a database from sql/, and describe it."""
    with (
        scratch_server() as server,
        server.database("docs") as name,
        psycopg.connect(server.url(name)) as conn,
    ):
        source.load(conn)
        described = pages(conn)
    for path, text in described.items():
        path.write_text(text, "utf-8", newline="\n")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
