"""What can be read from a record of Scoro before it is parsed, however broken the rest of it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.scoro import values

if TYPE_CHECKING:
    from datetime import date

Row = Mapping[str, Any]


def id_of(row: Row, key: str = "id") -> str | None:
    """Return the record's id as text, None where it has none."""
    return values.record_id(row.get(key))


def day_of(row: Row) -> date | None:
    """Return the day that a document is dated, None where that cannot be read."""
    try:
        return values.day(row.get("date"))
    except ValueError:
        return None
