"""What a payment is for, row by row: as its plan will book it, else as Scoro shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.plan.payment_decision import key_of
from scoro_smartaccounts.report.document import Direction, PaidRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.common.documents import ReceiptGroup
    from scoro_smartaccounts.staging.links import Key
    from scoro_smartaccounts.staging.plans import WantedPlan


@dataclass(frozen=True, slots=True)
class Paid:
    """A document that a payment is for. `remote_id` is its id in SmartAccounts, None where it is not there."""

    number: str
    partner_id: str | None
    is_credit: bool
    remote_id: str | None


@dataclass(frozen=True, slots=True)
class PaymentAmounts:
    """The part of a `ListedDocument` that is particular to payments."""

    total: Decimal
    direction: Direction
    rows: tuple[PaidRow, ...]
    account: str = ""


def as_planned(plan: WantedPlan, group: ReceiptGroup, documents: Mapping[Key, Paid]) -> PaymentAmounts:
    """Return what will be booked: one body or several, each on an account."""
    bodies = json.loads(plan.payload)
    by_remote_id = {item.remote_id: item for item in documents.values() if item.remote_id is not None}
    rows = [row for body in bodies for row in _rows_of_body(body, by_remote_id)]
    return _signed(
        group, rows, Decimal(plan.predicted["total"]), account=", ".join(dict.fromkeys(row.account for row in rows))
    )


def as_in_scoro(group: ReceiptGroup, documents: Mapping[Key, Paid]) -> PaymentAmounts:
    """Return what Scoro says."""
    rows = []
    for receipt in group.rows:
        key = key_of(receipt)
        if key is None:
            rows.append(PaidRow(RowKind.PREPAYMENT, receipt.prepayment_id or "", receipt.amount))
            continue
        paid = documents.get(key)
        sign = -1 if paid is not None and paid.is_credit and receipt.amount > 0 else 1
        rows.append(PaidRow(RowKind.DOCUMENT, paid.number if paid is not None else key[1], receipt.amount * sign))
    return _signed(group, rows, abs(group.total))


def _rows_of_body(body: Mapping[str, Any], documents: Mapping[str, Paid]) -> list[PaidRow]:
    """Rows of a body are magnitudes: what a document is decides which way its money goes."""
    account = body["accountName"]
    rows = [
        PaidRow(
            RowKind.DOCUMENT,
            documents[row["id"]].number,
            Decimal(row["amount"]) * (-1 if documents[row["id"]].is_credit else 1),
            account,
        )
        for row in body["rows"]
    ]
    # What is not for a document goes the way of the documents beside it.
    sign = -1 if rows and all(row.amount < 0 for row in rows) else 1
    if prepayment := body.get("prepayment"):
        rows.append(PaidRow(RowKind.PREPAYMENT, "", Decimal(prepayment["amount"]) * sign, account))
    rows += [
        PaidRow(RowKind.ROUNDING, "", Decimal(extra["price"]) * Decimal(extra["quantity"]) * sign, account)
        for extra in body.get("extras", ())
    ]
    return rows


def _signed(group: ReceiptGroup, rows: Sequence[PaidRow], total: Decimal, account: str = "") -> PaymentAmounts:
    """Return the rows turned so that they add up to the total, whichever way the money goes."""
    moved = sum((row.amount for row in rows), ZERO)
    if not total:
        direction = Direction.NETTED
    else:
        direction = Direction.PAID if group.is_purchase is (moved > 0) else Direction.RECEIVED
    if moved < 0:
        rows = [replace(row, amount=-row.amount) for row in rows]
    return PaymentAmounts(total, direction, tuple(rows), account)
