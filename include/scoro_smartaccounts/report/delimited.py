"""A table as CSV for Excel: UTF-8 with a mark, semicolons, all cells in quotes, amounts as the language writes them."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.visible import visible

if TYPE_CHECKING:
    from pandas import DataFrame

    from scoro_smartaccounts.report.words import Language

# A cell that begins with one of these is taken for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Where a cell begins: at its own beginning, and in its middle where a program splits at another sign than ours, for
# quotes protect none but the first cell of a line then.
_BEGINNING = r"(^|[,;|\t\n])((?:[^\S\n\t]|\")*)"
_SIGN = r"[=+\-@＝＋－＠]"
_UNMARKED = re.compile(rf"{_BEGINNING}(?='*{_SIGN})")
_MARKED = re.compile(rf"{_BEGINNING}'(?='*{_SIGN})")


def csv_of(table: DataFrame, language: Language, *, goes_on: bool = False) -> bytes:
    """Return the file's content. Text that would be a formula gets an apostrophe in front. `goes_on`: these are further
    rows of a file that has begun."""
    point = "," if language == "et" else "."
    cells = table.map(lambda value: _cell(value, point))
    written: str = cells.to_csv(sep=";", index=False, header=not goes_on, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    return (b"" if goes_on else b"\xef\xbb\xbf") + written.encode()


def in_a_cell(text: str) -> str:
    """Return a text as it stands in a cell of any list: lines stay lines, other control characters and turned writing
    are shown by their codes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        letter if letter == "\n" or unicodedata.category(letter) == "Zs" else visible(letter) for letter in lines
    )


def harmless(text: str) -> str:
    """Return a text that no program takes for a formula, whatever it takes for the end of a cell."""
    return _UNMARKED.sub(r"\1\2'", text)


def as_it_was(text: str) -> str:
    """Return the text without what `harmless` put into it, however it came back."""
    return _MARKED.sub(r"\1\2", text)


def _cell(value: Any, point: str) -> Any:
    match value:
        case Decimal():
            return f"{value:.2f}".replace(".", point)
        case date():
            return f"{value:%d.%m.%Y}"
        case str():
            return harmless(in_a_cell(value))
    return value
