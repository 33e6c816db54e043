"""How runs are taken back: plans that a person approves by their hash, and what became of each of their steps. The
keeper of both tables."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Phrase
from scoro_smartaccounts.common.stored import items
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import undo_plan, undo_step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class UndoClass(StrEnum):
    """How a record can be taken back: deleted; deleted after what the pipeline paid it with; by a credit invoice only;
    by a person only."""

    DELETE = "U1"
    DELETE_PAID = "U2"
    CREDIT = "U3"
    PERSON = "U4"


class StepState(StrEnum):
    """What became of a step. LISTED: nothing is done about it but by a person; SENT: its answer is not known."""

    LISTED = "listed"
    PLANNED = "planned"
    SENT = "sent"
    UNDONE = "undone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """A record of a run that is taken back. `source_id` is that of its document in its flow; `after`: positions of the
    steps that must be done before; `fingerprint`: of what it was booked with."""

    position: int
    kind: Kind
    flow: Flow
    source_id: str
    remote_id: str
    undo_class: UndoClass
    why: Phrase
    fingerprint: str = ""
    after: tuple[int, ...] = ()
    state: StepState = StepState.LISTED

    @property
    def named(self) -> Phrase:
        """The record as sentences name it."""
        document = self.why.values["document"]
        assert isinstance(document, Phrase)
        return document


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """A plan as it stands in staging. `state`: shown, approved or done."""

    id: int
    run_key: str
    plan_hash: str
    state: str
    approved_by: str
    steps: Sequence[Step]
    planned_at: datetime | None = None
    approved_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UndoneStep:
    """A step about a document, with its plan without the others. `settled_at`: when it was told what became of it."""

    step: Step
    plan: UndoPlan
    settled_at: datetime | None


def hash_of(steps: Sequence[Step]) -> str:
    """Return by what a plan is approved: twelve letters that stand for everything that it says."""
    told = [
        [
            step.position,
            step.kind.value,
            step.flow.value,
            step.source_id,
            step.remote_id,
            step.undo_class.value,
            step.fingerprint,
            list(step.after),
            step.why.to_json(),
        ]
        for step in steps
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def store_plan(connection: Connection, company: str, run_key: str, steps: Sequence[Step], at: datetime) -> UndoPlan:
    """Store a plan in the place of the one that was shown before; one that was approved stays, and is returned."""
    known = open_plan(connection, company, run_key)
    if known is not None and (known.state == "approved" or known.plan_hash == hash_of(steps)):
        return known
    if known is not None:
        connection.execute(delete(undo_step).where(undo_step.c.company == company, undo_step.c.plan_id == known.id))
        connection.execute(delete(undo_plan).where(undo_plan.c.company == company, undo_plan.c.id == known.id))
    plan_id = connection.execute(
        insert(undo_plan)
        .values(company=company, run_key=run_key, plan_hash=hash_of(steps), planned_at=at)
        .returning(undo_plan.c.id)
    ).scalar_one()
    if steps:
        connection.execute(
            insert(undo_step),
            [
                {
                    "company": company,
                    "plan_id": plan_id,
                    "position": step.position,
                    "kind": step.kind.value,
                    "flow": step.flow.value,
                    "source_id": step.source_id,
                    "remote_id": step.remote_id,
                    "fingerprint": step.fingerprint,
                    "undo_class": step.undo_class.value,
                    "after": list(step.after),
                    "state": step.state.value,
                    "why": step.why.to_json(),
                }
                for step in steps
            ],
        )
    found = open_plan(connection, company, run_key)
    assert found is not None
    return found


def approve_plan(connection: Connection, company: str, plan_id: int, *, by: str, at: datetime) -> None:
    """Note that a person approved a plan as it is."""
    connection.execute(
        update(undo_plan)
        .where(undo_plan.c.company == company, undo_plan.c.id == plan_id, undo_plan.c.state == "shown")
        .values(state="approved", approved_by=by, approved_at=at)
    )


def end_plan(connection: Connection, company: str, plan_id: int, *, at: datetime) -> None:
    """Note that nothing of a plan is left to do."""
    connection.execute(
        update(undo_plan)
        .where(undo_plan.c.company == company, undo_plan.c.id == plan_id)
        .values(state="done", done_at=at)
    )


def note_sent(connection: Connection, company: str, plan_id: int, position: int, signed_at: datetime) -> None:
    """Note that a delete request is about to leave."""
    _set(connection, company, plan_id, position, state=StepState.SENT.value, signed_at=signed_at)


def note_unsent(connection: Connection, company: str, plan_id: int, position: int) -> None:
    """Note that a delete request was not applied and never will be."""
    _set(connection, company, plan_id, position, state=StepState.PLANNED.value, signed_at=None)


def settle_step(
    connection: Connection, company: str, plan_id: int, position: int, state: StepState, why: Phrase, at: datetime
) -> None:
    """Note what became of a step."""
    _set(connection, company, plan_id, position, state=state.value, why=why.to_json(), settled_at=at)


def open_plan(connection: Connection, company: str, run_key: str) -> UndoPlan | None:
    """Return the plan of a run that was shown or approved, and is not done."""
    found = _plans(connection, company, undo_plan.c.run_key == run_key, undo_plan.c.state != "done")
    return found[0] if found else None


def last_done(connection: Connection, company: str, run_key: str) -> UndoPlan | None:
    """Return the plan of a run that was done last."""
    newest = select(func.max(undo_plan.c.id)).where(
        undo_plan.c.company == company, undo_plan.c.run_key == run_key, undo_plan.c.state == "done"
    )
    found = _plans(connection, company, undo_plan.c.id == newest.scalar_subquery())
    return found[0] if found else None


def approved_plans(connection: Connection, company: str) -> list[UndoPlan]:
    """Return the plans that are approved and not done, the oldest first."""
    return _plans(connection, company, undo_plan.c.state == "approved")


def _plans(connection: Connection, company: str, *conditions: object) -> list[UndoPlan]:
    rows = connection.execute(
        select(undo_plan).where(undo_plan.c.company == company, *conditions).order_by(undo_plan.c.id)  # type: ignore[arg-type]
    ).all()
    return [_plan(row, _steps(connection, company, row.id)) for row in rows]


def undo_plans(connection: Connection, company: str, *, most: int) -> list[UndoPlan]:
    """Return the newest plans that were shown, approved or done, the newest first."""
    newest = select(undo_plan.c.id).where(undo_plan.c.company == company).order_by(undo_plan.c.id.desc()).limit(most)
    return _plans(connection, company, undo_plan.c.id.in_(newest.scalar_subquery()))[::-1]


def undo_plan_of(connection: Connection, company: str, plan_id: int) -> UndoPlan | None:
    """Return a plan by its number; None where there is none."""
    found = _plans(connection, company, undo_plan.c.id == plan_id)
    return found[0] if found else None


def undo_steps_of(connection: Connection, company: str, flow: Flow, source_id: str) -> list[UndoneStep]:
    """Return the steps of plans that name a document, the oldest first; of plans that nobody approved, none."""
    rows = connection.execute(
        select(undo_step, *(undo_plan.c[name].label(f"plan_{name}") for name in _OF_PLAN))
        .join(undo_plan, (undo_plan.c.company == undo_step.c.company) & (undo_plan.c.id == undo_step.c.plan_id))
        .where(
            undo_step.c.company == company,
            undo_step.c.flow == flow.value,
            undo_step.c.source_id == source_id,
            undo_plan.c.state != "shown",
        )
        .order_by(undo_step.c.plan_id, undo_step.c.position)
    )
    return [
        UndoneStep(
            _step(row),
            UndoPlan(row.plan_id, steps=(), **{each: row._mapping[f"plan_{each}"] for each in _OF_PLAN}),
            row.settled_at,
        )
        for row in rows
    ]


_OF_PLAN = ("run_key", "plan_hash", "state", "approved_by", "planned_at", "approved_at", "done_at")


def _plan(row: Row[Any], steps: Sequence[Step]) -> UndoPlan:
    return UndoPlan(row.id, steps=steps, **{each: row._mapping[each] for each in _OF_PLAN})


def _steps(connection: Connection, company: str, plan_id: int) -> list[Step]:
    rows = connection.execute(
        select(undo_step)
        .where(undo_step.c.company == company, undo_step.c.plan_id == plan_id)
        .order_by(undo_step.c.position)
    )
    return [_step(row) for row in rows]


def _step(row: Row[Any]) -> Step:
    return Step(
        position=row.position,
        kind=Kind(row.kind),
        flow=Flow(row.flow),
        source_id=row.source_id,
        remote_id=row.remote_id,
        undo_class=UndoClass(row.undo_class),
        why=Phrase.from_json(row.why),
        fingerprint=row.fingerprint,
        after=tuple(items(row.after)),
        state=StepState(row.state),
    )


def _set(connection: Connection, company: str, plan_id: int, position: int, **values: object) -> None:
    connection.execute(
        update(undo_step)
        .where(undo_step.c.company == company, undo_step.c.plan_id == plan_id, undo_step.c.position == position)
        .values(**values)
    )
