"""Filters of Scoro's lists. They know days only, and of which of them they can be trusted little is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Filter = Mapping[str, Any]

ONE_DAY = timedelta(days=1)


def dated(first: date, last: date) -> Filter:
    """Return the filter of what is dated on these days."""
    return _days("date", first, last)


def modified(first: date, last: date | None = None) -> Filter:
    """Return the filter of what was changed last on these days, or since the first."""
    return _days("modified_date", first, last)


def created(first: date) -> Filter:
    """Return the filter of what was created on a day or later."""
    return _days("created_date", first, None)


def with_ids(ids: Iterable[str], key: str = "id") -> Filter:
    """Return the filter of records of these ids."""
    return {key: [int(record_id) for record_id in ids]}


def _days(field: str, first: date, last: date | None) -> Filter:
    days = {"from_date": first.isoformat()}
    if last is not None:
        # Whether the end of a range belongs to it is not known for every field: one more day is asked for.
        days["to_date"] = (last + ONE_DAY).isoformat()
    return {field: days}
