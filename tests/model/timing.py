"""Moving time by moving the data."""

from collections import defaultdict
from datetime import datetime, timedelta

from tests.db.helpers import TEHRAN
from tests.support.database import Connection, rows

# Deadlines move with every minute. Slots, and what is about them, lie days ahead: they
# move only by whole weeks, so that they stay on the grid.
DEADLINED = (
    "consultations",
    "appointments",
    "payments",
    "refunds",
    "mock_bank_sessions",
)
ON_CALENDAR = ("slots", "appointments", "closures", "doctor_absences")
MOMENTS = """
    select table_name, column_name from information_schema.columns
    where table_schema = 'app' and data_type = 'timestamp with time zone'
      and column_name not in ('start_at', 'end_at')
    order by table_name, column_name
"""
FORGET = """
    truncate app.consultations, app.slots, app.closures, app.doctor_absences,
        app.notifications, app.sms_messages, app.audit_log cascade;
    update app.doctors set is_active = true where not is_active;
    update app.users set is_active = true where not is_active;
    delete from app.system_config;
    insert into app.system_config default values
"""
AGES = timedelta(weeks=2000)


class TimeMachine:
    """Moves everything that was booked into the past, and forgets it."""

    def __init__(self, conn: Connection) -> None:
        """Learn which columns hold moments.

        Args:
            conn: a superuser's, in autocommit mode. Its statements fire no triggers:
                nothing is logged or touched, and a TRUNCATE of the audit log passes.
        """
        self.conn = conn
        self.day_zero = self.today = _midnight()
        conn.execute("set session_replication_role = replica")
        columns = defaultdict(list)
        for row in rows(conn, MOMENTS):
            columns[row["table_name"]].append(row["column_name"])
        self._deadlines = [_shift(table, columns[table]) for table in DEADLINED]
        self._calendar = [
            _shift(table, ["start_at", "end_at"]) for table in ON_CALENDAR
        ]

    def forget(self) -> None:
        """Empty the clinic's books; it is day zero again."""
        self.conn.execute(FORGET)
        self.day_zero = self.today = _midnight()

    def moment(self, minute: int) -> datetime:
        """Return the moment so many minutes after midnight of day zero."""
        return self.day_zero + timedelta(minutes=minute)

    def minute(self, moment: datetime) -> int:
        """Return how many minutes after midnight of day zero a moment is."""
        return int((moment - self.day_zero).total_seconds()) // 60

    def pass_minutes(self, minutes: int) -> None:
        """Let deadlines come nearer."""
        self._run(self._deadlines, timedelta(minutes=minutes))

    def pass_week(self) -> None:
        """Let a week go by."""
        week = timedelta(weeks=1)
        self._run(self._deadlines, week)
        # In two leaps: a slot must not meet, halfway, the one of a week before.
        self._run(self._calendar, AGES)
        self._run(self._calendar, week - AGES)
        self.day_zero -= week

    def _run(self, statements: list[str], by: timedelta) -> None:
        with self.conn.transaction():
            for statement in statements:
                self.conn.execute(statement.encode(), {"by": by})


def _shift(table: str, columns: list[str]) -> str:
    """Write the statement that moves these columns into the past."""
    assignments = ", ".join(f"{column} = {column} - %(by)s" for column in columns)
    return f"update app.{table} set {assignments}"


def _midnight() -> datetime:
    """Return when the clinic's day began."""
    now = datetime.now(TEHRAN)
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
