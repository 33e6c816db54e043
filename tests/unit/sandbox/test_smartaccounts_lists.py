"""The simulators. Lists of the SmartAccounts simulator: pages, keys, filters, what is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sandbox.smartaccounts_helpers import (
    ARTICLES,
    CLIENTS,
    MOVEMENTS,
    PAYMENTS,
    PURCHASES,
    SALES,
    VENDORS,
    Company,
    invoice,
    line,
    purchase,
)


def sell(company: Company, *lines: dict[str, Any], **fields: Any) -> str:
    return company.books.seed(SALES, invoice(company.client(), *lines, **fields))


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


def test_credit_invoices_may_be_shown_with_positive_sums(company: Company) -> None:
    credit = sell(company, type="CRE")
    names = ("amount", "vatAmount", "totalAmount", "outstandingAmount")
    shown = company.row(SALES, id=credit)
    assert [shown[name] for name in names] == [-100, -24, -124, -124]
    company.books.switches.change({"credits_shown_negative": False})
    shown = company.row(SALES, id=credit)
    assert [shown[name] for name in names] == [100, 24, 124, 124]


def test_pages() -> None:
    company = Company(page_size=3)
    for number in range(7):
        company.article(f"A{number}")
    seen = []
    for page in (1, 2, 3, 4):
        answer = company.read(ARTICLES, pageNumber=page)
        seen.append([row["code"] for row in answer["articles"]])
        assert answer["hasMoreEntries"] is (page < 3)
    assert seen == [["A0", "A1", "A2"], ["A3", "A4", "A5"], ["A6"], []]
    assert company.read(ARTICLES)["articles"] == company.read(ARTICLES, pageNumber=1)["articles"]
    company.books.switches.change({"sort": "backwards"})
    assert [row["code"] for row in company.rows(ARTICLES)] == ["A6", "A5", "A4"]


@pytest.mark.parametrize("page", ["0", "-1", "x"])
def test_page_numbers_that_are_none(page: str) -> None:
    assert Company().refused_read(ARTICLES, pageNumber=page)


def test_an_exactly_full_page_is_the_last() -> None:
    company = Company(page_size=2)
    company.article("A")
    company.article("B")
    assert company.read(ARTICLES)["hasMoreEntries"] is False


@pytest.mark.parametrize(
    ("service", "key"),
    [
        (CLIENTS, "clients"),
        (VENDORS, "vendors"),
        (ARTICLES, "articles"),
        (SALES, "clientInvoices"),
        (PURCHASES, "vendorInvoices"),
        (PAYMENTS, "payments"),
        ("settings/paymentmethods", "templates"),
        ("settings/bankaccounts", "bankAccounts"),
        ("settings/vatpcs", "vatPcs"),
    ],
)
def test_list_keys(service: str, key: str) -> None:
    company = Company(list_keys={SALES: "invoices"})
    answer = company.read(service, dateFrom="01.01.2026")
    assert ("invoices" if service == SALES else key) in answer
    assert ("hasMoreEntries" in answer) is not service.startswith("settings/")


def test_the_key_of_an_empty_list_may_be_left_out() -> None:
    company = Company(omit_empty_list=True)
    assert company.read(CLIENTS) == {"hasMoreEntries": False}
    company.client()
    assert len(company.read(CLIENTS)["clients"]) == 1


def test_what_has_to_be_fetched(company: Company) -> None:
    company.client(
        address={"country": "EE", "city": "Tartu"},
        contacts=[{"type": "EMAIL", "value": "info@naidis.example"}],
        comment="märge",
    )
    assert not {"address", "contacts", "comment", "acceptsEinvoices"} & company.row(CLIENTS).keys()
    full = company.row(
        CLIENTS, fetchAddresses="true", fetchContacts="true", fetchComments="true", fetchAcceptsEinvoices="true"
    )
    assert full["address"] == {"country": "EE", "city": "Tartu"}
    assert full["contacts"] == [{"type": "EMAIL", "value": "info@naidis.example"}]
    assert (full["comment"], full["acceptsEinvoices"]) == ("märge", False)
    sell(company, comment="märge")
    bare = company.row(SALES, dateFrom="01.03.2026")
    assert not {"rows", "comment"} & bare.keys()
    full = company.row(SALES, dateFrom="01.03.2026", fetchRows="true", fetchComments="true")
    assert (full["rows"][0]["code"], full["comment"]) == ("TOO", "märge")
    assert "rows" not in company.row(SALES, id=bare["id"], fetchRows="false")


def test_names_are_searched_by_parts_and_ids_are_exact(company: Company) -> None:
    first = company.client("Õun ja Pirn OÜ", regCode="10000001")
    company.client("Pirnipuu AS", regCode="10000002")
    assert [row["name"] for row in company.rows(CLIENTS, nameOrRegCode="PIRN")] == ["Pirnipuu AS", "Õun ja Pirn OÜ"]
    assert [row["id"] for row in company.rows(CLIENTS, nameOrRegCode="õun")] == [first]
    assert len(company.rows(CLIENTS, nameOrRegCode="1000000")) == 2
    assert company.rows(CLIENTS, nameOrRegCode="mitte keegi") == []
    assert company.row(CLIENTS, id=first)["id"] == first
    assert company.rows(CLIENTS, id=first[:-1]) == []
    company.article("TOO-2")
    assert len(company.rows(ARTICLES, searchString="too")) == 2
    assert company.row(ARTICLES, code="TOO")["code"] == "TOO"
    assert company.rows(ARTICLES, code="too") == []


def test_unknown_parameters_are_ignored(company: Company) -> None:
    assert len(company.rows(ARTICLES, type="WH", clientId="x")) == 1


@pytest.mark.parametrize("service", [SALES, PURCHASES])
def test_documents_need_a_first_day(company: Company, service: str) -> None:
    expected = ["dateFrom only allowed to be null when paymentStatus or id is provided"]
    assert company.refused_read(service) == expected
    assert company.refused_read(service, invoiceNumber="1") == expected
    assert company.refused_read(service, dateTo="01.01.2026") == expected
    for allowed in ({"id": "x"}, {"paymentStatus": "unpaid"}, {"dateFrom": "01.01.2026"}):
        assert company.rows(service, **allowed) == []


def test_payments_may_need_a_first_day_and_movements_do(company: Company) -> None:
    assert company.rows(PAYMENTS) == []
    company.books.switches.change({"payments_need_date_from": True})
    assert company.refused_read(PAYMENTS)
    assert company.refused_read(MOVEMENTS)
    assert company.rows(MOVEMENTS, id="x") == []


@pytest.mark.parametrize(
    ("kind", "first", "last", "found"),
    [
        ("", "02.03.2026", "02.03.2026", True),
        ("date", "03.03.2026", "09.03.2026", False),
        ("date", "01.01.2026", "01.03.2026", False),
        ("entrydate", "05.03.2026", "05.03.2026", True),
        ("entrydate", "02.03.2026", "04.03.2026", False),
        ("duedate", "20.03.2026", "20.03.2026", True),
        ("duedate", "21.03.2026", "30.03.2026", False),
        ("modifydate", "02.03.2026", "02.03.2026", True),
        ("modifydate", "03.03.2026", "20.03.2026", False),
        ("modifydate", "02.03.2026_12:00:00", "02.03.2026_12:00:00", True),
        ("modifydate", "02.03.2026_12:00:01", "02.03.2026_12:59:00", False),
    ],
)
def test_kinds_of_dates(company: Company, kind: str, first: str, last: str, found: bool) -> None:
    sell(company, entryDate="05.03.2026", dueDate="20.03.2026")
    assert len(company.rows(SALES, dateType=kind, dateFrom=first, dateTo=last)) == found


@pytest.mark.parametrize(
    ("service", "params"),
    [
        (SALES, {"dateFrom": "2026-03-02"}),
        (SALES, {"dateFrom": "02.03.2026 10:00:00"}),
        (SALES, {"dateFrom": "02.03.2026", "dateType": "created"}),
        (PAYMENTS, {"dateFrom": "02.03.2026", "dateType": "duedate"}),
        (SALES, {"paymentStatus": "paid"}),
        (CLIENTS, {"modifiedFrom": "yesterday"}),
    ],
)
def test_filters_that_are_none(service: str, params: dict[str, str]) -> None:
    assert Company().refused_read(service, **params)


def test_registers_by_changes_and_deletions(company: Company) -> None:
    old = company.client("Vana")
    company.clock.advance(timedelta(minutes=5))
    new = company.client("Uus")
    since = {"modifiedFrom": "02.03.2026_12:05:00"}
    assert [row["id"] for row in company.rows(CLIENTS, **since)] == [new]
    assert [row["id"] for row in company.rows(CLIENTS, modifiedTo="02.03.2026_12:04:59")] == [old]
    assert company.read(CLIENTS, **since)["deleted"] == []
    company.clock.advance(timedelta(minutes=5))
    company.write(f"{CLIENTS}:delete", {}, id=old)
    company.write(f"{ARTICLES}:delete", {}, code="TOO")
    assert company.read(CLIENTS, **since)["deleted"] == [old]
    assert company.read(ARTICLES, **since)["deleted"] == ["TOO"]
    assert "deleted" not in company.read(CLIENTS, **since, pageNumber=2)
    assert "deleted" not in company.read(CLIENTS)
    assert company.read(CLIENTS, modifiedFrom="02.03.2026_12:10:01")["deleted"] == []
    company.books.switches.change({"deleted_of_registers": False})
    assert "deleted" not in company.read(CLIENTS, **since)


def test_documents_by_changes_and_deletions(company: Company) -> None:
    first, second = sell(company), sell(company)
    company.clock.advance(timedelta(hours=1))
    company.write(f"{SALES}:delete", {}, id=first)
    company.write(f"{SALES}:edit", {**invoice(company.row(SALES, id=second)["clientId"]), "id": second})
    answer = company.read(SALES, dateType="modifydate", dateFrom="02.03.2026_13:00:00")
    assert ([row["id"] for row in answer["clientInvoices"]], answer["deleted"]) == ([second], [first])
    assert "deleted" not in company.read(SALES, dateFrom="01.03.2026")
    company.books.switches.change({"deleted_of_invoices": False})
    assert "deleted" not in company.read(SALES, dateType="modifydate", dateFrom="02.03.2026_13:00:00")


def test_a_change_filter_in_the_repeated_hour_sees_both_readings(company: Company) -> None:
    for minute in (0, 60):
        company.clock.set(datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=minute))
        company.client(f"Klient {minute}")
    hour = {"modifiedFrom": "25.10.2026_03:30:00", "modifiedTo": "25.10.2026_03:30:00"}
    assert len(company.rows(CLIENTS, **hour)) == 2


def test_payment_status(company: Company) -> None:
    client = company.client()
    for name, due in (("tasutud", "10.03.2026"), ("tähtaeg täna", "02.03.2026"), ("hilinenud", "01.03.2026")):
        fields = {"paymentMethod": "Sularaha", "paymentAmount": 124} if name == "tasutud" else {}
        company.write(f"{SALES}:add", invoice(client, dueDate=due, invoiceNumber=name, **fields))
    assert [row["invoiceNumber"] for row in company.rows(SALES, paymentStatus="unpaid")] == [
        "tähtaeg täna",
        "hilinenud",
    ]
    assert [row["invoiceNumber"] for row in company.rows(SALES, paymentStatus="overdue")] == ["hilinenud"]
    # The due day ends at Tallinn's midnight.
    company.clock.advance(timedelta(hours=11, minutes=59))
    assert len(company.rows(SALES, paymentStatus="overdue")) == 1
    company.clock.advance(timedelta(minutes=1))
    assert len(company.rows(SALES, paymentStatus="overdue")) == 2


def test_filters_of_documents(company: Company) -> None:
    client, other = company.client("Õun OÜ"), company.client("Pirn OÜ")
    for number, partner in (("A-1", client), ("A-12", client), ("B-1", other)):
        company.write(f"{SALES}:add", invoice(partner, invoiceNumber=number))
    since = {"dateFrom": "01.01.2026"}
    assert [row["invoiceNumber"] for row in company.rows(SALES, **since)] == ["A-1", "A-12", "B-1"]
    assert len(company.rows(SALES, **since, clientId=client)) == 2
    assert len(company.rows(SALES, **since, clientName="pirn")) == 1
    assert len(company.rows(SALES, **since, invoiceNumber="a-1")) == 2
    company.books.switches.change({"invoice_number_filter": "exact"})
    assert len(company.rows(SALES, **since, invoiceNumber="a-1")) == 1
    company.vendor("Tarnija")
    company.write(f"{PURCHASES}:add", purchase(company.row(VENDORS, nameOrRegCode="tarnija")["id"]))
    assert len(company.rows(PURCHASES, **since, vendorName="TARN")) == 1


def test_a_document_as_it_is_shown(company: Company) -> None:
    client = company.client("Õun OÜ", regCode="10000001", accountUnpaid="1200")
    company.write(f"{SALES}:add", invoice(client, line(price="12.5", quantity=2, discount=10), invoiceNumber="17"))
    row = company.row(SALES, dateFrom="01.03.2026", fetchRows="true")
    assert row["client"] == {"id": client, "name": "Õun OÜ", "regCode": "10000001"}
    assert (row["date"], row["number"], row["invoiceNumber"]) == ("02.03.2026", "1", "17")
    assert (row["amount"], row["vatAmount"], row["totalAmount"]) == (22.5, 5.4, 27.9)
    assert (row["outstandingAmount"], row["accountUnpaid"], row["dateUpdated"]) == (27.9, "1200", "02.03.2026 12:00:00")
    assert {name: row["rows"][0][name] for name in ("price", "quantity", "discount", "vat", "vatPc", "sum")} == {
        "price": 12.5,
        "quantity": 2,
        "discount": 10,
        "vat": 5.4,
        "vatPc": "24",
        "sum": 27.9,
    }
    assert not [name for name in (*row, *row["rows"][0]) if name.startswith("_") or row.get(name, 0) in (None, "")]


def test_what_may_be_shown_otherwise(company: Company) -> None:
    sell(company, invoiceNumber="17")
    company.books.switches.change({"number_as_number": True, "moments": "iso"})
    row = company.row(SALES, dateFrom="01.03.2026")
    assert (row["number"], row["invoiceNumber"], row["dateUpdated"]) == (1, 17, "2026-03-02T12:00:00+02:00")
    assert isinstance(company.row(CLIENTS)["referenceNumber"], str)
    company.books.switches.change({"moments": "day", "row_vat_is_rate": True, "comment_length": 3})
    assert company.row(SALES, dateFrom="01.03.2026")["dateUpdated"] == "02.03.2026"
    second = sell(company, comment="märge")
    row = company.row(SALES, id=second, fetchRows="true", fetchComments="true")
    assert (row["rows"][0]["vat"], row["comment"]) == (24, "mär")
