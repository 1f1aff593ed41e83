"""The keys of access tokens as PostgREST reads them: `python -m db.key_set FILE`.

While the key is being changed there are two: tokens of the earlier one are good until
they expire.
"""

import base64
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_NAMES = ("JWT_ACCESS_SECRET", "JWT_ACCESS_SECRET_PREVIOUS")


def key_set(secrets: Mapping[str, str]) -> str:
    """Return the secrets that access tokens are signed with, as JWKS."""
    keys = [
        {"kty": "oct", "alg": "HS256", "k": _base64url(secrets[name])}
        for name in _NAMES
        if secrets.get(name)
    ]
    return json.dumps({"keys": keys})


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def main() -> None:
    """Write the keys of the environment to the file that is named."""
    if len(sys.argv) != 2 or not os.environ.get(_NAMES[0]):  # noqa: PLR2004
        sys.exit("python -m db.key_set FILE, with JWT_ACCESS_SECRET in the environment")
    Path(sys.argv[1]).write_text(key_set(os.environ), "utf-8")


if __name__ == "__main__":
    main()
