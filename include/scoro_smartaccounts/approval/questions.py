"""Questions to the accountant: opened over all plans that wait, superseded by newer ones, answered once.

A question is about one flow. Several may be asked by one run: together they are what the accountant sees at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.approval.submit import LOCK, needs_asking
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.matching.partners.records import PARTY_FIELDS
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import OWN_CASES, blocks_sending
from scoro_smartaccounts.staging.coverage import cover_decided_days
from scoro_smartaccounts.staging.links import KIND_OF, is_linked
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.schema import approval, contact, document, question

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scoro_smartaccounts.common.company import Company

log = logging.getLogger(__name__)

# The flows that may ask, in the order in which their documents are booked.
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)


@dataclass(frozen=True, slots=True)
class Answer:
    """`approved`: to be booked as shown, but for the documents `left_out`, as flow and source id. `by`: who said so."""

    approved: bool
    left_out: frozenset[tuple[Flow, str]]
    by: str


def open_questions(
    connection: Connection,
    company: Company,
    run_key: str,
    flows: Iterable[Flow],
    now: datetime,
    *,
    take_over: bool = False,
) -> None:
    """Ask about everything of these flows that waits for an answer, in the name of a run.

    Questions of earlier runs whose documents are all in this one are superseded. Without anything new there is no
    question: what was asked before stays asked, unless the run takes over. Safe to repeat: a run that has asked never
    asks about more, since Airflow goes on showing what it showed first.
    """
    for flow in flows:
        transaction_lock(connection, LOCK, company.key, flow.value)
        drop_settled(connection, company.key, flow)
        waits = approval.c.state.in_(("planned", "asked"))
        new = waits if take_over else needs_asking(company, now)
        if not connection.scalar(select(exists().where(*_of(company.key, flow), new))):
            continue
        question_id = connection.scalar(
            insert(question)
            .values(company=company.key, flow=flow.value, run_key=run_key, asked_at=now)
            .on_conflict_do_nothing()
            .returning(question.c.id)
        )
        if question_id is None:
            continue
        connection.execute(
            update(approval)
            .where(*_of(company.key, flow), waits)
            .values(state="asked", question_id=question_id, asked_at=func.coalesce(approval.c.asked_at, now))
        )
        _close_empty(connection, company.key, flow, now)


def is_superseded(connection: Connection, company: str, run_key: str) -> bool:
    """Whether nothing is left of what a run asked: newer questions are about the same documents, or they are settled
    otherwise."""
    for flow in FLOWS:
        transaction_lock(connection, LOCK, company, flow.value)
        drop_settled(connection, company, flow)
    left = connection.execute(
        select(approval.c.source_id)
        .join(question, _is_its_question())
        .where(approval.c.company == company, approval.c.state == "asked", question.c.run_key == run_key)
    ).first()
    return left is None


def asked_about(connection: Connection, company: str, run_key: str, flows: Collection[Flow]) -> list[Row[Any]]:
    """Return the documents that a run asks about and that have no answer yet: flow, source_id, plan, partner_id, and
    the contact's columns."""
    rows: Sequence[Any] = connection.execute(
        select(
            approval.c.flow,
            approval.c.source_id,
            approval.c.plan,
            document.c.partner_id,
            contact.c.name,
            contact.c.is_person,
            *(contact.c[name] for name in PARTY_FIELDS),
        )
        .join(question, _is_its_question())
        .join(document, _is_its_document())
        .outerjoin(contact, and_(contact.c.company == document.c.company, contact.c.source_id == document.c.partner_id))
        .where(
            approval.c.company == company,
            approval.c.state == "asked",
            approval.c.flow == any_of([flow.value for flow in flows]),
            question.c.run_key == run_key,
        )
        .order_by(document.c.day, document.c.number, document.c.source_id)
    ).all()
    return list(rows)


def alert_is_due(connection: Connection, company: str, run_key: str, now: datetime, *, after_hours: int) -> bool:
    """Whether a document of a run's questions has waited for so long, whatever questions it stood in before; once a
    question: notes that it is done."""
    waits = exists().where(
        _is_its_question(), approval.c.state == "asked", approval.c.asked_at <= now - timedelta(hours=after_hours)
    )
    rows = connection.execute(
        update(question)
        .where(
            question.c.company == company,
            question.c.run_key == run_key,
            question.c.state == "open",
            question.c.alerted_at.is_(None),
            waits.correlate(question),
        )
        .values(alerted_at=now)
        .returning(question.c.id)
    ).all()
    return bool(rows)


def give_answer(
    connection: Connection,
    company: str,
    run_key: str,
    answer: Answer,
    now: datetime,
) -> dict[str, int]:
    """Store the answer to a run's questions; counts of documents `approved` and `declined`.

    Documents about which a newer question was asked meanwhile are left to that one. Raises ConfigurationError for a
    document that nobody was ever asked about; then nothing is stored.
    """
    _refuse_unknown(connection, company, answer)
    counts = {"approved": 0, "declined": 0}
    for flow in FLOWS:
        transaction_lock(connection, LOCK, company, flow.value)
        drop_settled(connection, company, flow)
        ids = [row.source_id for row in asked_about(connection, company, run_key, [flow])]
        left_out = {source_id for other, source_id in answer.left_out if other is flow}
        approved = [source_id for source_id in ids if answer.approved and source_id not in left_out]
        declined = sorted(set(ids) - set(approved))
        _decide(connection, company, flow, approved, "approved", reason("approved", by=answer.by), now)
        _decide(connection, company, flow, declined, "declined", reason("declined", by=answer.by), now)
        connection.execute(
            update(question)
            .where(
                question.c.company == company,
                question.c.run_key == run_key,
                question.c.flow == flow.value,
                question.c.state == "open",
            )
            .values(state="answered", answered_by=answer.by, answered_at=now)
        )
        cover_decided_days(connection, company, flow, run_key)
        counts["approved"] += len(approved)
        counts["declined"] += len(declined)
    return counts


def _refuse_unknown(connection: Connection, company: str, answer: Answer) -> None:
    known = {
        (row.flow, row.source_id)
        for row in connection.execute(
            select(approval.c.flow, approval.c.source_id).where(
                approval.c.company == company,
                approval.c.source_id == any_of([source_id for _, source_id in answer.left_out]),
            )
        )
    }
    unknown = sorted(
        f"{flow.noun} {source_id}" for flow, source_id in answer.left_out if (flow, source_id) not in known
    )
    if unknown:
        raise ConfigurationError(
            f"not among the documents that were shown: {', '.join(unknown[:5])}. Nothing was stored; trigger"
            " approve_plans to be asked again"
        )


def _decide(
    connection: Connection, company: str, flow: Flow, ids: Sequence[str], state: str, why: Reason, now: datetime
) -> None:
    connection.execute(
        update(approval)
        .where(*_of(company, flow), approval.c.source_id == any_of(ids))
        .values(state=state, reason=why.to_json(), decided_at=now, asked_at=None)
    )


def drop_settled(connection: Connection, company: str, flow: Flow) -> None:
    """Take off the list what another run booked, and what is gone, dismissed or in quarantine by now: there is nothing
    to decide about it, or only about its next plan."""
    waits = approval.c.state.in_(("planned", "asked"))
    booked = is_linked(KIND_OF[flow], approval.c.company, approval.c.source_id)
    out = exists().where(
        _is_its_document(),
        or_(
            document.c.is_deleted,
            document.c.is_missing,
            blocks_sending(OWN_CASES),
        ),
    )
    for condition, state in ((booked, "done"), (out, "changed")):
        values = {"state": state, "reason": reason(state).to_json()}
        connection.execute(update(approval).where(*_of(company, flow), waits, condition).values(values))


def _close_empty(connection: Connection, company: str, flow: Flow, now: datetime) -> None:
    is_asked = exists().where(approval.c.state == "asked", _is_its_question())
    connection.execute(
        update(question)
        .where(question.c.company == company, question.c.flow == flow.value, question.c.state == "open", ~is_asked)
        .values(state="superseded", answered_at=now)
    )


def _of(company: str, flow: Flow) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return approval.c.company == company, approval.c.flow == flow.value


def _is_its_question() -> ColumnElement[bool]:
    return and_(question.c.company == approval.c.company, question.c.id == approval.c.question_id)


def _is_its_document() -> ColumnElement[bool]:
    return and_(
        document.c.company == approval.c.company,
        document.c.flow == approval.c.flow,
        document.c.source_id == approval.c.source_id,
    )
