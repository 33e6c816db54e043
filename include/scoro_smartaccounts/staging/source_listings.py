"""Scoro's plain lists as the audit saw them last. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, update

from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.schema import source_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal


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


def count_listed(connection: Connection, company: str, module: str, first: date | None, last: date | None) -> int:
    """Return how many records are there, as far as is known, of all days or of these."""
    within = [] if first is None else [source_listing.c.day >= first]
    within += [] if last is None else [source_listing.c.day <= last]
    return int(
        connection.scalar(
            select(func.count()).where(
                source_listing.c.company == company,
                source_listing.c.module == module,
                ~source_listing.c.is_deleted,
                *within,
            )
        )
        or 0
    )


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


def _as_lists(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(row[name]) for name in ("credited_ids", "settles")} | {"content": dict(row["content"])}
