"""What of a run can be taken back, in which order, and what is left to a person. Asks neither service: before anything
is deleted, it is read and compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.periods import MonthState
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.staging.links import KIND_OF, Kind
from scoro_smartaccounts.staging.undo_plans import Step, StepState, UndoClass
from scoro_smartaccounts.undo.comparing import booked_fingerprint, is_edited, named_fields
from scoro_smartaccounts.undo.facts import (
    BookedOne,
    BookedPayment,
    DocumentKey,
    booked_by_run,
    known_periods,
    living_credits,
    named_payments,
    paying,
    payments_by_run,
    payments_with,
    receipts_by_run,
    to_credit,
)
from scoro_smartaccounts.undo.stock import Movers, staged_movers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company

_A_PAGE = 100


def plan_undo(connection: Connection, company: Company, run_key: str, now: datetime) -> list[Step]:
    """Return the steps that take back what a run created and what is still there, in their order; what a person has to
    do at the end. Clients, vendors and articles stay. `run_key` of `approve_plans` means all its flows."""
    keys = [run_key, *(f"{run_key}/{flow.value}" for flow in Flow)]
    return _Planner(connection, company, keys, now).plan()


def requests_needed(steps: Sequence[Step]) -> tuple[int, int]:
    """Return how many requests the steps take of SmartAccounts and of Scoro, where nothing is in the way."""
    todo = [step for step in steps if step.state is not StepState.LISTED]
    receipts = sum(step.kind is Kind.RECEIPT for step in todo)
    payments = sum(step.kind is Kind.PAYMENT for step in todo)
    alone = sum(step.kind not in (Kind.RECEIPT, Kind.PAYMENT) and not step.after for step in todo)
    others = len(todo) - receipts - payments - alone
    # The payments that there are and the VAT returns, then pages of documents, or each by its id; and the deletions.
    reads = (
        (1 if len(todo) > receipts else 0) + (1 if alone or others else 0) + payments + others + ceil(alone / _A_PAGE)
    )
    return reads + len(todo) - receipts, 2 * receipts


@dataclass
class _Planner:
    connection: Connection
    company: Company
    run_keys: Sequence[str]
    now: datetime
    documents: dict[DocumentKey, BookedOne] = field(default_factory=dict)
    payments: dict[str, BookedPayment] = field(default_factory=dict)
    movers: dict[DocumentKey, Movers] = field(default_factory=dict)
    # Why a document, or a payment of the run itself, is left to a person.
    left: dict[DocumentKey, tuple[UndoClass, Phrase]] = field(default_factory=dict)

    def plan(self) -> list[Step]:
        own = payments_by_run(self.connection, self.company, self.run_keys)
        self.documents = booked_by_run(self.connection, self.company, self.run_keys)
        self.periods = {flow: known_periods(self.connection, self.company, flow, self.now) for flow in Flow}
        self._leave_closed_and_edited()
        movers = {key: staged_movers(self.connection, self.company.key, each) for key, each in self.documents.items()}
        self.movers = {key: some for key, some in movers.items() if some}
        of_documents = paying(self.connection, self.company, self.documents.keys())
        wanted = own.union(*of_documents.values()) if of_documents else own
        self.payments = payments_with(self.connection, self.company, wanted)
        self.credits = living_credits(self.connection, self.company, self.documents)
        while self._leave_what_hangs_on(of_documents):
            pass
        return self._steps(own, of_documents)

    def _leave_closed_and_edited(self) -> None:
        for key, each in self.documents.items():
            periods = self.periods[each.flow]
            state = MonthState.OPEN if each.day is None else periods.state(each.day)
            if each.day is None or not each.booked.booking.is_known:
                self._leave(key, UndoClass.PERSON, phrase("undo_unknown", document=each.named))
            elif state is not MonthState.OPEN:
                self._leave(key, UndoClass.CREDIT, to_credit(each.named, each.day, periods))
            elif is_edited(each.known):
                assert each.known is not None
                basis, shown = each.known.basis or {}, each.known.content
                off = sorted(name for name in {*basis, *shown} if basis.get(name) != shown.get(name))
                why = phrase("undo_edited", document=each.named, fields=named_fields(off))
                self._leave(key, UndoClass.PERSON, why)

    def _leave_what_hangs_on(self, of_documents: dict[DocumentKey, set[str]]) -> bool:
        """Leave documents that cannot go since something else stays; whether there were any."""
        before = len(self.left)
        for key, each in self.documents.items():
            if key in self.left:
                continue
            staying = {named for credit, named in self.credits.get(key, {}).items() if self._stays(credit)}
            bundle = self._bundle(of_documents.get(key, set()))
            foreign = [item for item in bundle if not self._may_go(item)]
            # No money stands behind a netting: what it settled is open again.
            others = [item for item in bundle if not self._is_netting(item) and any(map(self._stays, item.settles))]
            moved = [code for code, keys in self.movers.get(key, {}).items() if any(map(self._stays, keys))]
            if moved:
                # The stock would have to be calculated again.
                why = phrase("undo_stock", document=each.named, fields=sorted(moved))
            elif staying:
                why = phrase("undo_credited", document=each.named, documents=sorted(staying, key=str))
            elif foreign:
                why = phrase("undo_paid", document=each.named, payments=named_payments(foreign))
            elif others:
                why = phrase("undo_paid_with_others", document=each.named, payments=named_payments(others))
            else:
                continue
            self._leave(key, UndoClass.PERSON, why)
        return len(self.left) > before

    def _bundle(self, payment_ids: set[str]) -> list[BookedPayment]:
        """Return payments with all that stand for the same receipts."""
        ids = {each for each in payment_ids if each in self.payments}
        while True:
            groups = {link.source_id for each in ids for link in self.payments[each].links}
            more = {
                key
                for key, item in self.payments.items()
                if key not in ids and any(link.source_id in groups for link in item.links)
            }
            if not more:
                return [self.payments[each] for each in sorted(ids)]
            ids |= more

    def _stays(self, key: DocumentKey) -> bool:
        return key not in self.documents or key in self.left

    def _is_netting(self, item: BookedPayment) -> bool:
        return item.payment.account_name in self.company.payments.all_netting_accounts

    def _may_go(self, item: BookedPayment) -> bool:
        is_locked = self.periods[Flow.PAYMENTS].is_locked(item.payment.day)
        return item.is_ours and not item.is_used and not is_locked

    def _leave(self, key: DocumentKey, undo_class: UndoClass, why: Phrase) -> None:
        self.left[key] = undo_class, why

    def _steps(self, own: set[str], of_documents: dict[DocumentKey, set[str]]) -> list[Step]:
        own = {item.payment.remote_id for item in self._bundle(own)}
        going = [each for key, each in self.documents.items() if key not in self.left]
        of_going = {
            item.payment.remote_id for each in going for item in self._bundle(of_documents.get(each.key, set()))
        }
        steps = [*self._receipts()]
        listed: list[Step] = []
        position: dict[str, int] = {}
        for key, item in sorted(self.payments.items(), key=lambda each: (each[1].payment.day, each[0]), reverse=True):
            if key not in of_going and key not in own:
                continue
            step = self._payment(item, UndoClass.DELETE_PAID if key in of_going else UndoClass.DELETE)
            if step.state is StepState.LISTED:
                listed.append(step)
                continue
            position[key] = len(steps)
            steps.append(step)
        place: dict[DocumentKey, int] = {}
        # Credit invoices before what they credit, later ones before earlier ones.
        going.sort(key=lambda each: (each.day, each.remote_id), reverse=True)
        for each in sorted(going, key=lambda each: not each.is_credit):
            bundle = self._bundle(of_documents.get(each.key, set()))
            needs = [position[item.payment.remote_id] for item in bundle]
            needs += [place[credit] for credit in self.credits.get(each.key, {})]
            place[each.key] = len(steps)
            steps.append(self._document(each, bundle, needs))
        for left, (undo_class, why) in sorted(self.left.items(), key=lambda each: (each[0][0].value, each[0][1])):
            listed.append(self._step(self.documents[left], undo_class, why, StepState.LISTED, ()))
        return [replace(step, position=place) for place, step in enumerate([*steps, *listed])]

    def _document(self, each: BookedOne, bundle: list[BookedPayment], needs: list[int]) -> Step:
        if bundle:
            why = phrase("undo_delete_paid", document=each.named, payments=named_payments(bundle))
            return self._step(each, UndoClass.DELETE_PAID, why, StepState.PLANNED, needs)
        why = phrase("undo_delete", document=each.named)
        return self._step(each, UndoClass.DELETE, why, StepState.PLANNED, needs)

    def _step(
        self, each: BookedOne, undo_class: UndoClass, why: Phrase, state: StepState, needs: Sequence[int]
    ) -> Step:
        return Step(
            position=0,
            kind=KIND_OF[each.flow],
            flow=each.flow,
            source_id=each.booked.source_id,
            remote_id=each.remote_id,
            undo_class=undo_class,
            why=why,
            fingerprint=booked_fingerprint(each.booked.booking, each.body, each.known),
            after=tuple(sorted(set(needs))),
            state=state,
        )

    def _payment(self, item: BookedPayment, undo_class: UndoClass) -> Step:
        document = item.payment.named
        together = self._bundle({item.payment.remote_id})
        may_go = all(self._may_go(each) for each in together)
        if may_go:
            why = phrase("undo_payment", document=document)
        elif item.is_ours and self.periods[Flow.PAYMENTS].is_locked(item.payment.day):
            why = phrase("undo_payment_locked", document=document)
        elif item.is_ours and item.is_used:
            why = phrase("undo_used", document=document)
        else:
            why = phrase("undo_edited", document=document, fields=named_fields(["payment"]))
        return Step(
            position=0,
            kind=Kind.PAYMENT,
            flow=Flow.PAYMENTS,
            source_id=item.links[0].source_id if item.links else "",
            remote_id=item.payment.remote_id,
            undo_class=undo_class if may_go else UndoClass.PERSON,
            why=why,
            fingerprint=item.payment.content_hash,
            state=StepState.PLANNED if may_go else StepState.LISTED,
        )

    def _receipts(self) -> list[Step]:
        found = receipts_by_run(self.connection, self.company, self.run_keys)
        return [
            Step(
                position=0,
                kind=Kind.RECEIPT,
                flow=Flow.EXPORT_PAYMENTS,
                source_id=link.remote_id,
                remote_id=group_id,
                undo_class=UndoClass.DELETE,
                why=phrase("undo_receipt", document=named_payment(group_id, None)),
                fingerprint=link.content_hash,
                state=StepState.PLANNED,
            )
            for group_id, link in sorted(found.items())
        ]
