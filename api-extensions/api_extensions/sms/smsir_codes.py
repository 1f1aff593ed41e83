"""SMS.ir's codes, and what they mean for a message.

Source: https://sms.ir/developer-web-service/rest-api/ (`status` of the envelope, and
`deliveryState` of a message). Which of our kinds a code has is our reading; what is the
same for every message is configuration, and must not use up the queue.
"""

from collections.abc import Mapping

from api_extensions.sms.provider import Delivery, FailureKind

OK = 1

_PERMANENT = FailureKind.PERMANENT
_TRANSIENT = FailureKind.TRANSIENT
_CONFIGURATION = FailureKind.CONFIGURATION

RESULTS: Mapping[int, tuple[FailureKind, str]] = {
    0: (FailureKind.UNKNOWN, "an error on their side"),
    10: (_CONFIGURATION, "the API key is not valid"),
    11: (_CONFIGURATION, "the API key is not active"),
    12: (_CONFIGURATION, "the API key does not allow our address"),
    13: (_CONFIGURATION, "the account is not active"),
    14: (_CONFIGURATION, "the account is suspended"),
    15: (_CONFIGURATION, "the account's plan does not suffice"),
    16: (_PERMANENT, "a parameter's value is not valid"),
    20: (_TRANSIENT, "too many requests"),
    101: (_CONFIGURATION, "the line is not valid"),
    102: (_CONFIGURATION, "the credit does not suffice"),
    103: (_PERMANENT, "the text is empty"),
    104: (_PERMANENT, "the mobile is not valid"),
    105: (_PERMANENT, "too many mobiles"),
    106: (_PERMANENT, "too many texts"),
    107: (_PERMANENT, "no mobiles"),
    108: (_PERMANENT, "no texts"),
    109: (_PERMANENT, "the time is not valid"),
    110: (_PERMANENT, "not as many texts as mobiles"),
    111: (_PERMANENT, "there is no such id"),
    112: (_PERMANENT, "there is nothing to delete"),
    113: (_CONFIGURATION, "there is no such template"),
    114: (_PERMANENT, "a parameter is too long"),
    115: (_PERMANENT, "the recipient blocks advertisements"),
    116: (_PERMANENT, "a parameter's name is missing"),
    117: (_PERMANENT, "the text is not approved"),
    118: (_PERMANENT, "too many messages"),
    119: (_CONFIGURATION, "the plan has no templates of one's own"),
    123: (_CONFIGURATION, "the line must be activated"),
    124: (_CONFIGURATION, "only one-time passwords can be sent now"),
}

# What is not here yet is on its way (3, 5), or nobody knows (8, none).
DELIVERIES: Mapping[int, Delivery] = {
    1: Delivery.DELIVERED,
    2: Delivery.UNDELIVERED,
    4: Delivery.FAILED,
    6: Delivery.FAILED,
    7: Delivery.BLOCKED,
}
