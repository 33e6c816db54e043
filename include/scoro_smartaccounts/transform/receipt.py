"""A payment of SmartAccounts → the exact `request` of Scoro's `receipts/modify`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, plain
from scoro_smartaccounts.common.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment as it stands in SmartAccounts' books."""

    remote_id: str
    number: str
    day: date
    account_name: str
    currency: str


@dataclass(frozen=True, slots=True)
class PaidInScoro:
    """A row of the payment on a document that came from Scoro: `amount` is a magnitude, `module` and `record_id` are
    Scoro's names of the document; `is_negative` tells that its total is negative there."""

    module: str
    record_id: str
    number: str
    partner_id: str
    amount: Decimal
    is_negative: bool


def plan_receipt_group(
    payment: BookedPayment, rows: Sequence[PaidInScoro], *, account_id: str | None
) -> dict[str, Any]:
    """Return the request for the rows of one module. `account_id` is Scoro's receipt account; None for netting, which
    moves no money. Raises DocumentProblem where the rows belong to different contacts."""
    partners = sorted({row.partner_id for row in rows})
    if len(partners) > 1:
        named = named_payment(payment.number, payment.day)
        raise DocumentProblem(reason("partners_differ.in_scoro", document=named, contacts=partners))
    amounts: dict[str, Decimal] = {}
    for row in rows:
        amounts[row.record_id] = amounts.get(row.record_id, ZERO) + (-row.amount if row.is_negative else row.amount)
    request: dict[str, Any] = {
        "date": payment.day.isoformat(),
        "contact_id": int(partners[0]),
        "sum": plain(sum(amounts.values(), ZERO)),
        "currency": payment.currency,
        "sales_doc_type": rows[0].module,
    }
    if account_id is not None:
        request["receipt_account_id"] = int(account_id)
    request["receipts"] = [
        {"invoice_id": int(record_id), "sum": plain(amount)} for record_id, amount in amounts.items()
    ]
    return request


def equal_content(request: Mapping[str, Any]) -> tuple[str, str, str, tuple[tuple[str, Decimal], ...]]:
    """Return what must be equal of two receipt groups to be the same payment: day, kind, currency, rows."""
    rows = sorted((str(row["invoice_id"]), Decimal(row["sum"])) for row in request["receipts"])
    return str(request["date"]), str(request["sales_doc_type"]), str(request["currency"]), tuple(rows)
