"""What an import by hand shows before it begins, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.page.queries.entries import shown_entry
from scoro_smartaccounts.page.queries.overview import quota_of
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.report.document import Verdict
from scoro_smartaccounts.report.listed import list_documents
from scoro_smartaccounts.staging.days_to_import import Coverage, read_coverage
from scoro_smartaccounts.staging.runs import entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.report.document import ListedDocument
    from scoro_smartaccounts.staging.runs import Entry

# More rows are not shown; the list in the output folder has all.
MOST_SHOWN = 500
# What a run leaves behind that somebody should see first.
_FIRST = (Verdict.QUARANTINED, Verdict.IN_DOUBT, Verdict.NOT_SENT, Verdict.PLAN_CHANGED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The days of a flow, None of the export, and when requests to SmartAccounts are free again, None: now."""

    coverage: Coverage | None
    free_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """A run as the ledger has it, and its documents; those to look at first. `totals`: by currency, of what will be or
    was created."""

    entry: Entry
    documents: Sequence[ListedDocument]
    partners: Mapping[str, str]
    counts: Mapping[Verdict, int]
    totals: Mapping[str, Decimal]

    @property
    def count(self) -> int:
        """How many documents there are."""
        return sum(self.counts.values())

    @property
    def creatable(self) -> int:
        """How many documents an import would create."""
        return self.counts.get(Verdict.CREATE, 0)


def proposal_of(connection: Connection, company: Company, flow: Flow, limits: Limits, now: datetime) -> Proposal:
    """Return what is known before a run begins."""
    coverage = None if flow.is_export else read_coverage(connection, company, flow, tallinn_day(now))
    return Proposal(coverage, quota_of(connection, company.key, limits, now).free_at)


def result_of(connection: Connection, company: Company, run_key: str) -> Result | None:
    """Return what came of a run; None where it has not begun. Of the export no documents are listed."""
    ledger = entry(connection, company.key, run_key)
    if ledger is None:
        return None
    documents: Sequence[ListedDocument] = []
    if not ledger.flow.is_export:
        documents = list_documents(connection, _request(company, ledger))
    counts: dict[Verdict, int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for each in documents:
        counts[each.verdict] += 1
        if each.verdict in (Verdict.CREATE, Verdict.CREATED) and each.total is not None:
            totals[each.currency] += each.total
    shown = sorted(documents, key=lambda each: each.verdict not in _FIRST)[:MOST_SHOWN]
    return Result(
        entry=shown_entry(ledger),
        documents=shown,
        partners=names_of(connection, company.key, (each.partner.source_id for each in shown)),
        counts=counts,
        totals=totals,
    )


def _request(company: Company, ledger: Entry) -> RunRequest:
    return RunRequest(
        company=company,
        flow=ledger.flow,
        run_key=ledger.run_key,
        kind=RunKind(ledger.kind),
        mode=Mode(ledger.mode),
        date_from=ledger.date_from,
        date_to=ledger.date_to,
    )
