"""The VAT return of a month, as far as it is known, and what a person may say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.periods import MonthState, VatMonth, month_of
from scoro_smartaccounts.staging.periods import booked_after_return, known_months

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase


@dataclass(frozen=True, slots=True)
class MonthReturn:
    """How far its return closes a month, and how that is known: None where a person said so. `after`: how many
    documents were booked after the return was calculated; `is_over`: whether the month is."""

    known: VatMonth
    state: MonthState
    evidence: Phrase | None
    after: int
    is_over: bool

    @property
    def may_be_filed(self) -> bool:
        """Whether it says something new that the return is filed as it stands."""
        return self.is_over and (self.state is not MonthState.FILED or bool(self.after))

    @property
    def may_be_reopened(self) -> bool:
        """Whether there is something to open again."""
        return self.is_over and self.state is not MonthState.OPEN


def return_of(connection: Connection, company: str, month: date, now: datetime) -> MonthReturn:
    """Return what is known of a month's return."""
    today = tallinn_day(now)
    known = known_months(connection, company).get(month, VatMonth(month))
    booked = booked_after_return(connection, company, {month: known}).get(month)
    evidence = known.evidence(today)
    return MonthReturn(
        known=known,
        state=known.state(today),
        evidence=None if evidence.key.startswith("period_said_") else evidence,
        after=0 if booked is None else booked.documents,
        is_over=month < month_of(today),
    )
