"""Where scenarios play: running systems, with people and with a past."""

import functools
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from dotenv import dotenv_values
from psycopg.rows import class_row

from api_extensions.settings import Settings
from api_extensions.tokens import Tokens
from db.cluster import SUPERUSER
from stack.background import System, running_system

# Open every day and a year ahead: room for thousands of holds, with few doctors.
DOCTORS = 4
# Calls of the past.
YOUNG, GROWN, _CHUNK = 1_000, 1_000_000, 50_000
_OPENED = """
update app.system_config
set open_weekdays = '{1,2,3,4,5,6,7}', booking_horizon_days = 365
"""
# Nobody signs in as them: the hash is of no password.
_HIRED = """
select app.create_user('DOCTOR', 'دکتر ' || n, '0937000000' || n,
    '$argon2id$v=19$m=8,t=1,p=1$bm9uZQ$bm9uZQ') from generate_series(1, %s) n
"""
_SQL = Path(__file__).parent / "sql"
_OBJECTS = (
    "baselines",
    "bare_hold",
    "make_owners",
    "load_history",
    "leave_holds",
    "waiting_holds",
)
_OWNERS = "select user_id, session_id, consultation_id from bench.make_owners(%s)"
_OLD_OWNERS = """
with chosen as (
    select distinct on (c.user_id) c.user_id, c.id from app.consultations c
    where c.status = 'COMPLETED' and c.user_id in (
        select u.id from app.users u where u.mobile between '09800000000' and %s)
), opened as (
    insert into app.sessions (user_id, expires_at)
    select user_id, now() + interval '30 days' from chosen returning id, user_id
)
select user_id, opened.id as session_id, chosen.id as consultation_id
from opened join chosen using (user_id)
"""
_ADMIN = """
with made as (
    select app.create_user('ADMIN', 'مدیر کلینیک', '09360000000',
        '$argon2id$v=19$m=8,t=1,p=1$bm9uZQ$bm9uZQ') as user_id
)
insert into app.sessions (user_id, expires_at)
select user_id, now() + interval '1 day' from made returning user_id, id
"""
_STARTS = """
select a.start_at
from generate_series(1, %s, 62) as first,
    app.slot_availability(current_date + first, current_date + first + 61) a
where a.unavailable_reason is null order by a.start_at
"""


@dataclass(frozen=True)
class Owner:
    """A pet owner who is signed in.

    Attributes:
        user_id: who.
        session_id: what the token speaks of.
        consultation_id: one of theirs.
        token: for Authorization.
    """

    user_id: UUID
    session_id: UUID
    consultation_id: UUID
    token: str = ""


class Clinic:
    """A running system with doctors, and what scenarios need besides."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.api_url = system.api_url
        self.run_dir = system.run_dir
        self.database_url = system.database_url
        self._tokens = Tokens(settings_of(system))
        self._calls = 0
        for name in _OBJECTS:
            self.run((_SQL / f"{name}.sql").read_text("utf-8"))
        self.run(_OPENED)
        self.run(_HIRED, DOCTORS)
        self.run("analyze", as_superuser=True)

    def postgres_environment(self, role: str) -> dict[str, str]:
        """Return libpq's variables that log in by the unix socket as a login role."""
        secrets = json.loads((self.run_dir / "secrets.json").read_text())
        parts = urlsplit(self.database_url)
        return {
            "PGHOST": str((self.run_dir / "sockets").readlink()),
            "PGPORT": str(parts.port),
            "PGDATABASE": parts.path.removeprefix("/"),
            "PGUSER": role,
            "PGPASSWORD": secrets[f"{role.upper()}_PASSWORD"],
        }

    @property
    def superuser_url(self) -> str:
        """Logs in as the superuser."""
        secrets = json.loads((self.run_dir / "secrets.json").read_text())
        parts = urlsplit(self.database_url)
        login = f"{SUPERUSER}:{secrets['POSTGRES_PASSWORD']}"
        place = f"{login}@{parts.hostname}:{parts.port}"
        return parts._replace(netloc=place).geturl()

    @contextmanager
    def connected(self, *, as_superuser: bool = False) -> Iterator[psycopg.Connection]:
        """Open a connection as the tables' owner, each statement by itself."""
        url = self.superuser_url if as_superuser else self.database_url
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    def run(
        self, statement: str, *parameters: object, as_superuser: bool = False
    ) -> list[tuple[object, ...]]:
        """Run a statement and return its rows, if it has any."""
        with self.connected(as_superuser=as_superuser) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def owners(self, count: int) -> list[Owner]:
        """Make so many people, each with a consultation that may hold a slot."""
        return self._signed_in(_OWNERS, count)

    def old_owners(self, count: int) -> list[Owner]:
        """Sign in so many of those whom the history is about."""
        return self._signed_in(_OLD_OWNERS, f"098{count - 1:08}")

    def admin(self) -> str:
        """Make an admin and return their token."""
        ((user_id, session_id),) = self.run(_ADMIN)
        return self._tokens.make_access(
            user_id=UUID(str(user_id)),
            role="app_admin",
            session_id=UUID(str(session_id)),
            issued_at=datetime.now(UTC),
        )

    def starts(self, days: int = 350) -> list[datetime]:
        """Return the slots that can be held from tomorrow on."""
        with self.connected() as connection:
            return [row[0] for row in connection.execute(_STARTS.encode(), [days])]

    def grow(self, calls: int) -> None:
        """Add to the clinic's past, until it has had so many calls."""
        chunks = range(self._calls, calls, _CHUNK)
        self._set(max_wal_size="'8GB'", autovacuum="off")  # it would begin too early
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(lambda first: self._add_past(first, calls), chunks))
        self._set(max_wal_size="default", autovacuum="default")
        self.run("vacuum analyze", as_superuser=True)
        self._calls = max(calls, self._calls)

    def _add_past(self, first: int, calls: int) -> None:
        with self._past_triggers() as connection:
            span = (first, min(first + _CHUNK, calls))
            connection.execute("select bench.load_history(%s, %s)", span)

    def _set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.run(f"alter system set {name} = {value}", as_superuser=True)
        self.run("select pg_reload_conf()", as_superuser=True)

    def leave_holds(self, count: int) -> None:
        """Add holds that ran out, of people who went away."""
        with self._past_triggers() as connection:
            connection.execute("select bench.leave_holds(%s)", [count])
            connection.execute("vacuum analyze")

    @contextmanager
    def _past_triggers(self) -> Iterator[psycopg.Connection]:
        with self.connected(as_superuser=True) as connection:
            connection.execute("set session_replication_role = replica")
            yield connection

    def _signed_in(self, query: str, parameter: object) -> list[Owner]:
        with (
            psycopg.connect(self.superuser_url) as connection,
            connection.cursor(row_factory=class_row(Owner)) as cursor,
        ):
            found = cursor.execute(query.encode(), (parameter,)).fetchall()
        return [
            Owner(o.user_id, o.session_id, o.consultation_id, self._token(o))
            for o in found
        ]

    def _token(self, owner: Owner) -> str:
        return self._tokens.make_access(
            user_id=owner.user_id,
            role="app_user",
            session_id=owner.session_id,
            issued_at=datetime.now(UTC),
        )


class Stage:
    """The systems of one run; each is started when it is first used."""

    def __init__(self) -> None:
        self._cleanup = ExitStack()

    def __enter__(self) -> "Stage":
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop what was started."""
        self._cleanup.close()

    def open(self, **settings: str) -> Clinic:
        """Start a system that lives as long as the stage."""
        running = running_system(ACCESS_TTL="2h", **settings)
        return Clinic(self._cleanup.enter_context(running))

    @functools.cached_property
    def system(self) -> Clinic:
        """The ordinary system, with a short past."""
        clinic = self.open()
        clinic.grow(YOUNG)
        return clinic

    @functools.cached_property
    def growing(self) -> Clinic:
        """A second one, whose past grows as far as a scenario needs it."""
        return self.open()

    @property
    def grown(self) -> Clinic:
        """The second one, with a million calls behind it."""
        self.growing.grow(GROWN)
        return self.growing


def settings_of(system: System) -> Settings:
    """Return the settings with which the system's sidecar runs."""
    environment = dotenv_values(system.run_dir / "sidecar.env")
    return Settings.model_validate({k.lower(): v for k, v in environment.items() if v})
