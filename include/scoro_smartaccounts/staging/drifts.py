"""What differs between the systems since the import, as lasting states that a person may accept. The keeper of the
table."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Text, case, cast, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.staging.schema import drift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

OPEN = ("suspected", "confirmed", "told")
# What was booked is not what was planned. No night finds it again: it is open until somebody accepts it, or its record
# is gone.
BOOKED_DIFFERENTLY = "booked_differently"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference that was seen. `system`: in which something changed, `books` or `scoro`; `before` and `after`: the
    fields by name, as texts. `case_key`: drifts that share it are one case; empty: a case of its own. `is_suspected`:
    not sure yet, and told to nobody. `mark`: what else tells it from a further change; it is not kept."""

    system: str
    kind: str
    flow: str
    reason: Reason
    source_id: str = ""
    remote_id: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    amount: Decimal | None = None
    currency: str = ""
    evidence: str = ""
    case_key: str = ""
    is_suspected: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference as it stands in staging."""

    id: int
    system: str
    kind: str
    flow: str
    source_id: str
    remote_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    amount: Decimal | None
    currency: str
    evidence: str
    case_key: str
    state: str
    reason: Reason
    first_seen: datetime
    confirmed_at: datetime | None
    told_at: datetime | None
    closed_at: datetime | None
    accepted_by: str
    note: str

    @property
    def is_open(self) -> bool:
        """Whether the sides still differ, and nobody has accepted it."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Drifts that are one case and were told, or are to be. `first` stands for all; `count`: how many; `amount`: their
    sum, None of several currencies; `mark`: two looks at it that share it saw the same."""

    first: Drift
    count: int
    amount: Decimal | None
    first_seen: datetime
    mark: str


_COLUMNS = tuple(drift.c[each.name] for each in fields(Drift))


def note_drift(connection: Connection, company: str, found: Found, at: datetime) -> None:
    """Keep a difference: one that is known is told again only where the other side changed again."""
    identity = {
        "system": found.system,
        "kind": found.kind,
        "flow": found.flow,
        "source_id": found.source_id,
        "remote_id": found.remote_id,
    }
    shown = json.dumps(dict(found.after), sort_keys=True) + found.mark
    after_hash = hashlib.sha256(shown.encode()).hexdigest()[:32]
    own_case = "/".join((found.kind, found.flow, found.source_id, found.remote_id))
    values = {
        "before": dict(found.before),
        "after": dict(found.after),
        "after_hash": after_hash,
        "amount": found.amount,
        "currency": found.currency,
        "evidence": found.evidence,
        "case_key": found.case_key or own_case,
        "reason": found.reason.to_json(),
    }
    state = "suspected" if found.is_suspected else "confirmed"
    confirmed = None if found.is_suspected else at
    known = connection.execute(
        select(drift.c.id, drift.c.state, drift.c.after_hash)
        .where(drift.c.company == company, drift.c.state.in_(OPEN), *(drift.c[n] == v for n, v in identity.items()))
        .with_for_update()
    ).one_or_none()
    if known is None:
        connection.execute(
            insert(drift).values(
                company=company, **identity, **values, state=state, first_seen=at, confirmed_at=confirmed
            )
        )
    elif known.after_hash != after_hash or (known.state == "suspected" and not found.is_suspected):
        connection.execute(
            update(drift)
            .where(drift.c.id == known.id)
            .values(**values, state=state, confirmed_at=confirmed, told_at=None)
        )


def tell_otherwise(connection: Connection, drift_id: int, told: Reason) -> None:
    """Let a difference that stays have another sentence."""
    connection.execute(update(drift).where(drift.c.id == drift_id).values(reason=told.to_json()))


def close_drifts(
    connection: Connection,
    company: str,
    system: str,
    at: datetime,
    *,
    flow: str,
    source_ids: Iterable[str] | None = None,
    remote_ids: Iterable[str] | None = None,
    but: Collection[str] = (),
    state: str = "mended",
) -> int:
    """Close what is open of records, but for these kinds; how many."""
    of = [] if source_ids is None else [drift.c.source_id.in_(list(source_ids))]
    of += [] if remote_ids is None else [drift.c.remote_id.in_(list(remote_ids))]
    return connection.execute(
        update(drift)
        .where(*_is_open(company), drift.c.system == system, drift.c.flow == flow, *of, drift.c.kind.not_in(list(but)))
        .values(state=state, closed_at=at)
    ).rowcount


def close_these(connection: Connection, company: str, ids: Iterable[int], at: datetime, state: str) -> int:
    """Close what is open of these; how many."""
    of_these = drift.c.id.in_(list(ids))
    closed = update(drift).where(*_is_open(company), of_these).values(state=state, closed_at=at)
    return connection.execute(closed).rowcount


def open_drifts(connection: Connection, company: str, *kinds: str) -> list[Drift]:
    """Return what is open, of these kinds or of all, the oldest first."""
    return _read(connection, *_is_open(company), *([drift.c.kind.in_(kinds)] if kinds else []))


def has_open_drifts(connection: Connection, company: str) -> bool:
    """Whether anything is open, be it not sure yet."""
    return bool(connection.scalar(select(exists().where(*_is_open(company)))))


def open_cases(connection: Connection, company: str, *, most: int) -> list[OpenCase]:
    """Return what is open and sure, case by case, the oldest first."""
    return _cases(connection, company, most=most)


def count_cases(connection: Connection, company: str, *kinds: str) -> int:
    """Count what is open and sure, of these kinds or of all, case by case."""
    of = [drift.c.kind.in_(kinds)] if kinds else []
    statement = select(func.count(drift.c.case_key.distinct())).where(*_is_sure(company), *of)
    return connection.scalar(statement) or 0


def alarm_about(connection: Connection, company: str, flow: str, source_id: str) -> Drift | None:
    """Return what tells that a document was booked differently than planned; None where nothing does, or somebody
    accepted it."""
    of_document = (drift.c.kind == BOOKED_DIFFERENTLY, drift.c.flow == flow, drift.c.source_id == source_id)
    return next(iter(_read(connection, *_is_sure(company), *of_document, most=1)), None)


def open_case(connection: Connection, company: str, drift_id: int) -> OpenCase | None:
    """Return the case that a drift belongs to; None where it is not open, or not sure."""
    key = select(drift.c.case_key).where(*_is_sure(company), drift.c.id == drift_id)
    return next(iter(_cases(connection, company, drift.c.case_key.in_(key), most=1)), None)


def drifts_of(connection: Connection, company: str, case_key: str, *, most: int, after: int = 0) -> list[Drift]:
    """Return the drifts of an open case, the oldest first; those behind `after`."""
    return _read(connection, *_is_sure(company), drift.c.case_key == case_key, drift.c.id > after, most=most)


def drifts_since(connection: Connection, company: str, since: datetime) -> list[Drift]:
    """Return what was closed since a moment."""
    return _read(connection, drift.c.company == company, drift.c.closed_at >= since)


def case_of(connection: Connection, company: str, drift_id: int) -> list[Drift]:
    """Return all that is open of the case that a drift belongs to, itself among it; nothing where it is closed."""
    key = select(drift.c.case_key).where(drift.c.company == company, drift.c.id == drift_id, drift.c.state.in_(OPEN))
    return _read(connection, *_is_open(company), drift.c.case_key.in_(key))


def accept_drifts(
    connection: Connection, company: str, ids: Iterable[int], at: datetime, *, by: str, note: str
) -> None:
    """Note that a person takes them as they are."""
    connection.execute(
        update(drift)
        .where(*_is_open(company), drift.c.id.in_(list(ids)))
        .values(state="accepted", closed_at=at, accepted_by=by, note=note)
    )


def note_told(connection: Connection, company: str, ids: Iterable[int], at: datetime) -> None:
    """Note that a report told these."""
    is_of_these = (drift.c.company == company, drift.c.id.in_(list(ids)), drift.c.state == "confirmed")
    connection.execute(update(drift).where(*is_of_these).values(state="told", told_at=at))


def note_told_before(
    connection: Connection, company: str, system: str, flow: str, told: Mapping[str, datetime]
) -> None:
    """Note that a run told of these records, by their ids in Scoro, at these moments: what a report has not told yet
    is not new to anybody."""
    for source_id, at in told.items():
        connection.execute(
            update(drift)
            .where(
                drift.c.company == company,
                drift.c.system == system,
                drift.c.flow == flow,
                drift.c.source_id == source_id,
                drift.c.state == "confirmed",
            )
            .values(state="told", told_at=at)
        )


def _is_open(company: str) -> tuple[ColumnElement[bool], ...]:
    return drift.c.company == company, drift.c.state.in_(OPEN)


def _is_sure(company: str) -> tuple[ColumnElement[bool], ...]:
    return *_is_open(company), drift.c.state != "suspected"


def _cases(connection: Connection, company: str, *conditions: ColumnElement[bool], most: int) -> list[OpenCase]:
    each = func.concat(cast(drift.c.id, Text), ":", drift.c.after_hash)
    rows = connection.execute(
        select(
            func.min(drift.c.id).label("first"),
            func.count().label("drifts"),
            case((func.count(drift.c.currency.distinct()) == 1, func.sum(drift.c.amount))).label("amount"),
            func.min(drift.c.first_seen).label("first_seen"),
            func.md5(func.string_agg(each, aggregate_order_by(literal(","), drift.c.id))).label("mark"),
        )
        .where(*_is_sure(company), *conditions)
        .group_by(drift.c.case_key)
        .order_by(func.min(drift.c.id))
        .limit(most)
    ).all()
    firsts = {each.id: each for each in _read(connection, drift.c.id.in_([row.first for row in rows]))}
    return [OpenCase(firsts[row.first], row.drifts, row.amount, row.first_seen, row.mark) for row in rows]


def _read(connection: Connection, *conditions: ColumnElement[bool], most: int | None = None) -> list[Drift]:
    rows = connection.execute(select(*_COLUMNS).where(*conditions).order_by(drift.c.id).limit(most))
    return [_drift(row) for row in rows]


def _drift(row: Row[Any]) -> Drift:
    return Drift(**{**row._mapping, "reason": Reason.from_json(row.reason)})
