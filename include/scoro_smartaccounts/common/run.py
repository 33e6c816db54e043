"""What a run is: of which flow and company, over which days, why and how strong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Literal, Protocol, Self

from scoro_smartaccounts.common.errors import ConfigurationError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date

    from scoro_smartaccounts.common.company import Company, Mode
    from scoro_smartaccounts.common.documents import Flow

Counts = dict[str, int]


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
        """Return what lies in it under a name."""

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


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """One run of the audit of one company: of which `night`, a Tallinn day, whatever the clock says by now."""

    company: Company
    run_key: str
    night: date


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """One run that takes back what was approved of a company's undo plans."""

    company: Company
    run_key: str


def refuse_stronger(request: RunRequest, strongest: Mode | None) -> None:
    """Raise ConfigurationError where a person asks for a stronger mode than the company file lets a run by hand have.

    It is not about what the schedule starts in its own mode, what was approved before, and payments to Scoro: they have
    a switch that no run can overrule.
    """
    company = request.company
    if strongest is None or request.approved_only or request.flow.is_export:
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
