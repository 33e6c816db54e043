"""The simulators. Generated companies: equal ones for equal arguments, with every feature of documents."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from stdnum import iban
from stdnum.ee import ik, kmkr, registrikood
from stdnum.eu import vat

from scoro_smartaccounts_sandbox.generator import ALL_FEATURES, BadBill, BadReason, Feature, Generated, generate
from scoro_smartaccounts_sandbox.scoro import Switches
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE
from scoro_smartaccounts_sandbox.scoro.site import gross

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
NONE: frozenset[Feature] = frozenset()


@cache
def january(bad: float = 0.0) -> Generated:
    return generate(7, *JANUARY, 300, bad=bad)


@cache
def quarter(bad_bills: float = 0.0) -> Generated:
    """A quarter with all features of the three kinds of document and their payments."""
    period = (date(2026, 1, 1), date(2026, 3, 31))
    return generate(7, *period, 200, bills_per_month=90, expenses_per_month=15, bad_bills=bad_bills)


def live(made: Generated) -> list[dict[str, Any]]:
    return list(made.site.live("invoices"))


def lines(made: Generated) -> Iterator[dict[str, Any]]:
    return (line for invoice in live(made) for line in invoice["lines"])


def clients(made: Generated) -> list[dict[str, Any]]:
    return [contact for contact in made.site.live("contacts") if contact["is_client"]]


def test_equal_arguments_make_equal_companies_and_other_seeds_others() -> None:
    texts = [json.dumps(generate(seed, *JANUARY, 40, bad=0.1).site.dump(), sort_keys=True) for seed in (1, 1, 2)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


@pytest.mark.parametrize(("per_month", "count"), [(1, 1), (12, 12), (300, 300)])
def test_number_of_live_invoices(per_month: int, count: int) -> None:
    assert len(live(generate(3, *JANUARY, per_month))) == count


def test_a_part_of_a_month_gets_its_part_and_dates_stay_inside() -> None:
    made = generate(5, date(2026, 1, 16), date(2026, 2, 14), 100)
    assert len(live(made)) == round(100 * 16 / 31) + round(100 * 14 / 28)
    assert {invoice["date"] for invoice in live(made)} <= {
        (date(2026, 1, 16) + timedelta(days=step)).isoformat() for step in range(30)
    }


def test_totals_are_those_the_site_computes() -> None:
    made = january()
    for module in ("invoices", "bills", "prepayments"):
        for record in made.site.live(module):
            again = {**record, "lines": [dict(line) for line in record["lines"]]}
            made.site.recompute(module, again)
            if module == "bills":
                assert abs(again["vat_sum"] - record["vat_sum"]) <= Decimal("0.02")
                again["vat_sum"] = record["vat_sum"]
            assert again == record


def test_codes_are_valid() -> None:
    made = january()
    for contact in made.site.live("contacts"):
        abroad = contact["addresses"][0]["country"] not in ("", "est")
        if contact["id_code"] and not abroad:
            person = contact["contact_type"] == "person"
            assert ik.is_valid(contact["id_code"]) if person else registrikood.is_valid(contact["id_code"])
        if contact["vatno"]:
            assert vat.is_valid(contact["vatno"]) if abroad else kmkr.is_valid(contact["vatno"])
        assert not contact["bankaccount"] or iban.is_valid(contact["bankaccount"])
    codes = [contact["id_code"] for contact in made.site.live("contacts") if contact["id_code"]]
    assert len(set(codes)) == len(codes)


def test_reference_numbers_follow_7_3_1() -> None:
    for invoice in live(january()):
        digits = invoice["reference_no"]
        total = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits[:-1])))
        assert (total + int(digits[-1])) % 10 == 0


@pytest.mark.parametrize(("day", "standard"), [(date(2023, 12, 1), 20), (date(2025, 6, 1), 22), (date(2025, 7, 1), 24)])
def test_vat_follows_the_date(day: date, standard: int) -> None:
    made = generate(1, day, day + timedelta(days=20), 120)
    assert {line["vat"] for line in lines(made) if line["vat"]} <= {standard, 9, 13}
    assert standard in {line["vat"] for line in lines(made)}


def test_every_feature_of_documents_is_there() -> None:
    made = january()
    invoices = live(made)
    products = made.site.records("products")
    sums = [invoice["sum"] for invoice in invoices]
    assert {invoice["currency"] for invoice in invoices} == {"EUR", "USD", "SEK"}
    assert all(invoice["currency_rate"] != 1 for invoice in invoices if invoice["currency"] != "EUR")
    assert any(invoice["discount"] for invoice in invoices)
    assert any(invoice["discount3"] for invoice in invoices)
    assert any(line["discount"] for line in lines(made))
    assert any(line["amount2"] for line in lines(made))
    assert {-1, 0} < {line["product_id"] for line in lines(made)}
    assert any(invoice["vat_code_id"] for invoice in invoices)
    assert any(len({line["vat"] for line in invoice["lines"]} - {None}) > 1 for invoice in invoices)
    assert any(
        invoice["discount"] and products[line["product_id"]]["no_discounts"]
        for invoice in invoices
        for line in invoice["lines"]
        if line["product_id"] > 0
    )
    assert Decimal("0.01") in sums
    assert Decimal(0) in sums
    assert any(line["price"] != round(line["price"], 4) for line in lines(made))
    assert any("\r\n" in line["comment"] for line in lines(made))
    assert any("&amp;" in invoice["description"] for invoice in invoices)
    late = [row for row in invoices if row["created_date"].astimezone(SITE_ZONE).date().isoformat() > row["date"]]
    assert len(late) > 10
    assert any(line["depot_amounts"] for line in lines(made))
    assert {line["vat_code"] for line in lines(made)} >= {"24", "9", "13", "0", "0EU", "MV"}


def test_every_feature_of_registers_is_there() -> None:
    made = january()
    addresses = [contact["addresses"][0] for contact in clients(made)]
    countries = {address["country"] for address in addresses}
    assert countries == {"est", "fin", "lva", "deu", "usa", "", "Sweden"}
    assert any(len(address["street"]) > 64 for address in addresses)
    names = " ".join(contact["name"] for contact in clients(made))
    assert max(map(ord, names)) > 0xFFFF
    assert "&amp;" in names
    assert any(not contact["id_code"] for contact in clients(made))
    assert any(contact["contact_type"] == "person" and contact["lastname"] for contact in clients(made))
    products = list(made.site.live("products"))
    tags = [product["tag"] for product in products]
    for tag in (["Laoartikkel"], [" laoartikkel "], ["Kampaania", "Laoartikkel"], ["Teenus"], None, ""):
        assert tag in tags
    assert any(not product["code"] for product in products)
    assert any(product["no_discounts"] for product in products)


def test_credit_invoices_follow_their_bases() -> None:
    made = january()
    by_id = made.site.records("invoices")
    credits = [invoice for invoice in live(made) if invoice["credited_invoices"]]
    full = 0
    for credit in credits:
        (base_id,) = credit["credited_invoices"]
        base = by_id[base_id]
        assert credit["date"] >= base["date"]
        assert credit["id"] > base_id
        assert credit["sum"] <= 0
        full += credit["sum"] == -base["sum"]
    assert 0 < full < len(credits)


def test_prepayments_are_drawn_on() -> None:
    made = january()
    drawing = [invoice for invoice in live(made) if invoice["prepayment_id"]]
    assert drawing
    for invoice in drawing:
        prepayment = made.site.records("prepayments")[invoice["prepayment_id"][0]]
        assert prepayment["sum"] + prepayment["vat_sum"] == invoice["prepayment_sum"]
        assert prepayment["status"] == "paid" or not invoice["prepayment_sum"]


def test_deleted_numbers_are_used_again_and_live_ones_are_unique() -> None:
    made = january()
    numbers = Counter(invoice["no"] for invoice in live(made))
    assert set(numbers.values()) == {1}
    deleted = [row for row in made.site.records("invoices").values() if row["is_deleted"]]
    reused = [row for row in deleted if row["no"] in numbers]
    assert 0 < len(reused) < len(deleted)


def test_payments_are_whole_partial_too_large_and_joint() -> None:
    made = generate(7, date(2026, 1, 1), date(2026, 3, 31), 300)
    owed = [(row["sum"] + row["vat_sum"], row["paid_sum"]) for row in live(made) if row["sum"] > 0]
    assert any(0 < paid < total for total, paid in owed)
    assert any(paid == total for total, paid in owed)
    assert any(paid > total for total, paid in owed)
    groups = list(made.site.live("receipts"))
    assert any(len(group["receipts"]) > 1 for group in groups)
    assert {group["sales_doc_type"] for group in groups} == {"invoices", "bills"}
    assert any(bill["status"] == "paid" for bill in made.site.live("bills"))


@pytest.mark.parametrize("made", [january, lambda: quarter(0.05)], ids=["january", "quarter"])
def test_nothing_was_keyed_in_after_the_clock(made: Callable[[], Generated]) -> None:
    site = made().site
    now = site.clock.now()
    for module in ("invoices", "bills", "expenses", "receipts", "prepayments", "contacts", "products"):
        assert all(row["created_date"] <= row["modified_date"] <= now for row in site.live(module)), module


def test_without_features_everything_is_plain() -> None:
    made = generate(7, *JANUARY, 60, NONE)
    assert {contact["addresses"][0]["country"] for contact in clients(made)} == {"est"}
    assert {line["vat"] for line in lines(made)} == {Decimal(24)}
    assert not any(line["discount"] or line["depot_amounts"] for line in lines(made))
    assert all(invoice["sum"] > 0 and invoice["paid_sum"] == 0 for invoice in live(made))
    assert not list(made.site.live("bills"))


@pytest.mark.parametrize("feature", list(Feature))
@pytest.mark.parametrize("alone", [True, False])
def test_each_feature_stands_alone_and_can_be_left_out(feature: Feature, alone: bool) -> None:
    features = frozenset({feature}) if alone else ALL_FEATURES - {feature}
    assert len(live(generate(2, *JANUARY, 20, features))) == 20


def planted(reason: BadReason) -> list[tuple[dict[str, Any], Generated]]:
    made = january(0.05)
    found = [made.site.records("invoices")[item.invoice_id] for item in made.planted if item.reason is reason]
    assert found
    return [(invoice, made) for invoice in found]


def test_every_reason_is_planted_and_the_rest_is_sound() -> None:
    made = january(0.05)
    assert {item.reason for item in made.planted} == set(BadReason)
    assert len(made.planted) == 15
    bad = {item.invoice_id for item in made.planted}
    for invoice in live(made):
        if invoice["id"] not in bad:
            again = {**invoice, "lines": [dict(line) for line in invoice["lines"]]}
            made.site.recompute("invoices", again)
            assert again == invoice


@pytest.mark.parametrize("per_month", [1, 5])
def test_small_companies_get_one_of_each_reason(per_month: int) -> None:
    assert len(generate(7, *JANUARY, per_month, bad=0.01).planted) == len(BadReason)


def test_wrong_sums_are_really_wrong() -> None:
    for reason, field in ((BadReason.WRONG_VAT_SUM, "vat_sum"), (BadReason.LINE_SUMS_DIFFER, "sum")):
        for invoice, made in planted(reason):
            again = {**invoice, "lines": [dict(line) for line in invoice["lines"]]}
            made.site.recompute("invoices", again)
            assert abs(again[field] - invoice[field]) >= 5


def test_bad_documents_are_bad_in_the_way_they_say() -> None:
    today_rates = {Decimal(24), Decimal(9), Decimal(13), Decimal(0)}
    assert all(
        line["vat"] not in today_rates
        for invoice, _ in planted(BadReason.VAT_PERCENT_INVALID)
        for line in invoice["lines"]
    )
    assert all(invoice["company_id"] == 0 for invoice, _ in planted(BadReason.PARTNER_MISSING))
    assert all(invoice["lines"] == [] for invoice, _ in planted(BadReason.LINES_MISSING))
    assert all(invoice["deadline"] < invoice["date"] for invoice, _ in planted(BadReason.DEADLINE_BEFORE_DATE))
    assert all(invoice["currency_rate"] == 0 for invoice, _ in planted(BadReason.CURRENCY_RATE_BAD))
    assert all(invoice["lines"][0]["amount"] == 0 for invoice, _ in planted(BadReason.STOCK_QUANTITY_MISSING))
    for invoice, made in planted(BadReason.CREDIT_WITHOUT_BASE):
        assert invoice["sum"] < 0
        assert not set(invoice["credited_invoices"] or []) & made.site.records("invoices").keys()


def test_duplicate_numbers_name_their_twins() -> None:
    made = january(0.05)
    for item in made.planted:
        if item.reason is BadReason.NUMBER_DUPLICATE:
            (twin,) = item.also
            by_id = made.site.records("invoices")
            assert by_id[twin]["no"] == by_id[item.invoice_id]["no"]
            assert not by_id[twin]["is_deleted"]


def test_switches_of_the_site_govern_the_totals() -> None:
    per_line = generate(7, *JANUARY, 300, switches=Switches(vat_rounding="per_line"))
    pairs = zip(live(january()), live(per_line), strict=True)
    assert any(one["vat_sum"] != other["vat_sum"] for one, other in pairs)


def groups(made: Generated, module: str) -> list[dict[str, Any]]:
    return [group for group in made.site.live("receipts") if group["sales_doc_type"] == module]


def test_every_feature_of_bills_is_there() -> None:
    made = quarter()
    bills = list(made.site.live("bills"))
    contacts = made.site.records("contacts")
    assert len(bills) == 270
    numbers = [bill["no"] for bill in bills]
    assert any("/" in number for number in numbers)
    assert any(number[0].isalpha() for number in numbers)
    assert any(number.startswith("0") for number in numbers)
    partners_of = {number: {bill["company_id"] for bill in bills if bill["no"] == number} for number in numbers}
    assert any(len(partners) > 1 for partners in partners_of.values())
    # The same number twice from one supplier is a bad bill.
    assert max(Counter((bill["no"], bill["company_id"]) for bill in bills).values()) == 1
    lines = [line for bill in bills for line in bill["lines"]]
    assert {line["finance_object_id"] for line in lines} == {0, 1, 2}
    assert {line["finance_account_id"] for line in lines} >= {21, 22, 23}
    assert {-1, 0} < {line["product_id"] for line in lines}
    assert any(
        "Laoartikkel" in str(made.site.records("products").get(line["product_id"], {}).get("tag")) for line in lines
    )
    assert {"0EU", "0", "24"} <= {line["vat_code"] for line in lines}
    assert {contacts[bill["company_id"]]["addresses"][0]["country"] for bill in bills} >= {"est", "fin", "usa"}
    assert {bill["currency"] for bill in bills} == {"EUR", "USD", "SEK"}
    assert all((bill["currency"] == "EUR") == (bill["currency_rate"] == 1) for bill in bills)
    assert any(bill["vat_code_id"] for bill in bills)
    assert any(bill["discount"] for bill in bills)
    assert sum(bill["sum"] < 0 for bill in bills) == round(270 * 0.05)
    assert any(bill["is_deleted"] for bill in made.site.records("bills").values())
    assert any(contacts[bill["company_id"]]["is_client"] for bill in bills)
    assert any(contact["is_client"] and contact["is_supplier"] for contact in contacts.values())
    assert any(bill["created_date"].astimezone(SITE_ZONE).date().isoformat() > bill["date"] for bill in bills)
    off = Counter[Decimal]()
    for bill in bills:
        again = {**bill, "lines": [dict(line) for line in bill["lines"]]}
        made.site.recompute("bills", again)
        off[bill["vat_sum"] - again["vat_sum"]] += 1
    assert {abs(amount) for amount in off} == {Decimal(0), Decimal("0.01"), Decimal("0.02")}
    assert off[Decimal(0)] > 200


def test_every_feature_of_expenses_is_there() -> None:
    made = quarter()
    expenses = list(made.site.live("expenses"))
    lines = [line for expense in expenses for line in expense["lines"]]
    assert len(expenses) == 45
    assert {line["accounting_object_id"] for line in lines} == {0, 1, 2}
    assert any(expense["is_reimbursable"] and expense["person_id"] for expense in expenses)
    assert any(expense["tax_code_id"] for expense in expenses)
    assert any(line["product_id"] for line in lines)
    assert any(expense["currency"] != "EUR" for expense in expenses)
    assert len({expense["status"] for expense in expenses}) == 2


@pytest.mark.parametrize("module", ["invoices", "bills", "expenses"])
def test_documents_are_paid_in_all_ways(module: str) -> None:
    made = quarter()
    states = Counter[str]()
    by_document: dict[int, set[int]] = {}
    for group in groups(made, module):
        assert group["sum"] == sum(row["sum"] for row in group["receipts"])
        for row in group["receipts"]:
            by_document.setdefault(row["invoice_id"], set()).add(group["id"])
            if row["invoice_id"]:
                document = made.site.records(module)[row["invoice_id"]]
                assert document["company_id"] == group["contact_id"]
                assert document["currency"] == group["currency"]
                assert document["no"] == row["invoice_no"]
                assert document["created_date"] <= group["created_date"]
                early = group["created_date"].astimezone(SITE_ZONE).date().isoformat() == document["date"]
                states["early"] += early
                states["cash"] += group["receipt_account_id"] == 1
        states["joint"] += len(group["receipts"]) > 1 and all(row["sum"] > 0 for row in group["receipts"])
        states["foreign"] += group["currency"] != "EUR" and group["receipt_account_id"] == 2
    for document in made.site.live(module):
        received, total = made.site.received_of(module, document["id"]), gross(module, document)
        left = total - made.site.paid_of(module, document["id"]) - made.site.drawn_of(document)
        if received > 0:
            states["whole"] += left == 0
            states["part"] += left > 1
            states["over"] += left < 0
            states["cents"] += 0 < left <= Decimal("0.02")
        halves = len(by_document.get(document["id"], ())) > 1 and left == 0
        states["halves"] += halves
    for way in ("early", "cash", "joint", "foreign", "whole", "part", "over", "halves"):
        assert states[way], way
    if module != "expenses":
        assert states["cents"]


@pytest.mark.parametrize("module", ["invoices", "bills"])
def test_credits_are_netted_and_refunded(module: str) -> None:
    made = quarter()
    sums = [group["sum"] for group in groups(made, module) if any(row["sum"] < 0 for row in group["receipts"])]
    assert any(amount == 0 for amount in sums)
    assert any(amount > 0 for amount in sums)
    assert any(amount < 0 for amount in sums)
    for group in groups(made, module):
        for row in group["receipts"]:
            if row["sum"] < 0:
                document = made.site.records(module)[row["invoice_id"]]
                assert (document["status"], gross(module, document)) == ("paid", row["sum"])


def test_prepayment_invoices_stand_open_or_paid() -> None:
    made = quarter()
    drawn = {key for invoice in live(made) for key in invoice["prepayment_id"] or []}
    waiting = [row for row in made.site.live("prepayments") if row["id"] not in drawn]
    assert [made.site.received_of("prepayments", row["id"]) / gross("prepayments", row) for row in waiting][::2] == [
        1,
        0,
    ]
    assert [row["status"] for row in waiting] == ["paid", "unpaid", "unpaid"]


def test_groups_follow_the_order_of_keying_in_and_some_were_deleted() -> None:
    made = quarter()
    paid = [row for row in made.site.records("receipts").values() if row["receipts"][0]["invoice_id"]]
    moments = [row["created_date"] for _, row in sorted((row["id"], row) for row in paid)]
    assert moments == sorted(moments)
    assert any(row["is_deleted"] for row in paid)
    assert all(row["deleted_date"] >= row["created_date"] for row in paid if row["is_deleted"])


def test_sales_do_not_depend_on_purchases() -> None:
    def sales(**arguments: Any) -> list[dict[str, Any]]:
        made = generate(5, *JANUARY, 40, **arguments)
        changed_by_payments = {"paid_sum", "status", "modified_date"}
        return [
            {key: value for key, value in invoice.items() if key not in changed_by_payments} for invoice in live(made)
        ]

    assert sales() == sales(bills_per_month=3, expenses_per_month=9, bad_bills=0.2)


@pytest.mark.parametrize(("bills", "expenses"), [(0, 0), (1, 0), (0, 1), (7, 5)])
def test_number_of_purchases(bills: int, expenses: int) -> None:
    made = generate(3, *JANUARY, 10, bills_per_month=bills, expenses_per_month=expenses)
    assert len(list(made.site.live("bills"))) == bills
    assert len(list(made.site.live("expenses"))) == expenses


def test_bad_bills_are_bad_in_the_way_they_say() -> None:
    made = quarter(0.05)
    by_id = made.site.records("bills")
    assert {item.reason for item in made.planted_bills} == set(BadBill)
    assert len(made.planted_bills) == round(270 * 0.05)
    for item in made.planted_bills:
        bill = by_id[item.bill_id]
        again = {**bill, "lines": [dict(line) for line in bill["lines"]]}
        made.site.recompute("bills", again)
        assert not made.site.received_of("bills", item.bill_id)
        match item.reason:
            case BadBill.NUMBER_TWICE:
                (twin,) = (by_id[key] for key in item.also)
                assert (bill["no"], bill["company_id"]) == (twin["no"], twin["company_id"])
                assert not twin["is_deleted"]
            case BadBill.WRONG_VAT_SUM:
                assert bill["vat_sum"] - again["vat_sum"] == 5
            case BadBill.LINE_SUMS_DIFFER:
                assert bill["sum"] - again["sum"] == 10
            case BadBill.VAT_PERCENT_INVALID:
                assert {line["vat"] for line in bill["lines"]} == {Decimal(20)}
            case BadBill.PARTNER_MISSING:
                assert bill["company_id"] == 0
            case BadBill.LINES_MISSING:
                assert bill["lines"] == []
            case BadBill.CURRENCY_RATE_BAD:
                assert (bill["currency"], bill["currency_rate"]) == ("USD", 0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"end": date(2025, 12, 31)},
        {"invoices_per_month": 0},
        {"bad": 1.5},
        {"bad_bills": -0.1},
        {"bills_per_month": -1},
        {"expenses_per_month": -1},
    ],
)
def test_senseless_arguments(arguments: dict[str, Any]) -> None:
    given: dict[str, Any] = {"start": JANUARY[0], "end": JANUARY[1], "invoices_per_month": 5, **arguments}
    with pytest.raises(ValueError, match="generate"):
        generate(1, **given)
