"""A credit invoice waits until the invoice that it credits, its base, is in the books: SmartAccounts wants its id.

The next run tries again. Where the base was sent without an answer, the credit invoice is in doubt with it. What will
never be in the books (a base that is gone, declined, or before the first import) is no matter of waiting: the plan
decides that, in `plan.invoice_decision`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.load.sending import Sending, needs
from scoro_smartaccounts.smartaccounts.words import BASE, base_of
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import DocumentState, document_states
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED

if TYPE_CHECKING:
    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.staging.plans import WantedPlan


def put_base(sending: Sending, spec: InvoiceFlow, row: WantedPlan, body: dict[str, Any]) -> runs.Outcome | None:
    """Put the base's id into the body of a credit invoice; how it is left where the base is not in the books. None for
    a body that is complete, that of any other document included."""
    base_source_id = base_of(body)
    if base_source_id is None:
        return None
    body[BASE] = sending.linked(spec.kind, base_source_id)
    if body[BASE] is not None:
        return None
    is_in_doubt = base_source_id in sending.in_doubt()
    with sending.connection.begin():
        company, flow = sending.request.company.key, sending.request.flow
        states = document_states(sending.connection, company, flow, [base_source_id])
        is_in_doubt = is_in_doubt or base_source_id in runs.in_doubt(sending.connection, sending.request)
    base = states.get(base_source_id)
    if is_in_doubt:
        number = base_source_id if base is None or not base.number else base.number
        return needs(phrase(spec.noun, number=number), phrase(spec.noun, number=row.number))
    return sending.wait(row, _base_is_missing(row.number, base, base_source_id))


def _base_is_missing(number: str, base: DocumentState | None, base_source_id: str) -> Reason:
    """Return why the credit invoice of this number waits; `base` is what staging knows of what it credits."""
    credited = phrase("invoice", number=base_source_id if base is None else base.number)
    day = None if base is None else base.day
    if day is not None:
        credited = phrase("of_day", document=credited, day=day)
    return reason(
        BASE_NOT_BOOKED,
        document=phrase("credit_invoice", number=number),
        base=credited,
        day=day or phrase("its_day"),
    )
