"""Room audit. Weeks of work in the books, people busy between the requests too: everything is found the night after,
nothing is told that is not so, and no night asks for more than it may."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest

from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.drifts import Drift
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import People, at_noon
from tests.integration.world import World
from tests.tiers import slow_but

START = date(2026, 1, 5)


@dataclass
class Busy(Nights):
    """Nights during which somebody works: before one request in so many."""

    people: People | None = None
    one_in: int = 0

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        reserve = services.budget.reserve

        def work_and_reserve(operation: str) -> None:
            people = self.people
            if people is not None and self.one_in and people.random.randrange(self.one_in) == 0:
                people.something()
            reserve(operation)

        services.smartaccounts._before_request = work_and_reserve
        return services


@dataclass
class Figures:
    """What came of a history."""

    done: int = 0
    found: int = 0
    false: list[Any] = field(default_factory=list)
    missed: list[Any] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    requests: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.done} differences made; missed {len(self.missed)}, false {len(self.false)}; nights {self.states};"
            f" requests a night: median {median(self.requests)}, at most {max(self.requests)}"
        )


def play(world: World, days: int, seed: int, work: Callable[[People], None], *, one_in: int = 0) -> Figures:
    people = People(world, seed)
    nights = Busy(world, people=people, one_in=one_in)
    figures = Figures()
    for number in range(days):
        world.clock.set(at_noon(START + timedelta(days=number)))
        work(people)
        # What was done before this night must be told by it.
        begun = people.truth.deeds
        before = len(nights.requests)
        report = nights.play(hunts=False)
        figures.requests += nights.requests[before:] if number else []
        told = {_told(each) for each in nights.open() if each.state != "suspected"}
        verdict = people.truth.judge(told, begun)
        if report.night.state == "ok":
            figures.missed += [(number, each) for each in verdict.missed]
        figures.false += [(number, each) for each in verdict.false]
        figures.found += verdict.found
        figures.states[report.night.state] = figures.states.get(report.night.state, 0) + 1
    figures.done = people.truth.done
    return figures


def _told(each: Drift) -> tuple[str, str, str, int]:
    return each.flow, each.remote_id, each.kind, int((each.amount or 0) * 100)


def of_a_day(people: People) -> None:
    people.a_day(4, 3, 3)
    for _ in range(people.random.randrange(3)):
        people.something()


# Days, and before one request in how many somebody works.
LENGTHS = [(10, 20), (60, 0), (60, 20)]


@pytest.mark.parametrize(("days", "one_in"), slow_but(LENGTHS[:1], LENGTHS))
def test_some_weeks(world: World, days: int, one_in: int) -> None:
    figures = play(world, days, seed=one_in + 1, work=of_a_day, one_in=one_in)
    print(figures)
    assert (figures.missed, figures.false) == ([], [])
    assert figures.states["ok"] >= (days if not one_in else days * 9 // 10)
    assert max(figures.requests) <= 25
    assert median(figures.requests) <= 10


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_days(world: World, seed: int) -> None:
    days = int(os.environ.get("AUDIT_DAYS", "1000"))
    figures = play(world, days, seed=seed, work=of_a_day, one_in=20)
    print(figures)
    assert (figures.missed, figures.false) == ([], [])
    assert max(figures.requests) <= 25
