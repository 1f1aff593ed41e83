"""`python -m gateway.site TARGET`: what the build of an image runs."""

import sys
from pathlib import Path

from db.tools.paths import ROOT
from gateway.site.build import build


def main() -> None:
    """Write the site into a directory."""
    if len(sys.argv) != 2:  # noqa: PLR2004  # the program and its argument
        sys.exit("python -m gateway.site TARGET")
    build(Path(sys.argv[1]), ROOT / "node_modules")


if __name__ == "__main__":
    main()
