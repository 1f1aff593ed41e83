"""Every function that a caller may execute, with arguments of any kind.

Nothing fails inside, nothing is told of others, nothing hangs, and whatever it did, the
guarantees hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.bounds import EXAMPLES, bounded
from tests.fuzz.functions import Reachable, call, is_fit, labels, reachable
from tests.fuzz.values import values
from tests.rls.cast import Cast, make_cast
from tests.support.database import Connection, Database, rows
from tests.support.factories import (
    hold_slot,
    make_consultation,
    make_pet,
    start_payment,
)
from tests.support.roles import as_person, as_role

ROLES = ("anon", "app_user", "app_doctor", "app_admin")
# For each person of the cast, the role that they have in the database.
_PEOPLE = {"app_user": "user", "app_doctor": "doctor", "app_admin": "admin"}


@dataclass(frozen=True)
class Scene:
    """Somebody with things in every state, and somebody else's beside them."""

    cast: Cast
    known: list[UUID]

    @property
    def db(self) -> Connection:
        """The connection that everything happens on."""
        return self.cast.db


@pytest.fixture(scope="module")
def scene(shared_db: Database) -> Iterator[Scene]:
    """Both sides of the matrix; the first also has a draft, a hold and a payment."""
    with shared_db.connect() as conn, conn.transaction(force_rollback=True):
        cast = make_cast(conn)
        owner = cast.sides[0].people["user"]
        known = [thing for side in cast.sides for thing in side.things.values()]
        known += [make_pet(conn, owner), make_consultation(conn, owner)]
        for is_paying in (False, True):
            known.append(make_consultation(conn, owner))
            hold_slot(conn, owner, known[-1])
            if is_paying:
                known.append(start_payment(conn, owner, known[-1]))
        yield Scene(cast, known)


def check(
    scene: Scene, role: str, function: Reachable, sent: dict[str, str | None]
) -> None:
    """Call it as somebody of that role, and look at what came of it."""
    db = scene.db
    other = scene.cast.sides[1].people["user"]
    with (
        as_role(db, "anon")
        if role == "anon"
        else as_person(db, scene.cast.sides[0].people[_PEOPLE[role]])
    ):
        db.execute("set local statement_timeout = '2s'")
        told = call(db, function, sent)
    assert is_fit(told), (role, function.name, sent, told)
    if role in {"anon", "app_user"}:
        assert other.mobile not in told
        assert other.name not in told


def try_out(scene: Scene, role: str, function: Reachable) -> None:
    """Call a function many times; arguments that have a default may be left out."""
    kinds = [values(t, labels(scene.db, t), scene.known) for t in function.types]
    sent = dict(zip(function.names, (st.none() | kind for kind in kinds), strict=True))
    needed = len(sent) - function.optional
    required = {name: sent[name] for name in function.names[:needed]}
    optional = {name: sent[name] for name in function.names[needed:]}

    @bounded()
    @given(st.fixed_dictionaries(required, optional=optional))
    def each(arguments: dict[str, str | None]) -> None:
        check(scene, role, function, arguments)

    each()


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # of size
@pytest.mark.timeout(max(120, 3 * EXAMPLES))
@pytest.mark.parametrize("role", ROLES)
def test_no_argument_makes_a_function_fail_inside(scene: Scene, role: str) -> None:
    functions = reachable(scene.db, role)
    assert functions
    for function in functions:
        try_out(scene, role, function)
    assert rows(scene.db, "select * from app.invariants()") == []


def test_a_function_that_fails_inside_is_noticed(scene: Scene) -> None:
    with scene.db.transaction(force_rollback=True):
        scene.db.execute(
            "create function api.fragile(size integer) returns integer"
            " language sql as 'select 1 / (size - size)';"
            " grant execute on function api.fragile to app_user"
        )
        (fragile,) = [
            each for each in reachable(scene.db, "app_user") if "fragile" in each.name
        ]
        with pytest.raises(AssertionError, match="22012"):
            try_out(scene, "app_user", fragile)
