"""Room audit. Weeks of work in Scoro, people busy between the requests too: everything is found the night after,
nothing is told that is not so, and no night asks for more than it may."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

import pytest

from tests.integration.audit.people import at_noon
from tests.integration.audit.scoro_office import DOCUMENTS, FIRST, ScoroNights, ScoroOffice
from tests.integration.world import World
from tests.tiers import slow_but

A_NIGHT = 60


@dataclass
class Figures:
    """What came of a history. `late`: of what was found, how many nights after the first that began later than it was
    done; `unsaid`: what a night did not tell that said `ok`, with its number."""

    owed: int = 0
    found: int = 0
    missed: list[Any] = field(default_factory=list)
    false: list[Any] = field(default_factory=list)
    unsaid: list[Any] = field(default_factory=list)
    late: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    requests: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.owed} differences: found {self.found}, missed {len(self.missed)}, false {len(self.false)}, not told"
            f" by nights that said ok {len(self.unsaid)}; nights {dict(self.states)}; found after nights"
            f" {dict(sorted(self.late.items()))}; requests a night: median {median(self.requests)}, at most"
            f" {max(self.requests)}"
        )


def play(world: World, nights: int, seed: int, *, a_day: int, at_start: int, one_in: int) -> Figures:
    """So many documents a day, after so many at the start; before one request in `one_in` somebody does something, and
    every other day too."""
    world.clock.set(at_noon(FIRST))
    office = ScoroOffice(world, seed)
    office.take_in(
        [
            office.enter(DOCUMENTS[number % 3], day=FIRST - timedelta(days=number % 4), is_imported=False)
            for number in range(at_start)
        ]
    )
    for key in office.imported[:6]:
        # Of a list that shows nothing at all no night can say that anything is gone.
        office.pay(key, is_imported=False)
    office.imported = office.imported[6:]
    audit = ScoroNights(world)
    audit.before = lambda _: office.something() if one_in and office.random.randrange(one_in) == 0 else None
    figures = Figures()
    # The first night that began later than a difference was made; -1: it is found.
    owed_since: dict[Any, int] = {}
    known = False
    for number in range(nights):
        world.clock.set(at_noon(FIRST + timedelta(days=number)))
        office.take_in([office.enter(office.random.choice(DOCUMENTS), is_imported=False) for _ in range(a_day)])
        if known and number % 2:
            office.something()
        begun = office.deeds
        for each in office.owed.keys() - owed_since.keys():
            owed_since[each] = number
        told = audit.night()
        known = known or told.state == "ok"
        missed, false = office.judge(audit.open(), begun)
        figures.false += [(number, each) for each in false]
        figures.unsaid += [(number, each) for each in sorted(missed) if told.state == "ok"]
        for each in [each for each, since in owed_since.items() if since >= 0 and each not in missed]:
            figures.late[number - owed_since[each]] += 1
            owed_since[each] = -1
            figures.found += 1
        figures.states[told.state] += 1
        if number:
            figures.requests.append(told.requests)
    figures.owed = len(owed_since)
    figures.missed = sorted(missed)
    return figures


@pytest.mark.parametrize(("nights", "one_in"), slow_but([(12, 15)], [(12, 15), (60, 0), (60, 15)]))
def test_some_weeks(world: World, nights: int, one_in: int) -> None:
    figures = play(world, nights, seed=3 + one_in, a_day=4, at_start=130, one_in=one_in)
    print(figures)
    assert (figures.missed, figures.false, figures.unsaid) == ([], [], [])
    assert figures.owed >= nights // 6
    assert set(figures.late) == {0}
    assert max(figures.requests) <= A_NIGHT
    assert median(figures.requests) <= 20


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_nights(world: World, seed: int) -> None:
    nights = int(os.environ.get("AUDIT_DAYS", "1000"))
    figures = play(world, nights, seed=seed, a_day=9, at_start=1500, one_in=60)
    print(figures)
    assert (figures.missed, figures.false, figures.unsaid) == ([], [], [])
    assert max(figures.requests) <= A_NIGHT
