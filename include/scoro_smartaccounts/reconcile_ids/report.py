"""The result of a run for people: a workbook, the likely pairs as CSV, and a table for the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.reconcile_ids.mappings import check_mappings
from scoro_smartaccounts.reconcile_ids.outcome import Outcome, read_outcomes
from scoro_smartaccounts.reconcile_ids.sheets import likely_sheet, sheets_of
from scoro_smartaccounts.report.files import write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.common.run import Counts, ReconcileRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

FOLDER = "reconcile_ids"
_LINES = {
    "in_scoro": "in Scoro",
    "in_smartaccounts": "in SmartAccounts",
    "linked_before": "linked before",
    "certain": "linked, certain",
    "accepted": "linked, a person said yes",
    "rejected": "a person said no",
    "likely": "likely, wait for a person",
    "conflicting": "conflicting, wait for a person",
    "only_scoro": "only in Scoro",
    "only_smartaccounts": "only in SmartAccounts",
}


@dataclass(frozen=True, slots=True)
class Report:
    """`file`: the workbook's name in the output folder; `counts` by what is linked; `mappings`: what the company file
    lacks, in a line."""

    file: str
    counts: dict[str, Counts]
    mappings: str
    requests: int

    def __str__(self) -> str:
        """Return the table of the log."""
        width = max(map(len, _LINES.values()))
        lines = [f"{'':{width}}" + "".join(f"{name:>10}" for name in self.counts)]
        lines += [
            f"{label:{width}}" + "".join(f"{counts[name]:>10}" for counts in self.counts.values())
            for name, label in _LINES.items()
        ]
        lines.append(f"{'requests to SmartAccounts':{width}}{self.requests:>10}")
        lines.append(f"Company file, {self.mappings}")
        lines.append(f"Report: {self.file}")
        return "\n".join(lines)


def write_report(request: ReconcileRequest, services: Services) -> Report:
    """Write the workbook, the CSV file and the lines for the company file of a run; earlier ones stay, a person may be
    working on them."""
    from scoro_smartaccounts.report.delimited import csv_of
    from scoro_smartaccounts.report.workbook import workbook_of

    mappings = check_mappings(request, services)
    with services.engine.begin() as connection:
        outcomes = read_outcomes(connection, request.company)
    stem = f"links_{services.clock().astimezone(TALLINN):%Y-%m-%d_%H%M%S}"
    folder = services.output_folder / FOLDER
    sheets = [*sheets_of(outcomes), mappings.sheet]
    write_file(folder, f"{stem}.xlsx", workbook_of({each.name: each.table() for each in sheets}))
    write_file(folder, f"{stem}_likely.csv", csv_of(likely_sheet(outcomes).table(), "et"))
    if mappings.fragment:
        write_file(folder, f"{stem}_company.yaml", mappings.fragment.encode())
    report = Report(f"{FOLDER}/{stem}.xlsx", _counts(outcomes), mappings.words, services.budget.used_by_run())
    for line in str(report).splitlines():
        log.info("%s", line)
    return report


def _counts(outcomes: Sequence[Outcome]) -> dict[str, Counts]:
    return {each.subject.plural: each.counts for each in outcomes}
