"""Every example of the document works when it is pasted.

Only ids are put in the place of others, and the times of slots, which pass; and what is
sent is what was sent before: whom `register` registers, `login` signs in.
"""

from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import pytest

from stack.background import System
from tests.samples import PNG
from tests.support.api import Api, free_starts, new_owner
from tests.support.database import Connection, changed
from tests.support.reader import Reader


@pytest.fixture
def boss(system: System, admin: Api) -> Reader:
    """Whoever pastes the examples for admins."""
    return Reader(system.api_url, admin.access_token or "")


def come_in(client: Reader) -> None:
    """Paste what brings an owner in."""
    client.do("register")
    client.do("login")
    client.do("refresh")
    client.token = client.do("createToken")["accessToken"]
    client.do("getMe")


def describe(client: Reader) -> None:
    """Paste what comes before the choice of a slot."""
    client.do("createPet")
    client.do("deletePet")
    client.do("createPet")
    for name in ("listPets", "getPet", "replacePet", "createConsultation"):
        client.do(name)
    client.do("cancelConsultation")
    for name in ("createConsultation", "listConsultations", "submitDetails"):
        client.do(name)
    place = client.do("presignUpload", size=len(PNG.data))
    stored = client.follow(
        place["url"], method="PUT", headers=place["headers"], content=PNG.data
    )
    assert stored.status_code == HTTPStatus.OK
    client.do("addAttachment")
    client.do("downloadMedia")


def pay(client: Reader, start_at: str) -> str:
    """Paste what books a slot, and return the consultation's id."""
    client.do("getAvailability")
    client.do("holdSlot", startAt=start_at)
    client.do("releaseHold")
    client.do("holdSlot", startAt=start_at)
    client.do("initiatePayment")
    client.do("showMockPage")
    back = client.do("submitMockPage").headers["Location"]
    client.do("paymentCallback", **dict(parse_qsl(urlsplit(back).query)))
    consultation = client.do("getConsultation")
    assert consultation["status"] == "SCHEDULED"
    client.do(
        "readNotification", notificationId=client.do("listNotifications")[0]["id"]
    )
    client.do("streamNotifications")
    return str(consultation["id"])


def run_the_clinic(boss: Reader, database: Connection) -> None:
    """Paste what makes doctors, colleagues, times off and settings."""
    doctor = boss.do("createDoctor")
    boss.do("previewDoctorDeactivation")
    boss.do("previewDeactivationOfDoctor")
    for kind in ("Absence", "Closure"):
        boss.do(f"preview{kind}")
        made = boss.do(f"create{kind}")
        for name in ("get", "update", "delete"):
            boss.do(f"{name}{kind}", id=made["id"])
    for name in ("listDoctors", "listAbsences", "listClosures", "getConfig"):
        boss.do(name)
    boss.do("getDoctor", id=doctor["id"])
    boss.do("updateDoctor", id=doctor["id"])
    # Others take the first of the list, who had better be there.
    statement = "update app.doctors set created_at = '2020-01-01' where id = %(id)s"
    assert changed(database, statement, id=doctor["id"]) == 1
    before = boss.do("getConfig")["priceToman"]
    boss.do("updateConfig")
    boss.do("updateConfig", priceToman=before)
    user = boss.do("createUser")
    boss.do("previewUserDeactivation")
    boss.do("previewDeactivationOfUser")
    boss.do("updateUser", id=user["id"])
    news = boss.do("listAdminNotifications")
    boss.do("readAdminNotification", notificationId=news[0]["id"])


def look_after(boss: Reader, doctor: Api, starts: list[str]) -> None:
    """Paste what an admin does about a paid consultation; the doctor gets it."""
    ours = next(d for d in boss.do("listDoctors") if d["mobile"] == doctor.mobile)
    choices = [{"startAt": start, "doctorId": ours["id"]} for start in starts]
    choice = next(c for c in choices if boss.send("editConsultation", **c).is_success)
    boss.do("editConsultation", **choice)
    for name in ("searchConsultations", "searchPayments", "searchUsers", "getSummary"):
        boss.do(name)
    for name in ("exportConsultations", "exportPayments", "exportSummary"):
        assert boss.do(name).content.startswith(b"\xef\xbb\xbf")
    boss.do("getAdminConsultation")
    boss.do("settlePayment")


def complete(doctor: Reader, database: Connection, consultation_id: str) -> None:
    """Paste what a doctor does when the call has begun."""
    doctor.do("listDoctorAppointments")
    statement = """
        update app.slots set start_at = start_at - interval '1 year',
            end_at = end_at - interval '1 year'
        where id = (select slot_id from app.appointments
                    where consultation_id = %(id)s and status = 'CONFIRMED')
    """
    assert changed(database, statement, id=consultation_id) == 1
    doctor.do("completeAppointment")


def test_every_example_works_when_it_is_pasted(
    system: System, boss: Reader, doctor: Api, database: Connection
) -> None:
    client = Reader(system.api_url)
    vet = Reader(system.api_url, doctor.access_token or "")
    come_in(client)
    describe(client)
    starts = free_starts(new_owner(system.api_url))
    first = pay(client, starts[0])
    boss.known |= client.known
    look_after(boss, doctor, starts[1:])
    run_the_clinic(boss, database)
    vet.known |= client.known
    complete(vet, database, first)
    client.do("createConsultation")
    client.do("submitDetails")
    pay(client, starts[2])
    boss.known |= client.known
    boss.do("refundPayment")
    erased = new_owner(system.api_url).call("GET", "/me").data["id"]
    boss.do("exportUser", userId=erased)
    boss.do("eraseUser", userId=erased)
    for name in ("getHealth", "getReadiness", "getDocument", "getDocs"):
        client.do(name)
    client.do("changePassword")
    client.token = client.do("createToken", password="sag-hapoo-88")["accessToken"]
    client.do("logout")
    assert client.done | boss.done | vet.done == set(client.operation_ids())
