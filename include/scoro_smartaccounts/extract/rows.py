"""What can be read from a record of Scoro before it is parsed, however broken the rest of it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.scoro.wire import booking_content, fingerprint

Row = Mapping[str, Any]


def id_of(row: Row, key: str = "id") -> str | None:
    """The record's id as text, None where it has none."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return None if text in ("", "0") else text


def day_of(row: Row) -> date | None:
    """The day that a document is dated, None where that cannot be read."""
    try:
        return date.fromisoformat(str(row.get("date"))[:10])
    except ValueError:
        return None


def moment_of(row: Row, key: str) -> datetime | None:
    """A moment; one without a zone is Tallinn time. None where it cannot be read."""
    return read_moment(row.get(key))


def read_moment(value: object) -> datetime | None:
    """A moment as Scoro writes it; one without a zone is Tallinn time. None where it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=TALLINN)


def is_deleted(row: Row) -> bool:
    """Whether Scoro marks the record as deleted."""
    return row.get("is_deleted") in (True, 1, "1", "true")


def content_hash(row: Row) -> str:
    """The hash of what is booked of a document; of the whole record where that cannot be read."""
    try:
        content: Any = booking_content(dict(row))
    except DocumentProblem:
        content = {"unreadable": fingerprint(dict(row))}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
