"""app.to_jalali, app.persian_digits and app.new_id."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import RFC_4122

import jdatetime
import pytest

from tests.support.database import Connection, rows, value


def every_jalali_day(first_year: int, last_year: int) -> Iterator[str]:
    """Count through the calendar, by jdatetime's leap years and lengths of months."""
    for year in range(first_year, last_year + 1):
        lengths = [*jdatetime.j_days_in_month]
        lengths[11] = 30 if jdatetime.date(year, 1, 1).isleap() else 29
        for month, length in enumerate(lengths, 1):
            for day in range(1, length + 1):
                yield f"{year}-{month:02}-{day:02}"


@pytest.mark.once
def test_every_day_from_1300_to_1500_agrees_with_jdatetime(db: Connection) -> None:
    first = jdatetime.date(1300, 1, 1).togregorian()
    last = jdatetime.date(1501, 1, 1).togregorian() - timedelta(days=1)
    query = """
        select app.to_jalali(day::date) as jalali
        from generate_series(%(first)s::date, %(last)s::date, interval '1 day') as day
        order by day
    """
    days = [row["jalali"] for row in rows(db, query, first=first, last=last)]
    assert len(days) == 73414
    assert days == list(every_jalali_day(1300, 1500))


def test_new_years_and_leap_days_fall_where_they_did(db: Connection) -> None:
    known = {
        date(1979, 2, 11): "1357-11-22",
        date(2021, 3, 20): "1399-12-30",
        date(2021, 3, 21): "1400-01-01",
        date(2024, 3, 20): "1403-01-01",
        date(2025, 3, 20): "1403-12-30",
        date(2025, 3, 21): "1404-01-01",
        date(2026, 9, 22): "1405-06-31",
        date(2026, 9, 23): "1405-07-01",
    }
    for day, jalali in known.items():
        assert value(db, "select app.to_jalali(%(day)s)", day=day) == jalali


def test_digits_are_written_in_persian_and_read_in_three_scripts(
    db: Connection,
) -> None:
    assert value(db, "select app.persian_digits('1405/07/01')") == "۱۴۰۵/۰۷/۰۱"
    assert value(db, "select app.latin_digits('۰۱۲۳٤٥٦٧٨٩ 42 ۹')") == "0123456789 42 9"


def test_new_ids_are_of_version_7_and_carry_their_moment(db: Connection) -> None:
    query = """
        select app.new_id() as id, extract(epoch from clock_timestamp()) * 1000 as now
        from generate_series(1, 100)
    """
    made = rows(db, query)
    assert len({row["id"] for row in made}) == 100
    for row in made:
        assert (row["id"].version, row["id"].variant) == (7, RFC_4122)
        assert abs((row["id"].int >> 80) - int(row["now"])) <= 50
