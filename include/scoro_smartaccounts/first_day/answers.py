"""A report that a person filled in → answers.

Rows may be sorted, filtered or deleted, ids and codes may have become numbers: whom a row is about stands in its key,
and the ids beside it tell whether the row is still whole.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import ParseError

from scoro_smartaccounts.first_day.keys import read_key
from scoro_smartaccounts.first_day.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.first_day.words import DECISION, KEY, REMOTE_ID, SCORO_ID
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.proposals import Decision

YES = frozenset(("yes", "y", "jah", "j", "true", "1"))
NO = frozenset(("no", "n", "ei", "e", "false", "0"))
# The headings stand in one of the first rows; people put titles above them.
_MOST_ROWS_BEFORE = 20
# The report has fewer columns, and its rows stand together.
_MOST_COLUMNS = 50
_MOST_BLANK_ROWS = 10_000

# What a spreadsheet takes for a date, and writes in its own way.
_DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,4}([-./]\d{1,4})?")

Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Answer:
    """`row` and `sheet` say where it stands; the sheet of a CSV file is empty. `before`: what was decided when the file
    was written."""

    row: int
    sheet: str
    kind: Kind
    source_id: str
    remote_id: str
    before: Decision
    is_yes: bool

    @property
    def pair(self) -> tuple[str, str]:
        """Whom it is about."""
        return self.source_id, self.remote_id

    @property
    def decision(self) -> Decision:
        """What it says."""
        return Decision.ACCEPTED if self.is_yes else Decision.REJECTED

    def fault(self, column: str, what: str) -> Fault:
        """What is wrong with it."""
        return Fault(self.row, _where(column, self.sheet), what)


def read_answers(content: bytes, company: str) -> list[Answer]:
    """The answers of an XLSX or CSV file of the company; rows without one are left out.

    Raises WrongFile with the rows and columns that cannot be understood.
    """
    faults: list[Fault] = []
    answers: dict[tuple[Kind, str, str], Answer] = {}
    found = False
    for sheet, rows in _sheets(content):
        header = _header(rows)
        if header is None:
            continue
        found = True
        first, columns = header
        faults += (
            Fault(first + 1, _where(name, sheet), "the column is missing; take it from the report again")
            for name in (KEY, DECISION)
            if name not in columns
        )
        if faults:
            continue
        for number, cells in enumerate(rows[first + 1 :], start=first + 2):
            answer = _answer(company, number, sheet, cells, columns, faults)
            if answer is None:
                continue
            before = answers.setdefault((answer.kind, *answer.pair), answer)
            if before.is_yes != answer.is_yes:
                faults.append(answer.fault(DECISION, f"row {before.row} says the opposite of the same pair"))
    if not found:
        raise WrongFile([Fault(0, KEY, "no sheet has this column; hand back the report of reconcile_ids")])
    if faults:
        raise WrongFile(faults)
    return list(answers.values())


def _answer(
    company: str, number: int, sheet: str, cells: Cells, columns: Mapping[str, int], faults: list[Fault]
) -> Answer | None:
    def value(name: str) -> object:
        place = columns.get(name)
        return None if place is None or place >= len(cells) else cells[place]

    def cell(name: str) -> str:
        return _text(value(name))

    def wrong(column: str, what: str) -> None:
        faults.append(Fault(number, _where(column, sheet), what))

    said = cell(DECISION).casefold().rstrip(".!")
    if not said:
        return None
    if said not in YES | NO:
        wrong(DECISION, "this is neither yes (jah) nor no (ei)")
        return None
    key = read_key(cell(KEY))
    if key is None:
        wrong(KEY, "this names no pair of the report")
        return None
    if key.company != company:
        wrong(KEY, f"this is a report of the company {key.company}, not of {company}; hand it back there")
        return None
    for column, expected in zip((SCORO_ID, REMOTE_ID), key.pair, strict=True):
        if column in columns and not _is_same(value(column), expected):
            wrong(column, "this is not the id that the key of the row names; the columns were sorted apart")
            return None
    return Answer(number, sheet, key.kind, *key.pair, key.decision, said in YES)


def _header(rows: Sequence[Cells]) -> tuple[int, dict[str, int]] | None:
    """Where the headings stand and the places of those that matter; None for a sheet without a key and a decision."""
    wanted = {part.strip().casefold(): name for name in (KEY, DECISION, SCORO_ID, REMOTE_ID) for part in _names(name)}
    for number, cells in enumerate(rows[:_MOST_ROWS_BEFORE]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = wanted.get(" ".join(_text(cell).split()).casefold())
            if name is not None:
                places.setdefault(name, place)
        if KEY in places or DECISION in places:
            return number, places
    return None


def _names(heading: str) -> Iterator[str]:
    yield heading
    yield from heading.split("/") if heading in (KEY, DECISION) else ()


def _sheets(content: bytes) -> Iterator[tuple[str, Sequence[Cells]]]:
    if content.startswith(b"PK"):
        yield from _workbook(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise WrongFile([Fault(0, "", "this is an old Excel workbook; save it as .xlsx or .csv")])
    else:
        yield "", _comma_separated(content)


def _workbook(content: bytes) -> Iterator[tuple[str, Sequence[Cells]]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [(sheet.title, _rows(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS))) for sheet in book]
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, TypeError, ValueError, OSError):
        raise WrongFile([Fault(0, "", "this is no workbook that can be read; save it as .xlsx or .csv")]) from None
    yield from sheets


def _rows(rows: Iterable[Cells]) -> list[Cells]:
    """The rows up to the last one with something in it: a cell that was once touched far below makes a million."""
    kept: list[Cells] = []
    blank = 0
    for row in rows:
        if all(cell is None for cell in row):
            blank += 1
            if blank > _MOST_BLANK_ROWS:
                break
            continue
        kept += [()] * blank
        kept.append(row)
        blank = 0
    return kept


def _comma_separated(content: bytes) -> Sequence[Cells]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1257", errors="replace")
    start = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(";\t,", key=start.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise WrongFile([Fault(0, "", "this is no CSV file that can be read; save it as .xlsx or .csv")]) from None


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _is_same(value: object, expected: str) -> bool:
    """Whether a cell may still show an id or code: a spreadsheet turns 00123 into 123, 1E3 into 1000 and 1-2 into a
    date."""
    shown = _text(value).removeprefix("'")
    if shown == expected.strip() or isinstance(value, date) or _DATE_LIKE.fullmatch(expected.strip()):
        return True
    try:
        return Decimal(shown.replace(",", ".")) == Decimal(expected)
    except InvalidOperation:
        return False


def _where(column: str, sheet: str) -> str:
    return f"{column} of sheet {sheet}" if sheet else column
