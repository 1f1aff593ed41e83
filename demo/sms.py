"""The SMS of the journey, read where an operator would: in the database."""

import time

import psycopg

from demo.checks import CheckError, check

_SENT = """
select m.body
from app.sms_messages m
where m.recipient = %(mobile)s
  and m.event = 'APPOINTMENT_CONFIRMED'
  and m.status = 'SENT'
"""
# The workers hear of a message at once; this allows for a busy machine.
_PATIENCE_SECONDS = 15


def wait_for_sms(database_url: str, mobile: str, consultation_id: str) -> str:
    """Return the text that was sent to `mobile`, once it was sent.

    Raises:
        CheckError: it was not sent in time, or is not about the consultation.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(_SENT, {"mobile": mobile}).fetchone()
            if row:
                body = str(row[0])
                check("the SMS names the consultation", consultation_id in body)
                return body
            time.sleep(0.1)
    raise CheckError(f"No SMS to {mobile} was sent in {_PATIENCE_SECONDS} s")
