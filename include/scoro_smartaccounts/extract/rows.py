"""What can be read from a record of Scoro before it is parsed, however broken the rest of it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scoro_smartaccounts.clock import TALLINN

Row = Mapping[str, Any]


def id_of(row: Row, key: str = "id") -> str | None:
    """The record's id as text, None where it has none."""
    value = row.get(key)
    text = str(value).strip()
    known = isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch(r"[0-9]{1,18}", text)
    return str(int(text)) if known and int(text) else None


def day_of(row: Row) -> date | None:
    """The day that a document is dated, None where that cannot be read."""
    match = re.match(r"\d{4}-\d{2}-\d{2}", str(row.get("date")).strip(), re.ASCII)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def moment_of(value: object) -> datetime | None:
    """A moment as Scoro writes it; one without a zone is Tallinn time. None where it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=TALLINN)
