"""Control totals of the months that changed → pages and tables in the company's folder, chained by their hashes."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.mirror.vat_returns import take_entries
from scoro_smartaccounts.report.files import write_file
from scoro_smartaccounts.report.words import LANGUAGES, word
from scoro_smartaccounts.staging.audit_nights import note_step, open_night
from scoro_smartaccounts.staging.control_totals import Page, last_page, replace_totals, store_page
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.totals.compute import compute
from scoro_smartaccounts.totals.month import MonthTotals, cause_rows, cell_rows, month_totals, read_registers
from scoro_smartaccounts.totals.pages import kmd_page_of, totals_page
from scoro_smartaccounts.totals.sheet import month_of
from scoro_smartaccounts.totals.tables import Table, causes_table, cells_table, lines_table, partners_table, whole_table
from scoro_smartaccounts.totals.words import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoro_smartaccounts.common.run import AuditRequest, Counts
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

FOLDER = "totals"


def write(request: AuditRequest, services: Services) -> Counts:
    """Write the pages of all months that are other ones than when they were written last, by what is read and what the
    ledger's entries say of VAT returns. Asks no service.

    A night that is told again writes nothing new, nor does one that a later one follows. Raises as `write_file` does.
    """
    company = request.company
    counts = {"months": 0, "written": 0, "unexplained": 0, "differing": 0}
    with services.engine.connect() as locking, session_lock(locking, company.key, "totals"):
        with services.engine.begin() as connection:
            night = open_night(connection, company.key, request.night, services.clock())
            take_entries(connection, company.key)
            totals = compute(connection, company)
            registers = read_registers(connection, company)
            months = [
                month_totals(connection, company, totals, registers, month, now=services.clock(), night=night)
                for month in totals.months
                if month <= month_of(request.night)
            ]
        for of in months:
            counts["months"] += 1
            counts["unexplained"] += of.unexplained
            counts["differing"] += not of.is_equal
            counts["written"] += _write_month(request, services, of)
    with services.engine.begin() as connection:
        # Pages that are as they were are not written anew: that they were looked at stands with the night.
        told = {name: counts[name] for name in ("months", "unexplained", "differing")}
        note_step(connection, company.key, request.night, "totals", told)
    log.info("Control totals: %(months)d months, %(written)d written, %(unexplained)d differences unexplained.", counts)
    return counts


def _write_month(request: AuditRequest, services: Services, of: MonthTotals) -> bool:
    company = request.company
    with services.engine.begin() as connection:
        before = last_page(connection, company.key, of.month)
        chain = last_page(connection, company.key)
    content = of.content_hash
    # An older night that is told again tells nothing that is newer.
    if before is not None and (before.content_hash == content or before.night > request.night):
        return False
    previous = "" if chain is None else chain.hash
    files = {}
    for name, data in _files(of, company.name, previous):
        write_file(services.output_folder / FOLDER, name, data)
        files[name] = hashlib.sha256(data).hexdigest()
    page = Page(of.month, request.night, of.night_state, of.is_clean, content, files, previous)
    page = replace(page, figures_hash=of.figures_hash)
    page = replace(page, hash=_hash(company.key, page))
    with services.engine.begin() as connection:
        replace_totals(connection, company.key, of.month, cell_rows(of, request.night), cause_rows(of))
        # Who looked at a page has seen these figures, however the nights since were.
        seen = before if before is not None and before.figures_hash == page.figures_hash else None
        store_page(connection, company.key, page, services.clock(), seen)
    return True


_HASHED = ("month", "night", "state", "is_clean", "content_hash", "figures_hash", "files", "previous_hash")


def _hash(company: str, page: Page) -> str:
    """Return what proves a page, and through the one before all that were written before it."""
    told = {"company": company, **{name: getattr(page, name) for name in _HASHED}}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _files(of: MonthTotals, company: str, previous: str) -> Iterator[tuple[str, bytes]]:
    """Pages and tables by the names of their files; names of partners stand in these alone. `company`: its name."""
    from scoro_smartaccounts.report.delimited import csv_of
    from scoro_smartaccounts.report.workbook import workbook_of

    month = f"{of.month:%Y-%m}"
    sheets: dict[str, Table] = {}
    lines: dict[str, Table] = {}
    for language in LANGUAGES:
        tables = {
            "totals_table": cells_table(of.cells, language),
            "causes": causes_table(of.causes, language),
            "partners": partners_table(of.partners, language),
        }
        yield f"totals-{month}.{language}.html", totals_page(of, company, previous, language).encode()
        yield f"kmd-{month}.{language}.html", kmd_page_of(of, company, previous, language).encode()
        whole = whole_table(of.month, of.cells, of.causes, of.partners, language)
        yield f"totals-{month}.{language}.csv", csv_of(whole.frame(), language)
        lines[language] = lines_table(of.lines, language)
        yield f"kmd-{month}.{language}.csv", csv_of(lines[language].frame(), language)
        sheets |= {word(TITLES, name, language): table for name, table in tables.items()}
    yield f"totals-{month}.xlsx", workbook_of({name: table.frame() for name, table in sheets.items()})
    yield f"kmd-{month}.xlsx", workbook_of({f"KMD {name}": table.frame() for name, table in lines.items()})
