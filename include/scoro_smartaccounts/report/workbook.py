"""Tables as a workbook: a sheet each, with a frozen heading. Text stays text, whatever it begins with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.report.delimited import FORMULA_SIGNS, in_a_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pandas import DataFrame

_AMOUNT, _PRECISE, _DAY = "#,##0.00", "#,##0.00####", "DD.MM.YYYY"
_MOST_LETTERS = 32_767
# A spreadsheet leaves text of this format as it is when a cell is touched; longer text shows as ####.
_TEXT, _MOST_LETTERS_OF_TEXT = "@", 255
_WIDTHS = (8, 60)
_HEADING = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook_of(sheets: Mapping[str, DataFrame]) -> bytes:
    """Return the file's content, the sheets by title in their order."""
    book = Workbook(write_only=True)
    for title, table in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for place, name in enumerate(table.columns, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = _width(name, table[name])
        sheet.append([_heading(sheet, name) for name in table.columns])
        for row in table.itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table) + 1}"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _heading(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, name)
    cell.font = _HEADING
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    match value:
        case Decimal():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = _AMOUNT if value == cents(value) else _PRECISE
        case date():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = _DAY
        case str():
            text = ILLEGAL_CHARACTERS_RE.sub("", in_a_cell(value))[:_MOST_LETTERS]
            cell = WriteOnlyCell(sheet, text)
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(FORMULA_SIGNS)
            if len(text) <= _MOST_LETTERS_OF_TEXT:
                cell.number_format = _TEXT
            if "\n" in text:
                cell.alignment = _WRAPPED
        case _:
            return value
    return cell


def _width(name: str, values: Iterable[Any]) -> int:
    longest = max((len(line) for value in values if value is not None for line in str(value).split("\n")), default=0)
    return min(max(len(name), longest, _WIDTHS[0]) + 2, _WIDTHS[1])
