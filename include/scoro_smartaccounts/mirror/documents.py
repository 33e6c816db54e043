"""The documents of SmartAccounts in staging: read by days, complete or said not to be."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.culprits import fault_of
from scoro_smartaccounts.mirror.lock_evidence import note_made
from scoro_smartaccounts.mirror.twenty_minutes import Reading
from scoro_smartaccounts.smartaccounts.queries import WITH_COMMENTS, dated
from scoro_smartaccounts.smartaccounts.wire import (
    MOST_LETTERS_OF_CODES,
    STAND_IN,
    InvoiceRow,
    UnreadableRow,
    id_text,
    moment,
    readable,
    stand_in,
    text,
)
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.staging.mirror_documents import MirroredDocument, replace_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# Days this close together are read as one range.
_GAP = timedelta(days=4)
_MOST_READS = 5


@dataclass(slots=True)
class _Reading:
    """One reading of a range: its number of pages, the ids that it showed, and its documents by id, None for those of
    other days. `unread`: what stands for those that cannot be read; `made`: each one's date of entry, and when it was
    made, where that is told."""

    server_time: datetime | None = None
    pages: int = 0
    ids: set[str] = field(default_factory=set)
    found: dict[str, MirroredDocument | None] = field(default_factory=dict)
    unread: list[MirroredDocument] = field(default_factory=list)
    made: list[tuple[date | None, datetime | None]] = field(default_factory=list)
    is_readable: bool = True


def read_days(
    services: Services, company: str, spec: InvoiceFlow, days: Iterable[date], *, prove_absence: bool = False
) -> Reading | None:
    """Read all documents dated on `days` and replace what staging held of them; None when there are no days.

    With `prove_absence` a reading of several pages is repeated until two agree, since a document deleted between
    two pages would hide another; where they never do, it proves nothing.
    """
    ranges = _ranges(sorted(set(days)))
    if not ranges:
        return None
    started = services.clock()
    server_time: datetime | None = None
    is_whole = True
    for first, last in ranges:
        reading = _read(services, spec, first, last)
        server_time = server_time or reading.server_time
        agrees = False
        for _ in range(_MOST_READS - 1 if prove_absence and reading.pages > 1 else 0):
            # Of the one before, no more than the ids is held.
            before = reading.ids
            del reading
            reading = _read(services, spec, first, last)
            if agrees := reading.ids == before:
                break
            if reading.pages == 1:
                break
        is_whole = is_whole and (reading.pages == 1 or agrees)
        is_whole = _store(services, company, spec, first, last, reading, started) and is_whole
    return Reading(server_time, started, is_whole)


def _read(services: Services, spec: InvoiceFlow, first: date, last: date) -> _Reading:
    """Read a range, and make of each page what staging holds of it.

    A day more is asked for at either end: nobody says whether the two days named are in it. What is too much is left
    out.
    """
    asked = {**dated(first - timedelta(days=1), last + timedelta(days=1)), **WITH_COMMENTS}
    site = services.scoro.company_account_id
    reading = _Reading()
    for answer in services.smartaccounts.pages(spec.documents, **asked):
        if not reading.pages:
            reading.server_time = answer.server_time
        reading.pages += 1
        reading.ids |= {_id(row) for row in answer.rows}
        found, unread = readable(answer.rows, InvoiceRow.from_wire)
        for row in found:
            reading.found[row.id] = _document(row, spec, site) if first <= row.date <= last else None
            reading.made.append((row.entry_date, moment(row.raw.get("dateCreated"))))
        for problem in unread:
            reading.unread += _unread(problem, first, last)
        reading.is_readable = reading.is_readable and not unread
        # Two pages at once can be more than a worker's memory.
        del answer, found, unread
    return reading


def _id(row: Mapping[str, Any]) -> str:
    found = text(row.get("id"))
    return found if len(found) <= MOST_LETTERS_OF_CODES else stand_in(row)


def _store(
    services: Services,
    company: str,
    spec: InvoiceFlow,
    first: date,
    last: date,
    reading: _Reading,
    started: datetime,
) -> bool:
    """Put what was read in the place of what staging held of these days; whether all of it could be read. One that
    cannot stands there as far as it can: it may be any document of its number or its day."""
    documents = [*filter(None, reading.found.values()), *reading.unread]
    with services.engine.begin() as connection:
        refused = replace_documents(connection, company, spec.flow, (first, last), documents, read_at=started)
        note_made(connection, company, reading.made)
    for problem in refused:
        log.warning("A record of %s cannot be kept (%s); it is left out.", spec.documents, fault_of(problem))
    log.info("Read SmartAccounts' %ss of %s to %s: %d.", spec.noun, first, last, len(documents))
    return reading.is_readable and not refused


def _document(row: InvoiceRow, spec: InvoiceFlow, site: str) -> MirroredDocument:
    return MirroredDocument(
        remote_id=row.id,
        number=row.invoice_number,
        day=row.date,
        partner_remote_id=row.partner_id,
        partner_name=row.partner_name,
        currency=row.currency,
        total=row.total_amount,
        is_credit=row.type == CREDIT,
        net=row.amount,
        vat=row.vat_amount,
        rounding=row.round_amount,
        currency_rate=row.exchange_rate,
        entry_day=row.entry_date,
        marked_id=spec.marked(row.comment, site) or "",
    )


def _unread(problem: UnreadableRow, first: date, last: date) -> list[MirroredDocument]:
    """Return what can be told of one that cannot be read, once for each day that may be its own."""
    days = _days_of(problem.row, first, last)
    own_id = id_text(problem.row) if len(days) == 1 else ""
    return [
        MirroredDocument(
            remote_id=own_id or stand_in({**problem.row, "day": str(of_day)}),
            number=_number_of(problem.row),
            day=of_day,
            partner_remote_id="",
            partner_name=problem.field,
            currency=STAND_IN,
            total=Decimal(0),
        )
        for of_day in days
    ]


def _days_of(row: Mapping[str, Any], first: date, last: date) -> list[date]:
    """Return the day of a record that cannot be read, or all that it was listed for."""
    if (found := day_of(row.get("date"))) is not None:
        return [found] if first <= found <= last else []
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _number_of(row: Mapping[str, Any]) -> str:
    found = text(row.get("invoiceNumber"))
    return found if len(found) <= MOST_LETTERS_OF_CODES else ""


def _ranges(days: list[date]) -> list[tuple[date, date]]:
    ranges: list[tuple[date, date]] = []
    for day in days:
        if ranges and day - ranges[-1][1] <= _GAP:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return ranges
