"""Room ledger. An entry of the ledger beside what is expected of it: what is a difference, and what proves a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.ledger.expected import Expected, debt_account_of, differences
from scoro_smartaccounts.staging.ledger import Entry

DAY = date(2026, 1, 15)
SALES_VAT, PURCHASE_VAT, OTHER_VAT = "2310", "1510", "2311"
BANK, NETTING = "1010", "1099"
# Where the VAT that a buyer declares stands.
SIDES = {
    "vat_accounts": frozenset({SALES_VAT, PURCHASE_VAT}),
    "declared_on": frozenset({PURCHASE_VAT}),
    "declared_from": frozenset({SALES_VAT}),
}


def entry(debits: Mapping[str, str], credits: Mapping[str, str]) -> Entry:
    balances: dict[str, Decimal] = {}
    for rows, sign in ((debits, 1), (credits, -1)):
        for account, amount in rows.items():
            balances[account] = balances.get(account, Decimal(0)) + sign * Decimal(amount)
    told = {account: Decimal(debits.get(account, 0)) for account in balances}
    return Entry("e", DAY, "1", "", "EUR", balances, told)


def expected(doc_type: str = "CLIENT_INVOICE", **values: Any) -> Expected:
    found: dict[str, Any] = {
        key: Decimal(value) if isinstance(value, str) and key != "money_account" else value
        for key, value in values.items()
    }
    return Expected(doc_type, DAY, "1", "1", "EUR", **found)


def test_a_debt_on_the_other_side_is_seen_once_its_account_is_known() -> None:
    """Without VAT the income has the same amount."""
    booked_wrong = entry({"1200": "100"}, {"3010": "100"})
    assert differences(expected(partner="-100", vat="0"), booked_wrong) == []
    [found] = differences(expected(partner="-100", vat="0", debts=frozenset({"1200"})), booked_wrong)
    assert (found.there, found.here) == (Decimal(100), Decimal(-100))


def test_the_account_of_debts_is_learned_where_only_one_can_be_it() -> None:
    with_vat = entry({"1200": "124"}, {"3010": "100", SALES_VAT: "24"})
    wanted = expected(partner="124", vat="-24", vat_accounts=frozenset({SALES_VAT}))
    assert debt_account_of(wanted, with_vat) == "1200"
    assert debt_account_of(expected(partner="100", vat="0"), entry({"1200": "100"}, {"3010": "100"})) is None


def test_vat_stands_on_the_accounts_of_its_codes() -> None:
    parts = ((frozenset({SALES_VAT}), Decimal(-24)), (frozenset({OTHER_VAT}), Decimal(-9)))
    wanted = expected(partner="233", vat="-33", vat_accounts=frozenset({SALES_VAT, OTHER_VAT}), vat_parts=parts)
    right = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "24", OTHER_VAT: "9"})
    a_cent = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "24.01", OTHER_VAT: "8.99"})
    two_cents = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "24.02", OTHER_VAT: "8.98"})
    swapped = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "9", OTHER_VAT: "24"})
    assert differences(wanted, right) == differences(wanted, a_cent) == []
    assert len(differences(wanted, two_cents)) == 2
    assert [(each.there, each.here) for each in differences(wanted, swapped)] == [(-9, -24), (-24, -9)]


@pytest.mark.parametrize(
    ("debits", "credits", "is_right"),
    [
        ({"4210": "100", PURCHASE_VAT: "24"}, {"2110": "100", SALES_VAT: "24"}, True),
        ({"4210": "100", PURCHASE_VAT: "24.01"}, {"2110": "100", SALES_VAT: "24.01"}, True),
        ({"4210": "100"}, {"2110": "100"}, False),
        ({"4210": "100", PURCHASE_VAT: "48"}, {"2110": "100", SALES_VAT: "48"}, False),
        ({"4210": "100", SALES_VAT: "24"}, {"2110": "100", SALES_VAT: "24"}, False),
        ({"4210": "100", SALES_VAT: "24"}, {"2110": "100", PURCHASE_VAT: "24"}, False),
    ],
    ids=["right", "a cent of rounding", "missing", "twice", "both sides on one account", "the other way round"],
)
def test_what_the_buyer_declares(debits: dict[str, str], credits: dict[str, str], is_right: bool) -> None:
    wanted = expected("VENDOR_INVOICE", partner="-100", vat="0", declared="24", declared_at_once="24", **SIDES)
    assert (differences(wanted, entry(debits, credits)) == []) is is_right


@pytest.mark.parametrize(
    ("debit", "credit", "is_right"),
    [
        ({PURCHASE_VAT: "33.60"}, {SALES_VAT: "9.60"}, True),
        ({PURCHASE_VAT: "33.61"}, {SALES_VAT: "9.61"}, True),
        ({PURCHASE_VAT: "24"}, {}, False),
        ({PURCHASE_VAT: "43.20"}, {SALES_VAT: "19.20"}, False),
        ({PURCHASE_VAT: "120"}, {SALES_VAT: "96"}, False),
        ({PURCHASE_VAT: "33.60"}, {PURCHASE_VAT: "9.60"}, False),
        ({PURCHASE_VAT: "24", SALES_VAT: "9.60"}, {SALES_VAT: "9.60"}, False),
        ({PURCHASE_VAT: "24", SALES_VAT: "9.60"}, {PURCHASE_VAT: "9.60"}, False),
    ],
    ids=["right", "a cent", "missing", "twice", "ten times", "on the one", "on the other", "the other way round"],
)
def test_what_the_buyer_declares_beside_other_vat(
    debit: dict[str, str], credit: dict[str, str], is_right: bool
) -> None:
    wanted = expected(
        "VENDOR_INVOICE",
        partner="-164",
        vat="24",
        declared="9.60",
        declared_at_once="9.60",
        vat_there="24",
        **SIDES,
    )
    booked = entry({"4210": "140", **debit}, {"2110": "164", **credit})
    assert (differences(wanted, booked) == []) is is_right
    assert wanted.proves(DocumentKind.REVERSE_CHARGE_ON_PAPER, booked)


def test_what_the_buyer_declares_on_one_account_for_both_sides() -> None:
    """Nothing tells the sides apart: an amount that is off shows, and beside other VAT it proves nothing."""
    one = {name: frozenset({PURCHASE_VAT}) for name in SIDES}
    alone = expected("VENDOR_INVOICE", partner="-100", vat="0", declared="24", declared_at_once="24", **one)
    right = entry({"4210": "100", PURCHASE_VAT: "24"}, {"2110": "100", PURCHASE_VAT: "24"})
    assert differences(alone, right) == []
    assert alone.proves(DocumentKind.REVERSE_CHARGE, right)
    twice = entry({"4210": "100", PURCHASE_VAT: "48"}, {"2110": "100", PURCHASE_VAT: "48"})
    assert len(differences(alone, twice)) == 1
    mixed = replace(alone, partner=Decimal(-124), vat=Decimal(24), vat_there=Decimal(24))
    right = entry({"4210": "100", PURCHASE_VAT: "48"}, {"2110": "124", PURCHASE_VAT: "24"})
    assert differences(mixed, right) == []
    assert not mixed.proves(DocumentKind.REVERSE_CHARGE_ON_PAPER, right)
    ten_times = entry({"4210": "100", PURCHASE_VAT: "264"}, {"2110": "124", PURCHASE_VAT: "240"})
    assert len(differences(mixed, ten_times)) == 1
    turned = replace(mixed, is_turned_in_part=True)
    # Rows that take off stand on both sides too.
    assert differences(turned, ten_times) == []
    assert len(differences(turned, entry({"4210": "100", PURCHASE_VAT: "24"}, {"2110": "124"}))) == 1


def test_netting_moves_no_money_on_any_account() -> None:
    wanted = expected("BANK_PAYMENT", moved="0", money_account=NETTING, money_accounts=frozenset({BANK, NETTING}))
    assert differences(wanted, entry({"1200": "25", NETTING: "25"}, {"1200": "25", NETTING: "25"})) == []
    [found] = differences(wanted, entry({BANK: "25"}, {"1200": "25"}))
    assert found.there == 25


def test_a_rate_upside_down_names_the_amount_that_it_gives() -> None:
    wanted = expected(partner="0.1376", vat="0", rate="0.0111", share="0.03")
    [found] = differences(wanted, entry({"1200": "1117.12"}, {"3010": "900.90", SALES_VAT: "216.22"}))
    assert (found.there, found.here, found.cause) == (Decimal("1117.12"), Decimal("0.14"), "rate")


def test_an_entry_proves_what_its_accounts_can_tell() -> None:
    without_accounts = expected("VENDOR_INVOICE", partner="-100", vat="0", declared="24")
    some = entry({"2110": "100"}, {"4210": "100"})
    assert not without_accounts.proves(DocumentKind.REVERSE_CHARGE, some)
    assert not expected(partner="-100", vat="0").proves(DocumentKind.SUPPLIER_CREDIT, some)
    assert expected(partner="-100", vat="0", debts=frozenset({"2110"})).proves(DocumentKind.SUPPLIER_CREDIT, some)
    assert not expected("BANK_PAYMENT", moved="5").proves(DocumentKind.REFUND, some)
    assert expected("BANK_PAYMENT", moved="5", money_account=BANK).proves(DocumentKind.REFUND, some)
    assert not expected("BANK_PAYMENT", moved="5", money_account=BANK).proves(DocumentKind.REFUND, None)


def test_of_stock_no_entry_tells_anything() -> None:
    """Neither on which account the stock stands nor what it cost."""
    wanted = expected("VENDOR_INVOICE", partner="-124", vat="24", vat_accounts=frozenset({PURCHASE_VAT}))
    booked = entry({"4210": "100", PURCHASE_VAT: "24"}, {"2110": "124"})
    for kind in (DocumentKind.STOCK_PURCHASE, DocumentKind.STOCK_SALE):
        assert not wanted.proves(kind, booked)
        assert not wanted.could_prove(kind)


def test_netting_is_proved_by_what_it_settles_on_accounts_of_debts() -> None:
    wanted = expected(
        "BANK_PAYMENT",
        moved="0",
        settled="25",
        money_account=NETTING,
        money_accounts=frozenset({BANK, NETTING}),
        debts=frozenset({"1200"}),
    )
    right = entry({"1200": "25", NETTING: "25"}, {"1200": "25", NETTING: "25"})
    other = entry({"1200": "50"}, {"1200": "50"})
    elsewhere = entry({"1200": "25"}, {"1999": "25"})
    assert differences(wanted, right) == differences(wanted, elsewhere) == []
    assert wanted.proves(DocumentKind.NETTING, right)
    assert not wanted.proves(DocumentKind.NETTING, elsewhere)
    assert not replace(wanted, debts=frozenset()).proves(DocumentKind.NETTING, right)
    [found] = differences(wanted, other)
    assert (found.there, found.here) == (50, 25)
    unseen = Entry("e", DAY, "1", "", "EUR", {NETTING: Decimal(0)}, {NETTING: Decimal(0)})
    assert differences(wanted, unseen) == []
    assert not wanted.proves(DocumentKind.NETTING, unseen)


def test_however_small_an_amount_is_its_side_counts() -> None:
    """What a rate leaves open is more than a cent; a side is not left open by it."""
    wanted = expected("BANK_PAYMENT", moved="-0.01", money_account=BANK, share="0.03", slack="0.02")
    assert differences(wanted, entry({"2110": "0.01"}, {BANK: "0.01"})) == []
    assert differences(wanted, entry({"2110": "0.02"}, {BANK: "0.02"})) == []
    [found] = differences(wanted, entry({BANK: "0.01"}, {"2110": "0.01"}))
    assert (found.there, found.here, found.cause) == (Decimal("0.01"), Decimal("-0.01"), "side")
    turned = expected(partner="-0.01", vat="0", debts=frozenset({"1200"}), slack="0.02")
    assert len(differences(turned, entry({"1200": "0.01"}, {"3010": "0.01"}))) == 1
