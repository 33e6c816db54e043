"""A CSV file of SmartAccounts, taken apart without losing a byte of it.

Separators, quotes and line ends are the same bytes in UTF-8 and in Windows-1257, so the file is cut as bytes; texts
are decoded one by one where somebody asks for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from scoro_smartaccounts.common.assumptions import CSV_ENCODING
from scoro_smartaccounts.reconcile_ids.linked_service.headings import Columns, columns_of, count_known
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scoro_smartaccounts.staging.links import Kind

_BOM = b"\xef\xbb\xbf"
_QUOTE = b'"'
_LINE_END = re.compile(rb"\r\n|\n|\r")
# The headings stand on one of the first lines; what precedes them is left alone.
_MOST_LINES_BEFORE = 50
_FEWEST_HEADINGS = 2
_NOT_CSV: Mapping[bytes, str] = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


def _cell_pattern(separator: bytes) -> re.Pattern[bytes]:
    """Return a quoted cell up to its separator, else everything up to the separator."""
    mark = re.escape(separator)
    return re.compile(
        rb'(?P<quoted>"[^"]*+(?:""[^"]*+)*+" *(?=' + mark + rb"|[\r\n]|\Z))|(?P<bare>[^\r\n" + mark + rb"]*)"
    )


_CELLS: Mapping[bytes, re.Pattern[bytes]] = {mark: _cell_pattern(mark) for mark in (b";", b"\t", b",")}


@dataclass(frozen=True, slots=True)
class Row:
    """`line`: where it begins in the file, from 1; `cells` and `end` (the line's end): the very bytes."""

    line: int
    cells: tuple[bytes, ...]
    end: bytes

    @property
    def is_blank(self) -> bool:
        """An empty line."""
        return len(self.cells) == 1 and not self.cells[0].strip()

    @property
    def open_quote(self) -> int | None:
        """The place of the first cell whose opening quote is not closed before the separator."""
        return next((place for place, cell in enumerate(self.cells) if _is_open(cell)), None)


@dataclass(frozen=True, slots=True)
class Table:
    """A file: `before` is what precedes the headings, a byte order mark included. `columns` has the place of the known
    headings. `rows` are sound, `faults` tells of those that are not: with faults it is not the whole file."""

    encoding: str
    before: bytes
    separator: bytes
    header: Row
    columns: Columns
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]

    def text(self, row: Row, column: str) -> str:
        """Return what a cell says, without quotes and outer blanks; empty where the file has no such column."""
        place = self.columns.get(column)
        return "" if place is None else cell_text(row.cells[place], self.encoding)

    def with_rows(self, rows: tuple[Row, ...]) -> Table:
        """Return the same file with other rows."""
        return replace(self, rows=rows)

    def to_bytes(self) -> bytes:
        """Return the file."""
        return self.before + b"".join(self.separator.join(row.cells) + row.end for row in (self.header, *self.rows))


def cell_text(cell: bytes, encoding: str) -> str:
    """Return what a cell says, without quotes and outer blanks."""
    closed = cell.rstrip(b" ")
    if len(closed) > 1 and closed.startswith(_QUOTE) and closed.endswith(_QUOTE):
        cell = closed[1:-1].replace(_QUOTE * 2, _QUOTE)
    return cell.decode(encoding).strip()


def filled(cell: bytes, value: str) -> bytes:
    """Return the cell with another value that needs no quotes, quoted if it was."""
    return b'"%s"' % value.encode() if cell.startswith(_QUOTE) else value.encode()


def read_table(content: bytes, kind: Kind) -> Table:
    """Take apart a list of clients, vendors or articles.

    Raises WrongFile where the file as a whole is not such a list. Rows that are broken become faults.
    """
    encoding = _encoding(content)
    start = len(_BOM) if content.startswith(_BOM) else 0
    header, separator, offset = _header(content, start, encoding)
    names = [cell_text(cell, encoding) for cell in header.cells]
    if (fault := _broken(header, names)) is not None:
        raise WrongFile([fault])
    columns = columns_of(names, header.line, kind)
    rows: list[Row] = []
    faults: list[Fault] = []
    for row in _rows(content, _after(header, separator, offset), header.line + _lines(header), separator):
        fault = None if row.is_blank else _broken(row, names)
        if fault is None:
            rows.append(row)
        else:
            faults.append(fault)
    return Table(encoding, content[:offset], separator, header, columns, tuple(rows), tuple(faults))


def _encoding(content: bytes) -> str:
    found = next((what for mark, what in _NOT_CSV.items() if content.startswith(mark)), None)
    if found is None and b"\0" in content:
        found = "not text"
    if found is not None:
        raise WrongFile([Fault(0, "", f"this is {found}; export the list from SmartAccounts as CSV")])
    for encoding in ("utf-8",) if content.startswith(_BOM) else ("utf-8", CSV_ENCODING):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise WrongFile([Fault(0, "", "the letters are neither UTF-8 nor Windows-1257; save the file as CSV in UTF-8")])


def _header(content: bytes, start: int, encoding: str) -> tuple[Row, bytes, int]:
    """Return the row with the most known headings, the separator that shows them, and where it begins."""
    best: tuple[int, Row, bytes, int] | None = None
    offset, line = start, 1
    while line <= _MOST_LINES_BEFORE and offset < len(content):
        for separator in _CELLS:
            row = next(_rows(content, offset, line, separator))
            known = count_known(cell_text(cell, encoding) for cell in row.cells)
            if known >= _FEWEST_HEADINGS and (best is None or known > best[0]):
                best = (known, row, separator, offset)
        end = _LINE_END.search(content, offset)
        if end is None:
            break
        offset, line = end.end(), line + 1
    if best is None:
        raise WrongFile(
            [
                Fault(
                    0,
                    "",
                    f"none of the first {_MOST_LINES_BEFORE} lines holds the headings of a list of SmartAccounts;"
                    " export it as CSV while SmartAccounts shows itself in Estonian",
                )
            ]
        )
    return best[1:]


def _rows(content: bytes, offset: int, line: int, separator: bytes) -> Iterator[Row]:
    pattern = _CELLS[separator]
    while offset < len(content):
        cells: list[bytes] = []
        while True:
            # An empty cell matches anywhere.
            match = cast("re.Match[bytes]", pattern.match(content, offset))
            cells.append(match.group())
            offset = match.end()
            if content.startswith(separator, offset):
                offset += len(separator)
                continue
            end = _LINE_END.match(content, offset)
            row = Row(line, tuple(cells), end.group() if end is not None else b"")
            offset = len(content) if end is None else end.end()
            break
        yield row
        line += _lines(row)


def _lines(row: Row) -> int:
    return sum(len(_LINE_END.findall(cell)) for cell in row.cells) + 1


def _after(row: Row, separator: bytes, offset: int) -> int:
    return offset + len(separator.join(row.cells)) + len(row.end)


def _is_open(cell: bytes) -> bool:
    return cell.startswith(_QUOTE) and re.fullmatch(rb'"(?:[^"]|"")*" *', cell) is None


def _broken(row: Row, headings: list[str]) -> Fault | None:
    place = row.open_quote
    if place is not None:
        return Fault(
            row.line,
            headings[place] if place < len(headings) else "",
            'the quote that opens the cell is not closed at its end; quotes within a cell are doubled ("")',
        )
    if len(row.cells) != len(headings):
        where = headings[len(row.cells)] if len(row.cells) < len(headings) else f"after {headings[-1]}"
        return Fault(
            row.line,
            where,
            f"the row has {len(row.cells)} cells, the headings have {len(headings)}; export the list again with the"
            ' text delimiter "',
        )
    return None
