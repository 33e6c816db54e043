"""Estonian VAT percentages by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class VatRate:
    """A percentage that the law knows from one day to another, both included."""

    percent: Decimal
    from_day: date = date.min
    to_day: date = date.max


VAT_RATES = (
    VatRate(Decimal(0)),
    VatRate(Decimal(20), to_day=date(2023, 12, 31)),
    VatRate(Decimal(22), date(2024, 1, 1), date(2025, 6, 30)),
    VatRate(Decimal(24), date(2025, 7, 1)),
    VatRate(Decimal(9)),
    # The press, until it joined the 9 %.
    VatRate(Decimal(5), to_day=date(2024, 12, 31)),
    # Accommodation.
    VatRate(Decimal(13), date(2025, 1, 1)),
)


def rate_on(percent: Decimal, day: date) -> VatRate | None:
    """Return the rate of `percent` per cent that the law had on `day`."""
    return next((rate for rate in VAT_RATES if rate.percent == percent and rate.from_day <= day <= rate.to_day), None)


def ended_before(percent: Decimal, day: date) -> date | None:
    """Return the last day on which the law had the rate, where it has ended before `day`."""
    return max((rate.to_day for rate in VAT_RATES if rate.percent == percent and rate.to_day < day), default=None)


def is_valid(percent: Decimal, day: date) -> bool:
    """Whether VAT of `percent` per cent existed on `day`."""
    return rate_on(percent, day) is not None
