"""What can be read from a record of Scoro before it is parsed, however broken the rest of it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.border.record_bounds import kept, left_out
from scoro_smartaccounts.scoro import values

if TYPE_CHECKING:
    from datetime import date, datetime

Row = Mapping[str, Any]


class Record(dict[str, Any]):
    """A row as the client read it. `weight`: about how many bytes it takes in memory, its share of its answer's."""

    __slots__ = ("weight",)

    def __init__(self, row: Row, weight: int) -> None:
        super().__init__(row)
        self.weight = weight


def weight_of(row: Row | None) -> int:
    """Return about how many bytes a row takes in memory; of what was not read by the client, nothing."""
    return row.weight if isinstance(row, Record) else 0


# The contact of a document, the first that is named.
_PARTNERS = ("company_id", "person_id", "contact_id")
# What names a record, beside its id; and what its parser cannot do without.
_NAMING = ("no", "date", "modified_date")
_NEEDED = ("lines", "receipts", "name")


def id_of(row: Row, key: str = "id") -> str | None:
    """Return the record's id as text, None where it has none."""
    return values.record_id(row.get(key))


def day_of(row: Row) -> date | None:
    """Return the day that a document is dated, None where that cannot be read."""
    try:
        return values.day(row.get("date"))
    except ValueError:
        return None


def created_at(row: Row) -> datetime | None:
    """Return when the record was created."""
    return values.moment(row.get("created_date"))


def modified_at(row: Row) -> datetime | None:
    """Return when the record was changed last."""
    return values.moment(row.get("modified_date"))


def partner_of(row: Row) -> str | None:
    """Return the contact that a document names."""
    return next(filter(None, map(values.identifier, map(row.get, _PARTNERS))), None)


def credits_of(row: Row) -> tuple[str, ...]:
    """Return the invoices that a document credits."""
    return values.identifiers(row.get("credited_invoices"))


def is_deleted(row: Row) -> bool:
    """Whether Scoro marks the record as deleted."""
    return values.truth(row.get("is_deleted"))


def without_content(row: Row, key: str = "id") -> Row:
    """Return what names a record that cannot be kept; no parser takes it for whole."""
    named = {name: kept(row.get(name), levels=1) for name in (key, *_NAMING)}
    return named | {name: left_out("record") for name in _NEEDED}
