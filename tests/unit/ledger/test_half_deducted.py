"""Room ledger. VAT that is not compared: of a code of which half is deducted, told where its wording does not tell it,
and of codes that SmartAccounts' settings name no account for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.ledger.expected import Chart, differences, expected_of
from scoro_smartaccounts.staging.ledger import Booked, Entry

DAY = date(2026, 1, 15)
CODE, VAT, COST, DEBTS = "24% (car50%)", "1510", "4210", "2110"


def booked(codes: Mapping[str, str] | None = None) -> Booked:
    """A bill with VAT of these codes."""
    by_code = codes or {CODE: "24"}
    body = {
        "currency": "EUR",
        "entryDate": "15.01.2026",
        "invoiceNumber": "A-1",
        "rows": [{"vatPc": each} for each in by_code],
    }
    vat = sum(map(Decimal, by_code.values()))
    plan = {"net": "100", "vat": f"{vat}", "total": f"{100 + vat}", "vat_by_code": by_code}
    return Booked("1", 0, "r", "A-1", DAY, Decimal(1), json.dumps(body), plan, {}, datetime(2026, 1, 16, tzinfo=UTC))


@pytest.mark.parametrize(("halved", "told"), [({CODE}, 0), (set(), 1)], ids=["told by its wording", "worded otherwise"])
def test_the_half_that_is_deducted(halved: set[str], told: int) -> None:
    chart = Chart({CODE: ("", VAT)}, frozenset(halved), {}, {})
    balances = {COST: Decimal(112), VAT: Decimal(12), DEBTS: Decimal(-124)}
    entry = Entry("e", DAY, "1", "", "EUR", balances, {COST: Decimal(112), VAT: Decimal(12)})
    wanted = expected_of(Flow.PURCHASE_INVOICES, booked(), chart, "EUR")
    assert len(differences(wanted, entry)) == told
    assert wanted.vat_is_unseen is not bool(told)


@pytest.mark.parametrize(
    ("accounts", "is_unseen"),
    [({"24%": VAT}, True), ({}, True), ({"24%": VAT, "9%": "1511"}, False)],
    ids=["of one code", "of none", "of both"],
)
def test_vat_is_compared_where_the_settings_name_all_of_its_accounts(accounts: dict[str, str], is_unseen: bool) -> None:
    """One of two codes without an account is no alarm on what is booked right."""
    chart = Chart({code: ("", account) for code, account in accounts.items()}, frozenset(), {}, {})
    codes = {"24%": "20", "9%": "10", "0%": "0"}
    balances = {COST: Decimal(100), VAT: Decimal(20), "1511": Decimal(10), DEBTS: Decimal(-130)}
    wanted = expected_of(Flow.PURCHASE_INVOICES, booked(codes), chart, "EUR")
    entry = Entry("e", DAY, "1", "", "EUR", balances, {})
    assert differences(wanted, entry) == []
    assert wanted.vat_is_unseen is is_unseen
    other = Entry("e", DAY, "1", "", "EUR", balances | {VAT: Decimal(30), COST: Decimal(90)}, {})
    assert bool(differences(wanted, other)) is not is_unseen
