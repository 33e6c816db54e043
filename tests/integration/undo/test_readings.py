"""Room undo. What no source tells of deletions, played the other way; stock that moved on; the audit, the command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.audit.taking import Taker
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.cli.undo import undo
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.undo.records import Records, Shown, Unlike
from scoro_smartaccounts_sandbox.smartaccounts.services import PAYMENTS, SALES
from tests.integration.audit.nights import Nights
from tests.integration.money import Money
from tests.integration.totals.books import Books, red
from tests.integration.undo.undoing import Undoing, classes, said
from tests.integration.world import World

DAY = date(2026, 3, 10)
PAID = date(2026, 3, 12)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@pytest.fixture
def undoing(world: World) -> Undoing:
    return Undoing(world)


@pytest.mark.parametrize("switches", [{"edit_paid": "allow"}, {"page_size": 2}, {"payments_shown": "signed"}])
def test_the_same_is_undone_whatever_the_service_answers(
    money: Money, undoing: Undoing, switches: dict[str, Any]
) -> None:
    money.world.books.switches.change(switches)
    invoices = [money.enter(DAY, net) for net in ("100", "50", "25", "10")]
    credit = money.enter(DAY, "-10", credited_invoices=[invoices[3]])
    money.receive("invoices", {invoices[0]: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    plan = undoing.plan(run)
    assert set(classes(plan).values()) <= {"U1", "U2"}, said(plan)
    undoing.whole(run)
    assert money.world.invoices() == money.payments() == []
    assert credit


def test_what_was_sent_to_the_client_stays(money: Money, undoing: Undoing) -> None:
    invoice = money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    money.world.books.records[SALES][money.remote(invoice)]["emailLastSentDate"] = "11.03.2026"
    assert undoing.do() == {"refused": 1}
    assert "was sent to the client" in undoing.outcomes(run)[money.remote(invoice)][1]


def of_stock(money: Money) -> dict[str, Any]:
    """A line of an article that is kept in stock."""
    fields = {"code": "LAO", "name": "Kaup", "price": "10", "tag": "Laoartikkel"}
    product = int(money.world.site.create("products", fields)["product_id"])
    return {"product_id": product, "product_name": "Kaup", "price": "10", "amount": "2", "vat_code_id": 9}


def test_stock_that_moved_on_is_a_persons(money: Money, undoing: Undoing) -> None:
    world = money.world
    line = of_stock(money)
    money.enter(DAY, "1", lines=[line])
    money.enter(DAY, "5")
    run = money.import_documents(DAY, DAY)["run"]
    assert "WH" in {row["type"] for row in world.books.state()["articles"]}
    later = money.enter(PAID, "1", lines=[line])
    money.import_documents(PAID, PAID)
    assert world.outcomes()[str(later)] == "created"
    plan = undoing.plan(run)
    assert sorted(classes(plan).values()) == ["U1", "U4"], said(plan)
    assert "LAO" in said(plan)


@pytest.mark.parametrize("is_imported", [True, False])
def test_stock_that_moved_on_since_the_plan_stops_that_one(
    money: Money, undoing: Undoing, *, is_imported: bool
) -> None:
    """By a document that was imported, or entered by hand, between the approval and the deletion."""
    line = of_stock(money)
    stock, free = money.enter(DAY, "1", lines=[line]), money.enter(DAY, "5")
    run = money.import_documents(DAY, DAY)["run"]
    undoing.approve(run, undoing.plan(run).plan_hash)
    touched = money.remote(stock)
    if is_imported:
        money.enter(PAID, "1", lines=[line])
        money.import_documents(PAID, PAID)
    else:
        old = next(row for row in money.world.invoices() if row["id"] == touched)
        body = {name: old[name] for name in ("clientId", "currency", "rows")}
        money.world.books.seed(SALES, {**body, "date": "12.03.2026", "entryDate": "12.03.2026", "invoiceNumber": "K1"})
    money.world.server.calls.clear()
    assert undoing.do() == {"undone": 1, "refused": 1}
    assert touched in {row["id"] for row in money.world.invoices()}
    assert "moved stock that later documents move too (LAO)" in undoing.outcomes(run)[touched][1]
    # Payments, VAT returns, a page of the plan's documents, invoices and bills since then, and one deletion.
    assert len(money.world.calls()) == 6
    assert free


def test_documents_that_move_the_same_stock_go_together_or_not_at_all(money: Money, undoing: Undoing) -> None:
    line = of_stock(money)
    invoices = [money.enter(day, "1", lines=[line]) for day in (DAY, DAY, PAID)]
    run = money.import_documents(DAY, PAID)["run"]
    assert set(classes(undoing.plan(run)).values()) == {"U1"}
    # The last one cannot go: those before it stay too, whether the plan knows it or not.
    undoing.approve(run, undoing.plan(run).plan_hash)
    last = money.remote(invoices[2])
    payment = money.pay({last: None}, PAID)
    assert undoing.do() == {"refused": 3}
    money.import_payments(PAID, PAID)
    assert sorted(classes(undoing.plan(run)).values()) == ["U4", "U4", "U4"]
    money.world.books.remove(PAYMENTS, payment)
    money.import_payments(PAID, PAID)
    assert undoing.whole(run) == {"undone": 3}
    assert money.world.invoices() == []


def test_the_audit_tells_nothing_of_it(money: Money, undoing: Undoing) -> None:
    nights = Nights(money.world)
    seen, unseen = money.enter(DAY, "100"), money.enter(PAID, "50")
    money.receive("invoices", {seen: None}, PAID)
    first = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    nights.play()
    # One that no night has ever seen.
    second = money.import_documents(PAID, PAID)["run"]
    for run in (first, second):
        undoing.whole(run)
    assert money.world.invoices() == []
    for _ in range(3):
        nights.play()
        assert nights.open() == []
    assert unseen


def test_the_command_shows_approves_and_tells(money: Money, undoing: Undoing) -> None:
    # Plans of commands are made at this machine's own moment.
    money.world.clock.set(datetime.now(UTC).replace(microsecond=0))
    today = money.world.clock.now().date()
    money.enter(today, "100")
    run = money.import_documents(today, today)["run"]
    place = Place(money.world.company, money.world.engine)
    money.world.server.calls.clear()
    shown = undo(place, run, "", "")
    plan_hash = shown.shape["hash"]
    assert any("Nothing was deleted" in line and plan_hash in line for line in shown.lines)
    assert json.loads(json.dumps(shown.shape))["steps"][0]["class"] == "U1"
    assert (shown.shape["requests_smartaccounts"], shown.shape["requests_scoro"]) == (4, 0)
    approved = undo(place, run, plan_hash, "Mari Maasikas")
    assert approved.shape["approved_by"] == "Mari Maasikas"
    assert money.world.calls() == []
    assert undoing.do() == {"undone": 1}
    assert len(money.world.calls()) <= 4
    after = undo(place, run, "", "")
    assert after.shape["done_before"][0]["state"] == "undone"
    assert not undo(place, "nobody/knows", "", "").done


def test_bills_are_taken_back_with_their_payments(money: Money, undoing: Undoing) -> None:
    bill = money.enter(DAY, "100", flow=Flow.PURCHASE_INVOICES, no="A-1")
    money.receive("bills", {bill: None}, PAID)
    run = money.import_documents(DAY, DAY, Flow.PURCHASE_INVOICES)["run"]
    money.import_payments(PAID, PAID)
    before = {row["account"]: Decimal(0) for entry in money.world.books.entries() for row in entry["rows"]}
    assert before
    assert undoing.whole(run) == {"undone": 2}
    assert money.world.bills() == money.payments() == []
    assert money.world.books.entries() == []


def test_totals_name_what_was_taken_back(money: Money, undoing: Undoing) -> None:
    kept, gone = money.enter(DAY, "100"), money.enter(PAID, "50")
    money.import_documents(DAY, DAY)
    run = money.import_documents(PAID, PAID)["run"]
    books = Books(money.world)
    books.read()
    undoing.whole(run)
    for _ in range(2):
        totals = books.totals()
        assert red(totals) == []
        assert {(each.cause, each.about.source_id) for each in totals.causes} == {("dismissed", str(gone))}
        books.night()
    assert kept


def test_a_reading_from_before_the_deletion_tells_nothing(money: Money, undoing: Undoing) -> None:
    nights = Nights(money.world)
    invoice = money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    nights.play()
    [row] = money.world.invoices()
    undoing.whole(run)
    with money.world.engine.begin() as connection:
        world = money.world
        site, at = world.services(undoing.request()).scoro.company_account_id, world.clock.now()
        taker = Taker(connection, world.company.key, site, at, world.company.first_import_date)
        taker.take(BooksList.SALES, [row], "shown_as_changed")
    for _ in range(2):
        nights.play()
        assert nights.open() == []
    assert invoice


def test_a_payment_of_another_run_is_seen_behind_a_page_that_was_read(money: Money, undoing: Undoing) -> None:
    """Also where SmartAccounts would delete a paid document."""
    money.world.books.switches.change({"edit_paid": "allow"})
    invoices = [money.enter(DAY, net) for net in ("100", "50")]
    run = money.import_documents(DAY, DAY)["run"]
    request, steps = undoing.request(), undoing.plan(run).steps
    with money.world.engine.connect() as connection:
        records = Records(connection, request, money.world.services(request), steps)
        first, second = steps
        assert isinstance(records.find(first, was_sent=False), Shown)
        money.receive("invoices", {int(second.source_id): None}, PAID)
        money.import_payments(PAID, PAID)
        assert isinstance(records.find(second, was_sent=False), Unlike)
    assert len(invoices) == 2
