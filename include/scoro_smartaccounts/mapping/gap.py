"""A mapping that is missing or leads nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.common.company import ReceiptAccount, VatRule
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.mapping.suggestions import Suggestion
    from scoro_smartaccounts.mapping.used import Sighting

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value of the company file, by the names that lead to it."""

    path: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class AddRule:
    """A VAT rule that must stand before the rule at the place `before`; None: behind all."""

    flow: Flow
    rule: VatRule
    before: int | None


@dataclass(frozen=True, slots=True)
class PairAccount:
    """A pair of accounts; it takes the place of one with the same account of Scoro."""

    pair: ReceiptAccount


Fix = SetValue | AddRule | PairAccount


@dataclass(frozen=True, slots=True)
class Gap:
    """`kind`: what is not mapped; `setting`: where it would stand in the company file; `scoro_value`: what Scoro calls
    it; `count` documents use it, of which `used_by` are the first. `fix` carries the suggestion out."""

    kind: str
    setting: str
    scoro_value: str
    used_by: tuple[str, ...]
    count: int
    problem: Phrase
    suggestion: Suggestion | None = None
    fix: Fix | None = None

    def __str__(self) -> str:
        others = self.count - len(self.used_by)
        named = ", ".join([*self.used_by, *([f"{others} more"] if others else [])])
        used = f" ({named})" if named else ""
        found = self.suggestion
        advice = f" Suggested: {found.value}, {render(found.why)}." if found is not None else ""
        return f"{self.setting}: {self.scoro_value}{used}: {render(self.problem)}.{advice}"


def first_of(sightings: Sequence[Sighting]) -> tuple[str, ...]:
    """Return the documents that are named."""
    return tuple(sighting.document for sighting in sightings[:_MOST_NAMED])
