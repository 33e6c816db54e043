"""SmartAccounts' invoices and bills as they were last read, by days. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.conditions import of_flow
from scoro_smartaccounts.staging.links import KIND_OF, Booking, link_view
from scoro_smartaccounts.staging.schema import document, remote_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Flow


@dataclass(frozen=True, slots=True)
class MirroredDocument:
    """An invoice or bill of SmartAccounts. `marked_id`: the document of Scoro that our marker names. One that could not
    be read has the currency STAND_IN, and the field that could not be read as `partner_name`."""

    remote_id: str
    number: str
    day: date
    partner_remote_id: str
    partner_name: str = field(repr=False)
    currency: str
    total: Decimal
    is_credit: bool = False
    net: Decimal | None = None
    vat: Decimal | None = None
    rounding: Decimal | None = None
    currency_rate: Decimal | None = None
    entry_day: date | None = None
    marked_id: str = ""

    @property
    def is_unread(self) -> bool:
        """Whether it could not be read."""
        return self.currency == STAND_IN

    @property
    def answer(self) -> dict[str, Any]:
        """What it says of itself, in the words of the answer to a write."""
        return {
            "invoiceNumber": self.number,
            "amount": None if self.net is None else str(self.net),
            "vatAmount": None if self.vat is None else str(self.vat),
            "roundAmount": None if self.rounding is None else str(self.rounding),
            "totalAmount": str(self.total),
            "entryDate": None if self.entry_day is None else self.entry_day.isoformat(),
        }

    def booking(self, partner_source_id: str = "") -> Booking:
        """Return what it was booked with."""
        return Booking(
            number=self.number,
            partner_source_id=partner_source_id,
            partner_remote_id=self.partner_remote_id,
            currency=self.currency,
            currency_rate=self.currency_rate,
            total=self.total,
            entry_day=self.entry_day,
        )


_COLUMNS = tuple(remote_document.c[each.name] for each in fields(MirroredDocument))


@dataclass(frozen=True, slots=True)
class Names:
    """What documents are looked up by: their numbers in the books, trimmed and in small letters where `in_any_case`,
    and the documents of Scoro that our marker names."""

    numbers: Collection[str]
    marked_ids: Collection[str] = ()
    in_any_case: bool = False


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """A document that was booked, by its number and partner in the books, and its days in either system."""

    number: str
    partner_remote_id: str
    days: frozenset[date]


def replace_documents(
    connection: Connection,
    company: str,
    flow: Flow,
    days: tuple[date, date],
    documents: Sequence[MirroredDocument],
    *,
    read_at: datetime,
) -> list[Exception]:
    """Put what was read in the place of what staging held of these days, the first and the last one, and of these
    documents on other days; why some cannot be kept."""
    connection.execute(
        delete(remote_document).where(
            of_flow(remote_document, company, flow),
            or_(
                remote_document.c.day.between(*days),
                remote_document.c.remote_id == any_of(each.remote_id for each in documents if not each.is_unread),
            ),
        )
    )

    def store(part: Sequence[MirroredDocument]) -> None:
        of_all = {"company": company, "flow": flow.value, "read_at": read_at}
        # One at a time: rows take several times the room of documents.
        upsert(connection, remote_document, (of_all | _row(each) for each in part))

    return [problem for _, problem in store_each(connection, documents, store)]


def _row(each: MirroredDocument) -> dict[str, Any]:
    return {column.name: getattr(each, column.name) for column in _COLUMNS}


def documents_that_may_be(
    connection: Connection, company: str, flow: Flow, days: Collection[date], names: Names
) -> list[MirroredDocument]:
    """Return the documents of these days, and those of one of these names."""
    return _read(
        connection, of_flow(remote_document, company, flow), or_(remote_document.c.day.in_(days), _has_name(names))
    )


def days_of_named(connection: Connection, company: str, flow: Flow, names: Names) -> set[date]:
    """Return the days of the documents of these names."""
    return set(
        connection.scalars(
            select(remote_document.c.day).where(of_flow(remote_document, company, flow), _has_name(names))
        )
    )


def marked_documents(connection: Connection, company: str, flow: Flow, source_id: str) -> list[MirroredDocument]:
    """Return the documents that our marker says were created for one of Scoro."""
    return _read(connection, of_flow(remote_document, company, flow), remote_document.c.marked_id == source_id)


def days_of(connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]) -> set[date]:
    """Return the days of documents, of those that could be read."""
    return set(connection.scalars(select(remote_document.c.day).where(*_readable(company, flow, remote_ids))))


def bookings_shown(connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]) -> dict[str, Booking]:
    """Return what documents are booked with there, by id. One that cannot be read says nothing."""
    return {each.remote_id: each.booking() for each in _read(connection, *_readable(company, flow, remote_ids))}


def booked_under(connection: Connection, company: str, flow: Flow, names: Names) -> list[BookedDocument]:
    """Documents that were booked under one of these numbers: the books may hold them still, though nobody has read
    their days since."""
    link = link_view()
    rows = connection.execute(
        select(link.number, link.partner_remote_id, document.c.day, remote_document.c.day.label("there"))
        .join(link.rows, link.is_of(KIND_OF[flow], document.c.company, document.c.source_id))
        .outerjoin(
            remote_document,
            and_(
                remote_document.c.company == link.company,
                remote_document.c.flow == document.c.flow,
                remote_document.c.remote_id == link.remote_id,
            ),
        )
        .where(
            of_flow(document, company, flow),
            link.gone_at.is_(None),
            has_number(link.number, names),
        )
    )
    return [
        BookedDocument(row.number, row.partner_remote_id, frozenset(filter(None, (row.day, row.there)))) for row in rows
    ]


def has_number(column: ColumnElement[str], names: Names) -> ColumnElement[bool]:
    """Within larger queries: whether a number is one of these."""
    compared: ColumnElement[str] = func.lower(func.trim(column)) if names.in_any_case else column
    return compared == any_of(set(names.numbers))


def _has_name(names: Names) -> ColumnElement[bool]:
    marked = remote_document.c.marked_id
    return or_(has_number(remote_document.c.number, names), and_(marked != "", marked == any_of(set(names.marked_ids))))


def _readable(company: str, flow: Flow, remote_ids: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    wanted = remote_document.c.remote_id == any_of(remote_ids)
    return of_flow(remote_document, company, flow), wanted, remote_document.c.currency != STAND_IN


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[MirroredDocument]:
    return [MirroredDocument(*row) for row in connection.execute(select(*_COLUMNS).where(*conditions))]
