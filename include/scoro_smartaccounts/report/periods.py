"""What a run's summary tells of months: which of its documents are late for theirs, and what stands in the books that a
return does not have."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.common.period_policy import PeriodRule
from scoro_smartaccounts.common.periods import MonthState, Periods, month_of, month_text
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.vat_returns import returns_read
from scoro_smartaccounts.plan.known_periods import periods_of
from scoro_smartaccounts.staging.documents import StagedDocument, read_documents
from scoro_smartaccounts.staging.periods import booked_after_return
from scoro_smartaccounts.staging.runs import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

# How a run leaves what its month does not matter for.
_DONE = frozenset({"already_there", "adopted", "deleted", "dismissed", "not_ours"})


def told_of_periods(connection: Connection, request: RunRequest, services: Services) -> list[Reason]:
    """Return what is to be told, of a run of invoices or bills. Within the caller's transaction."""
    if request.flow not in INVOICE_FLOWS:
        return []
    periods = periods_of(connection, services, request.company, request.flow)
    trouble = returns_read(connection, request.company.key).trouble
    told = [reason("returns_unread", reading=phrase(f"returns_{trouble}"))] if trouble else []
    return [*told, *_late(connection, request, periods), *_after_return(connection, request, periods)]


def _late(connection: Connection, request: RunRequest, periods: Periods) -> list[Reason]:
    """Return a sentence for each month that is closed, each kind and each state of its documents."""
    if all(each.state(periods.today) is MonthState.OPEN for each in periods.months.values()) and not (
        periods.closed or periods.refused
    ):
        return []
    outcomes = outcomes_of(connection, request, None)
    left = [source_id for source_id, (outcome, _) in outcomes.items() if outcome not in _DONE]
    found: dict[tuple[date, bool, MonthState], list[StagedDocument]] = defaultdict(list)
    for each in read_documents(connection, request.company.key, request.flow, left):
        if each.day is not None and (state := periods.state(each.day)) is not MonthState.OPEN:
            found[month_of(each.day), bool(each.credited_ids), state].append(each)
    return [_told(request, periods, *key, documents) for key, documents in sorted(found.items())]


def _told(
    request: RunRequest,
    periods: Periods,
    month: date,
    is_credit: bool,
    state: MonthState,
    documents: Sequence[StagedDocument],
) -> Reason:
    newest = max(each.day for each in documents if each.day is not None)
    vat = sum(((each.vat or ZERO) * (each.currency_rate or 1) for each in documents), ZERO)
    return reason(
        "period_state",
        month=month_text(month),
        state=phrase(f"period_{state}"),
        evidence=periods.evidence(newest, state),
        kind=phrase(f"period_kind_{request.company.periods.kind_of(request.flow, is_credit=is_credit)}"),
        count=len(documents),
        vat=cents(vat),
        does=_does(request, periods, newest, state, is_credit=is_credit),
    )


def _does(request: RunRequest, periods: Periods, day: date, state: MonthState, *, is_credit: bool) -> Phrase:
    rules = request.company.period_rules(request.flow, is_credit=is_credit)
    rule = {MonthState.SAVED: rules.saved, MonthState.FILED: rules.filed}.get(state, rules.locked or PeriodRule.WAIT)
    return phrase(f"period_does_{rule}", month=month_text(day), day=max(day, periods.first_open_day))


def _after_return(connection: Connection, request: RunRequest, periods: Periods) -> list[Reason]:
    found = booked_after_return(connection, request.company.key, periods.months)
    return [
        reason("after_return", month=month_text(month), count=each.documents, vat=each.vat)
        for month, each in sorted(found.items())
    ]
