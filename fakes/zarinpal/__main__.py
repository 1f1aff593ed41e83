"""`python -m fakes.zarinpal`: serve on 127.0.0.1 until SIGTERM or SIGINT."""

import argparse
import logging
from pathlib import Path

from aiohttp import web

from fakes.zarinpal.app import create_app
from fakes.zarinpal.books import Books


def main() -> None:
    """Serve on the port that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m fakes.zarinpal")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--books", type=Path, help="a file that outlives the process")
    options = parser.parse_args()
    logging.basicConfig(level="WARNING")
    web.run_app(
        create_app(Books(options.books or ":memory:")),
        host="127.0.0.1",
        port=options.port,
        access_log=None,
        print=None,
        shutdown_timeout=1.0,
        # Whoever waits for an answer that never comes is let go with its connection.
        handler_cancellation=True,
    )


if __name__ == "__main__":
    main()
