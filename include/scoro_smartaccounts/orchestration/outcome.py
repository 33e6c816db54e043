"""The end of a run: whether its steps finished, and its numbers for whoever listens."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset, AssetAlias, get_current_context
from airflow.sdk.exceptions import AirflowFailException

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow

log = logging.getLogger(__name__)

_TRY = "try"


def books_asset(company: Company, flow: Flow) -> Asset:
    """Return the asset that a finished run updates: this flow's documents in the target's books."""
    return Asset(name=f"smartaccounts_{flow.value}{company.dag_suffix}", group="smartaccounts")


def scoro_asset(company: Company) -> Asset:
    """Return the asset that a finished export updates: the receipts of Scoro."""
    return Asset(name=f"scoro_receipts{company.dag_suffix}", group="scoro")


def note_try() -> None:
    """Keep which try of the running task this is, for the summary: a process that is killed tells nothing any more."""
    ti = get_current_context()["ti"]
    ti.xcom_push(key=_TRY, value=ti.try_number)


def did_not_finish(unfinished: Mapping[str, str]) -> AirflowFailException:
    """Return the end of a run with unfinished steps."""
    steps = ", ".join(f"{step} ({state})" for step, state in unfinished.items())
    return AirflowFailException(
        f"This run did not finish: {steps}. The log of the first of them says why; where it ends without an error, its"
        " process was killed, for want of memory or with its machine: clear it."
    )


def unfinished_steps() -> dict[str, str]:
    """Tasks before the running one that ended other than well → their state (`not started` for none), of failed ones
    with the number of the last try."""
    context: Mapping[str, Any] = get_current_context()
    ti, run = context["ti"], context["dag_run"]
    states = ti.get_task_states(dag_id=run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
    others = sorted(context["task"].get_flat_relative_ids(upstream=True), key=context["dag"].task_ids.index)
    found = {
        task_id: str(states.get(task_id) or "not started") for task_id in others if states.get(task_id) != "success"
    }
    for task_id, state in found.items():
        if state == "failed" and (number := ti.xcom_pull(task_ids=task_id, key=_TRY)):
            found[task_id] = f"{state} in try {number}"
        log.warning("%s did not finish: %s", task_id, found[task_id])
    return found


def publish(summary: dict[str, Any], asset: Asset, unfinished: dict[str, str]) -> dict[str, Any]:
    """Hand the run's numbers to Airflow: as the task's return value and as the asset event's extra.

    A run with unfinished steps keeps its numbers but fails, and updates no asset.
    """
    from scoro_smartaccounts.report.summary import render_summary

    context: Mapping[str, Any] = get_current_context()
    for line in render_summary(summary).splitlines():
        log.info("%s", line)
    if unfinished:
        context["ti"].xcom_push(key="return_value", value=summary)
        raise did_not_finish(unfinished)
    context["outlet_events"][asset].extra = summary
    return summary


def plans_asset(company: Company, flow: Flow) -> Asset:
    """Return the asset that a run in mode `approve` updates: plans that wait for the accountant."""
    return Asset(name=f"plans_{flow.value}{company.dag_suffix}", group="approval")


def plans_alias(company: Company, flow: Flow) -> AssetAlias:
    """Return what stands for that asset in the tasks of all runs: only some of them update it."""
    return AssetAlias(name=f"plans_{flow.value}_if_any{company.dag_suffix}", group="approval")


def books_alias(company: Company, flow: Flow) -> AssetAlias:
    """Return what stands for the flow's books in `approve_plans`, which updates them only where it booked something."""
    return AssetAlias(name=f"approved_{flow.value}{company.dag_suffix}", group="approval")
