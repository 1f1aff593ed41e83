"""GET /admin/consultations, /admin/payments, /admin/users, through the whole stack."""

import pytest

from tests.support.api import Api, started_payment

LISTS = ["/admin/consultations", "/admin/payments", "/admin/users"]


def test_an_admin_finds_an_owner_by_any_form_of_the_mobile(
    admin: Api, owner: Api
) -> None:
    consultation_id, payment = started_payment(owner)
    persian = owner.mobile.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for typed in (owner.mobile, persian, f"+98{owner.mobile[1:]}", owner.mobile[:-1]):
        query = {"mobile": typed, "status": "PAYMENT_INITIATED", "petType": "CAT"}
        rows = admin.call("GET", "/admin/consultations", query=query).data
        assert [row["id"] for row in rows if row["user"]["mobile"] == owner.mobile] == [
            consultation_id
        ]
    query = {"mobile": owner.mobile, "name": "كاظمي", "status": "PENDING"}
    (row,) = admin.call("GET", "/admin/payments", query=query).data
    assert (row["id"], row["user"]["name"]) == (payment["paymentId"], "نگار کاظمی")
    (row,) = admin.call("GET", "/admin/users", query={"mobile": owner.mobile}).data
    assert row.keys() >= {"id", "role", "name", "mobile", "isActive", "createdAt"}


def test_a_row_has_what_the_contract_promises(admin: Api, owner: Api) -> None:
    consultation_id, payment = started_payment(owner)
    query = {"mobile": owner.mobile}
    (row,) = admin.call("GET", "/admin/consultations", query=query).data
    assert row["id"] == consultation_id
    assert row["user"].keys() == {"id", "name", "mobile"}
    assert row["pet"].keys() >= {"id", "type", "name", "birthDate"}
    assert row["appointment"].keys() >= {"id", "startAt", "holdExpiresAt", "doctor"}
    assert row["payment"]["id"] == payment["paymentId"]
    assert (row["media"], type(row["version"])) == ([], int)


@pytest.mark.parametrize("path", LISTS)
def test_pages_lead_to_the_end(admin: Api, owner: Api, path: str) -> None:
    started_payment(owner)
    query = {"limit": "2"}
    seen: list[str] = []
    for _ in range(50):
        answer = admin.call("GET", path, query=query)
        seen += [row["id"] for row in answer.data]
        assert answer.page
        if not answer.page["nextCursor"]:
            break
        query["cursor"] = answer.page["nextCursor"]
    assert len(seen) == len(set(seen)) >= 1
    assert seen[:2] == [
        row["id"] for row in admin.call("GET", path, query={"limit": "2"}).data
    ]


@pytest.mark.parametrize(
    ("path", "name", "bad"),
    [
        ("/admin/consultations", "status", "PENDING"),
        ("/admin/consultations", "status", ""),
        ("/admin/consultations", "from", "1405-01-01x"),
        ("/admin/consultations", "to", "2026-02-30"),
        ("/admin/consultations", "from", "infinity"),
        ("/admin/consultations", "mobile", "12"),
        ("/admin/consultations", "name", " "),
        ("/admin/consultations", "petType", "HORSE"),
        ("/admin/consultations", "doctorId", "x"),
        ("/admin/consultations", "color", "red"),
        ("/admin/consultations", "limit", "101"),
        ("/admin/consultations", "cursor", "x"),
        ("/admin/payments", "status", "PAID"),
        ("/admin/payments", "petType", "CAT"),
        ("/admin/users", "role", "VET"),
        ("/admin/users", "maxRows", "5"),
    ],
)
def test_a_bad_filter_is_named(admin: Api, path: str, name: str, bad: str) -> None:
    answer = admin.call("GET", path, query={name: bad})
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert list(answer.error["details"]["fields"]) == [name]


@pytest.mark.parametrize("path", LISTS)
def test_only_admins_may_look(owner: Api, doctor: Api, anybody: Api, path: str) -> None:
    assert (owner.call("GET", path).status, doctor.call("GET", path).status) == (
        403,
        403,
    )
    assert anybody.call("GET", path).status == 401
