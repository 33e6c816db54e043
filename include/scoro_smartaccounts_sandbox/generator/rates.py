"""Invented exchange rates."""

from decimal import Decimal
from random import Random

_RATES = {"USD": Decimal("0.9183"), "SEK": Decimal("0.0874")}


def rate_of_the_day(rng: Random, currency: str) -> Decimal:
    """What one unit of a currency is worth in euros: a little about its mean."""
    drift = Decimal(rng.randint(-200, 200)) / 10_000
    return (_RATES[currency] * (1 + drift)).quantize(Decimal("0.0001"))
