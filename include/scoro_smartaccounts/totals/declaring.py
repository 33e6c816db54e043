"""What a document of SmartAccounts is in a VAT return: its bases and VAT in euros by code, and whose it is. Pure."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.totals.declared import Declared
from scoro_smartaccounts.totals.ledger import in_euros
from scoro_smartaccounts.totals.sheet import Measure, month_of
from scoro_smartaccounts.totals.sides import books_of, planned_of, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

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


def deleted_after(totals: Totals, month: date, at: datetime) -> list[Declared]:
    """Return what left a month after a moment, and was as it is before: with amounts that take it away."""
    found = []
    for books in totals.facts.books:
        is_of_month = books.is_deleted and month_of(books.entry_day) == month
        if is_of_month and books.seen_at > at and books.declared_at is not None and books.declared_at <= at:
            declared = _declared(books, totals.settings, None)
            bases, vats = ({code: -each for code, each in of.items()} for of in (declared.bases, declared.vats))
            found.append(Declared(books, bases, vats))
    return found


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
