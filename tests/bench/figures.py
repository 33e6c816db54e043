"""What is measured: a value with its unit, and where there is one, the goal that it is held against."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. `at_most`: the goal, in the same unit; None where nothing is asked of it. `tries`: the
    single values that `value` is the median of."""

    part: str
    name: str
    value: float
    unit: str = "s"
    at_most: float | None = None
    tries: tuple[float, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether the goal is met."""
        if self.at_most is None:
            return ""
        return "met" if self.value <= self.at_most else "missed"


@dataclass(slots=True)
class Curve:
    """What grows with what: points of x and y for a plot."""

    title: str
    x_label: str
    y_label: str
    lines: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


@dataclass(slots=True)
class Bars:
    """Where the seconds go: a value a part."""

    title: str
    unit: str
    values: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Sitting:
    """All that one sitting measured."""

    figures: list[Figure] = field(default_factory=list)
    plots: list[Curve | Bars] = field(default_factory=list)
    profiles: dict[str, str] = field(default_factory=dict)

    def add(self, figure: Figure) -> None:
        """Add a figure and say it at once: a sitting takes a while."""
        self.figures.append(figure)
        print(f"    {written(figure)}", flush=True)


def median(part: str, name: str, tries: Sequence[float], *, unit: str = "s", at_most: float | None = None) -> Figure:
    """Return a figure of several tries."""
    return Figure(part, name, statistics.median(tries), unit, at_most, tuple(tries))


def number(value: float) -> str:
    """Return a value as people read it."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"


def written(figure: Figure) -> str:
    """Return a figure as a line of text."""
    goal = "" if figure.at_most is None else f"   goal ≤ {number(figure.at_most)}: {figure.verdict}"
    return f"{figure.name:<72}{number(figure.value):>12} {figure.unit}{goal}"
