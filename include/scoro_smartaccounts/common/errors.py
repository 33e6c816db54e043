"""What went wrong, named by what the caller should do about it.

Messages carry the system, the operation, the document number and the remote status, of a response's body at most the
reason that it gives in words; never a request's body, never a secret, never a private person's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Reason, field_of, render, system_of
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, visible

if TYPE_CHECKING:
    from datetime import datetime


class PipelineError(Exception):
    """Base of all errors that the pipeline raises on purpose. Their text is one line, whatever number, name or answer
    stands in it, unless the kind says otherwise."""

    def __init__(self, message: str = "") -> None:
        super().__init__(self.shown(message))

    def shown(self, message: str) -> str:
        """Return the text as it may reach a log or terminal."""
        return visible(message, LONGEST_SENTENCE)


class ConfigurationError(PipelineError):
    """An administrator must change something: a company file, a connection, a key. Never retried."""


class WrongUsage(PipelineError):
    """Whoever asked must ask in another way; nothing was done."""


class TransientError(PipelineError):
    """Trying again later is right. `retry_after` is the wait in seconds that the service asked for."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnreadableAnswer(TransientError):
    """The service answered, but not in its own language: HTML, truncated JSON, an envelope without data."""


class ServiceFailed(TransientError):
    """The service failed (5xx and the like): what it did with the request before is not known."""


class LockHeld(TransientError):
    """Another process keeps what this one needs; waiting longer would only hold a worker."""


class DatabaseAway(TransientError):
    """The staging database cannot be reached, broke off, or has no room now: what was not committed did not happen."""


class LimitReached(TransientError):
    """The service refused a request because of its rate limit; the request was not carried out."""


class BillingStopped(ConfigurationError):
    """A service refuses all requests because its own bill is unpaid; the request was not carried out."""


class RequestRefused(PipelineError):
    """The service understood the request and refused it; repeating it unchanged is useless.

    `reasons` are the service's own (key, message) pairs with secrets removed.
    """

    def __init__(self, message: str, *, status: int, reasons: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.reasons = reasons


class OutcomeUnknown(PipelineError):
    """A write was sent and no trustworthy answer came back: it may or may not have been applied."""


class PutOff(PipelineError):
    """Nothing failed, and there is nothing to do before `until` (UTC). The run waits and goes on by itself."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class BudgetExhausted(PutOff):
    """No request may be sent before `until`."""


class StillInDoubt(PutOff):
    """What became of requests without an answer cannot be told before `until`."""


class LoadStopped(PipelineError):
    """Going on would do harm: the same refusal again and again, or books far off the plan. Never retried."""


class SupervisorLost(PipelineError):
    """Nobody watches this process any more: its log is lost, and another one may do its work. Nothing was sent."""


class NoProgress(PipelineError):
    """Nothing that the task does has come to an end for a long time: it hangs. It may be started again."""


class UnexpectedError(PipelineError):
    """Something that no step knows went wrong, in a library or in the pipeline itself: told by its kind and place, made
    by `border`. Tried again as any error is."""


class DocumentProblem(PipelineError):
    """One document cannot go on; the others can. Ends in quarantine, for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(render(reason))
        self.reason = reason

    @property
    def code(self) -> str:
        """The reason's code."""
        return self.reason.code

    @property
    def message(self) -> str:
        """The reason's sentence, in English."""
        return str(self)

    @property
    def field(self) -> str:
        """The field to mend."""
        return field_of(self.reason)

    @property
    def system(self) -> str:
        """Where to mend it."""
        return system_of(self.reason)
