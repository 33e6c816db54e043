"""Scoro's plain lists as the audit saw them last. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.conditions import of_flow
from scoro_smartaccounts.staging.links import link_view
from scoro_smartaccounts.staging.schema import document, source_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.staging.links import Kind


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A row of a plain list of Scoro. `content`: the fields that are compared, as texts; `basis`: what is held for
    right where that is something else; `settles`: the documents that a receipt group is of."""

    source_id: str
    number: str
    day: date | None
    fingerprint: str
    currency: str = ""
    currency_rate: Decimal | None = None
    net: Decimal | None = None
    vat: Decimal | None = None
    paid: Decimal | None = None
    partner_id: str = ""
    credited_ids: Sequence[str] = ()
    settles: Sequence[str] = ()
    modified_at: datetime | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    basis: Mapping[str, Any] | None = None
    is_deleted: bool = False


_COLUMNS = tuple(source_listing.c[each.name] for each in fields(ListedRecord))


def store_listed(
    connection: Connection, company: str, module: str, records: Iterable[ListedRecord], at: datetime
) -> None:
    """Put rows in the place of what was known of them; what is held for right stays."""
    rows = (
        {
            "company": company,
            "module": module,
            "seen_at": at,
            **{column.name: getattr(each, column.name) for column in _COLUMNS if column.name != "basis"},
        }
        for each in records
    )
    upsert(connection, source_listing, ({**row, **_as_lists(row)} for row in rows))


def note_unlisted(connection: Connection, company: str, module: str, source_ids: Iterable[str], at: datetime) -> None:
    """Note that records left the list."""
    connection.execute(
        update(source_listing)
        .where(
            source_listing.c.company == company,
            source_listing.c.module == module,
            source_listing.c.source_id == any_of(source_ids),
        )
        .values(is_deleted=True, seen_at=at)
    )


def known_listed(
    connection: Connection, company: str, module: str, source_ids: Iterable[str]
) -> dict[str, ListedRecord]:
    """Return what is known of records."""
    rows = connection.execute(
        select(*_COLUMNS).where(
            source_listing.c.company == company,
            source_listing.c.module == module,
            source_listing.c.source_id == any_of(source_ids),
        )
    )
    return {row.source_id: ListedRecord(*row) for row in rows}


def days_listed(connection: Connection, company: str, module: str) -> list[tuple[date | None, int]]:
    """Return how many records are there, as far as is known, by day, in their order; those without a day at the end."""
    rows = connection.execute(
        select(source_listing.c.day, func.count())
        .where(*_there(company, module))
        .group_by(source_listing.c.day)
        .order_by(source_listing.c.day)
    )
    return [(day, int(number)) for day, number in rows]


def listed_between(connection: Connection, company: str, module: str, first: date, last: date | None) -> set[str]:
    """Return the ids of what is there, as far as is known, from a day on or between two."""
    within = [source_listing.c.day >= first, *([] if last is None else [source_listing.c.day <= last])]
    return set(connection.scalars(select(source_listing.c.source_id).where(*_there(company, module), *within)))


def not_seen_since(connection: Connection, company: str, module: str, since: datetime, first: date | None) -> set[str]:
    """Return the ids of what is there, as far as is known, and that no reading showed since then; from a day on, or of
    all days."""
    within = [source_listing.c.seen_at < since, *([] if first is None else [source_listing.c.day >= first])]
    return set(connection.scalars(select(source_listing.c.source_id).where(*_there(company, module), *within)))


def gone_in_staging(connection: Connection, company: str, module: str, flow: Flow, prefix: str) -> list[str]:
    """Return the ids of what is there, as far as the lists showed, and is gone by what runs read. `prefix`: what stands
    before their ids in staging."""
    return list(
        connection.scalars(
            select(source_listing.c.source_id)
            .join(document, document.c.source_id == func.concat(prefix, source_listing.c.source_id))
            .where(
                *_there(company, module),
                of_flow(document, company, flow),
                document.c.is_deleted | document.c.is_missing,
            )
        )
    )


def newest_listed(
    connection: Connection, company: str, module: str, most: int, but: Iterable[str] = ()
) -> list[ListedRecord]:
    """Return what changed last of that which is there, as far as is known, without some; the newest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(
            *_there(company, module),
            source_listing.c.modified_at.is_not(None),
            ~(source_listing.c.source_id == any_of(but)),
        )
        .order_by(source_listing.c.modified_at.desc(), source_listing.c.source_id)
        .limit(most)
    )
    return [ListedRecord(*row) for row in rows]


def listed_with(connection: Connection, company: str, module: str, name: str, value: str, most: int) -> list[str]:
    """Return the ids, so many at most, of what is there and has a field of its content so."""
    return list(
        connection.scalars(
            select(source_listing.c.source_id)
            .where(*_there(company, module), source_listing.c.content[name].astext == value)
            .order_by(source_listing.c.day.desc(), source_listing.c.source_id)
            .limit(most)
        )
    )


def linked_listed(
    connection: Connection, company: str, module: str, kind: Kind, prefix: str, since: datetime
) -> list[str]:
    """Return the ids of listed records that were linked since then. `prefix`: what stands before their ids in
    staging."""
    link = link_view()
    rows = connection.scalars(
        select(source_listing.c.source_id)
        .join(link.rows, link.source_id == func.concat(prefix, source_listing.c.source_id))
        .where(
            source_listing.c.company == company,
            source_listing.c.module == module,
            link.company == company,
            link.kind == kind.value,
            link.rows.c.linked_at >= since,
        )
        .distinct()
    )
    return list(rows)


def linked_unlisted(connection: Connection, company: str, module: str, kind: Kind, prefix: str, most: int) -> list[str]:
    """Return ids of records, so many at most, that were linked and that no list ever showed. `prefix`: what stands
    before their ids in staging."""
    link = link_view()
    is_listed = exists().where(
        source_listing.c.company == company,
        source_listing.c.module == module,
        func.concat(prefix, source_listing.c.source_id) == link.source_id,
    )
    rows = connection.scalars(
        select(link.source_id)
        .where(
            link.company == company,
            link.kind == kind.value,
            link.source_id.regexp_match(f"^{prefix}[0-9]+$"),
            link.gone_at.is_(None),
            ~is_listed,
        )
        .distinct()
        .order_by(link.source_id)
        .limit(most)
    )
    return [source_id.removeprefix(prefix) for source_id in rows]


def hold_listed_for_right(
    connection: Connection, company: str, module: str, bases: Mapping[str, Mapping[str, Any] | None]
) -> None:
    """Keep what is right of records, by id; None: what they show."""
    for source_id, basis in bases.items():
        connection.execute(
            update(source_listing)
            .where(
                source_listing.c.company == company,
                source_listing.c.module == module,
                source_listing.c.source_id == source_id,
            )
            .values(basis=None if basis is None else dict(basis))
        )


def _there(company: str, module: str) -> tuple[ColumnElement[bool], ...]:
    return (
        source_listing.c.company == company,
        source_listing.c.module == module,
        ~source_listing.c.is_deleted,
    )


def _as_lists(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(row[name]) for name in ("credited_ids", "settles")} | {"content": dict(row["content"])}
