"""Kavenegar's codes, and what they mean for a message.

Source: https://kavenegar.com/rest.html, tables 1 (results, which are the HTTP status as
well) and 2 (messages). Which of our kinds a code has is our reading. A code that is the
same for every message must not use up the queue: a wrong sender (412) or address
(404, 405) is configuration like a wrong key.
"""

from collections.abc import Mapping

from api_extensions.sms.provider import Delivery, FailureKind

OK = 200

_PERMANENT = FailureKind.PERMANENT
_TRANSIENT = FailureKind.TRANSIENT
_CONFIGURATION = FailureKind.CONFIGURATION

RESULTS: Mapping[int, tuple[FailureKind, str]] = {
    400: (_PERMANENT, "parameters are missing"),
    401: (_CONFIGURATION, "the account is not active"),
    402: (FailureKind.UNKNOWN, "the operation failed"),
    403: (_CONFIGURATION, "the API key is not valid"),
    404: (_CONFIGURATION, "there is no such method"),
    405: (_CONFIGURATION, "GET and POST are mixed up"),
    406: (_PERMANENT, "mandatory parameters are empty"),
    407: (_CONFIGURATION, "access denied"),
    409: (_TRANSIENT, "the server can't answer now"),
    411: (_PERMANENT, "the recipient is not valid"),
    412: (_CONFIGURATION, "the sender is not valid"),
    413: (_PERMANENT, "the message is empty or too long"),
    414: (_PERMANENT, "too many recipients"),
    415: (_PERMANENT, "the start index is too large"),
    416: (_CONFIGURATION, "our address is not allowed"),
    417: (_PERMANENT, "the date is not valid"),
    418: (_CONFIGURATION, "the credit does not suffice"),
    419: (_PERMANENT, "the arrays have different lengths"),
    420: (_PERMANENT, "links are not allowed in the text"),
    422: (_PERMANENT, "a character can't be processed"),
    424: (_CONFIGURATION, "the template is not there or not approved"),
    426: (_CONFIGURATION, "needs the advanced service"),
    427: (_CONFIGURATION, "the line needs a higher access level"),
    428: (_CONFIGURATION, "calls are not possible"),
    429: (_CONFIGURATION, "our address is restricted"),
    431: (_PERMANENT, "the code has a wrong structure"),
    432: (_PERMANENT, "the template lacks the code's parameter"),
    451: (_TRANSIENT, "too many calls"),
    501: (_CONFIGURATION, "only the account's owner can be written to"),
    607: (_PERMANENT, "the tag is not valid"),
}

# What is not here yet is on its way.
DELIVERIES: Mapping[int, Delivery] = {
    6: Delivery.FAILED,
    10: Delivery.DELIVERED,
    11: Delivery.UNDELIVERED,
    13: Delivery.CANCELED,
    14: Delivery.BLOCKED,
    100: Delivery.UNKNOWN,
}
