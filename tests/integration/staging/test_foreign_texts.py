"""Room staging. What others wrote stands in the rows of these tables as JSON only, and PostgreSQL takes all JSON that
the pipeline writes: no row of theirs brings down the others, so nothing of them has to be left out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.smartaccounts.wire import MOST_LETTERS_OF_CODES
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.approvals import ShownPlan, put_up
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.proposals import StoredProposal, replace_proposals
from scoro_smartaccounts.staging.quarantine import open_case
from scoro_smartaccounts.staging.schema import approval, finding, link_proposal, quarantine, run_document, waiting
from scoro_smartaccounts.staging.waiting import note_waiting
from tests.integration.staged import Staged, request_for

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
FOREIGN = [
    "\x00",
    "\ud800",
    "\\u0000 \\x00 \\N \\. \t\n\r",
    "NaN Infinity -Infinity",
    "🦜" * 10_000,
    "'\";--",
    "\uffff\ufffe\u202e",
    "x" * 300_000,
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=range(len(FOREIGN)))
def test_whatever_stands_in_a_document_its_rows_are_stored(engine: Engine, foreign: str) -> None:
    staged = Staged(engine)
    invoice = staged.invoice("1")
    request = request_for()
    staged.put_into(request, invoice)
    why = reason("unexpected", document=phrase("invoice", number=foreign), error=foreign, place="?", system="Scoro")
    # Names and codes are bounded where they are read.
    code = foreign.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")[:MOST_LETTERS_OF_CODES]
    evidence = ({"kind": "name", "detail": foreign, "detail_et": foreign},)
    proposal = StoredProposal(Kind.ARTICLE, "1", code, Confidence.LIKELY, Decimal(80), evidence)
    with engine.begin() as connection:
        store_findings(connection, request, [Finding(invoice, why)], codes=())
        open_case(connection, request, {invoice: why})
        note_waiting(connection, request, {invoice: why})
        runs.take(connection, request, [runs.Taken(invoice, "in_range", "quarantined", why)])
        runs.set_outcomes(connection, request, {invoice: ("quarantined", why)})
        put_up(connection, request, [ShownPlan(invoice, "hash", {"number": foreign, foreign[:1000]: 1})], at=NOW)
        replace_proposals(connection, request.company.key, request.run_key, Kind.ARTICLE, [proposal])
    with engine.connect() as connection:
        for table in (finding, quarantine, waiting, run_document, approval, link_proposal):
            assert connection.scalar(select(func.count()).select_from(table)) == 1, table.name
