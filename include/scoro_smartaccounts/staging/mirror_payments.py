"""SmartAccounts' payments as they were mirrored, and what each settles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.schema import remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.reasons import Phrase


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """A payment that SmartAccounts has."""

    remote_id: str
    number: str
    day: date
    account_type: str
    account_name: str
    currency: str
    content_hash: str

    @property
    def named(self) -> Phrase:
        """The payment as sentences name it."""
        return named_payment(self.number, self.day)


@dataclass(frozen=True, slots=True)
class SettledLine:
    """What a payment settles of a document of SmartAccounts, as a magnitude; `type` as SmartAccounts calls that."""

    payment_id: str
    type: str
    document_remote_id: str
    amount: Decimal


def living_payments(connection: Connection, company: str, payment_ids: Iterable[str]) -> dict[str, MirroredPayment]:
    """Those of the payments that SmartAccounts still has, by day and number."""
    rows = connection.execute(
        select(
            remote_payment.c.remote_id,
            remote_payment.c.number,
            remote_payment.c.day,
            remote_payment.c.account_type,
            remote_payment.c.account_name,
            remote_payment.c.currency,
            remote_payment.c.content_hash,
        )
        .where(
            remote_payment.c.company == company,
            remote_payment.c.remote_id == any_of(payment_ids),
            ~remote_payment.c.is_deleted,
        )
        .order_by(remote_payment.c.day, remote_payment.c.number)
    )
    return {row.remote_id: MirroredPayment(*row) for row in rows}


def settled_lines(connection: Connection, company: str, payment_ids: Iterable[str]) -> list[SettledLine]:
    """Return what payments settle, in the order of their rows."""
    rows = connection.execute(
        select(
            remote_payment_row.c.remote_id,
            remote_payment_row.c.type,
            remote_payment_row.c.document_remote_id,
            remote_payment_row.c.amount,
        )
        .where(remote_payment_row.c.company == company, remote_payment_row.c.remote_id == any_of(payment_ids))
        .order_by(remote_payment_row.c.remote_id, remote_payment_row.c.position)
    )
    return [SettledLine(*row) for row in rows]


def note_seen(connection: Connection, company: str, payment_ids: Iterable[str]) -> None:
    """Note that payments are dealt with: they are no candidates any more until they change."""
    connection.execute(
        update(remote_payment)
        .where(remote_payment.c.company == company, remote_payment.c.remote_id == any_of(payment_ids))
        .values(is_changed=False)
    )
