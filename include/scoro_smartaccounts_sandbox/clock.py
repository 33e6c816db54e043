"""A clock that can be set, moved and stopped."""

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the simulator's time: the machine's, shifted, or a moment at which it stands still."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shift = timedelta()
        self._still: datetime | None = None

    @classmethod
    def frozen(cls, moment: datetime) -> "Clock":
        """A clock that stands at an aware moment until it is moved."""
        clock = cls()
        clock.freeze(moment)
        return clock

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        with self._lock:
            return self._still or datetime.now(UTC) + self._shift

    def set(self, moment: datetime) -> None:
        """Go to an aware moment; a running clock runs on from there."""
        with self._lock:
            if self._still is not None:
                self._still = moment.astimezone(UTC)
            else:
                self._shift = moment.astimezone(UTC) - datetime.now(UTC)

    def advance(self, step: timedelta) -> None:
        """Move by a step."""
        self.set(self.now() + step)

    def freeze(self, moment: datetime | None = None) -> None:
        """Stand still, at an aware moment or now."""
        still = (moment or self.now()).astimezone(UTC)
        with self._lock:
            self._still = still
