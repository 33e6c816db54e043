"""Room totals. Numbers of sales invoices: gaps and doubles, also over borders of months and years."""

from __future__ import annotations

from datetime import date

import pytest

from scoro_smartaccounts.totals.numbers import Numbered, gaps_and_doubles

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def of(month: date, *numbers: str) -> list[Numbered]:
    return [Numbered(each, month, month) for each in numbers]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (["101", "102", "103"], []),
        (["101", "103"], [("gap", "102")]),
        (["A-09", "A-13"], [("gap", "A-10–12")]),
        (["101", "101"], [("double", "101")]),
        (["A-1", "B-3", "ilma"], []),
    ],
)
def test_gaps_and_doubles_of_numbers(numbers: list[str], told: list[tuple[str, str]]) -> None:
    assert list(gaps_and_doubles(of(JANUARY, *numbers), JANUARY)) == told


def test_a_gap_over_a_border_of_months_is_told_once_with_what_comes_after_it() -> None:
    known = of(JANUARY, "101", "102") + of(FEBRUARY, "105")
    assert list(gaps_and_doubles(known, JANUARY)) == []
    assert list(gaps_and_doubles(known, FEBRUARY)) == [("gap", "103–104")]


def test_a_double_over_months_is_told_in_each() -> None:
    known = of(JANUARY, "101") + of(FEBRUARY, "101")
    for month in (JANUARY, FEBRUARY):
        assert list(gaps_and_doubles(known, month)) == [("double", "101")]
    assert list(gaps_and_doubles(known, date(2026, 3, 1))) == []


def test_numbers_of_another_month_fill_a_gap() -> None:
    known = of(JANUARY, "101", "103") + of(FEBRUARY, "102")
    assert list(gaps_and_doubles(known, JANUARY)) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("2025117", "2026001", []),
        ("25117", "26001", []),
        ("2025117", "2026003", []),
        # No year: the series goes on.
        ("117", "119", [("gap", "118")]),
    ],
)
def test_numbers_that_begin_with_their_year_begin_anew(before: str, after: str, told: list[tuple[str, str]]) -> None:
    known = [*of(date(2025, 12, 1), before), *of(JANUARY, after)]
    assert list(gaps_and_doubles(known, JANUARY)) == told
