"""Control totals as they were computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scoro_smartaccounts.staging.facts import Facts
    from scoro_smartaccounts.totals.declared import Declared
    from scoro_smartaccounts.totals.sheet import Cause, Cell
    from scoro_smartaccounts.totals.sides import Settings


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of all months, and what they were made of; `documents`: those of SmartAccounts, in euros."""

    facts: Facts
    settings: Settings
    cells: Sequence[Cell]
    causes: Sequence[Cause]
    documents: Sequence[Declared]

    def of(self, month: date) -> tuple[list[Cell], list[Cause]]:
        """Return those of one month."""
        return (
            [cell for cell in self.cells if cell.place.month == month],
            [cause for cause in self.causes if cause.place.month == month],
        )

    @property
    def months(self) -> list[date]:
        """All months that hold something, in order."""
        return sorted({cell.place.month for cell in self.cells})
