"""Price, quantity and discount of an invoice row, such that SmartAccounts computes exactly the wanted net."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import DISCOUNT_DECIMALS, PRICE_DECIMALS
from scoro_smartaccounts.common.money import HUNDRED, after_discounts, cents

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_COMMON_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class RowAmounts:
    """What a row says: `net` = round(price × quantity × (1 − discount / 100), 2)."""

    price: Decimal
    quantity: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        """The row's net as SmartAccounts computes it."""
        return cents(self.price * self.quantity * (HUNDRED - self.discount) / HUNDRED)


def fit_row(
    *,
    price: Decimal,
    quantity: Decimal,
    discounts: Sequence[Decimal],
    net: Decimal,
    keep_quantity: bool,
    takes_discount: bool = True,
) -> RowAmounts | None:
    """Return the row that shows most of what Scoro's line shows and comes to `net`.

    Price and discount as they are where that works; else, and where the row `takes_discount` not, the discount goes
    into the price, with as few decimals as do; else, unless `keep_quantity` (stock), one piece at the price of all.
    None where nothing comes to `net`.
    """
    discount = HUNDRED - after_discounts(HUNDRED, discounts)
    if (takes_discount or not discount) and _fits(price, PRICE_DECIMALS) and _fits(discount, DISCOUNT_DECIMALS):
        row = RowAmounts(price, quantity, discount)
        if row.net == net:
            return row
    if quantity:
        for decimals in range(_MOST_COMMON_DECIMALS, PRICE_DECIMALS + 1):
            step = Decimal(1).scaleb(-decimals)
            row = RowAmounts((net / quantity).quantize(step, rounding=ROUND_HALF_UP), quantity, Decimal(0))
            if row.net == net:
                return row
    return None if keep_quantity else RowAmounts(net, Decimal(1), Decimal(0))


def _fits(value: Decimal, decimals: int) -> bool:
    return value == value.quantize(Decimal(1).scaleb(-decimals))
