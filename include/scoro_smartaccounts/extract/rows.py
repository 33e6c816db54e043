"""What can be read from a record of Scoro before it is parsed, however broken the rest of it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from scoro_smartaccounts.scoro import values

Row = Mapping[str, Any]


def id_of(row: Row, key: str = "id") -> str | None:
    """The record's id as text, None where it has none."""
    return values.record_id(row.get(key))


def day_of(row: Row) -> date | None:
    """The day that a document is dated, None where that cannot be read."""
    try:
        return values.day(row.get("date"))
    except ValueError:
        return None
