"""Room scoro. Records of Scoro become documents, however the site writes them."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoro_smartaccounts.common.countries import country_code
from scoro_smartaccounts.common.documents import Address, Flow
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.scoro.modules import INVOICES
from scoro_smartaccounts.scoro.values import clean, truth
from scoro_smartaccounts.scoro.wire import (
    UnreadableRecord,
    booking_content,
    canonical_json,
    fingerprint,
    parse_contact,
    parse_invoice,
    parse_product,
    parse_receipts,
    tags,
)

Row = dict[str, Any]


def invoice(**changes: Any) -> Row:
    row: Row = {
        "id": 5121,
        "no": "2026041",
        "account_id": "demoou",
        "payment_type": "banktransfer",
        "fine": "0.100000",
        "quote_id": [880],
        "order_id": None,
        "prepayment_id": None,
        "credited_invoices": None,
        "prepayment_sum": "0.0000",
        "reference_no": "20260419",
        "company_id": 51,
        "company_name": "Näidis OÜ",
        "person_id": 52,
        "person_name": "Mari Maasikas",
        "company_address_id": 903,
        "company_address": {"country": "est", "city": "Tallinn"},
        "project_id": 0,
        "currency": "EUR",
        "currency_rate": 1,
        "owner_id": 3,
        "date": "2026-03-02",
        "deadline": "2026-03-16",
        "status": "unpaid",
        "description": "",
        "discount": "10.000000",
        "discount2": None,
        "discount3": None,
        "vat": None,
        "vat_code": "",
        "vat_code_id": None,
        "sum": "90.00",
        "vat_sum": "21.60",
        "paid_sum": 50,
        "receivable_sum": Decimal("61.6"),
        "is_sent": 1,
        "lines": [
            {
                "id": 9001,
                "product_id": -1,
                "product_name": "",
                "comment": "Paigaldus",
                "price": "0.000000",
                "amount": "0.000000",
                "sum": "0.00",
                "unit": "",
                "finance_object_id": 0,
                "finance_account_id": 0,
                "depot_amounts": [],
                "custom_fields": None,
            },
            line(),
        ],
        "created_date": "2026-03-02T10:00:00+02:00",
        "modified_date": "2026-03-05T09:12:00+02:00",
        "custom_fields": [{"id": "c_meritref", "name": "Merit ref", "value": None, "type": "text"}],
        "is_deleted": 0,
        "deleted_date": None,
    }
    return {**row, **changes}


def line(**changes: Any) -> Row:
    return {
        "id": 9002,
        "product_id": 84,
        "product_name": "Kaabel",
        "product_code": "KAB-1",
        "comment": "must",
        "price": "10.000000",
        "amount": "10.000000",
        "sum": "100.00",
        "unit": "m",
        "vat": "24.000",
        "vat_code": "24",
        "vat_code_id": 9,
        "finance_object_id": 0,
        "finance_object_symbol": "",
        "finance_account_id": 12,
        "finance_account_symbol": "3010",
        **changes,
    }


def contact(**changes: Any) -> Row:
    return {
        "contact_id": 51,
        "name": "Näidis OÜ",
        "lastname": "",
        "contact_type": "company",
        "id_code": "12345678",
        "vatno": "EE100000001",
        "bankaccount": "EE38 2200 2210 2014 5685",
        "reference_no": "",
        "addresses": [
            {
                "country": "est",
                "county": "Harju",
                "municipality": "",
                "city": "Tallinn",
                "street": "Pärnu mnt 1",
                "zipcode": "10141",
                "full_address": "Pärnu mnt 1, 10141 Tallinn",
            }
        ],
        "means_of_contact": {"email": ["arve@naidis.ee"], "phone": ["+3725000000"]},
        "is_deleted": 0,
        **changes,
    }


# Invoices


def test_an_invoice_with_vat_on_the_lines() -> None:
    document = parse_invoice(invoice())
    assert document.flow is Flow.SALES_INVOICES
    assert (document.source_id, document.number) == ("5121", "2026041")
    assert (document.day, document.due_day) == (date(2026, 3, 2), date(2026, 3, 16))
    assert (document.partner_id, document.reference_number) == ("51", "20260419")
    assert (document.currency, document.currency_rate) == ("EUR", Decimal(1))
    assert document.discounts == (Decimal(10),)
    assert (document.net, document.vat, document.gross) == (Decimal("90.00"), Decimal("21.60"), Decimal("111.60"))
    assert (document.vat_percent, document.vat_code, document.vat_code_id) == (None, None, None)
    assert (document.credits, document.prepayments, document.prepayment_sum) == ((), (), Decimal("0.00"))
    assert document.is_credit is document.is_deleted is False
    assert document.created_at == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert document.modified_at == datetime(2026, 3, 5, 7, 12, tzinfo=UTC)
    heading, sold = document.lines
    assert heading.is_heading
    assert (heading.position, heading.product_id, heading.description) == (1, None, "Paigaldus")
    assert (heading.net, heading.vat_percent, heading.vat_code) == (Decimal(0), None, None)
    assert not sold.is_heading
    assert (sold.position, sold.source_id, sold.product_id, sold.product_code) == (2, "9002", "84", "KAB-1")
    assert (sold.product_name, sold.description, sold.unit) == ("Kaabel", "must", "m")
    assert (sold.quantity, sold.price, sold.discount, sold.net) == (10, 10, 0, Decimal("100.00"))
    assert (sold.vat_percent, sold.vat_code, sold.vat_code_id) == (Decimal(24), "24", "9")
    assert (sold.account, sold.cost_object) == ("3010", None)


def test_an_invoice_with_vat_on_the_document() -> None:
    row = invoice(vat="24.000", vat_code="24", vat_code_id="9", lines=[line(vat="0.000", vat_code="", vat_code_id=0)])
    document = parse_invoice(row)
    assert (document.vat_percent, document.vat_code, document.vat_code_id) == (Decimal(24), "24", "9")
    [sold] = document.lines
    assert (sold.vat_percent, sold.vat_code, sold.vat_code_id) == (None, None, None)


@pytest.mark.parametrize(
    ("vat", "code", "code_id", "on_document"),
    [
        (None, "", None, False),
        ("", "", "", False),
        ("0.000", "", 0, False),
        ("0.000", "0", "4", True),
        (0, None, 4, True),
        (Decimal("24.0"), "", None, True),
    ],
)
def test_where_vat_stands(vat: object, code: object, code_id: object, on_document: bool) -> None:
    document = parse_invoice(invoice(vat=vat, vat_code=code, vat_code_id=code_id, lines=[line()]))
    assert (document.vat_percent is not None) is on_document
    assert (document.lines[0].vat_percent is None) is on_document


def test_zero_percent_on_the_document_counts_where_no_line_says_more() -> None:
    row = invoice(vat="0.000", vat_code="", vat_code_id=None, lines=[line(vat=None, vat_code="", vat_code_id=0)])
    assert parse_invoice(row).vat_percent == 0


def test_numbers_are_read_as_numbers_and_as_text() -> None:
    as_numbers = invoice(
        id="5121",
        no=2026041,
        reference_no=20260419,
        company_id="51",
        sum=90,
        vat_sum=Decimal("21.6"),
        discount=10,
        currency_rate="1.000000",
        is_deleted="0",
        lines=[
            invoice()["lines"][0],
            line(product_id="84", price=10, amount=Decimal("10.0"), sum=100, vat=24, vat_code=24, vat_code_id="9"),
        ],
    )
    assert parse_invoice(as_numbers) == parse_invoice(invoice())


def test_binary_noise_is_rounded_away() -> None:
    row = invoice(sum=Decimal("89.9999999999999966"), vat_sum=Decimal("21.6000000000000014"))
    row["currency_rate"] = Decimal("0.8765432100000000213")
    document = parse_invoice(row)
    assert (document.net, document.vat) == (Decimal("90.00"), Decimal("21.60"))
    assert document.currency_rate == Decimal("0.87654321")


@pytest.mark.parametrize("nothing", [None, "", [], "0000-00-00"])
def test_nothing_in_all_its_spellings(nothing: object) -> None:
    row = invoice(deadline=nothing, description=nothing)
    if nothing != "0000-00-00":
        row |= dict.fromkeys(("credited_invoices", "prepayment_id", "discount", "prepayment_sum"), nothing)
    row |= {"created_date": nothing, "modified_date": "0000-00-00 00:00:00"}
    document = parse_invoice(row)
    assert (document.due_day, document.credits, document.prepayments) == (None, (), ())
    assert document.created_at is document.modified_at is None
    if nothing != "0000-00-00":
        assert (document.discounts, document.prepayment_sum, document.description) == ((), 0, "")


def test_what_checks_report_is_left_empty() -> None:
    row = invoice(no=None, company_id=0, person_id=None, currency=None, currency_rate=None, lines=None)
    document = parse_invoice(row)
    assert (document.number, document.partner_id, document.currency, document.currency_rate) == ("", None, "", 0)
    assert document.lines == ()


def test_missing_keys_are_nothing() -> None:
    document = parse_invoice({"id": 1, "date": "2026-01-01", "sum": "1", "vat_sum": "0.24"})
    assert (document.net, document.vat, document.lines, document.reference_number) == (1, Decimal("0.24"), (), "")


def test_a_person_pays_where_no_company_does() -> None:
    assert parse_invoice(invoice(company_id=0, person_id=52)).partner_id == "52"


@pytest.mark.parametrize(
    ("value", "found"),
    [([5100, "5101"], ("5100", "5101")), (5100, ("5100",)), ("5100", ("5100",)), ({"0": 5100}, ("5100",)), ([0], ())],
)
def test_credited_invoices(value: object, found: tuple[str, ...]) -> None:
    document = parse_invoice(invoice(credited_invoices=value, prepayment_id=value))
    assert document.credits == document.prepayments == found
    assert document.is_credit is bool(found)


def test_credit_invoices_keep_either_sign() -> None:
    row = invoice(
        credited_invoices=[1], sum="-90.00", vat_sum="-21.60", lines=[line(amount="-10.000000", sum="-100.00")]
    )
    document = parse_invoice(row)
    assert (document.net, document.vat, document.lines[0].quantity, document.lines[0].net) == (
        -90,
        Decimal("-21.60"),
        -10,
        -100,
    )


def test_three_discounts() -> None:
    row = invoice(discount="10.000000", discount2="0.000000", discount3="5.500000")
    assert parse_invoice(row).discounts == (Decimal(10), Decimal("5.5"))


def test_moments_without_zone_are_site_time() -> None:
    row = invoice(created_date="2026-07-01 12:00:00", modified_date="2026-01-01T12:00:00Z")
    document = parse_invoice(row)
    assert document.created_at is not None
    assert document.created_at.utcoffset() == timedelta(hours=3)
    assert document.created_at == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert document.modified_at == datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert parse_invoice(invoice(created_date="never")).created_at is None


def test_a_date_with_a_time_is_that_day() -> None:
    assert parse_invoice(invoice(date="2026-03-02T23:30:00+02:00")).day == date(2026, 3, 2)


def test_texts_are_made_plain() -> None:
    row = invoice(
        description="A &amp; B &#039;C&#039; &amp;lt; &euro;\r\nD\rE\x00 ",
        lines=[line(comment="rida 1\r\nrida 2", comment2="veel", product_name="Kaabel &quot;X&quot;")],
    )
    document = parse_invoice(row)
    assert document.description == "A & B 'C' &lt; &euro;\nD\nE"
    assert document.lines[0].description == "rida 1\nrida 2\nveel"
    assert document.lines[0].product_name == 'Kaabel "X"'


@pytest.mark.parametrize(
    ("changes", "is_heading"),
    [
        ({"product_id": -1, "price": "0", "amount": "0", "sum": "0.00"}, True),
        ({"product_id": "-1", "price": None, "amount": None, "sum": None}, True),
        ({"product_id": -1, "price": "5", "amount": "0", "sum": "0.00"}, True),
        ({"product_id": -1, "price": "5", "amount": "1", "sum": "5.00"}, False),
        ({"product_id": 0, "price": "0", "amount": "0", "sum": "0"}, True),
        ({"product_id": None, "price": "5", "amount": "0", "sum": "0"}, False),
        ({"product_id": 84, "price": "0", "amount": "0", "sum": "0"}, False),
        ({"product_id": 0, "price": "5", "amount": "1", "sum": "5.00"}, False),
    ],
)
def test_headings(changes: Row, is_heading: bool) -> None:
    [parsed] = parse_invoice(invoice(lines=[line(**changes)])).lines
    assert parsed.is_heading is is_heading
    assert (parsed.vat_percent is None) is is_heading
    assert (parsed.product_id is None) is (changes["product_id"] != 84)


@pytest.mark.parametrize(("second", "quantity"), [(None, 10), ("0.000000", 10), ("", 10), ("3.000000", 30)])
def test_a_second_quantity_multiplies(second: object, quantity: int) -> None:
    assert parse_invoice(invoice(lines=[line(amount2=second)])).lines[0].quantity == quantity


@pytest.mark.parametrize("value", [0, "0", "", None])
def test_accounts_that_are_switched_off(value: object) -> None:
    row = invoice(lines=[line(finance_account_symbol=value, finance_object_symbol=value)])
    assert (parse_invoice(row).lines[0].account, parse_invoice(row).lines[0].cost_object) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"id": None}, "id", "nothing"),
        ({"date": None}, "date", "nothing"),
        ({"date": "0000-00-00"}, "date", "other text"),
        ({"date": "canary"}, "date", "other text"),
        ({"date": "2026-02-30"}, "date", "other text"),
        ({"deadline": "canary"}, "deadline", "other text"),
        ({"sum": None}, "sum", "nothing"),
        ({"sum": "canary"}, "sum", "other text"),
        ({"sum": "1 000,00"}, "sum", "other text"),
        ({"sum": "1e3"}, "sum", "other text"),
        ({"sum": "NaN"}, "sum", "other text"),
        ({"sum": True}, "sum", "true or false"),
        ({"sum": {"canary": 1}}, "sum", "an object"),
        ({"sum": ["canary"]}, "sum", "a list"),
        ({"sum": 10**15}, "sum", "a number out of bounds"),
        ({"vat_sum": ""}, "vat_sum", "nothing"),
        ({"discount": "canary"}, "discount", "other text"),
        ({"currency_rate": "canary"}, "currency_rate", "other text"),
        ({"vat": "canary"}, "vat", "other text"),
        ({"lines": "canary"}, "lines", "other text"),
        ({"lines": ["canary"]}, "lines[1]", "other text"),
        ({"lines": [line(), line(sum="canary")]}, "lines[2].sum", "other text"),
        ({"lines": [line(sum=None)]}, "lines[1].sum", "nothing"),
        ({"lines": [line(price="canary")]}, "lines[1].price", "other text"),
        ({"lines": [line(amount="canary")]}, "lines[1].amount", "other text"),
        ({"lines": [line(vat="canary")]}, "lines[1].vat", "other text"),
    ],
)
def test_what_cannot_be_read_is_said_without_being_shown(changes: Row, field: str, kind: str) -> None:
    with pytest.raises(UnreadableRecord) as told:
        parse_invoice(invoice(**changes))
    problem = told.value
    assert isinstance(problem, DocumentProblem)
    assert (problem.code, problem.field, problem.system) == ("unreadable", field, "Scoro")
    assert f"field {field} holds {kind}" in problem.message
    assert problem.message.startswith("Invoice 2026041: ")
    assert "canary" not in problem.message


def test_a_document_has_an_end() -> None:
    assert len(parse_invoice(invoice(lines=[line()] * 2000)).lines) == 2000
    with pytest.raises(DocumentProblem, match=r"^Invoice 2026041 has 2001 lines in Scoro, and no more than 2000"):
        parse_invoice(invoice(lines=[line()] * 2001))
    with pytest.raises(DocumentProblem, match="has 2001 lines"):
        parse_receipts({"id": 5, "sum": "1", "date": "2026-01-05", "receipts": [{}] * 2001})


@pytest.mark.parametrize("parse", [parse_contact, parse_product])
def test_records_without_an_id_cannot_be_read(parse: Callable[[Row], object]) -> None:
    with pytest.raises(UnreadableRecord):
        parse({"name": "canary"})


# Contacts


def test_a_company() -> None:
    partner = parse_contact(contact())
    assert (partner.source_id, partner.name, partner.is_person) == ("51", "Näidis OÜ", False)
    assert (partner.registry_code, partner.vat_number) == ("12345678", "EE100000001")
    assert (partner.bank_account, partner.email, partner.phone) == (
        "EE382200221020145685",
        "arve@naidis.ee",
        "+3725000000",
    )
    assert partner.address == Address("EE", "Harju", "Tallinn", "Pärnu mnt 1", "10141")
    assert partner.is_deleted is False


def test_a_person_has_a_full_name_and_no_code() -> None:
    partner = parse_contact(contact(contact_type="person", name="Mari", lastname=" Maasikas", id_code="49403136515"))
    assert (partner.name, partner.is_person, partner.registry_code) == ("Mari Maasikas", True, "")


@pytest.mark.parametrize(
    ("code", "country", "kept"),
    [
        (12345678, "est", "12345678"),
        (" 1234 5678 ", "est", "12345678"),
        ("49403136515", "est", ""),
        ("49403136515", "", ""),
        ("49403136515", "lva", "49403136515"),
        ("40003032949", "lva", "40003032949"),
        (None, "est", ""),
    ],
)
def test_registry_codes(code: object, country: str, kept: str) -> None:
    addresses = [{"country": country, "city": "Linn"}]
    assert parse_contact(contact(id_code=code, addresses=addresses)).registry_code == kept


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_means_of_contact_and_addresses_may_be_nothing(nothing: object) -> None:
    partner = parse_contact(contact(means_of_contact=nothing, addresses=nothing))
    assert (partner.email, partner.phone, partner.address) == ("", "", None)


def test_a_mobile_phone_is_a_phone() -> None:
    partner = parse_contact(contact(means_of_contact={"mobile": ["", "+3725111111"], "phone": [], "email": None}))
    assert (partner.phone, partner.email) == ("+3725111111", "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            {"country": "", "city": "Laagri", "municipality": "Saue vald", "street": "Pärnu mnt 1\r\nmaja 2"},
            Address("", "", "Laagri, Saue vald", "Pärnu mnt 1, maja 2", ""),
        ),
        ({"country": "", "city": "", "street": "", "zipcode": ""}, None),
        ({"country": "FIN"}, Address("FI", "", "", "", "")),
        ({"country": "fin", "full_address": "Katu 1\r\nHelsinki"}, Address("FI", "", "", "Katu 1, Helsinki", "")),
        ({"country": "United Kingdom", "zipcode": 12345}, Address("GB", "", "", "", "12345")),
    ],
)
def test_addresses(address: Row, expected: Address | None) -> None:
    assert parse_contact(contact(addresses=[address])).address == expected


def test_the_first_address_that_says_something_counts() -> None:
    addresses = [{"country": "", "city": ""}, None, {"country": "lva", "city": "Rīga"}]
    assert parse_contact(contact(addresses=addresses)).address == Address("LV", "", "Rīga", "", "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("est", "EE"),
        ("EST", "EE"),
        (" fin ", "FI"),
        ("ee", "EE"),
        ("deu", "DE"),
        ("", ""),
        ("xyz", ""),
        ("Atlantis", ""),
    ],
)
def test_countries(text: str, code: str) -> None:
    assert country_code(text) == code


# Products and VAT codes


def product(**changes: Any) -> Row:
    return {
        "product_id": 84,
        "code": "KAB-1",
        "name": "Kaabel",
        "price": "10.000000",
        "unit": "m",
        "tag": "Laoartikkel",
        "is_service": 0,
        "no_discounts": 0,
        "is_deleted": 0,
        **changes,
    }


def test_a_product() -> None:
    parsed = parse_product(product())
    assert (parsed.source_id, parsed.code, parsed.name, parsed.unit, parsed.price) == ("84", "KAB-1", "Kaabel", "m", 10)
    assert (parsed.is_stock, parsed.is_service, parsed.excludes_discounts, parsed.is_deleted) == (
        True,
        False,
        False,
        False,
    )
    other = parse_product(
        product(code=100, price="", name=None, names={"est": "Kaabel"}, tag=None, is_service="1", no_discounts=True)
    )
    assert (other.code, other.price, other.name) == ("100", None, "Kaabel")
    assert (other.is_stock, other.is_service, other.excludes_discounts) == (False, True, True)


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("Laoartikkel", {"laoartikkel"}),
        (" laoARTIKKEL\u00a0", {"laoartikkel"}),
        ("Uus, Laoartikkel;Soodus", {"uus", "laoartikkel", "soodus"}),
        (["Uus", "Laoartikkel "], {"uus", "laoartikkel"}),
        ([{"tag_id": 1, "tag_name": "Laoartikkel"}], {"laoartikkel"}),
        ({"tag_id": 1, "tag_name": "Laoartikkel"}, {"laoartikkel"}),
        ({"1": "Uus", "2": "Laoartikkel"}, {"uus", "laoartikkel"}),
        ("Laoartikkel2", {"laoartikkel2"}),
        ("Teenus", {"teenus"}),
        ("", set()),
        (None, set()),
        ([], set()),
        (",;", set()),
    ],
)
def test_tags(tag: object, found: set[str]) -> None:
    for row in ({"tag": tag}, {"tags": tag}, {"tag": None, "tags": tag}):
        assert tags(row) == found
        assert parse_product(product(**{"tag": None, **row})).is_stock is ("laoartikkel" in found)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (1, True),
        ("1", True),
        (True, True),
        ("true", True),
        (0, False),
        ("0", False),
        (False, False),
        ("", False),
        (None, False),
        ([], False),
    ],
)
def test_flags(value: object, meaning: bool) -> None:
    assert truth(value) is meaning


def test_text_of_what_is_no_text_is_empty() -> None:
    assert [clean(value) for value in list[object]([None, [], {}, True, 5, " x "])] == ["", "", "", "", "5", "x"]


# What counts as a change


@pytest.mark.parametrize(
    "changes",
    [
        {"paid_sum": 111.6, "receivable_sum": 0, "status": "paid"},
        {"is_sent": 0},
        {"modified_date": "2026-04-01T00:00:00+03:00"},
        {"company_address_id": 1000, "company_address": {"country": "fin"}},
        {"owner_id": 9, "owner_email": "b@demo.ee"},
        {"company_name": "Uus nimi OÜ", "person_name": "Mari Murakas"},
        {"custom_fields": []},
        {"is_deleted": 1, "deleted_date": "2026-04-01T00:00:00+03:00"},
        {"sum": "90.0000", "vat_sum": Decimal("21.6000000000000014"), "discount": 10, "discount2": "0.000000"},
        {"no": 2026041, "company_id": "51", "credited_invoices": [], "prepayment_id": "", "prepayment_sum": 0},
        {"lines": [invoice()["lines"][0], line(product_name="Kaabel (uus nimi)", cost="7.0000", is_internal=1)]},
        {"lines": [invoice()["lines"][0], line(id=1, price=10, amount="10", sum=100)]},
    ],
)
def test_what_does_not_matter_to_the_books(changes: Row) -> None:
    assert booking_content(invoice(**changes)) == booking_content(invoice())
    assert INVOICES.content_hash(invoice(**changes)) == INVOICES.content_hash(invoice())
    assert fingerprint(invoice(**changes)) != fingerprint(invoice())


@pytest.mark.parametrize(
    "changes",
    [
        {"no": "2026042"},
        {"date": "2026-03-03"},
        {"deadline": "2026-03-17"},
        {"company_id": 50},
        {"currency": "USD"},
        {"currency_rate": Decimal("1.1")},
        {"discount": "11.000000"},
        {"sum": "90.01"},
        {"vat_sum": "21.61"},
        {"vat": "24.000"},
        {"reference_no": "20260420"},
        {"description": "x"},
        {"credited_invoices": [1]},
        {"prepayment_id": [1]},
        {"prepayment_sum": "1.0000"},
        {"lines": []},
        {"lines": [line()]},
        {"lines": [line(), invoice()["lines"][0]]},
        *(
            {"lines": [invoice()["lines"][0], line(**{key: value})]}
            for key, value in {
                "product_id": 85,
                "comment": "valge",
                "comment2": "x",
                "unit": "tk",
                "price": "11",
                "amount": "9",
                "amount2": "2",
                "discount": "5",
                "sum": "99.00",
                "vat": "22.000",
                "vat_code": "22",
                "vat_code_id": 8,
                "finance_account_symbol": "3020",
                "finance_object_symbol": "P1",
            }.items()
        ),
        {"lines": [invoice()["lines"][0], line(product_id=0, product_name="Kaabel")]},
        {"lines": [invoice()["lines"][0], "no line"]},
    ],
)
def test_what_matters_to_the_books(changes: Row) -> None:
    assert INVOICES.content_hash(invoice(**changes)) != INVOICES.content_hash(invoice())


def test_content_of_rows_that_cannot_be_read_is_still_compared() -> None:
    assert INVOICES.content_hash(invoice(sum="abc")) == INVOICES.content_hash(invoice(sum="abc"))
    assert INVOICES.content_hash(invoice(sum="abc")) != INVOICES.content_hash(invoice(sum="abd"))


def test_the_fingerprint_knows_every_field_and_no_order() -> None:
    row = invoice()
    keys = list(row)
    random.Random(1).shuffle(keys)
    assert fingerprint({key: row[key] for key in keys}) == fingerprint(row)
    assert fingerprint(invoice(custom_fields=[])) != fingerprint(row)
    assert len(fingerprint(row)) == 64


def test_the_fingerprint_survives_being_kept_as_json() -> None:
    row = invoice(currency_rate=Decimal("88.6599999999999966"), lines=[line(amount=Decimal("1.0"))])
    kept = json.loads(canonical_json(row))
    assert fingerprint(kept) == fingerprint(row)
    again = json.loads(canonical_json(row), parse_float=Decimal)
    assert fingerprint(again) == fingerprint(row)
    assert parse_invoice(again).net == parse_invoice(row).net


def test_parsing_leaves_the_row_as_it_is() -> None:
    row = invoice()
    before = copy.deepcopy(row)
    parse_invoice(row)
    booking_content(row)
    assert row == before


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.floats()
    | st.text(max_size=8)
    | st.just("2026-01-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_FIELDS = st.sampled_from([*invoice(), "comment2"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(_FIELDS, _ANYTHING), st.lists(st.dictionaries(st.sampled_from([*line()]), _ANYTHING), max_size=2)
)
def test_whatever_stands_there_is_read_or_named(changes: Row, broken: list[Row]) -> None:
    row = invoice(**changes)
    if isinstance(row["lines"], list):
        row["lines"] = [*row["lines"], *(line(**each) for each in broken)]
    for parse in (parse_invoice, parse_contact, parse_product):
        with contextlib.suppress(UnreadableRecord):
            parse(row)
    tags(row)
    INVOICES.content_hash(row)


def test_zones_do_not_matter() -> None:
    moment = datetime(2026, 3, 5, 9, 12, tzinfo=timezone(timedelta(hours=2)))
    assert parse_invoice(invoice()).modified_at == moment
