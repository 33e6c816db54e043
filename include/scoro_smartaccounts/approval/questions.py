"""Questions to the accountant: opened over all plans that wait, superseded by newer ones, answered once.

A question is about one flow. Several may be asked by one run: together they are what the accountant sees at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.approval.submit import alert_since
from scoro_smartaccounts.approval.words import Asked
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.staging import approvals, questions
from scoro_smartaccounts.staging.approvals import State, drop_settled, lock_approvals
from scoro_smartaccounts.staging.days_to_import import cover_decided_days
from scoro_smartaccounts.staging.scoro_registers import staged_contacts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company


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
    asked_before = None if take_over else alert_since(company, now)
    for flow in flows:
        _look_through(connection, company.key, flow)
        if not approvals.has_to_ask(connection, company.key, flow, asked_before=asked_before):
            continue
        question_id = questions.open_question(connection, company.key, flow, run_key, at=now)
        if question_id is not None:
            approvals.ask(connection, company.key, flow, question_id, at=now)
            questions.close_empty(connection, company.key, flow, at=now)


def is_superseded(connection: Connection, company: str, run_key: str) -> bool:
    """Whether nothing is left of what a run asked: newer questions are about the same documents, or they are settled
    otherwise."""
    for flow in INTO_THE_BOOKS:
        _look_through(connection, company, flow)
    return not questions.has_left(connection, company, run_key)


def _look_through(connection: Connection, company: str, flow: Flow) -> None:
    """Take off the list what is settled, under the lock on the flow's approvals."""
    lock_approvals(connection, company, flow)
    drop_settled(connection, company, flow)


def asked_about(connection: Connection, company: str, run_key: str, flows: Collection[Flow]) -> list[Asked]:
    """Return the documents that a run asks about and that have no answer yet."""
    documents = approvals.asked_about(connection, company, run_key, flows)
    contacts = staged_contacts(connection, company, {item.partner_id for item in documents if item.partner_id})
    return [Asked.from_plan(item, contacts.get(item.partner_id or "")) for item in documents]


def alert_is_due(connection: Connection, company: str, run_key: str, now: datetime, *, after_hours: int) -> bool:
    """Whether a document of a run's questions has waited for so long, whatever questions it stood in before; once a
    question: notes that it is done."""
    asked_before = now - timedelta(hours=after_hours)
    return questions.note_alert(connection, company, run_key, at=now, asked_before=asked_before)


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
    for flow in INTO_THE_BOOKS:
        _look_through(connection, company, flow)
        ids = [item.source_id for item in approvals.asked_about(connection, company, run_key, [flow])]
        left_out = {source_id for other, source_id in answer.left_out if other is flow}
        approved = [source_id for source_id in ids if answer.approved and source_id not in left_out]
        declined = sorted(set(ids) - set(approved))
        for state, some in ((State.APPROVED, approved), (State.DECLINED, declined)):
            approvals.decide(connection, company, flow, some, state, reason(state.value, by=answer.by), now)
            counts[state.value] += len(some)
        questions.close_answered(connection, company, flow, run_key, by=answer.by, at=now)
        cover_decided_days(connection, company, flow, run_key)
    return counts


def _refuse_unknown(connection: Connection, company: str, answer: Answer) -> None:
    known = approvals.ever_shown(connection, company, {source_id for _, source_id in answer.left_out})
    unknown = sorted(f"{flow.noun} {source_id}" for flow, source_id in answer.left_out - known)
    if unknown:
        raise ConfigurationError(
            f"not among the documents that were shown: {', '.join(unknown[:5])}. Nothing was stored; trigger"
            " approve_plans to be asked again"
        )
