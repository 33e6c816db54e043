"""Control totals and the lines of the page as tables in one language."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.reasons import Phrase, phrase, render
from scoro_smartaccounts.report.words import word
from scoro_smartaccounts.totals.sheet import Measure
from scoro_smartaccounts.totals.words import COLUMNS, LINES, TITLES, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from pandas import DataFrame

    from scoro_smartaccounts.report.words import Language
    from scoro_smartaccounts.totals.kmd import Line
    from scoro_smartaccounts.totals.partners import PartnerSums
    from scoro_smartaccounts.totals.sheet import Cause, Cell, Part, Place


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows in one language; amounts are Decimal, days are dates, counts whole numbers. `red`: the rows that
    are to be looked at."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    red: frozenset[int] = frozenset()

    def frame(self) -> DataFrame:
        """Return it for files."""
        from pandas import DataFrame

        return DataFrame([list(row) for row in self.rows], columns=list(self.columns), dtype=object)


_CELLS = ("bridge", "flow", "currency", "vat_code", "measure", "scoro", "books", "ledger", "causes", "unexplained")
_CAUSES = (
    *("bridge", "flow", "currency", "vat_code", "measure", "cause", "number", "amount", "why"),
    *("source_id", "remote_id"),
)
_PARTNERS = (*("flow", "currency", "partner", "scoro_net", "scoro_vat", "books_net", "books_vat", "cause", "contacts"),)
_WHOLE = ("row", "month", *_CELLS, "cause", "number", "partner", "amount", "why", "source_id", "remote_id")


def cells_table(cells: Sequence[Cell], language: Language) -> Table:
    """Return a row a total."""
    rows = [
        (
            *(shown(each, language) for each in (cell.place.bridge.value, cell.place.flow, cell.place.currency)),
            cell.part[1],
            shown(cell.part[0].value, language),
            *(None if each is None else cents(each) for each in (cell.scoro, cell.books, cell.ledger)),
            cents(cell.causes),
            cents(cell.unexplained),
        )
        for cell in cells
    ]
    return Table(_named(_CELLS, language), tuple(rows), frozenset(at for at, row in enumerate(rows) if row[-1]))


def causes_table(causes: Iterable[Cause], language: Language, *, on_page: bool = False) -> Table:
    """Return a row a cause, the unexplained ones first. `on_page`: with sentences as a page says them."""
    ordered = sorted(causes, key=lambda each: each.cause != "unexplained")
    rows = [
        (
            *(shown(each, language) for each in (cause.place.bridge.value, cause.place.flow, cause.place.currency)),
            cause.part[1],
            shown(cause.part[0].value, language),
            shown(cause.cause, language),
            cause.about.number,
            cents(cause.amount),
            render(cause.words, language, on_page=on_page),
            cause.about.source_id,
            cause.about.remote_id,
        )
        for cause in ordered
    ]
    red = frozenset(at for at, cause in enumerate(ordered) if cause.cause == "unexplained")
    return Table(_named(_CAUSES, language), tuple(rows), red)


def partners_table(partners: Iterable[PartnerSums], language: Language) -> Table:
    """Return a row a partner, flow and currency."""
    joined = render(phrase("cause_partner_joined"), language)
    rows = [
        (
            shown(each.flow.value, language),
            each.currency,
            each.name,
            *(cents(amount) for amount in (each.scoro_net, each.scoro_vat, each.books_net, each.books_vat)),
            joined if len(each.contacts) > 1 else "",
            ", ".join(each.contacts),
        )
        for each in partners
    ]
    return Table(_named(_PARTNERS, language), tuple(rows))


def whole_table(
    month: date, cells: Iterable[Cell], causes: Iterable[Cause], partners: Iterable[PartnerSums], language: Language
) -> Table:
    """Return a month as one table, for a file of one: each total with its causes below it, then sums of partners. What
    a row is stands in its first column."""
    of_place: dict[tuple[Place, Part], list[Cause]] = defaultdict(list)
    for cause in causes:
        of_place[cause.place, cause.part].append(cause)
    rows = []
    for cell in cells:
        rows.append(_row_of("total_row", month, cells_table([cell], language), _CELLS, language))
        for cause in of_place.pop((cell.place, cell.part), ()):
            rows.append(_row_of("cause_row", month, causes_table([cause], language), _CAUSES, language))
    for each in partners:
        amounts = ((Measure.NET, each.scoro_net, each.books_net), (Measure.VAT, each.scoro_vat, each.books_vat))
        for measure, scoro, books in amounts:
            told = {"flow": shown(each.flow.value, language), "currency": each.currency, "partner": each.name}
            told |= {"measure": shown(measure.value, language), "scoro": cents(scoro), "books": cents(books)}
            rows.append(_in_whole("partner_row", month, told, language))
    return Table(_named(_WHOLE, language), tuple(rows))


def _row_of(kind: str, month: date, of: Table, names: Sequence[str], language: Language) -> tuple[Any, ...]:
    return _in_whole(kind, month, dict(zip(names, of.rows[0], strict=True)), language)


def _in_whole(kind: str, month: date, told: Mapping[str, Any], language: Language) -> tuple[Any, ...]:
    return (shown(kind, language), f"{month:%m.%Y}", *(told.get(name) for name in _WHOLE[2:]))


def line_table(line: Line, language: Language, *, on_page: bool = False) -> Table:
    """Return the rows of a line of the page; `on_page` as in `causes_table`."""
    rows = tuple(tuple(shown(value, language, on_page=on_page) for value in row) for row in line.rows)
    return Table(_named(line.columns, language), rows)


def lines_table(lines: Iterable[Line], language: Language) -> Table:
    """Return all lines of the page in one table, for files: its number, what it is and how it stands, and each value
    with its column; a line without rows has one all the same."""
    rows: list[tuple[Any, ...]] = []
    for line in lines:
        of = line_table(line, language)
        told = line.number, word(LINES, line.key, language), word(TITLES, line.state, language)
        found: list[tuple[Any, ...]] = [
            (*told, at, column, value if not isinstance(value, int) else str(value))
            for at, row in enumerate(of.rows, start=1)
            for column, value in zip(of.columns, row, strict=True)
        ]
        rows += found or [(*told, None, "", None)]
    return Table(_named(("line", "what", "state", "count", "measure", "amount"), language), tuple(rows))


def shown(value: Any, language: Language, *, on_page: bool = False) -> Any:
    """Return a value as a table has it."""
    if isinstance(value, Phrase):
        return render(value, language, on_page=on_page)
    return word(VALUES, value, language) if isinstance(value, str) else value


def _named(names: Iterable[str], language: Language) -> tuple[str, ...]:
    return tuple(word(COLUMNS, name, language) for name in names)
