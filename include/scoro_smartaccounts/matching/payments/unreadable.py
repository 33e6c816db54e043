"""Receipts of Scoro that cannot be read: what they pay may be told, by what amount is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.scoro.wire import documents_named
from scoro_smartaccounts.staging.payments_and_receipts import unreadable_groups

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.staging.links import Key


@dataclass(frozen=True, slots=True)
class UnreadableReceipt:
    """A receipt group that cannot be read and that no payment stands for, as sentences name it. `documents`: those that
    it names, none where these cannot be read either."""

    named: Phrase
    day: date | None
    documents: frozenset[Key]

    def may_pay(self, documents: Collection[Key], day: date) -> bool:
        """Whether it may be the money of a payment of these documents."""
        if self.documents:
            return not self.documents.isdisjoint(documents)
        return self.day is None or abs((self.day - day).days) <= SAME_PAYMENT_WITHIN_DAYS


def unreadable_receipts(connection: Connection, company: str) -> Sequence[UnreadableReceipt]:
    """All that Scoro has."""
    return [
        UnreadableReceipt(named_payment(group.number, group.day), group.day, documents_named(group.payload))
        for group in unreadable_groups(connection, company)
    ]
