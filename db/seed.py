"""Demo people for an empty database: an admin, three doctors, an owner with a cat.

The owner and the staff sign in with the demo accounts that the launcher generated.
"""

import os
import sys
from collections.abc import Mapping
from uuid import UUID

import psycopg

from api_extensions.accounts.hashing import hash_password
from db.first_config import ConfigError, configure

# Role, name, and which demo account it is; the other doctors get numbers of their own.
_PEOPLE = (
    ("ADMIN", "مریم صادقی", "ADMIN"),
    ("DOCTOR", "دکتر کاوه یزدانی", "DOCTOR"),
    ("USER", "سارا محمدی", "USER"),
)
_MORE_DOCTORS = (
    ("دکتر نسترن کریمی", "09000000004"),
    ("دکتر بابک رستمی", "09000000005"),
)


def main() -> None:
    """Seed DATABASE_URL's database with the DEMO_… accounts of the environment."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            configure(connection, os.environ)
            people = seed(connection, os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} is not set")
    print(f"{people} demo people" if people else "there are people already")


def seed(connection: psycopg.Connection, accounts: Mapping[str, str]) -> int:
    """Make the demo people unless there is anybody; returns how many were made.

    Raises:
        KeyError: a DEMO_… account is missing.
    """
    if connection.execute("select from app.users limit 1").rowcount:
        return 0
    for role, name, account in _PEOPLE:
        mobile = accounts[f"DEMO_{account}_MOBILE"]
        password = accounts[f"DEMO_{account}_PASSWORD"]
        user_id = _create(connection, role, name, mobile, password)
        if role == "USER":
            _create_pet(connection, user_id)
    for name, mobile in _MORE_DOCTORS:
        password = accounts["DEMO_DOCTOR_PASSWORD"]
        _create(connection, "DOCTOR", name, mobile, password)
    return len(_PEOPLE) + len(_MORE_DOCTORS)


def _create(
    connection: psycopg.Connection, role: str, name: str, mobile: str, password: str
) -> UUID:
    row = connection.execute(
        "select app.create_user(%s, %s, %s, %s)",
        [role, name, mobile, hash_password(password)],
    ).fetchone()
    if row is None:
        raise LookupError("create_user gave no id")
    user_id: UUID = row[0]
    return user_id


def _create_pet(connection: psycopg.Connection, user_id: UUID) -> None:
    connection.execute(
        "insert into app.pets (user_id, type, name, breed, gender)"
        " values (%s, 'CAT', 'پشمک', 'پرشین', 'FEMALE')",
        [user_id],
    )


if __name__ == "__main__":
    main()
