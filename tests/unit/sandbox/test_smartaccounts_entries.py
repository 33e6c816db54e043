"""The simulators. The general ledger of the SmartAccounts simulator: what documents make there in euros, and how it
is read."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from tests.unit.sandbox.smartaccounts_helpers import (
    PAYMENTS,
    PURCHASES,
    SALES,
    Company,
    address,
    invoice,
    line,
    purchase,
)

ENTRIES = "general/entries"
CASH = {"accountType": "CASH", "accountName": "Kassa"}
NETTING = {"accountName": "Tasaarveldus"}
# Accounts of a fresh company.
TILL, BANK, DOLLARS, RECEIVABLE, STOCK, PAID_AHEAD, INPUT_VAT = "1000", "1010", "1020", "1200", "1310", "1420", "1510"
PAYABLE, PREPAID, VAT, SERVICES, GOODS, BOUGHT, OFFICE = "2110", "2120", "2310", "3010", "3020", "4210", "5110"
ROUNDING, EXCHANGE = "8600", "8700"


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


@pytest.fixture
def client(company: Company) -> str:
    return company.client()


@pytest.fixture
def vendor(company: Company) -> str:
    return company.vendor()


def debits(entry: dict[str, Any], suffix: str = "") -> dict[str, float]:
    """An entry by account: debit less credit."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in entry["rows"]:
        sums[row["account"]] += Decimal(str(row.get(f"debitAmount{suffix}", 0)))
        sums[row["account"]] -= Decimal(str(row.get(f"creditAmount{suffix}", 0)))
    return {account: float(amount) for account, amount in sums.items() if amount}


def entry(company: Company, kind: str) -> dict[str, Any]:
    """The newest entry of a kind."""
    return company.rows(ENTRIES, docType=kind, fetchRows="true")[-1]


def booked(company: Company, kind: str) -> dict[str, float]:
    return debits(entry(company, kind))


def balances(company: Company) -> dict[str, float]:
    """The whole ledger by account; every entry balances."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in company.books.entries():
        assert round(sum(debits(each).values()), 2) == 0, each
        for account, amount in debits(each).items():
            sums[account] += Decimal(str(amount))
    return {account: float(amount) for account, amount in sums.items() if amount}


def sale(company: Company, client: str, *lines: dict[str, Any], **fields: Any) -> str:
    return company.books.seed(SALES, invoice(client, *lines, **fields))


def bill(company: Company, vendor: str, *lines: dict[str, Any], **fields: Any) -> str:
    return company.books.seed(PURCHASES, purchase(vendor, *lines, **fields))


def pay(company: Company, partner: str, amounts: dict[str, Any], kind: str = "CLIENT", **fields: Any) -> str:
    basis = {
        "date": "05.03.2026",
        "partnerType": kind,
        f"{kind.lower()}Id": partner,
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "rows": [{"amount": amount, "type": f"{kind}_INVOICE", "id": key} for key, amount in amounts.items()],
    }
    return company.books.seed(PAYMENTS, {**basis, **fields})


def extra(price: str) -> list[dict[str, Any]]:
    return [{"price": price, "quantity": 1, "description": "Ümardus", "account": ROUNDING}]


# --- invoices and bills -------------------------------------------------------------------------------------------


def test_an_invoice(company: Company, client: str) -> None:
    sale(company, client)
    found = entry(company, "CLIENT_INVOICE")
    assert found.pop("id")
    assert found == {
        "docType": "CLIENT_INVOICE",
        "date": "02.03.2026",
        "number": "1",
        "currency": "EUR",
        "amount": 124,
        "rows": [
            {"account": RECEIVABLE, "description": "Näidis OÜ", "debitAmount": 124},
            {"account": SERVICES, "description": "Töö", "creditAmount": 100},
            {"account": VAT, "description": "24", "creditAmount": 24},
        ],
    }


def test_a_credit_invoice_swaps_the_sides(company: Company, client: str) -> None:
    sale(company, client, type="CRE")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: -124, SERVICES: 100, VAT: 24}
    sale(company, client)
    assert balances(company) == {}


def test_accounts_of_rows_articles_and_partners(company: Company, vendor: str) -> None:
    client = company.client("Muu OÜ", accountUnpaid="2130")
    company.article("OWN", accountSales="3020", accountPurchase=OFFICE)
    company.article("GOODS", "PRODUCT")
    company.article("STOCK", "WH")
    department = company.books.settings["objects"][0]["id"]
    sale(
        company,
        client,
        line(),
        line(accountSales="8500"),
        line("OWN", 10, objectId=department),
        line("GOODS", 20, vat="9"),
        roundAmount="0.01",
    )
    assert booked(company, "CLIENT_INVOICE") == {
        "2130": 282.21,
        SERVICES: -100,
        "8500": -100,
        GOODS: -30,
        VAT: -52.2,
        ROUNDING: -0.01,
    }
    assert [row.get("objectId") for row in entry(company, "CLIENT_INVOICE")["rows"][2:4]] == [None, department]
    bill(company, vendor, line(), line("OWN", 10), line("STOCK", 20), line("GOODS", 30, accountPurchase="8500"))
    assert booked(company, "VENDOR_INVOICE") == {
        PAYABLE: -198.4,
        BOUGHT: 100,
        OFFICE: 10,
        STOCK: 20,
        "8500": 30,
        INPUT_VAT: 38.4,
    }


def test_vat_goes_to_the_accounts_of_its_code(company: Company, client: str, vendor: str) -> None:
    row = next(row for row in company.books.settings["vatpcs"] if row["vatPc"] == "9")
    row |= {"accountSales": "2120", "accountPurchase": "1420"}
    sale(company, client, line(), line(vat="9"), line(vat="0"))
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 333, SERVICES: -300, VAT: -24, "2120": -9}
    bill(company, vendor, line(vat="9"), isCalculateVat=False, vatAmount="8.99")
    assert booked(company, "VENDOR_INVOICE") == {PAYABLE: -108.99, BOUGHT: 100, "1420": 8.99}


def test_the_vat_of_the_paper(company: Company, vendor: str) -> None:
    bill(company, vendor, line(), line(vat="0"), isCalculateVat=False, vatAmount="24.01")
    assert booked(company, "VENDOR_INVOICE") == {PAYABLE: -224.01, BOUGHT: 200, INPUT_VAT: 24.01}
    bill(company, vendor, line(quantity=-1), isCalculateVat=False, vatAmount="-24.01")
    assert booked(company, "VENDOR_INVOICE") == {PAYABLE: 124.01, BOUGHT: -100, INPUT_VAT: -24.01}


REVERSE = "24% (Reverse Chg.)"


@pytest.mark.parametrize("computed", [True, False])
@pytest.mark.parametrize("posted", ["always", "computed", "on_paper", "never"])
def test_reverse_charge_posts_on_both_accounts(company: Company, vendor: str, posted: str, computed: bool) -> None:
    company.books.switches.change({"reverse_charge_posted": posted})
    is_posted = posted in ("always", "computed" if computed else "on_paper")
    vat = {INPUT_VAT: 24, VAT: -24} if is_posted else {}
    fields: dict[str, Any] = {"isCalculateVat": True} if computed else {"isCalculateVat": False, "vatAmount": 0}
    bill(company, vendor, line(vat=REVERSE), **fields)
    assert booked(company, "VENDOR_INVOICE") == {PAYABLE: -100, BOUGHT: 100, **vat}
    bill(company, vendor, line(vat=REVERSE, quantity=-1), **fields)
    assert balances(company) == {}


def test_a_foreign_invoice_at_the_banks_rate(company: Company, client: str) -> None:
    sale(company, client, currency="USD")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 114.29, SERVICES: -92.17, VAT: -22.12}
    assert debits(entry(company, "CLIENT_INVOICE"), "OriginalCurrency") == {RECEIVABLE: 124, SERVICES: -100, VAT: -24}


def test_a_foreign_invoice_at_a_given_rate(company: Company, client: str) -> None:
    sale(company, client, currency="USD", exchangeRate="1.25")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 99.2, SERVICES: -80, VAT: -19.2}
    company.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    sale(company, client, currency="USD", exchangeRate="1.25")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 155, SERVICES: -125, VAT: -30}
    sale(company, client, currency="USD", exchangeRate="0.8")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 99.2, SERVICES: -80, VAT: -19.2}
    own = company.row(SALES, id=sale(company, client, currency="USD"))
    assert own["exchangeRate"] == 0.921659
    assert booked(company, "CLIENT_INVOICE")[RECEIVABLE] == 114.29


def test_cents_that_do_not_come_out_are_exchange_differences(company: Company, client: str) -> None:
    sale(company, client, *[line(price="0.05", vat="0") for _ in range(3)], currency="USD", exchangeRate="1.6")
    found = entry(company, "CLIENT_INVOICE")
    assert debits(found) == {RECEIVABLE: 0.09, SERVICES: -0.09}
    sale(company, client, *[line(price="0.04", vat="0") for _ in range(3)], currency="USD", exchangeRate="1.6")
    found = entry(company, "CLIENT_INVOICE")
    assert debits(found) == {RECEIVABLE: 0.08, SERVICES: -0.09, EXCHANGE: 0.01}
    assert debits(found, "OriginalCurrency") == {RECEIVABLE: 0.12, SERVICES: -0.12}


def test_paid_at_once(company: Company, client: str, vendor: str) -> None:
    sale(company, client, paymentMethod="Sularaha", paymentAmount=100)
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 24, TILL: 100, SERVICES: -100, VAT: -24}
    bill(company, vendor, paymentMethod="Kaardimakse", paymentAmount=124)
    assert booked(company, "VENDOR_INVOICE") == {BANK: -124, BOUGHT: 100, INPUT_VAT: 24}


# --- payments -----------------------------------------------------------------------------------------------------


def test_a_payment_in_part_and_one_that_pays_too_much(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    pay(company, client, {invoice_id: 100}, document="SC-1")
    assert booked(company, "BANK_PAYMENT") == {BANK: 100, RECEIVABLE: -100}
    pay(company, client, {invoice_id: 24}, prepayment={"amount": 6, "description": "Ettemaks"})
    assert booked(company, "BANK_PAYMENT") == {BANK: 30, RECEIVABLE: -24, PREPAID: -6}
    assert entry(company, "BANK_PAYMENT")["date"] == "05.03.2026"
    assert balances(company) == {BANK: 130, PREPAID: -6, SERVICES: -100, VAT: -24}


def test_a_prepayment_is_used(company: Company, client: str) -> None:
    kept = pay(company, client, {}, prepayment={"amount": 150, "description": "Ettemaks"})
    assert booked(company, "BANK_PAYMENT") == {BANK: 150, PREPAID: -150}
    invoice_id = sale(company, client)
    use = {"amount": 124, "type": "PREPAYMENT_PAYMENT", "id": kept}
    paid = {"amount": 124, "type": "CLIENT_INVOICE", "id": invoice_id}
    pay(company, client, {}, rows=[paid, use], **NETTING)
    assert booked(company, "BANK_PAYMENT") == {RECEIVABLE: -124, PREPAID: 124}
    assert balances(company) == {BANK: 150, PREPAID: -26, SERVICES: -100, VAT: -24}


def test_bills_are_paid_and_given_back(company: Company, vendor: str) -> None:
    pay(company, vendor, {bill(company, vendor): 124}, "VENDOR", **CASH)
    assert booked(company, "CASH_PAYMENT") == {TILL: -124, PAYABLE: 124}
    pay(company, vendor, {bill(company, vendor, line(quantity=-1)): 100}, "VENDOR")
    assert booked(company, "BANK_PAYMENT") == {BANK: 100, PAYABLE: -100}
    pay(company, vendor, {}, "VENDOR", prepayment={"amount": 10, "description": "Ettemaks"})
    assert booked(company, "BANK_PAYMENT") == {BANK: -10, PAID_AHEAD: 10}


@pytest.mark.parametrize(
    ("side", "found"),
    [("of_a_refund", {BANK: -100, RECEIVABLE: 100}), ("of_a_payment", {BANK: 100, RECEIVABLE: -100})],
)
def test_a_refund(company: Company, client: str, side: str, found: dict[str, float]) -> None:
    company.books.switches.change({"refund_side": side})
    pay(company, client, {sale(company, client, type="CRE"): 100})
    assert booked(company, "BANK_PAYMENT") == found
    pay(company, client, {sale(company, client): 100})
    assert booked(company, "BANK_PAYMENT") == {BANK: 100, RECEIVABLE: -100}


def test_a_netting_moves_no_money(company: Company, client: str) -> None:
    one, other = sale(company, client), sale(company, client, type="CRE")
    company.books.switches.change({"refund_side": "of_a_payment"})
    pay(company, client, {one: 124, other: 124}, **NETTING)
    assert entry(company, "BANK_PAYMENT")["amount"] == 124
    assert booked(company, "BANK_PAYMENT") == {}
    pay(company, client, {sale(company, client): 124}, extras=extra("-124"), **NETTING)
    assert booked(company, "BANK_PAYMENT") == {RECEIVABLE: -124, ROUNDING: 124}


@pytest.mark.parametrize(
    ("sign", "lost", "found", "refund"),
    [
        (
            "with_rows",
            {TILL: 123.98, RECEIVABLE: -124, ROUNDING: 0.02},
            {TILL: 124.02, RECEIVABLE: -124, ROUNDING: -0.02},
            {TILL: -123.98, RECEIVABLE: 124, ROUNDING: -0.02},
        ),
        (
            "against_rows",
            {TILL: 124.02, RECEIVABLE: -124, ROUNDING: -0.02},
            {TILL: 123.98, RECEIVABLE: -124, ROUNDING: 0.02},
            {TILL: -124.02, RECEIVABLE: 124, ROUNDING: 0.02},
        ),
    ],
)
def test_cents_of_cash(
    company: Company,
    client: str,
    sign: str,
    lost: dict[str, float],
    found: dict[str, float],
    refund: dict[str, float],
) -> None:
    company.books.switches.change({"extras_sign": sign})
    pay(company, client, {sale(company, client): 124}, extras=extra("-0.02"), **CASH)
    assert booked(company, "CASH_PAYMENT") == lost
    pay(company, client, {sale(company, client): 124}, extras=extra("0.02"), **CASH)
    assert booked(company, "CASH_PAYMENT") == found
    pay(company, client, {sale(company, client, type="CRE"): 124}, extras=extra("-0.02"), **CASH)
    assert booked(company, "CASH_PAYMENT") == refund


def test_cents_of_cash_for_a_bill(company: Company, vendor: str) -> None:
    pay(company, vendor, {bill(company, vendor): 124}, "VENDOR", extras=extra("-0.02"), **CASH)
    assert booked(company, "CASH_PAYMENT") == {TILL: -123.98, PAYABLE: 124, ROUNDING: -0.02}


def test_a_foreign_payment_gains_and_loses_by_the_rate(company: Company, client: str, vendor: str) -> None:
    dollars = {"currency": "USD"}
    invoice_id = sale(company, client, **dollars, exchangeRate="1.25")
    pay(company, client, {invoice_id: 62}, **dollars, accountName="SEB USD")
    assert booked(company, "BANK_PAYMENT") == {DOLLARS: 57.14, RECEIVABLE: -49.6, EXCHANGE: -7.54}
    assert debits(entry(company, "BANK_PAYMENT"), "OriginalCurrency") == {DOLLARS: 62, RECEIVABLE: -62}
    pay(company, client, {invoice_id: 62}, **dollars, eurAmount=45)
    assert booked(company, "BANK_PAYMENT") == {BANK: 45, RECEIVABLE: -49.6, EXCHANGE: 4.6}
    bill_id = bill(company, vendor, **dollars, exchangeRate="1.25")
    pay(company, vendor, {bill_id: 124}, "VENDOR", **dollars, exchangeRate="1.24", accountName="SEB USD")
    assert booked(company, "BANK_PAYMENT") == {DOLLARS: -100, PAYABLE: 99.2, EXCHANGE: 0.8}


def test_parts_settle_a_foreign_invoice_to_the_cent(company: Company, client: str) -> None:
    dollars = {"currency": "USD", "exchangeRate": "3"}
    invoice_id = sale(company, client, line(price=1, vat="0"), line(price=1, vat="0"), **dollars)
    for amount in ("0.5", "0.5", "1"):
        pay(company, client, {invoice_id: amount}, **dollars)
    assert RECEIVABLE not in balances(company)


# --- lists --------------------------------------------------------------------------------------------------------


def test_what_is_not_asked_for_is_not_shown(company: Company, client: str) -> None:
    sale(company, client, exchangeRate=1, comment="märge")
    shown = company.row(ENTRIES, dateFrom="02.03.2026")
    assert shown.keys() == {"id", "docType", "date", "number", "currency", "amount"}
    company.books.switches.change({"entry_euro_originals": True})
    rows = company.row(ENTRIES, fetchRows="true")["rows"]
    assert (rows[0]["debitAmountOriginalCurrency"], rows[1]["creditAmountOriginalCurrency"]) == (124, 100)


def test_filters(company: Company, client: str, vendor: str) -> None:
    invoice_id = sale(company, client, date="01.03.2026", entryDate="03.03.2026")
    bill(company, vendor)
    pay(company, client, {invoice_id: 100})
    every = company.rows(ENTRIES)
    assert [row["docType"] for row in every] == ["VENDOR_INVOICE", "CLIENT_INVOICE", "BANK_PAYMENT"]
    for params, found in (
        ({"dateFrom": "03.03.2026"}, 2),
        ({"dateFrom": "03.03.2026", "dateTo": "04.03.2026", "dateType": "date"}, 1),
        ({"dateTo": "03.03.2026"}, 2),
        ({"docType": "BANK_PAYMENT"}, 1),
        ({"docType": "VAT_RETURN"}, 0),
        ({"filterDescription": "tarnija"}, 1),
        ({"id": every[1]["id"]}, 1),
        ({"id": invoice_id}, 0),
        ({"paymentStatus": "unpaid"}, 3),
    ):
        assert len(company.rows(ENTRIES, **params)) == found, params
    company.books.switches.change({"date_to_excluded": True, "page_size": 2, "sort": "backwards"})
    assert len(company.rows(ENTRIES, dateTo="03.03.2026")) == 1
    answer = company.read(ENTRIES)
    assert (answer["hasMoreEntries"], "deleted" in answer) == (True, False)
    assert [row["docType"] for row in company.rows(ENTRIES, pageNumber=2)] == ["VENDOR_INVOICE"]
    assert company.refused_read(ENTRIES, docType="INVOICE") == ["docType is not known"]
    assert company.refused_read(ENTRIES, dateType="entrydate") == ["dateType is not known"]


def test_changes(company: Company, client: str) -> None:
    first, second, third = (sale(company, client) for _ in range(3))
    gone = next(row["id"] for row in company.rows(ENTRIES) if row["number"] == "3")
    company.clock.advance(timedelta(minutes=1))
    since = {"dateType": "modifydate", "dateFrom": "02.03.2026_12:01:00"}
    company.books.change(SALES, second, entryDate="04.03.2026", rows=[line(price=200)])
    company.books.remove(SALES, third)
    payment = pay(company, client, {first: 124})
    answer = company.read(ENTRIES, **since)
    assert [(row["docType"], row["amount"], row["date"]) for row in answer["entries"]] == [
        ("CLIENT_INVOICE", 248, "04.03.2026"),
        ("BANK_PAYMENT", 124, "05.03.2026"),
    ]
    assert answer["deleted"] == [gone]
    assert "deleted" not in company.read(ENTRIES, **since, pageNumber=2)
    company.books.remove(PAYMENTS, payment)
    assert len(company.read(ENTRIES, **since)["deleted"]) == 2
    company.books.switches.change({"deleted_of_entries": False})
    assert "deleted" not in company.read(ENTRIES, **since)


@pytest.mark.parametrize("link", ["id", "number", "document", "none"])
def test_what_links_an_entry_to_its_document(company: Company, client: str, vendor: str, link: str) -> None:
    company.books.switches.change({"entry_link": link})
    bill(company, vendor, invoiceNumber="O-7")
    invoice_id = sale(company, client, invoiceNumber="2026041")
    payment_id = pay(company, client, {invoice_id: 124}, document="SC-1")
    documents = [
        (SALES, company.row(SALES, id=invoice_id)),
        (PURCHASES, company.row(PURCHASES, dateFrom="02.03.2026")),
        (PAYMENTS, company.row(PAYMENTS, id=payment_id)),
    ]
    entries = {row["docType"]: row for row in company.rows(ENTRIES)}
    for kind, (service, document) in zip(("CLIENT_INVOICE", "VENDOR_INVOICE", "BANK_PAYMENT"), documents, strict=True):
        paper = document["document" if service == PAYMENTS else "invoiceNumber"]
        assert (entries[kind]["id"] == document["id"]) is (link == "id")
        assert entries[kind].get("document") == (paper if link == "document" else None)
        if link == "number":
            assert entries[kind]["number"] == document["number"]
    if link != "number":
        assert sorted(int(row["number"]) for row in entries.values()) == [1, 2, 3]
    company.clock.advance(timedelta(minutes=1))
    company.books.remove(PAYMENTS, payment_id)
    gone = company.read(ENTRIES, dateType="modifydate", dateFrom="02.03.2026_12:01:00")["deleted"]
    assert gone == [entries["BANK_PAYMENT"]["id"]]


@pytest.mark.parametrize("status", [401, 403])
def test_no_right_to_entries(company: Company, client: str, status: int) -> None:
    sale(company, client)
    company.books.switches.change({"entries_right": f"missing_{status}"})
    response = company.request("GET", address(f"{ENTRIES}:get", company.clock.now()))
    assert (response.status_code, response.json()["errors"][0]["key"]) == (status, "PERMISSION-DENIED")
    assert len(company.rows(SALES, dateFrom="02.03.2026")) == 1


def test_the_key_of_the_list(company: Company, client: str) -> None:
    company.books.switches.change({"list_keys": {ENTRIES: "objects"}, "number_as_number": True})
    sale(company, client)
    assert company.read(ENTRIES)["objects"][0]["number"] == 1


# --- by hand ------------------------------------------------------------------------------------------------------


def hand_row(account: str, **amounts: Any) -> dict[str, Any]:
    return {"account": account, "description": "Käsitsi", **amounts}


def test_an_entry_by_hand(company: Company) -> None:
    rows = [hand_row(OFFICE, debitAmount="10.5"), hand_row(TILL, creditAmount="10.5")]
    body = {"date": "04.03.2026", "document": "K-1", "comment": "märge", "rows": rows}
    answer = company.write(f"{ENTRIES}:add", body)
    assert (answer["amount"], answer["docType"]) == (10.5, "LEDGER_ENTRY")
    assert company.row(ENTRIES, filterDescription="k-1", fetchComments="true")["comment"] == "märge"
    assert booked(company, "LEDGER_ENTRY") == {OFFICE: 10.5, TILL: -10.5}
    assert company.refused(f"{ENTRIES}:add", {**body, "rows": rows[:1]}) == ["NOT-BALANCED"]
    assert company.refused(f"{ENTRIES}:add", {**body, "rows": [{**row, "account": "1"} for row in rows]})
    company.write(f"{ENTRIES}:edit", {**body, "id": answer["id"], "date": "05.03.2026"})
    assert entry(company, "LEDGER_ENTRY")["date"] == "05.03.2026"
    company.clock.advance(timedelta(minutes=1))
    company.write(f"{ENTRIES}:delete", {}, id=answer["id"])
    since = {"dateType": "modifydate", "dateFrom": "02.03.2026_12:01:00"}
    assert company.read(ENTRIES, **since)["deleted"] == [answer["id"]]
    assert company.refused(f"{ENTRIES}:delete", {}, id=answer["id"]) == ["NOT-FOUND"]
    in_dollars = [
        hand_row(OFFICE, debitAmount=1, debitAmountOriginalCurrency=20),
        hand_row(DOLLARS, creditAmountOriginalCurrency=20),
    ]
    company.write(f"{ENTRIES}:add", {**body, "currency": "USD", "exchangeRate": "1.25", "rows": in_dollars})
    assert booked(company, "LEDGER_ENTRY") == {OFFICE: 16, DOLLARS: -16}


def test_saving_a_document_overwrites_what_was_changed_in_its_entry(company: Company, client: str) -> None:
    invoice_id = sale(company, client)
    found = entry(company, "CLIENT_INVOICE")
    company.clock.advance(timedelta(minutes=1))
    rows = [hand_row(RECEIVABLE, debitAmount=124), hand_row(GOODS, creditAmount=124)]
    company.write(
        f"{ENTRIES}:edit", {"id": found["id"], "docType": "CLIENT_INVOICE", "date": found["date"], "rows": rows}
    )
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 124, GOODS: -124}
    assert len(company.rows(ENTRIES, dateType="modifydate", dateFrom="02.03.2026_12:01:00")) == 1
    assert company.refused(f"{ENTRIES}:delete", {}, id=found["id"]) == ["AUTOMATIC-ENTRY"]
    company.books.change(ENTRIES, found["id"], rows=[{**row, "description": "Käsitsi"} for row in found["rows"]])
    assert len(company.rows(ENTRIES, filterDescription="käsitsi")) == 1
    company.books.change(SALES, invoice_id, comment="uus")
    assert booked(company, "CLIENT_INVOICE") == {RECEIVABLE: 124, SERVICES: -100, VAT: -24}


def test_entries_are_kept_with_the_books(company: Company, client: str, tmp_path: Path) -> None:
    sale(company, client)
    rows = [hand_row(RECEIVABLE, debitAmount=1), hand_row(GOODS, creditAmount=1)]
    company.write(f"{ENTRIES}:add", {"date": "04.03.2026", "rows": rows})
    company.write(f"{ENTRIES}:edit", {"id": company.rows(ENTRIES)[0]["id"], "date": "02.03.2026", "rows": rows})
    company.books.save(tmp_path / "books.json")
    again = Company()
    again.books.load(tmp_path / "books.json")
    assert again.books.entries() == company.books.entries()


def test_locked_periods_hold_entries(company: Company) -> None:
    rows = [hand_row(OFFICE, debitAmount=1), hand_row(TILL, creditAmount=1)]
    answer = company.write(f"{ENTRIES}:add", {"date": "04.03.2026", "rows": rows})
    company.books.switches.change({"locked_until": "2026-03-04"})
    body = {"id": answer["id"], "date": "05.03.2026", "rows": rows}
    assert company.refused(f"{ENTRIES}:edit", body) == ["PERIOD-LOCKED"]
    assert company.refused(f"{ENTRIES}:delete", {}, id=answer["id"]) == ["PERIOD-LOCKED"]


# --- every month balances -----------------------------------------------------------------------------------------

prices = st.decimals("-50", "500", places=3)
document = st.fixed_dictionaries(
    {
        "is_sales": st.booleans(),
        "lines": st.lists(st.tuples(prices, st.sampled_from(["24", "9", "0", REVERSE])), min_size=1, max_size=5),
        "currency": st.sampled_from([("EUR", None), ("USD", None), ("USD", "1.1733"), ("JPY", "182.4"), ("RUB", "97")]),
        "credit": st.booleans(),
        "given_vat": st.none() | st.decimals("-20", "90", places=2),
        "rounding": st.sampled_from(["0", "0.01", "-0.02"]),
        "parts": st.lists(st.integers(1, 99), max_size=3),
        "prepayment": st.sampled_from([None, "3.33"]),
        "extras": st.sampled_from([None, "0.01", "-0.01"]),
        "euros": st.none() | st.decimals("1", "99", places=2),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(document, min_size=1, max_size=6),
    st.fixed_dictionaries(
        {
            "exchange_rate_is_euro_per_foreign": st.booleans(),
            "refund_side": st.sampled_from(["of_a_refund", "of_a_payment"]),
            "extras_sign": st.sampled_from(["with_rows", "against_rows"]),
            "reverse_charge_posted": st.sampled_from(["always", "computed", "on_paper", "never"]),
            "vat_per_code": st.booleans(),
        }
    ),
)
def test_every_entry_balances(documents: list[dict[str, Any]], switches: dict[str, Any]) -> None:
    company = Company(**switches)
    company.article()
    client, vendor = company.client(), company.vendor()
    for number, made in enumerate(documents):
        enter(company, client, vendor, number, made)
    balances(company)
    for each in company.books.entries():
        originals = debits(each, "OriginalCurrency")
        assert round(sum(originals.values()), 2) == 0, each


def enter(company: Company, client: str, vendor: str, number: int, made: dict[str, Any]) -> None:
    """A document and payments of it; what is refused is left out."""
    is_sales, (currency, rate) = made["is_sales"], made["currency"]
    lines = [line(price=str(price), vat="0" if is_sales and code == REVERSE else code) for price, code in made["lines"]]
    fields: dict[str, Any] = {"currency": currency, "roundAmount": made["rounding"], "invoiceNumber": f"N{number}"}
    if rate:
        fields["exchangeRate"] = rate
    if is_sales:
        key = sale(company, client, *lines, **fields, type="CRE" if made["credit"] else None)
    else:
        vat = made["given_vat"]
        given_vat = {"isCalculateVat": vat is None, "vatAmount": None if vat is None else str(vat)}
        key = bill(company, vendor, *lines, **fields, **given_vat)
    kind, partner = ("CLIENT", client) if is_sales else ("VENDOR", vendor)
    header: dict[str, Any] = {"currency": currency} | ({"exchangeRate": rate} if rate else {})
    if made["prepayment"]:
        header["prepayment"] = {"amount": made["prepayment"], "description": "Ettemaks"}
    if made["extras"]:
        header["extras"] = extra(made["extras"])
    if made["euros"] and currency != "EUR":
        header["eurAmount"] = str(made["euros"])
    for part in made["parts"]:
        try:
            pay(company, partner, {key: part}, kind, **header)
        except Refusal:
            continue
