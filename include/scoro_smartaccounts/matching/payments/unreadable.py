"""Receipts of Scoro that cannot be read: what they pay may be told, by what amount is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, or_, select

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.scoro.modules import RECEIPTS
from scoro_smartaccounts.scoro.wire import documents_named
from scoro_smartaccounts.staging.links import Key, has_lost_payments, is_group_linked_in_part
from scoro_smartaccounts.staging.schema import document, raw_record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from scoro_smartaccounts.common.reasons import Phrase


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
    rows = connection.execute(
        select(document.c.number, document.c.day, raw_record.c.payload)
        .join(
            raw_record,
            (raw_record.c.company == document.c.company)
            & (raw_record.c.module == RECEIPTS.name)
            & (raw_record.c.source_id == document.c.source_id)
            & (raw_record.c.version == document.c.raw_version),
        )
        .where(
            document.c.company == company,
            document.c.flow == Flow.PAYMENTS.value,
            document.c.problem.is_not(None),
            ~document.c.is_deleted,
            ~document.c.is_missing,
            or_(
                ~is_group_linked_in_part(document.c.company, document.c.source_id),
                has_lost_payments(document.c.company, document.c.source_id),
            ),
        )
        .order_by(document.c.day, document.c.number)
    )
    return [
        UnreadableReceipt(named_payment(row.number, row.day), row.day, documents_named(row.payload)) for row in rows
    ]
