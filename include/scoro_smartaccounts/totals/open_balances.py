"""What was paid of each document that both sides have, and what is still to be paid: Scoro's receipts, SmartAccounts'
payments. Pure.

Of either side what is open is the total less what was paid: never what a system says to be receivable.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.totals.pairs import place_of_source, with_sign
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, About, Measure, Part, Place, Sheet
from scoro_smartaccounts.totals.sides import sign_of, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.staging.facts import BooksFacts, Facts, PaymentFacts, ReceiptFacts, SourceFacts

_OPEN: Part = (Measure.OPEN, "")
_PAID: Part = (Measure.PAID, "")


@dataclass(frozen=True, slots=True)
class _Paid:
    """What both sides know to be paid of one document. `receipts` by group; `payments` with the part that is of this
    document."""

    receipts: Sequence[ReceiptFacts]
    payments: Sequence[tuple[PaymentFacts, Decimal]]


def compare_open(sheet: Sheet, facts: Facts) -> None:
    """Put what is paid and open of all pairs into the sheet, in the month of the document in Scoro."""
    receipts: dict[tuple[Flow, str], list[ReceiptFacts]] = defaultdict(list)
    for receipt in facts.receipts:
        receipts[receipt.flow, receipt.document_id].append(receipt)
    payments: dict[str, list[tuple[PaymentFacts, Decimal]]] = defaultdict(list)
    for payment in facts.payments:
        for remote_id, amount in payment.rows.items():
            payments[remote_id].append((payment, amount))
    books = {(each.flow, each.remote_id): each for each in facts.books}
    for source in facts.sources:
        mine = books.get((source.flow, source.remote_id))
        if source.fate != "booked" or source.is_gone or mine is None or mine.is_deleted:
            continue
        paid = _Paid(receipts.get((source.flow, source.source_id), ()), payments.get(source.remote_id, ()))
        _one(sheet, source, mine, paid)


def open_in_books(books: BooksFacts, payments: Sequence[tuple[PaymentFacts, Decimal]]) -> Decimal:
    """Return what payments leave open of a document."""
    return books.total - sum((with_sign(amount, books.total) for _, amount in payments), ZERO)


def _one(sheet: Sheet, source: SourceFacts, books: BooksFacts, paid: _Paid) -> None:
    place, turn = place_of_source(source), sign_of(source)
    total = sum(signed(source), ZERO)
    received = turn * sum((each.amount for each in paid.receipts), ZERO)
    there = open_in_books(books, paid.payments)
    sheet.left(place, {_OPEN: total - received, _PAID: received})
    sheet.right(place, {_OPEN: there, _PAID: books.total - there})
    about = About(source.source_id, source.remote_id, source.number)
    left = there - (total - received) - _documents(sheet, place, source, books, total, about)
    for cause, amount, words in _causes(paid, books, turn, source.prepayment_sum or ZERO):
        sheet.name(place, cause, {_OPEN: amount, _PAID: -amount}, words, about)
        left -= amount
    sheet.name(place, UNEXPLAINED, {_OPEN: left, _PAID: -left}, phrase("cause_other_than_paid"), about)


def _documents(
    sheet: Sheet, place: Place, source: SourceFacts, books: BooksFacts, total: Decimal, about: About
) -> Decimal:
    """Name what the totals differ by, as their pair does."""
    amount = books.total - total
    if not amount:
        return ZERO
    cause = "source_changed" if source.is_changed else "books_changed" if books.told else UNEXPLAINED
    words = (
        phrase("cause_other_than_booked")
        if cause == UNEXPLAINED
        else phrase(f"cause_{cause}", before=str(total), after=str(books.total))
    )
    sheet.name(place, cause, {_OPEN: amount}, words, about)
    return amount


def _causes(paid: _Paid, books: BooksFacts, turn: int, drawn: Decimal) -> list[tuple[str, Decimal, Phrase]]:
    """`drawn`: what the document draws on prepayment invoices, which Scoro's receipts of it do not hold."""
    found: list[tuple[str, Decimal, Phrase]] = []
    by_id = {payment.remote_id: (payment, amount) for payment, amount in paid.payments}
    groups: dict[str, Decimal] = defaultdict(Decimal)
    for receipt in paid.receipts:
        groups[receipt.group_id] += turn * receipt.amount
    taken: set[str] = set()
    for receipt in {each.group_id: each for each in paid.receipts}.values():
        mine = [by_id[each] for each in receipt.payments if each in by_id]
        taken |= {payment.remote_id for payment, _ in mine}
        settled = sum((with_sign(amount, books.total) for _, amount in mine), ZERO)
        off = groups[receipt.group_id] - settled
        if not off:
            continue
        if not mine:
            found.append(_not_booked(receipt, off))
        else:
            found += _other_amount([payment for payment, _ in mine], receipt, off)
    for payment, amount in paid.payments:
        if payment.remote_id not in taken:
            cause = "prepayment_drawn" if 0 < abs(amount) <= drawn else "paid_in_books_only"
            words = phrase(f"cause_{cause}", number=payment.number)
            found.append((cause, -with_sign(amount, books.total), words))
    return found


def _not_booked(receipt: ReceiptFacts, off: Decimal) -> tuple[str, Decimal, Phrase]:
    why: object = receipt.reason or phrase("cause_not_told")
    return "paid_in_scoro_only", off, phrase("cause_paid_in_scoro_only", id=receipt.group_id, why=why)


def _other_amount(
    payments: Sequence[PaymentFacts], receipt: ReceiptFacts, off: Decimal
) -> list[tuple[str, Decimal, Phrase]]:
    """Return what a payment has beside the documents that it pays: cents of cash rounding, money in advance."""
    number = ", ".join(sorted(each.number for each in payments))
    # As nights compared it: a copy that has become another one is told by itself, and is no document's fault.
    prepayments = {each.remote_id: _told(each, "prepayment", each.prepayment) for each in payments}
    extras = sum(
        (
            abs(_told(each, "amount", each.amount) - sum(each.rows.values(), ZERO) - prepayments[each.remote_id])
            for each in payments
        ),
        ZERO,
    )
    prepaid = sum(prepayments.values(), ZERO)
    if any(each.is_told for each in payments):
        return [("books_changed", off, phrase("cause_payment_changed", number=number))]
    if abs(off) == extras:
        return [("cash_rounding", off, phrase("cause_cash_rounding"))]
    if 0 < abs(off) <= prepaid:
        return [("prepayment", off, phrase("cause_prepayment", number=number))]
    if 0 < abs(off) - extras <= prepaid:
        rounding = extras if off > 0 else -extras
        return [
            ("cash_rounding", rounding, phrase("cause_cash_rounding")),
            ("prepayment", off - rounding, phrase("cause_prepayment", number=number)),
        ]
    return []


def _told(payment: PaymentFacts, name: str, known: Decimal) -> Decimal:
    told = payment.content.get(name)
    return Decimal(told) if told else known
