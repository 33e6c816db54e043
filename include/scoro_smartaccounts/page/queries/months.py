"""A month of the control totals, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.staging.control_totals import StoredTotal, WrittenPage

# Of a month these are shown at once; others only where something of them has no name.
_FIRST = ("total", "paid")


@dataclass(frozen=True, slots=True)
class Month:
    """The page of a month that was written last, and its totals. `unexplained`: how many totals hold something that no
    cause names; `is_clean`: none does, and the last night was clean."""

    page: WrittenPage
    totals: Sequence[StoredTotal]
    unexplained: int
    is_clean: bool

    @property
    def first(self) -> Sequence[StoredTotal]:
        """Those to see first."""
        return [each for each in self.totals if each.measure in _FIRST or each.unexplained]

    @property
    def key(self) -> str:
        """The month as an address has it."""
        return f"{self.page.month:%Y-%m}"
