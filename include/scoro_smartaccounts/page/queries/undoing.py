"""How runs are taken back: the plans that people were shown or approved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.staging.undo_plans import StepState, undo_plan_of, undo_plans
from scoro_smartaccounts.undo.planning import requests_needed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.undo_plans import UndoPlan

# So many plans are listed.
MOST_PLANS = 20


@dataclass(frozen=True, slots=True)
class ShownUndo:
    """A plan with its numbers: steps by class, and by what became of them."""

    plan: UndoPlan
    classes: Mapping[str, int]
    states: Mapping[StepState, int]

    @property
    def deletes(self) -> int:
        """How many records it deletes, or has deleted."""
        return sum(count for state, count in self.states.items() if state is not StepState.LISTED)

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to be done."""
        return self.plan.state != "done" and bool(self.deletes)

    @property
    def requests(self) -> tuple[int, int]:
        """Requests to SmartAccounts and to Scoro."""
        return requests_needed(self.plan.steps)


def undo_of(connection: Connection, company: str) -> Sequence[ShownUndo]:
    """Return the newest plans, the newest first."""
    return [_shown(each) for each in undo_plans(connection, company, most=MOST_PLANS)]


def one_undo(connection: Connection, company: str, plan_id: int) -> ShownUndo | None:
    """Return a plan; None where there is none."""
    plan = undo_plan_of(connection, company, plan_id)
    return None if plan is None else _shown(plan)


def _shown(plan: UndoPlan) -> ShownUndo:
    classes = Counter(step.undo_class.value for step in plan.steps)
    return ShownUndo(plan, dict(sorted(classes.items())), Counter(step.state for step in plan.steps))
