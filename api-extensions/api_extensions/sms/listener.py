"""Hears NOTIFY: a hint that saves waiting for the next poll, and nothing more."""

import asyncio

import psycopg

_LISTEN = "listen sms_queued"


class Listener:
    """Sets an event at every notification, and once after each (re)connection."""

    name = "sms-listener"

    def __init__(self, conninfo: str, heard: asyncio.Event) -> None:
        self._conninfo = conninfo
        self._heard = heard

    async def run(self) -> None:
        """Listen until the connection ends.

        Raises:
            psycopg.Error: when it does; `background.keep_running` connects again.
        """
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo,
            autocommit=True,
            application_name=self.name,
            # Finds a server that went away without a word (seconds).
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
        async with connection:
            await connection.execute(_LISTEN)
            # Listen first, then poll: what was queued in between is not missed.
            self._heard.set()
            async for _ in connection.notifies():
                self._heard.set()
