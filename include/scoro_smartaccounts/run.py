"""What a run is, and what it works with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, Literal, Protocol, Self

from sqlalchemy import Engine

from scoro_smartaccounts.budget import Budget, Priority
from scoro_smartaccounts.clock import TALLINN, Clock, tallinn_day, utc_now
from scoro_smartaccounts.company import Company, Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import ConfigurationError
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient

Counts = dict[str, int]

__all__ = [
    "TALLINN",
    "Clock",
    "Counts",
    "Folder",
    "ReconcileRequest",
    "RunKind",
    "RunRequest",
    "Services",
    "priority_of",
    "refuse_stronger",
    "tallinn_day",
    "utc_now",
]


class RunKind(StrEnum):
    """Why a run exists; it decides which documents are the run's business and how urgent its requests are."""

    SCHEDULED = "scheduled"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run of one flow of one company over Tallinn days, both ends included.

    `run_key` names it everywhere: the DAG's id, a slash, Airflow's run id. `is_range`: a person named the days;
    otherwise they are those of the run's interval. `approved_only`: nothing is sent but what the accountant approved,
    to the byte.
    """

    company: Company
    flow: Flow
    run_key: str
    kind: RunKind
    mode: Mode
    date_from: date
    date_to: date
    is_range: bool = False
    approved_only: bool = False


class Folder(Protocol):
    """A folder or file for people, on this machine (`pathlib.Path`) or in another store (Airflow's
    `ObjectStoragePath`)."""

    def __truediv__(self, name: str, /) -> Self:
        """What lies in it under a name."""

    def mkdir(self, *, parents: bool, exist_ok: bool) -> None:
        """Make the folder."""

    def open(self, mode: Literal["rb", "wb"], /) -> AbstractContextManager[IO[bytes]]:
        """Read or write the file."""


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """One run of `reconcile_ids` of one company: about its registers, whole. `days`: whose documents are held against
    the company file; None: all since the first import date."""

    company: Company
    run_key: str
    days: tuple[date, date] | None = None


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


def priority_of(request: RunRequest | ReconcileRequest) -> Priority:
    """How urgent the requests of a run are."""
    if isinstance(request, ReconcileRequest):
        return Priority.DAILY
    if request.flow is Flow.EXPORT_PAYMENTS:
        return Priority.EXPORT
    return Priority.BACKFILL if request.kind is RunKind.BACKFILL else Priority.DAILY


def refuse_stronger(request: RunRequest, strongest: Mode | None) -> None:
    """Raise ConfigurationError where a person asks for a stronger mode than the company file lets a run by hand have.

    It is not about what the schedule starts in its own mode, what was approved before, and payments to Scoro: they have
    a switch that no run can overrule.
    """
    company = request.company
    if strongest is None or request.approved_only or request.flow is Flow.EXPORT_PAYMENTS:
        return
    if request.kind is RunKind.SCHEDULED and request.mode is company.mode.scheduled:
        return
    if request.mode.strength > strongest.strength:
        raise ConfigurationError(
            f"a run by hand of company {company.key} may be of mode {strongest} at most, and this one is to be of mode"
            f" {request.mode}: nothing was done. Ask for mode {strongest}; or whoever keeps the company file changes"
            f" mode.strongest in {company.key}.yaml (where it is missing, the stronger of mode.scheduled and"
            " mode.manual counts)"
        )
