"""Documents that will go on by themselves, for people to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, tuple_

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.schema import document, waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from scoro_smartaccounts.common.run import RunRequest

# The wait of a credit invoice whose invoice is not in the books yet.
BASE_NOT_BOOKED = "base_not_booked"


@dataclass(frozen=True, slots=True)
class Wait:
    """What a document waits for and since when; `name` is its number, or its Scoro id without one."""

    flow: Flow
    source_id: str
    name: str
    day: date | None
    reason: Reason
    since: datetime


def count_waiting(connection: Connection, company: str) -> int:
    """Count the documents of a company that wait."""
    statement = select(func.count()).select_from(waiting).join(document, same_document(document, waiting))
    return connection.scalar(statement.where(waiting.c.company == company)) or 0


@dataclass(frozen=True, slots=True)
class WaitReason:
    """How many documents of a flow wait for one reason, since when, and what is said of one of them."""

    flow: Flow
    code: str
    documents: int
    since: datetime
    example: Reason


def wait_reasons(connection: Connection, company: str) -> list[WaitReason]:
    """Return what documents of a company wait for, the most frequent first."""
    of = waiting.c.flow, waiting.c.code
    rows = connection.execute(
        select(
            *of,
            func.count().label("documents"),
            func.min(waiting.c.since).label("since"),
            func.min(waiting.c.source_id).label("first"),
        )
        .join(document, same_document(document, waiting))
        .where(waiting.c.company == company)
        .group_by(*of)
        .order_by(func.count().desc(), *of)
    ).all()
    said = {
        (row.flow, row.source_id): Reason.from_json(row.reason)
        for row in connection.execute(
            select(waiting.c.flow, waiting.c.source_id, waiting.c.reason).where(
                waiting.c.company == company,
                tuple_(waiting.c.flow, waiting.c.source_id).in_([(row.flow, row.first) for row in rows]),
            )
        )
    }
    return [WaitReason(Flow(row.flow), row.code, row.documents, row.since, said[row.flow, row.first]) for row in rows]


def waiting_for(
    connection: Connection,
    company: str,
    flow: Flow,
    code: str,
    *,
    most: int,
    after: tuple[datetime, str] | None = None,
) -> list[Wait]:
    """Return documents of a flow that wait for one reason, the longest waiting first. `after`: since when the last one
    of the page before waits, and its document."""
    place = waiting.c.since, waiting.c.source_id
    statement = _waits().where(of_flow(waiting, company, flow), waiting.c.code == code).order_by(*place).limit(most)
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    return [_wait_of(row) for row in connection.execute(statement)]


def list_waiting(connection: Connection, company: str) -> list[Wait]:
    """Return the documents of a company that wait, the longest waiting first."""
    statement = _waits().where(waiting.c.company == company)
    place = waiting.c.since, document.c.day, waiting.c.flow, waiting.c.source_id
    return [_wait_of(row) for row in connection.execute(statement.order_by(*place))]


def _waits() -> Select[Any]:
    return (
        select(
            waiting.c.flow,
            waiting.c.source_id,
            func.coalesce(func.nullif(document.c.number, ""), document.c.source_id).label("name"),
            document.c.day,
            waiting.c.reason,
            waiting.c.since,
        )
        .select_from(waiting)
        .join(document, same_document(document, waiting))
    )


def _wait_of(row: Row[Any]) -> Wait:
    return Wait(Flow(row.flow), row.source_id, row.name, row.day, Reason.from_json(row.reason), row.since)


def note_waiting(
    connection: Connection,
    request: RunRequest,
    waits: Mapping[str, Reason],
    *,
    batch: Iterable[str] = (),
    codes: Collection[str] = (),
) -> None:
    """Put documents of the run's flow on the list, by source id; who stands there keeps since when. Those of `batch`
    that wait for none of `codes` any more are taken off it."""
    company, flow = request.company.key, request.flow.value
    going_on = [source_id for source_id in batch if source_id not in waits]
    connection.execute(
        delete(waiting).where(
            waiting.c.company == company,
            waiting.c.flow == flow,
            waiting.c.code == any_of(codes),
            waiting.c.source_id == any_of(going_on),
        )
    )
    let_wait(connection, request, ((source_id, item, None) for source_id, item in waits.items()))


def let_wait(connection: Connection, request: RunRequest, waits: Iterable[tuple[str, Reason, date | None]]) -> None:
    """Put documents of the run's flow on the list: their ids, what they wait for and the day before which no run has to
    look again. Who stands there keeps since when."""
    rows = (
        {
            "company": request.company.key,
            "flow": request.flow.value,
            "source_id": source_id,
            "code": why.code,
            "reason": why.to_json(),
            "not_before": not_before,
        }
        for source_id, why, not_before in waits
    )
    upsert(connection, waiting, rows)


def stop_waiting(connection: Connection, request: RunRequest, source_ids: Iterable[str]) -> None:
    """Take documents of the run's flow off the list."""
    connection.execute(
        delete(waiting).where(
            of_documents(waiting, request.company.key, request.flow, source_ids),
        )
    )


@dataclass(frozen=True, slots=True)
class TakenOff:
    """A document that waited: for what, and the hash of its content."""

    flow: str
    source_id: str
    why: Reason
    content_hash: str


def take_off(connection: Connection, company: str, is_meant: ColumnElement[bool]) -> list[TakenOff]:
    """Take documents off the list that meet a condition over `document`, and return them."""
    rows = connection.execute(
        delete(waiting)
        .where(
            waiting.c.company == company,
            same_document(document, waiting),
            is_meant,
        )
        .returning(waiting.c.flow, waiting.c.source_id, waiting.c.reason, document.c.content_hash)
    )
    return [TakenOff(row.flow, row.source_id, Reason.from_json(row.reason), row.content_hash) for row in rows]


def stop_where(connection: Connection, company: str, flow: Flow, is_settled: ColumnElement[bool]) -> None:
    """Take documents of a flow off the list that meet a condition over `waiting_id()`."""
    connection.execute(delete(waiting).where(of_flow(waiting, company, flow), is_settled))


def waiting_id() -> ColumnElement[str]:
    """Return the source id of what waits, in conditions of `stop_where`."""
    return waiting.c.source_id


def waits_of(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> dict[str, Reason]:
    """Return what documents wait for, by source id, of those that do."""
    rows = connection.execute(
        select(waiting.c.source_id, waiting.c.reason).where(of_documents(waiting, company, flow, source_ids))
    )
    return {row.source_id: Reason.from_json(row.reason) for row in rows}
