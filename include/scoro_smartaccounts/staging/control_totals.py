"""Control totals of months as they were computed last, what makes their sides differ, and the pages that were written.
The keeper of these tables."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.staging.bulk import copy
from scoro_smartaccounts.staging.schema import control_cause, control_page, control_total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was written of a month: see the table. `files`: their SHA-256 by name."""

    month: date
    night: date
    state: str
    is_clean: bool
    content_hash: str
    files: Mapping[str, str] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class WrittenPage(Page):
    """A page as it stands in staging."""

    id: int = 0
    written_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str = ""


_COLUMNS = tuple(control_page.c[each.name] for each in fields(WrittenPage))


def replace_totals(
    connection: Connection,
    company: str,
    month: date,
    totals: Iterable[Mapping[str, Any]],
    causes: Iterable[Mapping[str, Any]],
) -> None:
    """Put these in the place of a month's totals and causes: columns by name, without company, month and position."""
    keys = {"company": company, "month": month}
    for table in (control_total, control_cause):
        connection.execute(delete(table).where(table.c.company == company, table.c.month == month))
    copy(connection, control_total, ({**keys, **row} for row in totals))
    numbered = enumerate(causes, start=1)
    copy(connection, control_cause, ({**keys, "position": position, **row} for position, row in numbered))


def store_page(connection: Connection, company: str, page: Page, at: datetime) -> None:
    """Keep that a page was written."""
    values = {each.name: getattr(page, each.name) for each in fields(Page)}
    values["files"] = dict(page.files)
    connection.execute(insert(control_page).values(company=company, written_at=at, **values))


def last_page(connection: Connection, company: str, month: date | None = None) -> WrittenPage | None:
    """Return the page that was written last, of a month or of any; None where none was."""
    of_month = [] if month is None else [control_page.c.month == month]
    row = connection.execute(
        select(*_COLUMNS)
        .where(control_page.c.company == company, *of_month)
        .order_by(control_page.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else WrittenPage(**row._mapping)


def note_reviewed(connection: Connection, company: str, page_id: int, at: datetime, by: str) -> None:
    """Note that a person looked at a page."""
    connection.execute(
        update(control_page)
        .where(control_page.c.company == company, control_page.c.id == page_id)
        .values(reviewed_at=at, reviewed_by=by)
    )
