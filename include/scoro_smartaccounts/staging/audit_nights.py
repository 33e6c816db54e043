"""How far the audit knows each list, what each night found, and what it looks for. The keeper of these tables."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.stored import mapping
from scoro_smartaccounts.staging.schema import audit_mark, audit_night, hunt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a list is known: see the table. `detail` is the list's own."""

    list: str
    read_to: date | None = None
    is_whole: bool = False
    known_to: datetime | None = None
    canary_id: str = ""
    canary_updated: datetime | None = None
    slice: int | None = None
    sweep_cursor: date | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Night:
    """What one night found. `evidence`: what each of its steps did: one that is repeated does not do it again."""

    night: date
    state: str
    scoro_state: str
    requests_smartaccounts: int
    requests_scoro: int
    known_to: Mapping[str, Any]
    evidence: Mapping[str, Any]
    previous_hash: str
    hash: str
    opened_at: datetime
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is looked for, between two days. `difference`: of each account, as text; of a list the number missing."""

    list: str
    kind: str
    lo: date
    hi: date
    difference: Mapping[str, Any]


_MARK = tuple(audit_mark.c[each.name] for each in fields(Mark))
_NIGHT = tuple(audit_night.c[each.name] for each in fields(Night))


def known_mark(connection: Connection, company: str, name: str) -> Mark:
    """Return how far a list is known."""
    row = connection.execute(
        select(*_MARK).where(audit_mark.c.company == company, audit_mark.c.list == name)
    ).one_or_none()
    return Mark(name) if row is None else Mark(*row)


def store_mark(connection: Connection, company: str, mark: Mark) -> None:
    """Keep how far a list is known."""
    values = {each.name: getattr(mark, each.name) for each in fields(Mark) if each.name != "list"}
    values["detail"] = dict(mark.detail)
    statement = insert(audit_mark).values(company=company, list=mark.list, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["company", "list"], set_=values))


def open_night(connection: Connection, company: str, night: date, at: datetime) -> Night:
    """Return what a night has found so far; a new one is opened."""
    statement = insert(audit_night).values(company=company, night=night, state="open", opened_at=at)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["company", "night"]))
    return _night(
        connection.execute(select(*_NIGHT).where(audit_night.c.company == company, audit_night.c.night == night)).one()
    )


def note_night(connection: Connection, company: str, night: date, **values: Any) -> None:
    """Keep what a night found: columns by name."""
    connection.execute(
        update(audit_night).where(audit_night.c.company == company, audit_night.c.night == night).values(**values)
    )


def note_step(connection: Connection, company: str, night: date, step: str, evidence: Mapping[str, Any]) -> None:
    """Keep what a step of a night did."""
    known = connection.scalar(
        select(audit_night.c.evidence)
        .where(audit_night.c.company == company, audit_night.c.night == night)
        .with_for_update()
    )
    note_night(connection, company, night, evidence={**(known or {}), step: dict(evidence)})


def nights(connection: Connection, company: str, most: int, before: date | None = None) -> list[Night]:
    """Return the last nights that ended, the newest first."""
    earlier = [] if before is None else [audit_night.c.night < before]
    rows = connection.execute(
        select(*_NIGHT)
        .where(audit_night.c.company == company, audit_night.c.reported_at.is_not(None), *earlier)
        .order_by(audit_night.c.night.desc())
        .limit(most)
    )
    return [_night(row) for row in rows]


def newest_night(connection: Connection, company: str) -> Night | None:
    """Return the night that began last, whether or not it ended; None where none was."""
    row = connection.execute(
        select(*_NIGHT).where(audit_night.c.company == company).order_by(audit_night.c.night.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _night(row)


def _night(row: Row[Any]) -> Night:
    evidence = {name: mapping(step) for name, step in mapping(row.evidence).items()}
    return Night(**{**row._mapping, "evidence": evidence})


def open_hunts(connection: Connection, company: str) -> list[Hunt]:
    """Return what is looked for."""
    rows = connection.execute(
        select(hunt.c.list, hunt.c.kind, hunt.c.lo, hunt.c.hi, hunt.c.difference)
        .where(hunt.c.company == company)
        .order_by(hunt.c.list, hunt.c.kind)
    )
    return [Hunt(*row) for row in rows]


def store_hunt(connection: Connection, company: str, wanted: Hunt) -> None:
    """Look for something from now on, or between other days."""
    values = {"lo": wanted.lo, "hi": wanted.hi, "difference": dict(wanted.difference)}
    statement = insert(hunt).values(company=company, list=wanted.list, kind=wanted.kind, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["company", "list", "kind"], set_=values))


def end_hunt(connection: Connection, company: str, name: str, kind: str) -> None:
    """Look for it no more."""
    connection.execute(delete(hunt).where(hunt.c.company == company, hunt.c.list == name, hunt.c.kind == kind))
