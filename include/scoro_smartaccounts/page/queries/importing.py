"""What an import by hand shows before it begins, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
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
from scoro_smartaccounts.page.queries.overview import is_left, quota_of
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.report.document import Verdict
from scoro_smartaccounts.report.listed import list_documents
from scoro_smartaccounts.report.summary import TROUBLE
from scoro_smartaccounts.staging.days_to_import import Coverage, is_any_day_missing, read_coverage
from scoro_smartaccounts.staging.runs import count_outcomes, entry

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
_DONE = (Verdict.CREATED, Verdict.ADOPTED)
_LEFT = (Verdict.QUARANTINED, Verdict.WAITING, Verdict.NOT_SENT, Verdict.PLAN_CHANGED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The days of a flow, None of the export, whether none of them is missing and documents wait all the same, and when
    requests to SmartAccounts are free again, None: now."""

    coverage: Coverage | None
    is_left: bool
    free_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """A run as the ledger has it, and its documents, those to look at first; of the export they are counted only.
    `totals`: by currency, of what will be or was created; `is_missing`: whether a day of a preview is not imported."""

    entry: Entry
    documents: Sequence[ListedDocument]
    partners: Mapping[str, str]
    counts: Mapping[Verdict, int]
    totals: Mapping[str, Decimal]
    is_missing: bool

    @property
    def count(self) -> int:
        """How many documents there are."""
        return sum(self.counts.values())

    @property
    def is_preview(self) -> bool:
        """Whether it was to write nothing."""
        return self.entry.mode == Mode.PREVIEW.value

    @property
    def is_finished(self) -> bool:
        """Whether all its steps came to their end: Airflow calls a run successful too where somebody says so."""
        summary = self.entry.summary or {}
        return bool(summary) and not summary["missing_steps"]

    @property
    def is_switched_off(self) -> bool:
        """Whether nothing was read, as the company file wants it."""
        return bool(self.entry.counts.get("extract", {}).get("switched_off"))

    @property
    def trouble(self) -> Sequence[str]:
        """Why there may be documents of these days that it did not see."""
        return [name for name in TROUBLE if self.entry.counts.get("extract", {}).get(name)]

    @property
    def planned(self) -> int:
        """How many documents are planned: after a preview, what an import would create."""
        return self.counts.get(Verdict.CREATE, 0)

    @property
    def done(self) -> int:
        """How many documents are in the target's books now and were not before."""
        return sum(self.counts.get(each, 0) for each in _DONE)

    @property
    def created(self) -> int:
        """How many documents it created itself: those can be taken back."""
        return self.counts.get(Verdict.CREATED, 0)

    @property
    def left(self) -> int:
        """How many documents somebody or something stands in the way of, those in doubt apart."""
        unsent = self.planned if self.entry.mode == Mode.IMPORT.value else 0
        return unsent + sum(self.counts.get(each, 0) for each in _LEFT)

    @property
    def in_doubt(self) -> int:
        """Of how many documents it is not known whether they arrived."""
        return self.counts.get(Verdict.IN_DOUBT, 0)

    @property
    def quarantined(self) -> int:
        """How many documents wait for a person."""
        return self.counts.get(Verdict.QUARANTINED, 0)


def proposal_of(connection: Connection, company: Company, flow: Flow, limits: Limits, now: datetime) -> Proposal:
    """Return what is known before a run begins."""
    coverage = None if flow.is_export else read_coverage(connection, company, flow, tallinn_day(now))
    return Proposal(
        coverage=coverage,
        is_left=is_left(connection, company.key, flow, coverage),
        free_at=quota_of(connection, company.key, limits, now).free_at,
    )


def begun(connection: Connection, company: str, run_key: str) -> Entry | None:
    """Return a run as the ledger has it; None where it has not begun."""
    ledger = entry(connection, company, run_key)
    return None if ledger is None else shown_entry(ledger)


def result_of(connection: Connection, company: Company, run_key: str) -> Result | None:
    """Return what came of a run; None where it has not begun."""
    ledger = entry(connection, company.key, run_key)
    if ledger is None:
        return None
    request = _request(company, ledger)
    documents = [] if ledger.flow.is_export else list_documents(connection, request)
    counts = Counter(each.verdict for each in documents)
    if not documents:
        outcomes = count_outcomes(connection, request)
        counts = Counter({_verdict(name): number for name, number in outcomes.items()})
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for each in documents:
        if each.verdict in (Verdict.CREATE, Verdict.CREATED) and each.total is not None:
            totals[each.currency] += each.total
    shown = sorted(documents, key=lambda each: each.verdict not in _FIRST)[:MOST_SHOWN]
    return Result(
        entry=shown_entry(ledger),
        documents=shown,
        partners=names_of(connection, company.key, (each.partner.source_id for each in shown)),
        counts=counts,
        totals=totals,
        is_missing=ledger.mode == Mode.PREVIEW.value
        and not ledger.flow.is_export
        and is_any_day_missing(connection, company.key, ledger.flow, ledger.date_from, ledger.date_to),
    )


def _verdict(outcome: str) -> Verdict:
    return Verdict.CREATE if outcome == "planned" else Verdict(outcome)


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
