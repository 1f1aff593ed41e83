"""docker-compose.yml and the Dockerfiles, read as their engines read them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stack.settings import ROOT

COMPOSE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
# What the interpreter reads of a Dockerfile here: one instruction, lines joined.
_INSTRUCTION = re.compile(r"^([A-Z]+) ((?:.*\\\n)*.*)$", re.MULTILINE)


def load() -> dict[str, Any]:
    """Return the file with its anchors merged, not interpolated."""
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
    return loaded


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name."""
    found: dict[str, dict[str, Any]] = load()["services"]
    return found


def variables() -> dict[str, bool]:
    """Return each variable that is interpolated, and whether it must be set."""
    found: dict[str, bool] = {}
    for name, kind, _ in _VARIABLE.findall(COMPOSE.read_text("utf-8")):
        found[name] = found.get(name, False) or kind == "?"
    return found


def interpolated(value: str, environment: Mapping[str, str]) -> str:
    """Fill in a value as compose does."""
    return _VARIABLE.sub(
        lambda found: (
            environment.get(found[1]) or (found[3] if found[2] == "-" else "")
        ),
        value,
    )


def program(service: str) -> list[str]:
    """Return what a service runs, whoever reads its output."""
    command: list[str] = services()[service]["command"]
    reader = command.index("stack.json_log") + 2 if "stack.json_log" in command else 0
    return command[reader:]


def environment_of(service: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that a service is started with."""
    wanted = services()[service].get("environment", {})
    return {
        name: interpolated(str(value), environment) for name, value in wanted.items()
    }


def dockerfiles() -> list[Path]:
    """Return every Dockerfile that the services are built from."""
    builds = [service["build"] for service in services().values() if "build" in service]
    return sorted({ROOT / build["context"] / build["dockerfile"] for build in builds})


def instructions(dockerfile: Path, name: str) -> Iterator[str]:
    """Yield the arguments of each instruction of a kind."""
    for found, text in _INSTRUCTION.findall(dockerfile.read_text("utf-8")):
        if found == name:
            yield text.replace("\\\n", " ")


def copied(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """Yield source and target of what is copied from the checkout."""
    for text in instructions(dockerfile, "COPY"):
        if not text.startswith("--from="):
            *sources, target = text.split()
            yield from ((source, target) for source in sources)
