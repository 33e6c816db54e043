"""The simulators. Wire types, server-side totals, rules of documents, contacts and products."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sandbox.scoro_helpers import Poster


def test_wire_types_of_an_invoice() -> None:
    scoro = Poster()
    company = scoro.client(addresses=[{"country": "est", "city": "Tallinn"}])
    product = scoro.product(code="KAB-1", unit="m")
    lines = [{"product_id": product, "price": "3.3333", "amount": 3, "discount": 10}]
    invoice = scoro.invoice(company, lines=lines, discount=5)
    assert (invoice["sum"], invoice["vat_sum"]) == ("8.55", "2.05")
    assert (invoice["discount"], invoice["discount2"], invoice["prepayment_sum"]) == ("5.000000", None, "0.0000")
    assert (invoice["paid_sum"], invoice["currency_rate"]) == (0, 1)
    assert (invoice["credited_invoices"], invoice["vat"], invoice["vat_code_id"]) == (None, None, None)
    assert invoice["created_date"] == "2026-03-02T12:00:00+02:00"
    assert invoice["deadline"] == "2026-03-16"
    assert invoice["company_address"]["city"] == "Tallinn"
    (line,) = invoice["lines"]
    assert (line["price"], line["amount"], line["sum"]) == ("3.333300", "3.000000", "9.00")
    assert (line["vat"], line["vat_code"], line["vat_code_id"]) == ("24.000", "24", 9)
    assert (line["product_name"], line["product_code"], line["unit"]) == ("Kaabel", "KAB-1", "m")


def test_plain_list_has_no_lines_names_or_prepayment_sum() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    (row,) = scoro.data("invoices/list")
    assert row["lines"] is None
    assert row["custom_fields"] is None
    assert not {"prepayment_sum", "company_name", "company_address"} & row.keys()
    (detailed,) = scoro.data("invoices/list", detailed_response="1")
    assert detailed == scoro.data(f"invoices/view/{invoice['id']}") == invoice


def test_document_layout_puts_a_text_id_on_the_document() -> None:
    scoro = Poster(vat_layout="document")
    invoice = scoro.invoice(scoro.client())
    assert (invoice["vat"], invoice["vat_code"], invoice["vat_code_id"]) == ("24.000", "24", "9")
    assert (invoice["lines"][0]["vat"], invoice["vat_sum"]) == (None, "24.00")


def test_client_totals_are_ignored_and_subheadings_cost_nothing() -> None:
    scoro = Poster()
    lines = [
        {"product_id": -1, "comment": "Paigaldus"},
        {"product_id": 0, "price": "10", "amount": "2", "sum": "999"},
    ]
    invoice = scoro.invoice(scoro.client(), lines=lines, sum="1", vat_sum="1", paid_sum=5, status="paid")
    assert (invoice["sum"], invoice["vat_sum"], invoice["paid_sum"], invoice["status"]) == (
        "20.00",
        "4.80",
        0,
        "unpaid",
    )
    assert "vat" not in invoice["lines"][0]


def test_float_noise_is_within_half_a_cent() -> None:
    scoro = Poster()
    lines = [{"product_id": 0, "price": "53.41", "amount": "1"}]
    invoice = scoro.invoice(scoro.client(), lines=lines)
    assert repr(invoice["receivable_sum"]) == "66.22999999999999"
    assert round(invoice["receivable_sum"], 2) == 66.23


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"company_id": 999}, "company_id"),
        ({"payment_type": "gold"}, "payment_type"),
        ({"no": "A-17"}, "no"),
        ({"date": "2.3.2026"}, "date"),
        ({"lines": [{"product_id": 999}]}, "lines.product_id"),
        ({"lines": [{"price": "ten"}]}, "lines.price"),
    ],
)
def test_what_modify_refuses(fields: dict[str, Any], name: str) -> None:
    scoro = Poster()
    answer = scoro.answer("invoices/modify", request={"company_id": scoro.client(), **fields})
    assert answer["statusCode"] == 400
    assert name in answer["messages"]["error"][0]
    assert scoro.data("invoices/list") == []


def test_switched_off_finance_accounts_are_refused_and_read_as_zero() -> None:
    scoro = Poster(finance_accounts=False)
    company = scoro.client()
    lines = [{"product_id": 0, "price": 1, "amount": 1, "finance_account_id": 12}]
    assert scoro.refused("invoices/modify", request={"company_id": company, "lines": lines}) == 400
    (line,) = scoro.invoice(company)["lines"]
    assert (line["finance_account_id"], line["finance_account_symbol"]) == (0, "")


def test_modify_bumps_and_takes_a_new_address_and_delete_does_not_bump() -> None:
    scoro = Poster()
    invoice = scoro.invoice(scoro.client())
    scoro.clock.advance(timedelta(hours=1))
    changed = scoro.data(f"invoices/modify/{invoice['id']}", request={"description": "uus"})
    assert changed["modified_date"] == "2026-03-02T13:00:00+02:00"
    assert changed["company_address_id"] != invoice["company_address_id"]
    assert len(changed["lines"]) == 1
    scoro.clock.advance(timedelta(hours=1))
    scoro.answer(f"invoices/delete/{invoice['id']}")
    gone = scoro.data(f"invoices/view/{invoice['id']}")
    assert (gone["modified_date"], gone["deleted_date"]) == (
        "2026-03-02T13:00:00+02:00",
        "2026-03-02T14:00:00+02:00",
    )
    assert (gone["is_deleted"], gone["lines"]) == (1, [])
    assert scoro.refused(f"invoices/delete/{invoice['id']}") == 404


def test_summer_time() -> None:
    scoro = Poster()
    scoro.clock.set(datetime(2026, 5, 4, 12, tzinfo=UTC))
    assert scoro.invoice(scoro.client())["created_date"] == "2026-05-04T15:00:00+03:00"


def test_lines_are_replaced_or_merged() -> None:
    two = [{"product_id": 0, "price": 10, "amount": 1}, {"product_id": 0, "price": 20, "amount": 1}]
    for mode, total in (("replace", "5.00"), ("merge", "25.00")):
        scoro = Poster(lines_on_modify=mode)
        invoice = scoro.invoice(scoro.client(), lines=two)
        first = {"id": invoice["lines"][0]["id"], "price": 5}
        changed = scoro.data(f"invoices/modify/{invoice['id']}", request={"lines": [first]})
        assert changed["sum"] == total
        assert changed["lines"][0]["id"] == first["id"]


def test_number_of_a_deleted_invoice_is_used_again() -> None:
    scoro = Poster()
    company = scoro.client()
    first = scoro.invoice(company, no="2026041")
    scoro.answer(f"invoices/delete/{first['id']}")
    scoro.invoice(company, no="2026040")
    again = scoro.invoice(company)
    assert again["no"] == "2026041"
    assert again["id"] != first["id"]


def test_credit_invoice_pays_its_base_and_switches_its_sign() -> None:
    scoro = Poster()
    company = scoro.client()
    base = scoro.invoice(company)
    lines = [{"product_id": 0, "price": 25, "amount": -1}]
    credit = scoro.invoice(company, credited_invoices=[base["id"]], lines=lines)
    assert (credit["sum"], credit["vat_sum"], credit["lines"][0]["amount"]) == ("-25.00", "-6.00", "-1.000000")
    base = scoro.data(f"invoices/view/{base['id']}")
    assert (base["paid_sum"], base["receivable_sum"], base["status"]) == (31, 93, "unpaid")
    scoro.site.switches = scoro.site.switches.changed({"credit_sign": "positive"})
    turned = scoro.data(f"invoices/view/{credit['id']}")
    assert (turned["sum"], turned["vat_sum"], turned["lines"][0]["amount"]) == ("25.00", "6.00", "1.000000")
    request = {"lines": [{"product_id": 0, "price": 25, "amount": 1}], "description": "x"}
    scoro.site.switches = scoro.site.switches.changed({"credit_shows_in_paid_sum": False})
    scoro.answer(f"invoices/delete/{credit['id']}")
    made = scoro.data("invoices/modify", request={"company_id": company, "credited_invoices": [base["id"]], **request})
    assert made["sum"] == "25.00"
    assert scoro.site.get("invoices", made["id"])["sum"] == -25


def test_deleting_base_or_credit_undoes_the_allocation() -> None:
    scoro = Poster()
    company = scoro.client()
    lines = [{"product_id": 0, "price": 25, "amount": -1}]
    for gone, kept in ((0, 1), (1, 0)):
        base = scoro.invoice(company)
        credit = scoro.invoice(company, credited_invoices=[base["id"]], lines=lines)
        pair = (base["id"], credit["id"])
        assert scoro.site.paid_of("invoices", pair[kept]) == (31, -31)[kept]
        scoro.answer(f"invoices/delete/{pair[gone]}")
        assert scoro.data(f"invoices/view/{pair[kept]}")["paid_sum"] == 0


def test_switched_off_line_features_are_neither_kept_nor_shown() -> None:
    scoro = Poster(line_discount=False, secondary_quantity=False, product_code=False)
    product = scoro.product(code="KAB-1")
    lines = [{"product_id": product, "price": 10, "amount": 1, "discount": 50, "amount2": 3}]
    invoice = scoro.invoice(scoro.client(), lines=lines)
    assert invoice["sum"] == "10.00"
    assert not {"discount", "amount2", "product_code"} & invoice["lines"][0].keys()
    assert "code" not in scoro.data(f"products/view/{product}")


def test_html_entities_switch() -> None:
    scoro = Poster(html_entities=True)
    scoro.client("Puu & Poeg's")
    assert scoro.data("contacts/list")[0]["name"] == "Puu &amp; Poeg&#039;s"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("string", "Kampaania, Laoartikkel"),
        ("comma", "Kampaania,Laoartikkel"),
        ("semicolon", "Kampaania;Laoartikkel"),
        ("array", ["Kampaania", "Laoartikkel"]),
        ("objects", [{"tag_id": 1, "tag_name": "Kampaania"}, {"tag_id": 2, "tag_name": "Laoartikkel"}]),
    ],
)
def test_product_tag_forms(form: str, expected: object) -> None:
    scoro = Poster(product_tag_form=form)
    scoro.product(tag=["Kampaania", "Laoartikkel"])
    assert scoro.data("products/list")[0]["tag"] == expected
    moved = Poster(product_tag_form=form, product_tag_key="tags", product_tag_in_list=False)
    product = moved.product(tag=["Kampaania", "Laoartikkel"])
    assert not {"tag", "tags"} & moved.data("products/list")[0].keys()
    assert moved.data(f"products/view/{product}")["tags"] == expected


@pytest.mark.parametrize(("shown", "places"), [(True, 3), (False, 2), ("view_only", 1), ("nowhere", 0)])
def test_where_products_show_their_tags(shown: bool | str, places: int) -> None:
    scoro = Poster(product_tag_in_list=shown)
    product = scoro.product(tag=["Laoartikkel"])
    rows = [
        scoro.data(f"products/view/{product}"),
        *scoro.data("products/list", detailed_response=True),
        *scoro.data("products/list"),
    ]
    assert ["tag" in row for row in rows] == [place < places for place in range(3)]


def test_products_take_localised_names_and_flags_as_booleans() -> None:
    scoro = Poster()
    product = scoro.data("products/modify", request={"names": {"est": "Toode"}, "no_discounts": True})
    assert (product["name"], product["no_discounts"], product["price"]) == ("Toode", 1, "0.000000")
    assert product["depot_amounts"] == []


def test_expenses_have_names_of_their_own() -> None:
    scoro = Poster()
    lines = [{"description": "Takso", "quantity": 1, "price": "10.00", "tax_code_id": 5}]
    expense = scoro.data("expenses/modify", request={"company_id": scoro.client(), "lines": lines})
    assert (expense["sum"], expense["tax_sum"]) == ("10.00", "1.30")
    assert (expense["lines"][0]["tax_percentage"], expense["lines"][0]["quantity"]) == ("13.000", "1.000000")


def test_state_survives_dump_and_load() -> None:
    scoro = Poster(default_per_page=10)
    company = scoro.client()
    invoice = scoro.invoice(company, custom_fields={"c_ref": "1"})
    receipts = [{"invoice_id": invoice["id"], "sum": 24}]
    scoro.data("receipts/modify", request={"contact_id": company, "receipts": receipts})
    credit = [{"product_id": 0, "price": 25, "amount": -1}]
    scoro.invoice(company, credited_invoices=[invoice["id"]], lines=credit)
    other = Poster()
    other.site.load(json.loads(json.dumps(scoro.site.dump())))
    assert other.site.dump() == scoro.site.dump()
    assert other.site.paid_of("invoices", invoice["id"]) == 55
    assert other.invoice(company)["id"] == scoro.invoice(company)["id"]
