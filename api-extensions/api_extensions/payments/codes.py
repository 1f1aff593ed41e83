"""Zarinpal v4's result codes, sorted by what they say about the money.

The mock answers with the same codes, so that both go through one reading.
"""

from api_extensions.payments.gateway import Outcome

# 100: verified now. 101: verified before; the same payment, and just as paid.
_PAID = {100, 101}
# No active paid try; no such authority; no such manual payment.
_NOT_PAID = {-51, -54, -55}
# Merchant, terminal, callback domain, limits; amounts differ; another merchant's.
_MISCONFIGURED = {-9, -10, -11, -13, -14, -15, -16, -17, -18, -19, -50, -53}


def outcome_of_verify(code: int | None) -> Outcome:
    """Tell what a code of verify proves.

    Args:
        code: None when the answer carried none.

    Returns:
        UNKNOWN for everything that proves nothing, -12 and -52 among it.
    """
    if code in _PAID:
        return Outcome.PAID
    if code in _NOT_PAID:
        return Outcome.NOT_PAID
    return Outcome.MISCONFIGURED if code in _MISCONFIGURED else Outcome.UNKNOWN
