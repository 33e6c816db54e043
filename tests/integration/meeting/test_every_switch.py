"""Room meeting. Every switch of both simulators in its other positions, over a company that works already: what is read
tells that the service is another one than assumed, or the switch stands here with the reason why nothing can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting.asking import MOST_OF_SCORO, MOST_OF_SMARTACCOUNTS
from scoro_smartaccounts.meeting.meet import meet
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.conftest import Databases
from tests.integration.meeting.filled import fill_books, fill_scoro
from tests.integration.meeting.told import (
    NOTHING_TELLS_OF_SCORO,
    NOTHING_TELLS_OF_SMARTACCOUNTS,
    TOLD_OF_SCORO,
    TOLD_OF_SMARTACCOUNTS,
)
from tests.integration.switches import OF_SCORO, OF_SMARTACCOUNTS
from tests.integration.world import World, open_world
from tests.tiers import slow_but

KEY = "meet/test"

# Under these nobody could have entered what stands there: they came later.
_LATER = {"locked_until", "ecb_rates", "ecb_until", "text_lengths", "text_too_long"}
QUICK = [("books", "vat_per_code", True), ("books", "credit_sides", "of_an_invoice"), ("site", "date_filter", "empty")]


def positions() -> list[tuple[str, str, Any]]:
    """Side, switch and value of all that something tells."""
    books = [("books", name, value) for name in TOLD_OF_SMARTACCOUNTS for value in OF_SMARTACCOUNTS[name]]
    return books + [("site", name, value) for name in TOLD_OF_SCORO for value in OF_SCORO[name]]


@contextmanager
def filled(databases: Databases, folder: Path, side: str, switches: Mapping[str, Any]) -> Iterator[World]:
    """A company of which one side is filled, under these switches of that side."""
    engine = make_engine(databases.new())
    try:
        with open_world(engine, folder) as world:
            if side == "books":
                later = {name: value for name, value in switches.items() if name in _LATER}
                world.books.switches.change({name: switches[name] for name in switches.keys() - later.keys()})
                fill_books(world)
                world.books.switches.change(later)
            else:
                world.site.switches = world.site.switches.changed(switches)
                fill_scoro(world)
            yield world
    finally:
        engine.dispose()


def verdicts(world: World) -> dict[str, tuple[str, str]]:
    """Verdict and reading of each assumption. Whatever it is, nothing is written, and no more is asked than may be."""
    found = meet(world.company, world.services(ReconcileRequest(world.company, KEY)), KEY)
    assert world.calls("write") == []
    assert {call["action"] for call in world.scoro.calls} <= {"list"}
    assert len(world.calls()) <= MOST_OF_SMARTACCOUNTS
    assert len(world.scoro.calls) <= MOST_OF_SCORO
    return {row.assumption.key: (row.verdict.state.value, row.verdict.reading) for row in found.rows}


@cache
def _usual() -> dict[str, dict[str, tuple[str, str]]]:
    return {}


@pytest.fixture
def usual(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, tuple[str, str]]:
    """The verdicts in the usual positions, played once for each side."""
    side = request.node.callspec.params["side"]
    if side not in _usual():
        with filled(databases, tmp_path, side, {}) as world:
            _usual()[side] = verdicts(world)
    return _usual()[side]


@pytest.mark.parametrize(("side", "name", "value"), slow_but(QUICK, positions()), ids=lambda part: str(part)[:30])
def test_another_position_is_told(
    databases: Databases, tmp_path: Path, usual: dict[str, tuple[str, str]], side: str, name: str, value: Any
) -> None:
    with filled(databases, tmp_path, side, {name: value}) as world:
        found = verdicts(world)
    keys = (TOLD_OF_SMARTACCOUNTS if side == "books" else TOLD_OF_SCORO)[name].split()
    turned = [key for key in keys if found[key] != usual[key]]
    assert turned, {key: found[key] for key in keys}
    # What nothing tells any more is no verdict.
    assert any(found[key][0] != "no_example" for key in turned)


def test_every_switch_is_told_or_has_a_reason() -> None:
    for told, nothing, all_of in (
        (TOLD_OF_SMARTACCOUNTS, NOTHING_TELLS_OF_SMARTACCOUNTS, OF_SMARTACCOUNTS),
        (TOLD_OF_SCORO, NOTHING_TELLS_OF_SCORO, OF_SCORO),
    ):
        assert told.keys() | nothing.keys() == all_of.keys()
        assert told.keys() & nothing.keys() == set()
