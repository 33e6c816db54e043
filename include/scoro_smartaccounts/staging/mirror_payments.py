"""SmartAccounts' payments as they were mirrored, and what each settles. The keeper of both tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update

from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.links import Kind, is_payment_linked_in_part, is_remote_linked
from scoro_smartaccounts.staging.schema import remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from scoro_smartaccounts.common.reasons import Phrase


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """A payment of SmartAccounts. `marked_id`: the receipt group that its document number names; `content_hash`: what
    identifies that which matters of it; `is_changed`: whether it was added or changed since the export was switched
    on, and is not dealt with yet."""

    remote_id: str
    number: str
    day: date
    partner_type: str
    partner_remote_id: str
    account_type: str
    account_name: str
    currency: str
    amount: Decimal
    prepayment: Decimal
    marked_id: str
    content_hash: str
    is_changed: bool = False
    is_deleted: bool = False

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


COLUMNS = tuple(remote_payment.c[each.name] for each in fields(MirroredPayment))


def store_payments(
    connection: Connection,
    company: str,
    payments: Iterable[MirroredPayment],
    lines: Mapping[str, Sequence[SettledLine]],
    *,
    read_at: datetime,
) -> dict[str, Exception]:
    """Put payments into the mirror, with what each settles in the place of what it settled before; why some cannot be
    kept, by id."""

    def store(some: Sequence[MirroredPayment]) -> None:
        ids = [each.remote_id for each in some]
        values = ({column.name: getattr(each, column.name) for column in COLUMNS} for each in some)
        upsert(connection, remote_payment, ({"company": company, "read_at": read_at, **row} for row in values))
        connection.execute(
            delete(remote_payment_row).where(
                remote_payment_row.c.company == company, remote_payment_row.c.remote_id == any_of(ids)
            )
        )
        upsert(
            connection,
            remote_payment_row,
            (
                {
                    "company": company,
                    "remote_id": payment_id,
                    "position": position,
                    "type": line.type,
                    "document_remote_id": line.document_remote_id,
                    "amount": line.amount,
                }
                for payment_id in ids
                for position, line in enumerate(lines.get(payment_id, ()), start=1)
            ),
        )

    return {each.remote_id: problem for each, problem in store_each(connection, list(payments), store)}


def mark_payments_deleted(connection: Connection, company: str, payment_ids: Iterable[str]) -> None:
    """Note that SmartAccounts deleted payments."""
    connection.execute(update(remote_payment).where(*_these(company, payment_ids)).values(is_deleted=True))


def note_seen(connection: Connection, company: str, payment_ids: Iterable[str]) -> None:
    """Note that payments are dealt with: they are no candidates any more until they change."""
    connection.execute(update(remote_payment).where(*_these(company, payment_ids)).values(is_changed=False))


def note_to_deal_with(connection: Connection, company: str, payment_ids: Iterable[str]) -> None:
    """Let payments be candidates for Scoro again."""
    connection.execute(update(remote_payment).where(*_these(company, payment_ids)).values(is_changed=True))


def note_all_seen(connection: Connection, company: str) -> None:
    """Note that all payments are dealt with: what stands there by now is history."""
    connection.execute(
        update(remote_payment)
        .where(remote_payment.c.company == company, remote_payment.c.is_changed)
        .values(is_changed=False)
    )


def note_changed_of_days(connection: Connection, company: str, first: date, last: date) -> None:
    """Let the payments of these days count as changed, however old they are."""
    connection.execute(
        update(remote_payment)
        .where(
            remote_payment.c.company == company,
            remote_payment.c.day.between(first, last),
            ~remote_payment.c.is_deleted,
        )
        .values(is_changed=True)
    )


def has_payments(connection: Connection, company: str) -> bool:
    """Whether any payment was ever read or booked."""
    return bool(connection.scalar(select(exists().where(remote_payment.c.company == company))))


def mirrored_payments(connection: Connection, company: str, payment_ids: Iterable[str]) -> dict[str, MirroredPayment]:
    """Return payments by id, deleted ones too, by day and number."""
    return read_payments(connection, *_these(company, payment_ids))


def living_payments(connection: Connection, company: str, payment_ids: Iterable[str]) -> dict[str, MirroredPayment]:
    """Those of the payments that SmartAccounts still has, by day and number."""
    return read_payments(connection, *_these(company, payment_ids), ~remote_payment.c.is_deleted)


def unlinked_payment_of(
    connection: Connection, company: str, group_id: str, account_name: str, *, asked_at: datetime
) -> MirroredPayment | None:
    """Return the payment on an account that is marked with a receipt group and not linked, be it in part; of several
    the one with the lowest number. `asked_at`: when it was asked for; one that was gone by then is an earlier one."""
    found = read_payments(
        connection,
        remote_payment.c.company == company,
        remote_payment.c.marked_id == group_id,
        remote_payment.c.account_name == account_name,
        ~is_payment_linked_in_part(remote_payment.c.company, remote_payment.c.remote_id),
        # What is deleted never comes again: it was read last while it was there.
        or_(~remote_payment.c.is_deleted, remote_payment.c.read_at >= asked_at),
    )
    return min(found.values(), key=lambda payment: payment.number, default=None)


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


def count_settled_invoices(connection: Connection, company: str, payment_ids: Iterable[str]) -> dict[str, int]:
    """Count the invoices and bills that each payment settles, by id."""
    rows = connection.execute(
        select(remote_payment_row.c.remote_id, func.count().label("rows"))
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.remote_id == any_of(payment_ids),
            remote_payment_row.c.type.in_(INVOICE_TYPES.values()),
        )
        .group_by(remote_payment_row.c.remote_id)
    )
    return {row.remote_id: row.rows for row in rows}


def lines_on(connection: Connection, company: str, document_remote_ids: Iterable[str]) -> list[SettledLine]:
    """Return what the payments that are there settle of documents, and of other payments as prepayments."""
    columns = (
        remote_payment_row.c.remote_id,
        remote_payment_row.c.type,
        remote_payment_row.c.document_remote_id,
        remote_payment_row.c.amount,
    )
    rows = connection.execute(
        _settling(company, document_remote_ids, *columns).order_by(
            remote_payment_row.c.remote_id, remote_payment_row.c.position
        )
    )
    return [SettledLine(*row) for row in rows]


def settled_amounts(connection: Connection, company: str, document_remote_ids: Iterable[str]) -> dict[str, Decimal]:
    """Return what the mirrored payments settle of documents, as magnitudes, by remote id."""
    amount = func.sum(remote_payment_row.c.amount).label("amount")
    rows = connection.execute(
        _settling(company, document_remote_ids, remote_payment_row.c.document_remote_id, amount).group_by(
            remote_payment_row.c.document_remote_id
        )
    )
    return {row.document_remote_id: row.amount for row in rows}


def unlinked_payments_on(
    connection: Connection, company: str, document_remote_ids: Iterable[str]
) -> dict[str, list[Phrase]]:
    """Names of payments that SmartAccounts has of documents and that no receipt group stands for, by remote id of the
    document. Our own, whose link is still to come, are left out."""
    columns = remote_payment_row.c.document_remote_id, remote_payment.c.number, remote_payment.c.day
    found: dict[str, list[Phrase]] = defaultdict(list)
    for row in connection.execute(
        _settling(company, document_remote_ids, *columns)
        .where(remote_payment.c.marked_id == "", ~is_linked_payment())
        .order_by(remote_payment.c.day, remote_payment.c.number)
    ):
        found[row.document_remote_id].append(named_payment(row.number, row.day))
    return found


def is_linked_payment() -> ColumnElement[bool]:
    """Whether receipt groups stand for all of the mirrored payment."""
    return is_remote_linked(Kind.PAYMENT, remote_payment.c.company, remote_payment.c.remote_id)


def read_payments(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, MirroredPayment]:
    """Within this room: the payments that meet conditions, by day and number."""
    rows = connection.execute(
        select(*COLUMNS)
        .where(*conditions)
        .order_by(remote_payment.c.day, remote_payment.c.number, remote_payment.c.remote_id)
    )
    return {row.remote_id: MirroredPayment(*row) for row in rows}


def _these(company: str, payment_ids: Iterable[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return remote_payment.c.company == company, remote_payment.c.remote_id == any_of(payment_ids)


def is_row_of_payment() -> ColumnElement[bool]:
    """Tell whether a row is one of the payment beside it in a query."""
    return and_(
        remote_payment_row.c.company == remote_payment.c.company,
        remote_payment_row.c.remote_id == remote_payment.c.remote_id,
    )


def _settling(company: str, document_remote_ids: Iterable[str], *columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*columns)
        .join_from(remote_payment_row, remote_payment, is_row_of_payment())
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.document_remote_id == any_of(document_remote_ids),
            ~remote_payment.c.is_deleted,
        )
    )
