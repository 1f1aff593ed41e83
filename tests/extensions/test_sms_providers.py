"""Providers against their fakes: what each documented answer means for a message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

import pytest
from aiohttp import web
from pydantic import SecretStr

from api_extensions.masking import mask_text
from api_extensions.sms import kavenegar_codes, smsir_codes
from api_extensions.sms.kavenegar import KavenegarProvider
from api_extensions.sms.provider import (
    Delivery,
    FailureKind,
    Message,
    NotSent,
    Sent,
    SmsProvider,
)
from api_extensions.sms.smsir import SmsirProvider
from fakes import kavenegar, smsir
from fakes.kavenegar.server import API_KEY as KAVENEGAR_KEY
from fakes.mishaps import Mishap, Mishaps
from fakes.serving import serving
from fakes.smsir.server import API_KEY as SMSIR_KEY
from fakes.smsir.server import LINE

Result = TypeVar("Result")
Ask = Callable[[SmsProvider], Awaitable[Result]]
MESSAGE = Message(uuid4(), 1795476920000001, "09121234567", "سلام", 1, False)


def ask_kavenegar(
    app: web.Application, ask: Ask[Result], key: str = KAVENEGAR_KEY
) -> Result:
    """Ask the provider something, with the fake behind it."""
    with serving(app) as url:
        return asyncio.run(_entered(kavenegar_at(url, key), ask))


def ask_smsir(
    app: web.Application, ask: Ask[Result], key: str = SMSIR_KEY, line: int = LINE
) -> Result:
    """Ask the provider something, with the fake behind it."""
    with serving(app) as url:
        provider = SmsirProvider(
            key=SecretStr(key), line=line, base_url=url, timeout=timedelta(seconds=1)
        )
        return asyncio.run(_entered(provider, ask))


def kavenegar_at(url: str, key: str = KAVENEGAR_KEY) -> KavenegarProvider:
    """Make the provider for an address."""
    return KavenegarProvider(
        key=SecretStr(key), sender=None, base_url=url, timeout=timedelta(seconds=1)
    )


async def _entered(provider: SmsProvider, ask: Ask[Result]) -> Result:
    async with provider:
        return await ask(provider)


async def send(provider: SmsProvider) -> Sent | NotSent:
    """Send the message."""
    return await provider.send(MESSAGE)


async def send_twice(provider: SmsProvider) -> list[Sent | NotSent]:
    """Send the message, and again."""
    return [await provider.send(MESSAGE), await provider.send(MESSAGE)]


def always(mishap: Mishap) -> Mishaps:
    """Make everything go wrong in one way."""
    return Mishaps({mishap: 1.0})


def test_kavenegar_gives_its_id_and_never_sends_a_number_twice() -> None:
    books = kavenegar.Books()
    first, second = ask_kavenegar(kavenegar.create_app(books), send_twice)
    assert first == second == Sent("8792343")
    assert [(r.receptor, r.message) for r in books.records] == [("09121234567", "سلام")]
    assert books.requests == 2


def test_smsir_gives_its_id_and_can_not_know_a_message_again() -> None:
    books = smsir.Books()
    first, second = ask_smsir(smsir.create_app(books), send_twice)
    assert (first, second) == (Sent("89545112"), Sent("89545113"))
    assert [r.text for r in books.records] == ["سلام", "سلام"]


@pytest.mark.parametrize("code", kavenegar_codes.RESULTS)
def test_every_code_of_kavenegar_has_its_consequence(code: int) -> None:
    """The fake sends the code as the HTTP status, too."""
    books = kavenegar.Books()
    answer = ask_kavenegar(kavenegar.create_app(books, code=code), send)
    kind, meaning = kavenegar_codes.RESULTS[code]
    assert answer == NotSent(kind, f"{code}: {meaning}")
    assert not books.records


@pytest.mark.parametrize("code", smsir_codes.RESULTS)
def test_every_code_of_smsir_has_its_consequence(code: int) -> None:
    books = smsir.Books()
    answer = ask_smsir(smsir.create_app(books, code=code), send)
    kind, meaning = smsir_codes.RESULTS[code]
    assert answer == NotSent(kind, f"{code}: {meaning}")
    assert not books.records


@pytest.mark.parametrize(
    ("kinds", "codes"),
    [
        (kavenegar_codes.RESULTS, {FailureKind.TRANSIENT: {409, 451}}),
        (kavenegar_codes.RESULTS, {FailureKind.PERMANENT: {411, 413, 420, 422}}),
        (kavenegar_codes.RESULTS, {FailureKind.CONFIGURATION: {401, 403, 412, 418}}),
        (smsir_codes.RESULTS, {FailureKind.TRANSIENT: {20}}),
        (smsir_codes.RESULTS, {FailureKind.PERMANENT: {104, 115, 117}}),
        (smsir_codes.RESULTS, {FailureKind.CONFIGURATION: {10, 13, 101, 102, 123}}),
    ],
)
def test_the_codes_that_matter_most_are_told_apart(
    kinds: dict[int, tuple[FailureKind, str]], codes: dict[FailureKind, set[int]]
) -> None:
    for kind, expected in codes.items():
        assert {code for code in expected if kinds[code][0] is kind} == expected


@pytest.mark.parametrize(
    ("mishap", "kind"),
    [
        (Mishap.BUSY, FailureKind.TRANSIENT),
        (Mishap.LOST, FailureKind.UNKNOWN),
        (Mishap.UNANSWERED, FailureKind.UNKNOWN),
        (Mishap.HANGING, FailureKind.UNKNOWN),
        (Mishap.GARBLED, FailureKind.UNKNOWN),
    ],
)
def test_what_goes_wrong_on_the_way_is_never_taken_for_a_refusal(
    mishap: Mishap, kind: FailureKind
) -> None:
    kavenegars = kavenegar.create_app(kavenegar.Books(), always(mishap))
    smsirs = smsir.create_app(smsir.Books(), always(mishap))
    for answer in (ask_kavenegar(kavenegars, send), ask_smsir(smsirs, send)):
        assert isinstance(answer, NotSent)
        assert answer.kind is kind


def test_who_can_not_be_reached_has_not_sent_anything() -> None:
    answer = asyncio.run(_entered(kavenegar_at("http://127.0.0.1:9"), send))
    assert isinstance(answer, NotSent)
    assert answer.kind is FailureKind.TRANSIENT


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, FailureKind.UNKNOWN),
        (302, FailureKind.CONFIGURATION),
        (404, FailureKind.CONFIGURATION),
        (429, FailureKind.TRANSIENT),
        (500, FailureKind.UNKNOWN),
        (503, FailureKind.TRANSIENT),
        (504, FailureKind.UNKNOWN),
    ],
)
def test_an_answer_that_is_not_the_providers_is_judged_by_its_status(
    status: int, kind: FailureKind
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(
            text="<html>", status=status, headers={"Location": "http://127.0.0.1:9/"}
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", page)
    answer = ask_kavenegar(app, send)
    assert isinstance(answer, NotSent)
    assert answer.kind is kind


def test_a_wrong_key_is_ours_to_repair() -> None:
    for answer in (
        ask_kavenegar(kavenegar.create_app(kavenegar.Books()), send, key="wrong"),
        ask_smsir(smsir.create_app(smsir.Books()), send, key="wrong"),
        ask_smsir(smsir.create_app(smsir.Books()), send, line=1),
    ):
        assert isinstance(answer, NotSent)
        assert answer.kind is FailureKind.CONFIGURATION


def test_a_localid_of_somebody_elses_message_is_noticed() -> None:
    books = kavenegar.Books()
    books.send(receptor="09350000000", message="?", localid=str(MESSAGE.number))
    answer = ask_kavenegar(kavenegar.create_app(books), send)
    assert isinstance(answer, NotSent)
    assert answer.kind is FailureKind.NUMBER_TAKEN


def test_success_as_a_whole_may_hold_a_refusal_of_smsir() -> None:
    books = smsir.Books()
    books.blacklisted = {MESSAGE.recipient}
    answer = ask_smsir(smsir.create_app(books), send)
    assert isinstance(answer, NotSent)
    assert answer.kind is FailureKind.PERMANENT


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (1, Delivery.PENDING),
        (2, Delivery.PENDING),
        (4, Delivery.PENDING),
        (5, Delivery.PENDING),
        (6, Delivery.FAILED),
        (10, Delivery.DELIVERED),
        (11, Delivery.UNDELIVERED),
        (13, Delivery.CANCELED),
        (14, Delivery.BLOCKED),
    ],
)
def test_kavenegar_tells_where_messages_are(status: int, delivery: Delivery) -> None:
    books = kavenegar.Books()
    record = books.send(receptor="09121234567", message="سلام", localid="1")
    record.status = status
    ids = [str(record.messageid), "1"]
    app = kavenegar.create_app(books)
    known = ask_kavenegar(app, lambda provider: provider.deliveries(ids))
    assert known == {ids[0]: delivery, "1": Delivery.UNKNOWN}


@pytest.mark.parametrize(
    ("state", "delivery"),
    [
        (None, Delivery.PENDING),
        (1, Delivery.DELIVERED),
        (2, Delivery.UNDELIVERED),
        (3, Delivery.PENDING),
        (4, Delivery.FAILED),
        (5, Delivery.PENDING),
        (6, Delivery.FAILED),
        (7, Delivery.BLOCKED),
        (8, Delivery.PENDING),
    ],
)
def test_smsir_tells_where_messages_are(state: int | None, delivery: Delivery) -> None:
    books = smsir.Books()
    message_id = str(books.send("09121234567", "سلام"))
    books.records[0].delivery_state = state
    app = smsir.create_app(books)
    ids = [message_id, "1"]
    known = ask_smsir(app, lambda provider: provider.deliveries(ids))
    assert known == {message_id: delivery}


def test_nothing_is_known_while_a_provider_does_not_answer() -> None:
    app = kavenegar.create_app(kavenegar.Books(), code=409)
    assert ask_kavenegar(app, lambda provider: provider.deliveries(["1"])) == {}


@contextmanager
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let every library say all that it can."""
    with caplog.at_level(logging.DEBUG):
        yield


def test_the_key_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with everything_logged(caplog):
        for mishap in Mishap:
            app = kavenegar.create_app(kavenegar.Books(), always(mishap))
            assert KAVENEGAR_KEY not in repr(ask_kavenegar(app, send))
        unreachable = kavenegar_at("http://127.0.0.1:9")
        assert KAVENEGAR_KEY not in repr(asyncio.run(_entered(unreachable, send)))
    assert KAVENEGAR_KEY not in caplog.text


def test_an_address_that_gets_into_a_log_all_the_same_loses_its_key() -> None:
    line = f"Cannot connect to https://api.kavenegar.com/v1/{KAVENEGAR_KEY}/sms/send"
    assert mask_text(line) == (
        "Cannot connect to https://api.kavenegar.com/v1/***/sms/send"
    )
