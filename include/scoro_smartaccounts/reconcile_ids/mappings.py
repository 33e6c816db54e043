"""What the company file does not map of what Scoro's documents use: a sheet of the report, and lines to paste."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.run import ReconcileRequest, RunKind, RunRequest
from scoro_smartaccounts.mapping.check import cover_period, stage_period
from scoro_smartaccounts.mapping.coverage import COLUMNS
from scoro_smartaccounts.reconcile_ids.sheets import Sheet

if TYPE_CHECKING:
    from scoro_smartaccounts.services import Services

SHEET = "Mappings - Vastavused"


@dataclass(frozen=True, slots=True)
class Mappings:
    """`fragment`: YAML for the company file; empty where nothing is missing. `words`: a line for the log."""

    sheet: Sheet
    fragment: str
    words: str


def read_documents(request: ReconcileRequest, services: Services) -> None:
    """Read the documents of the request's days from Scoro (all days since the first import date without any). They
    belong to no run. Safe to repeat."""
    reading = _reading(request, services)
    stage_period(reading, services, reading.date_from, reading.date_to)


def check_mappings(request: ReconcileRequest, services: Services) -> Mappings:
    """Hold the documents that `read_documents` staged against the company file. Safe to repeat."""
    reading = _reading(request, services)
    first, last = reading.date_from, reading.date_to
    found = cover_period(reading, services, first, last)
    days = f"documents of {first:%d.%m.%Y}-{last:%d.%m.%Y}"
    words = (
        counted(len(found.gaps), "mapping is missing|mappings are missing")
        if found.gaps
        else "the company file maps everything"
    )
    return Mappings(Sheet(SHEET, COLUMNS, found.rows()), found.fragment if found.gaps else "", f"{days}: {words}")


def _reading(request: ReconcileRequest, services: Services) -> RunRequest:
    yesterday = tallinn_day(services.clock()) - timedelta(days=1)
    first, last = request.days or (min(request.company.first_import_date, yesterday), yesterday)
    return RunRequest(
        company=request.company,
        flow=Flow.SALES_INVOICES,
        run_key=request.run_key,
        kind=RunKind.MANUAL,
        mode=Mode.PREVIEW,
        date_from=first,
        date_to=last,
    )
