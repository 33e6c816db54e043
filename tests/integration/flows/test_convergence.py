"""Whole flows. Random histories of two bookkeepers and four DAGs that run in any order, fail, die and repeat.

Whatever happens: when the dust settles, every payment that somebody entered stands on both sides exactly once, what is
open agrees to the cent, and nothing travels in circles. What was changed or deleted after it was linked is reported;
the test then does what the report asks for, so that a report that is missing shows as a difference.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select, text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.assumptions import SCORO_WRITE_SHOWS_WITHIN
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.quarantine import ID_PREFIX, dismiss, release
from scoro_smartaccounts.staging.schema import intent, link, metadata, remote_payment
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from tests.integration.conftest import Databases
from tests.integration.money import Money
from tests.integration.world import World, open_world
from tests.tiers import slow_but

# Every day plays the same histories each time, a few or some more; `make test-long` looks for new ones.
HISTORIES = int(os.environ.get("HISTORIES", "0"))
PARTS = [HISTORIES // min(HISTORIES, 20)] * min(HISTORIES, 20) if HISTORIES else slow_but([2], [2, 25])
START = datetime(2026, 1, 20, 9, tzinfo=UTC)
DAYS = [date(2026, 1, 12) + timedelta(days=n) for n in range(5)]
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
VAT = Decimal("1.24")
_FAULTS: dict[str, tuple[str, FaultKind]] = {
    "answer of SmartAccounts lost": ("payments:add", FaultKind.DROP_AFTER),
    "SmartAccounts fails after it booked": ("payments:add", FaultKind.STATUS_AFTER),
    "SmartAccounts books late": ("payments:add", FaultKind.LATE),
    "SmartAccounts drops": ("payments:add", FaultKind.DROP_BEFORE),
    "SmartAccounts fails": ("payments:add", FaultKind.STATUS),
    "invoice's answer lost": ("invoices:add", FaultKind.DROP_AFTER),
    "answer of Scoro lost": ("receipts/modify", FaultKind.DROP_AFTER),
    "Scoro fails after it stored": ("receipts/modify", FaultKind.STATUS_AFTER),
    "Scoro stores late": ("receipts/modify", FaultKind.LATE),
    "Scoro drops": ("receipts/modify", FaultKind.DROP_BEFORE),
    "Scoro fails": ("receipts/modify", FaultKind.STATUS),
}
_DEATHS = tuple((service, when) for service in ("SmartAccounts", "Scoro") for when in ("before", "after"))


class Killed(BaseException):
    """The process is gone: nothing after it runs but what a closed connection does."""


@dataclass
class Entry:
    """Money that a bookkeeper entered: amounts by Scoro's document. `group` or `payment` is where it was entered, both
    where it is the same money entered in both systems."""

    day: date
    amounts: dict[tuple[Flow, int], Decimal]
    group: int | None = None
    payment: str | None = None
    is_gone: bool = False
    original: dict[tuple[Flow, int], Decimal] = field(default_factory=dict)
    # What the receipt said before it was changed while a request was in doubt: the books tell which of them it became.
    earlier: list[dict[tuple[Flow, int], Decimal]] = field(default_factory=list)


_databases: Databases
_world: World


@pytest.fixture(scope="module", autouse=True)
def shared_world(server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One world for all histories; each begins with empty books."""
    global _world
    databases = Databases(server_uri, template)
    engine = make_engine(databases.new())
    with open_world(engine, tmp_path_factory.mktemp("output"), now=START) as world:
        _world = world
        yield
    engine.dispose()
    databases.drop()


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.execute(text(f"truncate {names} restart identity cascade"))


class Histories(RuleBasedStateMachine):
    @initialize(
        nets=st.lists(st.tuples(st.sampled_from(FLOWS), st.integers(50, 900)), min_size=1, max_size=3),
        is_imported=st.sampled_from((True, True, False)),
    )
    def begin(self, nets: list[tuple[Flow, int]], is_imported: bool) -> None:
        world = _world
        _empty(world.engine)
        world.site.reset()
        world.books.reset()
        world.books.switches.change({"limits": False})
        for server in (world.server, world.scoro):
            server.faults.clear()
            server.late.clear()
        world.clock.set(START)
        self.world = world
        self.money = Money(world)
        self.money.switch_export(on=True)
        self.documents: dict[tuple[Flow, int], Decimal] = {}
        self.entries: list[Entry] = []
        self.unique = itertools.count(1)
        self.requests: list[RunRequest] = []
        self.late_at_scoro: datetime | None = None
        # The first run with the switch on sets the watermark; what follows is to be exported.
        self.money.export()
        for flow, net in nets:
            self.enter_document(flow, DAYS[0], net)
        if is_imported:
            for flow in {flow for flow, _ in nets}:
                self._run(flow, scheduled=False)

    # The bookkeeper in Scoro

    @precondition(lambda self: len(self.documents) < 5)
    @rule(flow=st.sampled_from(FLOWS), day=st.sampled_from(DAYS), net=st.integers(50, 900))
    def enter_document(self, flow: Flow, day: date, net: int) -> None:
        document_id = self.money.enter(day, str(net), flow=flow)
        self.documents[flow, document_id] = net * VAT

    @precondition(lambda self: self.documents)
    @rule(data=st.data(), day=st.sampled_from(DAYS), share=st.sampled_from((20, 40, 60, 100, 130)), both=st.booleans())
    def receive(self, data: st.DataObject, day: date, share: int, both: bool) -> None:
        first = data.draw(st.sampled_from(sorted(self.documents)))
        chosen = [first]
        if both:
            chosen += [key for key in sorted(self.documents) if key[0] is first[0] and key != first][:1]
        amounts = {key: self._amount(self.documents[key] * share / 100) for key in chosen}
        group = self.money.receive(
            "invoices" if first[0] is Flow.SALES_INVOICES else "bills",
            {key[1]: str(amount) for key, amount in amounts.items()},
            day,
        )
        self.entries.append(Entry(day, amounts, group=group))

    @precondition(lambda self: any(entry.group and not entry.is_gone for entry in self.entries))
    @rule(data=st.data())
    def change_receipt(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from([e for e in self.entries if e.group and not e.is_gone]))
        assert entry.group is not None
        self._learn_what_was_booked()
        linked = self._is_linked_entry(entry)
        if entry.payment is not None and not linked:
            return
        amounts = {key: self._amount(amount / 2) for key, amount in entry.amounts.items()}
        self._write_group(entry.group, amounts)
        if linked:
            entry.original = entry.original or dict(entry.amounts)
        else:
            if self._is_on_its_way(entry):
                entry.earlier.append(entry.amounts)
            entry.amounts = amounts

    @precondition(lambda self: any(entry.group and not entry.is_gone for entry in self.entries))
    @rule(data=st.data())
    def delete_receipt(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from([e for e in self.entries if e.group and not e.is_gone]))
        assert entry.group is not None
        linked = self._is_linked_entry(entry) or self._is_on_its_way(entry)
        self.world.site.delete("receipts", entry.group)
        if entry.payment is not None and not linked:
            entry.group = None
        else:
            entry.is_gone = True

    # The bookkeeper in SmartAccounts

    @precondition(lambda self: self._linked_documents())
    @rule(data=st.data(), day=st.sampled_from(DAYS), share=st.sampled_from((20, 40, 60, 100)), both=st.booleans())
    def pay(self, data: st.DataObject, day: date, share: int, both: bool) -> None:
        linked = self._linked_documents()
        first = data.draw(st.sampled_from(sorted(linked)))
        chosen = [first]
        if both:
            chosen += [key for key in sorted(linked) if key[0] is first[0] and key != first][:1]
        amounts = {key: self._amount(self.documents[key] * share / 100) for key in chosen}
        with suppress(Refusal):
            payment = self.money.pay({linked[key]: str(amount) for key, amount in amounts.items()}, day)
            self.entries.append(Entry(day, amounts, payment=payment))

    @precondition(lambda self: self._booked())
    @rule(data=st.data())
    def change_payment(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self._booked()))
        assert entry.payment is not None
        is_twin = entry.group is not None and not self._is_linked_payment(entry.payment)
        if is_twin or entry.original or self._is_on_its_way(entry) or self._has_prepayment(entry.payment):
            return
        linked = self._linked_documents()
        amounts = {key: self._amount(amount / 2) for key, amount in entry.amounts.items()}
        kind = {Flow.SALES_INVOICES: "CLIENT_INVOICE", Flow.PURCHASE_INVOICES: "VENDOR_INVOICE"}
        rows = [{"type": kind[key[0]], "id": linked[key], "amount": str(amount)} for key, amount in amounts.items()]
        with suppress(Refusal):
            self.world.books.change("purchasesales/payments", entry.payment, rows=rows)
            entry.amounts = amounts

    @precondition(lambda self: any(entry.payment and entry.is_gone for entry in self.entries))
    @rule(data=st.data())
    def enter_payment_again(self, data: st.DataObject) -> None:
        """What was deleted by mistake in SmartAccounts, and is still in Scoro."""
        linked = self._linked_documents()
        live = {str(group["id"]) for group in self.money.groups()}
        entries = [
            entry
            for entry in self.entries
            if entry.payment
            and entry.is_gone
            and self._group_of(entry) in live
            and all(k in linked for k in entry.amounts)
        ]
        if not entries:
            return
        entry = data.draw(st.sampled_from(entries))
        rows = {linked[key]: str(amount) for key, amount in entry.amounts.items()}
        with suppress(Refusal):
            group = self._group_of(entry)
            entry.payment = self.money.pay(rows, entry.day)
            entry.group, entry.is_gone = int(group or 0), False

    @precondition(lambda self: self._possible_twins())
    @rule(data=st.data(), later=st.integers(0, 3))
    def import_bank_statement(self, data: st.DataObject, later: int) -> None:
        """The bank import books what the other bookkeeper has entered too."""
        linked = self._linked_documents()
        entry = data.draw(st.sampled_from(self._possible_twins()))
        rows = {linked[key]: str(amount) for key, amount in entry.amounts.items()}
        with suppress(Refusal):
            entry.payment = self.money.pay(rows, entry.day + timedelta(days=later))

    def _possible_twins(self) -> list[Entry]:
        """Money that stands in Scoro only, and whose documents are in the books."""
        linked = self._linked_documents()
        return [
            entry
            for entry in self.entries
            if entry.group
            and not entry.payment
            and not entry.is_gone
            and not self._is_linked_group(entry.group)
            and not self._is_on_its_way(entry)
            and all(key in linked for key in entry.amounts)
        ]

    @precondition(lambda self: self._booked())
    @rule(data=st.data())
    def delete_payment(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self._booked()))
        assert entry.payment is not None
        linked = self._is_linked_payment(entry.payment) or self._is_on_its_way(entry)
        with suppress(Refusal):
            self.world.books.remove("purchasesales/payments", entry.payment)
            if entry.group is not None and not linked and not self._is_linked_group(entry.group):
                entry.payment = None
            else:
                entry.is_gone = True

    # The pipeline

    @rule(
        flow=st.sampled_from((*FLOWS, Flow.PAYMENTS, Flow.PAYMENTS, Flow.EXPORT_PAYMENTS, Flow.EXPORT_PAYMENTS)),
        trouble=st.sampled_from((None, None, None, *sorted(_FAULTS), *_DEATHS)),
        scheduled=st.booleans(),
        minutes=st.sampled_from((0, 1, 10, 25, 60, 1440)),
    )
    def run(self, flow: Flow, trouble: str | tuple[str, str] | None, scheduled: bool, minutes: int) -> None:
        """Some time goes by, and a DAG runs: well, against a faulty service, or until it dies."""
        # What Scoro shows later than it is trusted to (`docs/assumptions.md`) is a person's question: not played.
        late = self.late_at_scoro
        if late and self.world.clock.now() + timedelta(minutes=minutes) - late >= SCORO_WRITE_SHOWS_WITHIN:
            self._scoro_catches_up()
        self.world.clock.advance(timedelta(minutes=minutes))
        began = self.world.clock.now()
        if isinstance(trouble, str):
            where, kind = _FAULTS[trouble]
            server = self.world.scoro if where == "receipts/modify" else self.world.server
            server.faults.add(Fault(kind, where=where))
        with dying(trouble if isinstance(trouble, tuple) else None):
            self._run(flow, scheduled=scheduled)
        for server in (self.world.server, self.world.scoro):
            server.faults.clear()
        if self.world.scoro.late:
            self.late_at_scoro = self.late_at_scoro or began

    @rule()
    def export_a_range(self) -> None:
        """A person asks for what is perhaps there already."""
        self._run(Flow.EXPORT_PAYMENTS, scheduled=False, kind=RunKind.MANUAL)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), step=st.sampled_from((pipeline.reconcile_and_plan, pipeline.load)))
    def clear_a_task(self, data: st.DataObject, step: Any) -> None:
        """A step of an earlier run is run again, without the steps before it."""
        request = data.draw(st.sampled_from(self.requests))
        try:
            step(request, self.world.services(request, read_timeout=2.0))
        except PipelineError as problem:
            note(f"{request.run_key} again: {problem}")

    @rule()
    def what_was_late_arrives(self) -> None:
        self.world.server.apply_late()
        self._scoro_catches_up()

    # What must hold

    @invariant()
    def nothing_is_marked_twice(self) -> None:
        if not hasattr(self, "world"):
            return
        marks = [row["document"] for row in self.money.payments() if row.get("document")]
        assert len(marks) == len(set(marks)), marks

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self._settle()
        self._check()
        written = self._written()
        for flow in Flow:
            self._run(flow, scheduled=False)
        assert self._written() == written, "a round with no new input wrote something"

    # Helpers

    def _scoro_catches_up(self) -> None:
        self.world.scoro.apply_late()
        self.late_at_scoro = None

    def _written(self) -> tuple[int, int]:
        return len(self.world.writes()), len(self.world.receipts_written())

    def _amount(self, amount: Decimal) -> Decimal:
        """About this amount, and no other of the history: equal ones near each other would be the same money."""
        return (amount.quantize(Decimal(1)) + Decimal(next(self.unique)) / 100).quantize(Decimal("0.01"))

    def _run(self, flow: Flow, *, scheduled: bool, kind: RunKind | None = None) -> None:
        today = self.world.clock.now().date()
        first, last = (today - timedelta(days=1),) * 2 if scheduled else (DAYS[0], DAYS[-1])
        if kind is None:
            kind = RunKind.SCHEDULED if scheduled or flow is Flow.EXPORT_PAYMENTS else RunKind.MANUAL
        request = self.world.request(first, last, flow=flow, kind=kind, is_range=kind is RunKind.MANUAL)
        self.requests.append(request)
        services = self.world.services(request, read_timeout=2.0)
        with suppress(Killed):
            try:
                for step in self.world.steps:
                    step(request, services)
            except PipelineError as problem:
                note(f"{request.run_key}: {problem}")
            summary = pipeline.summarize(request, services)
            counts = {name: count for name, count in summary["documents"].items() if count}
            note(f"{request.run_key}: {counts}")

    def _settle(self) -> None:
        self.world.server.apply_late()
        self.world.scoro.apply_late()
        for _ in range(8):
            self.world.clock.advance(timedelta(hours=1))
            for flow in FLOWS:
                if len(self.money.documents(flow)) < sum(1 for other, _ in self.documents if other is flow):
                    self._run(flow, scheduled=False)
            self._run(Flow.PAYMENTS, scheduled=False)
            self._run(Flow.EXPORT_PAYMENTS, scheduled=False)
            self.world.clock.advance(timedelta(days=1))
            self._run(Flow.PAYMENTS, scheduled=True)
            if not (self._follow_reports() | self._decide_cases() | self._is_unfinished()):
                return

    def _is_unfinished(self) -> bool:
        with self.world.engine.connect() as connection:
            doubtful = connection.execute(select(intent.c.id).where(intent.c.state == "open")).first()
        return doubtful is not None or bool(self.money.waits())

    def _follow_reports(self) -> bool:
        """What the summary tells people to do about records that changed after they were linked."""
        self._learn_what_was_booked()
        reported = self.money.reported()
        pairs = self.money.pairs()
        by_payment = {remote: group for group, remote in pairs.items()}
        did = False
        live = {row["id"] for row in self.money.payments()}
        for flow, source_id, kind in sorted(reported):
            if flow == Flow.PAYMENTS and kind in ("deleted", "missing"):
                payment = pairs.get(source_id)
                if payment in live:
                    with suppress(Refusal):
                        self.world.books.remove("purchasesales/payments", str(payment))
                        did = True
            elif flow == Flow.PAYMENTS and kind == "changed":
                entry = next((e for e in self.entries if e.group == int(source_id) and e.original), None)
                if entry is None or entry.is_gone:
                    continue
                # It is deleted already where its payment was, and that was entered again.
                if not self.world.site.get("receipts", int(source_id)).get("is_deleted"):
                    self._write_group(int(source_id), entry.original)
                    did = True
                entry.original = {}
            elif kind == "booking_changed":
                payment = source_id if flow == Flow.EXPORT_PAYMENTS else pairs[source_id]
                entry = next((e for e in self.entries if e.payment == payment), None)
                if entry is None or entry.is_gone or entry.original:
                    continue
                group = int(self._group_of(entry) or 0)
                if self._amounts_in_scoro(group) != sorted(entry.amounts.values()):
                    self._write_group(group, entry.amounts)
                    did = True
            elif kind == "booking_deleted":
                receipt = source_id if flow == Flow.PAYMENTS else by_payment.get(source_id, "")
                if not receipt or pairs.get(receipt) in live:
                    continue  # It was entered again, and the two have found each other.
                if not self.world.site.get("receipts", int(receipt)).get("is_deleted"):
                    self.world.site.delete("receipts", int(receipt))
                    did = True
        return did

    def _decide_cases(self) -> bool:
        """A person knows which money is the same; a receipt that was deleted as a report asked is no other half."""
        did = False
        live = {str(group["id"]) for group in self.money.groups()}
        for flow, source_id, code in self.money.cases():
            if code != "possible_duplicate":
                continue
            same = any(
                str(entry.group) in live and entry.payment and not entry.is_gone
                for entry in self.entries
                if source_id in (str(entry.group), entry.payment)
            )
            with self.world.engine.begin() as connection:
                names = [f"{ID_PREFIX}{source_id}"]
                if same:
                    dismiss(connection, self.world.company.key, names, "same money")
                else:
                    release(connection, self.world.company.key, names, "other money")
            note(f"{flow} {source_id} {code}: {'same' if same else 'other'} money")
            did = True
        return did

    def _check(self) -> None:
        money, world = self.money, self.world
        with world.engine.connect() as connection:
            still_open = connection.execute(select(intent.c.kind, intent.c.source_id).where(intent.c.state == "open"))
            assert still_open.all() == []
        assert money.cases() == []
        assert money.waits() == {}
        expected: dict[tuple[Flow, int], Decimal] = dict.fromkeys(self.documents, ZERO)
        for entry in self.entries:
            if not entry.is_gone:
                for key, amount in (entry.original or entry.amounts).items():
                    expected[key] += amount
        # A payment that is deleted after others were booked leaves them as prepayments, which the accountant applies.
        is_disturbed = any(kind in ("deleted", "missing", "booking_deleted") for _, _, kind in money.reported())
        is_disturbed |= any(kind == "booking_changed" for _, _, kind in money.reported())
        unsettled = owed = ZERO
        for flow in FLOWS:
            open_there = money.open_in_books(flow)
            for source_id, remote_id in money.documents(flow).items():
                key = (flow, int(source_id))
                received = self.documents[key] - money.open_in_scoro(source_id, flow)
                assert received == expected[key], f"Scoro's receipts of {key}: {received} instead of {expected[key]}"
                left = self.documents[key] - expected[key]
                if not is_disturbed:
                    assert open_there[remote_id] == cents(max(left, ZERO)), f"SmartAccounts' open sum of {key}"
                assert open_there[remote_id] >= cents(max(left, ZERO)), f"SmartAccounts' open sum of {key}"
                unsettled += open_there[remote_id]
                owed += left
        advances = sum((Decimal(str((row.get("prepayment") or {}).get("amount", 0))) for row in money.payments()), ZERO)
        assert unsettled - advances == owed, "money lost or made up"
        with world.engine.connect() as connection:
            marked = set(
                connection.execute(select(remote_payment.c.marked_id).where(remote_payment.c.marked_id != "")).scalars()
            )
            exported = set(connection.execute(select(link.c.source_id).where(link.c.evidence == "exported")).scalars())
        assert not marked & exported, "an echo: what was exported came in again"

    def _linked_documents(self) -> dict[tuple[Flow, int], str]:
        return {
            (flow, int(source_id)): remote_id
            for flow in FLOWS
            for source_id, remote_id in self.money.documents(flow).items()
        }

    def _has_prepayment(self, payment: str) -> bool:
        """Whether a part of the payment stands beside its rows: this bookkeeper changes rows only."""
        return any(row["id"] == payment and row.get("prepayment") for row in self.money.payments())

    def _is_linked_entry(self, entry: Entry) -> bool:
        """Whether the receipt group is known to be this payment, and not one that was deleted and entered again."""
        payment = self.money.pairs().get(str(entry.group))
        return payment is not None and entry.payment in (None, payment)

    def _is_linked_group(self, group: int) -> bool:
        return str(group) in self.money.pairs()

    def _is_linked_payment(self, payment: str) -> bool:
        return payment in self.money.pairs().values()

    def _is_on_its_way(self, entry: Entry) -> bool:
        """Whether the other side may have it already, without a link yet."""
        with self.world.engine.connect() as connection:
            ids = [str(entry.group), entry.payment]
            rows = connection.execute(
                select(intent.c.id).where(intent.c.state == "open", intent.c.source_id.in_(ids))
            ).all()
        return bool(rows)

    def _booked(self) -> list[Entry]:
        """Money that SmartAccounts' bookkeeper sees: entered there, or imported."""
        self._learn_what_was_booked()
        pairs = self.money.pairs()
        for entry in self.entries:
            if entry.payment is None and str(entry.group) in pairs:
                entry.payment = pairs[str(entry.group)]
        return [entry for entry in self.entries if entry.payment and not entry.is_gone]

    def _learn_what_was_booked(self) -> None:
        """A receipt that was changed while its request was in doubt: what the books have of it is what counts."""
        pairs = self.money.pairs()
        booked = {row["id"]: cents(Decimal(str(row["amount"]))) for row in self.money.payments()}
        for entry in self.entries:
            if entry.earlier and pairs.get(str(entry.group)) in booked:
                amount = booked[pairs[str(entry.group)]]
                versions = [*entry.earlier, entry.amounts]
                [sent] = [version for version in versions if sum(version.values()) == amount]
                if sent is not entry.amounts:
                    entry.original = entry.amounts = sent
                entry.earlier = []

    def _group_of(self, entry: Entry) -> str | None:
        """The receipt group that stands for a payment."""
        return next((group for group, payment in self.money.pairs().items() if payment == entry.payment), None)

    def _amounts_in_scoro(self, group: int) -> list[Decimal]:
        return sorted(cents(row["sum"]) for row in self.world.site.get("receipts", group)["receipts"])

    def _write_group(self, group: int, amounts: dict[tuple[Flow, int], Decimal]) -> None:
        self.world.site.modify(
            "receipts",
            group,
            {"receipts": [{"invoice_id": key[1], "sum": str(amount)} for key, amount in amounts.items()]},
        )


@contextmanager
def dying(death: tuple[str, str] | None) -> Iterator[None]:
    """The process dies at its next write to a service: before the request leaves, or after it was carried out."""
    if death is None:
        yield
        return
    service, when = death
    owner, name = (SmartAccountsClient, "write") if service == "SmartAccounts" else (ScoroClient, "create")
    real = getattr(owner, name)

    def dies(*arguments: Any, **named: Any) -> Any:
        if when == "after":
            real(*arguments, **named)
        raise Killed

    setattr(owner, name, dies)
    try:
        yield
    finally:
        setattr(owner, name, real)


@pytest.mark.parametrize("histories", PARTS)
def test_histories(histories: int) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            derandomize=not HISTORIES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
            print_blob=bool(HISTORIES),
        ),
    )
