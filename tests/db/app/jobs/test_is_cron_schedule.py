"""What app.is_cron_schedule accepts, the runner's library understands."""

from datetime import UTC, datetime

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.db.helpers import violates
from tests.support.database import Connection, changed, value

# Smallest and largest number of each field.
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def is_valid(db: Connection, schedule: str) -> bool:
    """Ask the database."""
    query = "select app.is_cron_schedule(%(schedule)s)"
    return bool(value(db, query, schedule=schedule))


def items(low: int, high: int) -> st.SearchStrategy[str]:
    """Make the items of a field, a little out of range now and then."""
    numbers = st.integers(max(low - 1, 0), high + 1)
    spans = st.tuples(numbers, numbers).map(lambda span: f"{span[0]}-{span[1]}")
    stepped = st.tuples(spans | st.just("*"), st.integers(0, 99)).map(
        lambda parts: f"{parts[0]}/{parts[1]}"
    )
    return numbers.map(str) | spans | stepped | st.just("*")


fields = [
    st.lists(items(*ends), min_size=1, max_size=3).map(",".join) for ends in _RANGES
]
# January has every day: days that no month has are another matter.
fields[3] = fields[3].map("1,{}".format)
schedules = st.tuples(*fields).map(" ".join)


@pytest.mark.once
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(schedule=schedules)
def test_the_library_and_the_database_agree(db: Connection, schedule: str) -> None:
    try:
        CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        assert not is_valid(db, schedule)
    else:
        assert is_valid(db, schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        *("", "every day", "@daily", "* * * *", "* * * * * *", "*  * * * *"),
        *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"),
        *("5-1 * * * *", "*/0 * * * *", "1/5 * * * *", "1, * * * *", "* * * * mon"),
        *("* * L * *", "* * * * 1#2", "-1 * * * *", "001 * * * *", "* * * * *\n"),
    ],
)
def test_the_table_refuses_a_schedule_that_makes_no_sense(
    db: Connection, schedule: str
) -> None:
    assert not is_valid(db, schedule)
    with violates("jobs_schedule_check"):
        changed(db, "update app.jobs set schedule = %(schedule)s", schedule=schedule)
