"""Numbers of sales invoices: what is missing in a series, and what is there twice. Pure.

A series goes over the borders of months: a gap is told with the document after it, a double with each of its own. Where
numbers begin with their year, each year is a series.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_NUMBER = re.compile(r"(.*?)(\d{1,15})")
# A year as numbers begin with it.
_YEARS = ("%Y", "%y")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number with the day on its document, and the month of its entry."""

    number: str
    day: date
    month: date


def gaps_and_doubles(numbers: Sequence[Numbered], month: date) -> Iterator[tuple[str, str]]:
    """Yield what is missing before a number of the month, and what numbers of the month are there twice; `numbers`: of
    all months."""
    series: dict[tuple[str, int], list[tuple[str, Numbered]]] = defaultdict(list)
    doubles: dict[str, list[date]] = defaultdict(list)
    for each in numbers:
        doubles[each.number].append(each.month)
        if found := _NUMBER.fullmatch(each.number):
            series[found[1], len(found[2])].append((found[2], each))
    for (before, width), members in sorted(series.items()):
        for values in _by_year(members):
            yield from _gaps(before, width, values, month)
    for number, months in sorted(doubles.items()):
        if number and len(months) > 1 and month in months:
            yield "double", number


def _by_year(members: Sequence[tuple[str, Numbered]]) -> Iterator[dict[int, set[date]]]:
    """Yield the values of a series with the months that have them, each year apart where all begin with theirs."""
    form = next(
        (form for form in _YEARS if all(digits.startswith(each.day.strftime(form)) for digits, each in members)), ""
    )
    years: dict[str, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
    for digits, each in members:
        years[each.day.strftime(form)][int(digits)].add(each.month)
    yield from (values for _, values in sorted(years.items()))


def _gaps(before: str, width: int, values: dict[int, set[date]], month: date) -> Iterator[tuple[str, str]]:
    for one, other in pairwise(sorted(values)):
        if other - one > 1 and month in values[other]:
            first, last = (f"{each:0{width}d}" for each in (one + 1, other - 1))
            yield "gap", f"{before}{first}" if first == last else f"{before}{first}–{last}"
