"""Room load. Whatever is killed, lost, late or done twice at once: one payment in SmartAccounts and one receipt
group in Scoro."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.schema import metadata
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.killed import run_and_kill
from tests.integration.money import PAYMENTS, Money
from tests.integration.world import Step, World
from tests.tiers import slow_but

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
MINUTE = timedelta(minutes=1)
RECEIPTS = "receipts/modify"
# More documents than there are moments to die at.
ENOUGH = 60


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def imported(money: Money, count: int = ENOUGH, **more: Any) -> Iterator[int]:
    """Invoices of 124 that are in the books; the export is on."""
    invoices = [money.enter(DAY, "100", **more) for _ in range(count)]
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    money.world.clock.advance(60 * MINUTE)
    return iter(invoices)


def request_of(money: Money, flow: Flow) -> RunRequest:
    return money.world.request(PAID, PAID, flow=flow, kind=RunKind.MANUAL)


def settle(money: Money, flow: Flow, *, at_once: bool = True) -> None:
    """A run at once, which must send nothing twice; then one past the bound."""
    for wait in (MINUTE, 25 * MINUTE) if at_once else (26 * MINUTE,):
        money.world.clock.advance(wait)
        money.world.run(PAID, PAID, flow=flow)


def one_each(money: Money, payments: int, groups: int) -> None:
    assert len(money.payments()) == payments
    assert len(money.groups()) == groups
    assert money.in_doubt() == []
    assert money.cases() == []
    assert money.reported() == set()


def killed_everywhere(money: Money, flow: Flow, step: Step, begin: Callable[[], tuple[int, int]], every: int) -> int:
    """Kill `step` of a fresh piece of work at one moment after another, let later runs go on, and count; `begin`
    makes the work and says how many payments and groups it must come to. How many times it was killed."""
    steps: list[Step] = [pipeline.extract, pipeline.reconcile_and_plan, pipeline.load]
    payments, groups = len(money.payments()), len(money.groups())
    killed = 0
    while True:
        # The mirror of the books is not fresh any more.
        money.world.clock.advance(5 * MINUTE)
        more_payments, more_groups = begin()
        payments, groups = payments + more_payments, groups + more_groups
        request = request_of(money, flow)
        services = money.world.services(request)
        for before in steps[: steps.index(step)]:
            before(request, services)
        was_killed = run_and_kill(money.world, request, step, killed * every)
        assert len(money.payments()) <= payments
        assert len(money.groups()) <= groups
        settle(money, flow, at_once=killed % 3 == 2)
        one_each(money, payments, groups)
        if not was_killed:
            return killed
        killed += 1


def test_an_import_killed_at_any_moment_books_once(money: Money, stride: int) -> None:
    invoices = imported(money)

    def receive() -> tuple[int, int]:
        money.receive("invoices", {next(invoices): None}, PAID)
        return 1, 1

    assert killed_everywhere(money, Flow.PAYMENTS, pipeline.load, receive, stride) * stride > 8
    assert money.export()["documents"]["seen"] == 0


@pytest.mark.slow
def test_an_import_of_two_bodies_killed_at_any_moment_books_each_once(money: Money, stride: int) -> None:
    """Netting, and the money that is left."""
    plain = [money.enter(DAY, "100") for _ in range(ENOUGH)]
    pairs = iter([(invoice, money.enter(DAY, "-20", credited_invoices=[invoice])) for invoice in plain])
    money.import_documents(DAY, DAY)

    def receive() -> tuple[int, int]:
        invoice, credit = next(pairs)
        money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
        return 2, 1

    assert killed_everywhere(money, Flow.PAYMENTS, pipeline.load, receive, 2 * stride) * stride > 6
    names = [row["accountName"] for row in money.payments()]
    assert names.count("LHV") == names.count("Tasaarveldus") == len(names) // 2


def test_an_export_killed_at_any_moment_sends_once(money: Money, stride: int) -> None:
    invoices = imported(money)

    def pay() -> tuple[int, int]:
        money.pay({money.remote(next(invoices)): None}, PAID)
        return 1, 1

    assert killed_everywhere(money, Flow.EXPORT_PAYMENTS, pipeline.load, pay, stride) * stride > 8
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 0


@pytest.mark.parametrize(
    "step",
    slow_but([pipeline.reconcile_and_plan], [pipeline.extract, pipeline.reconcile_and_plan]),
    ids=["extract", "plan"],
)
@pytest.mark.parametrize("flow", slow_but([Flow.PAYMENTS], [Flow.PAYMENTS, Flow.EXPORT_PAYMENTS]))
def test_a_step_before_killed_loses_nothing(money: Money, flow: Flow, step: Step, stride: int) -> None:
    """With a request in doubt besides, which the step may be about to settle."""
    invoices = imported(money)
    side = money.world.server if flow is Flow.PAYMENTS else money.world.scoro
    where = f"{PAYMENTS}:add" if flow is Flow.PAYMENTS else RECEIPTS

    def enter() -> None:
        if flow is Flow.PAYMENTS:
            money.receive("invoices", {next(invoices): None}, PAID)
        else:
            money.pay({money.remote(next(invoices)): None}, PAID)
        money.world.clock.advance(5 * MINUTE)

    def begin() -> tuple[int, int]:
        side.faults.add(Fault(FaultKind.LATE, where=where))
        enter()
        money.world.run(PAID, PAID, flow=flow)
        assert side.apply_late() == 1
        enter()
        return 2, 2

    assert killed_everywhere(money, flow, step, begin, 5 * stride) >= 1


LOST = [
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.STATUS,
    FaultKind.STATUS_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.LIMIT,
    FaultKind.LATE,
]


def test_a_lost_answer_of_smartaccounts_is_looked_for(money: Money) -> None:
    invoices = imported(money, len(LOST))
    for done, kind in enumerate(LOST, start=1):
        money.receive("invoices", {next(invoices): None}, PAID)
        money.world.server.faults.add(Fault(kind, where=f"{PAYMENTS}:add", status=500))
        money.import_payments(PAID, PAID)
        money.export()
        assert len(money.payments()) <= done
        if kind is FaultKind.LATE:
            money.world.clock.advance(9 * MINUTE)
            assert money.import_payments(PAID, PAID)["documents"]["in_doubt"] == 1
            assert money.world.server.apply_late() == 1
        settle(money, Flow.PAYMENTS, at_once=True)
        one_each(money, done, done)
    money.export()
    one_each(money, len(LOST), len(LOST))


def test_a_lost_database_finds_all_again(money: Money) -> None:
    """Ours by the marker, both bodies of a netting too; exported ones because they stand on both sides."""
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    invoices = imported(money, 4)
    money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.receive("invoices", {next(invoices): "24"}, PAID)
    money.import_payments(PAID, PAID)
    for amount in ("24", None):
        money.pay({money.remote(next(invoices)): amount}, PAID)
    money.world.clock.advance(60 * MINUTE)
    money.export()
    assert (len(money.payments()), len(money.groups())) == (5, 4)
    with money.world.engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"truncate {names} cascade")
    money.world.clock.advance(24 * 60 * MINUTE)
    money.world.server.calls.clear()
    money.world.scoro.calls.clear()
    money.import_documents(DAY, DAY)
    assert money.import_payments(PAID, PAID)["documents"]["adopted"] == 4
    money.export()
    money.export(PAID, PAID)
    assert money.writes() == (0, 0)
    one_each(money, 5, 4)
    assert {remote_id.partition("/")[0] for remote_id in money.pairs().values()} == {
        row["id"] for row in money.payments()
    }


def test_a_database_lost_between_the_two_bodies_of_a_netting(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.import_documents(DAY, DAY)
    money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.world.server.faults.add(Fault(FaultKind.STATUS, where=f"{PAYMENTS}:add", status=400, after=1))
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    with money.world.engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"truncate {names} cascade")
    money.world.clock.advance(24 * 60 * MINUTE)
    money.import_documents(DAY, DAY)
    for _ in range(2):
        money.import_payments(PAID, PAID)
    assert sorted(row["accountName"] for row in money.payments()) == ["LHV", "Tasaarveldus"]
    assert set(money.open_in_books().values()) == {0}


def at_once(*runs: Callable[[], Any]) -> None:
    """Run all in threads that start together."""
    start = threading.Barrier(len(runs))
    failures: list[BaseException] = []

    def one(run: Callable[[], Any]) -> None:
        start.wait()
        try:
            run()
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def whole(money: Money, flow: Flow) -> Callable[[], None]:
    """A run of a flow, with its services made beforehand."""
    request = request_of(money, flow)
    services: Services = money.world.services(request)

    def run() -> None:
        for step in money.world.steps:
            step(request, services)

    return run


def test_two_imports_and_two_exports_at_once(money: Money) -> None:
    invoices = imported(money, 12)
    for _ in range(4):
        money.receive("invoices", {next(invoices): None}, PAID)
    for _ in range(4):
        money.pay({money.remote(next(invoices)): None}, PAID)
    for invoice in invoices:
        # Entered on both sides.
        money.pay({money.remote(invoice): None}, PAID)
        money.receive("invoices", {invoice: None}, PAID)
    at_once(*(whole(money, flow) for flow in (Flow.PAYMENTS, Flow.EXPORT_PAYMENTS) * 2))
    settle(money, Flow.PAYMENTS)
    settle(money, Flow.EXPORT_PAYMENTS)
    one_each(money, 12, 12)
    assert len(money.pairs()) == 12


@pytest.mark.parametrize("rounds", slow_but([4], [4, 50]))
def test_quiet_rounds_write_nothing_and_hardly_ask(money: Money, rounds: int) -> None:
    invoices = imported(money, 12)
    for _ in range(3):
        money.receive("invoices", {next(invoices): None}, PAID)
        money.pay({money.remote(next(invoices)): "24"}, PAID)
    invoice, other = next(invoices), next(invoices)
    money.pay({money.remote(invoice): "30"}, PAID)
    money.receive("invoices", {invoice: "30"}, PAID)
    # One waits, one is in quarantine on either side, one was deleted later.
    money.receive("invoices", {money.enter(date(2026, 1, 16), "10"): None}, PAID)
    money.receive("invoices", {other: None}, PAID, account_id=0)
    gone = money.receive("invoices", {other: "1"}, PAID)
    money.import_payments(PAID, PAID)
    money.export()
    money.world.site.delete("receipts", gone)
    money.world.clock.advance(60 * MINUTE)
    money.import_payments(PAID, PAID)
    money.export()
    before = money.groups(), money.payments(), money.pairs(), money.cases(), money.waits(), money.reported()
    money.world.server.calls.clear()
    money.world.scoro.calls.clear()
    asked = []
    for number in range(rounds):
        money.world.clock.advance(60 * MINUTE)
        calls = len(money.world.calls())
        money.export()
        asked.append(len(money.world.calls()) - calls)
        if number % 2:
            money.import_payments_of_yesterday()
        else:
            money.import_payments(PAID, PAID)
    assert money.writes() == (0, 0)
    assert max(asked) <= 3
    after = money.groups(), money.payments(), money.pairs(), money.cases(), money.waits(), money.reported()
    assert after == before
