"""Room ledger. An entry of the ledger beside what is expected of it: what is a difference, and what proves a kind."""

from __future__ import annotations

from collections.abc import Mapping
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
    wanted = expected(
        partner="233", vat="-33", vat_accounts=frozenset({SALES_VAT, OTHER_VAT}), vat_parts=parts, cents="0.02"
    )
    right = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "24", OTHER_VAT: "9"})
    swapped = entry({"1200": "233"}, {"3010": "200", SALES_VAT: "9", OTHER_VAT: "24"})
    assert differences(wanted, right) == []
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
    wanted = expected(
        "VENDOR_INVOICE",
        partner="-100",
        vat="0",
        vat_accounts=frozenset({SALES_VAT, PURCHASE_VAT}),
        declared="24",
        declared_on=frozenset({PURCHASE_VAT}),
        cents="0.01",
    )
    assert (differences(wanted, entry(debits, credits)) == []) is is_right


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
    assert not without_accounts.proves(DocumentKind.REVERSE_CHARGE)
    assert not expected(partner="-100", vat="0").proves(DocumentKind.SUPPLIER_CREDIT)
    assert expected(partner="-100", vat="0", debts=frozenset({"2110"})).proves(DocumentKind.SUPPLIER_CREDIT)
    assert not expected("BANK_PAYMENT", moved="5").proves(DocumentKind.REFUND)
    assert expected("BANK_PAYMENT", moved="5", money_account=BANK).proves(DocumentKind.REFUND)


def test_however_small_an_amount_is_its_side_counts() -> None:
    """What a rate leaves open is more than a cent; a side is not left open by it."""
    wanted = expected("BANK_PAYMENT", moved="-0.01", money_account=BANK, share="0.03", slack="0.02")
    assert differences(wanted, entry({"2110": "0.01"}, {BANK: "0.01"})) == []
    assert differences(wanted, entry({"2110": "0.02"}, {BANK: "0.02"})) == []
    [found] = differences(wanted, entry({BANK: "0.01"}, {"2110": "0.01"}))
    assert (found.there, found.here, found.cause) == (Decimal("0.01"), Decimal("-0.01"), "side")
    turned = expected(partner="-0.01", vat="0", debts=frozenset({"1200"}), slack="0.02")
    assert len(differences(turned, entry({"1200": "0.01"}, {"3010": "0.01"}))) == 1
