"""What requests have made, and what they may have made, as the mirrors of both systems show it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Table, exists, func, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind, is_group_linked_in_part, is_payment_linked_in_part
from scoro_smartaccounts.staging.schema import (
    article_register,
    client_register,
    contact,
    document,
    payment_row,
    remote_document,
    remote_payment,
    vendor_register,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from decimal import Decimal

_PARTNERS: Mapping[Kind, Table] = {Kind.CLIENT: client_register, Kind.VENDOR: vendor_register}


@dataclass(frozen=True, slots=True)
class MarkedDocument:
    """An invoice or bill of SmartAccounts that carries our marker."""

    remote_id: str
    number: str
    partner_remote_id: str
    currency: str
    currency_rate: Decimal | None
    net: Decimal | None
    vat: Decimal | None
    rounding: Decimal | None
    total: Decimal
    entry_day: date | None


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """A payment of SmartAccounts; `content_hash` identifies that which matters of it."""

    remote_id: str
    number: str
    day: date
    content_hash: str


# Partners and articles


def marked_partner(connection: Connection, company: str, kind: Kind, source_id: str) -> str | None:
    """Return the client or vendor that our marker says was created for a contact."""
    register = _PARTNERS[kind].c
    found: str | None = connection.scalar(
        select(register.remote_id).where(register.company == company, register.marked_id == source_id)
    )
    return found


def may_be_unmarked(connection: Connection, company: str, kind: Kind, name: str) -> bool:
    """Whether a client or vendor has this name, and no marker of any has ever come back."""
    register = _PARTNERS[kind].c
    marks = func.count().filter(register.marked_id != "", ~register.marked_id.startswith(STAND_IN))
    namesakes = func.count().filter(register.name == name)
    marked, named = connection.execute(select(marks, namesakes).where(register.company == company)).one()
    return bool(named and not marked)


def names_in_books(connection: Connection, company: str, kind: Kind, remote_id: str) -> tuple[str, ...]:
    """How SmartAccounts calls a client or vendor: what a refusal may repeat and nobody may read."""
    register = _PARTNERS[kind].c
    return tuple(
        connection.scalars(select(register.name).where(register.company == company, register.remote_id == remote_id))
    )


def names_of_partners(connection: Connection, company: str, flow: Flow, document_ids: Iterable[str]) -> tuple[str, ...]:
    """How Scoro calls those whom documents are for or from: what a refusal may repeat and nobody may read."""
    return tuple(
        connection.scalars(
            select(contact.c.name)
            .join(document, (document.c.company == contact.c.company) & (document.c.partner_id == contact.c.source_id))
            .where(
                document.c.company == company,
                document.c.flow == flow.value,
                document.c.source_id == any_of(document_ids),
            )
            .distinct()
        )
    )


def has_article(connection: Connection, company: str, code: str) -> bool:
    """Whether SmartAccounts has an article of this code."""
    register = article_register.c
    return bool(connection.scalar(select(exists().where(register.company == company, register.code == code))))


# Documents and payments of SmartAccounts


def marked_document(connection: Connection, company: str, flow: Flow, source_id: str) -> MarkedDocument | None:
    """Return the invoice or bill that our marker says was created for a document."""
    columns = remote_document.c
    row = connection.execute(
        select(*(columns[name] for name in MarkedDocument.__slots__)).where(
            columns.company == company, columns.flow == flow.value, columns.marked_id == source_id
        )
    ).first()
    return None if row is None else MarkedDocument(**row._mapping)


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


# Receipt groups of Scoro


def groups_paying(connection: Connection, company: str, flow: Flow, document_ids: Iterable[str]) -> set[str]:
    """Return the receipt groups that pay any of these documents."""
    groups = select(payment_row.c.source_id).where(*_pays(company, flow, document_ids))
    return set(connection.scalars(groups.distinct()))


def unlinked_groups_paying(
    connection: Connection, company: str, flow: Flow, document_ids: Iterable[str], *, other_than: Iterable[str]
) -> set[str]:
    """Return those of them that are not linked, be it in part, without the given ones."""
    return set(
        connection.scalars(
            select(payment_row.c.source_id)
            .where(
                *_pays(company, flow, document_ids),
                payment_row.c.source_id.not_in(list(other_than)),
                ~is_group_linked_in_part(payment_row.c.company, payment_row.c.source_id),
            )
            .distinct()
        )
    )


def _pays(company: str, flow: Flow, document_ids: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        payment_row.c.company == company,
        payment_row.c.flow == Flow.PAYMENTS.value,
        payment_row.c.document_flow == flow.value,
        payment_row.c.document_id == any_of(document_ids),
    )


def _payments(connection: Connection, company: str, *conditions: ColumnElement[bool]) -> list[MirroredPayment]:
    columns = remote_payment.c
    rows = connection.execute(
        select(*(columns[name] for name in MirroredPayment.__slots__))
        .where(columns.company == company, *conditions)
        .order_by(columns.number)
    )
    return [MirroredPayment(**row._mapping) for row in rows]
