"""/api/v1/admin/users and /admin/doctors: accounts that an admin makes or changes.

Only what may bring a password comes here, to be hashed; PostgREST does the rest.
"""

from typing import Literal
from uuid import UUID

from aiohttp import web

from api_extensions import errors
from api_extensions.accounts import people_queries as queries
from api_extensions.accounts.handlers import Name
from api_extensions.accounts.passwords import find_fault
from api_extensions.bodies import Body, Text, read_body
from api_extensions.callers import caller_of
from api_extensions.casing import camelize
from api_extensions.envelope import success
from api_extensions.keys import DATABASE, HASHING
from api_extensions.paths import id_of
from api_extensions.tokens import Caller

routes = web.RouteTableDef()


class NewDoctor(Body):
    """POST /admin/doctors; owners see `displayName`, or the name."""

    name: Name
    mobile: Text
    password: str
    display_name: Name | None = None


class NewUser(Body):
    """POST /admin/users."""

    role: Literal["USER", "ADMIN", "DOCTOR"]
    name: Name
    mobile: Text
    password: str


class UserChange(Body):
    """PATCH /admin/users/{id}; what is left out stays."""

    name: Name | None = None
    mobile: Text | None = None
    is_active: bool | None = None
    password: str | None = None


@routes.post("/api/v1/admin/users")
async def handle_create_user(request: web.Request) -> web.Response:
    """Make an owner, an admin or a doctor."""
    caller, body = caller_of(request), await read_body(request, NewUser)
    password_hash = await _hash(request, caller, None, body.mobile, body.password)
    values = body.model_dump() | {"password_hash": password_hash}
    async with request.app[DATABASE].acting_for(caller) as connection:
        user = await queries.create_user(connection, values)
    return success(camelize(user), status=201)


@routes.post("/api/v1/admin/doctors")
async def handle_create_doctor(request: web.Request) -> web.Response:
    """Make a doctor and their account: a seat more in every slot from now on."""
    caller, body = caller_of(request), await read_body(request, NewDoctor)
    password_hash = await _hash(request, caller, None, body.mobile, body.password)
    values = body.model_dump() | {"password_hash": password_hash}
    async with request.app[DATABASE].acting_for(caller) as connection:
        doctor = await queries.create_doctor(connection, values)
    return success(camelize(doctor), status=201)


@routes.patch("/api/v1/admin/users/{user_id}")
async def handle_update_user(request: web.Request) -> web.Response:
    """Change a person, open or close their account, or set a new password."""
    caller, user_id = caller_of(request), id_of(request, "user_id")
    body = await read_body(request, UserChange)
    values = body.model_dump() | {"user_id": user_id, "password_hash": None}
    if body.password is not None:
        values["password_hash"] = await _hash(
            request, caller, user_id, body.mobile, body.password
        )
    async with request.app[DATABASE].acting_for(caller) as connection:
        user = await queries.update_user(connection, values)
    return success(camelize(user))


async def _hash(
    request: web.Request,
    caller: Caller,
    user_id: UUID | None,
    mobile: str | None,
    password: str,
) -> str:
    """Hash the password that an admin gives somebody, if it is good enough.

    Raises:
        AppError: VALIDATION_FAILED for the mobile or the password; UNAVAILABLE.
        psycopg.Error: FORBIDDEN for everybody else; NOT_FOUND.
    """
    async with request.app[DATABASE].acting_for(caller) as connection:
        canonical = await queries.managed_mobile(connection, user_id, mobile)
    faults = {
        "mobile": None if canonical else "must be an Iranian mobile number",
        "password": find_fault(password, canonical),
    }
    real = {field: fault for field, fault in faults.items() if fault}
    if real:
        raise errors.invalid_fields(real)
    return await request.app[HASHING].hash(password)
