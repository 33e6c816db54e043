"""The simulators. Rules of the SmartAccounts simulator for partners, articles and invoices."""

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiers import slow_but
from tests.unit.sandbox.smartaccounts_helpers import (
    ARTICLES,
    CLIENTS,
    MOVEMENTS,
    PAYMENTS,
    PURCHASES,
    SALES,
    VENDORS,
    Company,
    address,
    invoice,
    line,
    purchase,
)

SMILE = "\N{SLIGHTLY SMILING FACE}"


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


# --- partners and articles ----------------------------------------------------------------------------------------


def test_a_client_is_added_edited_and_deleted(company: Company) -> None:
    answer = company.write(f"{CLIENTS}:add", {"name": "Õun OÜ", "vatPc": 24, "regCode": 10000001, "extra": 1})
    assert answer.keys() == {"clientId", "referenceNumber"}
    assert company.row(CLIENTS)["regCode"] == "10000001"
    company.clock.advance(timedelta(minutes=1))
    edited = company.write(f"{CLIENTS}:edit", {"id": answer["clientId"], "name": "Pirn OÜ", "vatPc": "24"})
    assert edited["clientId"] == answer["clientId"]
    row = company.row(CLIENTS)
    # What is not sent is gone.
    assert (row["name"], row.get("regCode")) == ("Pirn OÜ", None)
    assert (row["dateCreated"], row["dateUpdated"]) == ("02.03.2026 12:00:00", "02.03.2026 12:01:00")
    company.write(f"{CLIENTS}:delete", {}, id=answer["clientId"])
    assert company.rows(CLIENTS) == []


def test_reference_numbers_have_a_check_digit(company: Company) -> None:
    for _ in range(20):
        digits = company.write(f"{CLIENTS}:add", {"name": "A"})["referenceNumber"]
        total = sum(int(digit) * weight for digit, weight in zip(reversed(digits[:-1]), (7, 3, 1) * 7, strict=False))
        assert (total + int(digits[-1])) % 10 == 0


def test_the_vat_code_of_a_partner_may_be_demanded(company: Company) -> None:
    company.write(f"{VENDORS}:add", {"name": "Tarnija OÜ"})
    company.books.switches.change({"partner_vat_required": True})
    for service in (CLIENTS, VENDORS):
        assert company.refused(f"{service}:add", {"name": "Tarnija OÜ"}) == ["VALUE-REQUIRED"]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"vatPc": "99"},
        {"group": "Puudub"},
        {"accountUnpaid": "9999"},
        {"address": {"address1": "x" * 65}},
        {"address": {"country": "Eesti"}},
        {"address": "Pikk 1"},
        {"contacts": [{"type": "email", "value": "x"}]},
        {"contacts": ["x"]},
        {"invoiceDueDate": "1.5"},
        {"invoiceDueDate": "soon"},
        {"invoiceDueDate": -1},
        {"invoiceDueDate": 10_000},
        {"name": f"Näidis {SMILE}"},
        {"comment": f"Märge {SMILE}"},
        {"address": {"city": SMILE}},
        {"name": "\ud83d"},
    ],
    ids=ascii,
)
def test_partners_that_are_refused(company: Company, fields: dict[str, Any]) -> None:
    assert company.refused(f"{CLIENTS}:add", {"name": "A", **fields})
    assert company.rows(CLIENTS) == []


def test_letters_and_lengths_that_pass(company: Company) -> None:
    name = "Žürii „Õ€” Ωλ 漢字"
    company.write(f"{CLIENTS}:add", {"name": name, "address": {"country": "EE", "address1": "x" * 64, "city": ""}})
    assert company.row(CLIENTS)["name"] == name
    company.books.switches.change({"four_byte": "replace"})
    company.write(f"{CLIENTS}:add", {"name": f"A{SMILE}"})
    assert company.rows(CLIENTS)[0]["name"] == "A?"


@pytest.mark.parametrize("country", ["AT", "JP", "GR", "XK", "ZW"])
def test_every_country_of_the_world_is_known(company: Company, country: str) -> None:
    company.write(f"{CLIENTS}:add", {"name": "A", "address": {"country": country}})
    assert company.row(CLIENTS, fetchAddresses="true")["address"] == {"country": country}


@pytest.mark.parametrize("country", ["Eesti", "ee", "EST", "UK", "EL"])
def test_what_is_no_country_is_refused(company: Company, country: str) -> None:
    body = {"name": "A", "address": {"country": country}}
    assert company.refused(f"{CLIENTS}:add", body) == ["VALUE-UNKNOWN"]


def test_texts_may_have_a_length(company: Company) -> None:
    client = {"name": "A", "address": {"city": "x" * 65}}
    assert company.refused(f"{CLIENTS}:add", client) == ["VALUE-TOO-LONG"]
    company.books.switches.change({"text_lengths": {"description": 3}})
    client_id = company.write(f"{CLIENTS}:add", client)["clientId"]
    assert company.refused(f"{CLIENTS}:add", {"name": "A", "address": {"address1": "x" * 65}}) == ["VALUE-TOO-LONG"]
    assert company.refused(f"{SALES}:add", invoice(client_id, line(description="Töö!"))) == ["VALUE-TOO-LONG"]
    company.write(f"{SALES}:add", invoice(client_id, line(description="Töö")))


def test_all_faults_of_the_second_stage_are_told_and_one_of_the_first(company: Company) -> None:
    wrong = {"name": "A", "vatPc": "99", "group": "x", "address": {"country": "XX"}}
    assert company.refused(f"{CLIENTS}:add", wrong) == ["VALUE-UNKNOWN"] * 3
    assert company.refused(f"{SALES}:add", {}) == ["VALUE-REQUIRED"]


def test_partners_may_be_doubled_unless_that_is_refused(company: Company) -> None:
    company.client("A", regCode="1")
    company.client("A", regCode="1")
    company.books.switches.change({"duplicate_partner": "refuse"})
    assert company.refused(f"{CLIENTS}:add", {"name": "A", "regCode": "1"}) == ["PARTNER-EXISTS"]
    company.write(f"{CLIENTS}:add", {"name": "A", "regCode": "2"})


def test_the_tax_board_is_there_and_stays(company: Company) -> None:
    row = company.row(VENDORS, nameOrRegCode="Maksu- ja Tolliamet")
    assert company.refused(f"{VENDORS}:delete", {}, id=row["id"]) == ["SYSTEM-VALUE"]


def test_articles(company: Company) -> None:
    assert company.write(
        f"{ARTICLES}:add", {"code": 10, "description": "Kaup", "type": "WH", "priceSales": "9.95"}
    ) == {"code": "10"}
    row = company.row(ARTICLES, code="10")
    assert (row["type"], row["priceSales"], row["activeSales"]) == ("WH", 9.95, True)
    again = {"code": "10", "description": "Muu", "type": "SERVICE"}
    assert company.refused(f"{ARTICLES}:add", again) == ["ARTICLE-CODE-EXISTS"]
    company.write(f"{ARTICLES}:edit", again)
    assert company.row(ARTICLES, code="10").get("priceSales") is None
    assert company.refused(f"{ARTICLES}:edit", {**again, "code": "11"}) == ["NOT-FOUND"]
    company.books.switches.change({"duplicate_article": "overwrite", "article_active": False})
    company.write(f"{ARTICLES}:add", again)
    assert company.row(ARTICLES, code="10")["activeSales"] is False


@pytest.mark.parametrize(
    "fields", [{"type": "service"}, {"vatPc": "x"}, {"accountSales": "1"}, {"priceSales": "1,5"}, {"description": None}]
)
def test_articles_that_are_refused(company: Company, fields: dict[str, Any]) -> None:
    assert company.refused(f"{ARTICLES}:add", {"code": "A", "description": "A", "type": "SERVICE", **fields})


def test_what_is_used_is_not_deleted(company: Company) -> None:
    client = company.client()
    company.write(f"{SALES}:add", invoice(client))
    assert company.refused(f"{CLIENTS}:delete", {}, id=client) == ["IN-USE"]
    assert company.refused(f"{ARTICLES}:delete", {}, code="TOO") == ["IN-USE"]
    company.books.switches.change({"delete_used": "allow"})
    company.write(f"{CLIENTS}:delete", {}, id=client)
    assert "client" not in company.row(SALES, dateFrom="01.01.2026")


def test_entries_stay_as_they_were_made_when_what_their_document_uses_changes(company: Company) -> None:
    key = company.books.seed(SALES, invoice(company.client()))
    before = company.books.entries()
    company.books.change(ARTICLES, "TOO", type="PRODUCT")
    company.books.change("settings/vatpcs", "24", accountSales="2320")
    assert company.books.entries() == before
    company.books.change(SALES, key)
    assert {row["account"] for row in company.books.entries()[0]["rows"]} == {"1200", "3020", "2320"}


def test_deleting_wants_the_id_in_the_query_and_a_body(company: Company) -> None:
    invoice_id = company.books.seed(SALES, invoice(company.client()))
    in_body = company.post(f"{SALES}:delete", {"id": invoice_id})
    assert in_body.json()["errors"][0]["message"] == "Invoice by id not found"
    no_body = company.post(f"{SALES}:delete", b"", id=invoice_id)
    assert no_body.json()["errors"][0]["message"] == "POST body read error"
    company.write(f"{SALES}:delete", {}, id=invoice_id)
    assert company.refused(f"{SALES}:delete", {}, id=invoice_id) == ["NOT-FOUND"]


# --- amounts ------------------------------------------------------------------------------------------------------

PRICES = st.decimals(min_value="-999.9999", max_value="9999.9999", places=4)
LINES = st.lists(
    st.tuples(PRICES, st.integers(1, 9), st.sampled_from([0, 10, 33]), st.sampled_from(["24", "22", "9", "0", "MV"])),
    min_size=1,
    max_size=8,
)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@given(lines=LINES, per_code=st.booleans(), credit=st.booleans(), difference=st.integers(-500, 500))
def test_totals(lines: list[tuple[Decimal, int, int, str]], per_code: bool, credit: bool, difference: int) -> None:
    company = Company(vat_per_code=per_code)
    company.article()
    nets: dict[str, list[Decimal]] = defaultdict(list)
    rows = []
    for price, quantity, discount, code in lines:
        nets[code].append(cents(price * quantity * (100 - discount) / 100))
        rows.append(line(price=str(price), quantity=quantity, discount=discount, vat=code))
    percents = {"24": 24, "22": 22, "9": 9, "0": 0, "MV": 0}
    net = sum((sum(found, Decimal(0)) for found in nets.values()), Decimal(0))
    if per_code:
        vat = sum((cents(sum(found, Decimal(0)) * percents[code] / 100) for code, found in nets.items()), Decimal(0))
    else:
        vat = sum((cents(n * percents[code] / 100) for code, found in nets.items() for n in found), Decimal(0))
    rounding = Decimal(difference) / 100
    body = invoice(company.client(), *rows, totalAmount=str(net + vat + rounding), type="CRE" if credit else None)
    answer = company.books.add(SALES, body)
    names = ("amount", "vatAmount", "roundAmount", "totalAmount")
    expected = [net, vat, rounding, net + vat + rounding]
    assert [Decimal(str(answer[name])) for name in names] == expected
    (shown,) = company.books.get(SALES, {"dateFrom": "01.01.2026"})["clientInvoices"]
    sign = -1 if credit else 1
    assert [Decimal(str(shown[name])) * sign for name in names] == expected
    assert shown["outstandingAmount"] == shown["totalAmount"]


def test_half_cents_go_up(company: Company) -> None:
    answer = company.write(
        f"{SALES}:add", invoice(company.client(), line(price="0.125"), line(price="1.0625", vat="20"))
    )
    assert (answer["amount"], answer["vatAmount"]) == (1.19, 0.24)


def test_the_net_as_total_books_the_vat_as_rounding(company: Company) -> None:
    answer = company.write(f"{SALES}:add", invoice(company.client(), totalAmount=100))
    assert (answer["roundAmount"], answer["totalAmount"]) == (-24, 100)
    answer = company.write(f"{SALES}:add", invoice(company.client(), roundAmount="0.02", amount="7777"))
    assert (answer["roundAmount"], answer["totalAmount"]) == (0.02, 124.02)


def test_decimals_that_are_kept() -> None:
    company = Company(price_decimals=2, discount_decimals=0)
    company.article()
    answer = company.write(
        f"{SALES}:add", invoice(company.client(), line(price="0.125", quantity=100, discount="10.5"))
    )
    assert answer["amount"] == 11.57


def test_amounts_as_text_and_as_numbers_are_the_same(company: Company) -> None:
    client = company.client()
    first = company.write(f"{SALES}:add", invoice(client, line(price=1234.56, quantity=3, vat=24), totalAmount=4592.56))
    second = company.write(
        f"{SALES}:add", invoice(client, line(price="1234.56", quantity="3", vat="24"), totalAmount="4592.56")
    )
    assert first["roundAmount"] == second["roundAmount"] == 0


# --- sales invoices -----------------------------------------------------------------------------------------------


def test_the_answer_of_an_invoice(company: Company) -> None:
    client = company.client(invoiceDueDate=14)
    answer = company.write(f"{SALES}:add", invoice(client))
    assert answer.keys() == {
        *("invoiceId", "clientId", "number", "invoiceNumber", "referenceNumber", "amount", "vatAmount"),
        *("totalAmount", "roundAmount", "dueDate", "interest"),
    }
    assert (answer["dueDate"], answer["invoiceNumber"], answer["number"]) == ("16.03.2026", "MA2600001", "1")


@pytest.mark.parametrize("missing", ["clientId", "date", "currency", "rows"])
def test_mandatory_fields(company: Company, missing: str) -> None:
    body = {name: value for name, value in invoice(company.client()).items() if name != missing}
    assert company.refused(f"{SALES}:add", body) == ["VALUE-REQUIRED"]
    assert company.rows(SALES, dateFrom="01.01.2026") == []


@pytest.mark.parametrize("missing", ["code", "description", "price", "quantity", "vatPc"])
def test_mandatory_fields_of_rows(company: Company, missing: str) -> None:
    row = {name: value for name, value in line().items() if name != missing}
    response = company.post(f"{SALES}:add", invoice(company.client(), line(), row))
    assert response.json()["errors"][0]["message"] == f"rows[2].{missing} may not be null"


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"clientId": "x", "objectId": "y", "rows": [line("NONE", vat="99")]}, ["VALUE-UNKNOWN"] * 4),
        ({"rows": [line(vat="24% (Reverse Chg.)")]}, ["VALUE-UNKNOWN"]),
        ({"rows": [line(objectId="x", accountSales="1")]}, ["VALUE-UNKNOWN"] * 2),
        ({"warehouseId": "x"}, ["VALUE-UNKNOWN"]),
        ({"paymentMethod": "Puudub", "paymentAmount": 1}, ["VALUE-UNKNOWN"]),
        ({"paymentMethod": "Sularaha", "paymentAmount": "124.01"}, ["AMOUNT-TOO-LARGE"]),
        ({"offerId": "x"}, ["VALUE-UNKNOWN"]),
        ({"type": "CREDIT"}, ["VALUE-UNKNOWN"]),
        ({"type": "CRE", "baseForCreditInvoiceId": "x"}, ["VALUE-UNKNOWN"]),
        ({"currency": "eur"}, ["VALUE-UNKNOWN"]),
        ({"currency": "RUB"}, ["EXCHANGE-RATE-REQUIRED"]),
        ({"currency": "RUB", "exchangeRate": 0}, ["EXCHANGE-RATE-INVALID"]),
        ({"exchangeRate": "1.1"}, ["EXCHANGE-RATE-INVALID"]),
        ({"date": "2026-03-02"}, ["DATE-INVALID"]),
        ({"date": "31.02.2026"}, ["DATE-INVALID"]),
        ({"dueDate": "01.01.9999"}, ["DATE-INVALID"]),
        ({"rows": []}, ["VALUE-REQUIRED"]),
        ({"rows": {}}, ["VALUE-INVALID"]),
        ({"rows": [line(price="1,000.00")]}, ["VALUE-INVALID"]),
        ({"rows": [line(price=True)]}, ["VALUE-INVALID"]),
        ({"rows": [{**line(), "description": f"Töö {SMILE}"}]}, ["TEXT-INVALID"]),
    ],
    ids=str,
)
def test_invoices_that_are_refused(company: Company, fields: dict[str, Any], keys: list[str]) -> None:
    client = company.client()
    assert company.refused(f"{SALES}:add", {**invoice(client), **fields}) == keys
    # Nothing was used up.
    assert company.write(f"{SALES}:add", invoice(client))["invoiceNumber"] == "MA2600001"


def test_numbers_run_by_year_and_leave_gaps(company: Company) -> None:
    client = company.client()
    first, second = (company.write(f"{SALES}:add", invoice(client)) for _ in range(2))
    company.write(f"{SALES}:delete", {}, id=second["invoiceId"])
    third = company.write(f"{SALES}:add", invoice(client))
    assert [row["invoiceNumber"] for row in (first, second, third)] == ["MA2600001", "MA2600002", "MA2600003"]
    company.write(f"{SALES}:add", invoice(client, invoiceNumber="MA2600004"))
    assert company.write(f"{SALES}:add", invoice(client))["invoiceNumber"] == "MA2600005"
    next_year = company.write(f"{SALES}:add", invoice(client, date="02.01.2027"))
    assert (next_year["invoiceNumber"], next_year["number"]) == ("MA2700001", "1")


def test_a_sales_number_is_used_once_a_year(company: Company) -> None:
    client = company.client()
    body = invoice(client, invoiceNumber="A-1")
    first = company.write(f"{SALES}:add", body)
    assert company.refused(f"{SALES}:add", body) == ["INVOICE-NUMBER-EXISTS"]
    company.write(f"{SALES}:add", {**body, "date": "02.03.2027"})
    company.write(f"{SALES}:edit", {**body, "id": first["invoiceId"]})
    company.write(f"{SALES}:delete", {}, id=first["invoiceId"])
    company.write(f"{SALES}:add", body)
    company.books.switches.change({"duplicate_sales_number": "allow"})
    company.write(f"{SALES}:add", body)


def test_default_of_the_ledger_date(company: Company) -> None:
    client = company.client()
    invoice_id = company.books.seed(SALES, invoice(client, date="10.02.2026"))
    assert company.row(SALES, id=invoice_id)["entryDate"] == "10.02.2026"
    company.books.switches.change({"entry_date_today": True})
    invoice_id = company.books.seed(SALES, invoice(client, date="10.02.2026"))
    assert company.row(SALES, id=invoice_id)["entryDate"] == "02.03.2026"


@pytest.mark.parametrize(
    ("rule", "sent", "missing"),
    [("sent", "09.03.2026", "16.03.2026"), ("partner", "16.03.2026", "16.03.2026"), ("document", "09.03.2026", None)],
)
def test_the_due_date(company: Company, rule: str, sent: str, missing: str | None) -> None:
    company.books.switches.change({"due_date": rule})
    client = company.client(invoiceDueDate=14)
    assert company.write(f"{SALES}:add", invoice(client, dueDate="09.03.2026"))["dueDate"] == sent
    assert company.write(f"{SALES}:add", invoice(client))["dueDate"] == (missing or "02.03.2026")


def test_a_locked_period(company: Company) -> None:
    client = company.client()
    early = company.books.seed(SALES, invoice(client, date="28.02.2026"))
    late = company.books.seed(SALES, invoice(client))
    company.books.switches.change({"locked_until": "2026-02-28"})
    assert company.refused(f"{SALES}:add", invoice(client, date="28.02.2026")) == ["PERIOD-LOCKED"]
    assert company.refused(f"{SALES}:edit", {**invoice(client), "id": early}) == ["PERIOD-LOCKED"]
    assert company.refused(f"{SALES}:edit", {**invoice(client, date="28.02.2026"), "id": late}) == ["PERIOD-LOCKED"]
    assert company.refused(f"{SALES}:delete", {}, id=early) == ["PERIOD-LOCKED"]
    # The ledger date counts.
    company.write(f"{SALES}:add", invoice(client, date="28.02.2026", entryDate="01.03.2026"))


def test_credit_invoices(company: Company) -> None:
    client = company.client()
    base = company.books.seed(SALES, invoice(client, entryDate="04.03.2026"))
    credit = invoice(client, type="CRE", baseForCreditInvoiceId=base, date="01.03.2026")
    assert company.refused(f"{SALES}:add", credit) == [
        "CREDIT-INVOICE-EARLIER-THAN-BASE",
        "CREDIT-INVOICE-ENTRY-EARLIER-THAN-BASE",
    ]
    answer = company.write(f"{SALES}:add", {**credit, "date": "03.03.2026", "entryDate": "04.03.2026"})
    assert answer["totalAmount"] == 124
    row = company.row(SALES, id=answer["invoiceId"], fetchRows="true")
    assert (row["type"], row["totalAmount"], row["outstandingAmount"]) == ("CRE", -124, -124)
    assert row["rows"][0]["quantity"] == 1
    # Linking settles nothing.
    assert company.row(SALES, id=base)["outstandingAmount"] == 124
    company.write(f"{SALES}:add", invoice(client, type="CRE", date="01.01.2026"))
    company.books.switches.change({"add_answer_signed": True})
    assert company.write(f"{SALES}:add", invoice(client, type="CRE"))["totalAmount"] == -124


def test_currencies(company: Company) -> None:
    client = company.client()
    known = company.books.seed(SALES, invoice(client, currency="USD"))
    assert company.row(SALES, id=known)["exchangeRate"] == 1.085
    own = company.books.seed(SALES, invoice(client, currency="RUB", exchangeRate="97.5"))
    assert company.row(SALES, id=own)["exchangeRate"] == 97.5
    company.write(f"{SALES}:add", invoice(client, exchangeRate=1))


@pytest.mark.parametrize(("entered", "keys"), [("31.12.2025", []), ("01.01.2026", ["EXCHANGE-RATE-REQUIRED"])])
def test_a_currency_is_quoted_as_long_as_there_is_one(company: Company, entered: str, keys: list[str]) -> None:
    body = invoice(company.client(), currency="BGN", date="31.12.2025", entryDate=entered)
    response = company.post(f"{SALES}:add", body)
    assert [error["key"] for error in response.json().get("errors", ())] == keys


def test_editing_replaces_the_whole_invoice(company: Company) -> None:
    client = company.client()
    added = company.write(f"{SALES}:add", invoice(client, invoiceNote="Tere", comment="märge"))
    invoice_id = added["invoiceId"]
    edited = company.write(f"{SALES}:edit", {**invoice(client, line(price=50)), "id": invoice_id})
    assert (edited["invoiceNumber"], edited["number"]) == (added["invoiceNumber"], added["number"])
    row = company.row(SALES, id=invoice_id, fetchComments="true")
    assert (row["totalAmount"], row.get("invoiceNote"), row.get("comment")) == (62, None, None)
    assert company.refused(f"{SALES}:edit", invoice(client)) == ["VALUE-REQUIRED"]
    assert company.refused(f"{SALES}:edit", {**invoice(client), "id": "x"}) == ["NOT-FOUND"]


def test_paid_invoices_stay_as_they_are(company: Company) -> None:
    client = company.client()
    paid = invoice(client, paymentMethod="Sularaha", paymentAmount="24")
    invoice_id = company.books.seed(SALES, paid)
    assert company.row(SALES, id=invoice_id)["outstandingAmount"] == 100
    assert company.refused(f"{SALES}:edit", {**paid, "id": invoice_id}) == ["INVOICE-HAS-PAYMENTS"]
    assert company.refused(f"{SALES}:delete", {}, id=invoice_id) == ["INVOICE-HAS-PAYMENTS"]
    company.books.switches.change({"edit_paid": "allow"})
    company.write(f"{SALES}:edit", {**paid, "id": invoice_id, "paymentAmount": 0})
    assert company.row(SALES, id=invoice_id)["outstandingAmount"] == 124


def test_pdf(company: Company) -> None:
    invoice_id = company.books.seed(SALES, invoice(company.client()))
    raw = company.post(f"{SALES}:getpdf", {}, id=invoice_id)
    assert raw.headers["content-type"] == "application/pdf"
    assert raw.content.startswith(b"%PDF-")
    company.books.switches.change({"pdf": "base64"})
    assert company.write(f"{SALES}:getpdf", {}, id=invoice_id).keys() == {"fileName", "fileContent"}
    assert company.refused(f"{SALES}:getpdf", {}, id="x") == ["NOT-FOUND"]


# --- stock --------------------------------------------------------------------------------------------------------


def stock(company: Company, *codes: str) -> list[tuple[float, str]]:
    answer = company.books.quantities({"codes": ",".join(codes)})
    return [(row["quantity"], row["status"]) for row in answer["quantities"]]


def test_stock_moves(company: Company) -> None:
    company.article("LAO", "WH")
    client, vendor, place = company.client(), company.vendor(), company.warehouse()
    buy = purchase(vendor, line("LAO", 5, 10), warehouseId=place)
    company.write(f"{PURCHASES}:add", buy)
    sold = company.write(
        f"{SALES}:add", invoice(client, line("LAO", 9, 3), line(), line("LAO", 9, 1), warehouseId=place)
    )
    assert sold["warehouseId"] == place
    assert stock(company, "LAO", "TOO", "NONE") == [(6, "OK"), (0, "NOT-WH"), (0, "NOT-FOUND")]
    company.write(f"{SALES}:add", invoice(client, line("LAO", 9, 2), type="CRE", warehouseId="Põhiladu"))
    assert stock(company, "LAO") == [(8, "OK")]
    # Another warehouse is not counted.
    company.write(f"{SALES}:add", invoice(client, line("LAO"), warehouseId=company.warehouse("Tallinna ladu")))
    assert stock(company, "LAO") == [(8, "OK")]
    moved = {"dateFrom": "01.03.2026", "includeAutoMovements": "true", "fetchRows": "true"}
    rows = company.rows(MOVEMENTS, **moved, warehouseId=place)
    assert [row["rows"] for row in rows][:2] == [[{"code": "LAO", "quantity": 10}], [{"code": "LAO", "quantity": -4}]]
    company.write(f"{SALES}:edit", {**invoice(client, line("LAO", 9, 1), warehouseId=place), "id": sold["invoiceId"]})
    assert stock(company, "LAO") == [(11, "OK")]
    company.write(f"{SALES}:delete", {}, id=sold["invoiceId"])
    assert stock(company, "LAO") == [(12, "OK")]


def test_movements_of_invoices_are_shown_when_asked_for(company: Company) -> None:
    company.article("LAO", "WH")
    company.write(f"{SALES}:add", invoice(company.client(), line("LAO"), warehouseId=company.warehouse()))
    assert company.rows(MOVEMENTS, dateFrom="01.03.2026") == []
    assert company.row(MOVEMENTS, dateFrom="01.03.2026", includeAutoMovements="true")["document"] == "MA2600001"
    company.books.switches.change({"automatic_movements": True})
    assert len(company.rows(MOVEMENTS, dateFrom="01.03.2026")) == 1


def test_stock_may_need_a_warehouse(company: Company) -> None:
    company.article("LAO", "WH")
    body = invoice(company.client(), line("LAO"))
    company.write(f"{SALES}:add", body)
    assert stock(company, "LAO") == [(-1, "OK")]
    company.books.switches.change({"stock_needs_warehouse": True})
    assert company.refused(f"{SALES}:add", body) == ["WAREHOUSE-REQUIRED"]


def test_at_most_fifty_codes(company: Company) -> None:
    asked = ",".join(["TOO"] * 51)
    assert company.post(f"{ARTICLES}:getwarehousequantities", {}, codes=asked).status_code == 400
    assert len(company.write(f"{ARTICLES}:getwarehousequantities", {}, codes=asked[4:])["quantities"]) == 50


def test_warehouses_may_come_without_ids() -> None:
    assert [row.keys() for row in Company().rows("settings/warehouses")] == [{"id", "name"}, {"id", "name"}]
    company = Company(warehouse_ids=False)
    assert [row.keys() for row in company.rows("settings/warehouses")] == [{"name"}, {"name"}]


# --- purchase invoices --------------------------------------------------------------------------------------------


def test_purchase_invoices(company: Company) -> None:
    vendor = company.vendor(invoiceDueDate=7)
    answer = company.write(f"{PURCHASES}:add", purchase(vendor, line(discount=50)))
    # There is no discount on purchases.
    assert (answer["amount"], answer["vatAmount"], answer["dueDate"]) == (100, 24, "09.03.2026")
    assert company.refused(f"{PURCHASES}:add", {**purchase(vendor), "invoiceNumber": ""}) == ["VALUE-REQUIRED"]
    negative = company.write(f"{PURCHASES}:add", purchase(vendor, line(quantity=-1), invoiceNumber="O-2"))
    row = company.row(PURCHASES, id=negative["invoiceId"])
    assert (row["totalAmount"], row["outstandingAmount"]) == (-124, -124)
    assert company.refused(f"{PURCHASES}:add", purchase(vendor, line(vat="0EX"))) == ["VALUE-UNKNOWN"]


def test_the_vat_of_a_purchase_is_computed_or_given(company: Company) -> None:
    vendor = company.vendor()
    given_vat = purchase(vendor, isCalculateVat=False, vatAmount="23.99", totalAmount="124")
    answer = company.write(f"{PURCHASES}:add", given_vat)
    assert (answer["vatAmount"], answer["roundAmount"]) == (23.99, 0.01)
    del given_vat["vatAmount"]
    assert company.refused(f"{PURCHASES}:add", given_vat) == ["VALUE-REQUIRED"]
    computed = company.write(f"{PURCHASES}:add", purchase(vendor, vatAmount="1"))
    assert computed["vatAmount"] == 24
    del given_vat["isCalculateVat"]
    assert company.write(f"{PURCHASES}:add", given_vat)["vatAmount"] == 24
    company.books.switches.change({"calculate_vat": False})
    assert company.refused(f"{PURCHASES}:add", given_vat) == ["VALUE-REQUIRED"]


def test_a_vendors_number_may_repeat_unless_that_is_refused(company: Company) -> None:
    vendor, other = company.vendor(), company.vendor()
    for _ in range(2):
        company.write(f"{PURCHASES}:add", purchase(vendor))
    company.books.switches.change({"duplicate_purchase_number": "refuse"})
    assert company.refused(f"{PURCHASES}:add", purchase(vendor)) == ["INVOICE-NUMBER-EXISTS"]
    company.write(f"{PURCHASES}:add", purchase(other))


@pytest.mark.parametrize(
    ("country", "kind"), [("EE", "NATIONAL"), ("FI", "UNION"), ("AT", "UNION"), ("US", "OTHER"), ("JP", "OTHER")]
)
def test_reverse_charge(company: Company, country: str, kind: str) -> None:
    vendor = company.vendor(address={"country": country})
    invoice_id = company.books.seed(PURCHASES, purchase(vendor, line(vat="24% (Reverse Chg.)")))
    row = company.row(PURCHASES, id=invoice_id)
    assert (row["reverseVatChargeType"], row["totalAmount"]) == (kind, 100)
    plain = company.books.seed(PURCHASES, purchase(vendor))
    assert "reverseVatChargeType" not in company.row(PURCHASES, id=plain)


REVERSE = "24% (Reverse Chg.)"


@pytest.mark.parametrize(("shown", "vat"), [(False, 0), (True, 24)])
def test_what_the_buyer_declares_is_not_paid(company: Company, shown: bool, vat: int) -> None:
    company.books.switches.change({"reverse_vat_shown": shown})
    invoice_id = company.books.seed(PURCHASES, purchase(company.vendor(), line(vat=REVERSE)))
    row = company.row(PURCHASES, id=invoice_id)
    assert (row["amount"], row["vatAmount"], row["totalAmount"]) == (100, vat, 100)


@pytest.mark.parametrize(
    ("code", "entered", "taken"),
    [
        ("24", "30.06.2025", False),
        (REVERSE, "30.06.2025", False),
        ("24", "01.07.2025", True),
        ("22", "01.07.2025", True),
    ],
)
def test_a_rate_of_24_is_refused_before_its_day(company: Company, code: str, entered: str, taken: bool) -> None:
    body = purchase(company.vendor(), line(vat=code), date="30.06.2025", entryDate=entered)
    response = company.post(f"{PURCHASES}:add", body)
    assert (response.status_code == 200) is taken
    if not taken:
        assert response.json()["errors"][0]["key"] == "VAT-CODE-NOT-IN-USE"


# --- whatever is sent ---------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=70),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=5,
)
PARTNER = {"name": "A", "vatPc": "24", "address": {"country": "EE"}, "contacts": [{"type": "EMAIL", "value": "x"}]}
PARTNER_MORE = ("invoiceDueDate", "discount", "ignoreOnVatDeclaration", "group", "comment", "referenceNumber")
ARTICLE = {"code": "A", "description": "A", "type": "WH"}
INVOICE_MORE = ("dueDate", "entryDate", "totalAmount", "roundAmount", "exchangeRate", "type", "warehouseId", "comment")
ROW_MORE = ("discount", "order", "unit", "objectId")
PAYMENT_MORE = ("rows", "prepayment", "extras", "exchangeRate", "eurAmount", "document")


@settings(max_examples=60)
@given(data=st.data())
def test_anything_is_answered(data: st.DataObject) -> None:
    company = Company()
    company.article()
    client, vendor = company.client(), company.vendor()
    paid: dict[str, Any] = {"date": "02.03.2026", "partnerType": "CLIENT", "clientId": client, "accountType": "BANK"}
    paid |= {"accountName": "LHV", "currency": "EUR", "rows": []}
    service, body, more = data.draw(
        st.sampled_from(
            list[tuple[str, dict[str, Any], tuple[str, ...]]](
                [
                    (CLIENTS, PARTNER, PARTNER_MORE),
                    (VENDORS, PARTNER, PARTNER_MORE),
                    (ARTICLES, ARTICLE, ("unit", "vatPc", "activeSales", "priceSales", "accountSales")),
                    (SALES, invoice(client), INVOICE_MORE),
                    (PURCHASES, purchase(vendor), (*INVOICE_MORE, "vatAmount")),
                    (PAYMENTS, paid, PAYMENT_MORE),
                    (
                        "settings/bankaccounts",
                        {"name": "A", "account": "1010", "order": 1, "currency": "EUR"},
                        ("iban",),
                    ),
                    ("settings/vatpcs", {"pc": 1, "descriptionEt": "A"}, ("activeSales",)),
                ]
            )
        )
    )
    changed = {**body, **data.draw(st.dictionaries(st.sampled_from([*body, *more]), JSON, max_size=3))}
    if service in (SALES, PURCHASES) and data.draw(st.booleans()):
        row = line()
        changed["rows"] = [{**row, **data.draw(st.dictionaries(st.sampled_from([*row, *ROW_MORE]), JSON, max_size=3))}]
    response = company.post(f"{service}:add", changed)
    assert response.status_code in (200, 400)
    assert company.read(service, **({} if service.startswith("settings") else {"dateFrom": "01.01.0001"}))
    assert company.books.state()


@pytest.mark.parametrize(
    "service", slow_but([SALES, PAYMENTS], [CLIENTS, ARTICLES, SALES, PURCHASES, PAYMENTS, MOVEMENTS])
)
@settings(max_examples=25)
@given(data=st.data())
def test_any_filter_is_answered(service: str, data: st.DataObject) -> None:
    company = Company()
    company.article()
    company.books.seed(SALES, invoice(company.client()))
    names = ("pageNumber", "dateFrom", "dateTo", "dateType", "modifiedFrom", "modifiedTo", "id", "paymentStatus")
    values = st.text(max_size=10) | st.sampled_from(["01.01.0001", "31.12.9999", "31.12.9999_23:59:59", "1", "overdue"])
    params = data.draw(st.dictionaries(st.sampled_from([*names, "nameOrRegCode", "clientName"]), values, max_size=4))
    url = address(f"{service}:get", company.clock.now(), b"", "/en/api", **params)
    assert company.request("GET", url).status_code in (200, 400)
