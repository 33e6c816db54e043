"""Months as the VAT return knows them: open, its return saved, filed, or locked. Pure: no database, no clock.

SmartAccounts shows neither its lock nor whether a return is filed. What is known comes from the entry that saving a
return makes, from its payment, from dates that were refused, from the company file, and from people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.reasons import Phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

# A return is to be filed by this day of the next month.
FILED_BY = 20


class MonthState(StrEnum):
    """How far a month is closed, the least first."""

    OPEN = "open"
    SAVED = "saved"
    FILED = "filed"
    LOCKED = "locked"


class Said(StrEnum):
    """What a person said of a month."""

    NOTHING = ""
    FILED = "filed"
    REOPENED = "reopened"


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after its own."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def month_of_return(entry_day: date) -> date:
    """Return the month that a return is of, by the day of its entry: dated the last day of a month it is of that month,
    else of the one before."""
    is_last = entry_day + timedelta(days=1) == next_month(entry_day)
    return month_of(entry_day if is_last else month_of(entry_day) - timedelta(days=1))


def month_text(month: date) -> str:
    """Return a month as commands, addresses and values of reasons have it."""
    return f"{month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class VatMonth:
    """What is known of a month's VAT return. `entry_id`: the entry that saving it made, empty where there is none;
    `seen_at`, `changed_at`: when that was seen first, and seen as another one; `paid_at`: when its payment was seen;
    `said_by`: empty where nobody knows who said it."""

    month: date
    entry_id: str = ""
    entry_hash: str = ""
    seen_at: datetime | None = None
    changed_at: datetime | None = None
    paid_at: datetime | None = None
    said: Said = Said.NOTHING
    said_at: datetime | None = None
    said_by: str = ""

    @property
    def calculated_at(self) -> datetime | None:
        """When the return was seen as it stands now; None where there is none."""
        return (self.changed_at or self.seen_at) if self.entry_id else None

    @property
    def _is_reopened(self) -> bool:
        """Whether a person opened it again, and nobody saved its return since."""
        if self.said is not Said.REOPENED or self.said_at is None:
            return False
        return self.calculated_at is None or self.calculated_at <= self.said_at

    @property
    def _is_paid(self) -> bool:
        """A payment from before somebody opened the month again says nothing of the return that stands now."""
        if self.paid_at is None:
            return False
        return self.said is not Said.REOPENED or self.said_at is None or self.paid_at > self.said_at

    def state(self, today: date) -> MonthState:
        """Return how far its return closes it."""
        if self._is_reopened:
            return MonthState.OPEN
        if self.said is Said.FILED:
            return MonthState.FILED
        if not self.entry_id:
            return MonthState.OPEN
        is_over = today > next_month(self.month).replace(day=FILED_BY)
        return MonthState.FILED if self._is_paid or is_over else MonthState.SAVED

    def evidence(self, today: date) -> Phrase:
        """Return how the state is known."""
        if self._is_reopened or self.said is Said.FILED:
            return phrase(f"period_said_{self.said}", day=_day(self.said_at))
        if not self.entry_id:
            return phrase("period_no_return")
        seen = _day(self.seen_at)
        if self._is_paid:
            return phrase("period_paid", seen=seen, day=_day(self.paid_at))
        if self.state(today) is MonthState.FILED:
            return phrase("period_over", seen=seen, day=next_month(self.month).replace(day=FILED_BY))
        return phrase("period_saved_on", seen=seen)


@dataclass(frozen=True, slots=True)
class Periods:
    """What is known of all months. `months` by their first days; `closed`: the last day that the company file closes,
    `refused`: the highest date that SmartAccounts refused as locked and is still believed. `is_cautious`: VAT returns
    cannot be read, and a month that is over counts as filed unless a person opened it again."""

    today: date
    months: Mapping[date, VatMonth] = field(default_factory=dict)
    closed: date | None = None
    refused: date | None = None
    is_cautious: bool = False

    def is_locked(self, day: date) -> bool:
        """Whether it is closed by the company file, or known to be refused."""
        return any(until is not None and day <= until for until in (self.closed, self.refused))

    def declared(self, day: date) -> MonthState:
        """Return how far its VAT return closes the month of a day, the lock left aside."""
        known = self.months.get(month_of(day), VatMonth(month_of(day)))
        if self.is_cautious and month_of(day) < month_of(self.today) and known.said is not Said.REOPENED:
            return MonthState.FILED
        return known.state(self.today)

    def state(self, day: date) -> MonthState:
        """Return how far a day is closed."""
        return MonthState.LOCKED if self.is_locked(day) else self.declared(day)

    def evidence(self, day: date, state: MonthState) -> Phrase:
        """Return how it is known that a day is in this state."""
        if state is MonthState.LOCKED and self.refused is not None and day <= self.refused:
            return phrase("period_refused", day=self.refused)
        if state is MonthState.LOCKED:
            return phrase("period_in_company_file", day=self.closed)
        known = self.months.get(month_of(day), VatMonth(month_of(day)))
        if self.is_cautious and known.state(self.today) is not state:
            return phrase("period_unread")
        return known.evidence(self.today)

    @property
    def first_open_day(self) -> date:
        """Return the day after the last closed month. By the company file, the books are open on the day after; of a
        date that was refused nobody knows how far the lock goes, but locks end with months."""
        found = date.min
        if self.closed is not None:
            found = self.closed + timedelta(days=1)
        if self.refused is not None and (self.closed is None or self.closed < self.refused):
            found = next_month(self.refused)
        declared = [month for month, known in self.months.items() if known.state(self.today) is not MonthState.OPEN]
        over = [month_of(self.today)] if self.is_cautious else []
        return max([found, *map(next_month, declared), *over])


def _day(at: datetime | None) -> date | None:
    return None if at is None else tallinn_day(at)
