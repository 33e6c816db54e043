"""What requests have made, and what they may have made, as the mirrors of both systems show it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Table, select

from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind, is_payment_linked_in_part
from scoro_smartaccounts.staging.schema import (
    client_register,
    remote_payment,
    vendor_register,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_PARTNERS: Mapping[Kind, Table] = {Kind.CLIENT: client_register, Kind.VENDOR: vendor_register}


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """A payment of SmartAccounts; `content_hash` identifies that which matters of it."""

    remote_id: str
    number: str
    day: date
    content_hash: str


def unlinked_payment(connection: Connection, company: str, group_id: str, account_name: str) -> MirroredPayment | None:
    """Return the first payment on an account that is marked with a receipt group and not linked, be it in part."""
    return next(
        iter(
            _payments(
                connection,
                company,
                remote_payment.c.marked_id == group_id,
                remote_payment.c.account_name == account_name,
                ~is_payment_linked_in_part(remote_payment.c.company, remote_payment.c.remote_id),
            )
        ),
        None,
    )


def mirrored_payments(connection: Connection, company: str, remote_ids: Iterable[str]) -> list[MirroredPayment]:
    """Return payments, deleted ones too."""
    return _payments(connection, company, remote_payment.c.remote_id == any_of(remote_ids))


def has_payment(connection: Connection, company: str, remote_id: str, content_hash: str) -> bool:
    """Whether a payment stands in the books with this content."""
    is_it = remote_payment.c.remote_id == remote_id, remote_payment.c.content_hash == content_hash
    return bool(_payments(connection, company, *is_it, ~remote_payment.c.is_deleted))


def _payments(connection: Connection, company: str, *conditions: ColumnElement[bool]) -> list[MirroredPayment]:
    columns = remote_payment.c
    rows = connection.execute(
        select(*(columns[name] for name in MirroredPayment.__slots__))
        .where(columns.company == company, *conditions)
        .order_by(columns.number)
    )
    return [MirroredPayment(**row._mapping) for row in rows]
