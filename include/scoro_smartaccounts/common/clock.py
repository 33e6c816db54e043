"""Time: aware UTC moments inside, Tallinn days for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TALLINN = ZoneInfo("Europe/Tallinn")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the system clock, aware."""
    return datetime.now(UTC)


def tallinn_day(moment: datetime) -> date:
    """Return the day that a moment belongs to in Tallinn."""
    return moment.astimezone(TALLINN).date()


def tallinn_text(moment: datetime) -> str:
    """Return a moment for people: day and time in Tallinn."""
    return f"{moment.astimezone(TALLINN):%d.%m.%Y %H:%M} (Tallinn)"


def latest_plausible(today: date) -> date:
    """Return the last day that a document may be dated: a later one is mistyped."""
    return date(today.year + 1, today.month, min(today.day, 28))
