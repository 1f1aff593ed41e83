"""Zarinpal v4's result codes, sorted by what they say about the money.

The table follows zarinpal.com/docs/paymentGateway/errorList. The mock answers with the
same codes, so that both go through one reading.
"""

from collections.abc import Mapping

from api_extensions.payments.gateway import Outcome

SUCCESS, ALREADY_VERIFIED = 100, 101
TRANSIENT = {-12, -52}  # try again, or ask in another way

_PAID, _NOT_PAID = Outcome.PAID, Outcome.NOT_PAID
_UNKNOWN, _MISCONFIGURED = Outcome.UNKNOWN, Outcome.MISCONFIGURED

_TABLE: Mapping[int, Outcome] = {
    SUCCESS: _PAID,  # verified now
    ALREADY_VERIFIED: _PAID,  # the same payment, and just as paid
    -51: _NOT_PAID,  # the session was not paid, or its payer gave up: so far
    -12: _UNKNOWN,  # too many attempts; later there will be an answer
    -52: _UNKNOWN,  # "Oops!! please contact our support team"
    -9: _MISCONFIGURED,  # a field is missing or not valid
    -10: _MISCONFIGURED,  # no such terminal: merchant id or our address
    -11: _MISCONFIGURED,  # the terminal is not active
    -13: _MISCONFIGURED,  # its limit is reached
    -14: _MISCONFIGURED,  # the callback's domain is not the registered one
    -15: _MISCONFIGURED,  # its user is suspended
    -16: _MISCONFIGURED,  # its user's level is too low
    -17: _MISCONFIGURED,  # the same, the blue level
    -18: _MISCONFIGURED,  # the referrer's domain is not the registered one
    -19: _MISCONFIGURED,  # its transactions are banned
    -40: _MISCONFIGURED,  # an extra parameter is not valid
    -41: _MISCONFIGURED,  # more than 100,000,000 toman
    -50: _MISCONFIGURED,  # paid, or to be paid, was another amount: a person must look
    -53: _MISCONFIGURED,  # another merchant's session
    -54: _MISCONFIGURED,  # no such authority: asked in another environment than opened
    -55: _MISCONFIGURED,  # no such manual payment
}


def outcome_of(code: int | None) -> Outcome:
    """Tell what a code of request, verify or inquiry proves.

    Args:
        code: None when the answer carried none.

    Returns:
        UNKNOWN for everything that proves nothing, codes we have not heard of among it.
    """
    return _UNKNOWN if code is None else _TABLE.get(code, _UNKNOWN)
