"""Exchange rates as SmartAccounts takes them. Scoro says what one foreign unit is worth in euros.

Nobody says which way round SmartAccounts quotes a rate, so none is sent where it knows the official one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO, RATED_CURRENCIES, RATED_UNTIL

if TYPE_CHECKING:
    from datetime import date

_RATE_STEP = Decimal("0.000001")
EURO = "EUR"


def has_official_rate(currency: str, day: date, base_currency: str) -> bool:
    """Whether the European Central Bank quotes the currency in the books' own on a day, or lately."""
    return base_currency == EURO and currency in RATED_CURRENCIES and day <= RATED_UNTIL.get(currency, day)


def rate_sent(currency_rate: Decimal, *, is_foreign_per_euro: bool = EXCHANGE_RATE_IS_FOREIGN_PER_EURO) -> Decimal:
    """Return the rate that SmartAccounts takes where Scoro says what one unit of the currency is worth; none stays
    none. `is_foreign_per_euro`: which way round it was seen to quote rates."""
    if currency_rate <= 0:
        return currency_rate
    return (1 / currency_rate if is_foreign_per_euro else currency_rate).quantize(_RATE_STEP)
