"""What people did to the books, and what must be told of it: an account of its own, which shares nothing with what it
is held against. Amounts are whole cents."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Truth:
    """Documents that were imported, by their ids in SmartAccounts, and what differs from what was imported.

    `expected`: what somebody did and has not taken back, as (list, id, kind, cents), with the moment at which it was
    done, counted in deeds; `taken_back`: likewise what was, and when.
    """

    deeds: int = 0
    expected: dict[tuple[str, str, str, int], int] = field(default_factory=dict)
    taken_back: dict[tuple[str, str, str, int], int] = field(default_factory=dict)
    done: int = 0

    def did(self, of: str, record: str, kind: str, cents: int) -> None:
        """Somebody changed what was imported."""
        self.deeds += 1
        self.done += 1
        self.expected[of, record, kind, cents] = self.deeds

    def undid(self, of: str, record: str, kind: str, cents: int) -> None:
        """Somebody took that back."""
        self.deeds += 1
        del self.expected[of, record, kind, cents]
        self.taken_back[of, record, kind, cents] = self.deeds

    def touched(self) -> None:
        """Somebody did what changes nothing that was imported."""
        self.deeds += 1

    def judge(self, told: set[tuple[str, str, str, int]], begun: int) -> Verdict:
        """Hold what is told after a night against the truth. What people did while the night went on, after the deed
        `begun`, may be told or not."""
        must = {each for each, when in self.expected.items() if when <= begun}
        may = {*self.expected, *(each for each, when in self.taken_back.items() if when > begun)}
        return Verdict(missed=must - told, false=told - may, found=len(must & told))


@dataclass(frozen=True)
class Verdict:
    """What was missed, what was told though it was not so, and how many were right."""

    missed: set[tuple[str, str, str, int]]
    false: set[tuple[str, str, str, int]]
    found: int
