"""Bridge A: each document of Scoro against its own in SmartAccounts, in its currency; then what one side has. Pure.

Step by step: what Scoro says today → what was booked by → what SmartAccounts says today. Each step has a cause, and
only what its evidence gives; the rest is unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO, plain
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.totals.sheet import (
    UNEXPLAINED,
    About,
    Amounts,
    Bridge,
    Measure,
    Part,
    Place,
    Sheet,
    minus,
    month_of,
    total_of,
    turned,
)
from scoro_smartaccounts.totals.sides import (
    Planned,
    Settings,
    books_of,
    planned_of,
    rounding_allowed,
    source_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.staging.facts import BooksFacts, Facts, SourceFacts, SourceLine

# What is dated before the first import day is no document of the imports, and not read as a whole.
BEFORE_FIRST = "before_first_import"
# What a night tells of a document that changes its amounts, or where they stand.
_OF_MONEY = frozenset({"total", "net", "vat", "rounding", "vat_codes", "currency", "rate"})
_VAT_WHOLE: Part = (Measure.VAT, "")


@dataclass
class _Walk:
    """From the amounts of one side to those of the other, cause by cause."""

    sheet: Sheet
    place: Place
    about: About
    at: Amounts

    def to(self, target: Amounts, cause: str, words: Phrase) -> None:
        """Go there for a cause; nothing where it is the same."""
        self.sheet.name(self.place, cause, minus(target, self.at), words, self.about)
        self.at = target


def compare_documents(sheet: Sheet, facts: Facts, settings: Settings) -> None:
    """Put all documents of both sides into the sheet."""
    books = {(each.flow, each.remote_id): each for each in facts.books}
    taken = set()
    for source in facts.sources:
        mine = books.get((source.flow, source.remote_id)) if source.remote_id else None
        if source.fate == "booked":
            taken.add((source.flow, source.remote_id))
            _pair(sheet, source, mine, facts.lines.get((source.flow, source.source_id), ()), settings, facts.first_day)
        elif not source.is_gone and source.fate != "gone":
            _alone(sheet, source, facts.lines.get((source.flow, source.source_id), ()), settings)
    for each in facts.books:
        if not each.is_deleted and (each.flow, each.remote_id) not in taken:
            amounts = books_of(each, settings)
            place = place_of_books(each)
            sheet.right(place, amounts)
            about = About(remote_id=each.remote_id, number=each.number)
            cause = BEFORE_FIRST if each.day < facts.first_day else "only_in_books"
            sheet.name(place, cause, amounts, phrase(f"cause_{cause}"), about)


def place_of_source(source: SourceFacts) -> Place:
    """Return where Scoro's document stands: in the month of its day."""
    return Place(month_of(source.day), Bridge.DOCUMENTS, source.flow.value, source.currency)


def place_of_books(books: BooksFacts, bridge: Bridge = Bridge.DOCUMENTS) -> Place:
    """Return where SmartAccounts' document stands: in the month of its entry."""
    return Place(month_of(books.entry_day), bridge, books.flow.value, books.currency)


def _alone(sheet: Sheet, source: SourceFacts, lines: Sequence[SourceLine], settings: Settings) -> None:
    amounts = source_of(source, planned_of(source), lines, settings)
    place = place_of_source(source)
    sheet.left(place, amounts)
    about = About(source.source_id, "", source.number)
    if source.fate == "unaccounted":
        sheet.name(place, UNEXPLAINED, turned(amounts), phrase("cause_unaccounted"), about)
    else:
        sheet.name(place, source.fate, turned(amounts), fate_words(source), about)


def fate_words(source: SourceFacts) -> Phrase:
    """Return why a document is not in the books, and that its amount is not known where it is not."""
    return phrase("cause_amount_unknown", why=_why(source)) if source.is_unknown else _why(source)


def _why(source: SourceFacts) -> Phrase:
    why: object = source.reason or phrase("cause_not_told")
    match source.fate:
        case "waiting" | "quarantine":
            return phrase(f"cause_{source.fate}", why=why)
        case "dismissed" | "declined":
            return phrase(f"cause_{source.fate}", day=source.decided_on or phrase("cause_not_told"))
    return phrase(f"cause_{source.fate}")


def _pair(
    sheet: Sheet,
    source: SourceFacts,
    books: BooksFacts | None,
    lines: Sequence[SourceLine],
    settings: Settings,
    first: date,
) -> None:
    about = About(source.source_id, source.remote_id, source.number)
    place, planned = place_of_source(source), planned_of(source)
    there = {} if books is None else books_of(books, settings)
    walk = _Walk(sheet, place, about, {})
    if source.is_gone:
        walk.to(there if planned is None else planned.amounts, "source_deleted", phrase("cause_source_deleted"))
    else:
        here = source_of(source, planned, lines, settings)
        sheet.left(place, here)
        walk.at = here
        if planned is not None:
            _to_plan(walk, source, planned)
    if books is None or books.is_deleted or source.is_gone_there:
        if books is None and not source.is_gone_there:
            is_older = source.day < first
            cause = BEFORE_FIRST if is_older else UNEXPLAINED
            walk.to({}, cause, phrase(f"cause_{BEFORE_FIRST}" if is_older else "cause_not_seen"))
        walk.to({}, "books_deleted", phrase("cause_books_deleted"))
        return
    _to_books(walk, books, there, is_planned=planned is not None)
    there_place = place_of_books(books)
    sheet.right(there_place, there)
    if there_place != place:
        _move(sheet, walk.place, there_place, there, about)


def _to_plan(walk: _Walk, source: SourceFacts, planned: Planned) -> None:
    if source.is_changed:
        walk.to(planned.amounts, "source_changed", phrase("cause_source_changed", **_totals(walk.at, planned.amounts)))
        return
    difference = minus(planned.amounts, walk.at)
    vat = total_of(difference, Measure.VAT)
    is_rounding = (
        set(difference) <= {part for part in difference if part[0] in (Measure.VAT, Measure.ROUNDING)}
        and vat + planned.rounding == 0
        and abs(planned.rounding) <= rounding_allowed(planned.rows)
    )
    if is_rounding:
        walk.to(planned.amounts, "rounding", phrase("cause_rounding", amount=planned.rounding))
    walk.to(planned.amounts, UNEXPLAINED, phrase("cause_other_than_planned"))


def _to_books(walk: _Walk, books: BooksFacts, there: Amounts, *, is_planned: bool) -> None:
    difference = minus(there, walk.at)
    told = {name: value for name, value in books.told.items() if books.content.get(name) == value}
    if difference and _OF_MONEY & told.keys():
        kept = {part: amount for part, amount in walk.at.items() if part[0] not in (Measure.NET, Measure.VAT)}
        is_moved = not total_of(difference, Measure.NET) and _codes(walk.at) != _codes(there)
        if is_moved:
            moved = {part: amount for part, amount in there.items() if part[0] in (Measure.NET, Measure.VAT)}
            words = phrase("cause_vat_code", before=_codes(walk.at), after=_codes(there))
            walk.to({**kept, **moved}, "vat_code", words)
        walk.to(there, "books_changed", phrase("cause_books_changed", **_totals(walk.at, there)))
    elif difference and not is_planned:
        _to_adopted(walk, books, there, difference)
    walk.to(there, UNEXPLAINED, phrase("cause_other_than_booked"))


def _to_adopted(walk: _Walk, books: BooksFacts, there: Amounts, difference: Amounts) -> None:
    """Of a document that was entered there by hand, cents and codes are its own; its total is not."""
    if (Measure.TOTAL, "") in difference or (Measure.COUNT, "") in difference:
        return
    if _codes(walk.at) != _codes(there):
        kept = {part: amount for part, amount in walk.at.items() if part[0] not in (Measure.NET, Measure.VAT)}
        moved = {part: amount for part, amount in there.items() if part[0] in (Measure.NET, Measure.VAT)}
        walk.to({**kept, **moved}, "vat_code", phrase("cause_vat_code", before=_codes(walk.at), after=_codes(there)))
    left = minus(there, walk.at)
    if all(abs(amount) <= rounding_allowed(len(books.lines)) for amount in left.values()):
        amount = total_of(left, Measure.ROUNDING)
        walk.to(there, "rounding", phrase("cause_rounding", amount=amount))


def _move(sheet: Sheet, here: Place, there: Place, amounts: Amounts, about: About) -> None:
    """Let amounts stand in another month or currency than where Scoro has them."""
    cause = "other_period" if here.currency == there.currency else "books_changed"
    words = (
        phrase("cause_other_period", booked=month_text(there.month), first=month_text(here.month))
        if cause == "other_period"
        else phrase("cause_books_changed", before=here.currency, after=there.currency)
    )
    sheet.name(here, cause, turned(amounts), words, about)
    sheet.name(there, cause, amounts, words, about)


def month_text(month: date) -> str:
    """Return a month as sentences have it."""
    return f"{month:%m.%Y}"


def _codes(amounts: Amounts) -> list[str]:
    return sorted({code for (measure, code), amount in amounts.items() if measure is Measure.NET and amount})


def _totals(before: Amounts, after: Amounts) -> Mapping[str, str]:
    whole = (Measure.TOTAL, "")
    return {"before": plain(before.get(whole, ZERO)), "after": plain(after.get(whole, ZERO))}


def with_sign(amount: Decimal, like: Decimal) -> Decimal:
    """Return a magnitude with the sign of another amount."""
    return abs(amount) if like >= 0 else -abs(amount)
