"""A table as CSV for Excel: UTF-8 with a mark, semicolons, amounts as the language writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.report.words import Language

if TYPE_CHECKING:
    from pandas import DataFrame

# A cell that begins with one of these is taken for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(table: DataFrame, language: Language) -> bytes:
    """The file's content. Text that would be a formula gets an apostrophe in front."""
    point = "," if language == "et" else "."
    cells = table.map(lambda value: _cell(value, point))
    return b"\xef\xbb\xbf" + cells.to_csv(sep=";", index=False, lineterminator="\r\n").encode()


def _cell(value: Any, point: str) -> Any:
    match value:
        case Decimal():
            return f"{value:.2f}".replace(".", point)
        case date():
            return f"{value:%d.%m.%Y}"
        case str() if value.startswith(FORMULA_SIGNS):
            return f"'{value}"
    return value
