"""Room common. Amounts: cents that add up, whatever is split."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.common.money import after_discounts, cents, fit_to_total, plain

amounts = st.decimals(min_value=-100_000, max_value=100_000, places=4, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.345", "2.35"), ("2.3449999", "2.34"), ("10", "10.00")],
)
def test_cents_are_rounded_half_up(value: str, expected: str) -> None:
    assert cents(Decimal(value)) == Decimal(expected)


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(min_value=-3, max_value=3))
def test_fitted_parts_are_cents_that_add_up(exact: list[Decimal], off: int) -> None:
    total = cents(sum(exact, Decimal(0))) + Decimal("0.01") * off
    parts = fit_to_total(exact, total)
    assert sum(parts) == total
    assert all(part == cents(part) for part in parts)


@given(st.lists(amounts, min_size=1, max_size=30))
def test_fitting_moves_no_part_by_more_than_a_cent(exact: list[Decimal]) -> None:
    parts = fit_to_total(exact, cents(sum(exact, Decimal(0))))
    assert all(abs(part - value) < Decimal("0.0150001") for part, value in zip(parts, exact, strict=True))


def test_amounts_that_need_no_fitting_stay() -> None:
    exact = [Decimal("22.00"), Decimal("49.50")]
    assert fit_to_total(exact, Decimal("71.50")) == exact


def test_nothing_to_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        fit_to_total([], Decimal(1))


def test_discounts_are_successive() -> None:
    assert after_discounts(Decimal(100), (Decimal(10), Decimal(50))) == Decimal(45)


@pytest.mark.parametrize(
    ("value", "text"), [("10", "10.00"), ("1E+3", "1000.00"), ("0.1", "0.10"), ("3.333333", "3.333333"), ("0", "0.00")]
)
def test_plain_numbers(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
