"""What a credit invoice takes from the invoices that it credits: their VAT, and the client they were booked on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.sandbox.scoro import reference_data
from tests.integration.money import Money
from tests.integration.world import World

JUNE, JULY, CREDIT_DAY = date(2025, 6, 16), date(2025, 7, 14), date(2025, 7, 21)


@pytest.fixture
def money(world: World) -> Money:
    """It is the morning of 28 July 2025."""
    world.company = world.company.model_copy(update={"first_import_date": date(2025, 6, 1)})
    world.clock.set(datetime(2025, 7, 28, 9, tzinfo=TALLINN).astimezone(UTC))
    return Money(world)


def line(net: str, vat: int, amount: str = "1") -> dict[str, Any]:
    ids = {22: reference_data.VAT_22, 24: reference_data.VAT_24}
    return {"product_id": 0, "product_name": "Töö", "price": net, "amount": amount, "vat_code_id": ids[vat]}


def booked(money: Money, source_id: int) -> dict[str, Any]:
    """A document as SmartAccounts shows it."""
    [row] = [row for row in money.world.books.state()["clientinvoices"] if row["id"] == money.remote(source_id)]
    return row


@pytest.mark.parametrize("newest_first", [False, True])
def test_one_credit_invoice_for_invoices_of_two_vat_periods(
    money: Money, newest_first: bool, caplog: pytest.LogCaptureFixture
) -> None:
    money.world.checked = True
    june = money.enter(JUNE, "100", lines=[line("100", 22)])
    july = money.enter(JULY, "100")
    credited = [july, june] if newest_first else [june, july]
    lines = [line("100", 22, "-1"), line("100", 24, "-1")]
    credit = money.enter(CREDIT_DAY, "-200", lines=lines, credited_invoices=credited)
    summary = money.import_documents(date(2025, 6, 1), CREDIT_DAY)
    assert summary["documents"]["created"] == 3, summary["quarantined"]
    assert "22 %" not in caplog.text
    rows = booked(money, credit)["rows"]
    assert [(row["vatPc"], Decimal(str(row["price"]))) for row in rows] == [("22", Decimal(100)), ("24", Decimal(100))]
