"""sidecar.register_upload: a checked upload becomes a file, if there is room."""

from uuid import UUID

import pytest

from tests.support.database import Connection, value
from tests.support.factories import make_consultation
from tests.support.files import (
    DOCUMENT,
    OTHER_VIDEO,
    PHOTO,
    VIDEO,
    VOICE_NOTE,
    Kind,
    begin_registration,
    make_media,
    register,
)
from tests.support.roles import Person, refused

SOUND = Kind("AUDIO", "m4a", "OTHER")


@pytest.fixture
def consultation(db: Connection, owner: Person) -> UUID:
    """A consultation without files."""
    return make_consultation(db, owner)


def fill(db: Connection, owner: Person, consultation: UUID, *kinds: Kind) -> None:
    """Give the consultation files."""
    for kind in kinds:
        make_media(db, owner, consultation, kind)


@pytest.mark.parametrize(
    ("there", "one_more"),
    [
        ([DOCUMENT] * 5, DOCUMENT),
        ([VIDEO], VIDEO),
        ([VIDEO], OTHER_VIDEO),
        ([OTHER_VIDEO], VIDEO),
        ([VOICE_NOTE], VOICE_NOTE),
        ([PHOTO] * 10, PHOTO),
        ([PHOTO] * 10, VOICE_NOTE),
    ],
)
def test_one_more_than_there_may_be_is_refused(
    db: Connection, owner: Person, consultation: UUID, there: list[Kind], one_more: Kind
) -> None:
    fill(db, owner, consultation, *there)
    ticket = begin_registration(db, owner, consultation, one_more)
    with refused("CONFLICT"):
        register(db, owner, consultation, ticket)
    assert value(db, "select count(*) from app.media") == len(there)


def test_all_of_the_kinds_fit_beside_each_other(
    db: Connection, owner: Person, consultation: UUID
) -> None:
    fill(db, owner, consultation, *[DOCUMENT] * 5, VIDEO, VOICE_NOTE, SOUND, SOUND)
    make_media(db, owner, consultation, PHOTO)
    assert value(db, "select count(*) from app.media") == 10


def test_a_ticket_becomes_one_file(
    db: Connection, owner: Person, consultation: UUID
) -> None:
    ticket = begin_registration(db, owner, consultation)
    register(db, owner, consultation, ticket)
    with refused("CONFLICT"):
        register(db, owner, consultation, ticket)
