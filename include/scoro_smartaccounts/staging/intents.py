"""Intents: the outbox of requests that create a record, each written before its request leaves. The keeper of the
table: nobody else knows its columns.

An open intent is one whose answer is not known: its record may have been created.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, or_, select, text, update

from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.locks import lock_number
from scoro_smartaccounts.staging.schema import intent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime


class State(StrEnum):
    """What became of a request."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    # It was proven that it was never applied.
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A request about to leave. `payload` is its body, `signed_at` the only timestamp that it may ever be signed with;
    `part`: which part of a receipt group (of a payment) it makes; `known_ids`: receipt groups that Scoro had of the
    documents before."""

    kind: Kind
    source_id: str
    natural_key: str
    operation: str
    payload: str
    payload_hash: str
    signed_at: datetime
    part: int = 0
    day: date | None = None
    content_hash: str = ""
    known_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """A request as it stands in staging."""

    id: int
    kind: Kind
    source_id: str
    part: int
    natural_key: str
    operation: str
    payload: str
    day: date | None
    content_hash: str
    known_ids: tuple[str, ...]
    signed_at: datetime
    state: State
    remote_id: str | None
    note: str
    written_at: datetime
    settled_at: datetime | None


def write_intent(connection: Connection, company: str, run_key: str, new: NewIntent) -> int:
    """Open an intent; its id. The unique indexes refuse a second one of the same record or natural key."""
    intent_id: int = connection.execute(
        insert(intent)
        .values(
            company=company,
            run_key=run_key,
            kind=new.kind.value,
            source_id=new.source_id,
            part=new.part,
            natural_key=new.natural_key,
            operation=new.operation,
            payload=new.payload,
            payload_hash=new.payload_hash,
            day=new.day,
            content_hash=new.content_hash,
            signed_at=new.signed_at,
            known_ids=None if new.known_ids is None else list(new.known_ids),
        )
        .returning(intent.c.id)
    ).scalar_one()
    return intent_id


def close_intent(
    connection: Connection, intent_id: int, state: State, *, at: datetime, note: str = "", remote_id: str | None = None
) -> None:
    """Close an intent: it is known what became of the request."""
    connection.execute(
        update(intent)
        .where(intent.c.id == intent_id)
        .values(state=state.value, note=note, remote_id=remote_id, settled_at=at)
    )


def claim_intent(connection: Connection, company: str, item: Intent) -> bool:
    """Take the record's lock for this transaction; False when another run holds it or has settled the intent."""
    number = {"number": lock_number(company, item.kind.value, item.natural_key)}
    if not connection.execute(text("select pg_try_advisory_xact_lock(:number)"), number).scalar_one():
        return False
    state = connection.execute(select(intent.c.state).where(intent.c.id == item.id)).scalar_one()
    return bool(state == State.OPEN.value)


def open_intents(connection: Connection, company: str, *kinds: Kind) -> list[Intent]:
    """Return the company's open intents of these kinds, the oldest first."""
    return _read(connection, company, kinds, intent.c.state == State.OPEN.value)


def is_in_doubt(
    connection: Connection, company: str, kind: Kind, *, natural_key: str, source_id: str, part: int = 0
) -> bool:
    """Whether a request of this record, or of its natural key, has no answer."""
    is_its = (intent.c.source_id == source_id) & (intent.c.part == part)
    found = connection.execute(
        select(intent.c.id).where(
            intent.c.company == company,
            intent.c.kind == kind.value,
            intent.c.state == State.OPEN.value,
            or_(intent.c.natural_key == natural_key, is_its),
        )
    ).first()
    return found is not None


def count_in_doubt(connection: Connection, company: str, before: datetime) -> dict[Kind, int]:
    """Return how many records of each kind have been in doubt since before a moment."""
    written = func.min(intent.c.written_at)
    oldest = (
        select(intent.c.kind, written.label("written_at"))
        .where(intent.c.company == company, intent.c.state == State.OPEN)
        .group_by(intent.c.kind, intent.c.source_id, intent.c.part)
        .having(written < before)
        .subquery()
    )
    rows = connection.execute(select(oldest.c.kind, func.count()).group_by(oldest.c.kind))
    return {Kind(kind): number for kind, number in rows}


def intents_of(connection: Connection, company: str, kind: Kind, source_id: str) -> list[Intent]:
    """All requests that were sent for a record, its parts included, the oldest first."""
    return _read(connection, company, [kind], intent.c.source_id == source_id)


@dataclass(frozen=True, slots=True)
class Silence:
    """How a service answers: the records whose requests were the last ones and had no answer (`unanswered`, those that
    were proven never to have been applied included), the records in doubt, and when the newest of these was sent."""

    unanswered: int
    in_doubt: int
    newest: datetime | None


def silence(connection: Connection, company: str, kinds: Iterable[Kind]) -> Silence:
    """Of the service that has the records of these kinds."""
    own = (intent.c.company == company, intent.c.kind.in_([kind.value for kind in kinds]))
    answered = (State.DONE.value, State.REFUSED.value)
    last = select(func.coalesce(func.max(intent.c.id), 0)).where(*own, intent.c.state.in_(answered))
    record = func.concat_ws("/", intent.c.kind, intent.c.source_id, intent.c.part)
    is_open = intent.c.state == State.OPEN.value
    row = connection.execute(
        select(
            func.count(record.distinct()).filter(intent.c.id > last.scalar_subquery()).label("unanswered"),
            func.count(record.distinct()).filter(is_open).label("in_doubt"),
            func.max(intent.c.signed_at).filter(is_open).label("newest"),
        ).where(*own, intent.c.state.not_in(answered))
    ).one()
    return Silence(row.unanswered, row.in_doubt, row.newest)


def has_sent_in_doubt(connection: Connection, company: str, run_key: str) -> bool:
    """Whether a request of this run has no answer."""
    found = connection.scalar(
        select(intent.c.id)
        .where(intent.c.company == company, intent.c.run_key == run_key, intent.c.state == State.OPEN.value)
        .limit(1)
    )
    return found is not None


def sent_in_vain(connection: Connection, company: str, run_key: str) -> Mapping[tuple[Kind, str, int], int]:
    """How many requests of this run for each record (kind, id, part) were proven never to have been applied."""
    rows = connection.execute(
        select(intent.c.kind, intent.c.source_id, intent.c.part, func.count().label("requests"))
        .where(intent.c.company == company, intent.c.run_key == run_key, intent.c.state == State.ABSENT.value)
        .group_by(intent.c.kind, intent.c.source_id, intent.c.part)
    )
    return {(Kind(row.kind), row.source_id, row.part): row.requests for row in rows}


def absent_intents(connection: Connection, company: str, kind: Kind, days: Collection[date]) -> list[Intent]:
    """Return requests of records of these days that count as never applied, the oldest first."""
    return _read(connection, company, [kind], intent.c.state == State.ABSENT.value, intent.c.day.in_(days))


def booked_under(
    connection: Connection, company: str, kind: Kind, natural_key: str, *, since: datetime, other_than: str
) -> str | None:
    """Return the record, other than this one, that was booked under a natural key since a moment."""
    found: str | None = connection.scalar(
        select(intent.c.source_id).where(
            intent.c.company == company,
            intent.c.kind == kind.value,
            intent.c.natural_key == natural_key,
            intent.c.source_id != other_than,
            intent.c.state == State.DONE.value,
            intent.c.settled_at >= since,
        )
    )
    return found


def created_remote_ids(
    connection: Connection,
    company: str,
    kind: Kind,
    remote_ids: Iterable[str] | None = None,
    *,
    run_key: str | None = None,
) -> frozenset[str]:
    """Remote ids of the records that this pipeline created: all, those among the given ones, those of one run."""
    statement = select(intent.c.remote_id).where(
        intent.c.company == company,
        intent.c.kind == kind.value,
        intent.c.state == State.DONE.value,
        intent.c.remote_id.is_not(None),
    )
    if remote_ids is not None:
        statement = statement.where(intent.c.remote_id == any_of(remote_ids))
    if run_key is not None:
        statement = statement.where(intent.c.run_key == run_key)
    return frozenset(connection.scalars(statement))


def being_created(
    connection: Connection, company: str, kind: Kind, natural_keys: Mapping[str, str], source_ids: Iterable[str]
) -> set[str]:
    """Those of the records of which a request has no answer, be it under their natural key; keys by source id."""
    wanted = set(source_ids)
    keys = {natural_keys[source_id] for source_id in wanted if source_id in natural_keys}
    rows = connection.execute(
        select(intent.c.source_id, intent.c.natural_key).where(
            intent.c.company == company,
            intent.c.kind == kind.value,
            intent.c.state == State.OPEN.value,
            or_(intent.c.source_id == any_of(wanted), intent.c.natural_key == any_of(keys)),
        )
    ).all()
    ids, taken = {row.source_id for row in rows}, {row.natural_key for row in rows}
    return {source_id for source_id in wanted if source_id in ids or natural_keys.get(source_id) in taken}


def has_open_intent(kind: Kind, company: ColumnElement[str], source_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Within larger queries: whether a request of the record, or of a part of it, has no answer."""
    return exists().where(
        intent.c.company == company,
        intent.c.kind == kind.value,
        intent.c.state == State.OPEN.value,
        intent.c.source_id == source_id,
    )


def sent_in_doubt(kind: Kind) -> Select[tuple[str, str]]:
    """Within larger queries: company and id of the records of a kind of which a request has no answer."""
    return select(intent.c.company, intent.c.source_id).where(
        intent.c.kind == kind.value, intent.c.state == State.OPEN.value
    )


def has_open_intent_sql(kind: str, company: str, source_id: str) -> str:
    """Return the same as SQL; the arguments are SQL too."""
    return (
        f"exists (select from intent where intent.company = {company} and intent.kind = {kind}"
        f" and intent.state = 'open' and intent.source_id = {source_id})"
    )


def _read(
    connection: Connection, company: str, kinds: Iterable[Kind], *conditions: ColumnElement[bool]
) -> list[Intent]:
    rows = connection.execute(
        select(intent)
        .where(intent.c.company == company, intent.c.kind.in_([kind.value for kind in kinds]), *conditions)
        .order_by(intent.c.id)
    )
    return [
        Intent(
            id=row.id,
            kind=Kind(row.kind),
            source_id=row.source_id,
            part=row.part,
            natural_key=row.natural_key,
            operation=row.operation,
            payload=row.payload,
            day=row.day,
            content_hash=row.content_hash,
            known_ids=tuple(row.known_ids or ()),
            signed_at=row.signed_at,
            state=State(row.state),
            remote_id=row.remote_id,
            note=row.note,
            written_at=row.written_at,
            settled_at=row.settled_at,
        )
        for row in rows
    ]
