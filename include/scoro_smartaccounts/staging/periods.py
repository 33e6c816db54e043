"""Months and their VAT returns, as far as they were seen or a person told. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, Numeric, and_, cast, func, or_, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.common.periods import Said, VatMonth, month_of, next_month
from scoro_smartaccounts.staging.bulk import upsert
from scoro_smartaccounts.staging.ledger import is_document_of, is_plan_of
from scoro_smartaccounts.staging.links import BY_US, KIND_OF, link_view
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.mirror_payments import is_row_of_payment
from scoro_smartaccounts.staging.schema import document, period, plan, remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

# What SmartAccounts calls a row of a payment that pays a VAT return.
VAT_RETURN = "VAT_RETURN"
_LOCK = "periods"


@dataclass(frozen=True, slots=True)
class SeenReturn:
    """The entry of a return as a reading shows it. `content_hash`: what identifies its rows; `amounts` are those of its
    rows, by which its payment is known."""

    month: date
    entry_id: str
    content_hash: str
    amounts: frozenset[Decimal]


@dataclass(frozen=True, slots=True)
class AfterReturn:
    """Documents that the pipeline booked into a month after its return was calculated, and their VAT in euros."""

    documents: int
    vat: Decimal


def known_months(connection: Connection, company: str) -> dict[date, VatMonth]:
    """Return what is known, by the first days of the months."""
    rows = connection.execute(select(period).where(period.c.company == company))
    return {
        row.month: VatMonth(
            row.month,
            row.return_entry_id,
            row.return_hash,
            row.return_seen_at,
            row.return_changed_at,
            row.paid_seen_at,
            Said(row.said),
            row.said_at,
            row.said_by,
        )
        for row in rows
    }


def say(connection: Connection, company: str, month: date, said: Said, at: datetime, *, by: str = "") -> VatMonth:
    """Keep what a person says of a month, and who that was."""
    transaction_lock(connection, company, _LOCK)
    row = {"company": company, "month": month, "said": said.value, "said_at": at, "said_by": by}
    upsert(connection, period, [row])
    return known_months(connection, company)[month]


def note_returns(
    connection: Connection, company: str, seen: Mapping[date, SeenReturn | None], *, since: date | None, at: datetime
) -> None:
    """Keep the returns that a reading of all of them since a day shows: those that it does not show are gone. None:
    not all were read, and only those are gone of which the reading says so."""
    transaction_lock(connection, company, _LOCK)
    before = known_months(connection, company)
    paid = _payments(connection, company)
    read = {
        month for month, known in before.items() if since is not None and month >= month_of(since) and known.entry_id
    }
    rows = []
    for month in sorted({*read, *seen}):
        known, now = before.get(month, VatMonth(month)), seen.get(month)
        is_other = now is not None and (known.entry_id, known.entry_hash) != (now.entry_id, now.content_hash)
        is_paid = now is not None and any(each.is_of(now) for each in paid)
        rows.append(
            {
                "company": company,
                "month": month,
                "return_entry_id": "" if now is None else now.entry_id,
                "return_hash": "" if now is None else now.content_hash,
                "return_seen_at": None if now is None else (known.seen_at if known.entry_id else None) or at,
                "return_changed_at": None if now is None else at if is_other and known.entry_id else known.changed_at,
                "paid_seen_at": (known.paid_at or at) if is_paid else None,
            }
        )
    upsert(connection, period, rows)


def calculated_at(connection: Connection, company: str) -> dict[date, datetime]:
    """Return when the VAT return of each month was calculated last, by the first days of the months."""
    return _calculated(known_months(connection, company))


def booked_after_return(
    connection: Connection, company: str, known: Mapping[date, VatMonth]
) -> dict[date, AfterReturn]:
    """Return what the pipeline booked into months after their returns were calculated as they stand, by month. A
    document counts as booked when it was planned: what is known of returns was read before that."""
    found: dict[date, AfterReturn] = {}
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        link = link_view()
        entry_day = link.rows.c.entry_day
        closed = [
            and_(cast(func.date_trunc("month", entry_day), Date) == month, plan.c.planned_at > each)
            for month, each in _calculated(known).items()
        ]
        if not closed:
            return {}
        rate = func.coalesce(func.nullif(document.c.currency_rate, 0), 1)
        rows = connection.execute(
            select(
                cast(func.date_trunc("month", entry_day), Date).label("month"),
                func.count().label("documents"),
                cast(func.sum(func.coalesce(document.c.vat, 0) * rate), Numeric).label("vat"),
            )
            .select_from(link.rows)
            .join(plan, is_plan_of(link, flow))
            .join(document, is_document_of(link, flow))
            .where(
                link.company == company,
                link.kind == KIND_OF[flow].value,
                link.evidence.in_(BY_US),
                link.gone_at.is_(None),
                or_(*closed),
            )
            .group_by("month")
        )
        for row in rows:
            other = found.get(row.month, AfterReturn(0, ZERO))
            found[row.month] = AfterReturn(other.documents + row.documents, other.vat + cents(row.vat))
    return found


def _calculated(known: Mapping[date, VatMonth]) -> dict[date, datetime]:
    """When each return was calculated, or somebody said that it is filed as it stands."""
    found = {}
    for month, each in known.items():
        at = each.calculated_at
        if each.said is Said.FILED and each.said_at is not None:
            at = max(each.said_at, at or datetime.min.replace(tzinfo=UTC))
        if at is not None:
            found[month] = at
    return found


@dataclass(frozen=True, slots=True)
class _Payment:
    return_id: str
    day: date
    amount: Decimal

    def is_of(self, seen: SeenReturn) -> bool:
        """Whether it pays a return: it names its entry, or, since nobody says that the return has the id of its entry,
        it is of the month in which that is to be paid, and of an amount of the entry."""
        is_due = month_of(self.day) == next_month(seen.month)
        return self.return_id == seen.entry_id or (is_due and self.amount in seen.amounts)


def _payments(connection: Connection, company: str) -> list[_Payment]:
    """Payments of VAT returns that the mirror holds."""
    rows = connection.execute(
        select(remote_payment_row.c.document_remote_id, remote_payment.c.day, remote_payment_row.c.amount)
        .join(remote_payment, is_row_of_payment())
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.type == VAT_RETURN,
            ~remote_payment.c.is_deleted,
        )
    )
    return [_Payment(row.document_remote_id, row.day, abs(cents(row.amount))) for row in rows]
