"""Amounts are `Decimal`, in whole cents where they are sums, rounded half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)

# How far the VAT of a supplier's paper may be from what its lines give: suppliers round by piece, by line or in all.
# It grows with the lines and not with the sum: a share of a large sum would hide a mistyped figure.
SUPPLIER_VAT_PER_LINE = Decimal("0.02")
SUPPLIER_VAT_AT_LEAST = Decimal("0.10")
# What a sales invoice may miss of its VAT in the VAT return: a few cents, or this share of it. More than a few cents
# are worth a look.
NOTABLE_ROUNDING = Decimal("0.05")
ROUNDING_OF_VAT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """`value` rounded half up (away from zero) to whole cents."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def percent_of(value: Decimal, percent: Decimal) -> Decimal:
    """`percent` per cent of `value`, unrounded."""
    return value * percent / HUNDRED


def supplier_vat_limit(lines: int) -> Decimal:
    """How far the VAT of a bill with so many lines may be from what its lines give."""
    return max(SUPPLIER_VAT_AT_LEAST, SUPPLIER_VAT_PER_LINE * lines)


def rounding_limit(rows: int, vat: Decimal) -> Decimal:
    """How much of a sales invoice with so many rows and this VAT may be booked as rounding: a cent a row, and no more
    in all than leaves the VAT return right."""
    return min(CENT * rows, max(NOTABLE_ROUNDING, cents(abs(vat) * ROUNDING_OF_VAT)))


def after_discounts(value: Decimal, discounts: Sequence[Decimal]) -> Decimal:
    """`value` after successive percentages, unrounded."""
    for discount in discounts:
        value = value * (HUNDRED - discount) / HUNDRED
    return value


def fit_to_total(exact: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """`exact` amounts as cents that add up to `total` exactly.

    Every part is rounded half up; the cents that are then missing go, one each, to the parts that rounding moved
    furthest the other way. More cents missing than parts: they go round again.
    """
    if not exact:
        raise ValueError("nothing to fit")
    parts = [cents(value) for value in exact]
    missing = int((total - sum(parts, ZERO)) / CENT)
    step = CENT if missing > 0 else -CENT
    order = sorted(range(len(parts)), key=lambda i: ((parts[i] - exact[i]) * (1 if missing > 0 else -1), i))
    for turn in range(abs(missing)):
        parts[order[turn % len(parts)]] += step
    return parts


def plain(value: Decimal) -> str:
    """`value` as a plain decimal number, no exponent, no trailing zeros after the cents."""
    text = format(value.normalize(), "f")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def told(value: Decimal | None) -> str:
    """`value` as what is compared has it: the same text for the same amount; nothing for none."""
    return "" if value is None else format(value.normalize() + 0, "f")
