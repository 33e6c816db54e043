"""Quantities of stock articles of each document that both sides have: as it was booked, and as SmartAccounts has it.
Pure.

A flow, no level: movements that are no document's, and other warehouses, are nobody's here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.totals.pairs import place_of_source
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, About, Measure, Part, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoro_smartaccounts.staging.facts import BooksFacts, Facts, SourceFacts
    from scoro_smartaccounts.totals.sides import Settings

_STOCK: Part = (Measure.STOCK, "")


def compare_stock(sheet: Sheet, facts: Facts, settings: Settings) -> None:
    """Put the quantities of all pairs into the sheet, in the month of the document in Scoro."""
    books = {(each.flow, each.remote_id): each for each in facts.books}
    for source in facts.sources:
        mine = books.get((source.flow, source.remote_id))
        is_pair = source.fate == "booked" and bool(source.body) and not source.is_gone_there
        if is_pair and mine is not None and not mine.is_deleted:
            _pair(sheet, source, mine, settings)


def _pair(sheet: Sheet, source: SourceFacts, books: BooksFacts, settings: Settings) -> None:
    rows = json.loads(source.body)["rows"]
    here = _by_article(((row.get("code", ""), Decimal(row["quantity"])) for row in rows), settings)
    there = _by_article(((line.article_code, line.quantity) for line in books.lines), settings)
    # A credit invoice brings back, with whatever sign its rows are shown.
    turn = -1 if books.total < 0 else 1
    place = replace(place_of_source(source), currency="")
    for article in sorted({*here, *there}):
        before, after = abs(here.get(article, Decimal(0))), abs(there.get(article, Decimal(0)))
        sheet.left(place, {_STOCK: turn * before})
        sheet.right(place, {_STOCK: turn * after})
        is_told = "articles" in books.told and books.told["articles"] == books.content.get("articles")
        words = phrase("cause_stock_quantity", article=article, before=plain(before), after=plain(after))
        about = About(source.source_id, source.remote_id, source.number)
        cause = "books_changed" if is_told else UNEXPLAINED
        sheet.name(place, cause, {_STOCK: turn * (after - before)}, words, about)


def _by_article(rows: Iterable[tuple[str, Decimal]], settings: Settings) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for article, quantity in rows:
        if article in settings.stock:
            found[article] += quantity
    return found
