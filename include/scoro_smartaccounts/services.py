"""What a run works with: the staging database, both services, the budget of requests, the clock and the folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import AuditRequest, Folder, ReconcileRequest, RunKind, RunRequest, UndoRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from scoro_smartaccounts.budget import Budget, Priority
    from scoro_smartaccounts.common.clock import Clock
    from scoro_smartaccounts.scoro.client import ScoroClient
    from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient


def _unwatched() -> None:
    """Nobody watches a process that is none of Airflow's."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a run talks to. `clock` gives aware UTC moments; `output_folder` takes what people read.

    `pages_folder` takes pages that need a folder on this machine; None: the output folder is one. `check_watched` is
    called before every record that is sent, and raises SupervisorLost where nobody watches this process any more.
    """

    engine: Engine
    budget: Budget
    scoro: ScoroClient
    smartaccounts: SmartAccountsClient
    clock: Clock
    output_folder: Folder
    pages_folder: Path | None = None
    check_watched: Callable[[], None] = _unwatched

    @property
    def local_folder(self) -> Path:
        """Where pages go. Raises ConfigurationError where no folder of this machine is named."""
        folder = self.pages_folder or self.output_folder
        if not isinstance(folder, Path):
            raise ConfigurationError("the output folder is in another store, and no folder of this machine is named")
        return folder


def priority_of(request: RunRequest | ReconcileRequest | AuditRequest | UndoRequest) -> Priority:
    """How urgent the requests of a run are."""
    from scoro_smartaccounts.budget import Priority

    if isinstance(request, AuditRequest):
        return Priority.AUDIT
    if isinstance(request, ReconcileRequest | UndoRequest):
        return Priority.DAILY
    if request.flow.is_export:
        return Priority.EXPORT
    return Priority.BACKFILL if request.kind is RunKind.BACKFILL else Priority.DAILY
