"""The parameters of the import DAGs, and the run that they and Airflow's interval amount to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from airflow.sdk import Param, get_current_context

from scoro_smartaccounts.company import Company, Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import ConfigurationError
from scoro_smartaccounts.run import RunKind, RunRequest, tallinn_day

KINDS = {"scheduled": RunKind.SCHEDULED, "backfill": RunKind.BACKFILL}


def import_params() -> dict[str, Param]:
    """Parameters of a run by hand; all may stay empty."""
    return {
        "date_from": Param(
            None,
            type=["null", "string"],
            format="date",
            title="First day",
            description="First Tallinn day whose documents are imported. Both empty: yesterday. "
            "Leave both empty in a backfill.",
        ),
        "date_to": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Last day",
            description="Last Tallinn day, itself included.",
        ),
        "mode": Param(
            None,
            type=["null", "string"],
            enum=[None, *(mode.value for mode in Mode)],
            values_display={"null": "as the company file says"},
            title="Mode",
            description="import: write to SmartAccounts. preview: write nothing, show what would be written. "
            "Otherwise: as the company file says.",
        ),
    }


def current_request(company: Company, flow: Flow) -> RunRequest:
    """What the running task's DAG run is to do. Raises ConfigurationError for a range that is none."""
    context: Mapping[str, Any] = get_current_context()
    run = context["dag_run"]
    kind = KINDS.get(str(run.run_type.value), RunKind.MANUAL)
    params = context["params"]
    named = days_of(params.get("date_from"), params.get("date_to"))
    first, last = named or _interval(run)
    default = company.mode.manual if kind is RunKind.MANUAL else company.mode.scheduled
    return RunRequest(
        company=company,
        flow=flow,
        run_key=f"{run.dag_id}/{run.run_id}",
        kind=kind,
        mode=Mode(params.get("mode") or default),
        date_from=first,
        date_to=last,
        is_range=named is not None,
    )


def days_of(first: str | None, last: str | None) -> tuple[date, date] | None:
    """The range that the parameters name; None when both are empty. Raises ConfigurationError otherwise."""
    if not first and not last:
        return None
    if not first or not last:
        raise ConfigurationError("give both date_from and date_to, or neither")
    day_from, day_to = _day("date_from", first), _day("date_to", last)
    if day_from > day_to:
        raise ConfigurationError(f"date_from {day_from} is after date_to {day_to}")
    return day_from, day_to


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a day like 2026-01-31") from None


def _interval(run: Any) -> tuple[date, date]:
    """The days of the run's data interval; a run without one means the day before it was due."""
    if run.data_interval_start is None or run.data_interval_end is None:
        yesterday = tallinn_day(run.run_after) - timedelta(days=1)
        return yesterday, yesterday
    last_moment = run.data_interval_end - timedelta(microseconds=1)
    return tallinn_day(run.data_interval_start), tallinn_day(last_moment)
