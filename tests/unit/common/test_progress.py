"""Room common. What bounds a task is the time without progress."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from scoro_smartaccounts.border.http import Outgoing, Transport
from scoro_smartaccounts.common import progress
from scoro_smartaccounts.common.errors import NoProgress, PipelineError, TransientError
from scoro_smartaccounts.common.progress import bounded
from tests.unit.local_server import Response, serving

BOUND = timedelta(milliseconds=300)
LONGER = 2 * BOUND.total_seconds()


def work(steps: int) -> None:
    for number in range(steps):
        progress.begin(f"step {number}")
        time.sleep(0.05)
        progress.end()


def stand_still(step: str) -> None:
    work(3)
    progress.begin(step)
    time.sleep(10)


def go_round() -> None:
    work(3)
    while True:
        pass


def swallow(interruptions: list[KeyboardInterrupt]) -> None:
    while len(interruptions) < 2:
        try:
            time.sleep(10)
        except KeyboardInterrupt as interruption:
            interruptions.append(interruption)
    raise interruptions[-1]


def test_work_that_goes_on_is_not_cut_however_long_it_takes() -> None:
    with bounded(BOUND):
        work(20)


def test_what_stands_still_is_cut_and_tells_what_it_was_doing() -> None:
    began = time.monotonic()
    with pytest.raises(NoProgress) as told, bounded(BOUND):
        stand_still("Scoro invoices/list")
    assert time.monotonic() - began < 2
    assert str(told.value).startswith("No progress for 0.005 minutes, in Scoro invoices/list: no service answered")


def test_what_neither_asks_nor_waits_is_cut_too() -> None:
    with pytest.raises(NoProgress, match="after step 2: no service answered"), bounded(BOUND):
        go_round()


def test_an_answer_of_a_service_is_progress_and_its_absence_is_told() -> None:
    answers = [*[Response(b"{}")] * 10, Response(hang=True)]

    def answer(_: object) -> Response:
        time.sleep(0.05)
        return answers.pop(0)

    def ask(url: str) -> None:
        transport = Transport("Scoro", url, secrets=(), connect_timeout=5, read_timeout=60)
        for _ in range(20):
            transport.send(Outgoing("GET", "invoices/list", url))

    where = r"in Scoro invoices/list \([\w/]+\.py, line \d+\)"
    with serving(answer) as server, pytest.raises(NoProgress, match=where) as told, bounded(BOUND):
        ask(server.url)
    assert len(server.requests) == 11
    # Nothing of the network's, whose texts carry the URL.
    assert told.value.__suppress_context__
    assert told.value.__cause__ is None


@pytest.mark.parametrize("kind", [TransientError, ValueError])
def test_what_the_interruption_becomes_on_its_way_out_does_not_matter(kind: type[Exception]) -> None:
    @contextmanager
    def breaks_on_the_way_out() -> Iterator[None]:
        try:
            yield
        finally:
            raise kind("the connection broke off")

    with pytest.raises(NoProgress), bounded(BOUND), breaks_on_the_way_out():
        time.sleep(10)


def test_what_swallows_the_interruption_is_interrupted_again() -> None:
    interruptions: list[KeyboardInterrupt] = []
    with pytest.raises(NoProgress), bounded(BOUND):
        swallow(interruptions)
    assert len(interruptions) == 2


def test_errors_of_other_kinds_pass() -> None:
    with pytest.raises(PipelineError, match="something else"), bounded(BOUND):
        raise PipelineError("something else")
    with pytest.raises(KeyboardInterrupt), bounded(BOUND):
        raise KeyboardInterrupt


@pytest.fixture
def alarms() -> Iterator[list[float]]:
    """The moments at which the process's own alarm rang."""
    rang: list[float] = []
    handler, timer = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    signal.signal(signal.SIGALRM, lambda *_: rang.append(time.monotonic()))
    yield rang
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, *timer)


def test_another_alarm_rings_at_its_time_inside(alarms: list[float]) -> None:
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(NoProgress), bounded(BOUND):
        stand_still("the end")
    [rang] = alarms
    assert 0.2 <= rang - began < 0.3


def test_another_alarm_rings_at_its_time_afterwards(alarms: list[float]) -> None:
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    with bounded(BOUND):
        work(2)
    time.sleep(0.5)
    [rang] = alarms
    assert 0.4 <= rang - began < 0.5
    time.sleep(LONGER)
    assert len(alarms) == 1


def test_its_own_timer_is_off_before_the_former_handler_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring between the two would be taken for the end of Airflow's own time."""
    former, left = signal.getsignal(signal.SIGALRM), list[float]()
    real = signal.signal

    def watched(number: int, handler: Any) -> Any:
        if handler is former:
            left.append(signal.getitimer(signal.ITIMER_REAL)[0])
        return real(number, handler)

    # Without pytest's own time-out there is no other alarm.
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    with bounded(BOUND):
        monkeypatch.setattr(signal, "signal", watched)
    signal.setitimer(signal.ITIMER_REAL, *timer)
    assert left == [0.0]
