"""A run that a person takes back: the plan, its approval, and what the DAG does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.common.run import UndoRequest
from scoro_smartaccounts.staging.quarantine import release
from scoro_smartaccounts.staging.undo_plans import StepState, UndoPlan, last_done
from scoro_smartaccounts.undo.approving import approve_undo, show_plan
from scoro_smartaccounts.undo.doing import undo_approved
from tests.integration.world import World


@dataclass
class Undoing:
    world: World
    _runs: int = field(default=0)

    def plan(self, run_key: str) -> UndoPlan:
        with self.world.engine.begin() as connection:
            return show_plan(connection, self.world.company, run_key, self.world.clock.now())

    def approve(self, run_key: str, plan_hash: str) -> UndoPlan:
        with self.world.engine.begin() as connection:
            now = self.world.clock.now()
            return approve_undo(connection, self.world.company, run_key, plan_hash, by="Mari", now=now)

    def request(self) -> UndoRequest:
        self._runs += 1
        return UndoRequest(self.world.company, f"undo_import/manual-{self._runs}")

    def do(self) -> Mapping[str, int]:
        request = self.request()
        return undo_approved(request, self.world.services(request))

    def whole(self, run_key: str) -> Mapping[str, int]:
        """Shown, approved and done."""
        self.approve(run_key, self.plan(run_key).plan_hash)
        return self.do()

    def retry(self, source_id: int | str, flow: Flow = Flow.SALES_INVOICES) -> None:
        """A person lets the next run bring it back."""
        with self.world.engine.begin() as connection:
            assert release(connection, self.world.company.key, [f"id:{source_id}"], "", flow)

    def outcomes(self, run_key: str) -> dict[str, tuple[str, str]]:
        """State and sentence of the steps that were done last, by SmartAccounts' id."""
        with self.world.engine.connect() as connection:
            done = last_done(connection, self.world.company.key, run_key)
        assert done is not None
        return {
            step.remote_id: (step.state.value, render(step.why))
            for step in done.steps
            if step.state is not StepState.LISTED
        }


def classes(plan: UndoPlan) -> dict[str, str]:
    """The class of each record by its id in the plan."""
    return {step.remote_id: step.undo_class.value for step in plan.steps}


def said(plan: UndoPlan) -> str:
    return "\n".join(f"{step.undo_class} {render(step.why)}\n{render(step.why, 'et')}" for step in plan.steps)


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}
