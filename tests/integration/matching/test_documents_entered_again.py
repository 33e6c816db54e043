"""Room matching/documents. Invoices and bills that went away in one system and were entered again, in either: they
stand in the books once, and what cannot be told is asked before anything is booked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.gone import note_deleted
from scoro_smartaccounts.staging.links import successors
from scoro_smartaccounts.staging.quarantine import release
from scoro_smartaccounts.staging.schema import quarantine
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.killed import run_and_kill
from tests.integration.money import MODULES, SERVICES, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
NEXT = date(2026, 1, 16)
PAID = date(2026, 1, 20)
SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
BOTH = [SALES, PURCHASES]


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def an_hour(money: Money) -> None:
    money.world.clock.advance(timedelta(hours=1))


def there(money: Money, flow: Flow = SALES) -> list[dict[str, Any]]:
    """SmartAccounts' documents, as it shows them."""
    return list(money.world.books.state()[SERVICES[flow]])


def service(flow: Flow) -> str:
    return INVOICE_FLOWS[flow].documents


def scheduled(money: Money, flow: Flow = SALES) -> dict[str, Any]:
    """A night's run, far from the documents' days."""
    money.world.clock.advance(timedelta(days=1))
    day = money.world.clock.now().date() - timedelta(days=1)
    return money.world.run(day, day, flow=flow, kind=RunKind.SCHEDULED)


def case_of(money: Money, source_id: int) -> tuple[str, str]:
    with money.world.engine.connect() as connection:
        row = connection.execute(
            select(quarantine).where(quarantine.c.source_id == str(source_id)).order_by(quarantine.c.id.desc())
        ).first()
    assert row is not None
    return row.code, row.state


# Deleted in SmartAccounts


def deleted(money: Money, flow: Flow = SALES, **more: Any) -> tuple[int, dict[str, Any]]:
    """An imported document that SmartAccounts deleted, which is known: its Scoro id, and what the books held."""
    source_id = money.enter(DAY, "100", flow=flow, **more)
    money.import_documents(DAY, DAY, flow)
    [kept] = there(money, flow)
    an_hour(money)
    money.world.books.remove(service(flow), kept["id"])
    notice(money, flow)
    return source_id, kept


def notice(money: Money, flow: Flow = SALES) -> None:
    request = money.world.request(DAY, DAY, flow=flow)
    with money.world.engine.connect() as connection:
        note_deleted(connection, money.world.services(request), money.world.company, INVOICE_FLOWS[flow])


def enter_in_books(money: Money, kept: dict[str, Any], flow: Flow = SALES, **changes: Any) -> str:
    names = ("clientId", "vendorId", "date", "dueDate", "entryDate", "currency", "invoiceNumber", "type")
    of_row = ("code", "description", "price", "quantity", "vatPc", "accountPurchase")
    rows = [{name: row[name] for name in of_row if row.get(name) is not None} for row in kept["rows"]]
    body = {name: kept[name] for name in names if kept.get(name) is not None}
    return str(money.world.books.seed(service(flow), {**body, "rows": rows, **changes}))


@pytest.mark.parametrize("flow", BOTH)
def test_imported_again_it_is_asked_about_once(money: Money, flow: Flow) -> None:
    source_id, kept = deleted(money, flow)
    told = money.import_documents(DAY, DAY, flow)
    assert money.cases() == [(flow.value, str(source_id), "document_gone")]
    assert f"was deleted in SmartAccounts after the import (number {kept['invoiceNumber']}" in said(told)
    assert there(money, flow) == []
    for _ in range(2):
        scheduled(money, flow)
    assert money.cases() == [(flow.value, str(source_id), "document_gone")]
    assert there(money, flow) == []


@pytest.mark.parametrize("flow", BOTH)
def test_a_run_of_other_days_does_not_ask(money: Money, flow: Flow) -> None:
    deleted(money, flow)
    money.world.clock.advance(timedelta(days=10))
    scheduled(money, flow)
    scheduled(money, flow)
    money.import_documents(NEXT, NEXT, flow)
    assert money.cases() == []


def test_changed_in_scoro_it_is_asked_about(money: Money) -> None:
    source_id, _ = deleted(money)
    money.world.clock.advance(timedelta(days=10))
    scheduled(money)
    money.world.site.modify("invoices", source_id, {"description": "Muu"})
    told = scheduled(money)
    assert money.cases() == [(SALES.value, str(source_id), "document_gone")]
    # Nothing is left there that could be changed in the same way.
    assert "never updated" not in said(told) or "change it in SmartAccounts" not in said(told)


@pytest.mark.parametrize("flow", BOTH)
@pytest.mark.parametrize("again", ["by hand", "by schedule"])
def test_retried_it_is_booked_once_more(money: Money, flow: Flow, again: str) -> None:
    source_id, kept = deleted(money, flow)
    money.import_documents(DAY, DAY, flow)
    money.retry(source_id)
    told = money.import_documents(DAY, DAY, flow) if again == "by hand" else scheduled(money, flow)
    assert told["documents"]["created"] == 1
    [booked] = there(money, flow)
    assert money.remote(source_id, flow) == booked["id"] != kept["id"]
    assert money.cases() == []
    for _ in range(2):
        scheduled(money, flow)
    assert money.import_documents(DAY, DAY, flow)["documents"]["already_there"] == 1
    assert len(there(money, flow)) == 1


def test_an_answer_is_about_the_record_that_was_named(money: Money) -> None:
    """Deleted a second time, it is asked about a second time."""
    source_id, _ = deleted(money)
    money.import_documents(DAY, DAY)
    money.retry(source_id)
    money.import_documents(DAY, DAY)
    an_hour(money)
    money.world.books.remove(service(SALES), money.remote(source_id))
    notice(money)
    money.import_documents(DAY, DAY)
    assert money.cases() == [(SALES.value, str(source_id), "document_gone")]
    assert there(money) == []


@pytest.mark.parametrize("lost", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
def test_with_its_answer_lost_it_is_booked_once(money: Money, lost: FaultKind) -> None:
    source_id, _ = deleted(money)
    money.import_documents(DAY, DAY)
    money.retry(source_id)
    money.world.server.faults.add(Fault(lost, where="clientinvoices:add"))
    money.import_documents(DAY, DAY)
    scheduled(money)
    scheduled(money)
    [booked] = there(money)
    assert money.remote(source_id) == booked["id"]
    assert money.cases() == []


def test_killed_anywhere_it_is_booked_once(money: Money, stride: int) -> None:
    """Each step is killed at one moment after another, until it comes to its end."""
    source_id, _ = deleted(money)
    money.import_documents(DAY, DAY)
    money.retry(source_id)
    world = money.world
    request = world.request(DAY, DAY)
    pipeline.extract(request, world.services(request))
    killed = 0
    for _ in range(3):
        for step in (pipeline.reconcile_and_plan, pipeline.load):
            at = 0
            while run_and_kill(world, request, step, at):
                at += stride
            killed += at
        world.clock.advance(timedelta(hours=1))
    assert killed > 20
    pipeline.reconcile_and_plan(request, world.services(request))
    pipeline.load(request, world.services(request))
    scheduled(money)
    [booked] = there(money)
    assert money.remote(source_id) == booked["id"]
    assert money.cases() == []


@pytest.mark.parametrize("flow", BOTH)
def test_dismissed_it_stays_as_it_is(money: Money, flow: Flow) -> None:
    source_id, kept = deleted(money, flow)
    money.import_documents(DAY, DAY, flow)
    money.dismiss(source_id)
    for _ in range(2):
        scheduled(money, flow)
    told = money.import_documents(DAY, DAY, flow)
    assert money.outcome(source_id, told["run"]) == "dismissed"
    assert there(money, flow) == []
    assert money.cases() == []
    assert money.remote(source_id, flow) == kept["id"]


@pytest.mark.parametrize("flow", BOTH)
@pytest.mark.parametrize("when", ["before", "after the question"])
def test_entered_again_there_it_is_linked_and_told(money: Money, flow: Flow, when: str) -> None:
    source_id, kept = deleted(money, flow)
    if when != "before":
        money.import_documents(DAY, DAY, flow)
    again = enter_in_books(money, kept, flow)
    told = money.import_documents(DAY, DAY, flow) if when == "before" else scheduled(money, flow)
    assert money.remote(source_id, flow) == again
    assert money.outcome(source_id, told["run"]) == "adopted"
    assert "was deleted in SmartAccounts after the import and entered again there" in said(told)
    assert money.cases() == []
    assert money.import_documents(DAY, DAY, flow)["documents"]["already_there"] == 1
    assert len(there(money, flow)) == 1


def test_another_invoice_in_its_place_is_not_taken_for_it(money: Money) -> None:
    source_id, kept = deleted(money)
    enter_in_books(money, {**kept, "rows": [{**kept["rows"][0], "price": "90"}]})
    money.import_documents(DAY, DAY)
    assert money.cases() == [(SALES.value, str(source_id), "document_gone")]
    money.retry(source_id)
    money.import_documents(DAY, DAY)
    assert money.cases() == [(SALES.value, str(source_id), "partial_match")]
    assert len(there(money)) == 1


def test_deleted_in_both_it_is_done_with(money: Money) -> None:
    source_id, _ = deleted(money)
    money.import_documents(DAY, DAY)
    money.world.site.delete("invoices", source_id)
    scheduled(money)
    told = money.import_documents(DAY, DAY)
    assert money.outcome(source_id, told["run"]) == "deleted"
    assert money.cases() == []
    assert there(money) == []
    assert money.reported() == set()


def test_a_credit_invoice_and_its_invoice_are_booked_again(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(NEXT, "-100", credited_invoices=[invoice])
    money.import_documents(DAY, NEXT)
    an_hour(money)
    for source_id in (credit, invoice):
        money.world.books.remove(service(SALES), money.remote(source_id))
    notice(money)
    money.import_documents(DAY, NEXT)
    assert money.cases() == [(SALES.value, str(each), "document_gone") for each in (invoice, credit)]
    money.retry(credit)
    money.import_documents(DAY, NEXT)
    assert case_of(money, credit) == ("base_out_of_reach", "open")
    money.retry(invoice)
    money.import_documents(DAY, NEXT)
    scheduled(money)
    assert sorted(row["totalAmount"] for row in there(money)) == [-124, 124]
    assert money.cases() == []


def test_a_preview_shows_the_same_and_decides_nothing(money: Money) -> None:
    source_id, kept = deleted(money)
    told = money.world.run(DAY, DAY, mode=Mode.PREVIEW)
    assert "was deleted in SmartAccounts after the import" in said(told)
    money.retry(source_id)
    told = money.world.run(DAY, DAY, mode=Mode.PREVIEW)
    assert money.outcome(source_id, told["run"]) == "planned"
    assert money.remote(source_id) == kept["id"]
    assert there(money) == []
    scheduled(money)
    assert len(there(money)) == 1
    assert money.remote(source_id) != kept["id"]


def test_with_approval_it_is_booked_when_approved(money: Money) -> None:
    source_id, _ = deleted(money)
    money.world.run(DAY, DAY, mode=Mode.APPROVE)
    assert money.cases() == [(SALES.value, str(source_id), "document_gone")]
    money.retry(source_id)
    told = money.world.run(DAY, DAY, mode=Mode.APPROVE)
    assert told["documents"].get("planned") == 1
    assert there(money) == []


def test_asked_about_twice_an_answer_to_its_payment_books_nothing_by_itself(money: Money) -> None:
    """The payment's question says that the invoice's day has to be imported then."""
    source_id, _ = deleted(money)
    group = money.receive("invoices", {source_id: None}, PAID)
    # Long ago: nobody but the run that somebody starts looks at it.
    money.world.clock.advance(timedelta(days=10))
    scheduled(money)
    money.import_payments(PAID, PAID)
    money.import_documents(DAY, DAY)
    assert {code for _, _, code in money.cases()} == {"document_gone"}
    with money.world.engine.begin() as connection:
        release(connection, "default", [f"id:{group}"], "again", Flow.PAYMENTS)
    money.import_payments_of_yesterday()
    assert money.waits() == {str(group): "document_not_booked"}
    scheduled(money)
    assert there(money) == []
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    assert money.open_in_books() == {money.remote(source_id): Decimal(0)}
    assert money.cases() == []


# Deleted in Scoro


def left_behind(money: Money, flow: Flow = SALES, **more: Any) -> tuple[int, str]:
    """An imported document that was deleted in Scoro; its id there and its number."""
    source_id = money.enter(DAY, "100", flow=flow, no="88017", **more)
    money.import_documents(DAY, DAY, flow)
    an_hour(money)
    number = money.world.site.get(MODULES[flow], source_id)["no"]
    money.world.site.delete(MODULES[flow], source_id)
    return source_id, number


@pytest.mark.parametrize("flow", BOTH)
@pytest.mark.parametrize("again", ["by hand", "by schedule"])
def test_entered_again_in_scoro_it_is_the_same(money: Money, flow: Flow, again: str) -> None:
    first, number = left_behind(money, flow)
    second = money.enter(DAY, "100", flow=flow, no=number)
    told = money.import_documents(DAY, DAY, flow) if again == "by hand" else scheduled(money, flow)
    [booked] = there(money, flow)
    assert money.documents(flow) == {str(second): booked["id"]}
    assert money.outcome(second, told["run"]) == "adopted"
    assert "it was entered again in Scoro" in said(told)
    assert f"Scoro id {first}" in said(told)
    # What the report of the deleted one says is not to be followed any more.
    assert f"stands for {flow.noun} {number} of 15.01.2026 (Scoro id {second}) of Scoro now" in said(told)
    assert "until you delete it there too" not in said(told)
    assert money.cases() == []
    assert money.import_documents(DAY, DAY, flow)["documents"]["already_there"] == 1
    assert len(there(money, flow)) == 1


def other_number(money: Money, flow: Flow, number: str) -> int:
    return money.enter(DAY, "100", flow=flow, no="88018")


def other_total(money: Money, flow: Flow, number: str) -> int:
    return money.enter(DAY, "150", flow=flow, no=number)


def other_day(money: Money, flow: Flow, number: str) -> int:
    return money.enter(PAID, "100", flow=flow, no=number)


OTHERWISE = {other_number: "number", other_total: "total", other_day: "date"}


@pytest.mark.parametrize("flow", BOTH)
@pytest.mark.parametrize("again", OTHERWISE, ids=lambda again: again.__name__)
def test_entered_again_otherwise_it_is_asked_about(money: Money, flow: Flow, again: Any) -> None:
    money.world.books.switches.change({"duplicate_sales_number": "allow"})
    first, number = left_behind(money, flow)
    second = again(money, flow, number)
    day = PAID if again is other_day else DAY
    # Nothing but the second one's day is read by this run.
    told = money.import_documents(day, day, flow)
    assert len(there(money, flow)) == 1
    assert money.cases() == [(flow.value, str(second), "possible_duplicate")]
    assert f"{flow.noun} {number} of 15.01.2026 (Scoro id {first}) entered again" in said(told)
    assert f"(Scoro id {second}) may be" in said(told)
    assert f"it differs: {OTHERWISE[again]} " in said(told)
    scheduled(money, flow)
    assert len(there(money, flow)) == 1
    money.retry(second)
    scheduled(money, flow)
    scheduled(money, flow)
    assert len(there(money, flow)) == 2
    assert money.cases() == []
    assert money.documents(flow).keys() == {str(first), str(second)}


@pytest.mark.parametrize("flow", BOTH)
@pytest.mark.parametrize("again", OTHERWISE, ids=lambda again: again.__name__)
def test_with_the_first_one_deleted_there_it_is_booked(money: Money, flow: Flow, again: Any) -> None:
    first, number = left_behind(money, flow)
    second = again(money, flow, number)
    money.import_documents(DAY, PAID, flow)
    money.world.books.remove(service(flow), money.remote(first, flow))
    scheduled(money, flow)
    scheduled(money, flow)
    [booked] = there(money, flow)
    assert money.remote(second, flow) == booked["id"]
    assert money.cases() == []


def test_made_equal_there_it_is_linked(money: Money) -> None:
    first, number = left_behind(money)
    second = other_number(money, SALES, number)
    money.import_documents(DAY, DAY)
    remote = money.remote(first)
    money.world.books.change(service(SALES), remote, invoiceNumber=money.world.site.get("invoices", second)["no"])
    scheduled(money)
    assert money.documents() == {str(second): remote}
    assert money.cases() == []


def test_of_another_client_or_of_other_money_nothing_is_asked(money: Money) -> None:
    left_behind(money)
    money.enter(DAY, "100", no="88018", partner=money.partner("19000036"))
    money.enter(DAY, "99", no="88019")
    money.enter(NEXT, "100", no="88020")
    money.import_documents(DAY, NEXT)
    assert money.cases() == []
    assert len(there(money)) == 4


def test_while_the_first_one_is_there_equal_ones_are_two(money: Money) -> None:
    money.enter(DAY, "100", no="88017")
    money.import_documents(DAY, DAY)
    money.enter(DAY, "100", no="88018")
    money.import_documents(DAY, DAY)
    assert money.cases() == []
    assert len(there(money)) == 2


def test_of_two_that_may_be_it_one_takes_its_place(money: Money) -> None:
    _, number = left_behind(money)
    second = money.enter(DAY, "100", no=number)
    third = money.enter(DAY, "100", no="88018")
    money.import_documents(DAY, DAY)
    scheduled(money)
    assert money.documents().keys() == {str(second), str(third)}
    assert len(there(money)) == 2
    assert money.cases() == []


@pytest.mark.parametrize("flow", BOTH)
def test_its_payment_goes_over_too(money: Money, flow: Flow) -> None:
    source_id = money.enter(DAY, "100", flow=flow, no="88017")
    money.import_documents(DAY, DAY, flow)
    group = money.receive(MODULES[flow], {source_id: None}, PAID)
    money.import_payments(PAID, PAID)
    an_hour(money)
    money.world.site.delete("receipts", group)
    money.world.site.delete(MODULES[flow], source_id)
    second = money.enter(DAY, "100", flow=flow, no="88017")
    money.receive(MODULES[flow], {second: None}, PAID)
    money.import_documents(DAY, DAY, flow)
    money.import_payments(PAID, PAID)
    assert len(there(money, flow)) == len(money.payments()) == 1
    assert money.open_in_books(flow) == {money.remote(second, flow): Decimal(0)}
    assert money.cases() == []


def test_what_credits_the_first_one_credits_the_second(money: Money) -> None:
    first, number = left_behind(money)
    second = money.enter(DAY, "100", no=number)
    money.import_documents(DAY, DAY)
    money.world.site.patch("invoices", first, {"is_deleted": 0, "deleted_date": None})
    money.enter(NEXT, "-100", credited_invoices=[first])
    money.world.site.delete("invoices", first)
    money.import_documents(DAY, NEXT)
    assert money.cases() == []
    base = money.remote(second)
    assert [row.get("baseForCreditInvoiceId") for row in there(money) if row["id"] != base] == [base]


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.APPROVE])
def test_it_is_asked_about_in_every_mode(money: Money, mode: Mode) -> None:
    _, number = left_behind(money)
    second = other_total(money, SALES, number)
    money.world.run(DAY, DAY, mode=mode)
    assert money.cases() == [(SALES.value, str(second), "possible_duplicate")]


def test_a_bill_entered_again_for_another_vendor_is_asked_about(money: Money) -> None:
    """All else is equal: most likely the vendor was wrong."""
    _, number = left_behind(money, PURCHASES)
    second = money.enter(DAY, "100", flow=PURCHASES, no=number, partner=money.partner("19000036"))
    money.import_documents(DAY, DAY, PURCHASES)
    assert money.cases() == [(PURCHASES.value, str(second), "possible_duplicate")]
    assert len(there(money, PURCHASES)) == 1
    money.retry(second)
    money.import_documents(DAY, DAY, PURCHASES)
    assert money.cases() == []
    assert len(there(money, PURCHASES)) == 2


def test_another_vendors_bill_of_that_number_is_none_of_it(money: Money) -> None:
    _, number = left_behind(money, PURCHASES)
    money.enter(DAY, "70", flow=PURCHASES, no=number, partner=money.partner("19000036"))
    assert money.import_documents(DAY, DAY, PURCHASES)["documents"]["created"] == 1
    assert money.cases() == []


@pytest.mark.parametrize("flow", BOTH)
def test_entered_again_twice_the_first_is_still_known(money: Money, flow: Flow) -> None:
    first, number = left_behind(money, flow)
    second = money.enter(DAY, "100", flow=flow, no=number)
    money.import_documents(DAY, DAY, flow)
    an_hour(money)
    money.world.site.delete(MODULES[flow], second)
    third = money.enter(DAY, "100", flow=flow, no=number)
    money.import_documents(DAY, DAY, flow)
    assert money.documents(flow).keys() == {str(third)}
    with money.world.engine.connect() as connection:
        now = successors(connection, money.world.company.key, INVOICE_FLOWS[flow].kind, [str(first), str(second)])
    assert now == dict.fromkeys([str(first), str(second)], str(third))


def test_a_credit_invoice_of_the_first_of_three_is_booked_on_the_last(money: Money) -> None:
    first, number = left_behind(money)
    second = money.enter(DAY, "100", no=number)
    money.import_documents(DAY, DAY)
    an_hour(money)
    money.world.site.delete("invoices", second)
    money.enter(DAY, "100", no=number)
    money.import_documents(DAY, DAY)
    # Scoro takes a credit invoice of a living invoice only: it was entered before that one was deleted.
    money.world.site.patch("invoices", first, {"is_deleted": 0, "deleted_date": None})
    money.enter(NEXT, "-100", credited_invoices=[first])
    money.world.site.delete("invoices", first)
    money.import_documents(DAY, NEXT)
    assert money.cases() == []
    assert sorted(row["totalAmount"] for row in there(money)) == [-124, 124]
