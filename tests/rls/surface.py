"""Who sees and may do what, as data: one line for every view and function of `api`.

There are two of everybody but anonymous callers. Each owner has paid for a consultation
with their own doctor; every line is tried by both sides, on their own rows and on the
other side's. To enter a new object, add a line that names a thing of a side (see
`tests.rls.cast.Side`), and how far each role reaches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Reach(Enum):
    """How far a role gets with an object."""

    OWN = "their own side's rows, and nobody else's"
    ALL = "both sides' rows"
    NONE = "may ask, and finds nothing"
    CLOSED = "is not even let in (42501)"


OWN, ALL, NONE, CLOSED = Reach
ROLES = ("user", "doctor", "admin", "anon")


@dataclass(frozen=True)
class Entry:
    """What every line says.

    Attributes:
        name: of the object, in `api` unless it says where.
        thing: what of a side its rows, or its calls, are about; empty: of nobody.
    """

    name: str
    thing: str
    user: Reach = CLOSED
    doctor: Reach = CLOSED
    admin: Reach = CLOSED
    anon: Reach = CLOSED

    def reach(self, role: str) -> Reach:
        """Return how far a role gets."""
        reach: Reach = getattr(self, role)
        return reach

    @property
    def qualified(self) -> str:
        """The name with its schema."""
        return self.name if "." in self.name else f"api.{self.name}"


@dataclass(frozen=True)
class Relation(Entry):
    """A view or a table: nobody writes it, and who reads how much.

    Attributes:
        key: the column that holds the id of the thing.
    """

    key: str = "id"


@dataclass(frozen=True)
class Function(Entry):
    """A function, called with the id of a side's thing. NOT_FOUND is out of reach.

    Attributes:
        argument: the one that takes the id.
        arguments: the others, so that the call gets as far as to look for the thing.
    """

    argument: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


VIEWS = [
    Relation("me", "self", user=OWN, doctor=OWN, admin=OWN),
    Relation("doctors", "doctor", user=ALL, doctor=ALL, admin=ALL),
    Relation("pets", "pet", user=OWN, doctor=OWN, admin=ALL),
    Relation("consultations", "consultation", user=OWN, doctor=OWN, admin=ALL),
    Relation("appointments", "appointment", user=OWN, doctor=OWN, admin=ALL),
    Relation("media", "media", user=OWN, doctor=OWN, admin=ALL),
    Relation("payments", "payment", user=OWN, admin=ALL),
    Relation("notifications", "notification", user=OWN, doctor=NONE, admin=NONE),
    Relation("notifications", "news", user=NONE, doctor=NONE, admin=ALL),
    Relation("doctor_appointments", "appointment", doctor=OWN),
    Relation("admin_config", "", admin=ALL, key="version"),
    Relation("admin_consultations", "consultation", admin=ALL),
    Relation("admin_consultation_details", "consultation", admin=ALL),
    Relation("admin_payments", "payment", admin=ALL),
    Relation("admin_users", "owner", admin=ALL),
    Relation("admin_doctors", "doctor", admin=ALL),
    Relation("admin_absences", "absence", admin=ALL),
    Relation("admin_closures", "closure", admin=ALL),
    Relation("admin_notifications", "news", admin=ALL),
]

# The tables behind them, for whoever finds a way past the views. One that is not here
# is closed to everybody.
TABLES = [
    Relation("app.users", "self", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.users", "owner", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.doctors", "doctor", user=ALL, doctor=ALL, admin=ALL),
    Relation("app.pets", "pet", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.consultations", "consultation", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.appointments", "appointment", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.media", "media", user=OWN, doctor=OWN, admin=ALL),
    Relation("app.payments", "payment", user=OWN, doctor=NONE, admin=ALL),
    Relation("app.refunds", "refund", user=OWN, admin=ALL),
    Relation("app.notifications", "notification", user=OWN, doctor=NONE, admin=NONE),
    Relation("app.notifications", "news", user=NONE, doctor=NONE, admin=ALL),
    Relation("app.slots", "slot", admin=ALL),
    Relation("app.sms_messages", "sms", admin=ALL),
    Relation("app.audit_log", "consultation", admin=ALL, key="entity_id"),
    Relation("app.system_config", "", admin=ALL),
    Relation("app.doctor_absences", "absence", admin=ALL),
    Relation("app.closures", "closure", admin=ALL),
    Relation("app.jobs", "", admin=ALL),
    Relation("app.job_runs", "", admin=ALL),
    Relation("app.last_job_runs", "", admin=ALL),
    Relation("app.sms_outages", "", admin=ALL),
    Relation("app.unknown_authorities", "", admin=ALL),
]

_PET = {"type": "DOG", "name": "رکس"}
_TEXT = {"message_text": "سگم از دیروز غذا نمی‌خورد و بی‌حال است."}
_SPAN = {"start_at": "2027-01-02 17:00+03:30", "end_at": "2027-01-02 18:00+03:30"}

FUNCTIONS = [
    Function("create_pet", "", user=ALL, arguments=_PET),
    Function("replace_pet", "pet", user=OWN, argument="pet_id", arguments=_PET),
    Function("delete_pet", "pet", user=OWN, argument="pet_id"),
    Function("create_consultation", "pet", user=OWN, argument="pet_id"),
    Function(
        "submit_details",
        "consultation",
        user=OWN,
        argument="consultation_id",
        arguments=_TEXT,
    ),
    Function(
        "hold_slot",
        "consultation",
        user=OWN,
        argument="consultation_id",
        arguments={"start_at": _SPAN["start_at"]},
    ),
    Function("release_hold", "consultation", user=OWN, argument="consultation_id"),
    Function(
        "cancel_consultation", "consultation", user=OWN, argument="consultation_id"
    ),
    Function(
        "availability",
        "",
        user=ALL,
        doctor=ALL,
        admin=ALL,
        arguments={"from": "2027-01-02", "to": "2027-01-04"},
    ),
    Function(
        "read_notification",
        "notification",
        user=OWN,
        doctor=NONE,
        admin=NONE,
        argument="notification_id",
    ),
    Function(
        "read_notification",
        "news",
        user=NONE,
        doctor=NONE,
        admin=ALL,
        argument="notification_id",
    ),
    Function("preview_closure", "", admin=ALL, arguments=_SPAN),
    Function(
        "preview_absence",
        "doctor",
        admin=ALL,
        argument="doctor_id",
        arguments=_SPAN,
    ),
    Function("preview_deactivation", "doctor", admin=ALL, argument="doctor_id"),
    Function("search_doctor_appointments", "", doctor=ALL),
    Function(
        "complete_appointment",
        "appointment",
        doctor=OWN,
        argument="appointment_id",
    ),
    Function("search_consultations", "", admin=ALL),
    Function("search_payments", "", admin=ALL),
    Function("search_users", "", admin=ALL),
    Function(
        "summary",
        "",
        admin=ALL,
        arguments={"from": "2027-01-02", "to": "2027-01-04"},
    ),
    Function(
        "edit_consultation",
        "consultation",
        admin=ALL,
        argument="consultation_id",
        arguments={"status": "SCHEDULED"},
    ),
    Function("export_user", "owner", admin=ALL, argument="user_id"),
    Function("erase_user", "owner", admin=ALL, argument="user_id"),
    Function("preview_user_deactivation", "owner", admin=ALL, argument="user_id"),
    Function("update_user", "owner", admin=ALL, argument="user_id"),
    Function("update_doctor", "doctor", admin=ALL, argument="doctor_id"),
    Function("create_closure", "", admin=ALL, arguments=_SPAN | {"reason": "نوروز"}),
    Function("update_closure", "closure", admin=ALL, argument="closure_id"),
    Function("delete_closure", "closure", admin=ALL, argument="closure_id"),
    Function(
        "create_absence",
        "doctor",
        admin=ALL,
        argument="doctor_id",
        arguments=_SPAN,
    ),
    Function("update_absence", "absence", admin=ALL, argument="absence_id"),
    Function("delete_absence", "absence", admin=ALL, argument="absence_id"),
    Function("read_admin_notification", "news", admin=ALL, argument="notification_id"),
    Function("update_config", "", admin=ALL, arguments={"changes": "{}"}),
]
