"""Bridge B: each document of SmartAccounts against its own entry in the ledger, in euros; then entries that no document
made. Pure.

Which account holds debts, the documents tell, else the entries: it is the one that moves by totals.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import CENT, ZERO, cents
from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.totals.pairs import BEFORE_FIRST, month_text, place_of_books
from scoro_smartaccounts.totals.sheet import (
    UNEXPLAINED,
    About,
    Bridge,
    Measure,
    Part,
    Place,
    Sheet,
    minus,
    month_of,
    turned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.staging.facts import BooksFacts, EntryFacts, Facts
    from scoro_smartaccounts.totals.sides import Settings

EURO = "EUR"
_TOTAL: Part = (Measure.TOTAL, "")
_NET: Part = (Measure.NET, "")
_VAT: Part = (Measure.VAT, "")
_BY_HAND = "LEDGER_ENTRY"
_OF_INVOICES = {"CLIENT_INVOICE": Flow.SALES_INVOICES, "VENDOR_INVOICE": Flow.PURCHASE_INVOICES}
VAT_RETURN = "VAT_RETURN"
# Debts of clients are debits.
_WAY = {Flow.SALES_INVOICES: 1, Flow.PURCHASE_INVOICES: -1}
# What is rounded in an entry in euros: the total, each row, and the VAT of each code.
_HALF_CENT = CENT / 2


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts that are compared: of debts by flow, of VAT, and of money."""

    debts: Mapping[Flow, frozenset[str]]
    vat: frozenset[str]
    money: frozenset[str]


def compare_ledger(sheet: Sheet, facts: Facts, settings: Settings) -> None:
    """Put all documents of SmartAccounts and their entries into the sheet; nothing where no entry is known."""
    if not facts.entries:
        return
    entries: dict[tuple[str, str], list[EntryFacts]] = defaultdict(list)
    for entry in facts.entries:
        if entry.remote_id:
            entries[entry.flow, entry.remote_id].append(entry)
    accounts = accounts_of(facts.books, entries, settings)
    compared = set()
    for each in facts.books:
        if not each.is_deleted:
            compared.add((each.flow.value, each.remote_id))
            mine = entries.get((each.flow.value, each.remote_id), ())
            if mine:
                _document(sheet, each, mine, accounts, settings)
            else:
                _without_entry(sheet, each, facts.first_day)
    for entry in facts.entries:
        if (entry.flow, entry.remote_id) in compared or entry.doc_type == VAT_RETURN:
            continue
        if entry.doc_type in _OF_INVOICES:
            _of_nobody(sheet, entry, accounts, facts.first_day)
        else:
            _no_invoice(sheet, entry, accounts)


def accounts_of(
    books: Iterable[BooksFacts], entries: Mapping[tuple[str, str], Sequence[EntryFacts]], settings: Settings
) -> Accounts:
    """Return what stands where, as settings and entries tell."""
    vat = frozenset(account for pair in settings.vat_accounts.values() for account in pair if account)
    debts: dict[Flow, set[str]] = defaultdict(set)
    seen: dict[Flow, Counter[str]] = defaultdict(Counter)
    for each in books:
        if each.debt_account:
            debts[each.flow].add(each.debt_account)
        elif each.currency == EURO and each.total:
            for entry in entries.get((each.flow.value, each.remote_id), ()):
                moved = _moved(entry)
                wanted = each.total * _WAY[each.flow]
                seen[each.flow].update(name for name, value in moved.items() if value == wanted and name not in vat)
    for flow, counted in seen.items():
        # Of two accounts with an amount each, chance gives the other one now and then.
        debts[flow] |= {name for name, count in counted.items() if 2 * count > max(counted.values())}
    return Accounts({flow: frozenset(debts[flow]) for flow in _WAY}, vat, settings.money_accounts - vat)


def in_euros(books: BooksFacts, amount: Decimal) -> Decimal:
    """Return an amount of a document in euros, by its own rate; unrounded."""
    if books.currency == EURO or not books.rate:
        return amount
    return amount / books.rate if EXCHANGE_RATE_IS_FOREIGN_PER_EURO else amount * books.rate


def _document(
    sheet: Sheet, books: BooksFacts, entries: Sequence[EntryFacts], accounts: Accounts, settings: Settings
) -> None:
    place, about, here = _of_books(books)
    sheet.left(place, here)
    there = _sum_of([_sides(entry, books.flow, accounts) for entry in entries])
    entry = entries[0]
    place_there = Place(month_of(entry.day), Bridge.LEDGER, books.flow.value, books.currency)
    sheet.right(place_there, there)
    off = minus(there, here)
    if off:
        cause = _cause(books, entries, off, settings)
        words = "cause_other_entry" if cause == UNEXPLAINED else f"cause_{cause}"
        sheet.name(place, cause, off, _words(words, off), about)
    if place_there != place:
        words_of_month = phrase(
            "cause_other_period", booked=month_text(place_there.month), first=month_text(place.month)
        )
        sheet.name(place, "other_period", turned(there), words_of_month, about)
        sheet.name(place_there, "other_period", there, words_of_month, about)
    if books.currency != EURO:
        _original(sheet, place, books, entries, accounts)


def _without_entry(sheet: Sheet, books: BooksFacts, first: date) -> None:
    """Name a document that has no entry; of days before the first one only those that changed were read."""
    place, about, here = _of_books(books)
    sheet.left(place, here)
    if books.entry_day < first:
        sheet.name(place, BEFORE_FIRST, turned(here), phrase(f"cause_{BEFORE_FIRST}"), about)
    else:
        sheet.name(place, UNEXPLAINED, turned(here), phrase("cause_no_entry"), about)


def _of_books(books: BooksFacts) -> tuple[Place, About, dict[Part, Decimal]]:
    """Return where a document stands, and what it says in euros."""
    vat = books.vat or ZERO
    amounts = {_TOTAL: books.total, _NET: books.total - vat, _VAT: vat}
    here = {part: cents(in_euros(books, amount)) for part, amount in amounts.items()}
    return place_of_books(books, Bridge.LEDGER), About("", books.remote_id, books.number), here


def _words(key: str, off: Mapping[Part, Decimal]) -> Phrase:
    if key == "cause_rounding":
        return phrase(key, amount=off.get(_TOTAL, ZERO))
    return phrase(key)


def _cause(books: BooksFacts, entries: Sequence[EntryFacts], off: Mapping[Part, Decimal], settings: Settings) -> str:
    if any(entry.is_told for entry in entries):
        return "entry_edited"
    if any(entry.is_stock for entry in entries):
        return "stock_cost"
    if any(line.vat_code in settings.halved for line in books.lines) and _TOTAL not in off:
        return "not_guarded"
    if not settings.vat_accounts and _TOTAL not in off:
        return "not_guarded"
    if books.currency == EURO:
        return UNEXPLAINED
    if not books.rate:
        return "rate"
    limit = 2 * CENT + _HALF_CENT * (len(books.lines) + 1)
    return "rounding" if all(abs(amount) <= limit for amount in off.values()) else UNEXPLAINED


def _sides(entry: EntryFacts, flow: Flow, accounts: Accounts) -> dict[Part, Decimal]:
    """Return what an entry says of a document: its debt with what was paid at once, its VAT, and all the rest, which is
    net, rounding and differences of rates; costs of stock are a debit and a credit of it."""
    way = _WAY[flow]
    moved = _moved(entry)
    total = sum((value for name, value in moved.items() if _is_debt(name, flow, accounts)), ZERO)
    vat = sum((value for name, value in moved.items() if name in accounts.vat), ZERO)
    rest = sum(moved.values(), ZERO) - total - vat
    return {_TOTAL: way * total, _VAT: -way * vat, _NET: -way * rest}


def _is_debt(account: str, flow: Flow, accounts: Accounts) -> bool:
    return account in accounts.debts[flow] or account in accounts.money


def _moved(entry: EntryFacts) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in entry.rows:
        found[row.account] += row.euros
    return found


def _sum_of(parts: Sequence[Mapping[Part, Decimal]]) -> dict[Part, Decimal]:
    found: dict[Part, Decimal] = defaultdict(Decimal)
    for each in parts:
        for part, amount in each.items():
            found[part] += amount
    return dict(found)


def _original(sheet: Sheet, place: Place, books: BooksFacts, entries: Sequence[EntryFacts], accounts: Accounts) -> None:
    """In its own currency the debt is the total, to the cent."""
    rows = [row for entry in entries for row in entry.rows if _is_debt(row.account, books.flow, accounts)]
    if not rows or any(row.original is None for row in rows):
        return
    off = _WAY[books.flow] * sum((row.original for row in rows if row.original is not None), ZERO) - books.total
    if off and not any(entry.is_told for entry in entries):
        about = About("", books.remote_id, books.number)
        sheet.broken(place, _TOTAL, off, phrase("cause_other_entry"), about)


def _of_nobody(sheet: Sheet, entry: EntryFacts, accounts: Accounts, first: date) -> None:
    """Name the entry of an invoice that is not known: the VAT of it is in no document's. Of days before the first one
    only what changed is read."""
    flow = _OF_INVOICES[entry.doc_type]
    place = Place(month_of(entry.day), Bridge.LEDGER, flow.value, entry.currency or EURO)
    there = _sides(entry, flow, accounts)
    sheet.right(place, there)
    about = About("", entry.remote_id or entry.entry_id, entry.number)
    if entry.day < first:
        sheet.name(place, BEFORE_FIRST, there, phrase(f"cause_{BEFORE_FIRST}"), about)
    else:
        sheet.name(place, UNEXPLAINED, there, phrase("cause_no_document"), about)


def _no_invoice(sheet: Sheet, entry: EntryFacts, accounts: Accounts) -> None:
    """Name what entries that are no invoice's move on accounts that are compared: nothing stands for them in the
    documents. Payments settle debts: of them VAT alone counts."""
    words = "cause_manual_entry" if entry.doc_type == _BY_HAND else "cause_payment_entry"
    for flow, way in _WAY.items():
        for account, euros in sorted(_moved(entry).items()):
            # VAT stands once, with the sales.
            is_vat = account in accounts.vat and flow is Flow.SALES_INVOICES
            is_debt = account in accounts.debts[flow] and entry.doc_type == _BY_HAND
            if not is_vat and not is_debt:
                continue
            amount = -euros if is_vat else way * euros
            place = Place(month_of(entry.day), Bridge.LEDGER, flow.value, EURO)
            part = _VAT if is_vat else _TOTAL
            sheet.right(place, {part: amount})
            about = About("", entry.entry_id, entry.number)
            sheet.name(place, "manual_entry", {part: amount}, phrase(words, account=account), about)
