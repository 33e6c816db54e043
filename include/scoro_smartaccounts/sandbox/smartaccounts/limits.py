"""Requests a minute and in 24 hours, in sliding windows; refused ones count."""

from collections import deque
from datetime import datetime, timedelta


class Limiter:
    """Counts the authenticated requests of one company."""

    def __init__(self) -> None:
        self._sent: deque[datetime] = deque()

    def admits(self, now: datetime, per_minute: int, per_day: int) -> bool:
        """Count a request; False when a window is full."""
        while self._sent and self._sent[0] <= now - timedelta(hours=24):
            self._sent.popleft()
        in_minute = 0
        for moment in reversed(self._sent):
            if moment <= now - timedelta(minutes=1):
                break
            in_minute += 1
        full = in_minute >= per_minute or len(self._sent) >= per_day
        self._sent.append(now)
        return not full

    def clear(self) -> None:
        """Forget all requests."""
        self._sent.clear()
