"""Scoro's two request limits: a window of two seconds and a day that ends at midnight UTC."""

import math
from datetime import UTC, date, datetime, timedelta

from scoro_smartaccounts_sandbox.scoro.switches import Switches

_WINDOW_SECONDS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RateLimiter:
    """Counts the requests of one site."""

    def __init__(self) -> None:
        self._window = -1
        self._in_window = 0
        self._day: date | None = None
        self._in_day = 0

    def admit(self, now: datetime, switches: Switches) -> tuple[bool, dict[str, str]]:
        """Count a request made at ``now`` (aware). Gives whether it may pass, and the headers of its answer."""
        utc = now.astimezone(UTC)
        seconds = (utc - _EPOCH).total_seconds()
        window = int(seconds // _WINDOW_SECONDS)
        if window != self._window:
            self._window, self._in_window = window, 0
        if utc.date() != self._day:
            self._day, self._in_day = utc.date(), 0
        short, daily = switches.requests_per_2_seconds, switches.requests_per_day
        passes = (not short or self._in_window < short) and (not daily or self._in_day < daily)
        if passes:
            self._in_window += 1
            self._in_day += 1
        window_reset = math.ceil((window + 1) * _WINDOW_SECONDS - seconds) or _WINDOW_SECONDS
        midnight = datetime(utc.year, utc.month, utc.day, tzinfo=UTC) + timedelta(days=1)
        day_reset = math.ceil((midnight - utc).total_seconds())
        headers = {}
        if short:
            headers["x-ratelimit-limit"] = str(short)
            headers["x-ratelimit-remaining"] = str(short - self._in_window)
            headers["x-ratelimit-reset"] = str(window_reset)
        if daily:
            headers["x-daily-requests-limit"] = str(daily)
            headers["x-daily-requests-remaining"] = str(daily - self._in_day)
            headers["x-daily-requests-reset"] = str(day_reset)
        if not passes and switches.retry_after:
            day_is_used_up = daily and self._in_day >= daily
            headers["Retry-After"] = str(day_reset if day_is_used_up else window_reset)
        return passes, headers
