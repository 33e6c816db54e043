"""`undo`: how a run is taken back, and a person's approval of that."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.who import logged_in
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.command_line import command_line
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.undo_plans import StepState, last_done
from scoro_smartaccounts.undo.approving import approve_undo, is_run, show_plan
from scoro_smartaccounts.undo.planning import requests_needed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoro_smartaccounts.cli.place import Place
    from scoro_smartaccounts.staging.undo_plans import Step, UndoPlan


def undo(place: Place, run_key: str, plan_hash: str, by: str) -> CommandResult:
    """Show how a run is taken back, or approve that; not done where there is no such run."""
    company, now = place.company, utc_now()
    with place.engine.begin() as connection:
        if not is_run(connection, company.key, run_key):
            return CommandResult(
                [f"There is no run {run_key}: its key stands in its summary."],
                {"company": company.key, "run": run_key, "hash": None},
                done=False,
            )
        if plan_hash:
            if not (name := by.strip() or logged_in()):
                raise WrongUsage('say who approves: --by "Mari Maasikas"')
            plan = approve_undo(connection, company, run_key, plan_hash, by=name, now=now)
        else:
            plan = show_plan(connection, company, run_key, now)
        done = last_done(connection, company.key, run_key)
    return CommandResult([*_lines(company.key, company.dag_suffix, plan, done)], _shape(company.key, plan, done))


def _lines(company: str, dag_suffix: str, plan: UndoPlan, done: UndoPlan | None) -> Iterator[str]:
    if done is not None:
        yield f"Taken back before (plan {done.plan_hash}, approved by {done.approved_by}):"
        yield from (_line(step) for step in done.steps if step.state is not StepState.LISTED)
        yield ""
    if not plan.steps:
        yield f"Run {plan.run_key} made nothing that is still there: there is nothing to take back."
        return
    books, scoro = requests_needed(plan.steps)
    todo = any(step.state is not StepState.LISTED for step in plan.steps)
    yield f"Plan {plan.plan_hash} of run {plan.run_key}, in this order:"
    yield from map(_line, plan.steps)
    counts = Counter(step.undo_class.value for step in plan.steps)
    yield ", ".join(f"{name}: {counts[name]}" for name in sorted(counts))
    yield (
        "U1 is deleted, U2 after what paid it, U3 needs a credit invoice, U4 a person. Clients, vendors and articles"
        f" stay. Requests: {books} to SmartAccounts, {scoro} to Scoro."
    )
    dag = f"undo_import{dag_suffix}"
    if plan.state == "approved":
        yield f"Approved by {plan.approved_by}. Trigger {dag} in Airflow: it reads everything again, then deletes."
    elif todo:
        approve = command_line(company, "undo", plan.run_key, f"--approve={plan.plan_hash}")
        yield f"Nothing was deleted. To have it deleted as it stands here: {approve}; then trigger {dag} in Airflow."


def _line(step: Step) -> str:
    words = render(step.why)
    state = "" if step.state in (StepState.LISTED, StepState.PLANNED) else f", {step.state.value}"
    return f"{step.position + 1:4}. {step.undo_class.value}{state}: {words[:1].upper()}{words[1:]}."


def _shape(company: str, plan: UndoPlan, done: UndoPlan | None) -> dict[str, Any]:
    books, scoro = requests_needed(plan.steps)
    return {
        "company": company,
        "run": plan.run_key,
        "hash": plan.plan_hash,
        "state": plan.state,
        "approved_by": plan.approved_by or None,
        "requests_smartaccounts": books,
        "requests_scoro": scoro,
        "steps": [_step(step) for step in plan.steps],
        "done_before": None if done is None else [_step(step) for step in done.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "position": step.position + 1,
        "class": step.undo_class.value,
        "kind": step.kind.value,
        "flow": step.flow.value,
        "id": step.source_id,
        "remote_id": step.remote_id,
        "after": [each + 1 for each in step.after],
        "state": step.state.value,
        "sentence": {"en": render(step.why), "et": render(step.why, "et")},
    }
