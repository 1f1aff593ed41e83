"""`make psql AS=admin MOBILE=…`: pgcli with somebody's role and claims.

What it shows is what the policies show that person. That it was opened is audited, and
so is what is changed: as the person, under the request id of the opening. DATABASE_URL
logs in as migrator, who may become the roles of people
(docs/decisions/0007-a-persons-rights-by-sql.md).
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from db.pgcli import become_pgcli

_TRACE = "select set_config('request.headers', %s, true)"
_OPEN = """
select u.id::text, app.database_role(u.role), c.tz,
    app.audit('SQL_SESSION_OPENED', 'user', u.id)
from app.users u, app.system_config c
where u.mobile = app.normalize_mobile(%(mobile)s) and lower(u.role::text) = %(role)s
  and u.is_active
"""


@dataclass(frozen=True)
class Somebody:
    """An active person, and what a session of theirs is like.

    Attributes:
        user_id: whose it is.
        db_role: what they work as.
        timezone: the clinic's.
        headers: of the requests that are made in it, as JSON.
    """

    user_id: str
    db_role: str
    timezone: str
    headers: str

    @property
    def options(self) -> str:
        """The settings of a connection that is theirs, as PGOPTIONS."""
        claims = {"sub": self.user_id, "role": self.db_role}
        settings = {
            "role": self.db_role,
            "request.jwt.claims": _compact(claims),
            "request.headers": self.headers,
            "timezone": self.timezone,
        }
        return " ".join(f"-c {name}={value}" for name, value in settings.items())


def open_as(url: str, role: str, mobile: str) -> Somebody | None:
    """Find an active person, and write down that somebody works as them.

    Args:
        url: logs in as migrator.
        role: admin, doctor or user.
        mobile: any form of the number.
    """
    headers = _compact({"x-request-id": f"sql-{uuid4()}"})
    with psycopg.connect(url) as connection:
        connection.execute(_TRACE, [headers])
        row = connection.execute(_OPEN, {"mobile": mobile, "role": role}).fetchone()
    if row is None:
        return None
    user_id, db_role, timezone, _ = row
    return Somebody(user_id, db_role, timezone, headers)


def _compact(value: dict[str, str]) -> str:
    """Write JSON without the spaces that would end an option."""
    return json.dumps(value, separators=(",", ":"))


def main(arguments: Sequence[str]) -> None:
    """Become pgcli: ROLE MOBILE, and then what pgcli takes."""
    role, mobile, *others = arguments
    url = os.environ["DATABASE_URL"]
    try:
        somebody = open_as(url, role, mobile)
    except psycopg.Error as error:
        sys.exit(f"The database refused: {error}")
    if somebody is None:
        sys.exit(f"There is no active {role} with this mobile.")
    # pgcli would set the zone of this machine otherwise.
    settings = {"PGOPTIONS": somebody.options, "TZ": somebody.timezone}
    become_pgcli(url, others, settings)


if __name__ == "__main__":
    main(sys.argv[1:])
