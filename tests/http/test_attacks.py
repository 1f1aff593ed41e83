"""What row-level security alone does not hide: each way around it, tried over HTTP.

A stranger who knows ids of somebody else's things learns nothing from an answer that
they could not have had for ids that do not exist.
"""

import json
from http import HTTPStatus
from uuid import uuid4

import httpx
import jwt
import pytest

from stack.background import System
from tests.support.api import Api, described_consultation, new_pet, started_payment
from tests.support.database import Connection, one, rows, value
from tests.support.factories import MESSAGE

TEXT = {"message_text": MESSAGE}
START = {"start_at": "2027-01-02T17:00:00+03:30"}


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return all that an answer tells: its status and its body."""
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("function", "argument", "rest"),
    [
        ("create_consultation", "pet_id", {}),
        ("replace_pet", "pet_id", {"type": "DOG", "name": "رکس"}),
        ("delete_pet", "pet_id", {}),
        ("submit_details", "consultation_id", TEXT),
        ("hold_slot", "consultation_id", START),
        ("release_hold", "consultation_id", {}),
        ("cancel_consultation", "consultation_id", {}),
        ("read_notification", "notification_id", {}),
    ],
)
def test_a_function_does_not_tell_that_somebody_elses_thing_exists(
    owner: Api,
    stranger: Api,
    database: Connection,
    *,
    function: str,
    argument: str,
    rest: dict[str, str],
) -> None:
    """Foreign keys are checked past row-level security: the functions look first."""
    consultation_id, _ = started_payment(owner)
    things = one(
        database,
        "with news as (insert into app.notifications (target_role, user_id, type,"
        " payload) select 'USER', user_id, 'REFUNDED', '{}' from app.consultations"
        " where id = %(id)s returning id) select c.id::text as consultation_id,"
        " c.pet_id::text, n.id::text as notification_id"
        " from app.consultations c, news n where c.id = %(id)s",
        id=consultation_id,
    )
    path = f"/rest/v1/rpc/{function}"
    real = stranger.send("POST", path, {argument: things[argument], **rest})
    unreal = stranger.send("POST", path, {argument: str(uuid4()), **rest})
    assert real.status_code == HTTPStatus.NOT_FOUND
    assert told(real) == told(unreal)


def test_a_file_of_somebody_else_cannot_be_made_ones_own_voice_note(
    owner: Api, stranger: Api, database: Connection
) -> None:
    media_id = value(
        database,
        "insert into app.media (consultation_id, owner_user_id, category, purpose,"
        " object_key, mime_type, size_bytes) select id, user_id, 'AUDIO', 'VOICE_NOTE',"
        " id::text, 'audio/mpeg', 7 from app.consultations where id = %(id)s"
        " returning id::text",
        id=described_consultation(owner),
    )
    mine = {"consultation_id": described_consultation(stranger)}
    path = "/rest/v1/rpc/submit_details"
    real = stranger.send("POST", path, mine | {"voice_media_id": media_id})
    unreal = stranger.send("POST", path, mine | {"voice_media_id": str(uuid4())})
    assert real.is_client_error
    assert told(real) == told(unreal)


def test_a_key_that_exists_cannot_be_found_by_writing_it_again(
    owner: Api, stranger: Api
) -> None:
    """Nobody may insert at all, so that no unique index ever answers."""
    taken = {"id": new_pet(owner), "name": "رکس", "type": "DOG"}
    real = stranger.send("POST", "/rest/v1/pets", taken)
    unreal = stranger.send("POST", "/rest/v1/pets", taken | {"id": str(uuid4())})
    assert real.status_code == HTTPStatus.FORBIDDEN
    assert told(real) == told(unreal)


@pytest.mark.parametrize(
    "query",
    [
        "payments?nonce=like.*",
        "payments?select=id,nonce",
        "payments?select=authority",
        "payments?order=raw_response",
        "payments?raw_request->>x=eq.1",
        "media?object_key=like.*",
        "media?select=*,object_key",
        "appointments?lane=eq.1",
        "appointments?select=assignment_reason",
        "doctors?user_id=not.is.null",
        "me?password_hash=like.*",
        "consultations?deleted_at=is.null",
    ],
)
def test_a_hidden_column_can_be_neither_read_nor_filtered_nor_ordered_by(
    owner: Api, query: str
) -> None:
    answer = owner.send("GET", f"/rest/v1/{query}")
    assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
    assert isinstance(answer.json(), dict)  # a refusal, not rows


@pytest.mark.parametrize(
    "query",
    [
        "pets?or=(id.not.is.null,name.like.*)",
        "pets?user_id=eq.{user}",
        "consultations?id=eq.{consultation}",
        "consultations?not.and=(status.eq.X,id.is.null)&message_text=like.*",
        "payments?id=eq.{payment}",
        "payments?card_pan=like.*",
        "appointments?consultation_id=eq.{consultation}",
        "me?id=eq.{user}",
        "notifications?payload->>consultation_id=eq.{consultation}",
        "pets?select=name,consultations!inner(id)",
        "doctors?select=id,appointments!inner(id,consultations!inner(message_text))",
    ],
)
def test_no_filter_and_no_embedding_reaches_somebody_elses_rows(
    owner: Api, stranger: Api, query: str
) -> None:
    consultation_id, payment = started_payment(owner)
    user_id = owner.call("GET", "/me").data["id"]
    names = {"user": user_id, "payment": payment["paymentId"]}
    path = "/rest/v1/" + query.format(consultation=consultation_id, **names)
    answer = stranger.send("GET", path)
    if answer.is_success:
        assert answer.json() == []
    else:  # PostgREST may not read it as a query at all
        assert answer.status_code in {400, 403, 404}


def test_embedding_shows_only_ones_own_side_of_a_shared_row(
    owner: Api, stranger: Api
) -> None:
    """Doctors are everybody's to see; whom they will call is not."""
    started_payment(owner)
    path = "/rest/v1/doctors?select=id,appointments(id,consultations(message_text))"
    shown = stranger.send("GET", path).json()
    assert shown
    assert all(doctor["appointments"] == [] for doctor in shown)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/rest/v1/rpc/create_pet", {"user_id": "{user}"}),
        ("POST", "/rest/v1/rpc/create_consultation", {"base_price_toman": 1}),
        ("POST", "/rest/v1/rpc/hold_slot", {"hold_expires_at": "infinity"}),
        ("POST", "/rest/v1/pets", {"name": "رکس"}),
        ("PATCH", "/rest/v1/pets?id=not.is.null", {"name": "رکس"}),
        ("PATCH", "/rest/v1/me", {"role": "ADMIN"}),
        ("PATCH", "/rest/v1/payments?id=not.is.null", {"status": "VERIFIED"}),
        ("PATCH", "/rest/v1/consultations?id=not.is.null", {"status": "PAID"}),
        ("DELETE", "/rest/v1/consultations?id=not.is.null", None),
        ("PUT", "/rest/v1/pets?id=eq.{user}", {"id": "{user}", "name": "رکس"}),
    ],
)
def test_nothing_can_be_assigned_that_is_not_ones_to_set(
    owner: Api, method: str, path: str, body: dict[str, object] | None
) -> None:
    """The caller owns rows of each kind: only the privilege is missing."""
    started_payment(owner)
    user_id = owner.call("GET", "/me").data["id"]
    sent = json.loads(json.dumps(body).replace("{user}", user_id))
    answer = owner.send(method, path.format(user=user_id), sent)
    assert answer.status_code in {400, 403, 404, 405}
    assert answer.json()["code"] in {"42501", "PGRST202", "PGRST105"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/pets", {"type": "CAT", "name": "ببری", "userId": "x"}),
        ("/pets", {"type": "CAT", "name": "ببری", "__proto__": {"userId": "x"}}),
        ("/consultations", {"petId": "{pet}", "basePriceToman": 1}),
        ("/consultations", {"petId": "{pet}", "status": "PAID"}),
    ],
)
def test_the_contract_names_the_field_that_it_does_not_take(
    owner: Api, path: str, body: dict[str, object]
) -> None:
    pet_id = new_pet(owner)
    sent = json.loads(json.dumps(body).replace("{pet}", pet_id))
    answer = owner.call("POST", path, sent)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert len(answer.error["details"]["fields"]) == 1


def test_registering_makes_a_pet_owner_whatever_else_is_sent(
    anybody: Api, database: Connection
) -> None:
    mobile = f"0934{uuid4().int % 10**7:07}"
    account = {"name": "ن", "mobile": mobile, "password": "gorbe-siah-1403"}
    refused = anybody.call("POST", "/auth/register", account | {"role": "ADMIN"})
    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
    query = "select from app.users where mobile = %(mobile)s"
    assert rows(database, query, mobile=mobile) == []


def test_another_schema_cannot_be_asked_for(owner: Api) -> None:
    for schema in ("app", "sidecar", "public", "pg_catalog"):
        headers = {"Accept-Profile": schema, "Content-Profile": schema}
        users = owner.send("GET", "/rest/v1/users", headers=headers)
        assert users.status_code == HTTPStatus.NOT_FOUND
        path = "/rest/v1/rpc/sign_out"
        signed_out = owner.send("POST", path, {"session_id": str(uuid4())}, headers)
        assert signed_out.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("rpc/create_pet", {"type": "X", "name": "رکس"}),
        ("rpc/create_pet", {"type": "CAT", "name": "x" * 5000}),
        ("rpc/create_pet", {"type": "CAT", "name": "رکس", "birth_date": "9999-99-99"}),
        ("rpc/hold_slot", {"consultation_id": "{consultation}", "start_at": "x"}),
        ("rpc/hold_slot", {"consultation_id": "{consultation}"}),
        ("rpc/submit_details", {"consultation_id": "{consultation}"}),
        ("rpc/create_consultation", {"pet_id": "{consultation}"}),
        ("rpc/no_such_function", {}),
        ("pets", {"id": 1}),
    ],
)
def test_what_a_refusal_says_names_nothing_behind_the_api(
    owner: Api, path: str, body: dict[str, str]
) -> None:
    consultation_id = described_consultation(owner)
    sent = json.loads(json.dumps(body).replace("{consultation}", consultation_id))
    answer = owner.send("POST", f"/rest/v1/{path}", sent)
    assert answer.is_client_error
    said = answer.text.lower()
    for word in ("app.users", "app.pets", "_check", "_fkey", "_key", "failing row"):
        assert word not in said
    assert MESSAGE not in answer.text
    assert owner.mobile not in answer.text


def forged(system: System, owner: Api, secret: str = "", **changed: object) -> str:
    """Sign a token like the owner's, with claims changed; None leaves one out."""
    secrets = json.loads((system.run_dir / "secrets.json").read_text())
    assert owner.access_token
    claims = jwt.decode(owner.access_token, options={"verify_signature": False})
    claims = {k: v for k, v in (claims | changed).items() if v is not None}
    return jwt.encode(claims, secret or secrets["JWT_ACCESS_SECRET"], algorithm="HS256")


def test_even_who_knows_the_secret_gets_no_further_than_a_live_session(
    system: System, owner: Api
) -> None:
    """Tokens without an end or an audience, of another role, of no session."""
    tokens = [
        forged(system, owner, secret="a" * 64),
        forged(system, owner, exp=None),
        forged(system, owner, aud=None),
        forged(system, owner, sid=None),
        forged(system, owner, sub=None),
        forged(system, owner, sid=str(uuid4())),
        forged(system, owner, role="app_admin"),
    ]
    tokens += [
        forged(system, owner, role=role)
        for role in ("app_owner", "postgres", "sidecar", "authenticator", "anon")
    ]
    for token in tokens:
        api = Api(system.api_url, token)
        for path in ("/rest/v1/pets", "/api/v1/pets", "/api/v1/me"):
            answer = api.send("GET", path)
            assert answer.status_code in {401, 403}, (token, answer.text)
            assert "role" not in answer.text or path.startswith("/rest/")
        assert api.call("POST", "/auth/logout").status == HTTPStatus.UNAUTHORIZED


def test_a_token_without_a_signature_is_nobodys(system: System, owner: Api) -> None:
    assert owner.access_token
    claims = jwt.decode(owner.access_token, options={"verify_signature": False})
    token = jwt.encode(claims, "", algorithm="none")
    for path in ("/rest/v1/pets", "/api/v1/pets"):
        answer = Api(system.api_url, token).send("GET", path)
        assert answer.status_code == HTTPStatus.UNAUTHORIZED
