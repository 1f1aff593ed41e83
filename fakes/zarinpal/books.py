"""The bank's books: IN_BANK → PAID → VERIFIED, FAILED, REVERSED."""

import secrets
import sqlite3
import string
import time
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
create table if not exists sessions (
    authority text primary key,
    merchant_id text not null,
    amount integer not null,
    currency text not null,
    callback_url text not null,
    mobile text,
    order_id text,
    status text not null default 'IN_BANK',
    ref_id integer not null,
    paid_at real
)
"""
_COLUMNS = (
    "authority, merchant_id, amount, currency, callback_url, mobile, order_id,"
    " status, ref_id, paid_at"
)
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Session:
    """A payment at the bank.

    Attributes:
        amount: in `currency`, IRR or IRT, as it was asked for.
        paid_at: Unix time; None until money moved.
    """

    authority: str
    merchant_id: str
    amount: int
    currency: str
    callback_url: str
    mobile: str | None
    order_id: str | None
    status: str
    ref_id: int
    paid_at: float | None

    @property
    def rials(self) -> int:
        """The amount in rials, ten to a toman."""
        return self.amount * (10 if self.currency == "IRT" else 1)


class Books:
    """All sessions, in memory or in a file."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma synchronous = off")  # no money of anybody
        self._db.execute(_SCHEMA)

    def open(
        self,
        *,
        merchant_id: str,
        amount: int,
        currency: str,
        callback_url: str,
        mobile: str | None = None,
        order_id: str | None = None,
    ) -> Session:
        """Open a session, whose payer is expected on the page."""
        # 36 characters; S as in Zarinpal's sandbox.
        authority = "S" + "".join(secrets.choice(_LETTERS) for _ in range(35))
        ref_id = 10**10 + secrets.randbelow(9 * 10**10)
        self._db.execute(
            "insert into sessions (authority, merchant_id, amount, currency,"
            " callback_url, mobile, order_id, ref_id) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(authority, merchant_id, amount, currency),
                *(callback_url, mobile, order_id, ref_id),
            ),
        )
        return self.get(authority)

    def find(self, authority: object) -> Session | None:
        """Look a session up."""
        rows = self._select("where authority = ?", str(authority))
        return rows[0] if rows else None

    def get(self, authority: str) -> Session:
        """Look up a session that there is.

        Raises:
            KeyError: there is none.
        """
        session = self.find(authority)
        if session is None:
            raise KeyError(authority)
        return session

    def unverified(self, merchant_id: str) -> list[Session]:
        """List the latest hundred that were paid and not verified."""
        return self._select(
            "where status = 'PAID' and merchant_id = ? order by paid_at desc limit 100",
            merchant_id,
        )

    def all(self) -> list[Session]:
        """List everything."""
        return self._select("order by rowid")

    def pay(self, authority: str, *, is_paid: bool) -> Session:
        """Let the payer pay or fail, once; later presses change nothing."""
        self._db.execute(
            "update sessions set status = ?, paid_at = ?"
            " where authority = ? and status = 'IN_BANK'",
            (
                "PAID" if is_paid else "FAILED",
                time.time() if is_paid else None,
                authority,
            ),
        )
        return self.get(authority)

    def set_status(self, authority: str, status: str) -> None:
        """Note a verification or a reversal."""
        self._db.execute(
            "update sessions set status = ? where authority = ?", (status, authority)
        )

    def age(self, authority: str, seconds: float) -> None:
        """Move the moment of payment into the past."""
        self._db.execute(
            "update sessions set paid_at = paid_at - ? where authority = ?",
            (seconds, authority),
        )

    def _select(self, tail: str, *values: str) -> list[Session]:
        query = f"select {_COLUMNS} from sessions {tail}"  # noqa: S608  # constants
        return [Session(*row) for row in self._db.execute(query, values)]
