"""What is hidden wherever in a text it stands."""

import pytest

from api_extensions.masking import mask_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("09121234567", "0912****567"),
        ("to +989121234567.", "to +98912****567."),
        ("Key (mobile)=(09121234567)", "Key (mobile)=(0912****567)"),
        ("id 0190912345678901", "id 0190912345678901"),
        ("/cb?n=ab&Authority=S1&Status=OK", "/cb?n=***&Authority=***&Status=OK"),
        ("eyJhbGciOi.eyJzdWIi.c2ln-_x", "***"),
        ("postgresql://sidecar:secret@db/vetline", "postgresql://***@db/vetline"),
        ("JWT_SECRET=abc, refresh_token: abc", "JWT_SECRET=***, refresh_token: ***"),
        ("Authorization: Bearer abc", "Authorization: Bearer ***"),
        ("paid A00000000000000000000000000000000001", "paid ***"),
        ("hash $argon2id$v=19$m=1,t=2,p=3$c2FsdA$aGFzaA", "hash ***"),
        ("token expired", "token expired"),
    ],
)
def test_mobiles_and_secrets_are_hidden_in_any_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked
