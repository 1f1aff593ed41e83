"""`secrets.json`: keys and passwords of one run directory, made at its first start."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from db.prepare import LOGIN_ROLES

_TOKENS = (
    "JWT_ACCESS_SECRET",
    "JWT_REFRESH_SECRET",
    "POSTGRES_PASSWORD",
    *(f"{role.upper()}_PASSWORD" for role in LOGIN_ROLES),
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
)
# Typed by people, so shorter: they only open this machine's demo data.
_DEMO_PASSWORDS = ("DEMO_ADMIN_PASSWORD", "DEMO_DOCTOR_PASSWORD", "DEMO_USER_PASSWORD")
# The numbers of nobody: operators in Iran do not hand out these.
_DEMO_MOBILES = {
    "DEMO_ADMIN_MOBILE": "09000000001",
    "DEMO_DOCTOR_MOBILE": "09000000002",
    "DEMO_USER_MOBILE": "09000000003",
}


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets in `path`, adding those that it lacks.

    Replaced in one step, so that a kill can't leave half a file.
    """
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    wanted = {name: secrets.token_hex(24) for name in _TOKENS}
    # A letter and a digit, whatever chance brings: passwords need both.
    wanted |= {name: f"v1-{secrets.token_hex(5)}" for name in _DEMO_PASSWORDS}
    wanted |= _DEMO_MOBILES
    complete = wanted | known
    if complete != known:
        write_private(path, json.dumps(complete, indent=2) + "\n")
    return complete


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file with `text` that only its owner can read."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
