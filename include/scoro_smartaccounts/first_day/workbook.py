"""Sheets → files that people open: XLSX, CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scoro_smartaccounts.first_day.sheets import Cell, Sheet
from scoro_smartaccounts.first_day.words import DECISION

_WIDEST = 60
# What a spreadsheet would compute instead of showing it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX file with a sheet for each table; texts are texts, whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in sheets:
        page = book.create_sheet(table.name)
        for row_number, row in enumerate((table.headings, *table.rows), start=1):
            for column, value in enumerate(row, start=1):
                text = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
                cell = page.cell(row_number, column, text)
                if isinstance(text, str):
                    cell.data_type = "s"
                    cell.number_format = "@"
        for column, heading in enumerate(table.headings, start=1):
            longest = max((len(str(row[column - 1])) for row in table.rows if column <= len(row)), default=0)
            page.column_dimensions[get_column_letter(column)].width = min(max(longest, len(heading)) + 2, _WIDEST)
            page.cell(1, column).font = Font(bold=True)
            if heading == DECISION and table.rows:
                answers = DataValidation(type="list", formula1='"jah,ei"', allow_blank=True, showErrorMessage=False)
                answers.add(f"{get_column_letter(column)}2:{get_column_letter(column)}{len(table.rows) + 1}")
                page.add_data_validation(answers)
        page.freeze_panes = "A2"
        if table.rows and DECISION in table.headings:
            page.auto_filter.ref = page.dimensions
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def comma_separated(table: Sheet) -> bytes:
    """A CSV file as Estonian spreadsheets open it: semicolons, UTF-8 with a byte order mark, decimal comma."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    for row in (table.headings, *table.rows):
        writer.writerow([_plain(value) for value in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def write_protected(folder: Path, name: str, content: bytes) -> None:
    """Write a file that only its owner may read, in a folder that only its owner may open."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _for_the_owner():
        folder.mkdir(exist_ok=True)
        with (folder / name).open("wb") as stream:
            stream.write(content)


@contextmanager
def _for_the_owner() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _plain(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
