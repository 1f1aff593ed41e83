"""app.is_sms_template: what a template may say is decided when it is saved."""

import pytest

from tests.db.helpers import configure, violates
from tests.support.database import Connection, rows, value

TEMPLATES = ["confirmed", "slot_lost", "moved", "canceled", "reminder"]
# What every template may hold, twenty of the longest, and one more letter than fits.
EVERYTHING = "{weekday} {date} {time} {consultationId}"
FULL = "{consultationId}" * 25
TOO_FULL = f"{FULL}ا"


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize(
    "text",
    ["", "  \n", "{name} {date}", "{Date} {date}", "{date", "date} {date}", "{{date}}"],
)
def test_what_could_not_be_filled_in_is_refused(
    db: Connection, name: str, text: str
) -> None:
    with violates(f"system_config_sms_{name}_check"), db.transaction():
        configure(db, **{f"sms_{name}_template": text})


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_would_be_too_long_when_filled_in_is_refused(
    db: Connection, name: str
) -> None:
    prefix = "{date}" if name == "confirmed" else ""
    with violates(f"system_config_sms_{name}_check"), db.transaction():
        configure(db, **{f"sms_{name}_template": prefix + TOO_FULL})


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_placeholder_is_known(db: Connection, name: str) -> None:
    configure(db, **{f"sms_{name}_template": EVERYTHING})


def test_nine_hundred_characters_fit(db: Connection) -> None:
    configure(db, sms_slot_lost_template=FULL)


def test_only_a_move_has_a_time_before(db: Connection) -> None:
    before = "{previousWeekday} {previousDate} {previousTime}"
    configure(db, sms_moved_template=before)
    with violates("system_config_sms_canceled_check"), db.transaction():
        configure(db, sms_canceled_template=before)


def test_a_confirmation_names_the_day(db: Connection) -> None:
    with violates("system_config_sms_confirmed_check"), db.transaction():
        configure(db, sms_confirmed_template="پرداخت شما ثبت شد.")


def test_the_longest_values_are_no_shorter_than_any_real_one(db: Connection) -> None:
    """Ten years of days, at the longest time of day, as they are filled in."""
    query = """
        select max(length(m.date)) as date, max(length(m."time")) as "time",
               max(length(m.weekday)) as weekday
        from generate_series('2026-01-01 23:59+03:30', now() + '9 years', '1 day')
            as t, app.moment_fields(t) m
    """
    assert rows(db, query) == [{"date": 10, "time": 5, "weekday": 8}]


def test_the_default_text_is_the_agreed_one(db: Connection) -> None:
    agreed = (
        "پرداخت شما برای مشاوره تخصصی ثبت شد. زمان: {date} ساعت {time}."
        " شناسه: {consultationId}. ممنونیم."
    )
    query = "select sms_confirmed_template from app.system_config"
    assert value(db, query) == agreed
