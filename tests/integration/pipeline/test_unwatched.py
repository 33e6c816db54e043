"""Room pipeline. A task whose supervisor died stops before the next record: nobody would read what it does."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import date
from typing import Any

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.errors import SupervisorLost
from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.common.supervision import parent_check
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
KILLED_BEFORE = 5


def test_a_task_whose_supervisor_died_sends_no_further_record(world: World) -> None:
    world.generate(FIRST, LAST, 30)
    request = world.request(FIRST, LAST)
    services = world.services(request)
    for step in world.steps[:-1]:
        step(request, services)
    told, tell = os.pipe()
    supervisor = os.fork()
    if supervisor == 0:
        if os.fork() == 0:
            _load_and_lose_the_parent(world, request, tell)
        signal.pause()
    os.waitpid(supervisor, 0)
    os.close(tell)
    with os.fdopen(told) as answer:
        ending = json.loads(answer.read())
    # The record under way was sent to its end; its outcome is known.
    assert ending == SupervisorLost.__name__
    assert len(world.writes()) == KILLED_BEFORE
    # What is left is for the next try, and nothing is doubled.
    pipeline.load(request, services)
    assert len(world.invoices()) == len({row["invoiceNumber"] for row in world.invoices()})
    assert set(world.outcomes().values()) <= {"created", "deleted"}


def _load_and_lose_the_parent(world: World, request: RunRequest, tell: int) -> None:
    """Never returns."""
    ending = "no error"
    try:
        world.engine.dispose(close=False)
        world.engine = make_engine(world.engine.url.render_as_string(hide_password=False))
        send, writes = SmartAccountsClient.write, 0

        def killing(*arguments: Any, **named: Any) -> Any:
            nonlocal writes
            writes += 1
            if writes == KILLED_BEFORE:
                supervisor = os.getppid()
                os.kill(supervisor, signal.SIGKILL)
                while os.getppid() == supervisor:
                    time.sleep(0.01)
            return send(*arguments, **named)

        SmartAccountsClient.write = killing  # type: ignore[method-assign]
        pipeline.load(request, world.services(request, check_watched=parent_check()))
    except BaseException as problem:  # noqa: BLE001
        ending = type(problem).__name__
    os.write(tell, json.dumps(ending).encode())
    os._exit(0)
