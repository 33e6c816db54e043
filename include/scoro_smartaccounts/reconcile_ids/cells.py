"""What a spreadsheet makes of an id or a code: numbers without their zeros, dates, times."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal, InvalidOperation

from scoro_smartaccounts.report.delimited import as_it_was

_DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,4}([-./]\d{1,4})?")


def text_of(value: object) -> str:
    """Return what a cell says, as its reader gives it, without outer blanks and the apostrophes of texts: our own, and
    that of a spreadsheet."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else as_it_was(str(value).strip()).removeprefix("'")


def may_show(value: object, expected: str) -> bool:
    """Whether a cell may still show an id or code: 00123 became 123, 1E3 became 1000, 1-2 a date, 4740123456789 was cut
    to 4,74012E+12."""
    shown, expected = text_of(value), expected.strip()
    if shown in (expected.removeprefix("'"), text_of(expected)):
        return True
    if isinstance(value, date):
        return _numbers(expected) <= {value.day, value.month, value.year, value.year % 100}
    if isinstance(value, time):
        return _numbers(expected) <= {value.hour, value.minute, value.second}
    if _DATE_LIKE.fullmatch(expected) and _is_written_date(shown) and _numbers(shown) & _numbers(expected):
        return True
    return _is_same_number(value, shown, expected)


def _numbers(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\d+", text)}


def _is_written_date(shown: str) -> bool:
    """Return a month in letters, or day, month and year."""
    return any(letter.isalpha() for letter in shown) or len(re.findall(r"\d+", shown)) == 3


def _is_same_number(value: object, shown: str, expected: str) -> bool:
    try:
        wanted = Decimal(expected.replace(",", "."))
        number = Decimal(shown.replace(",", "."))
        if number == wanted or (isinstance(value, float) and value == float(wanted)):
            return True
        if "E" not in shown.upper() or not number:
            return False
        return round(wanted, -number.as_tuple().exponent) == number  # type: ignore[operator]
    except (InvalidOperation, OverflowError, ValueError):
        return False
