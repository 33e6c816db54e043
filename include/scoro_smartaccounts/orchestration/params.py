"""The parameters of the DAGs, and the run that they and Airflow's interval amount to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.sdk import DAG, Param, get_current_context

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import RunKind, RunRequest, refuse_stronger

# Where the API server's own pages of this package begin.
PREFIX = "/scoro-smartaccounts"
KINDS = {"scheduled": RunKind.SCHEDULED, "backfill": RunKind.BACKFILL}


def give(dag: DAG, params: Mapping[str, Param]) -> None:
    """Give a DAG that has its tasks the parameters of its form.

    Airflow would copy what it has earlier to each task, and look through each copy at every reading. A task that runs
    is given those of its DAG anyway.
    """
    dag.params.update(params)


def import_params(company: Company, flow: Flow) -> dict[str, Param]:
    """Parameters of an import by hand; all may stay empty."""
    strongest = company.mode.by_hand
    return _params(
        first="First Tallinn day whose documents are imported. Both empty: the first days that are not imported yet, at"
        f" most to yesterday. Leave both empty in a backfill.\n\n{picture_of(company, flow)}",
        last="Last Tallinn day, itself included.",
        mode="import: write to SmartAccounts. approve: plan, and ask the accountant (approve_plans). preview: write"
        f" nothing, show what would be written. Otherwise: as the company file says. More than {strongest} is refused:"
        f" mode.strongest in {company.key}.yaml.",
        modes={each: each if each.strength <= strongest.strength else f"{each} (refused)" for each in Mode},
        empty_mode="as the company file says",
    )


def picture_of(company: Company, flow: Flow) -> str:
    """Return the next days to import, as the API server draws them (`orchestration.proposal_picture`); which they are
    tells `staging.days_to_import`."""
    picture = page_address(f"/proposals/{quote(flow.dag_id + company.dag_suffix)}/picture.svg")
    return f"![next days to import]({picture})"


def page_address(path: str) -> str:
    """Return where a page of this package stands, on the server that Airflow's pages come from."""
    root = urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")
    return f"{root}{PREFIX}{path}"


def export_params() -> dict[str, Param]:
    """Parameters of an export by hand; all may stay empty."""
    return _params(
        first="First Tallinn day, by the date of the payment, whose payments go to Scoro where they are missing. "
        "Both empty: what was added since the last export.",
        last="Last Tallinn day, itself included.",
        mode="import: write to Scoro. preview: write nothing, show what would be written. "
        "Nothing is done while export_payments is off in the company file.",
        modes={Mode.IMPORT: "import", Mode.PREVIEW: "preview"},
        empty_mode="as the switch in the company file says",
    )


def _params(*, first: str, last: str, mode: str, modes: Mapping[Mode, str], empty_mode: str) -> dict[str, Param]:
    return {
        "date_from": Param(None, type=["null", "string"], format="date", title="First day", description_md=first),
        "date_to": Param(None, type=["null", "string"], format="date", title="Last day", description_md=last),
        "mode": Param(
            None,
            type=["null", "string"],
            enum=[None, *(each.value for each in modes)],
            values_display={"null": empty_mode, **{each.value: title for each, title in modes.items()}},
            title="Mode",
            description=mode,
        ),
    }


def current_request(company: Company, flow: Flow) -> RunRequest:
    """Return what the running task's DAG run is to do; where a run by hand names no days, those of yesterday stand for
    the proposal. Raises ConfigurationError for a range that is none, and for a mode that is too strong."""
    context: Mapping[str, Any] = get_current_context()
    run = context["dag_run"]
    kind = KINDS.get(str(run.run_type.value), RunKind.MANUAL)
    params = context["params"]
    named = days_of(params.get("date_from"), params.get("date_to"))
    first, last = named or _interval(run, flow)
    request = RunRequest(
        company=company,
        flow=flow,
        run_key=f"{run.dag_id}/{run.run_id}",
        kind=kind,
        mode=Mode(params.get("mode") or _default_mode(company, flow, kind)),
        date_from=first,
        date_to=last,
        is_range=named is not None,
    )
    refuse_stronger(request, company.mode.by_hand)
    return request


def days_of(first: str | None, last: str | None) -> tuple[date, date] | None:
    """Return the range that the parameters name; None when both are empty. Raises ConfigurationError otherwise."""
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


def _default_mode(company: Company, flow: Flow, kind: RunKind) -> Mode:
    """Return the mode of a run that names none. The export has a switch of its own: once it is on, runs write."""
    if flow.is_export:
        return Mode.IMPORT
    return company.mode.manual if kind is RunKind.MANUAL else company.mode.scheduled


def _interval(run: Any, flow: Flow) -> tuple[date, date]:
    """Return the days of the run's data interval; a run without one means the hour or day before it was due."""
    if run.data_interval_start is not None and run.data_interval_end is not None:
        return tallinn_day(run.data_interval_start), tallinn_day(run.data_interval_end - timedelta(microseconds=1))
    if flow.is_export:
        return tallinn_day(run.run_after - timedelta(hours=1)), tallinn_day(run.run_after)
    yesterday = tallinn_day(run.run_after) - timedelta(days=1)
    return yesterday, yesterday
