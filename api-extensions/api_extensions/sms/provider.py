"""What an SMS provider is to us: one call, and an answer that says what to do next."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class FailureKind(StrEnum):
    """Why a message was not sent, and so what becomes of it.

    PERMANENT: never will be (a bad number); give up. TRANSIENT: try again later.
    CONFIGURATION: ours to repair (a bad key, no credit); try again later, and shout.
    UNKNOWN: it may have been sent (a time-out); a retry needs the provider's help.
    """

    PERMANENT = "PERMANENT"
    TRANSIENT = "TRANSIENT"
    CONFIGURATION = "CONFIGURATION"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Message:
    """A claimed row of the outbox.

    Attributes:
        id: the row's.
        number: its numeric id, for a provider's own de-duplication.
        recipient: a canonical mobile.
        body: the text.
        attempts: how often it has been claimed, this time included.
    """

    id: UUID
    number: int
    recipient: str
    body: str
    attempts: int


@dataclass(frozen=True)
class Sent:
    """The provider took the message, under its own id if it gives one."""

    provider_message_id: str | None = None


@dataclass(frozen=True)
class NotSent:
    """The provider did not take the message, or did not say; `error` is for people."""

    kind: FailureKind
    error: str


class SmsProvider(Protocol):
    """An SMS provider."""

    name: str

    async def send(self, message: Message) -> Sent | NotSent:
        """Send one message; every failure is an answer, not an exception."""
