"""Long lists a page at a time: behind what the next page goes on stands in its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from scoro_smartaccounts.reconcile_ids.question import pair_of
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.proposals import Pair

T = TypeVar("T")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """Some of a list. `after`: behind what it begins, empty at the beginning; `next`: behind what the next page does,
    empty on the last one."""

    rows: Sequence[T]
    after: str
    next: str

    def of(self, made: Callable[[T], Other]) -> Listed[Other]:
        """Return the same page of what is made of each."""
        return Listed([made(each) for each in self.rows], self.after, self.next)


def listed(found: Sequence[T], most: int, after: str, written: Callable[[T], str]) -> Listed[T]:
    """Return a page of `most`, of what was found behind `after`: one more tells that there is a next page. `written`:
    how an address names a row."""
    rows = found[:most]
    return Listed(rows, after, written(rows[-1]) if len(found) > most else "")


def moment_of(text: str) -> tuple[datetime, str] | None:
    """Return the moment and the rest of an address like `2026-01-31T09:05:00+00:00~5021`; None without one. Raises
    ValueError for another."""
    if not text:
        return None
    moment, rest = text.split("~", 1)
    return datetime.fromisoformat(moment), rest


def pair_behind(text: str) -> tuple[datetime, Kind, Pair] | None:
    """Return the moment and the pair that an address names, likewise."""
    if (found := moment_of(text)) is None:
        return None
    return found[0], *pair_of(found[1])


def score_of(text: str) -> tuple[Decimal, Kind, Pair] | None:
    """Return the score and the pair that an address names, likewise."""
    if not text:
        return None
    score, key = text.split("~", 1)
    try:
        likely = Decimal(score)
    except InvalidOperation:
        raise ValueError(text) from None
    if not likely.is_finite():
        raise ValueError(text)
    return likely, *pair_of(key)


def conflict_of(text: str) -> tuple[Kind, str] | None:
    """Return the contact or product that an address names, likewise."""
    if not text:
        return None
    kind, source_id = text.split("~", 1)
    return Kind(kind), source_id
