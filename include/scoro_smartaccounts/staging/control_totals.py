"""Control totals of months as they were computed last, what makes their sides differ, and the pages that were written.
The keeper of these tables."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase
from scoro_smartaccounts.common.stored import mapping
from scoro_smartaccounts.staging.bulk import copy
from scoro_smartaccounts.staging.schema import control_cause, control_page, control_total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal


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
    figures_hash: str = ""


@dataclass(frozen=True, slots=True)
class WrittenPage(Page):
    """A page as it stands in staging."""

    id: int = 0
    written_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True)
class StoredTotal:
    """One total of a month: see the table."""

    month: date
    bridge: str
    flow: str
    currency: str
    vat_code: str
    measure: str
    scoro: Decimal | None
    books: Decimal
    ledger: Decimal | None
    unexplained: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more the right one of the two sides is that are compared."""
        return (self.ledger or ZERO) - self.books if self.scoro is None else self.books - self.scoro


@dataclass(frozen=True, slots=True)
class StoredCause:
    """What makes the sides of one total differ: see the table."""

    bridge: str
    flow: str
    currency: str
    vat_code: str
    measure: str
    cause: str
    source_id: str
    remote_id: str
    number: str
    amount: Decimal
    words: Phrase


_COLUMNS = tuple(control_page.c[each.name] for each in fields(WrittenPage))
# What says of a month which total it is.
_PLACE = ("bridge", "flow", "currency", "vat_code", "measure")


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


def store_page(connection: Connection, company: str, page: Page, at: datetime, seen: WrittenPage | None = None) -> None:
    """Keep that a page was written. `seen`: an older page of equal figures; who looked at that has looked at this."""
    values = {each.name: getattr(page, each.name) for each in fields(Page)}
    values["files"] = dict(page.files)
    if seen is not None:
        values |= {"reviewed_at": seen.reviewed_at, "reviewed_by": seen.reviewed_by}
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
    return None if row is None else _written(row)


def last_pages(connection: Connection, company: str) -> list[WrittenPage]:
    """Return the page of each month that was written last, the newest month first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .ext(distinct_on(control_page.c.month))
        .where(control_page.c.company == company)
        .order_by(control_page.c.month.desc(), control_page.c.id.desc())
    )
    return [_written(row) for row in rows]


def _written(row: Row[Any]) -> WrittenPage:
    return WrittenPage(**{**row._mapping, "files": mapping(row.files)})


def totals_of(connection: Connection, company: str, months: Iterable[date]) -> list[StoredTotal]:
    """Return the totals of months, a month after the other."""
    of = [control_total.c[each.name] for each in fields(StoredTotal)]
    rows = connection.execute(
        select(*of)
        .where(control_total.c.company == company, control_total.c.month.in_(list(months)))
        .order_by(*(control_total.c[name] for name in ("month", *_PLACE)))
    )
    return [StoredTotal(**row._mapping) for row in rows]


def differing_months(connection: Connection, company: str) -> list[date]:
    """Return the months of which a total of the one side is another one on the other, named or not; the newest
    first."""
    left = case((control_total.c.scoro.is_(None), control_total.c.books), else_=control_total.c.scoro)
    right = case(
        (control_total.c.scoro.is_(None), func.coalesce(control_total.c.ledger, 0)), else_=control_total.c.books
    )
    months = (
        select(control_total.c.month)
        .where(control_total.c.company == company, (left != right) | (control_total.c.unexplained != 0))
        .distinct()
        .order_by(control_total.c.month.desc())
    )
    return list(connection.scalars(months))


def causes_of(
    connection: Connection, company: str, month: date, place: Mapping[str, str], *, most: int
) -> tuple[list[StoredCause], int]:
    """Return what makes the sides of a month's totals differ, what nothing explains first, and how many there are in
    all. `place`: columns that say of which totals; none: of all."""
    of_place: list[ColumnElement[bool]] = [control_cause.c[name] == place[name] for name in _PLACE if name in place]
    where = (control_cause.c.company == company, control_cause.c.month == month, *of_place)
    rows = connection.execute(
        select(*(control_cause.c[each.name] for each in fields(StoredCause)))
        .where(*where)
        .order_by(control_cause.c.cause != "unexplained", control_cause.c.position)
        .limit(most)
    )
    found = [StoredCause(**{**row._mapping, "words": Phrase.from_json(row.words)}) for row in rows]
    return found, connection.scalar(select(func.count()).select_from(control_cause).where(*where)) or 0


def note_reviewed(connection: Connection, company: str, page_id: int, at: datetime, by: str) -> None:
    """Note that a person looked at a page."""
    connection.execute(
        update(control_page)
        .where(control_page.c.company == company, control_page.c.id == page_id)
        .values(reviewed_at=at, reviewed_by=by)
    )
