"""Balances of the ledger's accounts as they were read, and how each is to be read. The keeper of both tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, or_, select

from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.schema import ledger_balance, ledger_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal


_KEPT_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Base:
    """A way to read an account's balance that fits so far: balance = base ± entries, of all years or of `year` alone.
    `is_guarded`: its balance moved with its entries at least once."""

    account: str
    reading: str
    base: Decimal
    year: int
    is_guarded: bool


def known_bases(connection: Connection, company: str) -> dict[str, list[Base]]:
    """Return the ways to read each account."""
    rows = connection.execute(
        select(
            ledger_base.c.account,
            ledger_base.c.reading,
            ledger_base.c.base,
            ledger_base.c.year,
            ledger_base.c.is_guarded,
        )
        .where(ledger_base.c.company == company)
        .order_by(ledger_base.c.account, ledger_base.c.reading)
    )
    found: dict[str, list[Base]] = {}
    for row in rows:
        found.setdefault(row.account, []).append(Base(*row))
    return found


def store_bases(connection: Connection, company: str, accounts: Iterable[str], bases: Iterable[Base]) -> None:
    """Put ways to read these accounts in the place of those that were known."""
    connection.execute(
        delete(ledger_base).where(ledger_base.c.company == company, ledger_base.c.account == any_of(accounts))
    )
    upsert(
        connection,
        ledger_base,
        (
            {
                "company": company,
                "account": each.account,
                "reading": each.reading,
                "base": each.base,
                "year": each.year,
                "is_guarded": each.is_guarded,
            }
            for each in bases
        ),
    )


def store_balances(
    connection: Connection, company: str, asked: date, balances: Mapping[str, Decimal], read_at: datetime
) -> None:
    """Put balances of a day in the place of what was read of it before; what is older than a few days goes."""
    is_old = or_(ledger_balance.c.asked_day == asked, ledger_balance.c.read_at < read_at - _KEPT_FOR)
    connection.execute(delete(ledger_balance).where(ledger_balance.c.company == company, is_old))
    upsert(
        connection,
        ledger_balance,
        (
            {"company": company, "asked_day": asked, "account": account, "balance": balance, "read_at": read_at}
            for account, balance in balances.items()
        ),
    )


def newest_balances(connection: Connection, company: str) -> tuple[date, dict[str, Decimal]] | None:
    """Return the latest day whose balances were read, and these."""
    asked = connection.scalar(select(func.max(ledger_balance.c.asked_day)).where(ledger_balance.c.company == company))
    if asked is None:
        return None
    rows = connection.execute(
        select(ledger_balance.c.account, ledger_balance.c.balance).where(
            ledger_balance.c.company == company, ledger_balance.c.asked_day == asked
        )
    )
    return asked, {row.account: row.balance for row in rows}
