"""The simulators. Receipts of Scoro: what they pay, and what is none."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sandbox.scoro_helpers import Poster


def pay(scoro: Poster, document: int, amount: float | str, **fields: Any) -> dict[str, Any]:
    request = {"date": "2026-03-10", "receipts": [{"invoice_id": document, "sum": amount}], **fields}
    result: dict[str, Any] = scoro.data("receipts/modify", request=request)
    return result


def test_receipts_pay_an_invoice_until_it_is_covered() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    scoro.clock.advance(timedelta(days=1))
    group = pay(scoro, invoice["id"], "100.50")
    assert group["sum"] == 100.5
    assert group["receipts"][0]["invoice_no"] == invoice["no"]
    assert group["receipts"][0]["contact_name"] == "Näidis OÜ"
    part = scoro.data(f"invoices/view/{invoice['id']}")
    assert (part["paid_sum"], part["receivable_sum"], part["status"]) == (100.5, 23.5, "unpaid")
    assert part["modified_date"] > invoice["modified_date"]
    second = pay(scoro, invoice["id"], "23.50")
    assert scoro.data(f"invoices/view/{invoice['id']}")["status"] == "paid"
    scoro.answer(f"receipts/delete/{second['id']}")
    assert scoro.data(f"invoices/view/{invoice['id']}")["status"] == "unpaid"


def test_changed_receipt_moves_its_money() -> None:
    scoro = Poster()
    company = scoro.client()
    one, two = scoro.invoice(company), scoro.invoice(company)
    group = pay(scoro, one["id"], 124)
    receipts = [{"invoice_id": two["id"], "sum": 24}]
    changed = scoro.data(f"receipts/modify/{group['id']}", request={"receipts": receipts})
    assert changed["sum"] == 24
    assert scoro.data(f"invoices/view/{one['id']}")["paid_sum"] == 0
    assert scoro.data(f"invoices/view/{two['id']}")["paid_sum"] == 24


def test_bills_and_expenses_are_paid_through_sales_doc_type() -> None:
    scoro = Poster()
    company = scoro.client(is_supplier=1)
    lines = [{"product_id": 0, "price": 10, "amount": 1}]
    bill = scoro.data("bills/modify", request={"company_id": company, "no": "4711", "lines": lines})
    pay(scoro, bill["id"], "12.40", sales_doc_type="bills")
    bill = scoro.data(f"bills/view/{bill['id']}")
    assert (bill["status"], bill["dateofpayment"]) == ("paid", "2026-03-10")
    assert "paid_sum" not in bill
    assert scoro.refused(f"bills/modify/{bill['id']}", request={"discount": 10}) == 400


def test_money_against_a_prepayment_invoice() -> None:
    scoro = Poster()
    lines = [{"product_id": 0, "price": 50, "amount": 1}]
    prepayment = scoro.data("prepayments/modify", request={"company_id": scoro.client(), "lines": lines})
    scoro.data("receipts/modify", request={"receipts": [{"prepayment_id": prepayment["id"], "sum": 62}]})
    assert scoro.data(f"prepayments/view/{prepayment['id']}")["status"] == "paid"


def test_receipt_finds_its_invoice_by_number() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client(), no="777")
    group = scoro.data("receipts/modify", request={"receipts": [{"invoice_no": "777", "sum": 1}]})
    assert group["receipts"][0]["invoice_id"] == invoice["id"]


@pytest.mark.parametrize(
    "request_fields",
    [
        {"receipts": [{"invoice_id": 999, "sum": 1}]},
        {"receipts": []},
        {"receipts": [{"invoice_id": 1}]},
        {"receipts": [{"invoice_id": 1, "sum": 1}], "sales_doc_type": "orders"},
        {"receipts": [{"invoice_id": 1, "sum": 1}], "receipt_account_id": 99},
    ],
)
def test_what_is_no_receipt(request_fields: dict[str, Any]) -> None:
    scoro = Poster()
    assert scoro.invoice(scoro.client())["id"] == 1
    assert scoro.refused("receipts/modify", request=request_fields) == 400
    assert scoro.data("receipts/list") == []


def test_received_invoice_takes_only_changes_that_keep_its_total() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    pay(scoro, invoice["id"], 1)
    path = f"invoices/modify/{invoice['id']}"
    assert scoro.refused(path, request={"discount": 50}) == 400
    assert scoro.data(path, request={"description": "x"})["description"] == "x"


def test_receipt_need_not_bump_the_invoice() -> None:
    scoro = Poster(receipt_bumps_modified=False)
    invoice = scoro.invoice(scoro.client())
    scoro.clock.advance(timedelta(days=1))
    pay(scoro, invoice["id"], 124)
    assert scoro.data(f"invoices/view/{invoice['id']}")["modified_date"] == invoice["modified_date"]


def test_equal_receipts_are_not_recognised_as_one() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    assert pay(scoro, invoice["id"], 62)["id"] != pay(scoro, invoice["id"], 62)["id"]
    assert scoro.data(f"invoices/view/{invoice['id']}")["paid_sum"] == 124


def bill(scoro: Poster, company: int, price: float = 100, **fields: Any) -> dict[str, Any]:
    lines = [{"product_id": 0, "comment": "Kaup", "price": price, "amount": 1}]
    result: dict[str, Any] = scoro.data("bills/modify", request={"company_id": company, "lines": lines, **fields})
    return result


def group(scoro: Poster, amounts: dict[int, float | str], **fields: Any) -> dict[str, Any]:
    receipts = [{"invoice_id": key, "sum": amount} for key, amount in amounts.items()]
    result: dict[str, Any] = scoro.data("receipts/modify", request={"receipts": receipts, **fields})
    return result


@pytest.mark.parametrize("allocated", [True, False])
def test_an_invoice_and_its_credit_invoice_are_netted(allocated: bool) -> None:
    scoro = Poster(credit_shows_in_paid_sum=allocated)
    company = scoro.client()
    base = scoro.invoice(company)
    lines = [{"product_id": 0, "price": 100, "amount": -1}]
    credit = scoro.invoice(company, credited_invoices=[base["id"]], lines=lines)
    assert scoro.data(f"invoices/view/{base['id']}")["paid_sum"] == (124 if allocated else 0)
    netting = group(scoro, {base["id"]: 124, credit["id"]: -124}, sum=0)
    assert netting["sum"] == 0
    assert [row["sum"] for row in netting["receipts"]] == [124, -124]
    for invoice, paid in ((base, 124), (credit, -124)):
        seen = scoro.data(f"invoices/view/{invoice['id']}")
        assert (seen["paid_sum"], seen["receivable_sum"], seen["status"]) == (paid, 0, "paid")
    scoro.answer(f"receipts/delete/{netting['id']}")
    assert scoro.data(f"invoices/view/{base['id']}")["paid_sum"] == (124 if allocated else 0)


def test_a_bill_is_netted_with_a_negative_one_and_the_rest_is_paid() -> None:
    scoro = Poster()
    company = scoro.client(is_supplier=1)
    plus, minus = bill(scoro, company, no="A-1/26"), bill(scoro, company, -50)
    netting = group(scoro, {plus["id"]: 124, minus["id"]: -62}, sales_doc_type="bills", date="2026-03-04")
    assert netting["sum"] == 62
    for document in (plus, minus):
        seen = scoro.data(f"bills/view/{document['id']}")
        assert (seen["status"], seen["dateofpayment"]) == ("paid", "2026-03-04")
    scoro.data(f"receipts/modify/{netting['id']}", request={"date": "2026-03-05"})
    assert scoro.data(f"bills/view/{plus['id']}")["dateofpayment"] == "2026-03-05"
    scoro.answer(f"receipts/delete/{netting['id']}")
    seen = scoro.data(f"bills/view/{plus['id']}")
    assert (seen["status"], seen["dateofpayment"]) == ("unpaid", None)


def test_an_expense_is_paid_in_halves() -> None:
    scoro = Poster()
    company = scoro.client(is_supplier=1)
    lines = [{"description": "Parkimine", "price": 10, "quantity": 1, "accounting_object_id": 1}]
    expense = scoro.data("expenses/modify", request={"company_id": company, "lines": lines})
    for status in ("unpaid", "paid"):
        group(scoro, {expense["id"]: "6.20"}, sales_doc_type="expenses")
        seen = scoro.data(f"expenses/view/{expense['id']}")
        assert seen["status"] == status
        assert not {"paid_sum", "dateofpayment"} & seen.keys()


def test_an_invoice_that_draws_on_a_prepayment_is_paid_with_the_rest() -> None:
    scoro = Poster()
    company = scoro.client()
    lines = [{"product_id": 0, "price": 50, "amount": 1}]
    prepayment = scoro.data("prepayments/modify", request={"company_id": company, "lines": lines})
    scoro.site.pay("prepayments", {prepayment["id"]: None})
    assert scoro.refused(f"prepayments/modify/{prepayment['id']}", request={"discount": 10}) == 400
    invoice = scoro.invoice(company, prepayment_id=[prepayment["id"]], prepayment_sum=62)
    assert (invoice["paid_sum"], invoice["receivable_sum"], invoice["status"]) == (0, 62, "unpaid")
    scoro.site.pay("invoices", {invoice["id"]: None})
    seen = scoro.data(f"invoices/view/{invoice['id']}")
    assert (seen["paid_sum"], seen["receivable_sum"], seen["status"]) == (62, 0, "paid")
    scoro.site.switches = scoro.site.switches.changed({"prepayment_in_paid_sum": True})
    other = scoro.invoice(company, prepayment_id=[prepayment["id"]], prepayment_sum=62)
    assert (other["paid_sum"], other["receivable_sum"], other["status"]) == (62, 62, "unpaid")


def test_a_prepayment_paid_after_it_was_drawn_on_pays_the_invoice() -> None:
    scoro = Poster()
    company = scoro.client()
    lines = [{"product_id": 0, "price": 100, "amount": 1}]
    prepayment = scoro.data("prepayments/modify", request={"company_id": company, "lines": lines})
    invoice = scoro.invoice(company, prepayment_id=[prepayment["id"]], prepayment_sum=124)
    assert invoice["status"] == "unpaid"
    paid = scoro.site.pay("prepayments", {prepayment["id"]: None})
    assert scoro.data(f"invoices/view/{invoice['id']}")["status"] == "paid"
    scoro.answer(f"receipts/delete/{paid['id']}")
    assert scoro.data(f"invoices/view/{invoice['id']}")["status"] == "unpaid"


def test_groups_are_listed_by_day_and_change_plain_or_detailed() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    early = group(scoro, {invoice["id"]: 1}, date="2026-02-20")
    scoro.clock.advance(timedelta(days=3))
    late = group(scoro, {invoice["id"]: 2}, date="2026-03-05")

    def ids(**body: Any) -> list[int]:
        return [row["id"] for row in scoro.data("receipts/list", **body)]

    assert ids(filter={"date": {"from_date": "2026-03-01"}}) == [late["id"]]
    assert ids(filter={"modified_date": {"from_date": "2026-03-03"}}) == [late["id"]]
    assert ids(filter={"modified_date": {"to_date": "2026-03-03"}}) == [early["id"]]
    assert ids(filter={"sales_doc_type": "bills"}) == []
    plain, detailed = scoro.data("receipts/list"), scoro.data("receipts/list", detailed_response=True)
    assert [row["receipts"] for row in plain] == [row["receipts"] for row in detailed]
    assert plain[0]["receipts"][0]["sum"] == 1
    scoro.answer(f"receipts/delete/{early['id']}")
    assert ids() == [late["id"]]
    shown = next(row for row in scoro.data("receipts/list", include_deleted="1") if row["id"] == early["id"])
    assert (shown["is_deleted"], bool(shown["deleted_date"]), len(shown["receipts"])) == (1, True, 1)


def test_groups_may_be_listed_only() -> None:
    scoro = Poster(receipts_view=False)
    made = group(scoro, {scoro.invoice(scoro.client())["id"]: 1})
    assert scoro.refused(f"receipts/view/{made['id']}") == 404
    assert [row["id"] for row in scoro.data("receipts/list")] == [made["id"]]


def test_what_a_group_may_not_be() -> None:
    scoro = Poster()
    company = scoro.client()
    dollars = scoro.invoice(company, currency="USD", currency_rate="0.9")
    euros = scoro.invoice(company)
    prepayment = scoro.data("prepayments/modify", request={"company_id": company, "lines": []})
    for request in (
        {"receipts": [{"invoice_id": dollars["id"], "sum": 1}]},
        {"receipts": [{"invoice_id": euros["id"], "sum": 1}], "currency": "USD"},
        {"receipts": [{"invoice_id": euros["id"], "sum": 1}], "currency": "XXX"},
        {"receipts": [{"invoice_id": euros["id"], "sum": 1}], "sum": 2},
        {"receipts": [{"invoice_id": euros["id"], "sum": "0.001"}]},
        {"receipts": [{"invoice_id": euros["id"], "sum": 1}], "contact_id": 999},
        {"receipts": [{"prepayment_id": prepayment["id"], "sum": 1}], "sales_doc_type": "bills"},
        {"receipts": [{"prepayment_id": 999, "sum": 1}]},
    ):
        assert scoro.refused("receipts/modify", request=request) == 400, request
    made = group(scoro, {euros["id"]: 1})
    assert scoro.refused(f"receipts/modify/{made['id']}", request={"sales_doc_type": "bills"}) == 400
    assert scoro.data(f"invoices/view/{euros['id']}")["paid_sum"] == 1
    assert group(scoro, {dollars["id"]: 124}, currency="USD")["currency"] == "USD"


def test_strict_sites_refuse_more() -> None:
    scoro = Poster(receipt_of_other_contact="refuse", receipt_overpays="refuse", delete_received="refuse")
    company, other = scoro.client(), scoro.client("Muu OÜ")
    invoice = scoro.invoice(company)
    receipts = [{"invoice_id": invoice["id"], "sum": 100}]
    assert scoro.refused("receipts/modify", request={"receipts": receipts, "contact_id": other}) == 400
    made = scoro.data("receipts/modify", request={"receipts": receipts})
    assert scoro.refused("receipts/modify", request={"receipts": [{"invoice_id": invoice["id"], "sum": 25}]}) == 400
    receipts = [{"invoice_id": invoice["id"], "sum": 124}]
    scoro.data(f"receipts/modify/{made['id']}", request={"receipts": receipts})
    assert scoro.refused(f"invoices/delete/{invoice['id']}") == 400
    scoro.answer(f"receipts/delete/{made['id']}")
    assert scoro.answer(f"invoices/delete/{invoice['id']}")["status"] == "OK"


def test_the_books_of_receipts_survive_a_restart() -> None:
    scoro = Poster()
    company = scoro.client()
    base = scoro.invoice(company)
    credit = scoro.invoice(company, credited_invoices=[base["id"]], lines=[{"price": 40, "amount": -1}])
    group(scoro, {base["id"]: 100, credit["id"]: -20})
    again = Poster().site
    again.load(scoro.site.dump())
    for invoice in (base, credit):
        assert again.paid_of("invoices", invoice["id"]) == scoro.site.paid_of("invoices", invoice["id"])
