"""The shared request budget of a company: both windows of SmartAccounts' limit, counted in the staging database.

Every task of every DAG of the company reserves here before it sends, so that together they stay below the limit.
Which run has which priority tells `services.priority_of`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import REQUESTS_PER_DAY, REQUESTS_PER_MINUTE
from scoro_smartaccounts.common.clock import Clock, tallinn_text
from scoro_smartaccounts.common.errors import BudgetExhausted
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.request_log import (
    forget_requests,
    lift_pause,
    newest_request,
    note_request,
    pause_until,
    paused_until,
    requests_of_run,
    shorten_pause,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
DAY = timedelta(hours=24)
# How long everybody of the company keeps still after the service's limit refused a request, once and repeatedly.
_PAUSES = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=1))
# A wait up to this long is slept through where it arises; a longer one gives the worker back.
_LONGEST_SLEEP = timedelta(seconds=75)


class Priority(IntEnum):
    """Who may use how much of the day's requests; the value is what it leaves to the more urgent."""

    EXPORT = 0
    DAILY = 50
    AUDIT = 100
    BACKFILL = 150


def resume(engine: Engine, company: str, clock: Clock) -> datetime | None:
    """Lift the pause of a company's requests to SmartAccounts; until when (UTC) it would have lasted, None where there
    was none. Tasks that wait already go on at the moment that they were put off to, or when they are cleared.

    The service's own limits stay: requests that were sent still count.
    """
    with engine.begin() as connection:
        transaction_lock(connection, company, "budget")
        return lift_pause(connection, company, clock())


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests that the service takes in sliding windows."""

    per_minute: int = REQUESTS_PER_MINUTE
    per_day: int = REQUESTS_PER_DAY


@dataclass(frozen=True, slots=True)
class Budget:
    """One run's way to the company's budget."""

    engine: Engine
    company: str
    run_key: str
    priority: Priority
    clock: Clock
    limits: Limits = Limits()
    sleep: Callable[[float], None] = time.sleep

    def reserve(self, operation: str) -> None:
        """Count one request, waiting for the minute window where that is enough.

        Raises BudgetExhausted when the wait is longer.
        """
        while (free_at := self._try(operation)) is not None:
            wait = free_at - self.clock()
            if wait > _LONGEST_SLEEP:
                raise BudgetExhausted(
                    f"SmartAccounts takes no more requests of this priority before {tallinn_text(free_at)}",
                    until=free_at,
                )
            log.info("Waiting %d s: the minute's requests to SmartAccounts are used up.", wait.total_seconds() + 1)
            self.sleep(max(wait.total_seconds(), 0) + 0.2)

    def pause_after_refusal(self, refusals: int, asked: float | None) -> None:
        """Pause: the service itself refused because of its limit, `refusals` times in a row: nobody of this company
        asks for some time, at least the `asked` seconds."""
        self.pause(max(_PAUSES[min(refusals, len(_PAUSES)) - 1], timedelta(seconds=asked or 0)))

    def pause(self, duration: timedelta) -> None:
        """Nobody of this company asks before `duration` is over, a day at most."""
        with self.engine.begin() as connection:
            pause_until(connection, self.company, self.clock() + min(duration, DAY))

    def used_by_run(self) -> int:
        """Return requests that this run sent."""
        with self.engine.connect() as connection:
            return requests_of_run(connection, self.company, self.run_key)

    def forget_old_requests(self) -> None:
        """Forget requests older than a week, which count for nothing any more."""
        with self.engine.begin() as connection:
            forget_requests(connection, self.company, before=self.clock() - 7 * DAY)

    def minutes_until_free(self) -> int:
        """Whole minutes until the next request of this priority may leave; 0: at once."""
        with self.engine.connect() as connection:
            free_at = self._free_at(connection, self.clock())
        return 0 if free_at is None else max(0, -int((self.clock() - free_at).total_seconds() // 60))

    def _try(self, operation: str) -> datetime | None:
        with self.engine.begin() as connection:
            transaction_lock(connection, self.company, "budget")
            now = self.clock()
            # One that was stored by an earlier version, or under a clock that was wrong, ends in a day at most.
            shorten_pause(connection, self.company, now + DAY)
            free_at = self._free_at(connection, now)
            if free_at is None:
                priority = int(self.priority)
                note_request(connection, self.company, self.run_key, operation, priority=priority, at=now)
            return free_at

    def _free_at(self, connection: Connection, now: datetime) -> datetime | None:
        waits = [
            paused_until(connection, self.company, now),
            self._window(connection, now, MINUTE, self.limits.per_minute),
            self._window(connection, now, DAY, self.limits.per_day - int(self.priority)),
        ]
        free_at = max((moment for moment in waits if moment is not None), default=None)
        return None if free_at is None else min(free_at, now + DAY)

    def _window(self, connection: Connection, now: datetime, length: timedelta, most: int) -> datetime | None:
        """When the window has room; None: it has. With `most` taken, that is when the `most`-th newest leaves it."""
        if most < 1:
            return now + length
        blocking = newest_request(connection, self.company, most, since=now - length)
        return None if blocking is None else blocking + length
