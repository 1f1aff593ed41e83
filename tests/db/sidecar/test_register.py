"""sidecar.register, and app.create_user behind it."""

from uuid import UUID

import pytest

from tests.db.helpers import actions, ask, violates
from tests.support.database import Connection, one, rows, value
from tests.support.factories import PASSWORD_HASH, make_doctor, make_user, new_mobile
from tests.support.roles import Person, refused


def register(db: Connection, name: str | None, mobile: str | None) -> dict[str, object]:
    """Register an owner for thirty days."""
    grant: dict[str, object] = ask(
        db,
        "sidecar.register",
        name=name,
        mobile=mobile,
        password_hash=PASSWORD_HASH,
        refresh_ttl="30 days",
    )
    return grant


def test_who_registers_is_signed_in(db: Connection) -> None:
    grant = register(db, "  علی رضایی ", "۰۹۱۲ ۳۴۵ ۶۷۸۹")
    assert (grant["role"], grant["db_role"]) == ("USER", "app_user")
    assert (grant["name"], grant["mobile"]) == ("علی رضایی", "09123456789")
    session = one(
        db, "select * from app.sessions where id = %(id)s", id=grant["session_id"]
    )
    assert session["user_id"] == grant["user_id"]
    assert session["expires_at"] == grant["refresh_expires_at"]
    token = one(db, "select * from app.refresh_tokens")
    assert (token["id"], token["used_at"]) == (grant["refresh_token_id"], None)


def test_registering_and_signing_in_are_audited_without_names(
    db: Connection,
) -> None:
    owner = make_user(db, "علی رضایی")
    assert actions(db, owner.user_id) == ["USER_REGISTERED", "USER_LOGGED_IN"]
    (actor,) = rows(db, "select distinct actor_user_id from app.audit_log")
    assert actor["actor_user_id"] == owner.user_id
    logged = value(db, "select string_agg(meta::text, '') from app.audit_log")
    assert owner.name not in logged
    assert owner.mobile not in logged


def test_a_mobile_registers_once_however_it_is_typed(db: Connection) -> None:
    owner = make_user(db)
    with refused("CONFLICT") as refusal:
        register(db, "دیگری", f"+98 {owner.mobile[1:]}")
    assert refusal.status == 409
    assert list(refusal.details["fields"]) == ["mobile"]
    assert value(db, "select count(*) from app.users") == 1


@pytest.mark.parametrize(
    ("name", "mobile", "fields"),
    [
        (None, "09121234567", {"name"}),
        ("  ", "09121234567", {"name"}),
        ("ن" * 101, "09121234567", {"name"}),
        ("سارا", "021123", {"mobile"}),
        ("سارا", None, {"mobile"}),
        ("", "", {"name", "mobile"}),
    ],
)
def test_wrong_fields_are_named(
    db: Connection, name: str | None, mobile: str | None, fields: set[str]
) -> None:
    with refused("VALIDATION_FAILED") as refusal:
        register(db, name, mobile)
    assert set(refusal.details["fields"]) == fields
    assert rows(db, "select * from app.users") == []


def test_a_doctor_is_also_a_row_of_doctors(db: Connection) -> None:
    doctor = make_doctor(db, "دکتر کیان")
    row = one(db, "select * from app.doctors")
    assert (row["user_id"], row["display_name"]) == (doctor.user_id, "دکتر کیان")
    assert row["is_active"]
    assert doctor.db_role == "app_doctor"


def test_only_argon2id_hashes_are_stored(db: Connection) -> None:
    with violates("credentials_password_hash_check"):
        ask(
            db,
            "sidecar.register",
            name="سارا",
            mobile=new_mobile(),
            password_hash="hunter22",
            refresh_ttl="30 days",
        )


def test_who_an_admin_makes_is_audited_as_the_admins_doing(
    db: Connection, admin: Person
) -> None:
    made = ask(
        db,
        "sidecar.create_user",
        admin,
        role="USER",
        name="سارا",
        mobile=new_mobile(),
        password_hash=PASSWORD_HASH,
    )
    assert logged(db, made["id"]) == ("USER_CREATED", admin.user_id)


def test_who_the_command_line_makes_is_audited_as_nobodys_doing(
    db: Connection, admin: Person
) -> None:
    assert logged(db, admin.user_id) == ("USER_CREATED", None)


def logged(db: Connection, user_id: UUID) -> tuple[str, UUID | None]:
    """Return how a person came to be in the audit log, and whose doing it was."""
    query = """
        select action, actor_user_id from app.audit_log
        where entity_id = %(id)s and action like 'USER_%%ED' order by created_at limit 1
    """
    line = one(db, query, id=user_id)
    return line["action"], line["actor_user_id"]
