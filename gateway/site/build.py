"""Writes everything that the gateway serves by itself into one directory.

openapi.json    the document
docs/           Swagger UI (from npm, no other site's), and our pages around it
"""

import json
import shutil
from pathlib import Path

from gateway.site.document import assemble
from gateway.site.guide import guide_page

_PAGES = Path(__file__).parent / "pages"
_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def build(target: Path, node_modules: Path) -> None:
    """Write the site; what was in the directory before is replaced.

    Args:
        target: the directory, which is made.
        node_modules: where npm has put swagger-ui-dist.
    """
    shutil.rmtree(target, ignore_errors=True)
    docs = target / "docs"
    shutil.copytree(_PAGES, docs)
    for name in _SWAGGER_UI:
        shutil.copy(node_modules / "swagger-ui-dist" / name, docs / name)
    (docs / "guide.html").write_text(guide_page(), "utf-8")
    document = json.dumps(assemble(), ensure_ascii=False, separators=(",", ":"))
    (target / "openapi.json").write_text(document, "utf-8")
    for path in (target, *target.rglob("*")):  # public, whatever the umask
        path.chmod(0o755 if path.is_dir() else 0o644)
