"""Files in the run directory from which people and scripts learn how to reach a run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from stack.parts import s3, sidecar, zarinpal
from stack.secret_file import write_private
from stack.site import Site

_NAMES = ("vetline.env", "sidecar.env", "jobs.env")


def write_environment_files(site: Site) -> None:
    """Write what is true while the run lasts; only its owner can read it.

    `vetline.env` is for people and scripts. The other two let `make worker` and
    `make jobs` run beside the parts of the same name.
    """
    contents: dict[str, Mapping[str, str]] = {
        "vetline.env": {
            "API_URL": site.settings.base_url,
            "DATABASE_URL": site.database_url("migrator", over_socket=False),
            **s3.settings(site),
            **zarinpal.addresses(site),
            **site.demo,
        },
        "sidecar.env": {**site.settings.system, **sidecar.settings(site)},
        "jobs.env": {"DATABASE_URL": site.database_url("job_runner")},
    }
    for name, variables in contents.items():
        lines = (f"{key}={shlex.quote(text)}\n" for key, text in variables.items())
        write_private(site.directory.file(name), "".join(lines))


def remove_environment_files(run_dir: Path) -> None:
    """Remove them: nothing of it is true any more."""
    for name in _NAMES:
        (run_dir / name).unlink(missing_ok=True)
