"""Room ledger. A VAT code of which half is deducted: its VAT is not compared, and told where its wording does not
tell it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.ledger.expected import Chart, differences, expected_of
from scoro_smartaccounts.staging.ledger import Booked, Entry

DAY = date(2026, 1, 15)
CODE, VAT, COST, DEBTS = "24% (car50%)", "1510", "4210", "2110"


def booked() -> Booked:
    body = {"currency": "EUR", "entryDate": "15.01.2026", "invoiceNumber": "A-1", "rows": [{"vatPc": CODE}]}
    plan = {"net": "100", "vat": "24", "total": "124", "vat_by_code": {CODE: "24"}}
    return Booked("1", 0, "r", "A-1", DAY, Decimal(1), json.dumps(body), plan, {}, datetime(2026, 1, 16, tzinfo=UTC))


@pytest.mark.parametrize(("halved", "told"), [({CODE}, 0), (set(), 1)], ids=["told by its wording", "worded otherwise"])
def test_the_half_that_is_deducted(halved: set[str], told: int) -> None:
    chart = Chart({CODE: ("", VAT)}, frozenset(halved), {}, {})
    balances = {COST: Decimal(112), VAT: Decimal(12), DEBTS: Decimal(-124)}
    entry = Entry("e", DAY, "1", "", "EUR", balances, {COST: Decimal(112), VAT: Decimal(12)})
    found = differences(expected_of(Flow.PURCHASE_INVOICES, booked(), chart, "EUR"), entry)
    assert len(found) == told
