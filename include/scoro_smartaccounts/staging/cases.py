"""What stands in quarantine, as the steps ask for it: conditions for queries over documents, and sets of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, exists, false, func, or_, select, true

from scoro_smartaccounts.common.reasons import Reason, Severity, Step, codes_of
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, of_run, same_document
from scoro_smartaccounts.staging.schema import document, quarantine, run_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import RunRequest

# Cases that the load step opens and that it tries again by itself.
OWN_CASES = codes_of(Step.LOAD, Severity.ERROR)
# Cases that are not resolved: at most one a document.
_LIVING = ("open", "released", "dismissed")


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What staging knows of a document beside its content. `is_gone`: deleted or missing at its source;
    `is_dismissed`: a person never wants it imported as it is now."""

    number: str
    day: date | None
    is_gone: bool
    is_dismissed: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """A case that keeps a document from being sent."""

    state: str
    reason: Reason


def document_states(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]
) -> dict[str, DocumentState]:
    """By source id, of those that are staged."""
    rows = connection.execute(
        select(
            document.c.source_id,
            document.c.number,
            document.c.day,
            or_(document.c.is_deleted, document.c.is_missing).label("is_gone"),
            exists()
            .where(same_document(quarantine, document), _is_dismissed_as_is())
            .correlate(document)
            .label("is_dismissed"),
        ).where(
            of_documents(document, company, flow, source_ids),
        )
    )
    return {row.source_id: DocumentState(row.number, row.day, row.is_gone, row.is_dismissed) for row in rows}


def open_with(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], codes: Iterable[str]
) -> set[str]:
    """Documents with an open case of one of these codes."""
    return set(
        connection.scalars(
            select(quarantine.c.source_id).where(
                of_documents(quarantine, company, flow, source_ids),
                quarantine.c.state == "open",
                quarantine.c.code == any_of(codes),
            )
        )
    )


def dismissed_ever(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Documents that a person dismissed, whether they changed since or not."""
    return set(
        connection.scalars(
            select(quarantine.c.source_id).where(
                of_documents(quarantine, company, flow, source_ids),
                quarantine.c.state == "dismissed",
            )
        )
    )


def living_cases(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]
) -> dict[str, tuple[str, str, Reason]]:
    """State, content hash and reason of the cases that are not resolved, by source id."""
    rows = connection.execute(
        select(quarantine.c.source_id, quarantine.c.state, quarantine.c.content_hash, quarantine.c.reason).where(
            of_documents(quarantine, company, flow, source_ids),
            quarantine.c.state.in_(_LIVING),
        )
    )
    return {row.source_id: (row.state, row.content_hash, Reason.from_json(row.reason)) for row in rows}


def blocked(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], own: Collection[str]
) -> dict[str, Blocked]:
    """Documents that must not be sent, and the newest case that says so; see `blocks_sending`."""
    rows = connection.execute(
        select(quarantine.c.source_id, quarantine.c.state, quarantine.c.reason)
        .join(document, same_document(quarantine, document))
        .where(
            of_documents(quarantine, company, flow, source_ids),
            _blocks(own),
        )
        .order_by(quarantine.c.id)
    )
    return {row.source_id: Blocked(row.state, Reason.from_json(row.reason)) for row in rows}


def blocks_sending(own: Collection[str]) -> ColumnElement[bool]:
    """Of a query over `document`: a case keeps it from being sent. Cases of the codes `own` do not: what the load step
    itself refused is tried again."""
    return exists().where(same_document(quarantine, document), _blocks(own)).correlate(document)


def refusal(own: Collection[str]) -> ScalarSelect[Any]:
    """Of a query over `document`: the stored reason of its open case of the codes `own`."""
    return (
        select(quarantine.c.reason)
        .where(same_document(quarantine, document), quarantine.c.state == "open", quarantine.c.code == any_of(own))
        .correlate(document)
        .scalar_subquery()
    )


def is_dismissed_as(
    company: ColumnElement[str], flow: Flow, source_id: ColumnElement[str], content_hash: ColumnElement[str]
) -> ColumnElement[bool]:
    """Of a query over anything: a person dismissed the record of this id and content."""
    return exists().where(
        of_flow(quarantine, company, flow),
        quarantine.c.source_id == source_id,
        quarantine.c.state == "dismissed",
        quarantine.c.content_hash == content_hash,
    )


def is_dismissed_sql(document: str, case: str = "true") -> str:
    """Return SQL: a person dismissed the document of this alias as it is now, from a `case` of this condition over
    `q`."""
    return (
        f"exists (select from quarantine q where q.company = {document}.company and q.flow = {document}.flow"
        f" and q.source_id = {document}.source_id and q.state = 'dismissed'"
        f" and q.content_hash = {document}.content_hash and {case})"
    )


def count_by_code(connection: Connection, request: RunRequest) -> dict[str, int]:
    """Open cases of the documents that the run left in quarantine, by code."""
    rows = connection.execute(
        select(quarantine.c.code, func.count().label("documents"))
        .join(
            run_document,
            same_document(run_document, quarantine),
        )
        .where(
            of_run(run_document, request),
            run_document.c.outcome == "quarantined",
            quarantine.c.state == "open",
        )
        .group_by(quarantine.c.code)
        .order_by(quarantine.c.code)
    )
    return {row.code: row.documents for row in rows}


def count_opened(connection: Connection, request: RunRequest) -> int:
    """How many open cases this run opened."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(quarantine)
            .where(
                of_run(quarantine, request),
                quarantine.c.state == "open",
            )
        ).scalar_one()
    )


def _blocks(own: Collection[str]) -> ColumnElement[bool]:
    others = ~(quarantine.c.code == any_of(own)) if own else true()
    return or_(_is_dismissed_as_is(), and_(quarantine.c.state == "open", others))


def _is_dismissed_as_is() -> ColumnElement[bool]:
    return func.coalesce(
        and_(quarantine.c.state == "dismissed", quarantine.c.content_hash == document.c.content_hash), false()
    )
