"""Scenarios, a function for each remedy, and how they are played: those of one desk side by side, in the same runs.

A scenario makes the fault and yields `Stuck`: after the next run the document must be held up for the scenario's own
reason. It then does what the sentence says and yields `Green`: after the next scheduled run the documents must be
booked once and right (or gone), and still be after one more, which writes nothing. `None` is one more run.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from scoro_smartaccounts.common.documents import Flow
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, Desk, Doc
from tests.remedies import REMEDIES


@dataclass(frozen=True)
class Stuck:
    """Documents that are held up for the scenario's reason."""

    docs: tuple[Doc, ...]


@dataclass(frozen=True)
class Green:
    """Documents that are booked, and those that never will be."""

    booked: tuple[Doc, ...]
    gone: tuple[Doc, ...] = ()


Wanted = Stuck | Green | None
Scenario = Iterator[Wanted]
Made = TypeVar("Made")
# What several scenarios begin with, and what it made.
Part = Generator[Wanted, None, Made]
SomeDesk = TypeVar("SomeDesk", bound=Desk)
Play = Callable[[SomeDesk, Flow], Scenario]


@dataclass(frozen=True)
class Place:
    """Where scenarios are played: with the quality checks or without, over which days the first run goes, and whether
    reconcile_ids runs before it."""

    name: str
    checked: bool = False
    first: date = DAY
    last: date = DAY
    first_import: date = date(2026, 1, 1)
    compared: bool = False
    desk: type[Desk] = Desk
    # Whether all kinds of documents are known: else the first of a kind holds what other scenarios enter.
    trusting: bool = True


@dataclass(frozen=True)
class Followed:
    """A remedy of a sentence, and how it is followed in a flow."""

    key: str
    remedy: str
    flow: Flow
    place: Place
    # With the desk of the place.
    play: Callable[[Any, Flow], Scenario]

    def __str__(self) -> str:
        how = "" if self.play.__name__ in ("_", self.remedy) else f", {self.play.__name__}"
        return f"{self.key}: {self.remedy} ({self.flow.noun}{how})"


FOLLOWED: list[Followed] = []
BOTH = (SALES, PURCHASES)


def stuck(*docs: Doc) -> Stuck:
    return Stuck(docs)


def green(*docs: Doc, gone: Sequence[Doc] = ()) -> Green:
    return Green(docs, tuple(gone))


def remedy(key: str, remedy: str, place: Place, *flows: Flow) -> Callable[[Play[SomeDesk]], Play[SomeDesk]]:
    """Registers how a remedy of the sentence `key` is followed, in each of the flows (sales, where none is named)."""

    def register(play: Play[SomeDesk]) -> Play[SomeDesk]:
        assert remedy in REMEDIES[key], f"{key} offers no remedy called {remedy!r}"
        FOLLOWED.extend(Followed(key, remedy, flow, place, play) for flow in flows or (SALES,))
        return play

    return register


def play_all(desk: Desk, scenarios: Sequence[Followed]) -> dict[Followed, str]:
    """What went wrong, by scenario: an empty text where nothing did."""
    stage = _Stage(desk, scenarios)
    if any(each.place.compared for each in scenarios):
        stage.each(stage.advance)
        desk.compare()
    while stage.each(stage.advance):
        desk.run_next(*stage.flows)
        stage.each(stage.look)
    desk.world.server.calls.clear()
    desk.world.scoro.calls.clear()
    desk.run_next(*BOTH)
    written = [call["operation"] for call in desk.world.writes()]
    written += [f"{call['module']}/{call['action']}" for call in desk.world.receipts_written()]
    for each in stage.ends:
        if not stage.wrong[each]:
            stage.attempt(each, stage.still_green)
        if written and not stage.wrong[each]:
            stage.wrong[each] = f"The run after all remedies wrote {written}."
    return stage.wrong


class _Stage:
    """Scenarios that are played side by side: what each wants of the next run, and how it ended."""

    def __init__(self, desk: Desk, scenarios: Sequence[Followed]) -> None:
        self.wrong = dict.fromkeys(scenarios, "")
        self.ends: dict[Followed, Green] = {}
        self._desk = desk
        self._running = {each: each.play(desk, each.flow) for each in scenarios}
        self._wanted: dict[Followed, Wanted] = {}

    @property
    def flows(self) -> list[Flow]:
        """Those that a scenario needs."""
        return [flow for flow in BOTH if any(each.flow is flow for each in self._running)]

    def each(self, act: Callable[[Followed], object]) -> bool:
        """Do it for all that are still running; whether any is."""
        for one in list(self._running):
            self.attempt(one, act)
        return bool(self._running)

    def attempt(self, one: Followed, act: Callable[[Followed], object]) -> None:
        """One that fails is over."""
        try:
            act(one)
        except Exception:  # noqa: BLE001 it must not stop the others
            self.wrong[one] = traceback.format_exc()
            self._running.pop(one, None)

    def advance(self, one: Followed) -> None:
        """Up to where it needs a run."""
        try:
            self._wanted[one] = next(self._running[one])
        except StopIteration:
            del self._running[one]

    def look(self, one: Followed) -> None:
        """Whether the run did what the scenario says."""
        match self._wanted[one]:
            case Stuck(docs):
                for doc in docs:
                    self._desk.assert_stuck(doc, one.key)
            case Green() as end:
                self.ends[one] = end
                self.still_green(one)

    def still_green(self, one: Followed) -> None:
        """Whether its documents are as they should be in the end."""
        for doc in self.ends[one].booked:
            self._desk.assert_booked(doc)
        for doc in self.ends[one].gone:
            self._desk.assert_gone(doc)
