"""On which days invoices and bills are entered: their own, or, where that is in a declared or locked month, what the
company file says of such documents, or a person said of one. Payments keep their days, and may wait.

Pure decisions over facts that were gathered beforehand: no database, no service, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.period_policy import PeriodRule
from scoro_smartaccounts.common.periods import MonthState, Periods, month_text
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.plan.fates import Refused, Waiting
from scoro_smartaccounts.staging.answers import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Document, ReceiptGroup
    from scoro_smartaccounts.staging.answers import Chosen
    from scoro_smartaccounts.staging.links import Booking

PERIOD_ASK = "period_ask"
_STRENGTH = list(MonthState)


@dataclass(frozen=True, slots=True)
class EntryDay:
    """The day that a document is entered on, and what is to be told of it."""

    day: date
    warnings: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryDays:
    """`bookings`: of the credited invoices that are in the books, `chosen`: what people chose, by source id."""

    company: Company
    periods: Periods
    bookings: Mapping[str, Booking] = field(default_factory=dict)
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    def of(self, document: Document, base: Document | None = None) -> EntryDay | Refused | Waiting:
        """Return the day on which a document is entered, or why it is not now. `base`: the newest invoice that it
        credits, before which it is not entered."""
        day = document.day if base is None else max(document.day, self.of_base(base))
        locked = self._while_locked(document, day)
        return self._while_declared(document, day) if locked is None else locked

    def of_base(self, base: Document) -> date:
        """Return the day on which a credited invoice is entered, or, where that is not decided, its own."""
        booked = self.bookings.get(base.source_id)
        if booked is not None and booked.entry_day is not None:
            return booked.entry_day
        found = self.of(base)
        return found.day if isinstance(found, EntryDay) else base.day

    def _while_locked(self, document: Document, day: date) -> EntryDay | Refused | Waiting | None:
        """None: nothing is locked, or SmartAccounts may say whether it is still."""
        periods = self.periods
        if not periods.is_locked(day):
            return None
        rule = self.company.period_rules(document.flow, is_credit=document.is_credit).locked
        if rule is PeriodRule.FIRST_OPEN_DAY:
            return self._moved(day)
        if rule is PeriodRule.ASK and (found := self._chosen(document, day, MonthState.LOCKED)) is not None:
            return found
        if periods.closed is None or day > periods.closed:
            # What was refused is tried once a run.
            return None
        setting = f"{document.flow}.entry_date"
        policy = self._policy(document, MonthState.LOCKED)
        told = {"document": document.named, "day": document.day, "closed": periods.closed}
        return Waiting(reason("month_closed", setting=setting, policy=policy, **told))

    def _while_declared(self, document: Document, day: date) -> EntryDay | Refused | Waiting:
        state = self.periods.declared(day)
        if state is MonthState.OPEN:
            return EntryDay(day)
        rules = self.company.period_rules(document.flow, is_credit=document.is_credit)
        rule = rules.saved if state is MonthState.SAVED else rules.filed
        if rule is PeriodRule.FIRST_OPEN_DAY:
            return self._moved(day)
        if rule is PeriodRule.WAIT:
            told = self._told(document, day, state)
            return Waiting(reason("period_waits", **told))
        if rule is PeriodRule.ASK and (found := self._chosen(document, day, state)) is not None:
            return found
        told = self._told(document, day, state)
        return EntryDay(day, (reason("entry_in_declared", **told),))

    def _chosen(self, document: Document, day: date, state: MonthState) -> EntryDay | Refused | None:
        """Return what follows from what a person chose, or the question; None: its own month. Who chose that of a month
        that was less closed is asked again."""
        chosen = self.chosen.get(document.source_id)
        if chosen is not None and chosen.choice is Choice.FIRST_OPEN_DAY:
            return self._moved(day)
        if chosen is not None and chosen.choice is Choice.OWN_MONTH:
            asked_of = [each for each in _STRENGTH if chosen.about == phrase(f"period_{each}")]
            if asked_of and _STRENGTH.index(asked_of[0]) >= _STRENGTH.index(state):
                return None
        return Refused(reason(PERIOD_ASK, day=self._first_open(day), **self._told(document, day, state)))

    def _moved(self, day: date) -> EntryDay:
        return EntryDay(self._first_open(day))

    def _first_open(self, day: date) -> date:
        return max(day, self.periods.first_open_day)

    def _told(self, document: Document, day: date, state: MonthState) -> dict[str, object]:
        return {
            "document": document.named,
            "month": month_text(day),
            "state": phrase(f"period_{state}"),
            "evidence": self.periods.evidence(day, state),
            "policy": self._policy(document, state),
        }

    def _policy(self, document: Document, state: MonthState) -> str:
        kind = self.company.periods.kind_of(document.flow, is_credit=document.is_credit)
        return f"periods.{kind}.{state}"


def needs_returns_of_payments(company: Company) -> bool:
    """Whether it matters for payments which months are declared."""
    rules = company.period_rules(Flow.PAYMENTS)
    return PeriodRule.WAIT in (rules.saved, rules.filed)


def payment_waits(company: Company, periods: Periods, group: ReceiptGroup) -> Waiting | None:
    """Return what a payment waits for because of its day, which is never moved. What SmartAccounts refused is tried."""
    if periods.closed is not None and group.day <= periods.closed:
        return Waiting(reason("month_closed.payment", document=group.named, closed=periods.closed))
    rules = company.period_rules(Flow.PAYMENTS)
    state = periods.declared(group.day)
    if state is MonthState.OPEN or (rules.saved if state is MonthState.SAVED else rules.filed) is not PeriodRule.WAIT:
        return None
    told = {"month": month_text(group.day), "state": phrase(f"period_{state}"), "policy": f"periods.payments.{state}"}
    evidence = periods.evidence(group.day, state)
    return Waiting(reason("period_waits", document=group.named, evidence=evidence, **told))
