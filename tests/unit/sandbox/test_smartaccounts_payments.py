"""The simulators. Payments of the SmartAccounts simulator: what they settle, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from tests.unit.sandbox.smartaccounts_helpers import PAYMENTS, PURCHASES, SALES, Company, invoice, line, purchase


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


@pytest.fixture
def client(company: Company) -> str:
    return company.client()


def row(invoice_id: str, amount: Any = 124, kind: str = "CLIENT_INVOICE") -> dict[str, Any]:
    return {"amount": amount, "type": kind, "id": invoice_id}


def payment(client: str, *rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "date": "05.03.2026",
        "partnerType": "CLIENT",
        "clientId": client,
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "rows": list(rows),
        **fields,
    }


def sale(company: Company, client: str, **fields: Any) -> str:
    return company.books.seed(SALES, invoice(client, **fields))


def outstanding(company: Company, invoice_id: str, service: str = SALES) -> float:
    amount: float = company.row(service, id=invoice_id)["outstandingAmount"]
    return amount


def test_a_payment_in_parts(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    first = company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, "100.004"), amount=999, document="SC-1"))
    assert (first.keys(), first["amount"]) == ({"paymentId", "number", "amount"}, 100)
    assert outstanding(company, invoice_id) == 24
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(invoice_id, 24.01))) == ["AMOUNT-TOO-LARGE"]
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 24)))
    assert outstanding(company, invoice_id) == 0
    company.write(f"{PAYMENTS}:delete", {}, id=first["paymentId"])
    assert outstanding(company, invoice_id) == 100
    assert company.refused(f"{PAYMENTS}:delete", {}, id=first["paymentId"]) == ["NOT-FOUND"]


def test_the_message_of_a_payment_that_is_too_large(company: Company, client: str) -> None:
    response = company.post(f"{PAYMENTS}:add", payment(client, row(sale(company, client), 125)))
    assert response.json()["errors"][0]["message"] == "payment amount larger than outstanding amount on row"


def test_a_payment_as_it_is_shown(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    added = company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id), comment="märge", document="SC-1"))
    bare = company.row(PAYMENTS, dateFrom="05.03.2026")
    assert not {"rows", "comment"} & bare.keys()
    assert (bare["id"], bare["document"], bare["client"]["name"]) == (added["paymentId"], "SC-1", "Näidis OÜ")
    full = company.row(PAYMENTS, id=added["paymentId"], fetchRows="true", fetchComments="true")
    assert full["rows"] == [{**row(invoice_id), "description": "MA2600001"}]
    assert full["comment"] == "märge"
    for name, value, found in (
        ("partnerType", "VENDOR", 0),
        ("accountType", "BANK", 1),
        ("accountName", "SEB", 0),
        ("partnerId", client, 1),
        ("partnerName", "NÄIDIS", 1),
        ("dateTo", "04.03.2026", 0),
    ):
        assert len(company.rows(PAYMENTS, dateFrom="01.03.2026", **{name: value})) == found, name


def test_editing_a_payment(company: Company, client: str) -> None:
    first, second = sale(company, client), sale(company, client)
    payment_id = company.books.seed(PAYMENTS, payment(client, row(first, 100)))
    too_much = {**payment(client, row(first, 125)), "id": payment_id}
    assert company.refused(f"{PAYMENTS}:edit", too_much) == ["AMOUNT-TOO-LARGE"]
    assert outstanding(company, first) == 24
    company.write(f"{PAYMENTS}:edit", {**payment(client, row(first, 124)), "id": payment_id})
    assert outstanding(company, first) == 0
    company.write(f"{PAYMENTS}:edit", {**payment(client, row(second, 24)), "id": payment_id})
    assert (outstanding(company, first), outstanding(company, second)) == (124, 100)


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"clientId": "x"}, ["VALUE-UNKNOWN", "PARTNER-MISMATCH"]),
        ({"accountName": "Swed"}, ["VALUE-UNKNOWN"]),
        ({"accountType": "CASH"}, ["VALUE-UNKNOWN"]),
        ({"accountName": "SEB USD"}, ["CURRENCY-MISMATCH"]),
        ({"accountName": "SEB USD", "currency": "USD"}, ["CURRENCY-MISMATCH"]),
        ({"partnerType": "WORKER"}, ["VALUE-INVALID"]),
        ({"partnerType": "VENDOR"}, ["VALUE-REQUIRED"]),
        ({"date": None}, ["VALUE-REQUIRED"]),
        ({"rows": []}, ["PAYMENT-EMPTY"]),
        ({"rows": [{"amount": 1, "type": "CLIENT_INVOICE"}]}, ["VALUE-REQUIRED"]),
        ({"rows": [row("x")]}, ["VALUE-UNKNOWN"]),
        ({"rows": [row("x", kind="VAT_RETURN")]}, ["VALUE-UNKNOWN"]),
        ({"rows": [row("x", kind="INVOICE")]}, ["VALUE-UNKNOWN"]),
        ({"extras": [{"price": 1, "quantity": 1, "description": "x", "account": "9999"}]}, ["VALUE-UNKNOWN"]),
        ({"prepayment": {"amount": 0, "description": "x"}}, ["AMOUNT-INVALID"]),
        ({"prepayment": {"amount": 1}}, ["VALUE-REQUIRED"]),
        ({"comment": "\N{SLIGHTLY SMILING FACE}"}, ["TEXT-INVALID"]),
    ],
    ids=str,
)
def test_payments_that_are_refused(company: Company, client: str, fields: dict[str, Any], keys: list[str]) -> None:
    invoice_id = sale(company, client)
    assert company.refused(f"{PAYMENTS}:add", {**payment(client, row(invoice_id)), **fields}) == keys
    assert outstanding(company, invoice_id) == 124
    assert company.rows(PAYMENTS) == []


def test_rows_that_are_refused(company: Company, client: str) -> None:
    mine, others = sale(company, client), sale(company, company.client("Muu OÜ"))
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(others))) == ["PARTNER-MISMATCH"]
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(mine, -1))) == ["AMOUNT-INVALID"]
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(mine, 100), row(mine, 100))) == ["ROW-REPEATED"]


def test_a_negative_row_may_count_as_too_large(company: Company, client: str) -> None:
    company.books.switches.change({"negative_row_is_too_large": True})
    mine = sale(company, client)
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(mine, -1))) == ["AMOUNT-TOO-LARGE"]
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(mine, 0))) == ["AMOUNT-INVALID"]


@pytest.mark.parametrize("moves", [True, False])
def test_a_payment_moves_its_invoice_or_not(company: Company, client: str, moves: bool) -> None:
    company.books.switches.change({"payment_moves_invoice": moves})
    invoice_id = sale(company, client)
    company.clock.advance(timedelta(minutes=1))
    company.books.pay({invoice_id: 10})
    since = {"dateType": "modifydate", "dateFrom": "02.03.2026_12:01:00"}
    assert len(company.rows(SALES, **since)) == moves
    assert outstanding(company, invoice_id) == 114


def test_a_credit_invoice_is_settled_by_netting(company: Company, client: str) -> None:
    base = sale(company, client)
    credit = sale(company, client, type="CRE", baseForCreditInvoiceId=base)
    assert outstanding(company, credit) == -124
    netting = {"accountName": "Tasaarveldus"}
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(base), row(credit, -124), **netting))
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(base), row(credit, 100), **netting)) == [
        "NETTING-NOT-BALANCED"
    ]
    answer = company.write(f"{PAYMENTS}:add", payment(client, row(base), row(credit), **netting))
    assert answer["amount"] == 248
    assert (outstanding(company, base), outstanding(company, credit)) == (0, 0)
    company.write(f"{PAYMENTS}:delete", {}, id=answer["paymentId"])
    assert (outstanding(company, base), outstanding(company, credit)) == (124, -124)
    company.books.switches.change({"netting_must_balance": False})
    company.write(f"{PAYMENTS}:add", payment(client, row(base), row(credit, 100), **netting))
    assert outstanding(company, credit) == -24


def test_a_refund_of_a_credit_invoice(company: Company, client: str) -> None:
    credit = sale(company, client, type="CRE")
    company.write(f"{PAYMENTS}:add", payment(client, row(credit, 124)))
    assert outstanding(company, credit) == 0


def test_vendors_are_paid(company: Company) -> None:
    vendor = company.vendor()
    bill = company.books.seed(PURCHASES, purchase(vendor))
    refund = company.books.seed(PURCHASES, purchase(vendor, line(quantity=-1)))
    body = payment("", row(bill, 100, "VENDOR_INVOICE"), partnerType="VENDOR", vendorId=vendor)
    company.write(f"{PAYMENTS}:add", body)
    assert outstanding(company, bill, PURCHASES) == 24
    company.write(f"{PAYMENTS}:add", {**body, "rows": [row(refund, 124, "VENDOR_INVOICE")]})
    assert outstanding(company, refund, PURCHASES) == 0
    assert company.refused(f"{PAYMENTS}:add", payment(company.client(), row(bill, 1, "VENDOR_INVOICE"))) == [
        "PARTNER-MISMATCH"
    ]


def test_prepayments_are_kept_and_used(company: Company, client: str) -> None:
    kept = company.books.seed(PAYMENTS, payment(client, prepayment={"amount": 150, "description": "Ettemaks"}))
    assert company.row(PAYMENTS, id=kept)["prepayment"] == {
        "amount": 150,
        "description": "Ettemaks",
        "account": "2120",
    }
    invoice_id = sale(company, client)
    use = [row(invoice_id), row(kept, 124, "PREPAYMENT_PAYMENT")]
    used = company.books.seed(PAYMENTS, payment(client, *use, accountName="Tasaarveldus"))
    assert outstanding(company, invoice_id) == 0
    again = payment(client, row(kept, 27, "PREPAYMENT_PAYMENT"))
    assert company.refused(f"{PAYMENTS}:add", again) == ["AMOUNT-TOO-LARGE"]
    assert company.refused(f"{PAYMENTS}:delete", {}, id=kept) == ["PREPAYMENT-IS-USED"]
    smaller = {**payment(client, prepayment={"amount": 100, "description": "Ettemaks"}), "id": kept}
    assert company.refused(f"{PAYMENTS}:edit", smaller) == ["PREPAYMENT-IS-USED"]
    company.write(f"{PAYMENTS}:delete", {}, id=used)
    company.write(f"{PAYMENTS}:delete", {}, id=kept)


def test_a_payment_of_extras_only(company: Company, client: str) -> None:
    extras = [{"price": "1.5", "quantity": 2, "description": "Teenustasu", "account": "8600"}]
    answer = company.write(f"{PAYMENTS}:add", payment(client, extras=extras))
    assert answer["amount"] == 3
    shown = company.row(PAYMENTS, id=answer["paymentId"], fetchRows="true")["extras"]
    assert shown == [{"price": 1.5, "quantity": 2, "description": "Teenustasu", "account": "8600", "amount": 3}]


def test_foreign_payments(company: Company, client: str) -> None:
    invoice_id = sale(company, client, currency="USD")
    in_dollars = {"currency": "USD"}
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 24), **in_dollars, accountName="SEB USD"))
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 50), **in_dollars, eurAmount="46.2"))
    assert outstanding(company, invoice_id) == 50
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(invoice_id, 50))) == ["CURRENCY-MISMATCH"]
    rouble = sale(company, client, currency="RUB", exchangeRate=97)
    body = payment(client, row(rouble, 10), currency="RUB")
    assert company.refused(f"{PAYMENTS}:add", body) == ["EXCHANGE-RATE-REQUIRED"]
    company.write(f"{PAYMENTS}:add", {**body, "exchangeRate": 97})


def test_cash_orders_are_numbered(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    cash = {"accountType": "CASH", "accountName": "Kassa"}
    for number in (1, 2):
        added = company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 10), **cash))
        assert company.row(PAYMENTS, id=added["paymentId"])["orderNumber"] == number


def test_locked_periods_hold_payments(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    payment_id = company.books.seed(PAYMENTS, payment(client, row(invoice_id, 10)))
    company.books.switches.change({"locked_until": "2026-03-05"})
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(invoice_id, 10))) == ["PERIOD-LOCKED"]
    later = {**payment(client, row(invoice_id, 10), date="06.03.2026"), "id": payment_id}
    assert company.refused(f"{PAYMENTS}:edit", later) == ["PERIOD-LOCKED"]
    assert company.refused(f"{PAYMENTS}:delete", {}, id=payment_id) == ["PERIOD-LOCKED"]
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 10), date="06.03.2026"))


def test_a_paid_invoice_keeps_what_was_paid(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id, 100)))
    changed = {**invoice(client, line(price=200)), "id": invoice_id}
    assert company.refused(f"{SALES}:edit", changed) == ["INVOICE-HAS-PAYMENTS"]
    company.books.switches.change({"edit_paid": "allow"})
    company.write(f"{SALES}:edit", changed)
    assert outstanding(company, invoice_id) == 148
    assert company.refused(f"{SALES}:edit", {**invoice(client, line(price=80)), "id": invoice_id}) == [
        "AMOUNT-TOO-LARGE"
    ]


def test_documents_of_both_directions_need_a_netting_account(company: Company, client: str) -> None:
    base = sale(company, client)
    credit = sale(company, client, type="CRE")
    both = payment(client, row(base, 124), row(credit, 24))
    assert company.refused(f"{PAYMENTS}:add", both) == ["NETTING-ACCOUNT-REQUIRED"]
    company.books.switches.change({"mixed_rows": "allow"})
    company.write(f"{PAYMENTS}:add", both)
    assert (outstanding(company, base), outstanding(company, credit)) == (0, -100)


def test_extras_take_the_cents_that_the_till_rounds_off(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    cash = {"accountType": "CASH", "accountName": "Kassa"}
    cents = [{"price": "-0.02", "quantity": 1, "description": "Ümardus", "account": "8600"}]
    answer = company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id), **cash, extras=cents))
    assert answer["amount"] == 123.98
    assert outstanding(company, invoice_id) == 0
    too_much = [{"price": -1, "quantity": 1, "description": "x", "account": "8600"}]
    assert company.refused(f"{PAYMENTS}:add", payment(client, extras=too_much)) == ["AMOUNT-INVALID"]


def test_a_netting_account_takes_what_is_written_off(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    off = [{"price": -124, "quantity": 1, "description": "Mahakandmine", "account": "8600"}]
    netting = {"accountName": "Tasaarveldus"}
    assert company.refused(f"{PAYMENTS}:add", payment(client, row(invoice_id), **netting)) == ["NETTING-NOT-BALANCED"]
    company.write(f"{PAYMENTS}:add", payment(client, row(invoice_id), **netting, extras=off))
    assert outstanding(company, invoice_id) == 0
    credit = sale(company, client, type="CRE")
    kept = {"amount": 124, "description": "Ettemaks"}
    company.write(f"{PAYMENTS}:add", payment(client, row(credit), **netting, prepayment=kept))
    assert outstanding(company, credit) == 0


def test_foreign_payments_have_a_rate(company: Company, client: str) -> None:
    invoice_id = sale(company, client, currency="USD")
    body = payment(client, row(invoice_id, 31), currency="USD")
    by_bank = company.write(f"{PAYMENTS}:add", body)["paymentId"]
    by_value = company.write(f"{PAYMENTS}:add", {**body, "eurAmount": 25})["paymentId"]
    assert company.row(PAYMENTS, id=by_bank)["exchangeRate"] == 1.085
    assert company.row(PAYMENTS, id=by_value)["exchangeRate"] == 1.24
    own = {**body, "accountName": "SEB USD", "eurAmount": 25}
    assert company.refused(f"{PAYMENTS}:add", own) == ["EUR-AMOUNT-INVALID"]
    euros = payment(client, row(sale(company, client), 1), eurAmount=1)
    assert company.refused(f"{PAYMENTS}:add", euros) == ["EUR-AMOUNT-INVALID"]


def test_prepayments_to_vendors_have_an_account_of_their_own(company: Company) -> None:
    vendor = company.vendor()
    kept = {"amount": 10, "description": "Ettemaks"}
    body = payment("", partnerType="VENDOR", vendorId=vendor, prepayment=kept)
    payment_id = company.write(f"{PAYMENTS}:add", body)["paymentId"]
    assert company.row(PAYMENTS, id=payment_id)["prepayment"]["account"] == "1420"


def test_changes_of_payments_are_found_by_the_second(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    old = company.books.pay({invoice_id: 10})
    gone = company.books.pay({invoice_id: 10})
    company.clock.advance(timedelta(seconds=61))
    new = company.books.pay({invoice_id: 20})
    company.books.remove(PAYMENTS, gone)
    since = {"dateType": "modifydate", "dateFrom": "02.03.2026_12:01:01", "fetchRows": "true"}
    answer = company.read(PAYMENTS, **since)
    assert [(row["id"], len(row["rows"])) for row in answer["payments"]] == [(new, 1)]
    assert answer["deleted"] == [gone]
    assert "deleted" not in company.read(PAYMENTS, **since, pageNumber=2)
    company.books.change(PAYMENTS, old, document="1")
    assert {row["id"] for row in company.rows(PAYMENTS, **since)} == {old, new}


def test_the_bookkeeper_pays_changes_and_deletes(company: Company, client: str) -> None:
    one, two = sale(company, client), sale(company, client, currency="EUR")
    both = company.books.pay({one: None, two: "24.5"}, day=date(2026, 3, 4), document="Import 7")
    shown = company.row(PAYMENTS, id=both, fetchRows="true", fetchComments="true")
    assert (shown["amount"], shown["date"], shown["document"]) == (148.5, "04.03.2026", "Import 7")
    assert (shown["accountName"], shown["partnerType"], "comment" in shown) == ("LHV", "CLIENT", False)
    company.books.change(PAYMENTS, both, rows=[row(two, 24.5)], comment="parandatud")
    assert (outstanding(company, one), outstanding(company, two)) == (124, 99.5)
    assert company.row(PAYMENTS, id=both)["date"] == "04.03.2026"
    company.books.remove(PAYMENTS, both)
    assert outstanding(company, two) == 124
    cash = company.books.pay(one, account="Kassa")
    assert company.row(PAYMENTS, id=cash)["accountType"] == "CASH"
    vendor = company.vendor()
    bought = company.books.seed(PURCHASES, purchase(vendor, isCalculateVat=False, vatAmount="23.99"))
    company.books.change(PURCHASES, bought, invoiceNumber="A-1/26")
    bill = company.row(PURCHASES, id=bought)
    assert (bill["invoiceNumber"], bill["totalAmount"], bill["outstandingAmount"]) == ("A-1/26", 123.99, 123.99)
    company.books.pay(bought)
    assert outstanding(company, bought, PURCHASES) == 0
    credit = sale(company, client, type="CRE")
    company.books.change(SALES, credit, comment="käsitsi")
    assert outstanding(company, credit) == -124
    company.books.pay({two: 124, credit: 124}, account="Tasaarveldus")
    assert outstanding(company, credit) == 0
    with pytest.raises(Refusal, match="AMOUNT-INVALID"):
        company.books.pay(credit)
