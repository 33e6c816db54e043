"""Money that lost its other half: payments whose receipt is gone in Scoro, and receipts whose payment is gone in
SmartAccounts. Entered again otherwise than before, the same money must not be carried over once more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import Flow, ReceiptGroup
from scoro_smartaccounts.smartaccounts.words import CLIENT, VENDOR
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.mirror_payments import settled_lines
from scoro_smartaccounts.staging.payment_rows import documents_paid, receipts_of
from scoro_smartaccounts.staging.payments_and_receipts import orphaned_payments

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.staging.links import Key


@dataclass(frozen=True, slots=True)
class Orphan:
    """A payment of SmartAccounts whose receipt is gone in Scoro, as sentences name it; `documents` are the remote ids
    of what it settles."""

    named: Phrase
    day: date
    partner_type: str
    partner_id: str
    currency: str
    amount: Decimal
    documents: frozenset[str]

    def may_be(self, group: ReceiptGroup, *, partner_id: str, documents: Collection[str]) -> bool:
        """Whether a receipt that is booked on this partner and for these documents may be its money, entered again."""
        if self.currency != group.currency or self.partner_type != (VENDOR if group.is_purchase else CLIENT):
            return False
        if self.documents.intersection(documents):
            return True
        is_near = abs((self.day - group.day).days) <= SAME_PAYMENT_WITHIN_DAYS
        return self.amount > 0 and self.amount == abs(group.total) and (is_near or self.partner_id == partner_id)


def orphans(connection: Connection, company: str) -> Sequence[Orphan]:
    """All payments whose receipts are gone in Scoro."""
    payments = orphaned_payments(connection, company)
    settled: dict[str, set[str]] = defaultdict(set)
    for line in settled_lines(connection, company, [each.remote_id for each in payments]):
        settled[line.payment_id].add(line.document_remote_id)
    return [
        Orphan(
            named=each.named,
            day=each.day,
            partner_type=each.partner_type,
            partner_id=each.partner_remote_id,
            currency=each.currency,
            amount=each.amount,
            documents=frozenset(settled[each.remote_id]),
        )
        for each in payments
    ]


def overpaying_days(connection: Connection, company: str, source_ids: Collection[str]) -> list[date]:
    """Return the days of the other receipts of documents that these receipts would overpay, or may: of a document that
    cannot be read nobody knows."""
    own = set(source_ids)
    received: dict[Key, Decimal] = defaultdict(Decimal)
    others: dict[Key, set[date]] = defaultdict(set)
    paid = documents_paid(connection, company, own)
    for row in receipts_of(connection, company, {document_id for _, document_id in paid}):
        received[row.key] += row.amount
        if row.group_id not in own and row.day is not None:
            others[row.key].add(row.day)
    days: set[date] = set()
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        ids = [document_id for other, document_id in paid if other is flow]
        for document in read_documents(connection, company, flow, ids):
            key, net, vat = (flow, document.source_id), document.net, document.vat
            if net is None or vat is None or abs(received[key]) > abs(net + vat):
                days |= others[key]
    return sorted(days)
