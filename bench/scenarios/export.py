"""A million rows as a file for a spreadsheet, against a bare COPY."""

import http.client
import time
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from api_extensions.exports import kinds
from bench.cpu import megabytes
from bench.figures import Figure, Report, at_least, at_most, ratio
from bench.rounds import in_turns
from bench.stage import GROWN, Clinic, Stage

ROUNDS = 2
HTTP_OK, _PIECE = 200, 1 << 18
_PATH = "/api/v1/admin/export/consultations.csv"
# What the file shows, as it lies in the tables: no dates in two calendars, no cells
# made safe for spreadsheets.
_BARE = """
copy (
    select c.id, c.status, c.created_at, u.name, u.mobile, p.name, p.type, p.breed,
        c.message_text, a.status, a.start_at, d.display_name, a.outcome,
        c.base_price_toman, m.status, m.ref_id, m.paid_at
    from app.consultations c
    join app.users u on u.id = c.user_id
    join app.pets p on p.id = c.pet_id
    left join app.appointments a on a.consultation_id = c.id and a.status <> 'CANCELED'
    left join app.doctors d on d.id = a.doctor_id
    left join app.payments m on m.consultation_id = c.id and m.status = 'VERIFIED'
    order by c.created_at desc, c.id desc
) to stdout (format csv)
"""


def measure(stage: Stage) -> Report:
    """Export by HTTP and copy by psycopg in turns; watch the sidecar's memory."""
    clinic = stage.grown
    token = clinic.admin()
    before = megabytes(clinic.run_dir, "sidecar")
    taken = in_turns(
        {
            "export": lambda: _export(clinic, token),
            "file": lambda: _copy(clinic, _whole_file(clinic)),
            "bare": lambda: _copy(clinic, sql.SQL(_BARE)),
        },
        ROUNDS,
        warm_ups=0,  # a million rows are warm enough
    )
    most = megabytes(clinic.run_dir, "sidecar", "VmHWM")
    exported = Figure("rows of the export", taken["export"], "/s")
    filed = Figure("rows of the export's own COPY", taken["file"], "/s")
    copied = Figure("rows of a bare COPY", taken["bare"], "/s")
    return Report(
        [
            exported,
            filed,
            copied,
            ratio("the export against its own COPY", exported, filed),
            ratio("the export against a bare COPY", exported, copied, at_least(40)),
            Figure("memory of the sidecar before", (before,), "MB"),
            Figure("memory of the sidecar, the most", (most,), "MB", at_most(100)),
        ]
    )


def _export(clinic: Clinic, token: str) -> float:
    address = urlsplit(clinic.api_url)
    connection = http.client.HTTPConnection(f"{address.hostname}:{address.port}")
    began = time.perf_counter()
    connection.request("GET", _PATH, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    lines = 0
    while piece := answer.read(_PIECE):
        lines += piece.count(b"\n")
    if answer.status != HTTP_OK or lines <= GROWN:  # one line is the head
        raise AssertionError(f"{answer.status}, {lines} lines")
    return lines / (time.perf_counter() - began)


def _whole_file(clinic: Clinic) -> sql.Composed:
    """Return the COPY that the sidecar sends for all consultations."""
    with psycopg.connect(clinic.superuser_url) as connection:
        query = kinds.read_statement(kinds.CONSULTATIONS, [])
        (value,) = connection.execute(query).fetchall()[0]
    return kinds.copy_statement(kinds.CONSULTATIONS, str(value))


def _copy(clinic: Clinic, statement: sql.SQL | sql.Composed) -> float:
    began, lines = time.perf_counter(), 0
    with (
        psycopg.connect(clinic.superuser_url) as connection,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for line in copy:
            lines += bytes(line).count(b"\n")
    return lines / (time.perf_counter() - began)
