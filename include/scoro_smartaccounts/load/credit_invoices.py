"""A credit invoice waits until the invoice that it credits, its base, is in the books: SmartAccounts wants its id.

The next run tries again. Where the base was sent without an answer, the credit invoice is in doubt with it. What will
never be in the books (a base that is gone, declined, or before the first import) is no matter of waiting: the plan
decides that, in `plan.invoice_decision`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.cases import DocumentState


def base_is_missing(number: str, base: DocumentState | None, base_source_id: str) -> Reason:
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
