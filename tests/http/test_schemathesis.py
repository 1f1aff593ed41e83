"""What schemathesis sends, made from the document, never gets an undescribed answer.

Every operation as the role that it is for, each of its fields at and over its limits;
with SCHEMATHESIS=long every operation as every role, and at random besides. It has a
system of its own: an admin's random changes would close the clinic for other tests.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.background import System, running_system
from tests.support.api import Api
from tests.support.contract import operations

_IS_LONG = os.environ.get("SCHEMATHESIS") == "long"
_AMOUNT = (
    ("--phases=coverage,fuzzing,stateful", "--max-examples=100")
    if _IS_LONG
    else ("--phases=coverage", "--seed=1")
)
_HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
_LEFT_OUT = {
    "logout": "everything after it would be answered with 401",
    "changePassword": "the same, should it guess the password",
    "streamNotifications": "an answer without an end",
}
# A date of birth in the future, a slot that is not offered, a mobile that is none: the
# rules decide on valid JSON, and no schema can say them.
_CHECKS = ["--checks", "all", "--exclude-checks", "positive_data_acceptance"]
# Who tries the operations of whom.
_ROLES = {
    "anybody": ("",),
    "USER": ("For pet owners.", "For everybody who is signed in."),
    "DOCTOR": (
        "For doctors.",
        "For doctors and admins.",
        "For everybody who is signed in.",
    ),
    "ADMIN": ("For admins.",),
}


@pytest.fixture(scope="module")
def clinic() -> Iterator[System]:
    """A system whose settings nobody else relies on."""
    with running_system() as running:
        yield running


@pytest.mark.timeout(1800 if _IS_LONG else 120)
@pytest.mark.parametrize("role", _ROLES)
def test_every_answer_is_described(clinic: System, role: str, tmp_path: Path) -> None:
    api = _signed_in(clinic, role)
    names = _operation_ids(role)
    run = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--no-color", "run"),
            *(f"{clinic.api_url}/openapi.json", *_CHECKS, *_AMOUNT),
            *(f"--header=Authorization: Bearer {t}" for t in [api.access_token] if t),
            *(f"--include-operation-id={name}" for name in names),
        ],
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(_HOOKS), "MYSELF": _id(api)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(rf"^  Tested: {len(names)}$", run.stdout, re.MULTILINE), run.stdout
    assert _id(api) or role == "anybody", "signed out on the way"


def _operation_ids(role: str) -> list[str]:
    described = [operation.description for operation in operations()]
    return [
        each["operationId"]
        for each in described
        if each["operationId"] not in _LEFT_OUT
        and (_IS_LONG or _reader(each) in _ROLES[role])
    ]


def _reader(described: dict[str, str]) -> str:
    """Return the last sentence of a description: for whom the operation is."""
    if "security" in described:
        return ""
    return described["description"].rpartition("\n\n")[2]


def _signed_in(clinic: System, role: str) -> Api:
    """Sign in as one of the demo people, or not."""
    api = Api(clinic.api_url)
    if role != "anybody":
        names = [f"DEMO_{role}_{what}" for what in ("MOBILE", "PASSWORD")]
        mobile, password = (clinic.values[name] or "" for name in names)
        assert api.sign_in(mobile, password).data
    return api


def _id(api: Api) -> str:
    """Return the id of who is signed in."""
    me = api.call("GET", "/me").data
    return str(me["id"]) if me else ""


def test_every_operation_is_tried_by_somebody() -> None:
    tried = {name for role in _ROLES for name in _operation_ids(role)}
    every = {operation.description["operationId"] for operation in operations()}
    assert tried == every - _LEFT_OUT.keys()
