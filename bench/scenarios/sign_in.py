"""What Argon2 costs, how many may sign in at once, and whether others notice."""

import json
import secrets
from collections.abc import Callable

from api_extensions.accounts.hashing import hash_password
from bench.figures import Chart, Figure, Report
from bench.load import Load, Outcome, request, send, send_together
from bench.stage import Clinic, Stage

AT_ONCE, SECONDS, ROUNDS = (1, 4, 16, 64), 1.5, 2
HTTP_OK = 200
PASSWORD = f"gorbe-{secrets.token_hex(4)}7"
# The same hash for everybody: what is measured is to verify it.
_GIVEN = """
insert into app.credentials (user_id, password_hash)
select u.id, %s from app.users u where u.id = any (%s)
"""
_MOBILES = "select mobile from app.users where id = any (%s)"


def measure(stage: Stage) -> Report:
    """Sign in so many at once, and meanwhile let two others read their profile."""
    clinic = stage.system
    sign_in, profile = _sign_ins(clinic), _profile(clinic)
    alone = [send(profile()).expect(HTTP_OK) for _ in range(ROUNDS)]
    rates: list[tuple[float | str, float]] = []
    slow: list[tuple[float | str, float]] = []
    figures = [
        _figure("GET /me alone, 99 %", alone, lambda o: o.milliseconds(0.99), "ms")
    ]
    for clients in AT_ONCE:
        rounds = [
            send_together({"sign-in": sign_in(clients), "profile": profile()})
            for _ in range(ROUNDS)
        ]
        signed = [each["sign-in"].expect(HTTP_OK) for each in rounds]
        others = [each["profile"].expect(HTTP_OK) for each in rounds]
        name = f"{clients} at once"
        rate = _figure(f"sign-ins, {name}", signed, lambda o: o.rate, "/s")
        other = _figure(
            f"GET /me beside {name}, 99 %", others, lambda o: o.milliseconds(0.99), "ms"
        )
        figures += [rate, other]
        rates.append((clients, rate.median))
        slow.append((clients, other.median))
    lines = {"sign-ins a second": rates, "GET /me beside them, 99 %, ms": slow}
    return Report(
        figures, [Chart("sign_in", "signing in at once", "", lines, is_log=True)]
    )


def _figure(
    name: str, outcomes: list[Outcome], of: Callable[[Outcome], float], unit: str
) -> Figure:
    return Figure(name, tuple(of(outcome) for outcome in outcomes), unit)


def _sign_ins(clinic: Clinic) -> Callable[[int], Load]:
    """Return what makes the load of so many who sign in again and again.

    A person may sign in five times a minute: each request is another's.
    """
    people = [owner.user_id for owner in clinic.owners(6_000)]
    clinic.run(_GIVEN, hash_password(PASSWORD), people)
    mobiles = (str(mobile) for (mobile,) in clinic.run(_MOBILES, people))

    def load(clients: int) -> Load:
        messages = [
            request(
                "POST",
                "/api/v1/auth/token",
                body=json.dumps(
                    {"mobile": next(mobiles), "password": PASSWORD}
                ).encode(),
            )
            for _ in range(300)
        ]
        return Load(clinic.api_url, messages, clients, seconds=SECONDS)

    return load


def _profile(clinic: Clinic) -> Callable[[], Load]:
    owners = clinic.owners(20)
    messages = [request("GET", "/api/v1/me", owner.token) for owner in owners]
    return lambda: Load(clinic.api_url, messages, 2, seconds=SECONDS)
