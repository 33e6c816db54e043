"""Whether anybody still watches this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import SupervisorLost

if TYPE_CHECKING:
    from collections.abc import Callable


def parent_check(parent: Callable[[], int] = os.getppid) -> Callable[[], None]:
    """Return a check that raises SupervisorLost once this process has another parent than now.

    Airflow's supervisor is the parent of a task's process: it carries its log and its heartbeat. When it dies, the task
    goes on unheard, and Airflow starts it anew.
    """
    first = parent()

    def check() -> None:
        if parent() != first:
            raise SupervisorLost(
                "The process that watches this task is gone: nobody would read what it does. It stops here, nothing was"
                " sent; Airflow tries the task again"
            )

    return check
