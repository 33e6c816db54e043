"""Credit invoices whose invoice the accountant declined: they cannot be booked before that one is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.smartaccounts.words import base_of
from scoro_smartaccounts.staging.approvals import NamedDocument, declined_documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.approval.snapshot import PlanSnapshot
    from scoro_smartaccounts.common.documents import Flow


def wait_for_declined(
    connection: Connection, company: str, flow: Flow, plans: Mapping[str, PlanSnapshot]
) -> dict[str, Reason]:
    """Which of these plans credit an invoice that was declined, is not in SmartAccounts and is not among them, and what
    to do."""
    credited = {source_id: _base_of(shown) for source_id, shown in plans.items()}
    bases = {source_id: base for source_id, base in credited.items() if base is not None and base not in plans}
    declined = declined_documents(connection, company, flow, bases.values())
    return {
        source_id: _waits(plans[source_id].number, declined[base])
        for source_id, base in bases.items()
        if base in declined
    }


def _base_of(shown: PlanSnapshot) -> str | None:
    body = json.loads(shown.payload)
    return base_of(body) if isinstance(body, dict) else None


def _waits(credit: str, base: NamedDocument) -> Reason:
    return reason(
        "base_not_booked.declined",
        document=phrase("credit_invoice", number=credit),
        base=phrase("invoice", number=base.number),
        day=base.day,
    )
