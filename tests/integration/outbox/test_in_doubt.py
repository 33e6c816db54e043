"""Room outbox. A run is not done with what is in doubt: its load is put off until that can be told, and then goes on
by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import StillInDoubt, TransientError
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.outbox.doubt import put_off_what_is_in_doubt
from scoro_smartaccounts.staging.schema import run_document
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.killed import run_and_kill
from tests.integration.money import SERVICES, Money
from tests.integration.office import DAY as OFFICE_DAY
from tests.integration.office import Office
from tests.integration.world import Summary, World
from tests.told import told

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
MINUTE = timedelta(minutes=1)
RECEIPTS = "receipts/modify"
DOCUMENTS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
PARTNERS = {Flow.SALES_INVOICES: "clients", Flow.PURCHASE_INVOICES: "vendors"}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@dataclass
class Played:
    """A run as Airflow plays it: put off, its load is called again at the moment that it names; after an outage it is
    tried again in ten minutes. `requests` of each try of the load, reads and writes."""

    world: World
    request: RunRequest
    waits: list[timedelta] = field(default_factory=list)
    outages: int = 0
    requests: list[tuple[int, int]] = field(default_factory=list)

    def prepare(self) -> Played:
        for step in self.world.steps[:-1]:
            step(self.request, self.world.services(self.request))
        return self

    def load(self) -> Summary:
        """The load, until it is done."""
        services = self.world.services(self.request)
        while True:
            before = len(self.world.calls("read")), len(self.world.calls("write"))
            try:
                pipeline.load_until_certain(self.request, services)
            except StillInDoubt as doubt:
                wait = doubt.until - self.world.clock.now()
                self.waits.append(wait)
                self.world.clock.advance(wait)
            except TransientError:
                self.outages += 1
                self.world.clock.advance(10 * MINUTE)
            else:
                return pipeline.summarize(self.request, services)
            finally:
                after = len(self.world.calls("read")), len(self.world.calls("write"))
                self.requests.append((after[0] - before[0], after[1] - before[1]))


def begun(world: World, first: date = DAY, last: date = DAY, **options: Any) -> Played:
    """A run that has come as far as its load."""
    world.checked = False
    return Played(world, world.request(first, last, **options)).prepare()


def run_of(world: World, first: date = DAY, last: date = DAY, **options: Any) -> tuple[Played, Summary]:
    played = begun(world, first, last, **options)
    return played, played.load()


def lose(world: World, where: str, kind: FaultKind, times: int = 1, *, at_scoro: bool = False) -> None:
    side = world.scoro if at_scoro else world.server
    side.faults.add(Fault(kind, where=where, status=500, times=times))


def numbers(world: World, flow: Flow) -> list[str]:
    return sorted(row["invoiceNumber"] for row in world.books.state()[SERVICES[flow]])


def documents(money: Money, count: int, flow: Flow = Flow.SALES_INVOICES) -> None:
    """Documents of one partner."""
    for number in range(count):
        named: dict[str, Any] = {"no": f"A-{number}"} if flow is DOCUMENTS[1] else {}
        money.enter(DAY, "100", flow=flow, **named)


@pytest.mark.parametrize("flow", DOCUMENTS)
def test_three_answers_lost_after_they_were_applied_are_found_by_the_same_run(money: Money, flow: Flow) -> None:
    world = money.world
    documents(money, 6, flow)
    lose(world, f"{SERVICES[flow]}:add", FaultKind.STATUS_AFTER, times=3)
    played, summary = run_of(world, flow=flow)
    assert summary["documents"]["created"] == len(numbers(world, flow)) == len(set(numbers(world, flow))) == 6
    assert summary["documents"]["in_doubt"] == 0
    # They are found as soon as SmartAccounts answers: presence needs no bound.
    assert (played.outages, played.waits) == (1, [])
    assert len(world.writes(f"{SERVICES[flow]}:add")) == 6


@pytest.mark.parametrize("flow", DOCUMENTS)
@pytest.mark.parametrize(("shows_date", "bound"), [(True, 21 * MINUTE), (False, 35 * MINUTE)])
def test_three_requests_that_never_came_through_are_sent_again_by_the_same_run(
    money: Money, flow: Flow, shows_date: bool, bound: timedelta
) -> None:
    world = money.world
    world.books.switches.change({"show_date": shows_date})
    documents(money, 6, flow)
    began = world.clock.now()
    lose(world, f"{SERVICES[flow]}:add", FaultKind.STATUS, times=3)
    played, summary = run_of(world, flow=flow)
    assert summary["documents"]["created"] == len(set(numbers(world, flow))) == 6
    assert len(numbers(world, flow)) == 6
    assert bound <= world.clock.now() - began <= bound + MINUTE
    assert (played.outages, len(played.waits)) == (1, 1 if shows_date else 2)
    # The try after the outage sends the other three, the last those that were in doubt.
    assert [writes for _, writes in played.requests][-1] == 3
    assert max(reads for reads, _ in played.requests) <= 8


@pytest.mark.parametrize("flow", DOCUMENTS)
@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.LATE], ids=lambda kind: kind.value
)
@pytest.mark.parametrize("what", ["partner", "article"])
def test_documents_wait_for_a_partner_and_an_article_in_doubt(
    money: Money, flow: Flow, kind: FaultKind, what: str
) -> None:
    world = money.world
    partner = money.partner()
    for number in range(2):
        money.enter(DAY, "100", flow=flow, partner=partner, **({"no": f"A-{number}"} if flow is DOCUMENTS[1] else {}))
    lose(world, f"{PARTNERS[flow] if what == 'partner' else 'articles'}:add", kind)
    played = begun(world, flow=flow)
    if kind is FaultKind.LATE:
        with pytest.raises(StillInDoubt):
            pipeline.load_until_certain(played.request, world.services(played.request))
        world.server.apply_late()
    summary = played.load()
    assert summary["documents"]["created"] == len(numbers(world, flow)) == 2
    assert len(played.waits) <= 1
    state = world.books.state()
    assert len([row for row in state[PARTNERS[flow]] if row["name"].startswith("Näidis")]) == 1
    assert len(state["articles"]) == 1


def test_a_credit_invoice_waits_for_its_base_in_doubt(money: Money) -> None:
    world = money.world
    base = money.enter(DAY, "100")
    money.enter(DAY, "-20", credited_invoices=[base])
    lose(world, "clientinvoices:add", FaultKind.STATUS)
    played = begun(world)
    with pytest.raises(StillInDoubt, match="2 documents"):
        pipeline.load_until_certain(played.request, world.services(played.request))
    summary = pipeline.summarize(played.request, world.services(played.request))
    assert summary["documents"]["in_doubt"] == 2
    assert any(f"answer about invoice {numbers_of(world)[0]} was lost" in text for text in summary["in_doubt"])
    assert played.load()["documents"]["created"] == 2
    assert len(world.invoices()) == 2


def numbers_of(world: World) -> list[str]:
    return sorted(str(row["no"]) for row in world.live_invoices().values())


@pytest.mark.parametrize("kind", [FaultKind.STATUS_AFTER, FaultKind.STATUS], ids=["applied", "never applied"])
@pytest.mark.parametrize("count", [1, 4])
def test_payments_in_doubt_are_booked_by_the_same_run(money: Money, kind: FaultKind, count: int) -> None:
    world = money.world
    for _ in range(count):
        money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    money.import_documents(DAY, DAY)
    lose(world, "payments:add", kind, times=min(count, 3))
    played, summary = run_of(world, PAID, PAID, flow=Flow.PAYMENTS)
    assert summary["documents"]["created"] == len(money.payments()) == count
    assert len(played.waits) == (1 if kind is FaultKind.STATUS else 0)
    assert money.in_doubt() == []


@pytest.mark.parametrize("kind", [FaultKind.LATE, FaultKind.STATUS], ids=["applied late", "never applied"])
def test_a_payment_waits_for_its_document_in_doubt(money: Money, kind: FaultKind) -> None:
    world = money.world
    money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    lose(world, "clientinvoices:add", kind)
    invoices = begun(world)
    with pytest.raises(StillInDoubt):
        pipeline.load_until_certain(invoices.request, world.services(invoices.request))
    world.server.apply_late()
    world.clock.advance(MINUTE)
    lose(world, "clientinvoices:get", FaultKind.STATUS, times=0)
    payments = begun(world, PAID, PAID, flow=Flow.PAYMENTS)
    if kind is FaultKind.LATE:
        # Its own planning finds the invoice.
        assert payments.load()["documents"]["created"] == 1
        assert payments.waits == []
    else:
        with pytest.raises(StillInDoubt):
            pipeline.load_until_certain(payments.request, world.services(payments.request))
        summary = pipeline.summarize(payments.request, world.services(payments.request))
        assert f"answer about invoice {numbers_of(world)[0]} was lost" in summary["in_doubt"][0]
        # Nothing more is asked of SmartAccounts before the bound.
        world.clock.advance(20 * MINUTE)
        assert invoices.load()["documents"]["created"] == 1
        assert payments.load()["documents"]["created"] == 1
    assert len(money.payments()) == len(world.invoices()) == 1
    assert money.waits() == {}


def test_a_preview_of_a_payment_whose_document_is_in_doubt_waits(money: Money) -> None:
    world = money.world
    money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    lose(world, "clientinvoices:add", FaultKind.STATUS)
    world.run(DAY, DAY)
    played, summary = run_of(world, PAID, PAID, flow=Flow.PAYMENTS, mode=Mode.PREVIEW)
    assert (summary["documents"]["waiting"], summary["documents"]["in_doubt"], played.waits) == (1, 0, [])


@pytest.mark.parametrize("kind", [FaultKind.STATUS_AFTER, FaultKind.STATUS], ids=["applied", "never applied"])
@pytest.mark.parametrize("count", [1, 4])
def test_an_export_in_doubt_is_settled_by_the_same_run(money: Money, kind: FaultKind, count: int) -> None:
    world = money.world
    invoices = [money.enter(DAY, "100") for _ in range(count)]
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    world.clock.advance(60 * MINUTE)
    for invoice in invoices:
        money.pay({money.remote(invoice): None}, PAID)
    began = world.clock.now()
    lose(world, RECEIPTS, kind, times=min(count, 3), at_scoro=True)
    played, summary = run_of(world, PAID, PAID, flow=Flow.EXPORT_PAYMENTS, kind=RunKind.SCHEDULED)
    assert summary["documents"]["created"] == len(money.groups()) == count
    assert money.in_doubt() == []
    # Scoro's lists are read anew at once after an outage; of one lost answer only at the bound.
    assert world.clock.now() - began <= 16 * MINUTE
    assert len(played.waits) <= 1


def test_what_is_approved_and_in_doubt_is_booked_after_the_bound(office: Office) -> None:
    world = office.world
    office.money.enter(OFFICE_DAY, "100")
    office.plan()
    key = office.ask()
    office.answer(key)
    lose(world, "clientinvoices:add", FaultKind.STATUS)
    assert office.release(key) == {"in_doubt": 1}
    request = world.request(OFFICE_DAY, OFFICE_DAY, key=f"{key}/{Flow.SALES_INVOICES.value}")
    with pytest.raises(StillInDoubt) as caught:
        put_off_what_is_in_doubt(request, world.services(request))
    world.clock.set(caught.value.until)
    assert office.release(key) == {"created": 1}
    put_off_what_is_in_doubt(request, world.services(request))
    assert len(world.invoices()) == 1


def test_a_service_that_never_answers_ends_the_run_in_doubt_and_the_next_goes_on(money: Money) -> None:
    world = money.world
    documents(money, 2)
    lose(world, "clientinvoices:add", FaultKind.STATUS, times=100)
    played, summary = run_of(world)
    assert summary["documents"]["in_doubt"] == 2
    assert (len(played.waits), played.outages) == (2, 0)
    assert len(world.writes("clientinvoices:add")) == 6
    world.server.faults.clear()
    world.clock.advance(timedelta(hours=20))
    later = DAY + timedelta(days=1)
    _, summary = run_of(world, later, later, kind=RunKind.SCHEDULED)
    assert summary["documents"]["created"] == len(world.invoices()) == 2


@pytest.mark.parametrize("hours", [0.5, 3])
def test_the_load_of_an_old_run_that_is_cleared_books_what_it_left_in_doubt(money: Money, hours: float) -> None:
    world = money.world
    documents(money, 3)
    lose(world, "clientinvoices:add", FaultKind.STATUS, times=2)
    played = begun(world)
    services = world.services(played.request)
    assert pipeline.load(played.request, services)["in_doubt"] == 2
    world.clock.advance(timedelta(hours=hours))
    assert played.load()["documents"]["created"] == 3
    assert (played.waits, len(world.invoices())) == ([], 3)
    # Once more: nothing is left to ask.
    world.server.calls.clear()
    assert played.load()["documents"]["created"] == 3
    assert world.calls() == []


def test_a_load_killed_over_a_request_goes_on_by_itself(money: Money, stride: int) -> None:
    """SIGKILL at one moment after another of the load: the same run books everything, once, within the bound."""
    world, killed = money.world, 0
    while True:
        money.enter(DAY, "100")
        money.enter(DAY, "50")
        played = begun(world)
        before = len(world.invoices())
        was_killed = run_and_kill(world, played.request, pipeline.load_until_certain, killed)
        world.clock.advance(5 * MINUTE)
        summary = played.load()
        assert summary["documents"]["in_doubt"] == summary["documents"]["not_sent"] == 0
        assert len(world.invoices()) == before + 2
        assert len(set(numbers(world, Flow.SALES_INVOICES))) == before + 2
        assert played.waits == [] or played.waits <= [17 * MINUTE]
        if not was_killed:
            break
        killed += 2 * stride
    assert killed > 6


def test_until_it_is_known_the_sentence_stays_true(money: Money) -> None:
    """Looked for before anything is sent again, by whichever try comes next."""
    world = money.world
    documents(money, 1)
    lose(world, "clientinvoices:add", FaultKind.DROP_BEFORE)
    played = begun(world)
    services = world.services(played.request)
    pipeline.load(played.request, services)
    for minutes in (5, 10):
        world.clock.advance(minutes * MINUTE)
        world.server.calls.clear()
        assert pipeline.load(played.request, services)["in_doubt"] == 1
        assert world.writes() == []
        assert any("clientinvoices" in call["operation"] for call in world.calls("read"))
    with world.engine.connect() as connection:
        [reason] = connection.scalars(select(run_document.c.outcome_reason))
    assert "looked for before anything is sent again" in str(told(reason))


@pytest.mark.slow
@pytest.mark.parametrize("shows_date", [True, False])
@pytest.mark.parametrize(
    "flow", [Flow.SALES_INVOICES, Flow.PAYMENTS, Flow.EXPORT_PAYMENTS], ids=lambda flow: flow.value
)
def test_an_outage_of_half_a_service_leaves_few_in_doubt(money: Money, flow: Flow, shows_date: bool) -> None:
    """For two hours reads work and no write is answered: ten looks. Afterwards everything is booked, once."""
    world, count = money.world, 12
    world.books.switches.change({"show_date": shows_date})
    money.switch_export(on=flow is Flow.EXPORT_PAYMENTS)
    invoices = [money.enter(DAY, "100") for _ in range(count)]
    day, options = (DAY, {}) if flow is Flow.SALES_INVOICES else (PAID, {"flow": flow})
    if flow is not Flow.SALES_INVOICES:
        money.import_documents(DAY, DAY)
    if flow is Flow.PAYMENTS:
        for invoice in invoices:
            money.receive("invoices", {invoice: None}, PAID)
    if flow is Flow.EXPORT_PAYMENTS:
        money.export()
        world.clock.advance(60 * MINUTE)
        for invoice in invoices:
            money.pay({money.remote(invoice): None}, PAID)
    at_scoro = flow is Flow.EXPORT_PAYMENTS
    where = {Flow.SALES_INVOICES: "clientinvoices:add", Flow.PAYMENTS: "payments:add", Flow.EXPORT_PAYMENTS: RECEIPTS}
    lose(world, where[flow], FaultKind.STATUS, times=1000, at_scoro=at_scoro)
    played = begun(world, day, day, **options)
    ever: set[str] = set()
    for look in range(10):
        with pytest.raises((StillInDoubt, TransientError)):
            pipeline.load_until_certain(played.request, world.services(played.request))
        now = money.in_doubt()
        ever |= set(now)
        assert len(now) <= (3 if look == 0 else 4)
        world.clock.advance(12 * MINUTE)
    assert len(ever) <= 5
    # Another run, and another flow of the same service, hears of it too.
    other = begun(world, day, day, **options)
    with pytest.raises((StillInDoubt, TransientError)):
        pipeline.load_until_certain(other.request, world.services(other.request))
    assert len(money.in_doubt()) <= 4
    (world.scoro if at_scoro else world.server).faults.clear()
    world.clock.advance(12 * MINUTE)
    played.load()
    other.load()
    assert money.in_doubt() == []
    booked = money.groups() if at_scoro else money.payments() if flow is Flow.PAYMENTS else world.invoices()
    assert len(booked) == count
