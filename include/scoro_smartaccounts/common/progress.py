"""What bounds a task is the time in which nothing comes to an end, not the time that it takes in all.

Progress is an answer of a service or a statement of the staging database: `http` and `staging.database` say so here.
Work without either has to be far shorter. A process does one task at a time.
"""

from __future__ import annotations

import math
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from scoro_smartaccounts.common.errors import NoProgress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LONGEST_STANDSTILL = timedelta(minutes=30)

_PACKAGE = Path(__file__).parents[1]


class _Cut(KeyboardInterrupt):
    """Raised in the middle of whatever the process does. Libraries know this kind: psycopg has its statement ended, and
    nothing that catches errors takes it for one of its own."""


@dataclass(slots=True)
class _Track:
    """The newest step, and when the last one ended (seconds of the monotonic clock)."""

    step: str = "its start"
    is_over: bool = True
    last_end: float = 0.0


_track = _Track()


def begin(step: str) -> None:
    """Begin a step that may take long; `step` may stand in a log."""
    _track.step, _track.is_over = step, False


def end() -> None:
    """End the step: there is progress."""
    _track.is_over, _track.last_end = True, time.monotonic()


@contextmanager
def bounded(longest: timedelta | None = None) -> Iterator[None]:
    """Raise NoProgress in the block once nothing has come to an end for so long (half an hour unless told otherwise).

    Works with the process's alarm, in its main thread. An alarm that was set before rings at its time, as if this one
    were not there.
    """
    alarm = _Alarm(longest or LONGEST_STANDSTILL)
    try:
        yield
    except BaseException:
        # Whatever the interruption became on its way out.
        if alarm.told is not None:
            raise NoProgress(alarm.told) from None
        raise
    finally:
        alarm.give_back()


class _Alarm:
    """Looks whether there was progress when the time is over, and sets itself again where there was."""

    def __init__(self, longest: timedelta) -> None:
        self.told: str | None = None
        self._longest = longest
        self._former: Any = signal.getsignal(signal.SIGALRM)
        remaining, _ = signal.getitimer(signal.ITIMER_REAL)
        self._former_rings_at = time.monotonic() + remaining if remaining else math.inf
        begin("its start")
        end()
        signal.signal(signal.SIGALRM, self._ring)
        self._set(self._ends_at)

    def give_back(self) -> None:
        """Give the alarm back to the former one."""
        # Ours first: a ring between the two would be the former handler's.
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._former)
        self._set(math.inf)

    @property
    def _ends_at(self) -> float:
        return _track.last_end + self._longest.total_seconds()

    def _set(self, moment: float) -> None:
        moment = min(moment, self._former_rings_at)
        # 0 would mean no alarm at all.
        wait = max(moment - time.monotonic(), 0.001) if moment < math.inf else 0.0
        signal.setitimer(signal.ITIMER_REAL, wait)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now >= self._former_rings_at:
            self._former_rings_at = math.inf
            self._set(self._ends_at)
            self._former(number, frame)
        elif now < self._ends_at:
            self._set(self._ends_at)
        else:
            self._cut(frame)

    def _cut(self, frame: FrameType | None) -> NoReturn:
        where = f"{'after' if _track.is_over else 'in'} {_track.step}{_place(frame)}"
        self.told = (
            f"No progress for {self._longest.total_seconds() / 60:g} minutes, {where}: no service answered, and no"
            " statement of the staging database came to an end. The task was stopped there; it may be started again at"
            " any time"
        )
        # Where something swallows the interruption, it comes again.
        _track.last_end = time.monotonic()
        self._set(self._ends_at)
        raise _Cut(self.told)


def _place(frame: FrameType | None) -> str:
    """Which line of this package the process is at."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            return f" ({path.relative_to(_PACKAGE)}, line {frame.f_lineno})"
        frame = frame.f_back
    return ""
