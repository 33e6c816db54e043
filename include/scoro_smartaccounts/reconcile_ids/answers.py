"""A report that a person filled in → answers.

Rows may be sorted, filtered or deleted, ids and codes may have become numbers: whom a row is about stands in its key,
and the ids beside it tell whether the row is still whole.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from scoro_smartaccounts.common.workbooks import UNREADABLE, unpacks_to_too_much
from scoro_smartaccounts.reconcile_ids.cells import may_show, text_of
from scoro_smartaccounts.reconcile_ids.keys import Key, read_key
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.reconcile_ids.words import DECISION, KEY, REMOTE_ID, SCORO_ID
from scoro_smartaccounts.staging.proposals import Decision

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.links import Kind

YES = frozenset(("yes", "y", "jah", "j", "true", "1"))
NO = frozenset(("no", "n", "ei", "e", "false", "0"))
# The headings stand in one of the first rows; people put titles above them.
_MOST_ROWS_BEFORE = 20
# The report has fewer columns, and its rows stand together.
_MOST_COLUMNS = 50
_MOST_BLANK_ROWS = 10_000

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
        """Return what is wrong with it."""
        return Fault(self.row, _where(column, self.sheet), what)


@dataclass(frozen=True, slots=True)
class Answers:
    """`unclear`: rows with an answer whose ids are not those of the key any more, so that nobody knows whom the answer
    means."""

    answers: Sequence[Answer]
    unclear: Sequence[Fault]


def read_answers(content: bytes, company: str) -> Answers:
    """Return the answers of an XLSX or CSV file of the company; rows without one are left out.

    Raises WrongFile with the rows and columns that cannot be understood.
    """
    faults: list[Fault] = []
    unclear: list[Fault] = []
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
        page = _Page(company, sheet, columns, faults, unclear)
        page.note_ids(rows[first + 1 :])
        for number, cells in enumerate(rows[first + 1 :], start=first + 2):
            answer = page.answer(number, cells)
            if answer is None:
                continue
            before = answers.setdefault((answer.kind, *answer.pair), answer)
            if before.is_yes != answer.is_yes:
                faults.append(answer.fault(DECISION, f"row {before.row} says the opposite of the same pair"))
    if not found:
        raise WrongFile([Fault(0, KEY, "no sheet has this column; hand back the report of reconcile_ids")])
    if faults:
        raise WrongFile(faults)
    return Answers(list(answers.values()), unclear)


@dataclass(frozen=True, slots=True)
class _Page:
    """A sheet with answers; `faults` make the whole file wrong, `unclear` only their rows. `ids`: what the keys name,
    by column."""

    company: str
    sheet: str
    columns: Mapping[str, int]
    faults: list[Fault]
    unclear: list[Fault]
    ids: Mapping[str, set[str]] = field(default_factory=lambda: {SCORO_ID: set(), REMOTE_ID: set()})

    def note_ids(self, rows: Iterable[Cells]) -> None:
        """Remember whom the sheet is about."""
        for cells in rows:
            key = read_key(text_of(self._value(cells, KEY)))
            if key is not None:
                self.ids[SCORO_ID].add(key.pair[0])
                self.ids[REMOTE_ID].add(key.pair[1])

    def answer(self, number: int, cells: Cells) -> Answer | None:
        """Return what a row says; None where it says nothing, or nothing that can be taken."""
        said = text_of(self._value(cells, DECISION)).casefold().rstrip(".!")
        if not said:
            return None
        if said not in YES | NO:
            self._fault(number, DECISION, "this is neither yes (jah) nor no (ei)")
            return None
        key = read_key(text_of(self._value(cells, KEY)))
        if key is None:
            self._fault(number, KEY, "this names no pair of the report")
            return None
        if key.company != self.company:
            what = f"this is a report of the company {key.company}, not of {self.company}; hand it back there"
            self._fault(number, KEY, what)
            return None
        if not self._shows_its_pair(number, cells, key):
            return None
        return Answer(number, self.sheet, key.kind, *key.pair, key.decision, said in YES)

    def _shows_its_pair(self, number: int, cells: Cells, key: Key) -> bool:
        for column, expected in zip((SCORO_ID, REMOTE_ID), key.pair, strict=True):
            value = self._value(cells, column)
            if column not in self.columns or may_show(value, expected):
                continue
            if text_of(value) in self.ids[column]:
                self._fault(number, column, "this id belongs to the key of another row; the columns were sorted apart")
            else:
                what = "this is not the id that the key of the row names; answer the pair in the newest report"
                self.unclear.append(Fault(number, _where(column, self.sheet), what))
            return False
        return True

    def _value(self, cells: Cells, column: str) -> object:
        place = self.columns.get(column)
        return None if place is None or place >= len(cells) else cells[place]

    def _fault(self, number: int, column: str, what: str) -> None:
        self.faults.append(Fault(number, _where(column, self.sheet), what))


def _header(rows: Sequence[Cells]) -> tuple[int, dict[str, int]] | None:
    """Where the headings stand and the places of those that matter; None for a sheet without a key and a decision."""
    wanted = {part.strip().casefold(): name for name in (KEY, DECISION, SCORO_ID, REMOTE_ID) for part in _names(name)}
    for number, cells in enumerate(rows[:_MOST_ROWS_BEFORE]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = wanted.get(" ".join(text_of(cell).split()).casefold())
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
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            is_too_much = unpacks_to_too_much(archive)
        if is_too_much:
            raise WrongFile([Fault(0, "", "this workbook unpacks to more than any report; take the report again")])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [(sheet.title, _rows(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS))) for sheet in book]
    except (
        *UNREADABLE,
        InvalidFileException,
        ParseError,
        KeyError,
        TypeError,
        ValueError,
        OSError,
    ):
        raise WrongFile([Fault(0, "", "this is no workbook that can be read; save it as .xlsx or .csv")]) from None
    yield from sheets


def _rows(rows: Iterable[Cells]) -> list[Cells]:
    """Return the rows up to the last one with something in it: a cell that was once touched far below makes a
    million."""
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


def _where(column: str, sheet: str) -> str:
    return f"{column} of sheet {sheet}" if sheet else column
