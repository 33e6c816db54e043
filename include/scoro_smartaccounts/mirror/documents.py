"""The documents of SmartAccounts in staging: read by days, complete or said not to be."""

from __future__ import annotations

import logging
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
    from scoro_smartaccounts.smartaccounts.client import Answer

log = logging.getLogger(__name__)

# Days this close together are read as one range.
_GAP = timedelta(days=4)
_MOST_READS = 5


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
        readings = _read_range(services, spec, first, last, prove_absence=prove_absence)
        server_time = server_time or readings[0][0].server_time
        is_whole = is_whole and (len(readings[-1]) == 1 or _agree(readings))
        is_whole = _store(services, company, spec, first, last, readings[-1], started) and is_whole
    return Reading(server_time, started, is_whole)


def _read_range(
    services: Services, spec: InvoiceFlow, first: date, last: date, *, prove_absence: bool
) -> list[list[Answer]]:
    """Return readings of one range, the newest last: one, or as many as it takes until two agree.

    A day more is asked for at either end: nobody says whether the two days named are in it. What is too much is left
    out when it is stored.
    """
    asked_from, asked_to = first - timedelta(days=1), last + timedelta(days=1)

    def read() -> list[Answer]:
        asked = {**dated(asked_from, asked_to), **WITH_COMMENTS}
        return list(services.smartaccounts.pages(spec.documents, **asked))

    readings = [read()]
    while prove_absence and len(readings[-1]) > 1 and len(readings) < _MOST_READS and not _agree(readings):
        readings.append(read())
    return readings


def _agree(readings: list[list[Answer]]) -> bool:
    return len(readings) > 1 and _ids(readings[-1]) == _ids(readings[-2])


def _ids(answers: Iterable[Answer]) -> set[str]:
    return {text(row.get("id")) for answer in answers for row in answer.rows}


def _store(
    services: Services,
    company: str,
    spec: InvoiceFlow,
    first: date,
    last: date,
    answers: Iterable[Answer],
    started: datetime,
) -> bool:
    """Put what was read in the place of what staging held of these days; whether all of it could be read. One that
    cannot stands there as far as it can: it may be any document of its number or its day."""
    found, unread = readable((row for answer in answers for row in answer.rows), InvoiceRow.from_wire)
    site = services.scoro.company_account_id
    parsed = {row.id: row for row in found}
    documents = [_document(row, spec, site) for row in parsed.values() if first <= row.date <= last]
    documents += (each for problem in unread for each in _unread(problem, first, last))
    with services.engine.begin() as connection:
        refused = replace_documents(connection, company, spec.flow, (first, last), documents, read_at=started)
        note_made(connection, company, ((row.entry_date, row.raw) for row in parsed.values()))
    for problem in refused:
        log.warning("A record of %s cannot be kept (%s); it is left out.", spec.documents, fault_of(problem))
    log.info("Read SmartAccounts' %ss of %s to %s: %d.", spec.noun, first, last, len(documents))
    return not (unread or refused)


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
