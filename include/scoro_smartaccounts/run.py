"""What a run is, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from scoro_smartaccounts.budget import Budget, Priority
from scoro_smartaccounts.clock import TALLINN, Clock, tallinn_day, utc_now
from scoro_smartaccounts.company import Company, Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient

Counts = dict[str, int]

__all__ = ["TALLINN", "Clock", "Counts", "RunKind", "RunRequest", "Services", "priority_of", "tallinn_day", "utc_now"]


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


@dataclass(frozen=True, slots=True)
class Services:
    """What a run talks to. `clock` gives aware UTC moments; `output_folder` takes reports."""

    engine: Engine
    budget: Budget
    scoro: ScoroClient
    smartaccounts: SmartAccountsClient
    clock: Clock
    output_folder: Path


def priority_of(request: RunRequest) -> Priority:
    """How urgent the requests of a run are."""
    if request.flow is Flow.EXPORT_PAYMENTS:
        return Priority.EXPORT
    return Priority.BACKFILL if request.kind is RunKind.BACKFILL else Priority.DAILY
