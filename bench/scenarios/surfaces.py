"""The contract (/api/v1) against PostgREST as it is (/rest/v1), for the same work."""

from bench.figures import Figure, Report, at_least, ratio
from bench.holds import holds_of
from bench.load import Load, request, send
from bench.rounds import in_turns
from bench.scenarios.holds import Spending
from bench.stage import Stage

EACH, SECONDS = 500, 1.0
HTTP_OK, _JSON = 200, "application/json"
# What the gateway asks PostgREST for.
_HOLD = (
    "appointmentId:id,startAt:start_at,endAt:end_at,"
    "holdExpiresAt:hold_expires_at,status"
)
_SAME_HOLD = (
    b"hold_slot HTTP/1.1",
    b"hold_slot?select=%s HTTP/1.1\r\nAccept: application/vnd.pgrst.object+json"
    % _HOLD.encode(),
)
_PET = "id,type,name,breed,gender,neutered,birthDate:birth_date,createdAt:created_at"
_CONSULTATION = (
    "id,pet_id,type,status,base_price_toman,currency,message_text,voice_media_id,"
    "created_at,updated_at,expires_at,appointment,"
    f"pet:pets({_PET}),media,payment"
)


def measure(stage: Stage) -> Report:
    """Read one consultation, read a short list, and hold a slot: each both ways."""
    clinic = stage.system
    owners, holds = clinic.owners(200), holds_of(clinic)
    spending = Spending(clinic)

    def read(name: str, path: str, accept: str = _JSON) -> float:
        messages = [
            request("GET", path.format(o.consultation_id), o.token, Accept=accept)
            for o in owners
        ]
        load = Load(clinic.api_url, messages, seconds=SECONDS)
        return spending.watched(name, lambda: send(load))

    def hold(*, in_contract: bool) -> float:
        messages = holds.take(EACH, in_contract=in_contract)
        if not in_contract:
            messages = [message.replace(*_SAME_HOLD) for message in messages]
        load = Load(clinic.api_url, messages)
        return send(load).expect(HTTP_OK).rate

    one = f"/rest/v1/consultations?select={_CONSULTATION}&id=eq.{{}}"
    pets = f"/rest/v1/pets?select={_PET}&order=created_at.desc,id.desc&limit=21"
    single = "application/vnd.pgrst.object+json"
    taken = in_turns(
        {
            "one/api": lambda: read("one/api", "/api/v1/consultations/{}"),
            "one/rest": lambda: read("one/rest", one, single),
            "list/api": lambda: read("list/api", "/api/v1/pets"),
            "list/rest": lambda: read("list/rest", pets),
            "hold/api": lambda: hold(in_contract=True),
            "hold/rest": lambda: hold(in_contract=False),
        }
    )
    return Report(
        [
            figure
            for kind, name in _NAMES.items()
            for figure in _pair(name, taken[f"{kind}/api"], taken[f"{kind}/rest"])
        ]
        + _cost_of_njs(spending)
    )


_NAMES = {"one": "one consultation", "list": "the list of pets", "hold": "hold_slot"}


def _cost_of_njs(spending: Spending) -> list[Figure]:
    """What nginx spends on the same list with njs and without."""
    return [
        Figure(
            f"processor time of nginx for the list of pets, {surface}",
            (spending.milliseconds[kind]["nginx"],),
            "ms",
        )
        for kind, surface in (("list/api", "/api/v1"), ("list/rest", "/rest/v1"))
    ]


def _pair(
    name: str, contract: tuple[float, ...], rest: tuple[float, ...]
) -> list[Figure]:
    api = Figure(f"{name}, /api/v1", contract, "/s")
    bare = Figure(f"{name}, /rest/v1", rest, "/s")
    return [api, bare, ratio(f"{name}, /api/v1 of /rest/v1", api, bare, at_least(80))]
