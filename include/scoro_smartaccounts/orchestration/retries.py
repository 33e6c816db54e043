"""How a task fails, retries or waits: the pipeline's errors in Airflow's terms. How often and how far apart
stands in `orchestration.steps.TASK_DEFAULTS`."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Never, ParamSpec, TypeVar

from airflow.sdk import Context, RetryDecision, RetryPolicy, get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException
from sqlalchemy.exc import InvalidRequestError

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.border.redaction import forgets_its_arguments
from scoro_smartaccounts.common import progress
from scoro_smartaccounts.common.clock import tallinn_text, utc_now
from scoro_smartaccounts.common.errors import (
    ConfigurationError,
    DatabaseAway,
    DocumentProblem,
    LoadStopped,
    PutOff,
    RequestRefused,
    TransientError,
)

log = logging.getLogger(__name__)

# How often a service that is away, or a lock that is kept, is tried again, and how long in all.
_LOOKS_EVERY = timedelta(minutes=12)
_LONGEST_WAIT = timedelta(hours=24)
# A task that comes back sooner may be queued again before the scheduler hears that it had ended: Airflow then takes it
# for one that was killed, and a try is lost.
_SHORTEST_WAIT = timedelta(seconds=30)
# Under this name Airflow keeps how many seconds of that a task has waited.
_WAITED = "waited_seconds"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class RetryByMeaning(RetryPolicy):
    """Retries what may pass by itself, after the wait that the service asked for; nothing else. Steps that wait without
    failing come here only with what is left."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Return the decision for one failed try."""
        match exception:
            case ConfigurationError():
                return RetryDecision.fail("An administrator must change something; see the error above")
            case RequestRefused() | DocumentProblem():
                return RetryDecision.fail("The request was refused; repeating it unchanged is useless")
            case LoadStopped():
                return RetryDecision.fail("Going on would do harm; see the error above")
            case TransientError() if exception.retry_after is not None:
                wait = min(timedelta(seconds=exception.retry_after), _LONGEST_WAIT)
                return RetryDecision.retry(wait, "The service asked for this wait")
            case _:
                return RetryDecision.default()


def waits_without_failing(
    task: Callable[Arguments, Result], longest: timedelta = _LONGEST_WAIT
) -> Callable[Arguments, Result]:
    """Let a task function give its worker back while it is put off (the request budget is spent, something is still in
    doubt), a service or the staging database is away or another process keeps a lock, and run again afterwards.

    Airflow calls the task again at the moment that it is put off to, or some minutes later; the waits cost no retry.
    Those for a service or lock add up to `longest` at most: then the task fails. One that makes no progress is
    ended by NoProgress, which costs a try. The function must be safe to repeat from its start. What it raises otherwise
    shows no text of PostgreSQL's or of a library (`border`).
    """

    @forgets_its_arguments
    def progressing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with progress.bounded():
            return task(*args, **kwargs)

    @guarded(AirflowException)
    @functools.wraps(task)
    def patient(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return progressing(*args, **kwargs)
        except Exception as problem:
            if (pause := pause_in(problem)) is None:
                raise
            put_off(pause, longest)

    return patient


def pause_in(problem: BaseException) -> PutOff | TransientError | None:
    """Return what a task is to be put off for; None where an error is none that passes."""
    if isinstance(problem, PutOff | TransientError):
        return problem
    # A connection that broke off is used once more on the way out.
    return _away(problem) if isinstance(problem, InvalidRequestError) else None


def put_off(pause: PutOff | TransientError, longest: timedelta = _LONGEST_WAIT) -> Never:
    """Have Airflow start the running task again later, without a worker and without a try. Raises AirflowFailException
    where it has waited too long."""
    wanted = pause.until if isinstance(pause, PutOff) else utc_now() + _next_wait(pause, longest)
    now = utc_now()
    # Whatever a clock or a service says: nobody waits for years.
    until = min(max(wanted, now + _SHORTEST_WAIT), now + _LONGEST_WAIT)
    what = str(pause).rstrip(".")
    log.info("%s. Waiting until %s, without a worker", what, tallinn_text(until))
    raise AirflowRescheduleException(until) from None  # type: ignore[no-untyped-call]


def _away(problem: BaseException) -> DatabaseAway | None:
    """Return the outage of the staging database that another error came after."""
    before: BaseException | None = problem
    while before is not None and not isinstance(before, DatabaseAway):
        before = before.__cause__ or before.__context__
    return before


def _next_wait(trouble: TransientError, longest: timedelta) -> timedelta:
    """How long to wait before the next look, on the account of the running task."""
    context: Mapping[str, Any] = get_current_context()
    account = context["task_state_store"]
    waited = timedelta(seconds=account.get(_WAITED, 0))
    if waited >= longest:
        # Whoever clears the task gives it the whole time again.
        account.delete(_WAITED)
        hours, heard = longest.total_seconds() / 3600, str(trouble).rstrip(".")
        raise AirflowFailException(
            f"Waited {hours:.0f} hours in vain. The last that was heard: {heard}. When that is mended, clear the task"
        ) from None
    wait = min(max(_LOOKS_EVERY, timedelta(seconds=trouble.retry_after or 0)), longest)
    account.set(_WAITED, (waited + wait).total_seconds())
    return wait
