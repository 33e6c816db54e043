"""The page before a VAT return is filed: thirteen lines that accountants want to see, of a month of entry. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import CENT, ZERO, cents, percent_of
from scoro_smartaccounts.common.periods import month_of_return
from scoro_smartaccounts.common.vat_rates import ended_before
from scoro_smartaccounts.staging.totals_facts import FLOWS
from scoro_smartaccounts.totals.declaring import (
    PURCHASES,
    SALES,
    Correction,
    by_code,
    corrections,
    still_to_come,
)
from scoro_smartaccounts.totals.ledger import VAT_RETURN
from scoro_smartaccounts.totals.numbers import Numbered, gaps_and_doubles
from scoro_smartaccounts.totals.partners import INF_THRESHOLD, annex, union_sales
from scoro_smartaccounts.totals.sheet import Bridge, Measure, month_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoro_smartaccounts.totals.computed import Totals
    from scoro_smartaccounts.totals.declared import Declared, Registers

Row = Sequence[Any]

# Which line of the form takes the sales of a percentage.
FORM_LINES: Mapping[Decimal, str] = {
    Decimal(24): "1",
    Decimal(20): "1¹",
    Decimal(22): "1²",
    Decimal(9): "2",
    Decimal(5): "2¹",
    Decimal(13): "2²",
    Decimal(0): "3",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page. `key` and `columns` are names of the words; values are Decimal, days,
    whole numbers, phrases or text. `is_compared`: there was something to look at, and what that takes was known."""

    number: int
    key: str
    is_red: bool
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    is_compared: bool

    @property
    def state(self) -> str:
        """How it stands, a name of the words: a line of which nothing was compared is not in order."""
        if self.is_red:
            return "to_look_at"
        return "in_order" if self.is_compared else "not_compared"


@dataclass(frozen=True, slots=True)
class _Month:
    month: date
    totals: Totals
    registers: Registers
    documents: Sequence[Declared]
    all_documents: Sequence[Declared]
    returned_at: datetime | None
    is_night_clean: bool
    night_state: str

    def of(self, flow: object) -> list[Declared]:
        return [each for each in self.documents if each.books.flow is flow]

    def percent(self, code: str) -> Decimal:
        return self.totals.settings.percents.get(code, ZERO)


def kmd_page(
    totals: Totals,
    registers: Registers,
    month: date,
    *,
    night_state: str,
    is_night_clean: bool,
    returned_at: datetime | None = None,
) -> list[Line]:
    """Return the lines. `returned_at`: when the month's VAT return was calculated last, where that is known."""
    everything = totals.documents
    here = [each for each in everything if month_of(each.books.entry_day) == month]
    of = _Month(month, totals, registers, here, everything, returned_at, is_night_clean, night_state)
    return [make(number, of) for number, make in enumerate(_LINES, start=1)]


def _counts(number: int, of: _Month) -> Line:
    cells, causes = of.totals.of(of.month)
    rows = []
    for flow in FLOWS:
        mine = [each for each in cells if each.place.flow == flow.value and each.part[0] is Measure.COUNT]
        scoro = sum((each.scoro or ZERO for each in mine), ZERO)
        named = sum((each.causes for each in mine), ZERO)
        rows.append((flow.value, int(scoro), int(sum((each.books for each in mine), ZERO)), int(named)))
    is_red = any(cell.unexplained for cell in cells) or any(each.cause == "unexplained" for each in causes)
    is_compared = any(each.part[0] is Measure.COUNT for each in cells)
    return Line(number, "counts", is_red, ("flow", "scoro", "books", "causes"), tuple(rows), is_compared)


def _rates(number: int, of: _Month) -> Line:
    rows, is_red = [], False
    for flow in FLOWS:
        mine = of.of(flow)
        bases, vats = by_code([each.bases for each in mine]), by_code([each.vats for each in mine])
        for code in bases:
            lines = sum(sum(line.vat_code == code for line in each.books.lines) for each in mine)
            is_declared = code in of.totals.settings.declared
            by_rate = ZERO if is_declared else cents(percent_of(bases[code], of.percent(code)))
            vat = vats.get(code, ZERO)
            is_off = abs(vat - by_rate) > CENT * max(lines, 1)
            is_red = is_red or is_off
            form = FORM_LINES.get(of.percent(code), "") if flow is SALES else "5"
            rows.append((flow.value, form, code, bases[code], vat, by_rate, vat - by_rate))
    columns = ("flow", "form_line", "vat_code", "base", "vat", "by_rate", "difference")
    return Line(number, "rates", is_red, columns, tuple(rows), bool(rows))


def _vat_accounts(number: int, of: _Month) -> Line:
    cells, _ = of.totals.of(of.month)
    mine = [cell for cell in cells if cell.place.bridge is Bridge.LEDGER and cell.part[0] is Measure.VAT]
    rows = [
        (
            flow.value,
            sum((cell.books for cell in mine if cell.place.flow == flow.value), ZERO),
            sum((cell.ledger or ZERO for cell in mine if cell.place.flow == flow.value), ZERO),
            sum((cell.causes for cell in mine if cell.place.flow == flow.value), ZERO),
            sum((cell.unexplained for cell in mine if cell.place.flow == flow.value), ZERO),
        )
        for flow in FLOWS
    ]
    accounts = {account for pair in of.totals.settings.vat_accounts.values() for account in pair if account}
    taken = sum(
        (
            row.euros
            for entry in of.totals.facts.entries
            if entry.doc_type == VAT_RETURN and month_of_return(entry.day) == of.month
            for row in entry.rows
            if row.account in accounts
        ),
        ZERO,
    )
    rows.append(("taken_by_return", ZERO, -taken, ZERO, ZERO))
    is_red = any(cell.unexplained for cell in mine)
    columns = ("flow", "books", "ledger", "causes", "unexplained")
    return Line(number, "vat_accounts", is_red, columns, tuple(rows), bool(mine) and bool(accounts))


def _to_come(number: int, of: _Month) -> Line:
    bases: dict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for source, nets, vats in still_to_come(of.totals, of.month):
        if source.is_unknown:
            nets, vats = ({"amount_unknown": sum(of_code.values(), ZERO)} for of_code in (nets, vats))
        for code in {*nets, *vats} or {""}:
            found = bases[source.flow.value, source.fate, code]
            found[0] += 1
            found[1] += nets.get(code, ZERO)
            found[2] += vats.get(code, ZERO)
    rows: list[Row] = [(*key, int(count), base, vat) for key, (count, base, vat) in sorted(bases.items())]
    rows += [
        (flow.value, "days_not_imported", "", days, ZERO, ZERO)
        for flow, days in of.registers.days_missing.items()
        if days
    ]
    columns = ("flow", "cause", "vat_code", "count", "base", "vat")
    return Line(number, "to_come", bool(rows), columns, tuple(rows), is_compared=True)


def _union(number: int, of: _Month) -> Line:
    found = union_sales(of.of(SALES), of.registers, of.totals.settings)
    rows = tuple((each.vat_number, each.name, each.goods, each.services, each.goods + each.services) for each in found)
    is_red = any(not each.is_valid for each in found)
    return Line(number, "union", is_red, ("vat_number", "partner", "goods", "services", "total"), rows, bool(rows))


def _reverse(number: int, of: _Month) -> Line:
    settings, rows, is_red, compared = of.totals.settings, [], False, 0
    mine = [each for each in of.of(PURCHASES) if settings.declared & each.bases.keys()]
    ids = {each.books.remote_id for each in mine}
    for code in sorted({code for each in mine for code in each.bases if code in settings.declared}):
        base = sum((each.bases.get(code, ZERO) for each in mine), ZERO)
        owed, taken = settings.vat_accounts.get(code, ("", ""))
        sides = [ZERO, ZERO]
        for entry in of.totals.facts.entries:
            if entry.flow == PURCHASES.value and entry.remote_id in ids and _has_only(code, entry.remote_id, mine):
                sides[0] -= sum((row.euros for row in entry.rows if row.account == owed and row.euros < 0), ZERO)
                sides[1] += sum((row.euros for row in entry.rows if row.account == taken and row.euros > 0), ZERO)
                if any(each.books.remote_id == entry.remote_id and each.base < 0 for each in mine):
                    sides[0] -= sum((row.euros for row in entry.rows if row.account == owed and row.euros > 0), ZERO)
                    sides[1] += sum((row.euros for row in entry.rows if row.account == taken and row.euros < 0), ZERO)
        is_red = is_red or sides[0] != sides[1]
        compared += any(sides)
        rows.append((code, base, cents(percent_of(base, of.percent(code))), *sides))
    columns = ("vat_code", "base", "by_rate", "owed", "deducted")
    is_compared = bool(rows) and compared == len(rows)
    return Line(number, "reverse", is_red, columns, tuple(rows), is_compared)


def _has_only(code: str, remote_id: str, documents: Sequence[Declared]) -> bool:
    """Whether a document has this code alone: of others the entry does not tell the sides apart."""
    return any(each.books.remote_id == remote_id and set(each.bases) == {code} for each in documents)


def _own_codes(number: int, of: _Month) -> Line:
    used: Counter[str] = Counter()
    for each in of.documents:
        used.update(code for code in each.bases if code in of.totals.settings.own_codes)
    rows = tuple(sorted(used.items()))
    is_compared = bool(of.documents) and bool(of.totals.settings.percents)
    return Line(number, "own_codes", bool(rows), ("vat_code", "count"), rows, is_compared)


def _annex(number: int, of: _Month) -> Line:
    rows: list[Row] = []
    is_red = False
    for part, flow in (("A", SALES), ("B", PURCHASES)):
        for each in annex(of.of(flow), of.registers, of.totals.settings, of.totals.facts.contacts):
            is_red = is_red or each.is_doubtful
            rows.append(
                (
                    part,
                    each.name,
                    each.registry_code,
                    each.invoices,
                    each.credits,
                    *("yes" if told else "no" for told in (each.by_law, each.by_smartaccounts)),
                )
            )
    columns = ("part", "partner", "registry_code", "invoices", "credits", "by_law", "by_smartaccounts")
    return Line(number, "annex", is_red, columns, tuple(rows), bool(of.documents))


def _credits(number: int, of: _Month) -> Line:
    by_source = {each.source.source_id: each for each in of.all_documents if each.source and each.books.flow is SALES}
    rows, is_red = [], False
    for each in of.of(SALES):
        for base_id in each.source.credits if each.source else ():
            base = by_source.get(str(base_id))
            if base is None or month_of(base.books.entry_day) == of.month:
                continue
            mine, theirs = (_percents(of, document) for document in (each, base))
            is_red = is_red or not mine <= theirs
            rows.append((each.books.number, base.books.number, base.books.entry_day, _told(mine), _told(theirs)))
    columns = ("number", "base_number", "base_day", "percents", "base_percents")
    return Line(number, "credits", is_red, columns, tuple(rows), bool(rows))


def _numbers(number: int, of: _Month) -> Line:
    known = [
        Numbered(each.books.number, each.books.day, month_of(each.books.entry_day))
        for each in of.all_documents
        # Numbers before the first day are not known as a whole.
        if each.books.flow is SALES and each.books.day >= of.totals.facts.first_day
    ]
    rows = tuple(gaps_and_doubles(known, of.month))
    return Line(number, "numbers", bool(rows), ("what", "number"), rows, bool(of.of(SALES)))


def _late(number: int, of: _Month) -> Line:
    rows: list[Row] = []
    for each in of.of(PURCHASES):
        if month_of(each.books.day) != of.month:
            rows.append(("other_month", each.books.number, each.books.day, each.base, each.vat))
    for each in of.documents:
        # A credit invoice has the rate of its invoice.
        if any(ended_before(of.percent(code), each.books.day) for code in each.bases) and each.base >= 0:
            rows.append(("old_rate", each.books.number, each.books.day, each.base, each.vat))
    columns = ("what", "number", "day", "base", "vat")
    return Line(number, "late", is_red=False, columns=columns, rows=tuple(rows), is_compared=bool(of.documents))


def _after_return(number: int, of: _Month) -> Line:
    found = [] if of.returned_at is None else corrections(of.totals, of.month, of.returned_at)
    rows: list[Row] = []
    for flow in FLOWS:
        for what in ("booked_after", "changed_after", "deleted_after", "whole_document"):
            mine = [each for each in found if each.books.flow is flow and each.what == what]
            sides = [[side for side in (each.was, each.now) if side] for each in mine]
            for code in sorted({code for each in sides for side in each for code in side.bases}):
                count = sum(any(code in side.bases for side in each) for each in sides)
                base, before, now = (
                    sum((amount for each in mine for amount in amounts(each, code)), ZERO)
                    for amounts in (_base_changes, _vats_before, _vats_now)
                )
                # What was declared of these nobody knows.
                is_known = what != "whole_document"
                rows.append((flow.value, what, code, count, base, before if is_known else None, now, now - before))
    columns = ("flow", "what", "vat_code", "count", "base_change", "vat_declared", "vat_now", "vat_change")
    return Line(number, "after_return", bool(rows), columns, tuple(rows), of.returned_at is not None)


def _base_changes(each: Correction, code: str) -> Iterator[Decimal]:
    if each.now:
        yield each.now.bases.get(code, ZERO)
    if each.was:
        yield -each.was.bases.get(code, ZERO)


def _vats_before(each: Correction, code: str) -> Iterator[Decimal]:
    if each.was:
        yield each.was.vats.get(code, ZERO)


def _vats_now(each: Correction, code: str) -> Iterator[Decimal]:
    if each.now:
        yield each.now.vats.get(code, ZERO)


def _night(number: int, of: _Month) -> Line:
    return Line(number, "night", not of.is_night_clean, ("what",), ((of.night_state,),), is_compared=True)


def _percents(of: _Month, document: Declared) -> set[Decimal]:
    return {of.percent(code) for code, base in document.bases.items() if base}


def _told(percents: set[Decimal]) -> str:
    return ", ".join(f"{each.normalize():f} %" for each in sorted(percents))


_LINES: tuple[Callable[[int, _Month], Line], ...] = (
    _counts,
    _rates,
    _vat_accounts,
    _to_come,
    _union,
    _reverse,
    _own_codes,
    _annex,
    _credits,
    _numbers,
    _late,
    _after_return,
    _night,
)

__all__ = ["FORM_LINES", "INF_THRESHOLD", "Line", "kmd_page"]
