from datetime import timedelta
from typing import Any

import pytest
from scoro_helpers import Poster


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
