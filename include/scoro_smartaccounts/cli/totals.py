"""`totals`, `kmd` and `reviewed`: a month's sums on both sides, and the page before its VAT return. Names of partners
stand in the files alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.common.clock import tallinn_text, utc_now
from scoro_smartaccounts.common.money import cents, plain
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.report.words import word
from scoro_smartaccounts.staging.control_totals import WrittenPage, last_page, note_reviewed
from scoro_smartaccounts.totals.compute import compute
from scoro_smartaccounts.totals.month import MonthTotals, last_night, month_totals, read_registers
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, Cause, Cell
from scoro_smartaccounts.totals.tables import line_table
from scoro_smartaccounts.totals.words import LINES, TITLES, VALUES

if TYPE_CHECKING:
    from scoro_smartaccounts.cli.place import Place
    from scoro_smartaccounts.totals.kmd import Line

# Columns that hold names.
_NAMES = frozenset({"partner"})
_MOST_CAUSES = 50


def totals(place: Place, month: date) -> CommandResult:
    """Return the control totals of a month; not done where there is none."""
    of, page = _month(place, month)
    causes = sorted(of.causes, key=lambda cause: cause.cause != UNEXPLAINED)
    lines = [*_head(of, page), *map(_cell_line, of.cells), *map(_cause_line, causes[:_MOST_CAUSES])]
    if len(causes) > _MOST_CAUSES:
        lines.append(f"{counted(len(causes) - _MOST_CAUSES, 'more cause|more causes')}: see the files.")
    shape = {"totals": [_cell_shape(cell) for cell in of.cells], "causes": [_cause_shape(each) for each in causes]}
    return _result(place, of, page, lines, shape)


def kmd(place: Place, month: date) -> CommandResult:
    """Return the lines of the page before a VAT return; not done where nothing is known of the month."""
    of, page = _month(place, month)
    lines = [*_head(of, page), *(told for line in of.lines for told in _line_lines(line))]
    return _result(place, of, page, lines, {"lines": [_line_shape(line) for line in of.lines]})


def reviewed(place: Place, month: date, by: str) -> CommandResult:
    """Note who looked at the page of a month that was written last; not done where none was."""
    company, now = place.company.key, utc_now()
    with place.engine.begin() as connection:
        page = last_page(connection, company, month)
        if page is not None:
            note_reviewed(connection, company, page.id, now, by)
    lines = (
        [f"No page of {month:%m.%Y} has been written yet: audit_books writes it at night."]
        if page is None
        else [f"{month:%m.%Y}: reviewed by {by}. Hash of the page: {page.hash}"]
    )
    shape = {"company": company, "month": f"{month:%Y-%m}", "reviewed_by": by, "page": _page_shape(page)}
    return CommandResult(lines, shape, done=page is not None)


def _month(place: Place, month: date) -> tuple[MonthTotals, WrittenPage | None]:
    company = place.company
    with place.engine.begin() as connection:
        of = month_totals(
            connection,
            company,
            compute(connection, company),
            read_registers(connection, company),
            month,
            now=utc_now(),
            night=last_night(connection, company.key),
        )
        return of, last_page(connection, company.key, month)


def _result(
    place: Place, of: MonthTotals, page: WrittenPage | None, lines: list[str], shape: dict[str, Any]
) -> CommandResult:
    told = {
        "company": place.company.key,
        "month": f"{of.month:%Y-%m}",
        "night": of.night_state,
        "is_clean": of.is_clean,
        "is_equal": of.is_equal,
        "unexplained": of.unexplained,
        **shape,
        "page": _page_shape(page),
    }
    return CommandResult(lines, told, done=bool(of.cells))


def _head(of: MonthTotals, page: WrittenPage | None) -> Iterator[str]:
    if not of.is_night_clean:
        yield f"{word(TITLES, 'not_clean', 'en')} ({word(VALUES, of.night_state, 'en')})."
    if of.unexplained:
        yield f"{word(TITLES, 'red', 'en')}: {of.unexplained}."
    elif of.is_clean:
        yield f"{word(TITLES, 'equal' if of.is_equal else 'explained', 'en')}."
    if page is not None:
        looked = f"reviewed by {page.reviewed_by}" if page.reviewed_by else "not reviewed"
        written = "" if page.written_at is None else tallinn_text(page.written_at)
        yield f"Page of {written}: {page.hash[:16]}, {looked}."


def _cell_line(cell: Cell) -> str:
    place, (measure, code) = cell.place, cell.part
    sides = (("Scoro", cell.scoro), ("books", cell.books), ("ledger", cell.ledger))
    told = ", ".join(f"{name} {plain(cents(amount))}" for name, amount in sides if amount is not None)
    what = " ".join(filter(None, (place.flow.replace("_", " "), place.currency, code, measure.value)))
    return f"{what}: {told}, causes {plain(cents(cell.causes))}, unexplained {plain(cents(cell.unexplained))}"


def _cause_line(cause: Cause) -> str:
    number = cause.about.number or cause.about.source_id or cause.about.remote_id
    what = " ".join(filter(None, (cause.part[0].value, cause.part[1])))
    amount = f"{plain(cents(cause.amount))} {cause.place.currency}"
    return f"    {word(VALUES, cause.cause, 'en')}: {number}, {what} {amount}: {render(cause.words)}"


def _line_lines(line: Line) -> Iterator[str]:
    state = word(TITLES, line.state, "en")
    yield f"{line.number}. {word(LINES, line.key, 'en')}: {state}"
    table = line_table(line, "en")
    for row in table.rows:
        told = (
            f"{title} {_told(value)}"
            for title, name, value in zip(table.columns, line.columns, row, strict=True)
            if name not in _NAMES and _told(value)
        )
        yield f"    {', '.join(told)}"


def _told(value: Any) -> str:
    match value:
        case Decimal():
            return plain(cents(value))
        case date():
            return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value)


def _cell_shape(cell: Cell) -> dict[str, Any]:
    amounts = {name: getattr(cell, name) for name in ("scoro", "books", "ledger", "causes", "unexplained")}
    return {**_where(cell), **{name: None if each is None else plain(cents(each)) for name, each in amounts.items()}}


def _cause_shape(cause: Cause) -> dict[str, Any]:
    return {
        **_where(cause),
        "cause": cause.cause,
        "amount": plain(cents(cause.amount)),
        "number": cause.about.number,
        "source_id": cause.about.source_id,
        "remote_id": cause.about.remote_id,
        "sentence": {"en": render(cause.words), "et": render(cause.words, "et")},
    }


def _where(item: Cell | Cause) -> dict[str, str]:
    place, (measure, code) = item.place, item.part
    return {
        "bridge": place.bridge.value,
        "flow": place.flow,
        "currency": place.currency,
        "vat_code": code,
        "measure": measure.value,
    }


def _line_shape(line: Line) -> dict[str, Any]:
    rows = [
        {
            name: plain(cents(value)) if isinstance(value, Decimal) else value
            for name, value in zip(line.columns, row, strict=True)
            if name not in _NAMES
        }
        for row in line.rows
    ]
    return {"line": line.number, "key": line.key, "is_red": line.is_red, "state": line.state, "rows": rows}


def _page_shape(page: WrittenPage | None) -> dict[str, Any] | None:
    if page is None:
        return None
    return {
        "night": page.night,
        "is_clean": page.is_clean,
        "hash": page.hash,
        "previous_hash": page.previous_hash,
        "files": dict(page.files),
        "written_at": page.written_at,
        "reviewed_at": page.reviewed_at,
        "reviewed_by": page.reviewed_by,
    }
