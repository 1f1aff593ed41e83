"""`python -m api_extensions`: serve until SIGTERM or SIGINT."""

import sys

import structlog
from aiohttp import web

from api_extensions.app import create_app
from api_extensions.logs import configure_logging
from api_extensions.memory import return_large_blocks
from api_extensions.settings import SettingsError, load_settings

# Seconds that requests under way get to finish.
SHUTDOWN_TIMEOUT = 10.0


def main() -> None:
    """Read the settings and serve; an unsound setting ends it with a sentence."""
    return_large_blocks()
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        app = create_app(settings)
    except SettingsError as error:
        sys.exit(f"The sidecar can't start: {error}")
    structlog.get_logger().info("starting", listen=settings.sidecar_listen)
    where = settings.socket_path
    host, port = (None, None) if where else settings.address
    try:
        web.run_app(
            app,
            path=where,
            host=host,
            port=port,
            access_log=None,
            shutdown_timeout=SHUTDOWN_TIMEOUT,
            print=None,
        )
    except OSError as error:
        sys.exit(f"The sidecar can't listen on {settings.sidecar_listen}: {error}")


if __name__ == "__main__":
    main()
