"""What becomes of each document, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.report.document import Verdict
from scoro_smartaccounts.smartaccounts.words import base_of
from scoro_smartaccounts.staging.runs import NOT_WANTED

if TYPE_CHECKING:
    from scoro_smartaccounts.report.staged import Staged
    from scoro_smartaccounts.staging.documents import StagedDocument


def verdicts(staged: Staged) -> dict[str, tuple[Verdict, Reason | None]]:
    """By source id; a reason for everything that is not created."""
    found = {row.source_id: _verdict(staged, row) for row in staged.documents}
    created = {source_id for source_id, (verdict, _) in found.items() if verdict is Verdict.CREATE}
    for row in staged.documents:
        if row.source_id in created and row.credited_ids:
            base = base_of(json.loads(staged.plans[row.source_id].payload))
            # The load step sends credit invoices last.
            if base is not None and base not in staged.linked and base not in created:
                found[row.source_id] = (Verdict.WAITING, _waits_for_base(staged, row, base))
    return found


def _verdict(staged: Staged, row: StagedDocument) -> tuple[Verdict, Reason | None]:
    source_id = row.source_id
    known = staged.outcomes.get(source_id)
    outcome, why = known if known is not None else (_state(staged, row), None)
    if outcome in (None, "planned"):
        if source_id in staged.plans:
            return Verdict.CREATE, None
        outcome, why = NOT_WANTED
    verdict = Verdict(str(outcome))
    if verdict is Verdict.QUARANTINED and source_id in staged.cases:
        why = staged.cases[source_id][2]
    elif verdict is Verdict.WAITING:
        why = staged.waits.get(source_id, why)
    if why is None and verdict is not Verdict.CREATED:
        why = reason(verdict.value)
    return verdict, why


def _state(staged: Staged, row: StagedDocument) -> str | None:
    """How a document that this run is not about stands now, as outcomes are called."""
    state, content_hash, _ = staged.cases.get(row.source_id, ("", "", None))
    if row.source_id in staged.linked:
        return "already_there"
    if row.is_deleted or row.is_missing:
        return "deleted"
    if row.source_id in staged.plans:
        return None
    if state == "dismissed" and content_hash == row.content_hash:
        return "dismissed"
    if state == "open":
        return "quarantined"
    return "waiting" if row.source_id in staged.waits else None


def _waits_for_base(staged: Staged, row: StagedDocument, base: str) -> Reason:
    known = next((other for other in staged.documents if other.source_id == base), None)
    credited = phrase("invoice", number=known.number) if known is not None else phrase("invoice_by_id", id=base)
    document = phrase("credit_invoice", number=row.number)
    return reason("base_not_booked.planned", document=document, base=credited)
