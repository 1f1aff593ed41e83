"""Reading Zarinpal's answers, which are not always what its documents show.

`errors` is `[]` on success; on failure an object, a list of one, or an object without
a code (`{"authority": ["Invalid authority.", "-54"]}`). `data` is an object, `[]` or
`{}`. Codes come as numbers and as strings; and behind a broken proxy comes HTML.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CODE = re.compile(r"-?[0-9]{1,6}")
# Kept nowhere: ours to guard, and a card number's hash is soon guessed.
_DROPPED = {"merchant_id", "card_hash"}


@dataclass(frozen=True)
class Reply:
    """An answer of Zarinpal.

    Attributes:
        code: None when nothing is certain: no answer, no JSON, a contradiction.
        data: the object `data`; empty when it is none.
        raw: the whole body to keep, without what must not be kept.
    """

    code: int | None
    data: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def validations(self) -> Any:
        """What a validation error complains of, if it is one."""
        errors = self.raw.get("errors")
        return errors.get("validations") if isinstance(errors, dict) else None


def read_reply(text: str, *, secret: str) -> Reply:
    """Read a body, whatever the HTTP status was.

    Args:
        text: the body.
        secret: the merchant id, which validation errors echo.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return Reply(None, {}, {})
    if not isinstance(body, dict):
        return Reply(None, {}, {})
    clean: dict[str, Any] = _storable(body, secret)
    data = clean.get("data")
    return Reply(_code_of(clean), data if isinstance(data, dict) else {}, clean)


def masked_card(value: object) -> str | None:
    """Give a card number of which at most ten digits can be seen."""
    if not isinstance(value, str) or not value:
        return None
    digits = re.sub(r"[^0-9]", "", value)
    is_masked = len(digits) <= len("123456") + len("1234")
    return value if is_masked else f"{digits[:6]}******{digits[-4:]}"


def _code_of(body: Mapping[str, Any]) -> int | None:
    data, errors = body.get("data"), body.get("errors")
    accepted = _as_code(data.get("code")) if isinstance(data, dict) else None
    if not errors:
        return accepted
    return None if accepted is not None else _code_in(errors)


def _code_in(errors: object) -> int | None:
    if isinstance(errors, list):
        return _code_in(errors[0]) if len(errors) == 1 else None
    if not isinstance(errors, dict):
        return None
    if "code" in errors:
        return _as_code(errors["code"])
    texts = [
        text for value in errors.values() if isinstance(value, list) for text in value
    ]
    codes = {code for text in texts if (code := _as_code(text)) is not None}
    return codes.pop() if len(codes) == 1 else None


def _as_code(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return int(value) if _CODE.fullmatch(str(value)) else None


def _storable(value: Any, secret: str) -> Any:
    """Take from JSON what PostgreSQL refuses in it, and what must not be kept."""
    if isinstance(value, dict):
        return {
            _storable(key, secret): masked_card(item)
            if key == "card_pan"
            else _storable(item, secret)
            for key, item in value.items()
            if key not in _DROPPED
        }
    if isinstance(value, list):
        return [_storable(item, secret) for item in value]
    if isinstance(value, str):
        text = value.replace("\0", "").encode(errors="replace").decode()
        return re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return None if isinstance(value, float) and not math.isfinite(value) else value
