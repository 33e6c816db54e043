"""Room meeting. What the services are assumed to do is held against what they show, before anything is written."""

from __future__ import annotations

from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting.meet import Met, meet
from scoro_smartaccounts.meeting.report import lines
from tests.integration.meeting.filled import fill_books, fill_scoro
from tests.integration.world import World

KEY = "meet/test"


def met(world: World) -> Met:
    request = ReconcileRequest(world.company, KEY)
    return meet(world.company, world.services(request), KEY)


def test_try(world: World) -> None:
    fill_scoro(world)
    fill_books(world)
    found = met(world)
    for line in lines(found, found.rows):
        print(line)
    print(len(world.calls("read")), len(world.scoro.calls))
    assert world.calls("write") == []
    assert 0
