"""`python -m api_extensions.staff admin|doctor`: make an account for a colleague.

MOBILE and NAME come as arguments or from the environment, PASSWORD from there alone,
since everybody on the machine sees arguments; without one it is asked for. DATABASE_URL
logs in as somebody who may make accounts (migrator).
"""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from uuid import UUID

import psycopg

from api_extensions import errors
from api_extensions.accounts.hashing import hash_password
from api_extensions.accounts.passwords import find_fault
from api_extensions.errors import AppError
from api_extensions.settings import SettingsError, load_database_settings

_NORMALIZE_MOBILE = "select app.normalize_mobile(mobile => %(mobile)s)"
_CREATE_USER = """
select app.create_user(
    role => %(role)s, name => %(name)s, mobile => %(mobile)s,
    password_hash => %(password_hash)s)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the account, or say in one sentence why not."""
    options = _read_options(arguments)
    try:
        url = load_database_settings().database_url.get_secret_value()
        with psycopg.connect(url) as connection:
            user_id = create_staff(connection, options)
    except SettingsError as error:
        sys.exit(str(error))
    except psycopg.Error as error:
        sys.exit(_explain(error))
    except AppError as error:
        sys.exit(_sentence(error))
    print(f"{options.role} {options.name}: {user_id}")


def create_staff(connection: psycopg.Connection, options: argparse.Namespace) -> UUID:
    """Make the account; asks for the password when none was given.

    Raises:
        AppError: VALIDATION_FAILED for the mobile or the password.
        psycopg.Error: CONFLICT when the mobile is taken.
    """
    row = connection.execute(_NORMALIZE_MOBILE, {"mobile": options.mobile}).fetchone()
    mobile: str | None = row[0] if row else None
    if mobile is None:
        raise errors.invalid_fields({"mobile": "must be an Iranian mobile number"})
    password = options.password or _ask_password()
    fault = find_fault(password, mobile)
    if fault:
        raise errors.invalid_fields({"password": fault})
    values = {
        "role": options.role.upper(),
        "name": options.name,
        "mobile": mobile,
        "password_hash": hash_password(password),
    }
    created = connection.execute(_CREATE_USER, values).fetchone()
    if created is None:
        raise LookupError("create_user gave no id")
    user_id: UUID = created[0]
    return user_id


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="staff", description="Make a staff account.")
    parser.add_argument("role", choices=["admin", "doctor"])
    for name in ("mobile", "name"):
        parser.add_argument(name, nargs="?", default=os.environ.get(name.upper()))
    parser.set_defaults(password=os.environ.get("PASSWORD"))
    options = parser.parse_args(arguments)
    for name in ("mobile", "name"):
        if not getattr(options, name):
            parser.error(f"{name.upper()} is missing")
    return options


def _ask_password() -> str:
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("The same again: ")
    except EOFError:  # nobody is there to type it
        raise errors.invalid_fields({"password": "is missing"}) from None
    if again != password:
        raise errors.invalid_fields({"password": "was not the same twice"})
    return password


def _explain(error: psycopg.Error) -> str:
    if error.sqlstate == errors.RAISED_BY_US:
        return _sentence(errors.from_database(error))
    return f"The database refused: {str(error).partition(chr(10))[0]}"


def _sentence(error: AppError) -> str:
    fields = error.details.get("fields") if isinstance(error.details, dict) else None
    if not isinstance(fields, dict):
        return error.message
    return "; ".join(f"{name}: {fault}" for name, fault in fields.items())


if __name__ == "__main__":
    main()
