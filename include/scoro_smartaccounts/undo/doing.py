"""What a person approved → deleted, one record after the other, each compared before.

A step is its own intent: it counts as sent before its request leaves. A lost answer is settled by the record's id: what
is not there any more was deleted, and to delete it twice changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import (
    BillingStopped,
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    RequestRefused,
    TransientError,
)
from scoro_smartaccounts.common.reasons import Phrase, phrase, render
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, sync_payments
from scoro_smartaccounts.mirror.vat_returns import sync_returns
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.undo_plans import (
    StepState,
    approved_plans,
    end_plan,
    note_sent,
    note_unsent,
    settle_step,
)
from scoro_smartaccounts.undo.records import Gone, Records, Unlike, way_of
from scoro_smartaccounts.undo.tombstones import bury

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import UndoRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.undo_plans import Step, UndoPlan
    from scoro_smartaccounts.undo.records import Shown, Way

log = logging.getLogger(__name__)

_UNDO = "undo"
_MOST_TRIES = 3


def undo_approved(request: UndoRequest, services: Services) -> Mapping[str, int]:
    """Do what is left of the approved plans; counts of steps by what became of them. May be killed anywhere and run
    again. Raises TransientError where the answer to a request is not known yet, and as the clients do."""
    company = request.company.key
    counts: Counter[str] = Counter()
    with services.engine.connect() as connection, session_lock(connection, company, _UNDO):
        with connection.begin():
            plans = approved_plans(connection, company)
        for plan in plans:
            counts += _Undoing(connection, request, services, plan).run()
            with connection.begin():
                end_plan(connection, company, plan.id, at=services.clock())
    return dict(counts)


@dataclass
class _Undoing:
    """One plan that is carried out."""

    connection: Connection
    request: UndoRequest
    services: Services
    plan: UndoPlan
    states: dict[int, StepState] = field(default_factory=dict)
    unclear: list[Step] = field(default_factory=list)

    def run(self) -> Counter[str]:
        steps = [step for step in self.plan.steps if step.state is not StepState.LISTED]
        self.states = {step.position: step.state for step in steps}
        left = [step for step in steps if step.state in (StepState.PLANNED, StepState.SENT)]
        if any(step.kind is not Kind.RECEIPT for step in left):
            sync_payments(self.services, self.request.company)
        if any(step.kind not in (Kind.RECEIPT, Kind.PAYMENT) for step in left):
            # Nothing is deleted from a month whose return was saved since.
            sync_returns(self.services, self.request.company, max_age=timedelta(0))
        self.records = Records(self.connection, self.request, self.services, left)
        for step in left:
            with session_lock(self.connection, self.request.company.key, PAYMENT_LOCK):
                self._see_to(step)
        if self.unclear:
            what = counted(len(self.unclear), "deletion has|deletions have")
            raise TransientError(
                f"{what} no answer, and what was to go still shows; it is tried again",
                retry_after=600,
            )
        counts = Counter(state.value for state in self.states.values())
        log.info("Run %s: %s.", self.plan.run_key, ", ".join(f"{n} {name}" for name, n in counts.items()) or "nothing")
        return counts

    def _see_to(self, step: Step) -> None:
        """Compare a record with what was booked, and delete it where it is the same."""
        named = step.named
        blocking = [each for each in step.after if self.states.get(each) is not StepState.UNDONE]
        if blocking and step.state is StepState.PLANNED:
            other = next(each for each in self.plan.steps if each.position == blocking[0])
            self._settle(step, StepState.REFUSED, phrase("undo_depends", document=named, other=other.named))
            return
        way = way_of(step)
        was_sent = step.state is StepState.SENT
        for _ in range(_MOST_TRIES):
            shown = self.records.find(step, was_sent=was_sent)
            if isinstance(shown, Unlike):
                self._settle(step, StepState.REFUSED, shown.why)
                return
            if isinstance(shown, Gone):
                self._bury(step, shown, phrase("undo_done" if was_sent else "undo_was_gone", document=named))
                return
            outcome = self._delete(step, way)
            if outcome is None:
                self._bury(step, shown, phrase("undo_done", document=named))
                return
            was_sent = True
            if isinstance(outcome, Phrase):
                # Whoever deleted it twice is refused, too.
                if isinstance(gone := self.records.find(step, was_sent=True), Gone):
                    self._bury(step, gone, phrase("undo_done", document=named))
                else:
                    self._settle(step, StepState.REFUSED, outcome)
                return
        self.records.settled(step, is_gone=False)
        self.unclear.append(step)

    def _delete(self, step: Step, way: Way) -> Phrase | OutcomeUnknown | None:
        """Send the request; None: deleted. Words: refused; the error: nobody knows."""
        company, refusals = self.request.company.key, 0
        while True:
            self.services.check_watched()
            way.reserve(self.services)
            signed_at = self.services.clock().replace(microsecond=0)
            with self.connection.begin():
                note_sent(self.connection, company, self.plan.id, step.position, signed_at)
            try:
                way.delete(self.services, step, signed_at)
            except RequestRefused as refusal:
                # What it says in words may name a partner.
                said = [key for key, _ in refusal.reasons if key] or phrase("without_a_reason")
                return phrase("undo_refused", document=step.named, system=way.system, said=said)
            except OutcomeUnknown as unknown:
                log.warning("The deletion of %s has no answer: %s", render(step.named), unknown)
                return unknown
            except LimitReached as limit:
                self._unsent(step)
                refusals += 1
                if refusals >= _MOST_TRIES:
                    raise
                way.keep_still(self.services, limit, refusals)
            except (BillingStopped, ConfigurationError, TransientError):
                self._unsent(step)
                raise
            else:
                return None

    def _unsent(self, step: Step) -> None:
        with self.connection.begin():
            note_unsent(self.connection, self.request.company.key, self.plan.id, step.position)

    def _bury(self, step: Step, shown: Shown | Gone, why: Phrase) -> None:
        with self.connection.begin():
            bury(self.connection, self.request, self.services, self.plan, step, shown)
            self._note(step, StepState.UNDONE, why)

    def _settle(self, step: Step, state: StepState, why: Phrase) -> None:
        with self.connection.begin():
            self._note(step, state, why)

    def _note(self, step: Step, state: StepState, why: Phrase) -> None:
        at = self.services.clock()
        settle_step(self.connection, self.request.company.key, self.plan.id, step.position, state, why, at)
        self.states[step.position] = state
        self.records.settled(step, is_gone=state is StepState.UNDONE)
        log.log(logging.INFO if state is StepState.UNDONE else logging.WARNING, "%s", render(why))
