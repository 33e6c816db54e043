"""Scenarios, a function for each remedy, and how they are played: those of one desk side by side, in the same runs.

A scenario makes the fault and yields `Stuck`: after the next run the document must be held up for the scenario's own
reason. It then does what the sentence says and yields `Green`: after the next scheduled run the documents must be
booked once and right (or gone), and still be after one more, which writes nothing. `None` is one more run.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.reasons import REASONS
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, Desk, Doc


@dataclass(frozen=True)
class Stuck:
    """Documents that are held up for the scenario's reason."""

    docs: tuple[Doc, ...]


@dataclass(frozen=True)
class Green:
    """Documents that are booked, and those that never will be."""

    booked: tuple[Doc, ...]
    gone: tuple[Doc, ...] = ()


Scenario = Iterator[Stuck | Green | None]
Play = Callable[[Desk, Flow], Scenario]


@dataclass(frozen=True)
class Place:
    """Where scenarios are played: with the quality checks or without, and over which days the first run goes."""

    name: str
    checked: bool = False
    first: date = DAY
    last: date = DAY
    first_import: date = date(2026, 1, 1)
    compared: bool = False
    "reconcile_ids runs before the first import."
    desk: type[Desk] = Desk


@dataclass(frozen=True)
class Followed:
    """A remedy of a sentence, and how it is followed in a flow."""

    key: str
    remedy: str
    flow: Flow
    place: Place
    play: Play

    def __str__(self) -> str:
        how = "" if self.play.__name__ in ("_", self.remedy) else f", {self.play.__name__}"
        return f"{self.key}: {self.remedy} ({self.flow.noun}{how})"


FOLLOWED: list[Followed] = []
BOTH = (SALES, PURCHASES)


def stuck(*docs: Doc) -> Stuck:
    return Stuck(docs)


def green(*docs: Doc, gone: Sequence[Doc] = ()) -> Green:
    return Green(docs, tuple(gone))


def remedy(key: str, remedy: str, place: Place, *flows: Flow) -> Callable[[Play], Play]:
    """Registers how a remedy of the sentence `key` is followed, in each of the flows (sales, where none is named)."""

    def register(play: Play) -> Play:
        assert remedy in REASONS[key].remedies, f"{key} offers no remedy called {remedy!r}"
        FOLLOWED.extend(Followed(key, remedy, flow, place, play) for flow in flows or (SALES,))
        return play

    return register


def play_all(desk: Desk, scenarios: Sequence[Followed]) -> dict[Followed, str]:
    """What went wrong, by scenario: an empty text where nothing did."""
    running = {each: each.play(desk, each.flow) for each in scenarios}
    wanted: dict[Followed, Stuck | Green | None] = {}
    wrong = dict.fromkeys(scenarios, "")
    final: dict[Followed, Green] = {}

    def attempt(each: Followed, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:
            wrong[each] = traceback.format_exc()
            running.pop(each, None)
            final.pop(each, None)
            wanted.pop(each, None)

    def advance(each: Followed) -> None:
        try:
            wanted[each] = next(running[each])
        except StopIteration:
            del running[each]
            wanted.pop(each, None)

    def look(each: Followed) -> None:
        match wanted.get(each):
            case Stuck(docs):
                for doc in docs:
                    desk.assert_stuck(doc, each.key)
            case Green() as end:
                final[each] = end
                _assert_green(desk, end)

    if any(each.place.compared for each in scenarios):
        for each in list(running):
            attempt(each, lambda each=each: advance(each))
        desk.compare()
    while running:
        for each in list(running):
            attempt(each, lambda each=each: advance(each))
        if not running:
            break
        desk.run_next(*_flows(running))
        for each in list(running):
            attempt(each, lambda each=each: look(each))
    desk.world.server.calls.clear()
    desk.world.scoro.calls.clear()
    desk.run_next(*_flows(final))
    written = [call["operation"] for call in desk.world.writes()]
    written += [f"{call['module']}/{call['action']}" for call in desk.world.receipts_written()]
    for each, end in list(final.items()):
        attempt(each, lambda end=end: _assert_green(desk, end))
        if written and not wrong[each]:
            wrong[each] = f"The run after all remedies wrote {written}."
    return wrong


def _assert_green(desk: Desk, end: Green) -> None:
    for doc in end.booked:
        desk.assert_booked(doc)
    for doc in end.gone:
        desk.assert_gone(doc)


def _flows(of: dict[Followed, object] | dict[Followed, Scenario] | dict[Followed, Green]) -> list[Flow]:
    return [flow for flow in BOTH if any(each.flow is flow for each in of)]
