"""What the figures were measured on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from db.cluster import installed_bindir
from stack.programs import find_programs

_ROOT = Path(__file__).resolve().parent.parent


def describe() -> dict[str, str]:
    """Return the machine, the versions and the state of the checkout, by name."""
    programs = find_programs(None)
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _output("git", "-C", str(_ROOT), "rev-parse", "--short=12", "HEAD"),
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{_memory_gigabytes():.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "PostgreSQL": _output(str(installed_bindir(None) / "postgres"), "--version"),
        "PostgREST": _output(str(programs.from_npm("postgrest")), "--version"),
        "nginx": _output(str(programs.from_npm("nginx")), "-v"),
        "Python": platform.python_version(),
        "aiohttp": version("aiohttp"),
        "psycopg": version("psycopg"),
    }


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (done.stdout or done.stderr).strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
