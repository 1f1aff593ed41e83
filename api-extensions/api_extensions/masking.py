"""What no log line may tell, wherever in a text it stands.

Only the standard library: every part's log is read with it (stack/json_log).
"""

import re

_MOBILE = re.compile(r"(?<![0-9])((?:\+98|0098|0)9[0-9]{2})[0-9]{4}([0-9]{3})(?![0-9])")
_URL_SECRET = re.compile(r"([?&](?:n|authority)=)[^&\s\"']+", re.I)
# Kavenegar's API key stands in the path of every URL.
_PATH_SECRET = re.compile(r"(/v1/)[^/\s\"']+(?=/(?:sms|verify|account|utils)/)")
_NAMED_SECRET = re.compile(
    r"\b((?:\w*password|\w*secret|\w*token|nonce|api_?key|authorization)"
    r"[\"']?\s*[=:]\s*(?:bearer\s+)?[\"']?)[^\s\"'&,;]+",
    re.I,
)
_WHOLE = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+"  # a token
    r"|\b[AS][0-9A-Za-z]{35}\b"  # a payment's authority
    r"|\$argon2\w*\$[^\s\"']+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # who logs in at a URL
)


def mask_text(text: str) -> str:
    """Hide the middle of mobiles, and tokens, nonces and passwords wholly."""
    text = _MOBILE.sub(r"\1****\2", text)
    text = _URL_SECRET.sub(r"\1***", text)
    text = _PATH_SECRET.sub(r"\1***", text)
    text = _NAMED_SECRET.sub(r"\1***", text)
    return _WHOLE.sub("***", text)
