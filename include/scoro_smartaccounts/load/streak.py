"""When to stop: refusals and lost answers in a row, and what they mean for the rest of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import LoadStopped, TransientError
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.staging.intents import silence

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.outbox.target import Target
    from scoro_smartaccounts.services import Services

# So many refusals in a row mean that something is wrong with all documents, not with one.
MOST_REFUSALS = 10
# So many lost answers in a row are an outage; what was not sent yet stays out of doubt.
_MOST_LOST_ANSWERS = 3
_OUTAGE_PAUSE = 600.0
# With so many records in doubt nothing more is sent to a service that does not answer, for so long.
_MOST_IN_DOUBT = _MOST_LOST_ANSWERS + 1
_LONGEST_SILENCE = timedelta(hours=1)


@dataclass
class Streak:
    """Refusals and lost answers in a row, and what they mean for the rest of the run. `is_silent`: the service has not
    answered, and what it was asked is in doubt."""

    target: Target
    refusals: int = 0
    lost_answers: int = 0
    is_silent: bool = False

    @classmethod
    def so_far(cls, connection: Connection, request: RunRequest, services: Services, target: Target) -> Streak:
        """Return what earlier tries, runs and flows heard of the service. In the middle of an outage the next lost
        answer ends the try, and with too much in doubt nothing is sent; an answer ends both. Within the caller's
        transaction."""
        heard = silence(connection, request.company.key, target.kinds)
        is_outage = heard.unanswered >= _MOST_LOST_ANSWERS
        return cls(
            target,
            lost_answers=min(_MOST_LOST_ANSWERS if is_outage else heard.in_doubt, _MOST_LOST_ANSWERS - 1),
            is_silent=heard.newest is not None
            and bool(heard.unanswered)
            and heard.in_doubt >= _MOST_IN_DOUBT
            and services.clock() - heard.newest < _LONGEST_SILENCE,
        )

    def before_sending(self) -> None:
        """Raise TransientError where too much is in doubt to send another record."""
        if self.is_silent:
            raise TransientError(
                f"{self.target.name} gave no usable answer to the last requests. What they were about is still in"
                " doubt; nothing more is sent before that is known.",
                retry_after=_OUTAGE_PAUSE,
            )

    def stop_where_nothing_goes_through(self, why: Reason | None, *, is_new: bool = True) -> None:
        """Raise LoadStopped after too many refusals of records that were not refused before (`is_new`), TransientError
        after too many lost answers."""
        if self.refusals >= MOST_REFUSALS and is_new:
            raise LoadStopped(
                f"{self.target.name} refused {MOST_REFUSALS} different records in a row; the last:"
                f" {why and render(why)} Nothing more is sent by this run."
            )
        if self.lost_answers >= _MOST_LOST_ANSWERS:
            self.lost_answers = 0
            raise TransientError(
                f"{self.target.name} gave no usable answer to {_MOST_LOST_ANSWERS} requests in a row. What they were"
                " about is in doubt and is looked for; the rest was not sent and is tried again.",
                retry_after=_OUTAGE_PAUSE,
            )
