"""What becomes of each document, and why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from scoro_smartaccounts.extract.selection import NOT_SETTLED
from scoro_smartaccounts.load.documents import BASE_NOT_BOOKED
from scoro_smartaccounts.load.shared import NOT_WANTED
from scoro_smartaccounts.payment_decisions import EXPORT_IN_DOUBT, NOT_BOOKED, PARTNER_NOT_BOOKED
from scoro_smartaccounts.reconcile.undecided import ARTICLE_UNDECIDED, PARTNER_UNDECIDED
from scoro_smartaccounts.report.document import Reason, Verdict
from scoro_smartaccounts.report.invoices import base_of
from scoro_smartaccounts.report.staged import Staged

# A preview puts nothing on the list of what waits: what is waited for shows in the sentence alone.
_WAITS = (
    (" may still be edited in Scoro", NOT_SETTLED),
    (" waits for a decision: contact ", PARTNER_UNDECIDED),
    (" waits for a decision: product ", ARTICLE_UNDECIDED),
    (" may be one that this pipeline sent to Scoro", EXPORT_IN_DOUBT),
    (" waits for contact ", PARTNER_NOT_BOOKED),
    (" waits for ", NOT_BOOKED),
)


def verdicts(staged: Staged) -> dict[str, tuple[Verdict, Reason | None]]:
    """By source id; a reason for everything that is not created."""
    found = {row.source_id: _verdict(staged, row) for row in staged.documents}
    created = {source_id for source_id, (verdict, _) in found.items() if verdict is Verdict.CREATE}
    for row in staged.documents:
        if row.source_id in created and row.credited_ids:
            base = base_of(staged.plans[row.source_id])
            # The load step sends credit invoices last.
            if base is not None and base not in staged.linked and base not in created:
                found[row.source_id] = (Verdict.WAITING, _waits_for_base(staged, row, base))
    return found


def _verdict(staged: Staged, row: Row[Any]) -> tuple[Verdict, Reason | None]:
    source_id = row.source_id
    known = staged.outcomes.get(source_id)
    outcome, note = (known.outcome, known.outcome_note or "") if known is not None else (_state(staged, row), "")
    if outcome in (None, "planned"):
        if source_id in staged.plans:
            return Verdict.CREATE, None
        outcome, note = NOT_WANTED
    verdict = Verdict(outcome)
    match verdict:
        case Verdict.CREATED:
            return verdict, Reason(verdict, note) if note else None
        case Verdict.QUARANTINED if (case := staged.cases.get(source_id)) is not None:
            return verdict, Reason(case.code, case.message, case.field, case.system)
        case Verdict.WAITING:
            return verdict, _waits(staged.waits.get(source_id), note)
    return verdict, Reason(verdict, note)


def _state(staged: Staged, row: Row[Any]) -> str | None:
    """How a document that this run is not about stands now, as outcomes are called."""
    case = staged.cases.get(row.source_id)
    if row.source_id in staged.linked:
        return "already_there"
    if row.is_deleted or row.is_missing:
        return "deleted"
    if row.source_id in staged.plans:
        return None
    if case is not None and case.state == "dismissed" and case.content_hash == row.content_hash:
        return "dismissed"
    if case is not None and case.state == "open":
        return "quarantined"
    return "waiting" if row.source_id in staged.waits else None


def _waits(row: Row[Any] | None, note: str) -> Reason:
    if row is not None:
        return Reason(row.code, row.message)
    code = next((code for words, code in _WAITS if words in note), Verdict.WAITING.value)
    return Reason(code, note)


def _waits_for_base(staged: Staged, row: Row[Any], base: str) -> Reason:
    known = next((other for other in staged.documents if other.source_id == base), None)
    called = f"invoice {known.number}" if known is not None else f"invoice with Scoro id {base}"
    return Reason(
        BASE_NOT_BOOKED,
        f"Credit invoice {row.number} waits for the {called} that it credits: it is not in SmartAccounts yet.",
    )
