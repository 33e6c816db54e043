"""Room matching/documents. Records that can no longer be read in Scoro, or that come to nothing by now: their money
and their paper may stand in the books already, and are asked about instead of being entered once more."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.scoro.wire import documents_named
from tests.integration.money import MODULES, Money, said
from tests.integration.world import World

DAY, PAID = date(2026, 1, 15), date(2026, 1, 20)
BOTH = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
SALES, BILLS = BOTH
ZERO = Decimal(0)
# What staging has no amounts of; of which nothing can be read; what comes to nothing.
LATER: dict[str, dict[str, Any]] = {
    "out of bounds": {"currency_rate": Decimal(10) ** 11},
    "unreadable": {"date": None},
    "nothing": {"sum": ZERO, "vat_sum": ZERO, "lines": []},
}
# Without a document, nothing can be planned: its field is to be mended first.
CODES = {"out of bounds": "possible_duplicate", "unreadable": "paid_unreadable", "nothing": "possible_duplicate"}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@pytest.fixture(params=BOTH)
def flow(request: pytest.FixtureRequest) -> Flow:
    return Flow(request.param)


@pytest.fixture(params=list(LATER))
def later(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def booked(money: Money, flow: Flow, net: str = "100", **fields: Any) -> int:
    source_id = money.enter(DAY, net, flow=flow, **{"no": "1001", **fields})
    money.import_documents(DAY, DAY, flow)
    money.switch_export(on=True)
    money.export()
    money.world.clock.advance(timedelta(hours=1))
    return source_id


def half_paid_in_both(money: Money, flow: Flow, later: str) -> int:
    """A document that is half paid in both systems, of which the pipeline knows neither payment yet."""
    source_id = booked(money, flow)
    money.pay({money.remote(source_id, flow): "50"}, PAID)
    money.receive(MODULES[flow], {source_id: "50"}, PAID)
    spoil(money, flow, source_id, LATER[later])
    return source_id


def spoil(money: Money, flow: Flow, source_id: int, fields: dict[str, Any]) -> None:
    money.world.site.patch(MODULES[flow], source_id, fields)
    money.import_documents(DAY, DAY, flow)


def asked(money: Money) -> set[tuple[str, str]]:
    return {(flow, code) for flow, _, code in money.cases()}


def in_both(money: Money) -> tuple[int, int]:
    """Payments of SmartAccounts and of Scoro."""
    return len(money.payments()), len(money.groups())


# Of a document


def test_a_receipt_is_not_booked_beside_its_payment(money: Money, flow: Flow, later: str) -> None:
    half_paid_in_both(money, flow, later)
    summary = money.import_payments(PAID, PAID)
    assert (in_both(money), money.pairs()) == ((1, 1), {})
    assert ("payments", CODES[later]) in asked(money)
    if later == "unreadable":
        assert "cannot be read by now" in said(summary)
        assert "1001" in said(summary)


def test_a_payment_is_not_exported_beside_its_receipt(money: Money, flow: Flow, later: str) -> None:
    half_paid_in_both(money, flow, later)
    money.export(PAID, PAID)
    assert (in_both(money), money.pairs()) == ((1, 1), {})
    assert ("export_payments", CODES[later]) in asked(money)


def test_it_is_one_payment_once_the_document_is_mended(money: Money, flow: Flow) -> None:
    source_id = half_paid_in_both(money, flow, "unreadable")
    money.import_payments(PAID, PAID)
    spoil(money, flow, source_id, {"date": DAY.isoformat()})
    money.import_payments(PAID, PAID)
    assert (in_both(money), len(money.pairs()), money.cases()) == ((1, 1), 1, [])


def test_other_money_is_booked_when_a_person_says_so(money: Money, flow: Flow) -> None:
    half_paid_in_both(money, flow, "out of bounds")
    money.import_payments(PAID, PAID)
    [(_, group, _)] = [case for case in money.cases() if case[0] == "payments"]
    money.retry(group)
    money.import_payments(PAID, PAID)
    assert in_both(money) == (2, 1)


def test_a_payment_of_what_cannot_be_read_is_not_left_out(money: Money, flow: Flow) -> None:
    """Nor is the half of it exported that pays something else."""
    source_id, other = booked(money, flow), booked(money, flow, no="1002")
    money.pay({money.remote(source_id, flow): "50", money.remote(other, flow): "50"}, PAID)
    spoil(money, flow, source_id, LATER["unreadable"])
    money.export(PAID, PAID)
    assert (in_both(money), asked(money)) == ((1, 0), {("export_payments", "paid_unreadable")})
    spoil(money, flow, source_id, {"date": DAY.isoformat()})
    money.export()
    assert (in_both(money), money.cases()) == ((1, 1), [])


# Of a receipt


@pytest.mark.parametrize("fields", [{}, {"receipts": []}], ids=["names its document", "names nothing"])
def test_a_payment_is_not_exported_beside_a_receipt_that_cannot_be_read(
    money: Money, flow: Flow, fields: dict[str, Any]
) -> None:
    source_id = booked(money, flow)
    money.pay({money.remote(source_id, flow): "50"}, PAID)
    group = money.receive(MODULES[flow], {source_id: "50"}, PAID)
    money.world.site.patch("receipts", group, {"date": None, **fields})
    money.import_payments_of_yesterday()
    money.export(PAID, PAID)
    assert in_both(money) == (1, 1)
    assert ("export_payments", "possible_duplicate") in asked(money)


def test_what_a_receipt_names_is_read_where_it_can_be() -> None:
    rows = [
        {"invoice_id": 7, "sum": "x"},
        {"invoice_id": "8", "sales_doc_type": "expenses"},
        {"prepayment_id": 1},
        None,
    ]
    assert documents_named({"receipts": rows}) == {(SALES, "7"), (BILLS, "expense-8")}
    assert documents_named({"receipts": rows[:1], "sales_doc_type": "?"}) == {
        (SALES, "7"),
        (BILLS, "7"),
        (BILLS, "expense-7"),
    }
    assert documents_named({"receipts": "x"}) == frozenset()


def test_a_receipt_without_a_day_that_lost_its_payment_stops_no_run(money: Money) -> None:
    """Entered again in place of one that is gone, its payment deleted, and then spoiled."""
    source_id = booked(money, SALES)
    first = money.receive("invoices", {source_id: "50"}, PAID)
    money.import_payments(PAID, PAID)
    money.world.site.delete("receipts", first)
    money.world.clock.advance(timedelta(hours=1))
    second = money.receive("invoices", {source_id: "50"}, PAID)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    assert money.pairs() == {str(second): payment["id"]}
    money.world.books.delete("purchasesales/payments", {"id": payment["id"]})
    money.world.site.patch("receipts", second, {"date": None})
    money.world.clock.advance(timedelta(hours=1))
    money.import_payments_of_yesterday()
    money.import_payments(PAID, PAID)


# Of a paper


@pytest.mark.parametrize("fields", [{}, {"company_id": 0}], ids=["of its vendor", "of nobody"])
def test_a_bill_is_not_booked_beside_the_same_one_that_cannot_be_read(money: Money, fields: dict[str, Any]) -> None:
    """One of the same number is held; one of another spelling is told."""
    money.world.checked = True
    source_id = booked(money, BILLS, no="A-1001")
    spoil(money, BILLS, source_id, LATER["out of bounds"] | fields)
    twin = money.enter(DAY, "100", flow=BILLS, no="A-1001")
    spelled = money.enter(DAY, "100", flow=BILLS, no="a 1001")
    summary = money.import_documents(DAY, DAY, BILLS)
    assert set(money.documents(BILLS)) == {str(source_id), str(spelled)}
    assert money.cases() == [("purchase_invoices", str(twin), "number_not_unique")]
    assert "differ in spelling only" in said(summary)


def test_a_credit_invoice_is_not_booked_beside_one_that_cannot_be_read(money: Money) -> None:
    money.world.checked = True
    base = booked(money, SALES)
    credit = booked(money, SALES, "-10", no="1002", credited_invoices=[base])
    spoil(money, SALES, credit, LATER["out of bounds"])
    booked(money, SALES, "-10", no="1003", credited_invoices=[base])
    assert len(money.documents()) == 2
    assert ("sales_invoices", "credited_twice") in asked(money)
