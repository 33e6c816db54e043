"""Credit invoices whose invoice the accountant declined: they cannot be booked before that one is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import KIND_OF, is_linked
from scoro_smartaccounts.staging.schema import approval, document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scoro_smartaccounts.approval.shown import Shown
    from scoro_smartaccounts.common.documents import Flow


def wait_for_declined(
    connection: Connection, company: str, flow: Flow, plans: Mapping[str, Shown]
) -> dict[str, Reason]:
    """Which of these plans credit an invoice that was declined, is not in SmartAccounts and is not among them, and what
    to do."""
    credited = {source_id: _base_of(shown) for source_id, shown in plans.items()}
    bases = {source_id: base for source_id, base in credited.items() if base is not None and base not in plans}
    rows = connection.execute(
        select(document.c.source_id, document.c.number, document.c.day)
        .join(
            approval,
            (approval.c.company == document.c.company)
            & (approval.c.flow == document.c.flow)
            & (approval.c.source_id == document.c.source_id),
        )
        .where(
            document.c.company == company,
            document.c.flow == flow.value,
            document.c.source_id == any_of(bases.values()),
            approval.c.state == "declined",
            ~is_linked(KIND_OF[flow], document.c.company, document.c.source_id),
        )
    )
    declined = {row.source_id: (row.number, row.day) for row in rows}
    return {
        source_id: _waits(plans[source_id].number, *declined[base])
        for source_id, base in bases.items()
        if base in declined
    }


def _base_of(shown: Shown) -> str | None:
    body = json.loads(shown.payload)
    base = body.get("baseForCreditInvoiceId") if isinstance(body, dict) else None
    return None if base is None else str(base).removeprefix("@document:")


def _waits(credit: str, number: str, day: date) -> Reason:
    return reason(
        "base_not_booked.declined",
        document=phrase("credit_invoice", number=credit),
        base=phrase("invoice", number=number),
        day=day,
    )
