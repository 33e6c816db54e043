"""What a document of SmartAccounts is in a VAT return: its bases and VAT in euros by code, and whose it is. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.staging.facts import BooksLine
from scoro_smartaccounts.totals.declared import Declared
from scoro_smartaccounts.totals.ledger import in_euros
from scoro_smartaccounts.totals.sheet import Measure, month_of
from scoro_smartaccounts.totals.sides import books_of, planned_of, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scoro_smartaccounts.staging.facts import BooksFacts, Facts, SourceFacts
    from scoro_smartaccounts.totals.computed import Totals
    from scoro_smartaccounts.totals.sides import Settings

SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES


def declared_of(facts: Facts, settings: Settings) -> list[Declared]:
    """Return all documents of SmartAccounts that are there."""
    sources = {(each.flow, each.remote_id): each for each in facts.sources if each.remote_id}
    return [
        _declared(books, settings, sources.get((books.flow, books.remote_id)))
        for books in facts.books
        if not books.is_deleted
    ]


@dataclass(frozen=True, slots=True)
class Correction:
    """A document that a month has otherwise than its return took it. `what`: a name of the words; `was` and `now`:
    None where the month does not have it."""

    what: str
    was: Declared | None
    now: Declared | None

    @property
    def books(self) -> BooksFacts:
        """The document, as it is known now."""
        found = self.now or self.was
        assert found is not None
        return found.books


def corrections(totals: Totals, month: date, at: datetime) -> list[Correction]:
    """Return what was booked, changed or deleted in a month after a moment. What it was before is known where nights
    told of the change; else the whole document is taken."""
    there = {(each.books.flow, each.books.remote_id): each for each in totals.documents}
    found = []
    for books in totals.facts.books:
        now = there.get((books.flow, books.remote_id))
        changed_at = books.seen_at if now is None else now.changed_at
        if changed_at is not None and changed_at > at:
            found.append(_correction(totals.settings, books, now, month, at))
    return [each for each in found if each is not None]


def _correction(
    settings: Settings, books: BooksFacts, now: Declared | None, month: date, at: datetime
) -> Correction | None:
    is_new = books.created_at is not None and books.created_at > at
    is_as_it_was = now is None and books.declared_at is not None and books.declared_at <= at
    before = books if is_as_it_was else None if is_new else as_it_was(books, at)
    here = now if month_of(books.entry_day) == month else None
    if before is None and not is_new:
        return _whole(settings, books, now, month)
    was = None if before is None or month_of(before.entry_day) != month else _declared(before, settings, None)
    if was is None and here is None:
        return None
    if was is not None and here is not None and _taken(was) == _taken(here):
        return None
    return Correction("booked_after" if is_new else "deleted_after" if now is None else "changed_after", was, here)


def _whole(settings: Settings, books: BooksFacts, now: Declared | None, month: date) -> Correction | None:
    """Return a document of which nothing tells what it was."""
    # What came after the return and went again is no part of it; where nothing tells when it came, it is left out.
    if month_of(books.entry_day) != month or (now is None and books.created_at is None):
        return None
    return Correction("whole_document", None if now else _declared(books, settings, None), now)


def _taken(of: Declared) -> tuple[Any, ...]:
    """Return what a return and its annex take of a document."""
    return of.books.number, of.books.partner_id, of.bases, of.vats


def as_it_was(books: BooksFacts, at: datetime) -> BooksFacts | None:
    """Return a document as it was at a moment, as nights told of its changes since; None where they do not tell."""
    if any(each.first_seen <= at < each.last_seen for each in books.changes):
        # It was another one before, and changed once more: of what stood in between nothing is kept.
        return None
    was: dict[str, Any] = {}
    for each in reversed(books.changes):
        if each.first_seen > at:
            was |= each.before
    if not was or ("total" in was and not was.keys() & {"net", "vat", "rounding"}):
        return None
    amounts: dict[str, Any] = {name: _amount(was[name]) for name in ("net", "vat", "rounding") if name in was}
    lines = books.lines
    if "vat_codes" in was:
        lines = [BooksLine("", code, Decimal(net), None, "") for code, net in was["vat_codes"].items()]
    return replace(
        books,
        **amounts,
        lines=lines,
        total=Decimal(was["total"]) if "total" in was else books.total,
        number=was.get("number", books.number),
        partner_id=was.get("partner", books.partner_id),
        currency=was.get("currency", books.currency),
        rate=_amount(was["rate"]) if "rate" in was else books.rate,
        entry_day=date.fromisoformat(was["entry_day"]) if "entry_day" in was else books.entry_day,
        is_deleted=False,
    )


def _amount(told: Any) -> Decimal | None:
    return Decimal(told) if told else None


def still_to_come(totals: Totals, month: date) -> list[tuple[SourceFacts, dict[str, Decimal], dict[str, Decimal]]]:
    """Return the documents of a month in Scoro that may still enter it, with bases and VAT in euros by code."""
    found = []
    for source in totals.facts.sources:
        if month_of(source.day) != month or source.is_gone:
            continue
        if source.fate not in ("waiting", "quarantine", "in_doubt", "day_not_imported", "without_day", "unaccounted"):
            continue
        lines = totals.facts.lines.get((source.flow, source.source_id), ())
        amounts = source_of(source, planned_of(source), lines, totals.settings)
        # Scoro's rate is what a unit is worth in euros.
        rate = source.rate or Decimal(1)
        by = {
            which: {code: cents(amount * rate) for (measure, code), amount in amounts.items() if measure is which}
            for which in (Measure.NET, Measure.VAT)
        }
        found.append((source, by[Measure.NET], by[Measure.VAT]))
    return found


def _declared(books: BooksFacts, settings: Settings, source: SourceFacts | None) -> Declared:
    amounts = books_of(books, settings)
    bases, vats = (_by_code(books, amounts, which) for which in (Measure.NET, Measure.VAT))
    return Declared(books, bases, vats, source)


def by_code(parts: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Return sums by code."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        for code, amount in part.items():
            found[code] += amount
    return dict(sorted(found.items()))


def _by_code(books: BooksFacts, amounts: Mapping[tuple[Measure, str], Decimal], which: Measure) -> dict[str, Decimal]:
    return {code: cents(in_euros(books, amount)) for (measure, code), amount in amounts.items() if measure is which}
