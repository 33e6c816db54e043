"""A difference of the ledger whose document nobody knows: balances of days between, one an hour, until a day is left;
then the entries of that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.audit.asking import ALARMED, NoRequestsLeft
from scoro_smartaccounts.audit.balancing import (
    LEDGER,
    LEDGER_DIFFERS,
    SEARCHED_AGAIN,
    close_difference,
    settle_entries,
)
from scoro_smartaccounts.audit.checksum import compare, read_balances
from scoro_smartaccounts.audit.counting import compare_days
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.staging.audit_balances import known_bases, newest_balances
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.audit_ledger import sums_of_accounts
from scoro_smartaccounts.staging.audit_nights import (
    Hunt,
    end_hunt,
    known_mark,
    open_hunts,
    store_hunt,
    store_mark,
)
from scoro_smartaccounts.staging.drifts import open_drifts, tell_otherwise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.audit.reader import Reader

# Balances that one night asks for, an hour apart.
MOST_LOOKS = 5
_DAY = timedelta(days=1)


def hunt(reader: Reader, looks: int, keep: Callable[[int], None]) -> int:
    """Go on looking; `looks`: how often tonight did already, which `keep` hears of. How often it did by now.

    Raises PutOff where balances may be asked for again in an hour.
    """
    if _wanted(reader) is None:
        return looks
    reader.asking.allow(ALARMED)
    try:
        return _hunt(reader, looks, keep)
    except NoRequestsLeft:
        return MOST_LOOKS


def _hunt(reader: Reader, looks: int, keep: Callable[[int], None]) -> int:
    while (wanted := _wanted(reader)) is not None:
        if wanted.lo >= wanted.hi:
            _read_day(reader, wanted)
            return looks
        if looks >= MOST_LOOKS:
            return looks
        middle = wanted.lo + (wanted.hi - wanted.lo) // 2
        read = read_balances(reader, middle)
        if isinstance(read, str):
            return MOST_LOOKS
        looks += 1
        keep(looks)
        is_before = _differs_by(reader, wanted, middle, read[1])
        found = replace(wanted, hi=middle) if is_before else replace(wanted, lo=middle + _DAY)
        with reader.services.engine.begin() as connection:
            store_hunt(connection, reader.company, found)
    return looks


def requests_of_hunt(reader: Reader) -> int:
    """Return how many requests are kept back for tonight's hunt: its balances, and the day that is left."""
    return 0 if _wanted(reader) is None else MOST_LOOKS + 1


def _wanted(reader: Reader) -> Hunt | None:
    with reader.services.engine.connect() as connection:
        return next((each for each in open_hunts(connection, reader.company) if each.list == LEDGER), None)


def _differs_by(reader: Reader, wanted: Hunt, day: date, balances: Mapping[str, Decimal]) -> bool:
    """Whether what differs is booked on this day or before. Where a balance leaves its own day out, the others tell."""
    with reader.services.engine.connect() as connection:
        bases = known_bases(connection, reader.company)
        sums = {
            last: (
                sums_of_accounts(connection, reader.company, last),
                sums_of_accounts(connection, reader.company, last, date(last.year, 1, 1)),
            )
            for last in (day, day - _DAY)
        }

    def off(account: str, last: date) -> Decimal:
        base = bases[account][0]
        total = sums[last][base.reading.endswith("year")].get(account, Decimal(0))
        known = Decimal(0) if base.reading.endswith("year") and base.year != day.year else base.base
        sign = -1 if base.reading.startswith("-") else 1
        return sign * (balances.get(account, Decimal(0)) - known) - total

    others = [account for account in bases if account not in wanted.difference and bases[account][0].is_guarded]
    last = min(sums, key=lambda each: (sum(off(account, each) != 0 for account in others), each != day))
    return any(off(account, last) for account in wanted.difference if account in bases)


def _read_day(reader: Reader, wanted: Hunt) -> None:
    """Read the entries of the day that is left; what is found there is told as what it is."""
    compare_days(reader, BooksList.ENTRIES, wanted.lo, wanted.hi, "ledger_without_it")
    settle_entries(reader)
    with reader.services.engine.begin() as connection:
        newest = newest_balances(connection, reader.company)
        if newest is not None and not compare(connection, reader.company, *newest).difference:
            close_difference(connection, reader.company, reader.services.clock())
        else:
            _note_unnamed(connection, reader, wanted)
        end_hunt(connection, reader.company, LEDGER, "balance")


def _note_unnamed(connection: Connection, reader: Reader, wanted: Hunt) -> None:
    """Tell that the search ended without a name, and when it begins again."""
    night = reader.request.night
    store_mark(connection, reader.company, replace(known_mark(connection, reader.company, LEDGER), read_to=night))
    for each in open_drifts(connection, reader.company, LEDGER_DIFFERS):
        told = reason(
            "ledger_differs.unnamed",
            first=tallinn_day(each.first_seen),
            accounts=list(each.after),
            amount=plain(each.amount or Decimal(0)),
            day=wanted.lo,
            until=night + SEARCHED_AGAIN,
        )
        tell_otherwise(connection, each.id, told)
