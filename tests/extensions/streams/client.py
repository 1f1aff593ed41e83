"""Clients of the streams, and people to notify."""

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp.test_utils import BaseTestServer

from api_extensions.settings import Settings
from api_extensions.tokens import Tokens
from tests.support.database import Connection, Database, value
from tests.support.events import PATH
from tests.support.roles import Person


class Streams:
    """The sidecar in this process, and clients of its streams."""

    def __init__(
        self,
        server: BaseTestServer,
        client: aiohttp.ClientSession,
        settings: Settings,
    ) -> None:
        self.server = server
        self.client = client
        self.opened: list[aiohttp.ClientResponse] = []
        self._tokens = Tokens(settings)

    def token(self, person: Person) -> str:
        """Make an access token for a person."""
        return self._tokens.make_access(
            user_id=person.user_id,
            role=person.db_role,
            session_id=person.session_id,
            issued_at=datetime.now(UTC),
        )

    async def ask(self, person: Person, **headers: str) -> aiohttp.ClientResponse:
        """Ask for a stream."""
        sent = {"Authorization": f"Bearer {self.token(person)}"} | headers
        response = await self.client.get(self.server.make_url(PATH), headers=sent)
        self.opened.append(response)
        return response

    def close(self) -> None:
        """Go away from all of them."""
        for response in self.opened:
            response.close()

    async def open(self, person: Person, last: str = "") -> aiohttp.ClientResponse:
        """Open a stream, and wait until it has begun."""
        headers = {"Last-Event-ID": last} if last else {}
        response = await self.ask(person, **headers)
        assert response.status == 200, await response.text()
        assert (await response.content.readline()).startswith(b"retry:")
        return response


async def next_event(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Read the next event; its data has the id and type of the event."""
    fields: dict[str, str] = {}
    while line := (await response.content.readline()).decode():
        name, _, text = line.rstrip("\n").partition(": ")
        fields[name] = text
        if line == "\n" and "data" in fields:
            data: dict[str, Any] = json.loads(fields["data"])
            assert fields.get("id") == data.get("id")
            assert data.get("type", "RESYNC") == fields["event"]
            return data
    raise EOFError("the stream has ended")


def notify(conn: Connection, person: Person, number: int = 1) -> None:
    """Notify a person; admins are notified together."""
    payload = json.dumps({"consultation_id": f"{number}"})
    if person.db_role == "app_admin":
        query = "select app.notify_admins('NEW_CONSULTATION', %(payload)s)"
        value(conn, query, payload=payload)
    else:
        query = "select app.notify_user(%(id)s, 'PAYMENT_SUCCESS', %(payload)s)"
        value(conn, query, id=person.user_id, payload=payload)


def notify_all(database: Database, person: Person) -> None:
    """Notify a person in a transaction of its own."""
    with database.connect() as conn:
        notify(conn, person)
