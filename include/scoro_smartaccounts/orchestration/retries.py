"""How a task fails, retries or waits: the pipeline's errors in Airflow's terms."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from airflow.sdk import Context, RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowRescheduleException

from scoro_smartaccounts.errors import (
    ConfigurationError,
    DocumentProblem,
    LoadStopped,
    PutOff,
    RequestRefused,
    TransientError,
)

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class RetryByMeaning(RetryPolicy):
    """Retries what may pass by itself, after the wait that the service asked for; nothing else."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """The decision for one failed try."""
        match exception:
            case ConfigurationError():
                return RetryDecision.fail("An administrator must change something; see the error above")
            case RequestRefused() | DocumentProblem():
                return RetryDecision.fail("The request was refused; repeating it unchanged is useless")
            case LoadStopped():
                return RetryDecision.fail("Going on would do harm; see the error above")
            case TransientError() if exception.retry_after is not None:
                return RetryDecision.retry(timedelta(seconds=exception.retry_after), "The service asked for this wait")
            case _:
                return RetryDecision.default()


def waits_for_budget(task: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a task function give its worker back while it is put off (the request budget is spent, something is still in
    doubt), and run again afterwards.

    Airflow calls the task again at the moment that it is put off to; the waits cost no retry. The function must
    be safe to repeat from its start.
    """

    @functools.wraps(task)
    def patient(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return task(*args, **kwargs)
        except PutOff as pause:
            log.info("%s Waiting until %s, without a worker", pause, pause.until.isoformat(timespec="seconds"))
            raise AirflowRescheduleException(pause.until) from None  # type: ignore[no-untyped-call]

    return patient
