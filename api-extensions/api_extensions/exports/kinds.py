"""What can be exported, by which filters, and the statements that do it."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql


@dataclass(frozen=True)
class Kind:
    """One export. Its filters are those of the list, read by the same SQL.

    Attributes:
        name: of the file, and in the audit log.
        reader: the SQL function that turns the filters that were given into one value.
        filter_type: the SQL type of that value.
        source: the SQL function whose rows, for that value, are the file.
        filters: the reader's argument and its SQL type, by the name in the contract.
    """

    name: str
    reader: str
    filter_type: str
    source: str
    filters: Mapping[str, tuple[str, str]]

    def type_of(self, name: str) -> str | None:
        """Return the SQL type of a filter; None when there is no such filter."""
        return self.filters[name][1] if name in self.filters else None


_PERIOD = {"from": ("from", "date"), "to": ("to", "date")}
_PERSON = {"mobile": ("mobile", "text"), "name": ("name", "text")}

CONSULTATIONS = Kind(
    "consultations",
    "app.read_consultation_filter",
    "app.consultation_filter",
    "app.exported_consultations",
    {
        "status": ("status", "app.consultation_status"),
        **_PERIOD,
        **_PERSON,
        "petType": ("pet_type", "app.pet_type"),
        "doctorId": ("doctor_id", "uuid"),
    },
)
PAYMENTS = Kind(
    "payments",
    "app.read_payment_filter",
    "app.payment_filter",
    "app.exported_payments",
    {"status": ("status", "app.payment_status"), **_PERIOD, **_PERSON},
)
SUMMARY = Kind(
    "summary",
    "app.read_summary_filter",
    "daterange",
    "app.exported_summary",
    _PERIOD,
)
KINDS = {kind.name: kind for kind in (CONSULTATIONS, PAYMENTS, SUMMARY)}

# Other statements of the sidecar are kept from reading whole tables; this one is to.
PREPARE = """
select set_config('enable_seqscan', 'on', true),
       set_config('enable_mergejoin', 'on', true),
       set_config('random_page_cost', '4', true),
       set_config('work_mem', '64MB', true)
"""


def check_statement(kind: Kind, name: str) -> sql.Composed:
    """Return the statement that fails when `%(value)s` is no value of the filter."""
    _, type_name = kind.filters[name]
    return sql.SQL("select %(value)s::{}").format(sql.SQL(type_name))


def read_statement(kind: Kind, names: list[str]) -> sql.Composed:
    """Return the statement that reads the filters of these names into one value."""
    arguments = [
        sql.SQL("{} => {}::{}").format(
            sql.Identifier(kind.filters[name][0]),
            sql.Placeholder(name),
            sql.SQL(kind.filters[name][1]),
        )
        for name in names
    ]
    return sql.SQL("select {}({})::text").format(
        sql.SQL(kind.reader), sql.SQL(", ").join(arguments)
    )


def copy_statement(kind: Kind, value: str) -> sql.Composed:
    """Return the COPY; the value stands in it, so that it is planned for that value.

    Args:
        kind: what to export.
        value: what `read_statement` gave.
    """
    return sql.SQL("copy ({}) to stdout (format csv, header)").format(
        rows_of(kind, value)
    )


def rows_of(kind: Kind, value: str) -> sql.Composed:
    """Return the query for the file's rows; see `copy_statement`."""
    return sql.SQL("select * from {}({}::{})").format(
        sql.SQL(kind.source), sql.Literal(value), sql.SQL(kind.filter_type)
    )
