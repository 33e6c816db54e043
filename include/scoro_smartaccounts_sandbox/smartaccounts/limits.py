"""Requests a minute and in 24 hours, in sliding windows; refused ones count."""

from collections import deque
from datetime import datetime, timedelta


class Limiter:
    """Counts the authenticated requests of one company."""

    def __init__(self) -> None:
        self._minute: deque[datetime] = deque()
        self._day: deque[datetime] = deque()

    def admits(self, now: datetime, per_minute: int, per_day: int) -> bool:
        """Count a request; False when a window was full."""
        full = False
        for sent, window, most in (
            (self._minute, timedelta(minutes=1), per_minute),
            (self._day, timedelta(hours=24), per_day),
        ):
            while sent and sent[0] <= now - window:
                sent.popleft()
            full = full or len(sent) >= most
            sent.append(now)
        return not full

    def clear(self) -> None:
        """Forget all requests."""
        self._minute.clear()
        self._day.clear()
