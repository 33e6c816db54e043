"""The ledger's balances as a checksum: one request compares every account with all entries that are known.

How a balance is to be read (which side is positive, whether income and expenses begin anew each year) no source tells:
each account keeps the ways that fit, and is guarded once its balance has moved with its entries. The difference of all
accounts is a fingerprint of the entry that is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import BALANCE_SERVICES, BALANCES_EVERY
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, PutOff, RequestRefused
from scoro_smartaccounts.smartaccounts.queries import balances_on
from scoro_smartaccounts.smartaccounts.wire import BalanceRow
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.audit_balances import (
    Base,
    known_bases,
    store_balances,
    store_bases,
)
from scoro_smartaccounts.staging.audit_ledger import sums_of_accounts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.audit.reader import Reader

log = logging.getLogger(__name__)

Vector = Mapping[str, Decimal]

# Where balances are asked for, and when they were last.
_SERVICE, _ASKED = "balances_service", "balances_asked"
_READINGS = ("+all", "-all", "+year", "-year")
_ZERO = Decimal(0)


@dataclass
class Compared:
    """What the balances say. `difference`: of guarded accounts, debits less credits, what the ledger has more than the
    entries, in `unsigned` ones of either sign; `loose`: accounts that cannot be compared."""

    guarded: int = 0
    difference: dict[str, Decimal] = field(default_factory=dict)
    unsigned: set[str] = field(default_factory=set)
    loose: list[str] = field(default_factory=list)


def read_balances(reader: Reader, asked: date | None = None) -> tuple[date, dict[str, Decimal]] | str:
    """Read the balances of a day, else of the last day of this year: they hold every entry of it and before, or those
    up to today where days to come are refused. The day and its balances; or why that cannot be done: `right_missing`,
    `no_such_service`.

    Raises PutOff where they were asked for within the hour, be it that the answer was lost.
    """
    now = reader.services.clock()
    with reader.services.engine.connect() as connection:
        known = known_state(connection, reader.company, _SERVICE)
        last = known_state(connection, reader.company, _ASKED)
    if last is not None and now < (until := datetime.fromisoformat(last.reading) + BALANCES_EVERY):
        raise PutOff("Balances are shown once an hour", until=until)
    today = tallinn_day(now)
    wanted = [asked] if asked is not None else [date(today.year, 12, 31), today]
    if asked is None and known is not None and known.evidence.get("of_days_to_come") is not None:
        wanted = wanted[:1] if known.evidence["of_days_to_come"] else wanted[1:]
    for service in BALANCE_SERVICES if known is None else (known.reading,):
        for day in wanted:
            with reader.services.engine.begin() as connection:
                note_state(connection, reader.company, _ASKED, AssumptionState(now.isoformat(), {}))
            try:
                answer = reader.asking.read(service, **balances_on(day))
            except BillingStopped:
                raise
            except ConfigurationError as refusal:
                log.warning("SmartAccounts does not show balances: %s", refusal)
                return "right_missing"
            except RequestRefused as refusal:
                log.warning("SmartAccounts refuses balances: %s", refusal)
                continue
            balances = {row.account: row.balance for row in map(BalanceRow.from_wire, answer.rows)}
            with reader.services.engine.begin() as connection:
                if asked is None:
                    learnt = AssumptionState(service, {"of_days_to_come": day > today})
                    note_state(connection, reader.company, _SERVICE, learnt)
                store_balances(connection, reader.company, day, balances, now)
            return day, balances
    return "no_such_service"


def compare(connection: Connection, company: str, asked: date, balances: Vector, anew: Iterable[str] = ()) -> Compared:
    """Hold balances against the entries that are known. Ways to read an account that do not fit any more are given up,
    as long as another one does; `anew`: accounts whose base is not known any more."""
    bases = known_bases(connection, company)
    whole = sums_of_accounts(connection, company, asked)
    of_year = sums_of_accounts(connection, company, asked, date(asked.year, 1, 1))
    result = Compared()
    changed: dict[str, list[Base]] = {}
    for account in sorted({*bases, *whole, *balances}):
        sums = _by_reading(whole.get(account, _ZERO), of_year.get(account, _ZERO))
        balance = balances.get(account, _ZERO)
        known = [] if account in anew else bases.get(account, [])
        fit = [each for each in known if _base(each, asked) + sums[each.reading] == balance]
        if fit:
            # A way that was given up tells that the balance moved with the entries.
            is_guarded = known[0].is_guarded or len(fit) < len(_READINGS)
            kept = [Base(account, each.reading, _base(each, asked), asked.year, is_guarded) for each in fit]
            result.guarded += 1
        elif known and (known[0].is_guarded or not _moved(known, sums)):
            result.guarded += 1
            first = known[0]
            off = balance - _base(first, asked) - sums[first.reading]
            result.difference[account] = -off if first.reading.startswith("-") else off
            if not first.is_guarded:
                result.unsigned.add(account)
            continue
        else:
            # New, or it has never moved with its entries.
            result.loose += [account] if known else []
            kept = [Base(account, name, balance - value, asked.year, is_guarded=False) for name, value in sums.items()]
        if kept != known:
            changed[account] = kept
    store_bases(connection, company, changed, [each for some in changed.values() for each in some])
    return result


def _by_reading(every: Decimal, of_year: Decimal) -> dict[str, Decimal]:
    return {"+all": every, "-all": -every, "+year": of_year, "-year": -of_year}


def _moved(known: list[Base], sums: Vector) -> bool:
    """Whether entries moved the account since nothing more was known of it than one balance."""
    bases = {each.reading: each.base for each in known}
    if len(bases) < len(_READINGS):
        return True
    return (bases["-all"] - bases["+all"]) / 2 != sums["+all"]


def _base(base: Base, asked: date) -> Decimal:
    """Return what the balance is beyond the entries: nothing in a year that began since, where each begins anew."""
    return _ZERO if base.reading.endswith("year") and base.year < asked.year else base.base
