"""Room staging. What is known of SmartAccounts' lock never claims more than was seen."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.staging.lock_bounds import LockBounds

START = datetime(2026, 2, 1, tzinfo=UTC)
FIRST = date(2026, 1, 1)
WEEK = timedelta(days=7)
days = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
# Somebody moves the lock (forwards or back), or a date is tried: it is refused or taken.
event = st.tuples(st.sampled_from(["move", "try", "try", "old record"]), days, st.integers(1, 200))


class Lock:
    """Where it was since when; dates up to it are refused."""

    def __init__(self, day: date) -> None:
        self._moments, self._days = [START], [day]

    def move(self, day: date, at: datetime) -> None:
        self._moments.append(at)
        self._days.append(day)

    def at(self, moment: datetime) -> date:
        return self._days[bisect_right(self._moments, moment) - 1]


def play(first: date, events: list[tuple[str, date, int]]) -> tuple[Lock, LockBounds, datetime]:
    lock, known, now = Lock(first), LockBounds(), START
    for what, day, hours in events:
        now += timedelta(hours=hours)
        if what == "move":
            lock.move(day, now)
        elif what == "try":
            is_refused = day <= lock.at(now)
            known = known.refused(day, now, now - WEEK) if is_refused else known.taken(day, now)
        else:
            # A record that was made at some moment, read now.
            made = max(START, now - timedelta(hours=hours // 2))
            if day > lock.at(made):
                known = known.taken(day, made)
        assert holds(known, lock)
    return lock, known, now


def holds(known: LockBounds, lock: Lock) -> bool:
    """Whether each bound was true at the moment that stands beside it."""
    is_locked = is_open = True
    if known.locked_through is not None and known.refused_at is not None:
        is_locked = known.locked_through <= lock.at(known.refused_at)
    if known.open_from is not None and known.open_seen_at is not None:
        is_open = lock.at(known.open_seen_at) < known.open_from
    return is_locked and is_open


@given(days, st.lists(event, max_size=30))
def test_each_bound_was_true_at_its_moment(first: date, events: list[tuple[str, date, int]]) -> None:
    play(first, events)


@given(days, st.lists(event.filter(lambda each: each[0] != "move"), max_size=30))
def test_a_lock_that_stands_still_lies_within_the_bounds(first: date, events: list[tuple[str, date, int]]) -> None:
    lock, known, now = play(first, events)
    assert known.locked_through is None or known.locked_through <= lock.at(now)
    assert known.open_from is None or lock.at(now) < known.open_from
    if known.locked_through is not None and known.open_from is not None:
        assert known.locked_through < known.open_from


@given(days, st.lists(event, max_size=30))
def test_what_was_found_out_last_stands(first: date, events: list[tuple[str, date, int]]) -> None:
    """The bounds never say that a date is locked which was just taken, nor that it is open when it was refused."""
    lock, known, now = play(first, events)
    for day in (FIRST + timedelta(days=number) for number in range(60)):
        later = now + timedelta(hours=1)
        if day <= lock.at(now):
            after = known.refused(day, later, later - WEEK)
            assert after.locked_through is not None
            assert after.locked_through >= day
            assert after.open_from is None or after.open_from > day
        else:
            after = known.taken(day, later)
            assert after.locked_through is None or after.locked_through < day


def test_a_clock_that_may_be_off_proves_nothing_by_minutes() -> None:
    refused = LockBounds().refused(date(2026, 1, 12), START, START - WEEK)
    minutes = timedelta(minutes=10)
    assert refused.taken(date(2026, 1, 10), START + minutes, timedelta(minutes=20)) == refused
    assert refused.taken(date(2026, 1, 10), START + 3 * minutes, timedelta(minutes=20)).locked_through is None
