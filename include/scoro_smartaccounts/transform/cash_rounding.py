"""Cash rounding: cash is paid in steps of five cents, so it differs by up to two cents from what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import CENT

if TYPE_CHECKING:
    from decimal import Decimal

# Cash is rounded to five cents; a document may be left with this much.
MOST_CASH_ROUNDING = 2 * CENT


def is_cash_rounding(missing: Decimal) -> bool:
    """Tell whether what cash left open, or paid too much, is what rounding to five cents leaves."""
    return missing != 0 and abs(missing) <= MOST_CASH_ROUNDING
