"""Room transform. Bills become exactly the bodies that SmartAccounts takes: the supplier's cents, no discount,
nothing negative but quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.common.company import RateSource, ReverseChargeRule, VatRule
from scoro_smartaccounts.common.documents import Address, Document, Flow, Line
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.transform.invoice import Ledger, PlannedInvoice
from scoro_smartaccounts.transform.purchase_invoice import plan_purchase_invoice
from tests.told import said
from tests.unit.transform.test_sales_invoice import ARTICLES, COMPANY, LEDGER, invoice, line, partner

POLICY = COMPANY.purchase_invoices.model_copy(update={"accounts": {"4010": "4010"}, "cost_objects": {"TLN": "PROJ"}})
REVERSE = "24% (Reverse Chg.)"
PURCHASE_LEDGER: Ledger = replace(
    LEDGER,
    vat_percents={**LEDGER.vat_percents, REVERSE: Decimal(24)},
    accounts=frozenset({"4010"}),
    objects={"PROJ": "o-1"},
)


def bill(lines: Sequence[Line], net: str, vat: str, **changes: Any) -> Document:
    fields = {"flow": Flow.PURCHASE_INVOICES, "number": "A-17/Õ", "source_id": "310", "partner_id": "77"}
    return invoice(lines, net, vat, **(fields | changes))


def planned(document: Document, **changes: Any) -> PlannedInvoice:
    settings: dict[str, Any] = {"policy": POLICY, "articles": ARTICLES, "ledger": PURCHASE_LEDGER, "vendor": partner()}
    return plan_purchase_invoice(document, marker="[Scoro demoou bills/310]", **(settings | changes))


def problem_of(document: Document, **changes: Any) -> DocumentProblem:
    with pytest.raises(DocumentProblem) as caught:
        planned(document, **changes)
    return caught.value


def coded(one: Line, account: str | None = None, cost_object: str | None = None) -> Line:
    return replace(one, account=account, cost_object=cost_object)


def test_a_plain_bill() -> None:
    lines = [coded(line(1, "100.00", price="10", quantity="10", text="must"), "4010", "TLN")]
    result = planned(bill(lines, "100.00", "24.01"))
    assert result.payload == {
        "vendorId": "@vendor:77",
        "date": "02.03.2026",
        "dueDate": "16.03.2026",
        "entryDate": "02.03.2026",
        "invoiceNumber": "A-17/Õ",
        "referenceNumber": "20260419",
        "currency": "EUR",
        "totalAmount": "124.01",
        "isCalculateVat": False,
        "vatAmount": "24.01",
        "comment": "[Scoro demoou bills/310]",
        "rows": [
            {
                "code": "KAB-1",
                "description": "Kaabel: must",
                "price": "10.00",
                "quantity": "10.00",
                "unit": "tk",
                "vatPc": "24",
                "accountPurchase": "4010",
                "objectId": "o-1",
            }
        ],
    }
    prediction = result.prediction
    assert (prediction.net, prediction.vat, prediction.rounding) == (Decimal("100.00"), Decimal("24.01"), 0)
    assert prediction.vat_by_code == {"24": Decimal("24.00")}
    assert result.warnings == ()


def test_discounts_go_into_the_price() -> None:
    lines = [line(1, "90.00", price="10", quantity="10", discount="10"), line(2, "22.00", product="3")]
    rows = planned(bill(lines, "103.00", "24.72", discounts=(Decimal(10),))).payload["rows"]
    assert [(row["price"], row["quantity"]) for row in rows] == [("8.10", "10.00"), ("22.00", "1.00")]
    assert not any("discount" in row for row in rows)


@pytest.mark.parametrize(("price", "quantity"), [("10", "-2"), ("-10", "2")])
@pytest.mark.parametrize("product", ["1", "2"])
def test_a_negative_bill(price: str, quantity: str, product: str) -> None:
    lines = [line(1, "-20.00", price=price, quantity=quantity, product=product)]
    payload = planned(bill(lines, "-20.00", "-4.80")).payload
    assert [(row["price"], row["quantity"]) for row in payload["rows"]] == [("10.00", "-2.00")]
    assert (payload["totalAmount"], payload["vatAmount"]) == ("-24.80", "-4.80")
    assert "type" not in payload


def test_a_negative_price_of_stock_on_a_bill_is_for_a_person() -> None:
    lines = [line(1, "100.00"), line(2, "-20.00", price="-10", quantity="2", product="2")]
    assert problem_of(bill(lines, "80.00", "19.20")).code == "stock_price"
    other = planned(bill([lines[0], replace(lines[1], product_id="1")], "80.00", "19.20")).payload["rows"]
    assert [(row["price"], row["quantity"]) for row in other] == [("100.00", "1.00"), ("10.00", "-2.00")]


def test_stock_needs_its_warehouse() -> None:
    document = bill([line(1, "10.00", product="2")], "10.00", "2.40")
    assert planned(document).payload["warehouseId"] == "w-1"
    found = problem_of(document, ledger=replace(PURCHASE_LEDGER, warehouses={"Muu": "x"}))
    assert (found.code, found.field) == ("warehouse_unknown", "purchase_invoices.warehouse")


@pytest.mark.parametrize(
    ("account", "cost_object", "code", "said"),
    [
        ("5110", None, "account_not_mapped", 'Add "5110" under purchase_invoices.accounts'),
        (None, "TRT", "cost_object_not_mapped", 'Add "TRT" under purchase_invoices.cost_objects'),
    ],
)
def test_what_is_not_mapped_is_named(account: str | None, cost_object: str | None, code: str, said: str) -> None:
    lines = [line(1, "10.00"), coded(line(2, "10.00"), account, cost_object)]
    found = problem_of(bill(lines, "20.00", "4.80"))
    assert (found.code, found.system) == (code, "company file")
    assert found.message.startswith("Bill A-17/Õ, line 2: ")
    assert said in found.message


def test_what_smartaccounts_does_not_have_is_not_sent() -> None:
    document = bill([coded(line(1, "10.00"), "4010", "TLN")], "10.00", "2.40")
    assert problem_of(document, ledger=replace(PURCHASE_LEDGER, accounts=frozenset())).code == "account_unknown"
    assert problem_of(document, ledger=replace(PURCHASE_LEDGER, objects={})).code == "cost_object_unknown"


@pytest.mark.parametrize(
    ("country", "code", "vat_code", "doubt"),
    [
        ("FI", "0EU", REVERSE, None),
        ("US", "0EU", REVERSE, None),
        ("EE", "0EU", REVERSE, "VAT code 24% (Reverse Chg.) is reverse charge, but the vendor's country is Estonia"),
        (
            "",
            "0EU",
            REVERSE,
            "VAT code 24% (Reverse Chg.) is reverse charge, but the vendor's country is not given in Scoro",
        ),
        ("DE", None, "0", "VAT code 0 is no reverse charge, but the vendor is in the European Union (DE)"),
        ("DE", "MV", "MV", "VAT code MV is no reverse charge, but the vendor is in the European Union (DE)"),
        ("US", None, "0", None),
        ("EE", None, "0", None),
    ],
)
def test_reverse_charge_and_country(country: str, code: str | None, vat_code: str, doubt: str | None) -> None:
    vendor = partner(address=Address(country, "", "Linn", "", ""))
    document = bill([line(n, "10.00", vat="0", code=code) for n in (1, 2)], "20.00", "0.00")
    result = planned(document, vendor=vendor)
    assert {row["vatPc"] for row in result.payload["rows"]} == {vat_code}
    assert said(result.warnings) == ([f"{doubt}."] if doubt else [])


def test_the_service_works_out_what_the_buyer_declares() -> None:
    vendor = partner(address=Address("FI", "", "Linn", "", ""))
    document = bill([line(1, "10.00", vat="0", code="0EU")], "10.00", "0.00")
    result = planned(document, vendor=vendor)
    assert (result.payload["totalAmount"], result.prediction.vat_by_code) == ("10.00", {REVERSE: ZERO})
    assert result.payload["isCalculateVat"] is True
    assert "vatAmount" not in result.payload
    paper = POLICY.model_copy(update={"reverse_charge_vat": ReverseChargeRule.PAPER})
    payload = planned(document, vendor=vendor, policy=paper).payload
    assert (payload["isCalculateVat"], payload["vatAmount"]) == (False, "0.00")


def test_a_bill_that_is_reverse_charge_in_part_is_told() -> None:
    vendor = partner(address=Address("FI", "", "Linn", "", ""))
    lines = [line(1, "10.00", vat="0", code="0EU"), line(2, "10.00")]
    result = planned(bill(lines, "20.00", "2.40"), vendor=vendor)
    assert (result.payload["isCalculateVat"], result.payload["vatAmount"]) == (False, "2.40")
    assert [item.code for item in result.warnings] == ["reverse_charge_in_part"]


def test_a_vat_code_of_the_companys_own_is_told() -> None:
    ledger = replace(PURCHASE_LEDGER, own_vat_codes=frozenset({"24"}))
    result = planned(bill([line(1, "10.00")], "10.00", "2.40"), ledger=ledger)
    assert [item.code for item in result.warnings] == ["vat_code_own"]


def test_a_code_that_is_active_for_sales_only_is_refused() -> None:
    rules = (VatRule(smartaccounts="XX", percent=Decimal(24)),)
    found = problem_of(bill([line(1, "10.00")], "10.00", "2.40"), policy=POLICY.model_copy(update={"vat_codes": rules}))
    assert (found.code, found.field) == ("vat_code_unknown", "purchase_invoices.vat_codes")
    assert "active for purchases" in found.message


def test_the_suppliers_vat_may_be_off_by_cents_only() -> None:
    assert planned(bill([line(1, "100.00")], "100.00", "24.10")).prediction.vat == Decimal("24.10")
    assert problem_of(bill([line(1, "100.00")], "100.00", "24.11")).code == "total_mismatch"
    many = [line(n, "1.00") for n in range(1, 11)]
    assert planned(bill(many, "10.00", "2.60")).prediction.vat == Decimal("2.60")
    assert problem_of(bill(many, "10.00", "2.61")).code == "total_mismatch"


def test_what_is_entered_later_than_it_is_dated_says_so() -> None:
    moved = planned(bill([line(1, "10.00")], "10.00", "2.40"), entry_day=date(2026, 4, 1))
    assert (moved.payload["date"], moved.payload["entryDate"]) == ("02.03.2026", "01.04.2026")
    assert [why.key for why in moved.warnings] == ["entry_moved"]


def test_a_rate_is_left_to_the_service_that_knows_it() -> None:
    document = bill([line(1, "100.00")], "100.00", "24.00", currency="USD", currency_rate=Decimal("0.92"))
    assert "exchangeRate" not in planned(document).payload
    own = replace(LEDGER, rates=RateSource.SCORO)
    assert planned(document, ledger=own).payload["exchangeRate"] == "1.086957"


def test_a_bill_without_vendor_is_no_bill() -> None:
    assert problem_of(bill([line(1, "10.00")], "10.00", "2.40", partner_id=None)).code == "partner_missing"


prices = st.decimals(min_value="-9000", max_value=9000, places=4).filter(bool)
quantities = st.decimals(min_value="-500", max_value=500, places=3).filter(bool)
percents = st.sampled_from([Decimal(p) for p in ("0", "5", "12.5", "33.333333", "99")])


@given(
    st.lists(st.tuples(prices, quantities, percents, st.sampled_from(["24", "9", "0"])), min_size=1, max_size=12),
    percents,
    st.decimals(min_value="-0.03", max_value="0.03", places=2),
)
def test_rows_and_the_suppliers_vat_come_to_the_total(
    parts: list[tuple[Decimal, Decimal, Decimal, str]], discount: Decimal, off: Decimal
) -> None:
    """SmartAccounts' own rules, written out again here, applied to the rows that are sent."""
    lines = []
    for position, (price, quantity, line_discount, vat) in enumerate(parts, 1):
        net = cents(price * quantity * (100 - line_discount) / 100)
        lines.append(
            line(position, str(net), price=str(price), quantity=str(quantity), discount=str(line_discount), vat=vat)
        )
    exact = [part.net * (100 - discount) / 100 for part in lines]
    net = cents(sum(exact, ZERO))
    document = bill(lines, str(net), "0", discounts=(discount,))
    computed = cents(sum((v * (p.vat_percent or 0) / 100 for v, p in zip(exact, lines, strict=True)), ZERO))
    document = replace(document, vat=computed + off)
    result = planned(document)
    rows = result.payload["rows"]
    booked = sum((cents(Decimal(row["price"]) * Decimal(row["quantity"])) for row in rows), ZERO)
    assert booked == net == result.prediction.net
    assert Decimal(result.payload["vatAmount"]) == document.vat == result.prediction.vat
    assert booked + Decimal(result.payload["vatAmount"]) == Decimal(result.payload["totalAmount"]) == document.gross
    assert result.prediction.rounding == 0
    assert all(Decimal(row["price"]) >= 0 for row in rows)
