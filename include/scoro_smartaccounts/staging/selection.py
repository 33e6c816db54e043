"""Which documents a run is about, why it takes each, and which of them need no further step."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, false, func, or_, select, true

from scoro_smartaccounts.common.clock import latest_plausible
from scoro_smartaccounts.common.company import Mode, UnsentRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.documents import named as named_document
from scoro_smartaccounts.common.reasons import Phrase, Reason, reason
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.scoro.modules import EXPENSES
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_flow, of_run, same_document
from scoro_smartaccounts.staging.links import KIND_OF, has_lost_payments, link_view
from scoro_smartaccounts.staging.quarantine import resolve
from scoro_smartaccounts.staging.runs import Taken, drop_strayed, take
from scoro_smartaccounts.staging.schema import (
    approval,
    document,
    payment_row,
    quarantine,
    run,
    run_document,
    waiting,
)
from scoro_smartaccounts.staging.waiting import let_wait, note_waiting, stop_waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

# The links of the documents that are looked at.
_LINK = link_view()

# Why a document waits at this step; other reasons to wait belong to later steps.
NOT_SETTLED = "not_settled"
LATER_DAY = "later_day"
UNSENT = "unsent"

_UNFINISHED = ("", "not_sent", "in_doubt", "planned", "plan_changed")
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What the run saw at Scoro: ids of the range whose day cannot be read, and ids of the sweep."""

    undated: frozenset[str]
    swept: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A document of the batch. Without an outcome the next steps have to work on it.

    `taken_on` is the day from which a waiting document is taken.
    """

    source_id: str
    name: str
    reason: str
    outcome: str | None
    why: Reason | None
    taken_on: date | None


def choose(connection: Connection, request: RunRequest, seen: Seen, today: date) -> list[Chosen]:
    """Return the batch as staging knows it now. Writes nothing."""
    in_range = or_(
        document.c.day.between(request.date_from, request.date_to),
        and_(document.c.day.is_(None), document.c.source_id == any_of(seen.undated)),
    )
    reasons: list[tuple[ColumnElement[bool], str]] = [(in_range, "in_range")]
    if request.kind is RunKind.SCHEDULED:
        reasons += _reasons_of_scheduled_runs(request, seen, today)
    reason = case(*((condition, name) for condition, name in reasons), else_=None).label("reason")
    others = or_(false(), *(condition for condition, _ in reasons[1:]))
    rows = connection.execute(
        select(
            document.c.source_id,
            _name().label("name"),
            document.c.day,
            document.c.is_deleted,
            document.c.is_missing,
            document.c.is_sent,
            (~_is_unbooked(request.flow)).label("is_linked"),
            _is_dismissed().label("is_dismissed"),
            quarantine.c.note,
            reason,
        )
        .select_from(_documents(request))
        .where(
            of_flow(document, request.company.key, request.flow),
            or_(in_range, and_(_is_undecided(request.flow), others)),
            _may_be_imported(request),
        )
        .order_by(document.c.source_id)
    )
    return [_chosen(request, row, today) for row in rows]


def store_batch(connection: Connection, request: RunRequest, chosen: Sequence[Chosen], seen: Seen) -> None:
    """Write the batch into the ledger and, for all runs but previews, which documents wait or are closed."""
    drop_strayed(connection, request, [item.source_id for item in chosen])
    take(connection, request, (Taken(item.source_id, item.reason, item.outcome, item.why) for item in chosen))
    if request.mode is not Mode.PREVIEW:
        _store_waiting(connection, request, chosen)
        if request.kind is RunKind.SCHEDULED:
            _keep_for_later(connection, request, seen, [item.source_id for item in chosen])


def outside_range(connection: Connection, request: RunRequest) -> list[str]:
    """Names of the known documents of other days that are not imported: an explicit range leaves them alone."""
    return _names(
        connection,
        request,
        and_(
            _is_undecided(request.flow),
            _is_alive(),
            _may_be_imported(request),
            ~document.c.day.between(request.date_from, request.date_to),
        ),
    )


def before_first_import(connection: Connection, request: RunRequest) -> list[str]:
    """Names of the documents of the range that lie before the company's first import date."""
    return _names(
        connection,
        request,
        and_(
            document.c.day.between(request.date_from, request.date_to),
            document.c.day < request.company.first_import_date,
        ),
    )


def named(names: Sequence[str]) -> str:
    """Names for a log line: the first of them, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (", ".join(names[:_MOST_NAMED]) or "none") + more


def _reasons_of_scheduled_runs(request: RunRequest, seen: Seen, today: date) -> list[tuple[ColumnElement[bool], str]]:
    due = and_(waiting.c.source_id.is_not(None), or_(waiting.c.not_before.is_(None), waiting.c.not_before <= today))
    # Open cases are tried again too: what mends them (another document, the company file, SmartAccounts) need not
    # show in the document itself.
    released = quarantine.c.state.in_(("open", "released", "dismissed"))
    late = and_(
        _is_alive(),
        or_(document.c.day < request.date_from, document.c.day.is_(None), document.c.day > latest_plausible(today)),
        document.c.source_id == any_of(seen.swept),
    )
    last = _last_outcome(request)
    unfinished = last.in_(_UNFINISHED)
    reasons = [(due, "waiting"), (released, "released"), (unfinished, "unfinished"), (late, "late")]
    if request.flow is Flow.PAYMENTS:
        reasons.append((and_(_pays_what_is_linked(), last == "not_ours"), "waiting"))
    return reasons


def _pays_what_is_linked() -> ColumnElement[bool]:
    """Whether a receipt group pays a document that is in SmartAccounts by now."""
    kind = case(
        *(
            (payment_row.c.document_flow == flow.value, KIND_OF[flow].value)
            for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
        )
    )
    paid = link_view()
    return (
        select(payment_row.c.position)
        .join(
            paid.rows,
            paid.is_of(kind, payment_row.c.company, payment_row.c.document_id),
        )
        .where(
            same_document(payment_row, document),
        )
        .correlate(document)
        .exists()
    )


def _last_outcome(request: RunRequest) -> ColumnElement[str]:
    """How the last run before this one that took the document, previews apart, left it; empty: without a result."""
    this_run = run.alias("this_run")
    started = select(this_run.c.started_at).where(of_run(this_run, request)).scalar_subquery()
    return (
        select(func.coalesce(run_document.c.outcome, ""))
        .join(run, and_(run.c.company == run_document.c.company, run.c.run_key == run_document.c.run_key))
        .where(
            same_document(run_document, document),
            run_document.c.run_key != request.run_key,
            run.c.mode != Mode.PREVIEW.value,
            run.c.started_at <= started,
        )
        .order_by(run.c.started_at.desc(), run.c.run_key.desc())
        .limit(1)
        .correlate(document)
        .scalar_subquery()
    )


def _documents(request: RunRequest) -> Any:
    """Documents beside their link, their quarantine case and their place among the waiting."""
    return (
        document.outerjoin(
            _LINK.rows,
            _LINK.is_of(KIND_OF[request.flow], document.c.company, document.c.source_id),
        )
        .outerjoin(
            quarantine,
            and_(same_document(quarantine, document), quarantine.c.state.in_(("open", "released", "dismissed"))),
        )
        .outerjoin(waiting, same_document(waiting, document))
    )


def _is_unbooked(flow: Flow) -> ColumnElement[bool]:
    """Not imported, or known to be deleted in SmartAccounts since: that has to be decided on again."""
    if flow is Flow.PAYMENTS:
        return or_(_LINK.source_id.is_(None), has_lost_payments(document.c.company, document.c.source_id))
    return or_(_LINK.source_id.is_(None), _LINK.gone_at.is_not(None))


def _is_undecided(flow: Flow) -> ColumnElement[bool]:
    """Neither in the books nor, as it is now, dismissed or declined by the accountant."""
    declined = exists().where(
        same_document(approval, document),
        approval.c.state == "declined",
        approval.c.plan["content_hash"].astext == document.c.content_hash,
    )
    return and_(_is_unbooked(flow), ~_is_dismissed(), ~declined.correlate(document))


def _is_dismissed() -> ColumnElement[bool]:
    """Dismissed by a person, and unchanged since."""
    return func.coalesce(
        and_(quarantine.c.state == "dismissed", quarantine.c.content_hash == document.c.content_hash), false()
    )


def _is_alive() -> ColumnElement[bool]:
    return and_(~document.c.is_deleted, ~document.c.is_missing)


def _may_be_imported(request: RunRequest) -> ColumnElement[bool]:
    since_first = or_(document.c.day.is_(None), document.c.day >= request.company.first_import_date)
    return and_(since_first, _is_read(request))


def _is_read(request: RunRequest) -> ColumnElement[bool]:
    """Whether a document comes from a module that the company still wants: expenses may have been switched off."""
    if request.flow is not Flow.PURCHASE_INVOICES or request.company.purchase_invoices.expenses:
        return true()
    return ~document.c.source_id.startswith(EXPENSES.prefix)


def waits_until_sent(request: RunRequest) -> bool:
    """Whether the company file lets documents of the flow wait that are not marked as sent."""
    return request.flow is Flow.SALES_INVOICES and request.company.sales_invoices.unsent is UnsentRule.WAIT


def _name() -> ColumnElement[str]:
    return func.coalesce(func.nullif(document.c.number, ""), "id " + document.c.source_id)


def _names(connection: Connection, request: RunRequest, condition: ColumnElement[bool]) -> list[str]:
    return list(
        connection.scalars(
            select(_name())
            .select_from(_documents(request))
            .where(of_flow(document, request.company.key, request.flow), condition)
            .order_by(document.c.day, document.c.number, document.c.source_id)
        )
    )


def _chosen(request: RunRequest, row: Row[Any], today: date) -> Chosen:
    taken_on = None if row.day is None else row.day + timedelta(days=request.company.settle_days)
    outcome: str | None = None
    why: Reason | None = None
    if row.is_linked:
        outcome = "already_there"
    elif row.is_deleted or row.is_missing:
        document = _named(request, row.name, row.day)
        outcome, why = "deleted", reason("deleted" if row.is_deleted else "deleted.missing", document=document)
    elif row.is_dismissed:
        outcome, why = "dismissed", reason("dismissed", note=row.note)
    elif taken_on is not None and taken_on > today and row.day <= latest_plausible(today):
        outcome, why = "waiting", _waits(NOT_SETTLED, request, row.name, row.day, taken_on)
    elif not row.is_sent and waits_until_sent(request):
        # From tomorrow on every scheduled run looks again.
        outcome, why, taken_on = "waiting", reason(UNSENT, document=_named(request, row.name, row.day)), None
    return Chosen(
        source_id=row.source_id,
        name=row.name,
        reason=row.reason,
        outcome=outcome,
        why=why,
        taken_on=taken_on if outcome == "waiting" else None,
    )


def _waits(code: str, request: RunRequest, name: str, day: date, taken_on: date) -> Reason:
    return reason(code, document=_named(request, name, day), day=day, taken_on=taken_on)


def _named(request: RunRequest, name: str, day: date | None) -> Phrase:
    """Return what sentences call a document of the run."""
    return named_document(request.flow, name, day)


def _store_waiting(connection: Connection, request: RunRequest, chosen: Sequence[Chosen]) -> None:
    waits = [(item.source_id, item.why, item.taken_on) for item in chosen if item.outcome == "waiting" and item.why]
    let_wait(connection, request, waits)
    resolve(connection, request, [item.source_id for item in chosen if item.outcome in ("deleted", "already_there")])
    going_on = [item.source_id for item in chosen if item.outcome is None]
    finished = [item.source_id for item in chosen if item.outcome not in (None, "waiting")]
    stop_waiting(connection, request, finished)
    note_waiting(connection, request, {}, batch=going_on, codes=(NOT_SETTLED, LATER_DAY, UNSENT))


def _keep_for_later(connection: Connection, request: RunRequest, seen: Seen, taken: Sequence[str]) -> None:
    """Documents of days to come that this run does not take wait, so that they are not lost when no run of their day
    ever happens."""
    rows = connection.execute(
        select(document.c.source_id, _name().label("name"), document.c.day)
        .select_from(_documents(request))
        .where(
            of_flow(document, request.company.key, request.flow),
            _is_undecided(request.flow),
            _is_alive(),
            _may_be_imported(request),
            document.c.day > request.date_to,
            document.c.source_id == any_of(seen.swept),
            ~(document.c.source_id == any_of(taken)),
            or_(waiting.c.code.is_(None), waiting.c.code == LATER_DAY),
        )
    )
    settling = timedelta(days=request.company.settle_days)
    waits = []
    for row in rows:
        taken_on = row.day + settling
        waits.append((row.source_id, _waits(LATER_DAY, request, row.name, row.day, taken_on), taken_on))
    let_wait(connection, request, waits)
