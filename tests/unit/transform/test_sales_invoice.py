"""Room transform. Documents become exactly the bodies that SmartAccounts takes, with the amounts that it will
compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.common.assumptions import VatRounding
from scoro_smartaccounts.common.company import RateSource, load_company
from scoro_smartaccounts.common.documents import Address, Document, Flow, Line, Partner, Product
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import CENT, cents
from scoro_smartaccounts.common.reasons import Reason, phrase, render
from scoro_smartaccounts.smartaccounts.marker import marked_id, marker
from scoro_smartaccounts.transform.article import FALLBACK_ID, article_code, plan_article
from scoro_smartaccounts.transform.invoice import Article, Ledger, PlannedInvoice
from scoro_smartaccounts.transform.partner import plan_partner
from scoro_smartaccounts.transform.row import fit_row
from scoro_smartaccounts.transform.sales_invoice import Base, plan_sales_invoice
from scoro_smartaccounts.transform.text import clean
from tests.told import said, told

HERE = phrase("line", position=3)
COMPANY = load_company(Path(__file__).parents[3] / "include/companies/default.yaml")
POLICY = COMPANY.sales_invoices
LEDGER = Ledger(
    vat_percents={
        "24": Decimal(24),
        "22": Decimal(22),
        "20": Decimal(20),
        "13": Decimal(13),
        "9": Decimal(9),
        "0": Decimal(0),
        "0EL": Decimal(0),
        "MV": Decimal(0),
    },
    warehouses={"Põhiladu": "w-1"},
    vat_rounding=VatRounding.PER_ROW,
)
ARTICLES = {
    "1": Article("KAB-1", "SERVICE"),
    "2": Article("KRUVI", "WH"),
    "3": Article("TRANS", "SERVICE", excludes_discounts=True),
    FALLBACK_ID: Article("MUU", "SERVICE"),
}


def line(
    position: int,
    net: str,
    *,
    price: str | None = None,
    quantity: str = "1",
    discount: str = "0",
    product: str | None = "1",
    vat: str | None = "24",
    code: str | None = None,
    name: str = "Kaabel",
    text: str = "",
    heading: bool = False,
) -> Line:
    return Line(
        position=position,
        source_id=str(position),
        product_id=product,
        product_code=None,
        product_name=name,
        description=text,
        unit="tk",
        quantity=Decimal(quantity),
        price=Decimal(price if price is not None else net),
        discount=Decimal(discount),
        net=Decimal(net),
        is_heading=heading,
        vat_percent=None if vat is None else Decimal(vat),
        vat_code=code,
        vat_code_id=None,
        account=None,
        cost_object=None,
    )


def invoice(lines: Sequence[Line], net: str, vat: str, **changes: Any) -> Document:
    document = Document(
        flow=Flow.SALES_INVOICES,
        source_id="5121",
        number="2026041",
        day=date(2026, 3, 2),
        due_day=date(2026, 3, 16),
        partner_id="51",
        currency="EUR",
        currency_rate=Decimal(1),
        discounts=(),
        net=Decimal(net),
        vat=Decimal(vat),
        vat_percent=None,
        vat_code=None,
        vat_code_id=None,
        reference_number="20260419",
        description="",
        credits=(),
        prepayments=(),
        prepayment_sum=Decimal(0),
        is_deleted=False,
        created_at=None,
        modified_at=None,
        lines=tuple(lines),
    )
    return replace(document, **changes)


def planned(document: Document, *, bases: Sequence[Base] = (), **changes: Any) -> PlannedInvoice:
    settings: dict[str, Any] = {"policy": POLICY, "articles": ARTICLES, "ledger": LEDGER} | changes
    return plan_sales_invoice(document, bases=bases, marker="[Scoro demoou invoices/5121]", **settings)


def problem_of(document: Document, **changes: Any) -> DocumentProblem:
    with pytest.raises(DocumentProblem) as caught:
        planned(document, **changes)
    return caught.value


def test_a_plain_invoice() -> None:
    result = planned(invoice([line(1, "100.00", price="10", quantity="10", text="must")], "100.00", "24.00"))
    assert result.payload == {
        "clientId": "@client:51",
        "date": "02.03.2026",
        "dueDate": "16.03.2026",
        "entryDate": "02.03.2026",
        "invoiceNumber": "2026041",
        "referenceNumber": "20260419",
        "currency": "EUR",
        "totalAmount": "124.00",
        "comment": "[Scoro demoou invoices/5121]",
        "rows": [
            {
                "code": "KAB-1",
                "description": "Kaabel: must",
                "price": "10.00",
                "quantity": "10.00",
                "unit": "tk",
                "vatPc": "24",
            }
        ],
    }
    assert result.warnings == ()
    prediction = result.prediction
    assert (prediction.net, prediction.vat, prediction.rounding) == (Decimal("100.00"), Decimal("24.00"), 0)


def test_a_document_discount_spares_products_that_exclude_it() -> None:
    document = invoice([line(1, "22.00", product="3"), line(2, "66.00")], "71.50", "17.16", discounts=(Decimal(25),))
    rows = planned(document).payload["rows"]
    assert "discount" not in rows[0]
    assert rows[1]["discount"] == "25.00"
    assert planned(document).prediction.net == Decimal("71.50")


def test_line_and_document_discounts_become_one() -> None:
    document = invoice([line(1, "90.00", price="100", discount="10")], "81.00", "19.44", discounts=(Decimal(10),))
    assert planned(document).payload["rows"][0]["discount"] == "19.00"


def test_two_document_discounts_with_many_decimals_go_into_the_price() -> None:
    document = invoice([line(1, "100.00")], "88.29", "21.19", discounts=(Decimal("7.3"), Decimal("4.756")))
    row = planned(document).payload["rows"][0]
    assert "discount" not in row
    assert row["price"] == "88.29"


def test_headings_go_in_front_of_the_next_line() -> None:
    document = invoice(
        [line(1, "0", heading=True, name="", text="Paigaldus", vat=None), line(2, "100.00")], "100.00", "24.00"
    )
    assert [row["description"] for row in planned(document).payload["rows"]] == ["Paigaldus – Kaabel"]


def heading(position: int, text: str, name: str = "") -> Line:
    return line(position, "0", heading=True, name=name, text=text, vat=None)


def test_no_heading_is_lost() -> None:
    lines = [
        heading(1, "Etapp I"),
        heading(2, "Paigaldus"),
        line(3, "60.00"),
        line(4, "30.00", name="Kruvi", text="must"),
        heading(5, "<br>"),
        heading(6, "", name="Muu"),
        line(7, "10.00", name="Kast"),
        heading(8, "kaks aastat", name="Garantii"),
        heading(9, "Aitäh 😀"),
    ]
    result = planned(invoice(lines, "100.00", "24.00"))
    assert [row["description"] for row in result.payload["rows"]] == [
        "Etapp I / Paigaldus – Kaabel",
        "Kruvi: must",
        "Muu – Kast – Garantii: kaks aastat / Aitäh _",
    ]
    assert said(result.warnings) == ["Line 9: characters that SmartAccounts does not take were replaced by _."]
    without = planned(invoice([part for part in lines if not part.is_heading], "100.00", "24.00"))
    assert result.prediction == without.prediction
    assert [row | {"description": ""} for row in result.payload["rows"]] == [
        row | {"description": ""} for row in without.payload["rows"]
    ]


def test_a_row_without_any_text_takes_the_code_of_its_article() -> None:
    document = invoice([line(1, "5.00", name="", text="<p></p>")], "5.00", "1.20")
    assert planned(document).payload["rows"][0]["description"] == "KAB-1"


def test_a_line_without_product_takes_the_fallback_article() -> None:
    document = invoice([line(1, "5.00", product=None, name="", text="Kohaletoomine")], "5.00", "1.20")
    row = planned(document).payload["rows"][0]
    assert (row["code"], row["description"]) == ("MUU", "Kohaletoomine")


def test_vat_of_the_document_serves_lines_without_their_own() -> None:
    document = invoice([line(1, "10.00", vat=None)], "10.00", "2.40", vat_percent=Decimal(24), vat_code="24")
    assert planned(document).payload["rows"][0]["vatPc"] == "24"


def test_several_rates() -> None:
    document = invoice(
        [line(1, "10.00"), line(2, "10.00", vat="9"), line(3, "10.00", vat="0", code="0EU")], "30", "3.30"
    )
    assert planned(document).prediction.vat_by_code == {
        "24": Decimal("2.40"),
        "9": Decimal("0.90"),
        "0EL": Decimal("0.00"),
    }


@pytest.mark.parametrize(("day", "percent", "code"), [
    (date(2023, 12, 31), "20", "20"), (date(2024, 1, 1), "22", "22"), (date(2025, 6, 30), "22", "22"),
    (date(2025, 7, 1), "24", "24"),
])  # fmt: skip
def test_the_vat_code_follows_the_day(day: date, percent: str, code: str) -> None:
    vat = cents(Decimal(100) * Decimal(percent) / 100)
    document = invoice([line(1, "100.00", vat=percent)], "100.00", str(vat), day=day)
    assert planned(document).payload["rows"][0]["vatPc"] == code


def test_a_rate_that_the_day_does_not_have_is_not_guessed() -> None:
    found = problem_of(invoice([line(1, "100.00", vat="24")], "100.00", "24.00", day=date(2025, 6, 30)))
    assert (found.code, found.system) == ("vat_not_mapped", "company file")
    assert "2026041" in found.message


@pytest.mark.parametrize("sign", [1, -1])
def test_a_credit_invoice_of_either_sign_has_positive_rows(sign: int) -> None:
    document = invoice(
        [line(1, str(100 * sign), price="10", quantity=str(10 * sign))],
        str(100 * sign),
        str(24 * sign),
        credits=("5000",),
    )
    base = Base("5000", "2026001", date(2026, 2, 1), date(2026, 2, 1))
    payload = planned(document, bases=[base]).payload
    assert (payload["type"], payload["totalAmount"]) == ("CRE", "124.00")
    assert payload["baseForCreditInvoiceId"] == "@document:5000"
    assert (payload["rows"][0]["price"], payload["rows"][0]["quantity"]) == ("10.00", "10.00")


def test_a_credit_invoice_uses_the_rate_of_its_base_and_not_an_earlier_ledger_date() -> None:
    document = invoice([line(1, "-100.00", vat="22")], "-100.00", "-22.00", credits=("5000",), day=date(2025, 7, 10))
    base = Base("5000", "2025001", date(2025, 6, 20), date(2025, 7, 15))
    payload = planned(document, bases=[base]).payload
    assert (payload["rows"][0]["vatPc"], payload["entryDate"]) == ("22", "15.07.2025")


_JUNE = Base("4999", "2025001", date(2025, 6, 20), date(2025, 6, 20), frozenset({Decimal(22)}))
_JULY = Base("5000", "2025002", date(2025, 7, 5), date(2025, 7, 5), frozenset({Decimal(24)}))
_LAST_DAYS = {Decimal(22): date(2025, 6, 30), Decimal(20): date(2023, 12, 31)}


def rules_ending(last_days: dict[Decimal, date]) -> Any:
    """The policy with rules that hold until these days."""
    rules = (rule.model_copy(update={"to_day": last_days.get(rule.percent or Decimal(0))}) for rule in POLICY.vat_codes)
    return POLICY.model_copy(update={"vat_codes": tuple(rules)})


# 22 % stays in use after its last day: late bills and corrections.
_ENDED_RULES, _OPEN_RULES = rules_ending(_LAST_DAYS), rules_ending({})


@pytest.mark.parametrize("policy", [_ENDED_RULES, _OPEN_RULES])
def test_a_credit_invoice_for_invoices_of_two_rates_has_rows_of_both(policy: Any) -> None:
    document = invoice(
        [line(1, "-100.00", vat="22"), line(2, "-100.00", vat="24")],
        "-200.00",
        "-46.00",
        credits=("4999", "5000"),
        day=date(2025, 7, 10),
    )
    result = planned(document, bases=[_JULY, _JUNE], policy=policy)
    assert [row["vatPc"] for row in result.payload["rows"]] == ["22", "24"]
    assert result.prediction.vat_by_code == {"22": Decimal("22.00"), "24": Decimal("24.00")}
    assert result.payload["baseForCreditInvoiceId"] == "@document:5000"


def test_a_rate_of_neither_credited_invoice_is_for_a_person() -> None:
    lines = [line(1, "-100.00", vat="20")]
    document = invoice(lines, "-100.00", "-20.00", credits=("4999", "5000"), day=date(2025, 7, 10))
    found = problem_of(document, bases=[_JULY, _JUNE], policy=_ENDED_RULES)
    assert (found.reason.key, found.field) == ("vat_not_mapped.other_days", "sales_invoices.vat_codes")
    assert "VAT code 20, but for other days: any day to 31.12.2023" in found.message
    assert "mis tahes päev kuni 31.12.2023" in render(found.reason, "et")


def test_a_rate_whose_rule_has_ended_is_taken_once_the_rule_holds_longer() -> None:
    """What the sentence says works: the same rule without its last day."""
    document = invoice([line(1, "100.00", vat="22")], "100.00", "22.00", day=date(2025, 7, 10))
    assert problem_of(document, policy=_ENDED_RULES).reason.key == "vat_not_mapped.other_days"
    assert planned(document, policy=_OPEN_RULES).payload["rows"][0]["vatPc"] == "22"


def test_a_credit_invoice_before_its_base_is_for_a_person() -> None:
    document = invoice([line(1, "-100.00")], "-100.00", "-24.00", credits=("5000",))
    base = Base("5000", "2026099", date(2026, 4, 1), date(2026, 4, 1))
    assert problem_of(document, bases=[base]).code == "credit_before_base"
    assert problem_of(document).code == "base_unknown"


def test_a_rate_is_left_to_the_service_that_knows_it() -> None:
    document = invoice([line(1, "100.00")], "100.00", "24.00", currency="USD", currency_rate=Decimal("0.92"))
    assert "exchangeRate" not in planned(document).payload
    own = replace(LEDGER, rates=RateSource.SCORO)
    assert planned(document, ledger=own).payload["exchangeRate"] == "1.086957"


def test_a_rate_is_sent_where_the_central_bank_has_none() -> None:
    document = invoice([line(1, "100.00")], "100.00", "24.00", currency="RUB", currency_rate=Decimal("0.01"))
    assert planned(document).payload["exchangeRate"] == "100.00"


@pytest.mark.parametrize(("day", "sent"), [(date(2025, 12, 31), False), (date(2026, 1, 2), True)])
def test_a_currency_that_left_the_list_has_its_last_day_there(day: date, sent: bool) -> None:
    document = invoice([line(1, "100.00")], "100.00", "24.00", day=day, currency="BGN", currency_rate=Decimal("0.5"))
    assert ("exchangeRate" in planned(document).payload) is sent


def test_stock_needs_its_warehouse() -> None:
    document = invoice([line(1, "10.00", product="2")], "10.00", "2.40")
    assert planned(document).payload["warehouseId"] == "w-1"
    assert problem_of(document, ledger=replace(LEDGER, warehouses={"Muu": "x"})).code == "warehouse_unknown"


def test_what_is_entered_later_than_it_is_dated_says_so() -> None:
    document = invoice([line(1, "10.00")], "10.00", "2.40")
    moved = planned(document, entry_day=date(2026, 4, 1))
    assert (moved.payload["date"], moved.payload["entryDate"]) == ("02.03.2026", "01.04.2026")
    assert [why.key for why in moved.warnings] == ["entry_moved"]
    assert planned(document).payload["entryDate"] == "02.03.2026"


def test_a_rate_that_has_ended_by_the_day_of_entry_is_told() -> None:
    document = invoice([line(1, "10.00", vat="22")], "10.00", "2.20", day=date(2025, 6, 30))
    moved = planned(document, entry_day=date(2025, 8, 1))
    assert [why.key for why in moved.warnings] == ["entry_moved", "entry_moved.rate"]
    assert "22 %, which ended on 30.06.2025" in render(moved.warnings[1])
    # Of a credit invoice of that supply, the rate had ended on its own day already.
    assert planned(document, entry_day=date(2025, 6, 30)).warnings == ()


def test_a_wrong_vat_sum_is_refused() -> None:
    found = problem_of(invoice([line(1, "100.00")], "100.00", "24.05"))
    assert (found.code, found.field) == ("total_mismatch", "vat_sum")


def test_lines_that_do_not_add_up_are_refused() -> None:
    assert problem_of(invoice([line(1, "100.00"), line(2, "1.00")], "100.00", "24.00")).code == "net_mismatch"


def test_a_cent_of_vat_rounding_is_given_as_such() -> None:
    document = invoice([line(n, "0.02", price="0.02") for n in range(1, 4)], "0.06", "0.01")
    prediction = planned(document).prediction
    assert (prediction.vat, prediction.rounding, prediction.total) == (0, CENT, Decimal("0.07"))
    per_code = planned(document, ledger=replace(LEDGER, vat_rounding=VatRounding.PER_CODE)).prediction
    assert (per_code.vat, per_code.rounding) == (CENT, 0)


def test_prepayments_are_named_and_emoji_replaced() -> None:
    document = invoice(
        [line(1, "10.00", name="Kohv ☕ 😀 Žürii")], "10.00", "2.40", prepayments=("77",), prepayment_sum=Decimal("5")
    )
    result = planned(document)
    assert result.payload["comment"] == "[Scoro demoou invoices/5121] Ettemaks Scoros: id 77, summa 5.00"
    assert result.payload["rows"][0]["description"] == "Kohv ☕ _ Žürii"
    assert [warning.code for warning in result.warnings] == ["characters_replaced", "prepayment_drawn"]
    numbered = planned(document, prepayments={"77": "2026009"})
    assert numbered.payload["comment"].endswith("Ettemaks Scoros: 2026009, summa 5.00")
    assert "draws 5.00 on prepayment invoice 2026009 of Scoro" in told(numbered.warnings[1].about(document.named))
    assert "kasutab Scoro ettemaksuarvet 2026009 summas 5.00" in render(
        numbered.warnings[1].about(document.named), "et"
    )


def many(count: int, price: str, vat: str) -> Document:
    """So many equal lines, and the VAT that Scoro gives of their sum."""
    lines = [line(position, price, price=price, quantity="1") for position in range(1, count + 1)]
    return invoice(lines, str(Decimal(price) * count), vat)


@pytest.mark.parametrize(
    ("count", "price", "vat", "rounding", "code"),
    [
        # 0.0048 of VAT a row: nothing of it would reach the VAT return.
        (300, "0.02", "1.44", None, "total_mismatch.small_lines"),
        (12, "0.02", "0.06", None, "total_mismatch.small_lines"),
        (10, "0.02", "0.05", "0.05", None),
        # 2.3976 a row, 0.1 % of the VAT in all.
        (300, "9.99", "719.28", "-0.72", "vat_rounded_far"),
        (20, "9.99", "47.95", "-0.05", None),
        (1, "9.99", "2.40", "0.00", None),
    ],
)
def test_rounding_has_a_limit_in_sum(count: int, price: str, vat: str, rounding: str | None, code: str | None) -> None:
    document = many(count, price, vat)
    if rounding is None:
        found = problem_of(document)
        assert found.reason.key == code
        # What the sentence says works: one line with the quantity of all.
        whole = str(Decimal(price) * count)
        together = invoice([line(1, whole, price=price, quantity=str(count))], whole, vat)
        assert planned(together).prediction.rounding == 0
        return
    result = planned(document)
    assert result.prediction.rounding == Decimal(rounding)
    assert [warning.code for warning in result.warnings] == ([code] if code else [])


quantities = st.decimals(min_value="0.001", max_value=5000, places=3)
prices = st.decimals(min_value="0.0001", max_value=20000, places=4)
percents = st.sampled_from([Decimal(p) for p in ("0", "5", "12.5", "33.333333", "99")])


@given(
    st.lists(st.tuples(prices, quantities, percents, st.sampled_from(["24", "9", "0"])), min_size=1, max_size=12),
    percents,
)
def test_smartaccounts_arithmetic_comes_to_scoros_totals(
    parts: list[tuple[Decimal, Decimal, Decimal, str]], discount: Decimal
) -> None:
    """SmartAccounts' own rules, written out again here, applied to the rows that are sent."""
    lines = []
    for position, (price, quantity, line_discount, rate) in enumerate(parts, 1):
        net = cents(price * quantity * (100 - line_discount) / 100)
        lines.append(
            line(position, str(net), price=str(price), quantity=str(quantity), discount=str(line_discount), vat=rate)
        )
    exact = [part.net * (100 - discount) / 100 for part in lines]
    net = cents(sum(exact, Decimal(0)))
    vat = cents(
        sum((value * (part.vat_percent or 0) / 100 for value, part in zip(exact, lines, strict=True)), Decimal(0))
    )
    result = planned(invoice(lines, str(net), str(vat), discounts=(discount,)))
    sa_net = sa_vat = Decimal(0)
    for row in result.payload["rows"]:
        amount = Decimal(row["price"]) * Decimal(row["quantity"]) * (100 - Decimal(row.get("discount", 0))) / 100
        sa_net += cents(amount)
        sa_vat += cents(cents(amount) * Decimal(row["vatPc"]) / 100)
    assert sa_net == net == result.prediction.net
    assert sa_vat == result.prediction.vat
    assert sa_net + sa_vat + result.prediction.rounding == net + vat
    assert abs(result.prediction.rounding) <= CENT * len(lines)


def test_a_row_that_no_price_fits_keeps_its_quantity_only_for_stock() -> None:
    amounts: dict[str, Any] = {
        "price": Decimal("0.01"),
        "quantity": Decimal(30000000),
        "discounts": (),
        "net": Decimal("1.01"),
    }
    assert fit_row(**amounts, keep_quantity=True) is None
    loose = fit_row(**amounts, keep_quantity=False)
    assert loose is not None
    assert loose.net == Decimal("1.01")


def partner(**changes: Any) -> Partner:
    base = Partner(
        source_id="51",
        name="Näidis OÜ",
        is_person=False,
        registry_code="10000018",
        vat_number="EE100000001",
        bank_account="",
        reference_number="",
        email="arve@naidis.ee",
        phone="",
        address=Address("EE", "Harju", "Tallinn", "Pärnu mnt 1", "10141"),
        is_client=True,
        is_supplier=False,
        is_deleted=False,
    )
    return replace(base, **changes)


def test_a_company_becomes_a_client() -> None:
    assert plan_partner(partner(), vat_code="24", marker="[m]").payload == {
        "name": "Näidis OÜ",
        "vatPc": "24",
        "regCode": "10000018",
        "vatNumber": "EE100000001",
        "address": {
            "country": "EE",
            "county": "Harju",
            "city": "Tallinn",
            "address1": "Pärnu mnt 1",
            "postalCode": "10141",
        },
        "contacts": [{"type": "EMAIL", "value": "arve@naidis.ee"}],
        "comment": "[m]",
    }


def test_a_person_gives_no_code() -> None:
    payload = plan_partner(partner(is_person=True, vat_number=""), vat_code="24", marker="[m]").payload
    assert "regCode" not in payload


def test_a_long_street_is_split_and_nothing_is_lost_below_two_parts() -> None:
    street = "Väike-Õismäe ümbersõidu kõrvaltänava pikendus " * 2
    address = plan_partner(partner(address=Address("EE", "", "", street, "")), vat_code="24", marker="").payload[
        "address"
    ]
    assert len(address["address1"]) <= 64
    assert " ".join((address["address1"], address["address2"])) == street.strip()


def test_a_too_long_city_is_cut_and_said() -> None:
    result = plan_partner(partner(address=Address("EE", "", "X" * 70, "", "")), vat_code="24", marker="")
    assert len(result.payload["address"]["city"]) == 64
    assert said(result.warnings) == ["Contact 51: city was cut to 64 characters."]


def test_means_of_contact_and_the_account_are_cleaned_too() -> None:
    result = plan_partner(
        partner(email="arve\u200b@naidis.ee", phone="📞 +372 500", bank_account="EE38\u00ad2200"),
        vat_code="24",
        marker="[m]",
    )
    assert result.payload["contacts"] == [
        {"type": "EMAIL", "value": "arve@naidis.ee"},
        {"type": "PHONE", "value": "_ +372 500"},
    ]
    assert result.payload["bankAccount"] == "EE382200"
    assert said(result.warnings) == [
        "Contact 51: bank account: unprintable characters were dropped.",
        "Contact 51: e-mail: unprintable characters were dropped.",
        "Contact 51: phone: characters that SmartAccounts does not take were replaced by _.",
    ]


def test_what_cleaning_leaves_nothing_of_is_left_out() -> None:
    result = plan_partner(partner(email="\u200b", phone="📞 📞", bank_account="<br>"), vat_code="24", marker="[m]")
    assert not result.payload.keys() & {"contacts", "bankAccount"}
    assert len(result.warnings) == 2


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("läbimõõt <5 mm ja 3> tk", "läbimõõt <5 mm ja 3> tk"),
        ("kui a <b ja c> d, siis <x>", "kui a <b ja c> d, siis <x>"),
        ("Mari <a@naidis.ee>", "Mari <a@naidis.ee>"),
        ("1 < 2 > 0 <<", "1 < 2 > 0 <<"),
        ("<p>Üks<br/>kaks<BR />kolm</p>", "Üks kaks kolm"),
        ("<p class=\"x > y\" style='a: b'><a href=http://x.ee/a target=_blank>viide</a ></p>", "viide"),
        ("a<!-- b -->c<o:p></o:p>", "a c"),
        ("<h1>\nPealkiri\t</h1>\u2028all", "Pealkiri all"),
    ],
)
def test_only_tags_of_html_are_taken_out(text: str, cleaned: str) -> None:
    heard: list[Reason] = []
    assert clean(text, HERE, heard.append) == cleaned
    assert heard == []


@pytest.mark.parametrize(
    ("text", "cleaned", "words"),
    [
        ("a\u200bb \x07 c", "ab c", ["dropped"]),
        ("kohv 😀", "kohv _", ["replaced by _"]),
        ("\ufeff😀", "_", ["dropped", "replaced by _"]),
        ("\U000e0067", "", ["dropped"]),
    ],
)
def test_what_is_dropped_or_replaced_is_said(text: str, cleaned: str, words: list[str]) -> None:
    heard: list[Reason] = []
    assert clean(text, HERE, heard.append) == cleaned
    assert all(
        sentence.startswith("Line 3: ") and sentence.endswith(f"{word}.")
        for sentence, word in zip(said(heard), words, strict=True)
    )


@given(st.text(), st.sampled_from(["", "<b>", "<a href='x", "<!--", "😀"]))
def test_cleaned_text_is_one_line_that_smartaccounts_takes(text: str, more: str) -> None:
    cleaned = clean(text + more + text, HERE, lambda _: None)
    assert cleaned == " ".join(cleaned.split())
    assert all(char.isprintable() and ord(char) <= 0xFFFF for char in cleaned)


def test_articles() -> None:
    product = Product("84", "", "Kaabel", "m", Decimal("10"), True, False, False, False)
    policy = COMPANY.articles
    assert article_code(product, policy) == "SC-84"
    assert plan_article(product, policy).payload == {
        "code": "SC-84",
        "description": "Kaabel",
        "type": "WH",
        "activeSales": True,
        "activePurchase": True,
        "unit": "m",
        "priceSales": "10.00",
    }


def test_markers_speak_of_one_site_and_module() -> None:
    comment = f"Märkus {marker('demoou', 'invoices', '5121')} veel"
    assert marked_id(comment, "demoou", "invoices") == "5121"
    assert marked_id(comment, "other", "invoices") is None
    assert marked_id(comment, "demoou", "contacts") is None
