"""The first step of the export: which payments of SmartAccounts concern documents that came from Scoro.

Which of them go tells `staging.payments_to_export`. The company file's switch rules everything. The first run that
finds it on sets the watermark: what the books hold at that moment is history and stays, unless a person asks for a
range.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import PAYMENT_NAME, Flow
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.extract.documents import stage_range
from scoro_smartaccounts.mirror.payments import sync_payments
from scoro_smartaccounts.mirror.registers import remember
from scoro_smartaccounts.mirror.twenty_minutes import Reading
from scoro_smartaccounts.outbox.settle_receipts import receipt_days, settle_receipts
from scoro_smartaccounts.staging import runs, watermarks
from scoro_smartaccounts.staging.documents import StagedDocument, store_documents
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.mirror_payments import (
    MirroredPayment,
    note_all_seen,
    note_changed_of_days,
)
from scoro_smartaccounts.staging.payments_to_export import payments_to_export
from scoro_smartaccounts.staging.runs import mark, open_run
from scoro_smartaccounts.staging.selection import named

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

SWITCHED_OFF = "switched_off"
# When Scoro's receipt groups were last read in full, around the payments that were candidates then.
SCORO_RECEIPTS = "scoro/receipts"
_UNSETTLED = reason("not_sent.list_unsettled")
_DAYS_AROUND = timedelta(days=SAME_PAYMENT_WITHIN_DAYS)


def read_payments(request: RunRequest, services: Services) -> Counts:
    """Stage the payments that concern the run and choose its batch; the counts. May be killed anywhere."""
    with services.engine.begin() as connection:
        open_run(connection, request)
    if is_switched_off(request):
        return _stay_off(request, services)
    sync_payments(services, request.company)
    with services.engine.begin() as connection:
        transaction_lock(connection, "extract", request.company.key, request.flow.value)
        is_new = _switch_on(connection, request, services)
        # A preview lets nothing go to Scoro, not even with the next run.
        if request.is_range and request.mode is Mode.IMPORT:
            _take_range(connection, request)
        days = _stage_candidates(connection, request)
        days += receipt_days(connection, request.company.key)
    # Scoro's receipts of these days: what is there already must not go there again.
    started = services.clock()
    is_complete = _read_receipts(request, services, days)
    with services.engine.begin() as connection:
        counts = _store_batch(connection, request, is_complete=is_complete)
        if is_complete:
            remember(connection, request.company.key, SCORO_RECEIPTS, Reading(None, started))
        else:
            counts["listing_unsettled"] = 1
        if is_new:
            counts["switched_on"] = 1
        mark(connection, request, "extracted", counts)
        watermarks.advance_watermark(connection, request.company.key, request.flow, services.clock())
    log.info("Payments to look at: %s", ", ".join(f"{name} {count}" for name, count in counts.items()) or "none")
    return counts


def _read_receipts(request: RunRequest, services: Services, days: list[date]) -> bool:
    """Stage Scoro's receipt groups around these days; whether its lists were complete."""
    is_complete = True
    for first, last in _ranges(days):
        is_complete = stage_range(request, services, Flow.PAYMENTS, first, last) and is_complete
    return is_complete


def is_switched_off(request: RunRequest) -> bool:
    """Whether the company file leaves the export off."""
    return not request.company.export_payments.enabled


def _stay_off(request: RunRequest, services: Services) -> Counts:
    """Nothing is read and nothing is sent, but for what was sent before and is in doubt."""
    with services.engine.begin() as connection:
        watermarks.drop_watermark(connection, request.company.key, request.flow)
        days = receipt_days(connection, request.company.key)
    started = services.clock()
    if days and _read_receipts(request, services, days):
        with services.engine.connect() as connection:
            settle_receipts(connection, request, services, read_at=started)
    with services.engine.begin() as connection:
        mark(connection, request, "extracted", {SWITCHED_OFF: 1})
    log.info(
        "The export of payments is switched off: nothing is read and nothing is sent. To switch it on, set"
        " export_payments.enabled in the company file; it then starts with the payments entered from that moment."
    )
    return {SWITCHED_OFF: 1}


def _switch_on(connection: Connection, request: RunRequest, services: Services) -> bool:
    """At the first run after the switch was turned on: what is in the books by now is history."""
    company = request.company.key
    if watermarks.swept_to(connection, company, request.flow) is not None:
        return False
    note_all_seen(connection, company)
    watermarks.set_watermark(connection, company, request.flow, services.clock())
    log.info(
        "The export of payments was switched on: it starts with the payments entered from now on. Earlier ones go"
        " to Scoro when a run names their days (date_from, date_to)."
    )
    return True


def _take_range(connection: Connection, request: RunRequest) -> None:
    """Payments of the days that a person named are to go, however old they are."""
    note_changed_of_days(connection, request.company.key, request.date_from, request.date_to)


def _stage_candidates(connection: Connection, request: RunRequest) -> list[date]:
    """Put every payment that may go to Scoro among the documents, as it is now; their days."""
    rows = _may_go(connection, request)
    payments = [
        StagedDocument(
            flow=request.flow,
            source_id=row.remote_id,
            raw_version=0,
            content_hash=row.content_hash,
            number=f"{PAYMENT_NAME}{row.number}",
            day=row.day,
            currency=row.currency,
            net=row.amount,
            vat=Decimal(0),
        )
        for row in rows
    ]
    store_documents(connection, request.company.key, request.flow, [(payment, ()) for payment in payments])
    return [row.day for row in rows]


def _may_go(connection: Connection, request: RunRequest) -> list[MirroredPayment]:
    """Return the payments added or changed since the watermark or of the days that a person named."""
    days = (request.date_from, request.date_to) if request.is_range else None
    return list(payments_to_export(connection, request.company.key, request.flow, days).values())


def _store_batch(connection: Connection, request: RunRequest, *, is_complete: bool) -> Counts:
    """Return the run's payments: all that may go, and those that this run took before. Where Scoro's receipts could not
    be listed in full, none goes: it may be there already."""
    rows = _may_go(connection, request)
    why = "in_range" if request.is_range else "changed"
    outcome: runs.Outcome = (None, None) if is_complete else ("not_sent", _UNSETTLED)
    runs.take(connection, request, (runs.Taken(row.remote_id, why, *outcome) for row in rows), keeps=("created",))
    if rows:
        log.info("Paid in SmartAccounts, for documents from Scoro: %s", named([row.number for row in rows]))
    return {"seen": len(rows), "batch": len(rows) if is_complete else 0}


def _ranges(days: list[date]) -> list[tuple[date, date]]:
    """Return the days with some around each, as few ranges."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        first, last = day - _DAYS_AROUND, day + _DAYS_AROUND
        if ranges and first <= ranges[-1][1] + _DAYS_AROUND:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges
