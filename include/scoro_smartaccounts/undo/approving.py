"""The plan that a person is shown, and approves by its hash. Nothing but staging is asked, and nothing else written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.staging.runs import entry
from scoro_smartaccounts.staging.undo_plans import StepState, UndoPlan, approve_plan, open_plan, store_plan
from scoro_smartaccounts.undo.planning import plan_undo

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company


def is_run(connection: Connection, company: str, run_key: str) -> bool:
    """Whether there is such a run; one of `approve_plans` has a row for each of its flows."""
    return any(entry(connection, company, key) for key in (run_key, *(f"{run_key}/{flow.value}" for flow in Flow)))


def show_plan(connection: Connection, company: Company, run_key: str, now: datetime) -> UndoPlan:
    """Return how a run is taken back as things stand; one that is approved already stays as it is."""
    known = open_plan(connection, company.key, run_key)
    if known is not None and known.state == "approved":
        return known
    return store_plan(connection, company.key, run_key, plan_undo(connection, company, run_key, now), now)


def approve_undo(
    connection: Connection, company: Company, run_key: str, plan_hash: str, *, by: str, now: datetime
) -> UndoPlan:
    """Approve the plan of this hash. Raises WrongUsage where another plan was shown, or where it would be another one
    by now: then nothing is approved."""
    shown = open_plan(connection, company.key, run_key)
    plan = show_plan(connection, company, run_key, now)
    if shown is None or shown.plan_hash != plan_hash or plan.plan_hash != plan_hash:
        raise WrongUsage(
            f"the plan of run {run_key} is not {plan_hash} (any more), it is {plan.plan_hash}: nothing was approved."
            " Look at it again with undo, and approve that one"
        )
    if not any(step.state is not StepState.LISTED for step in plan.steps):
        raise WrongUsage(f"nothing of run {run_key} can be deleted: there is nothing to approve")
    approve_plan(connection, company.key, plan.id, by=by, at=now)
    approved = open_plan(connection, company.key, run_key)
    assert approved is not None
    return approved
