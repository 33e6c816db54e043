"""When absence proves something: a request whose answer was lost is dead for good 20 minutes after it was signed, by
the service's clock, or 35 by ours where it shows none (`common.assumptions`). A complete reading after that which does
not show its record proves that it was never applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scoro_smartaccounts.common.assumptions import STALE_AFTER_BY_OWN_CLOCK, STALE_AFTER_BY_SERVER_CLOCK
from scoro_smartaccounts.smartaccounts.signature import latest_instant, timestamp_text

# How far the service's clock may be behind ours where one waits for it.
_LEEWAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """`server_time` is the service's clock when it answered the first request, None where it shows none; `started`
    is our own clock just before. `is_whole` is false where records may have slipped past a page border."""

    server_time: datetime | None
    started: datetime
    is_whole: bool = True

    def proves_absence(self, signed_at: datetime) -> bool:
        """Whether a request signed at `signed_at` that this reading does not show can never be applied any more.

        In the hour that the end of summer time repeats, the timestamp counts as the later of its two meanings.
        """
        if not self.is_whole:
            return False
        signed = latest_instant(timestamp_text(signed_at))
        if self.server_time is not None:
            return self.server_time - signed >= STALE_AFTER_BY_SERVER_CLOCK
        return self.started - signed >= STALE_AFTER_BY_OWN_CLOCK


def absence_shows_at(signed_at: datetime, now: datetime) -> datetime | None:
    """Return the next moment at which a reading may prove that a request signed at `signed_at` was never applied: by
    the service's clock, then by our own. None where neither lies ahead."""
    signed = latest_instant(timestamp_text(signed_at))
    moments = (signed + STALE_AFTER_BY_SERVER_CLOCK + _LEEWAY, signed + STALE_AFTER_BY_OWN_CLOCK)
    return next((moment for moment in moments if moment > now), None)
