"""Records against themselves: what the copy holds of each must add up, and be what was compared each night. Pure.

A difference here is no difference between the systems: it tells that a figure of the page cannot be trusted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import CENT, ZERO, cents
from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.totals.ledger import EURO
from scoro_smartaccounts.totals.pairs import place_of_books, place_of_source
from scoro_smartaccounts.totals.sheet import About, Bridge, Measure, Part, Place, Sheet, month_of

if TYPE_CHECKING:
    from scoro_smartaccounts.common.documents import Document
    from scoro_smartaccounts.staging.facts import BooksFacts, EntryFacts, Facts, PaymentFacts, SourceFacts

_Off = Iterator[tuple[Measure, Decimal]]


def check_records(sheet: Sheet, facts: Facts, sent: Mapping[tuple[Flow, str], Document]) -> None:
    """Name every record that contradicts itself. `sent`: Scoro's documents, read anew from what it sent."""
    for source in facts.sources:
        document = sent.get((source.flow, source.source_id))
        if source.is_staged and document is not None:
            about = About(source.source_id, source.remote_id, source.number)
            lines = {line.position: line.net for line in facts.lines.get((source.flow, source.source_id), ())}
            _name(sheet, place_of_source(source), about, _source(source, lines, document))
    for books in facts.books:
        if not books.is_deleted:
            _name(sheet, place_of_books(books), About("", books.remote_id, books.number), _books(books))
    for entry in facts.entries:
        # An entry stands for its document.
        about = About("", entry.remote_id or entry.entry_id, entry.number)
        flow = entry.flow or "entries"
        _name(sheet, Place(month_of(entry.day), Bridge.LEDGER, flow, EURO), about, _entry(entry))
    for payment in facts.payments:
        place = Place(month_of(payment.day), Bridge.DOCUMENTS, Flow.PAYMENTS.value, payment.currency)
        _name(sheet, place, About("", payment.remote_id, payment.number), _payment(payment))


def _name(sheet: Sheet, place: Place, about: About, found: Iterable[tuple[Measure, Decimal]]) -> None:
    for measure, amount in found:
        if amount:
            part: Part = (measure, "")
            sheet.broken(place, part, amount, phrase("cause_contradicts_itself"), about)


def _source(source: SourceFacts, lines: Mapping[int, Decimal], document: Document) -> _Off:
    yield Measure.NET, source.net - document.net
    yield Measure.VAT, source.vat - document.vat
    there = {line.position: line.net for line in document.lines if not line.is_heading}
    yield Measure.NET, sum((abs(lines.get(at, ZERO) - there.get(at, ZERO)) for at in {*lines, *there}), ZERO)
    is_listed = not source.is_changed and not source.is_listed_newer
    if is_listed and source.listed_net is not None and source.listed_vat is not None:
        yield Measure.NET, cents(source.listed_net) - source.net
        yield Measure.VAT, cents(source.listed_vat) - source.vat


def _books(books: BooksFacts) -> _Off:
    content = books.content
    if books.net is not None and books.vat is not None:
        yield Measure.TOTAL, books.net + books.vat + (books.rounding or ZERO) - books.total
    yield Measure.TOTAL, _less(books.total, content.get("total"))
    yield Measure.NET, _less(books.net, content.get("net"))
    yield Measure.VAT, _less(books.vat, content.get("vat"))
    yield Measure.ROUNDING, _less(books.rounding, content.get("rounding"))
    nets: dict[str, Decimal] = defaultdict(Decimal)
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    for line in books.lines:
        nets[line.vat_code] += line.net
        quantities[line.article_code] += line.quantity
    yield Measure.NET, _off(nets, content.get("vat_codes", {}))
    yield Measure.STOCK, _off(quantities, content.get("articles", {}))
    vats = [line.vat for line in books.lines]
    if books.vat is not None and None not in vats:
        off = abs(sum((each for each in vats if each is not None), ZERO)) - abs(books.vat)
        # Rows round by themselves: a cent each.
        yield Measure.VAT, off if abs(off) > CENT * max(len(vats), 1) else ZERO


def _entry(entry: EntryFacts) -> _Off:
    moved: dict[str, Decimal] = defaultdict(Decimal)
    for row in entry.rows:
        moved[row.account] += row.euros
    yield Measure.TOTAL, sum(moved.values(), ZERO)
    yield Measure.TOTAL, _off(moved, entry.content.get("accounts", {}))


def _payment(payment: PaymentFacts) -> _Off:
    yield Measure.PAID, _less(payment.amount, payment.content.get("amount"))
    yield Measure.PAID, _less(payment.prepayment, payment.content.get("prepayment"))
    told = payment.content.get("settles", {})
    rows = {each: told[each] for each in payment.rows if each in told}
    yield Measure.PAID, _off(payment.rows, rows)


def _less(amount: Decimal | None, told: object) -> Decimal:
    return ZERO if amount is None or not told else amount - Decimal(str(told))


def _off(amounts: Mapping[str, Decimal], told: Mapping[str, Any]) -> Decimal:
    """Return by how much all parts differ in all."""
    names = {*amounts, *told}
    return sum((abs(amounts.get(name, ZERO) - Decimal(told.get(name, "0"))) for name in names), ZERO)
