"""Room common. Reading ahead gives what was read, in order, no further ahead than it may, and every error where it
belongs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from scoro_smartaccounts.common.ahead import reading_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator

ENOUGH = 10.0


class Source:
    """Numbers, of which each waits to be read until it may be."""

    def __init__(self, last: int, problem: BaseException | None = None) -> None:
        self.last = last
        self.problem = problem
        self.read = 0
        self.arrived = threading.Event()

    def __iter__(self) -> Iterator[int]:
        for number in range(self.last):
            self.read = number + 1
            self.arrived.set()
            yield number
        if self.problem is not None:
            raise self.problem


def waits(until: threading.Event) -> None:
    assert until.wait(ENOUGH)


def test_all_comes_in_order() -> None:
    with reading_ahead(range(1000), 10) as numbers:
        assert list(numbers) == list(range(1000))
    with reading_ahead(range(0), 10) as numbers:
        assert list(numbers) == []


def test_the_next_ones_are_read_while_one_is_worked_on() -> None:
    third = threading.Event()

    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        third.set()
        yield 3

    with reading_ahead(numbers(), 10) as coming:
        assert next(coming) == 1
        waits(third)
        assert list(coming) == [2, 3]


def test_no_more_is_read_than_may_be() -> None:
    source = Source(1000)
    with reading_ahead(source, 3) as coming:
        assert next(coming) == 0
        # One is given and two wait.
        time.sleep(0.2)
        assert source.read == 3
        assert next(coming) == 1
        time.sleep(0.2)
        assert source.read == 4


def test_nothing_is_read_beside_what_is_heavy() -> None:
    source = Source(1000)
    with reading_ahead(source, 2, weigh=lambda number: 5 if number == 1 else 1) as coming:
        assert next(coming) == 0
        assert next(coming) == 1
        time.sleep(0.2)
        assert source.read == 2
        assert next(coming) == 2


@pytest.mark.parametrize("problem", [ValueError("far"), KeyboardInterrupt("killed")])
def test_an_error_comes_after_what_was_read_before_it(problem: BaseException) -> None:
    with reading_ahead(Source(3, problem), 10) as coming:
        assert [next(coming) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(type(problem)) as caught:
            next(coming)
    assert caught.value is problem


def test_the_reader_ends_when_nobody_waits_any_more() -> None:
    source = Source(1000)
    before = set(threading.enumerate())
    with reading_ahead(source, 3) as coming:
        assert next(coming) == 0
    for thread in set(threading.enumerate()) - before:
        thread.join(ENOUGH)
        assert not thread.is_alive()
    assert source.read <= 6
