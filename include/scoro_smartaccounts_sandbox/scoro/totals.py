"""How the Scoro site computes the totals of a document from its lines. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """One line: net before the document discount, VAT percent, and whether its product takes discounts."""

    net: Decimal
    percent: Decimal
    discountable: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Net and VAT of a document, in cents of its currency."""

    net: Decimal
    vat: Decimal


def cents(amount: Decimal) -> Decimal:
    """Round half up to two places; never minus zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP) + 0


def factor(*percents: Decimal | None) -> Decimal:
    """What is left after successive discounts in percent."""
    left = Decimal(1)
    for percent in percents:
        if percent:
            left *= 1 - percent / _HUNDRED
    return left


def line_sum(line: Mapping[str, Any]) -> Decimal:
    """Net of an invoice or bill line: price times quantities less the line discount, in cents."""
    quantity = line["amount"] or Decimal(0)
    if line.get("amount2"):
        quantity *= line["amount2"]
    net: Decimal = (line["price"] or Decimal(0)) * quantity
    if line.get("discount"):
        net *= factor(line["discount"])
    return cents(net)


def document_totals(
    parts: Iterable[Part],
    discount_factor: Decimal,
    rounding: Literal["per_rate", "per_line"],
    document_percent: Decimal | None = None,
) -> Totals:
    """Net and VAT of a document.

    The document discount reaches discountable lines only, and the net is rounded once. VAT: with
    ``document_percent`` of the whole net; otherwise of the net of each rate, or of each line.
    """
    total = Decimal(0)
    by_rate: dict[Decimal, Decimal] = {}
    line_vat = Decimal(0)
    for part in parts:
        net = part.net * discount_factor if part.discountable else part.net
        total += net
        by_rate[part.percent] = by_rate.get(part.percent, Decimal(0)) + net
        line_vat += cents(net * part.percent / _HUNDRED)
    net_sum = cents(total)
    if document_percent is not None:
        return Totals(net_sum, cents(net_sum * document_percent / _HUNDRED))
    if rounding == "per_line":
        return Totals(net_sum, cents(line_vat))
    vat = sum((cents(cents(net) * percent / _HUNDRED) for percent, net in by_rate.items()), Decimal(0))
    return Totals(net_sum, cents(vat))
