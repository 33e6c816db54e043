"""Approvals: plans as the accountant was shown them, and what was decided of each. The keeper of the table.

At most one row a document counts: the newest. `planned` waits to be asked about; `asked` stands in an open question;
`approved` may be sent, exactly as it stands here; `declined` is not asked about again while its plan stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.cases import OWN_CASES, blocks_sending
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.links import KIND_OF, is_linked
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.schema import approval, document, question

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from scoro_smartaccounts.common.run import RunRequest

# Who changes approvals of a flow holds this lock.
LOCK = "approval"


class State(StrEnum):
    """How far the approval of a document is. Done: it is in the books. Changed: its plan is not this one any more."""

    PLANNED = "planned"
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    CHANGED = "changed"
    DONE = "done"


_WAITING = (State.PLANNED.value, State.ASKED.value)


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan to be shown: what `approval.snapshot` made of it, and what identifies what it sends."""

    source_id: str
    plan_hash: str
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approval:
    """What was shown of a document, and what became of it."""

    plan: Mapping[str, Any]
    state: State
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A document that stands in an open question; `partner_id`: its contact in Scoro."""

    flow: Flow
    source_id: str
    plan: Mapping[str, Any]
    partner_id: str | None


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """How people call a document."""

    number: str
    day: date


def lock_approvals(connection: Connection, company: str, flow: Flow) -> None:
    """Keep others from changing approvals of the flow until the transaction ends."""
    transaction_lock(connection, LOCK, company, flow.value)


# Writing


def put_up(connection: Connection, request: RunRequest, plans: Iterable[ShownPlan], *, at: datetime) -> None:
    """Put plans up to be asked about, each in the place of the one before."""
    upsert(
        connection,
        approval,
        (
            {
                "company": request.company.key,
                "flow": request.flow.value,
                "source_id": item.source_id,
                "plan_hash": item.plan_hash,
                "plan": item.plan,
                "state": State.PLANNED.value,
                "question_id": None,
                "planned_by": request.run_key,
                "reason": None,
                "planned_at": at,
                "decided_at": None,
            }
            for item in plans
        ),
    )


def ask(connection: Connection, company: str, flow: Flow, question_id: int, *, at: datetime) -> None:
    """Let everything of the flow that waits stand in this question."""
    connection.execute(
        update(approval)
        .where(of_flow(approval, company, flow), approval.c.state.in_(_WAITING))
        .values(state=State.ASKED.value, question_id=question_id, asked_at=func.coalesce(approval.c.asked_at, at))
    )


def decide(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], state: State, why: Reason, at: datetime
) -> None:
    """Store what was answered about documents."""
    connection.execute(
        update(approval)
        .where(of_documents(approval, company, flow, source_ids))
        .values(state=state.value, reason=why.to_json(), decided_at=at, asked_at=None)
    )


def end_approvals(
    connection: Connection, company: str, flow: Flow, plan_hashes: Mapping[str, str], state: State
) -> None:
    """End approvals of documents, by source id; what was planned and approved anew meanwhile is another plan."""
    connection.execute(
        update(approval)
        .where(
            of_flow(approval, company, flow),
            approval.c.state == State.APPROVED.value,
            approval.c.source_id.concat("/").concat(approval.c.plan_hash)
            == any_of(f"{source_id}/{plan_hash}" for source_id, plan_hash in plan_hashes.items()),
        )
        .values(state=state.value)
    )


def drop_settled(connection: Connection, company: str, flow: Flow) -> None:
    """Take off the list what another run booked, and what is gone, dismissed or in quarantine by now: there is nothing
    to decide about it, or only about its next plan."""
    for condition, state in zip(_settled(flow), (State.DONE, State.CHANGED), strict=True):
        values = {"state": state.value, "reason": reason(state.value).to_json()}
        waits = approval.c.state.in_(_WAITING)
        connection.execute(update(approval).where(of_flow(approval, company, flow), waits, condition).values(values))


# Reading


def count_unasked(connection: Connection, company: str) -> int:
    """Count the documents that are planned and that nobody has been asked about; what is settled by now apart."""
    unasked = 0
    for flow in INTO_THE_BOOKS:
        waits = [of_flow(approval, company, flow), approval.c.state == State.PLANNED.value]
        statement = select(func.count()).select_from(approval).where(*waits, *(~each for each in _settled(flow)))
        unasked += connection.scalar(statement) or 0
    return unasked


def read_approvals(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> dict[str, Approval]:
    """Return the approvals of documents, by source id."""
    rows = connection.execute(select(approval).where(of_documents(approval, company, flow, source_ids)))
    return {
        row.source_id: Approval(row.plan, State(row.state), row.reason and Reason.from_json(row.reason)) for row in rows
    }


def approved_plans(connection: Connection, company: str, flow: Flow) -> dict[str, Mapping[str, Any]]:
    """Return what is approved of a flow and not booked yet, by source id."""
    rows = connection.execute(
        select(approval.c.source_id, approval.c.plan)
        .where(of_flow(approval, company, flow), approval.c.state == State.APPROVED.value)
        .order_by(approval.c.source_id)
    )
    return {row.source_id: row.plan for row in rows}


def approved_days(connection: Connection, company: str, flow: Flow) -> tuple[date, date] | None:
    """Return the first and the last day of the documents that are approved of a flow; None without any."""
    row = connection.execute(
        select(func.min(document.c.day).label("first"), func.max(document.c.day).label("last"))
        .join(approval, same_document(document, approval))
        .where(of_flow(approval, company, flow), approval.c.state == State.APPROVED.value)
    ).one()
    return None if row.first is None else (row.first, row.last)


def declined_documents(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]
) -> dict[str, NamedDocument]:
    """Those of the documents that were declined and are not in SmartAccounts, by source id."""
    rows = connection.execute(
        select(document.c.source_id, document.c.number, document.c.day)
        .join(approval, same_document(document, approval))
        .where(
            of_documents(approval, company, flow, source_ids),
            approval.c.state == State.DECLINED.value,
            ~is_linked(KIND_OF[flow], document.c.company, document.c.source_id),
        )
    )
    return {row.source_id: NamedDocument(row.number, row.day) for row in rows}


def has_to_ask(connection: Connection, company: str, flow: Flow, *, asked_before: datetime | None) -> bool:
    """Whether anything of the flow is to be asked about: what never was, and what stands in a question of before then;
    perhaps the run that asked it is gone. None: whatever waits."""
    wanted = approval.c.state.in_(_WAITING) if asked_before is None else _needs_asking(asked_before)
    return bool(connection.scalar(select(exists().where(of_flow(approval, company, flow), wanted))))


def count_undone(connection: Connection, company: str, flow: Flow, *, asked_before: datetime) -> tuple[int, int]:
    """How many documents of the flow are to be asked about, as `has_to_ask` tells it, and how many are approved."""
    asks, approved = connection.execute(
        select(
            func.count().filter(_needs_asking(asked_before)),
            func.count().filter(approval.c.state == State.APPROVED.value),
        ).where(of_flow(approval, company, flow))
    ).one()
    return asks, approved


def asked_about(connection: Connection, company: str, run_key: str, flows: Collection[Flow]) -> list[AskedDocument]:
    """Return the documents that a run asks about and that have no answer yet, by day and number."""
    rows = connection.execute(
        select(approval.c.flow, approval.c.source_id, approval.c.plan, document.c.partner_id)
        .join(question, is_its_question())
        .join(document, same_document(document, approval))
        .where(
            approval.c.company == company,
            approval.c.state == State.ASKED.value,
            approval.c.flow == any_of([flow.value for flow in flows]),
            question.c.run_key == run_key,
        )
        .order_by(document.c.day, document.c.number, document.c.source_id)
    )
    return [AskedDocument(Flow(row.flow), row.source_id, row.plan, row.partner_id) for row in rows]


def ever_shown(connection: Connection, company: str, source_ids: Iterable[str]) -> set[tuple[Flow, str]]:
    """Return the documents of these ids, of any flow, that were ever put up."""
    rows = connection.execute(
        select(approval.c.flow, approval.c.source_id).where(
            approval.c.company == company, approval.c.source_id == any_of(source_ids)
        )
    )
    return {(Flow(row.flow), row.source_id) for row in rows}


def is_asked() -> ColumnElement[bool]:
    """Within queries over `question`: whether a document stands in it."""
    return exists().where(approval.c.state == State.ASKED.value, is_its_question()).correlate(question)


def is_asked_since_before(moment: datetime) -> ColumnElement[bool]:
    """Within queries over `question`: whether a document stands in it that has waited since before then, whatever
    questions it stood in."""
    waits = approval.c.state == State.ASKED.value, approval.c.asked_at <= moment
    return exists().where(is_its_question(), *waits).correlate(question)


def is_its_question() -> ColumnElement[bool]:
    """Of a join of approvals with questions."""
    return and_(question.c.company == approval.c.company, question.c.id == approval.c.question_id)


def _needs_asking(asked_before: datetime) -> ColumnElement[bool]:
    stale = exists().where(is_its_question(), question.c.asked_at <= asked_before).correlate(approval)
    return or_(approval.c.state == State.PLANNED.value, and_(approval.c.state == State.ASKED.value, stale))


def _settled(flow: Flow) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a document is booked by now, and whether it is gone, dismissed or in quarantine."""
    booked = is_linked(KIND_OF[flow], approval.c.company, approval.c.source_id)
    out = exists().where(
        same_document(document, approval), or_(document.c.is_deleted, document.c.is_missing, blocks_sending(OWN_CASES))
    )
    return booked, out
