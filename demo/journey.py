"""The steps of an owner, from the first visit to the scheduled call."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from postgrest import SyncPostgrestClient

from demo import files
from demo.checks import check, equal
from demo.client import Client

_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_MESSAGE = (
    "سلام. گربه‌ام پشمک از دیروز غذا نمی‌خورد و بی‌حال است. چند بار هم بالا آورده."
    " لطفاً راهنمایی کنید."
)

Step = tuple[str, Any]


@dataclass
class Journey:
    """One owner's way through the system; each step gives its title and its answer."""

    client: Client
    mobile: str = field(default_factory=lambda: f"0912{secrets.randbelow(10**7):07}")
    password: str = field(default_factory=lambda: f"pishi-{secrets.token_hex(4)}1")
    consultation_id: str = ""

    def play(self) -> Iterator[Step]:
        """Play all steps in order.

        Raises:
            UnexpectedAnswerError: a call failed.
            CheckError: an answer is not what the contract promises.
        """
        yield self._register()
        yield from self._describe()
        yield from self._hold()
        yield from self._pay()
        yield self._look()
        yield self._look_through_postgrest()
        yield self._read_notifications()

    def _register(self) -> Step:
        typed = f"+98 {self.mobile[1:4]} {self.mobile[4:]}".translate(_PERSIAN_DIGITS)
        user = self.client.call(
            "POST",
            "/auth/register",
            {"name": "سارا محمدی", "mobile": typed, "password": self.password},
        )["user"]
        equal("the canonical mobile", user["mobile"], self.mobile)
        return f"An owner registers, typing {typed}", user

    def _describe(self) -> Iterator[Step]:
        pet = self.client.call(
            "POST",
            "/pets",
            {"type": "CAT", "name": "پشمک", "breed": "پرشین", "gender": "FEMALE"},
        )
        yield "She adds her cat", pet
        consultation = self.client.call(
            "POST", "/consultations", {"petId": pet["id"], "type": "SPECIALIST"}
        )
        equal("a new consultation", consultation["status"], "DRAFT")
        self.consultation_id = consultation["id"]
        yield "She begins a consultation", consultation
        consultation = self.client.call(
            "PATCH", f"{self._path}/details", {"messageText": _MESSAGE}
        )
        equal("a described one", consultation["status"], "DETAILS_SUBMITTED")
        yield "She describes the problem", consultation["messageText"]
        yield from self._send_files()

    def _send_files(self) -> Iterator[Step]:
        document = {"uploadKey": self._upload("DOCUMENT", files.PDF)}
        media = self.client.call(
            "POST", f"{self._path}/attachments", document | {"purpose": "MEDICAL_DOC"}
        )
        equal("what the document is", media["mimeType"], "application/pdf")
        yield "She adds a document", media
        voice = {
            "messageText": _MESSAGE,
            "voiceUploadKey": self._upload("AUDIO", files.WAV),
        }
        consultation = self.client.call("PATCH", f"{self._path}/details", voice)
        check("the voice note is hers", bool(consultation["voiceMediaId"]))
        yield "She records a voice note", consultation["media"]

    def _upload(self, category: str, sent: files.File) -> str:
        """Upload a file straight to the store, and return its key."""
        size = str(len(sent.data))
        ticket = self.client.call(
            "GET", "/uploads/presign", category=category, ext=sent.ext, size=size
        )
        self.client.upload(ticket["url"], ticket["headers"], sent.data)
        return str(ticket["uploadKey"])

    def _hold(self) -> Iterator[Step]:
        first = datetime.now(ZoneInfo("Asia/Tehran")).date()
        last = first + timedelta(days=30)
        calendar = self.client.call(
            "GET", "/availability", **{"from": f"{first}", "to": f"{last}"}
        )
        free = [(day, slot) for day in calendar["days"] for slot in _free(day)]
        check("a slot is free within a month", bool(free))
        day, slot = free[0]
        title = f"She looks for a time: {day['weekday']} {day['jalaliDate']} has room"
        yield title, slot
        start_at = slot["startAt"]
        hold = self.client.call(
            "POST", f"{self._path}/hold-slot", {"startAt": start_at}
        )
        equal("the held slot", hold["startAt"], start_at)
        equal("the hold", hold["status"], "HELD")
        yield "She holds the slot", hold

    def _pay(self) -> Iterator[Step]:
        payment = self.client.call(
            "POST", "/payments/initiate", {"consultationId": self.consultation_id}
        )
        equal("rials", payment["amountRials"], payment["amountToman"] * 10)
        yield "She goes to pay", payment
        page = self.client.open_page(payment["redirectUrl"])
        check("the page of the mock bank has its button", 'name="outcome"' in page)
        callback = self.client.submit_form(payment["redirectUrl"], outcome="paid")
        result = self.client.follow(callback)
        equal("the payment", result["status"], "VERIFIED")
        equal("its consultation", result["consultationId"], self.consultation_id)
        yield "She pays at the (mock) bank, which sends her back", result

    def _look(self) -> Step:
        consultation = self.client.call("GET", self._path)
        equal("the consultation", consultation["status"], "SCHEDULED")
        appointment = consultation["appointment"]
        equal("the appointment", appointment["status"], "CONFIRMED")
        check("a doctor is assigned", bool(appointment["doctor"]))
        return "Her consultation is scheduled", consultation

    def _look_through_postgrest(self) -> Step:
        columns = "id,status,pets(name),appointments(status,doctors(display_name))"
        with SyncPostgrestClient(
            f"{self.client.api_url}/rest/v1",
            headers={"Authorization": f"Bearer {self.client.access_token}"},
        ) as rest:
            query = rest.from_("consultations").select(columns)
            rows = query.eq("id", self.consultation_id).execute().data
        equal("rows in /rest/v1", len(rows), 1)
        return "The same through /rest/v1, with the PostgREST client", rows[0]

    def _read_notifications(self) -> Step:
        notifications = self.client.call("GET", "/notifications")
        equal(
            "what she was told",
            {notification["type"] for notification in notifications},
            {"PAYMENT_SUCCESS", "APPOINTMENT_CONFIRMED"},
        )
        return "Her notifications", notifications

    @property
    def _path(self) -> str:
        return f"/consultations/{self.consultation_id}"


def _free(day: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        slot
        for slot in day["slots"]
        if not slot["isFull"] and slot["unavailableReason"] is None
    ]
