"""Room undo. A run is taken back as a person approved it: books as before, each document with its class, and imported
again only when somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import TransientError, WrongUsage
from scoro_smartaccounts.common.periods import Said, month_of
from scoro_smartaccounts.staging.periods import say
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.smartaccounts.services import PAYMENTS, SALES
from tests.integration.money import Money
from tests.integration.money import said as told
from tests.integration.undo.undoing import Undoing, classes, ids, said
from tests.integration.world import World

DAY = date(2026, 3, 10)
PAID = date(2026, 3, 12)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@pytest.fixture
def undoing(world: World) -> Undoing:
    return Undoing(world)


def again(money: Money) -> dict[str, Any]:
    return money.import_documents(DAY, DAY)


def test_a_run_is_taken_back_and_comes_again_only_by_retry(money: Money, undoing: Undoing) -> None:
    invoices = [money.enter(DAY, net) for net in ("100", "50", "25")]
    run = money.import_documents(DAY, DAY)["run"]
    remote = {money.remote(each) for each in invoices}
    money.world.server.calls.clear()
    plan = undoing.plan(run)
    assert set(classes(plan).values()) == {"U1"}
    assert "is deleted in SmartAccounts" in said(plan)
    assert "kustutatakse SmartAccountsis" in said(plan)
    # The plan asks nobody, and writes nothing.
    assert money.world.calls() == []
    undoing.approve(run, plan.plan_hash)
    assert money.world.calls() == []
    assert undoing.do() == {"undone": 3}
    assert money.world.invoices() == []
    assert len(money.world.writes(":delete")) == 3
    # Payments, VAT returns and a page of documents, then the deletions.
    assert len(money.world.calls()) == 6
    assert {state for state, _ in undoing.outcomes(run).values()} == {"undone"}
    # Nothing comes back by itself, and nobody is told of a change.
    for _ in range(2):
        summary = again(money)
        assert summary["documents"]["dismissed"] == 3, summary["documents"]
    assert money.world.invoices() == []
    assert money.reported() == set()
    undoing.retry(invoices[0])
    assert again(money)["documents"]["created"] == 1
    assert again(money)["documents"]["already_there"] == 1
    [back] = money.world.invoices()
    assert back["id"] == money.remote(invoices[0])
    assert back["id"] not in remote
    assert len(money.world.books.state()["clients"]) == 1
    # What came back is another run's; nothing of the first one is left.
    assert undoing.plan(run).steps == []


def test_what_the_pipeline_paid_goes_first(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    remote = money.remote(invoice)
    plan = undoing.plan(run)
    assert [(step.remote_id, step.undo_class.value) for step in plan.steps] == [(payment["id"], "U2"), (remote, "U2")]
    assert undoing.whole(run) == {"undone": 2}
    assert money.payments() == []
    assert money.world.invoices() == []
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 0
    assert again(money)["documents"]["created"] == 0
    assert money.reported() == set()
    undoing.retry(invoice)
    assert again(money)["documents"]["created"] == 1
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 0
    undoing.retry(group, Flow.PAYMENTS)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    assert money.import_payments(PAID, PAID)["documents"]["already_there"] == 1
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}


def test_the_run_of_payments_is_taken_back_alone(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    run = money.import_payments(PAID, PAID)["run"]
    plan = undoing.plan(run)
    assert set(classes(plan).values()) == {"U1"}
    assert undoing.whole(run) == {"undone": 1}
    assert money.payments() == []
    assert money.open_in_books() == {money.remote(invoice): Decimal(124)}


def test_money_of_others_and_later_credits_are_left_to_a_person(money: Money, undoing: Undoing) -> None:
    by_bank, credited, free = (money.enter(DAY, net) for net in ("100", "50", "25"))
    run = money.import_documents(DAY, DAY)["run"]
    money.pay({money.remote(by_bank): None}, PAID)
    credit = money.enter(PAID, "-50", credited_invoices=[credited])
    money.import_documents(PAID, PAID)
    money.import_payments(PAID, PAID)
    plan = undoing.plan(run)
    found = classes(plan)
    assert (found[money.remote(by_bank)], found[money.remote(free)]) == ("U4", "U1")
    assert found[money.remote(credited)] == "U4", said(plan)
    assert "is credited by" in said(plan)
    assert "on SmartAccountsis tasutud" in said(plan)
    assert undoing.whole(run) == {"undone": 1}
    left = {money.remote(each) for each in (by_bank, credited, credit)}
    assert ids(money.world.invoices()) == left


def test_a_credit_invoice_goes_before_what_it_credits(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-100", credited_invoices=[invoice])
    run = money.import_documents(DAY, DAY)["run"]
    assert len(money.world.invoices()) == 2
    plan = undoing.plan(run)
    assert [step.source_id for step in plan.steps if step.kind.value == "sales_invoice"] == [str(credit), str(invoice)]
    undoing.whole(run)
    assert money.world.invoices() == []
    assert money.payments() == []


def test_a_declared_month_is_credited_and_not_deleted(money: Money, undoing: Undoing) -> None:
    money.world.clock.set(datetime(2026, 4, 5, 9, tzinfo=UTC))
    march, april = money.enter(DAY, "100"), money.enter(date(2026, 4, 2), "50")
    run = money.import_documents(DAY, date(2026, 4, 2))["run"]
    undoing.plan(run)
    plan = undoing.plan(run)
    assert set(classes(plan).values()) == {"U1"}
    undoing.approve(run, plan.plan_hash)
    # The return is saved between the approval and the deletion.
    money.world.books.save_return(date(2026, 3, 1))
    assert undoing.do() == {"undone": 1, "refused": 1}
    assert ids(money.world.invoices()) == {money.remote(march)}
    assert "March 2026" in undoing.outcomes(run)[money.remote(march)][1]
    assert "01.04.2026" in undoing.outcomes(run)[money.remote(march)][1]
    assert money.world.writes(":delete")[0]["operation"].startswith(SALES)
    # Planned anew it is listed with its class.
    later = undoing.plan(run)
    assert classes(later) == {money.remote(march): "U3"}
    assert "kreeditarve" in said(later)
    with pytest.raises(WrongUsage):
        undoing.approve(run, later.plan_hash)
    assert april


Meanwhile = Callable[[Money, str], object]


def edited(money: Money, remote: str) -> None:
    [row] = next(row for row in money.world.invoices() if row["id"] == remote)["rows"]
    money.world.books.change(SALES, remote, rows=[row | {"price": 50, "quantity": 2}])


def moved(money: Money, remote: str) -> None:
    money.world.books.change(SALES, remote, entryDate="11.03.2026")


def paid(money: Money, remote: str) -> None:
    money.pay({remote: "1"}, PAID)


@pytest.mark.parametrize(
    ("meanwhile", "word"),
    [(edited, "was changed in SmartAccounts (articles"), (moved, "(entry date)"), (paid, "123.00 is open of 124.00")],
)
def test_what_somebody_touched_since_the_plan_is_refused_and_told(
    money: Money, undoing: Undoing, meanwhile: Meanwhile, word: str
) -> None:
    invoices = [money.enter(DAY, net) for net in ("100", "50")]
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    touched = money.remote(invoices[0])
    meanwhile(money, touched)
    assert undoing.do() == {"undone": 1, "refused": 1}
    assert ids(money.world.invoices()) == {touched}
    state, sentence = undoing.outcomes(run)[touched]
    assert (state, word in sentence) == ("refused", True), sentence
    assert again(money)["documents"]["already_there"] == 1


def test_a_payment_that_was_changed_keeps_its_document(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    undoing.approve(run, undoing.plan(run).plan_hash)
    [payment] = money.payments()
    money.world.books.change(PAYMENTS, payment["id"], date="13.03.2026")
    assert undoing.do() == {"refused": 2}
    assert len(money.payments()) == len(money.world.invoices()) == 1
    assert "is not deleted, since payment" in undoing.outcomes(run)[money.remote(invoice)][1]


def test_what_somebody_deleted_meanwhile_is_gone_for_the_plan_too(money: Money, undoing: Undoing) -> None:
    invoices = [money.enter(DAY, net) for net in ("100", "50")]
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    money.world.books.remove(SALES, money.remote(invoices[0]))
    assert undoing.do() == {"undone": 2}
    assert len(money.world.writes(":delete")) == 1
    assert "was gone already" in undoing.outcomes(run)[money.remote(invoices[0])][1]


def test_another_plan_cannot_be_approved(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    plan = undoing.plan(run)
    with pytest.raises(WrongUsage, match="nothing was approved"):
        undoing.approve(run, "0123456789ab")
    money.pay({money.remote(invoice): None}, PAID)
    money.import_payments(PAID, PAID)
    with pytest.raises(WrongUsage, match="nothing was approved"):
        undoing.approve(run, plan.plan_hash)
    assert undoing.do() == {}
    assert len(money.world.invoices()) == 1


def test_nothing_is_believed_gone_where_nothing_is_shown(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    money.world.books.switches.change({"deleted_of_invoices": False})
    money.world.books.remove(SALES, money.remote(invoice))
    assert undoing.do() == {"refused": 1}
    assert "check the rights" in undoing.outcomes(run)[money.remote(invoice)][1]


@pytest.mark.parametrize("right", ["missing_401", "missing_403"])
def test_where_returns_cannot_be_read_a_month_that_is_over_is_not_touched(
    money: Money, undoing: Undoing, right: str
) -> None:
    day = date(2026, 2, 10)
    invoice = money.enter(day, "100")
    run = money.import_documents(day, day)["run"]
    money.world.books.switches.change({"entries_right": right})
    assert undoing.whole(run) == {"refused": 1}
    assert "cannot be read" in undoing.outcomes(run)[money.remote(invoice)][1]
    assert [step.undo_class.value for step in undoing.plan(run).steps] == ["U3"]
    assert len(money.world.invoices()) == 1
    # A person who knows says so.
    with money.world.engine.begin() as connection:
        say(connection, money.world.company.key, month_of(day), Said.REOPENED, money.world.clock.now())
    assert undoing.whole(run) == {"undone": 1}
    assert money.world.invoices() == []


def test_the_locked_month_refuses_and_is_told(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    money.world.books.switches.change({"locked_until": "2026-03-31"})
    assert undoing.do() == {"refused": 1}
    assert "SmartAccounts refused" in undoing.outcomes(run)[money.remote(invoice)][1]
    assert len(money.world.invoices()) == 1


def test_a_receipt_of_the_export_is_deleted_in_scoro(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    payment = money.pay({money.remote(invoice): None}, PAID)
    money.world.clock.advance(timedelta(hours=1))
    run = money.export()["run"]
    assert len(money.groups()) == 1
    plan = undoing.plan(run)
    assert [step.kind.value for step in plan.steps] == ["receipt"]
    assert undoing.whole(run) == {"undone": 1}
    assert money.groups() == []
    assert len(money.payments()) == 1
    for _ in range(2):
        money.world.clock.advance(timedelta(hours=1))
        money.export()
        money.import_payments(PAID, PAID)
    assert money.groups() == []
    assert len(money.payments()) == 1
    undoing.retry(payment, Flow.EXPORT_PAYMENTS)
    for _ in range(2):
        money.world.clock.advance(timedelta(hours=1))
        money.export()
    assert len(money.groups()) == 1


def test_lost_answers_at_every_deletion(money: Money, undoing: Undoing) -> None:
    invoices = [money.enter(DAY, net) for net in ("100", "50")]
    money.receive("invoices", {invoices[0]: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    undoing.approve(run, undoing.plan(run).plan_hash)
    for kind, after in ((FaultKind.DROP_AFTER, 0), (FaultKind.DROP_BEFORE, 1), (FaultKind.STATUS_AFTER, 2)):
        money.world.server.faults.add(Fault(kind, where=":delete", after=after))
    counts: Any = None
    while counts is None:
        try:
            counts = undoing.do()
        except TransientError:
            money.world.clock.advance(timedelta(minutes=10))
    assert counts == {"undone": 3}
    assert money.world.invoices() == money.payments() == []


def test_the_preview_says_what_could_be_taken_back(money: Money) -> None:
    money.world.clock.set(datetime(2026, 4, 5, 9, tzinfo=UTC))
    money.enter(DAY, "100")
    money.enter(date(2026, 4, 2), "50")
    money.world.books.save_return(date(2026, 3, 1))
    summary = money.world.run(DAY, date(2026, 4, 2), mode=Mode.PREVIEW)
    assert summary["undo"] == [] or len(summary["undo"]) == 2
    text = told(summary)
    assert "can be taken back by deletion" in text, text
    assert "saab tagasi võtta kustutamisega" in text
    assert Flow.SALES_INVOICES.value in text
