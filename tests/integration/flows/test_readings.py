"""Whole flows. What the services may answer otherwise than is assumed: the books are right in either position of the
switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_sandbox.faults import FaultKind
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.conftest import Databases
from tests.integration.flows.test_reworded import month
from tests.integration.money import MODULES, SERVICES, Money
from tests.integration.outbox.test_in_doubt import lose, numbers, run_of
from tests.integration.plan.test_paid_as_booked import PAID, deleted
from tests.integration.world import World, open_world

DAY = date(2026, 1, 15)
DOCUMENTS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
SERVICES_OF_ENTRIES = ("clientinvoices", "vendorinvoices", "payments")
either = pytest.mark.parametrize("excluded", [False, True], ids=["dateTo-includes", "dateTo-excludes"])


# Read both ways: a month of all flows comes out the same to the last field.
SERVED_BOTH_WAYS: list[dict[str, Any]] = [
    {"date_to_excluded": True},
    {"payments_shown": "signed_amount"},
    {"payments_shown": "signed"},
    {"row_vat_is_rate": True},
    {"netting_of_currency": True},
    {"page_size": 7},
    {"sort": "backwards"},
    {"omit_empty_list": True},
    {"number_as_number": True},
    {"moments": "iso"},
    {"moments": "day"},
    {"deleted_of_registers": False},
    {"payments_need_date_from": True},
    {"eur_amount_elsewhere": "allow"},
    {"invoice_number_filter": "exact"},
    {"add_answer_signed": True},
    {"calculate_vat": False},
    {"article_active": False},
    {"entry_date_today": True},
    {"duplicate_sales_number": "allow"},
    {"duplicate_purchase_number": "refuse"},
    {"mixed_rows": "allow"},
    {"netting_must_balance": False},
    {"error_key_field": ""},
    {"show_date": False},
    {"partner_vat_required": True},
    {"empty_post": "refuse"},
    {"amounts_as_text": True},
    {"negative_row_is_too_large": True},
    {"payment_moves_invoice": False},
    {"credits_shown_negative": False},
    {"due_date": "document"},
    {"text_lengths": {"county": 64, "city": 64, "postalCode": 64, "description": 255, "name": 100}},
]


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@either
@pytest.mark.parametrize("flow", DOCUMENTS)
def test_what_was_booked_on_the_last_day_without_an_answer_is_found(money: Money, flow: Flow, excluded: bool) -> None:
    world = money.world
    world.books.switches.change({"date_to_excluded": excluded, "duplicate_sales_number": "allow"})
    money.enter(DAY, "100", flow=flow, no="7")
    lose(world, f"{SERVICES[flow]}:add", FaultKind.STATUS_AFTER, times=3)
    _, summary = run_of(world, flow=flow)
    assert summary["documents"]["created"] == 1
    assert numbers(world, flow) == ["7"]


@either
@pytest.mark.parametrize("flow", DOCUMENTS)
def test_what_was_entered_by_hand_on_the_last_day_is_not_booked_again(money: Money, flow: Flow, excluded: bool) -> None:
    world = money.world
    world.books.switches.change({"date_to_excluded": excluded, "duplicate_sales_number": "allow"})
    money.enter(DAY, "100", flow=flow, no="7")
    money.import_documents(DAY, DAY, flow)
    by_hand = next(iter(world.books.state()[SERVICES[flow]]))
    partner = "vendorId" if flow is Flow.PURCHASE_INVOICES else "clientId"
    body = {key: by_hand[key] for key in (partner, "currency", "date", "dueDate", "entryDate")}
    rows = [
        {key: row[key] for key in ("code", "description", "price", "quantity", "vatPc") if key in row}
        for row in by_hand["rows"]
    ]
    money.enter(DAY, "100", flow=flow, no="8")
    world.books.seed(f"purchasesales/{SERVICES[flow]}", body | {"rows": rows, "invoiceNumber": "8"})
    summary = money.import_documents(DAY, DAY, flow)
    assert numbers(world, flow) == ["7", "8"]
    assert summary["documents"]["created"] == 0


@pytest.mark.parametrize("negative", [True, False], ids=["credits-negative", "credits-positive"])
def test_credit_invoices_are_known_by_their_type(money: Money, negative: bool) -> None:
    """Booked without an answer, then netted there, and what is left of it paid back from here."""
    world = money.world
    world.books.switches.change({"credits_shown_negative": negative, "duplicate_sales_number": "allow"})
    base = money.enter(DAY, "50", no="7")
    money.import_documents(DAY, DAY)
    credit = money.enter(DAY, "-100", no="8", credited_invoices=[base])
    lose(world, "clientinvoices:add", FaultKind.STATUS_AFTER, times=3)
    run_of(world)
    assert sorted(numbers(world, Flow.SALES_INVOICES)) == ["7", "8"]
    ids = {row["invoiceNumber"]: row["id"] for row in world.books.state()["clientinvoices"]}
    money.pay({ids["7"]: "62", ids["8"]: "62"}, PAID, account="Tasaarveldus")
    money.switch_export(on=True)
    money.export(PAID, PAID)
    assert [receipt["sum"] for group in money.groups() for receipt in group["receipts"]] == [62, -62]
    money.receive("invoices", {credit: "-62"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert (summary["documents"]["created"], summary["alarms"]) == (1, [])
    assert {row["outstandingAmount"] for row in world.books.state()["clientinvoices"]} == {0}


@pytest.mark.parametrize("again", [False, True], ids=["deleted", "entered-again"])
@pytest.mark.parametrize("flow", DOCUMENTS)
def test_a_payment_of_a_document_whose_deletion_does_not_show_is_told_and_not_booked(
    money: Money, flow: Flow, again: bool
) -> None:
    money.world.books.switches.change({"deleted_of_invoices": False})
    document, group = deleted(money, again=again, flow=flow)
    booked = money.world.books.state()[SERVICES[flow]]
    words = ""
    for _ in range(3):
        summary = money.import_payments(DAY, PAID)
        assert money.cases() == [("payments", str(group), "refused_by_smartaccounts")]
        [words] = summary["quarantined"]
        assert f"Payment {group} of 20.01.2026: SmartAccounts refused it: " in words
        # Nor is the document taken for a new one.
        assert money.import_documents(DAY, DAY, flow)["documents"]["already_there"] == 1
        money.world.clock.advance(timedelta(days=1))
    assert (money.payments(), money.world.books.state()[SERVICES[flow]]) == ([], booked)
    if again:
        [by_hand] = booked
        money.pay({by_hand["id"]: None}, PAID)
    money.dismiss(group)
    money.import_payments(DAY, PAID)
    assert (money.cases(), len(money.payments())) == ([], int(again))
    # Where it shows after all, what is told is the deletion.
    money.world.books.switches.change({"deleted_of_invoices": True})
    other = money.receive(MODULES[flow], {document: "10"}, PAID)
    money.import_payments(DAY, PAID)
    assert money.cases() == ([] if again else [("payments", str(other), "document_gone")])


def test_a_credit_invoice_of_one_whose_deletion_does_not_show_is_told_and_not_booked(money: Money) -> None:
    money.world.books.switches.change({"deleted_of_invoices": False})
    base, _ = deleted(money, again=False)
    credit = money.enter(DAY, "-100", credited_invoices=[base])
    for _ in range(2):
        summary = money.import_documents(DAY, DAY)
        assert (str(credit), "refused_by_smartaccounts") in {case[1:] for case in money.cases()}
        assert "SmartAccounts refused it: " in summary["quarantined"][0]
    assert money.world.invoices() == []


def played(databases: Databases, folder: Path, **switches: Any) -> dict[str, Any]:
    """A month of all flows under these switches; shown under the usual ones."""
    engine = make_engine(databases.new())
    try:
        with open_world(engine, folder) as world:
            world.clock.freeze()
            world.books.switches.change(switches)
            found = month(world)
            world.books.switches.change(asdict(Switches()))
            return found | {"books": world.books.state(), "entries": world.books.entries()}
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def usual(server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    databases = Databases(server_uri, template)
    yield played(databases, tmp_path_factory.mktemp("usual"))
    databases.drop()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_every_entry_of_a_month_balances(usual: dict[str, Any]) -> None:
    documents = [row for name in SERVICES_OF_ENTRIES for row in usual["books"][name]]
    assert len(usual["entries"]) == len(documents) > 50
    for entry in usual["entries"]:
        debit, credit = column(entry, "debitAmount"), column(entry, "creditAmount")
        assert debit == credit == Decimal(str(entry["amount"])), entry


def column(entry: dict[str, Any], name: str) -> Decimal:
    return sum((Decimal(str(row.get(name, 0))) for row in entry.get("rows", ())), Decimal(0))


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("switches", SERVED_BOTH_WAYS, ids=lambda switches: "-".join(map(str, *switches.items())))
def test_a_month_comes_out_the_same_either_way(
    databases: Databases, tmp_path: Path, usual: dict[str, Any], switches: dict[str, Any]
) -> None:
    found = played(databases, tmp_path, **switches)
    for name, rows in usual.items():
        assert found[name] == rows, name


@pytest.mark.parametrize("shown", ["whole", "cut", "hidden"])
def test_a_payment_whose_answer_was_lost_is_booked_once_whatever_its_document_shows(money: Money, shown: str) -> None:
    """Half of what is open: a second payment would be taken too."""
    world = money.world
    world.books.switches.change({"payment_document": shown})
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    group = money.receive("invoices", {invoice: "62"}, PAID)
    lose(world, "payments:add", FaultKind.STATUS_AFTER)
    run_of(world, PAID, PAID, flow=Flow.PAYMENTS)
    for _ in range(2):
        world.clock.advance(timedelta(days=1))
        summary = money.import_payments(PAID, PAID)
        assert (len(money.payments()), summary["documents"]["created"]) == (1, 0)
    assert money.pairs() == {str(group): money.payments()[0]["id"]}
    assert money.cases() == []


@pytest.mark.parametrize("days", [6, 40])
def test_the_same_amount_on_a_day_far_away_is_asked_about(money: Money, days: int) -> None:
    """There is room for both: an instalment, or the same money dated otherwise."""
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    payment = money.pay({money.remote(invoice): "62"}, PAID)
    group = money.receive("invoices", {invoice: "62"}, PAID + timedelta(days=days))
    last = PAID + timedelta(days=days)
    money.import_payments(last, last)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    assert len(money.payments()) == 1
    money.switch_export(on=True)
    money.export(PAID, last)
    assert ("export_payments", payment, "possible_duplicate") in money.cases()
    assert len(money.groups()) == 1
    # It is other money.
    money.retry(group)
    money.import_payments(last, last)
    assert len(money.payments()) == 2
    money.retry(payment)
    money.export(PAID, last)
    assert (len(money.groups()), money.cases()) == (2, [])


def test_instalments_that_stand_in_both_systems_are_not_asked_about(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    days = [PAID + timedelta(days=30 * number) for number in range(2)]
    payments = [money.pay({money.remote(invoice): "31"}, day) for day in days]
    groups = [money.receive("invoices", {invoice: "31"}, day) for day in days]
    money.import_payments(days[0], days[-1])
    assert money.cases() == []
    assert money.pairs() == {str(group): payment for group, payment in zip(groups, payments, strict=True)}


def test_a_prepayment_of_the_same_amount_on_a_day_far_away_is_asked_about(money: Money) -> None:
    order = money.enter_prepayment(DAY, "100")
    money.enter(DAY, "1")
    money.import_documents(DAY, DAY)
    client = money.world.books.state()["clients"][0]["id"]
    body = {
        "date": "20.01.2026",
        "partnerType": "CLIENT",
        "clientId": client,
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "prepayment": {"amount": "62", "description": "Ettemaks"},
    }
    money.world.books.seed("purchasesales/payments", body)
    day = PAID + timedelta(days=20)
    group = money.receive("prepayments", {order: "62"}, day)
    money.import_payments(day, day)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    money.retry(group)
    money.import_payments(day, day)
    assert len(money.payments()) == 2
