"""The database's side of an admin's changes of accounts.

What is shown comes as JSON made in the database: its times are written as PostgREST
writes them.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api_extensions.db import Connection, fetch_value

_MANAGED_MOBILE = """
select sidecar.managed_mobile(user_id => %(user_id)s, mobile => %(mobile)s)
"""
_CREATE_USER = """
select to_jsonb(u) from sidecar.create_user(
    role => %(role)s, name => %(name)s, mobile => %(mobile)s,
    password_hash => %(password_hash)s) u
"""
_CREATE_DOCTOR = """
select to_jsonb(d) from sidecar.create_doctor(
    name => %(name)s, mobile => %(mobile)s, password_hash => %(password_hash)s,
    display_name => %(display_name)s) d
"""
_UPDATE_USER = """
select to_jsonb(u) from sidecar.update_user(
    user_id => %(user_id)s, name => %(name)s, mobile => %(mobile)s,
    is_active => %(is_active)s, password_hash => %(password_hash)s) u
"""


async def managed_mobile(
    connection: Connection, user_id: UUID | None, mobile: str | None
) -> str | None:
    """Give the canonical mobile that a person gets, or has; None when it is none."""
    values = {"user_id": user_id, "mobile": mobile}
    canonical: str | None = await fetch_value(connection, _MANAGED_MOBILE, values)
    return canonical


async def create_user(connection: Connection, values: Mapping[str, Any]) -> Any:
    """Make a person; `values` are those of `NewUser`, and the password's hash."""
    return await fetch_value(connection, _CREATE_USER, values)


async def create_doctor(connection: Connection, values: Mapping[str, Any]) -> Any:
    """Make a doctor; `values` are those of `NewDoctor`, and the password's hash."""
    return await fetch_value(connection, _CREATE_DOCTOR, values)


async def update_user(connection: Connection, values: Mapping[str, Any]) -> Any:
    """Change a person; `values` are those of `UserChange`, its id and the hash."""
    return await fetch_value(connection, _UPDATE_USER, values)
