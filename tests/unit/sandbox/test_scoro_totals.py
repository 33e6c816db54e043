"""The simulators. Totals as Scoro computes them."""

from decimal import Decimal

import pytest

from scoro_smartaccounts_sandbox.scoro.totals import Part, cents, document_totals, factor, line_sum


def part(net: str, percent: str = "24", discountable: bool = True) -> Part:
    return Part(Decimal(net), Decimal(percent), discountable)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("-0.004", "0.00"), ("1.0049", "1.00")]
)
def test_cents_are_rounded_half_up_and_never_minus_zero(amount: str, rounded: str) -> None:
    assert str(cents(Decimal(amount))) == rounded


def test_document_discount_passes_by_products_without_discounts() -> None:
    # The case seen in a real payload: lines 22.00 and 66.00, discount 25 %, net 71.50, VAT 17.16.
    totals = document_totals([part("22.00", discountable=False), part("66.00")], factor(Decimal(25)), "per_rate")
    assert (totals.net, totals.vat) == (Decimal("71.50"), Decimal("17.16"))


def test_discounts_follow_one_another() -> None:
    assert factor(Decimal(10), Decimal(10), None) == Decimal("0.81")


def test_line_multiplies_both_quantities_and_takes_its_discount() -> None:
    line = {"price": Decimal("3.3333"), "amount": Decimal(3), "amount2": Decimal("1.5"), "discount": Decimal(10)}
    assert line_sum(line) == Decimal("13.50")


def test_vat_per_line_and_per_rate_differ_on_small_lines() -> None:
    parts = [part("0.02"), part("0.02"), part("0.02")]
    assert document_totals(parts, Decimal(1), "per_line").vat == Decimal("0.00")
    assert document_totals(parts, Decimal(1), "per_rate").vat == Decimal("0.01")


def test_document_layout_takes_vat_of_the_whole_net() -> None:
    totals = document_totals([part("10", "0"), part("10", "0")], Decimal(1), "per_line", Decimal(24))
    assert totals.vat == Decimal("4.80")
