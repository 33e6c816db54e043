"""What waits for a person, as people go through it: open cases by reason, open questions, pairs to decide about, and
what was decided and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.staging.conditions import of_documents, of_flow
from scoro_smartaccounts.staging.links import Kind, is_linked
from scoro_smartaccounts.staging.proposals import Decision, StoredProposal, proposal_of
from scoro_smartaccounts.staging.quarantine import StoredCase, case_of, stored_cases
from scoro_smartaccounts.staging.schema import approval, document, link_proposal, quarantine, question, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from scoro_smartaccounts.staging.proposals import Pair


# A run without an end that began earlier broke off.
_LONGEST_RUN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class OpenReason:
    """How many documents of a flow wait for a decision for one reason, since when, and what is said of one of them."""

    flow: Flow
    code: str
    documents: int
    since: datetime
    example: Reason


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A run's question to the accountant over so many documents, and since when."""

    run_key: str
    documents: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A pair that a person decided about."""

    kind: Kind
    source_id: str
    remote_id: str
    decision: Decision
    decided_at: datetime
    decided_by: str


def open_reasons(connection: Connection, company: str) -> list[OpenReason]:
    """Return the reasons of the open cases, the most frequent first."""
    rows = connection.execute(
        select(
            quarantine.c.flow,
            quarantine.c.code,
            func.count().label("documents"),
            func.min(quarantine.c.opened_at).label("since"),
            func.min(quarantine.c.id).label("first"),
        )
        .where(quarantine.c.company == company, quarantine.c.state == "open")
        .group_by(quarantine.c.flow, quarantine.c.code)
        .order_by(func.count().desc(), quarantine.c.flow, quarantine.c.code)
    ).all()
    firsts = select(quarantine.c.id, quarantine.c.reason).where(quarantine.c.id.in_([row.first for row in rows]))
    said = {row.id: Reason.from_json(row.reason) for row in connection.execute(firsts)}
    return [OpenReason(Flow(row.flow), row.code, row.documents, row.since, said[row.first]) for row in rows]


def open_cases(
    connection: Connection,
    company: str,
    flow: Flow,
    code: str,
    *,
    most: int,
    source_id: str = "",
    after: tuple[datetime, str] | None = None,
) -> list[StoredCase]:
    """Return open cases of a reason, or that of one document; the longest waiting first. `after`: since when the last
    one of the page before is open, and its document."""
    statement = stored_cases().where(of_flow(quarantine, company, flow), quarantine.c.state == "open")
    statement = statement.where(quarantine.c.source_id == source_id if source_id else quarantine.c.code == code)
    place = quarantine.c.opened_at, quarantine.c.source_id
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    return [case_of(row) for row in connection.execute(statement.order_by(*place).limit(most))]


def count_open_cases(connection: Connection, company: str, flow: Flow, code: str) -> int:
    """Count the open cases of a reason."""
    of_reason = of_flow(quarantine, company, flow), quarantine.c.state == "open", quarantine.c.code == code
    return connection.scalar(select(func.count()).select_from(quarantine).where(*of_reason)) or 0


def decided_cases(
    connection: Connection, company: str, *, most: int, after: tuple[datetime, str, str] | None = None
) -> list[StoredCase]:
    """Return the cases that a person answered and that no run has acted on yet; the newest answers first. Dismissed
    ones are not acted on as long as their documents stay as they are. `after`: when the last one of the page before
    was answered, its flow and its document."""
    place = (
        func.coalesce(quarantine.c.answered_at, quarantine.c.closed_at, quarantine.c.opened_at),
        quarantine.c.flow,
        quarantine.c.source_id,
    )
    statement = (
        stored_cases()
        .where(
            quarantine.c.company == company,
            quarantine.c.content_hash == document.c.content_hash,
            or_(quarantine.c.state == "dismissed", quarantine.c.state == "released"),
        )
        .order_by(*(each.desc() for each in place))
        .limit(most)
    )
    if after is not None:
        statement = statement.where(tuple_(*place) < tuple_(*after))
    return [case_of(row) for row in connection.execute(statement)]


def open_question_runs(connection: Connection, company: str) -> list[OpenQuestion]:
    """Return the questions in which documents stand that have no answer, a run each; the newest first."""
    rows = connection.execute(
        select(question.c.run_key, func.count().label("documents"), func.min(question.c.asked_at).label("asked_at"))
        .join(approval, (approval.c.company == question.c.company) & (approval.c.question_id == question.c.id))
        .where(question.c.company == company, question.c.state == "open", approval.c.state == "asked")
        .group_by(question.c.run_key)
        .order_by(func.min(question.c.asked_at).desc())
    )
    return [OpenQuestion(row.run_key, row.documents, row.asked_at) for row in rows]


def answered_by(connection: Connection, company: str, run_key: str) -> tuple[str, datetime] | None:
    """Return who answered a run's question first, and when; None where nobody has."""
    row = connection.execute(
        select(question.c.answered_by, question.c.answered_at)
        .where(question.c.company == company, question.c.run_key == run_key, question.c.state == "answered")
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.answered_by, row.answered_at)


def answer_about(connection: Connection, company: str, flow: Flow, source_id: str) -> tuple[str, datetime] | None:
    """Return who answered the question in which a document stood last, and when; None where nobody has."""
    row = connection.execute(
        select(question.c.answered_by, question.c.answered_at)
        .join(approval, (approval.c.company == question.c.company) & (approval.c.question_id == question.c.id))
        .where(of_documents(approval, company, flow, [source_id]), question.c.state == "answered")
        .order_by(question.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.answered_by, row.answered_at)


def count_open_pairs(connection: Connection, company: str) -> int:
    """Count the likely pairs that nobody has decided about."""
    likely = (*_open_pairs(company), ~_is_of_conflict())
    return connection.scalar(select(func.count()).select_from(link_proposal).where(*likely)) or 0


def count_open_conflicts(connection: Connection, company: str) -> int:
    """Count the contacts and products with conflicting pairs that nobody has decided about."""
    return connection.scalar(select(func.count()).select_from(_conflicts(company).subquery())) or 0


def open_conflicts(
    connection: Connection, company: str, *, most: int, after: tuple[Kind, str] | None = None
) -> list[list[StoredProposal]]:
    """Return the open pairs of contacts and products of which one is conflicting, those of each together, the most
    likely first; of so many contacts and products. `after`: the last one of the page before."""
    of = link_proposal.c.kind, link_proposal.c.source_id
    wanted = _conflicts(company).order_by(*of).limit(most)
    if after is not None:
        wanted = wanted.where(tuple_(*of) > tuple_(after[0].value, after[1]))
    first = wanted.subquery()
    same = (first.c.kind == link_proposal.c.kind) & (first.c.source_id == link_proposal.c.source_id)
    rows = connection.execute(
        select(link_proposal)
        .join(first, same)
        .where(*_open_pairs(company))
        .order_by(
            link_proposal.c.kind, link_proposal.c.source_id, link_proposal.c.score.desc(), link_proposal.c.remote_id
        )
    )
    found = [proposal_of(row) for row in rows]
    return [list(each) for _, each in groupby(found, key=lambda one: (one.kind, one.source_id))]


def all_open_pairs(connection: Connection, company: str) -> list[StoredProposal]:
    """Return likely and conflicting pairs that nobody has decided about."""
    return [proposal_of(row) for row in connection.execute(select(link_proposal).where(*_open_pairs(company)))]


def open_likely_pairs(
    connection: Connection,
    company: str,
    *,
    most: int | None = None,
    after: tuple[Decimal, Kind, Pair] | None = None,
) -> list[StoredProposal]:
    """Return likely pairs that nobody has decided about, the most likely first; those beside a conflicting one
    apart. `after`: the score of the last one of the page before, and the pair."""
    score, pair = link_proposal.c.score, (link_proposal.c.kind, link_proposal.c.source_id, link_proposal.c.remote_id)
    statement = (
        select(link_proposal).where(*_open_pairs(company), ~_is_of_conflict()).order_by(score.desc(), *pair).limit(most)
    )
    if after is not None:
        last, kind, ids = after
        statement = statement.where(or_(score < last, and_(score == last, tuple_(*pair) > tuple_(kind.value, *ids))))
    return [proposal_of(row) for row in connection.execute(statement)]


def decided_pairs(
    connection: Connection,
    company: str,
    *,
    most: int | None = None,
    after: tuple[datetime, Kind, Pair] | None = None,
) -> Sequence[DecidedPair]:
    """Return the pairs that a person decided about and that no run, previews apart, may have acted on since; the newest
    first. `after`: when the last one of the page before was decided, and the pair."""
    last_seen = func.greatest(
        run.c.finished_at, run.c.loaded_at, run.c.planned_at, run.c.extracted_at, run.c.started_at
    )
    goes_on = and_(run.c.finished_at.is_(None), run.c.started_at > func.now() - _LONGEST_RUN)
    began = exists().where(
        run.c.company == link_proposal.c.company,
        run.c.mode != "preview",
        or_(last_seen >= link_proposal.c.decided_at, goes_on),
    )
    of = link_proposal.c
    place = of.decided_at, of.kind, of.source_id, of.remote_id
    statement = (
        select(link_proposal)
        .where(
            link_proposal.c.company == company,
            link_proposal.c.decision != Decision.OPEN.value,
            ~began.correlate(link_proposal),
        )
        .order_by(*(each.desc() for each in place))
        .limit(most)
    )
    if after is not None:
        at, kind, ids = after
        statement = statement.where(tuple_(*place) < tuple_(at, kind.value, *ids))
    return [
        DecidedPair(
            Kind(row.kind), row.source_id, row.remote_id, Decision(row.decision), row.decided_at, row.decided_by
        )
        for row in connection.execute(statement)
    ]


def _open_pairs(company: str) -> list[ColumnElement[bool]]:
    return [
        link_proposal.c.company == company,
        link_proposal.c.confidence != Confidence.CERTAIN.value,
        link_proposal.c.decision == Decision.OPEN.value,
        ~is_linked(link_proposal.c.kind, link_proposal.c.company, link_proposal.c.source_id),
    ]


def _conflicts(company: str) -> Select[tuple[str, str]]:
    is_conflicting = link_proposal.c.confidence == Confidence.CONFLICTING.value
    of = (link_proposal.c.kind, link_proposal.c.source_id)
    return select(*of).where(*_open_pairs(company), is_conflicting).distinct()


def _is_of_conflict() -> ColumnElement[bool]:
    """Whether another open pair of the same contact or product is conflicting, or this one."""
    other = link_proposal.alias()
    return (
        exists()
        .where(
            other.c.company == link_proposal.c.company,
            other.c.kind == link_proposal.c.kind,
            other.c.source_id == link_proposal.c.source_id,
            other.c.confidence == Confidence.CONFLICTING.value,
            other.c.decision == Decision.OPEN.value,
        )
        .correlate(link_proposal)
    )
