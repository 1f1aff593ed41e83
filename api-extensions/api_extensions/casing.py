"""snake_case to camelCase, the spelling of /api/v1."""

import re
from typing import Any

_BOUNDARY = re.compile(r"_([a-z0-9])")


def to_camel(name: str) -> str:
    """Spell one name for the contract: `payment_id` becomes `paymentId`."""
    return _BOUNDARY.sub(lambda match: match[1].upper(), name)


def camelize(value: Any) -> Any:
    """Spell the keys of every object in a JSON value for the contract."""
    if isinstance(value, dict):
        return {to_camel(key): camelize(item) for key, item in value.items()}
    if isinstance(value, list):
        return [camelize(item) for item in value]
    return value
