"""The SQL, the gateway and the configuration keep to what PostgREST 12 to 16 share.

Development runs 12, production 14 or newer. Each line below is a way in which they
differ; `catches` is what it would look like here.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.key_set import key_set
from stack.settings import ROOT

SQL = sorted((ROOT / "sql").rglob("*.sql"))
NJS = sorted((ROOT / "gateway" / "njs").glob("*.js"))
NGINX = sorted((ROOT / "gateway").rglob("*.conf"))
ASKING = SQL + NJS + NGINX
CONF = [ROOT / "db" / "postgrest.conf"]
# What a version older than 13 or newer than 12 does not know, or reads otherwise.
KEYS = {
    "db-schemas", "db-extra-search-path", "db-anon-role", "db-pre-request",
    "db-max-rows", "db-aggregates-enabled", "db-plan-enabled", "db-config",
    "db-channel-enabled", "db-pool", "db-pool-acquisition-timeout", "openapi-mode",
    "log-level",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Something that means another thing, or nothing, in another version."""

    why: str
    files: list[Path]
    pattern: str
    catches: str


DIFFERENCES = [
    Difference("removed in 13", ASKING, "single-object", "params=single-object"),
    Difference("ignored by 12", ASKING, "max-affected", "max-affected=1"),
    Difference("12 checks only a part", NJS, "handling=strict", "handling=strict"),
    Difference(
        "limited updates are gone since 13; the route table only reads and calls",
        NJS,
        r"request\([^)]*'(PATCH|PUT|DELETE)'",
        "request(route.one, ONE, 'PATCH', '')",
    ),
    Difference("unknown to 12", NJS, r"is\.not_null|not_null\.", "id=is.not_null"),
    Difference(
        "to-many spreads are unknown to 12", NJS, r"\.\.\.\w+\(", "...pets(name)"
    ),
    Difference(
        "aggregates are off, and new", NJS, r"\w\.(sum|avg|count)\(\)", "id.count()"
    ),
    Difference(
        "before 16 these are repeated without end",
        SQL,
        r"40001|40P01|serialization_failure|deadlock_detected",
        "raise sqlstate '40001'",
    ),
    Difference(
        "the message goes into the status line",
        SQL,
        r"sqlstate\s+'PT|errcode\s*=\s*'PT",
        "raise sqlstate 'PT409'",
    ),
    Difference(
        "serializable transactions are repeated before 16",
        SQL,
        r"serializable|repeatable read",
        "set default_transaction_isolation = 'serializable'",
    ),
    Difference(
        "the words of its errors change",
        NJS,
        r"JWT expired|Cannot coerce|multiple \(or no\) rows",
        "if (text === 'JWT expired')",
    ),
    Difference(
        "another syntax in 16", CONF, "jwt-role-claim-key", "jwt-role-claim-key"
    ),
]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.why)
def test_nothing_rests_on_a_difference(difference: Difference) -> None:
    pattern = re.compile(difference.pattern, re.IGNORECASE)
    assert pattern.search(difference.catches), "this would catch nothing"
    for path in difference.files:
        assert not pattern.search(code_of(path)), path


def code_of(path: Path) -> str:
    """Return a file without its comments, which may speak of what it does not do."""
    text = path.read_text("utf-8")
    if path.suffix == ".js":
        return re.sub(r"/\*.*?\*/|//.*", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^\s*(--|#).*|\s--\s.*", "", text, flags=re.MULTILINE)


def test_an_expired_token_is_one_thing_under_either_code() -> None:
    """301 until 12, 303 since 13: the status counts (test_envelope tries both)."""
    codes = set(re.findall(r"PGRST30\d", "".join(map(code_of, NJS))))
    assert ("PGRST301" in codes) == ("PGRST303" in codes)


def test_a_refusal_has_status_and_headers() -> None:
    """Without either of them every version answers 500."""
    text = (ROOT / "sql" / "app" / "errors" / "fail.sql").read_text("utf-8")
    assert re.search(
        r"jsonb_build_object\('status', v_status, 'headers',\s+jsonb_", text
    )
    others = [path for path in SQL if "sqlstate 'PGRST'" in code_of(path)]
    assert [path.name for path in others] == ["fail.sql"]


def test_the_configuration_has_only_keys_of_every_version() -> None:
    keys = re.findall(r"^([a-z-]+) =", CONF[0].read_text("utf-8"), re.MULTILINE)
    assert set(keys) <= KEYS


def test_no_key_has_a_name_that_tokens_would_have_to_carry() -> None:
    """Since 13 a token's `kid` must be known; without one every key is tried."""
    keys = json.loads(key_set({"JWT_ACCESS_SECRET": "x" * 32}))["keys"]
    assert [key.keys() & {"kid"} for key in keys] == [set()]
