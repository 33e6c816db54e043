"""Room plan. An invoice that draws on a prepayment invoice: its number, and what a person has to do in
SmartAccounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import Money, said
from tests.integration.world import World

DAY = date(2026, 1, 12)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def money(world: World) -> Money:
    world.clock.set(datetime(2026, 1, 20, 9, tzinfo=TALLINN).astimezone(UTC))
    return Money(world)


def test_the_final_invoice_names_the_prepayment_invoice_by_its_number(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "100", no="2026009")
    money.receive("prepayments", {prepayment: None}, DAY)
    money.enter(NEXT, "300", prepayment_id=[prepayment], prepayment_sum="124.00")
    plain = money.enter(NEXT, "10")
    summary = money.import_documents(DAY, NEXT)
    [final] = [row for row in money.world.books.state()["clientinvoices"] if row["id"] != money.remote(plain)]
    assert "Ettemaks Scoros: 2026009, summa 124.00" in final["comment"]
    [warning] = summary["warnings"]
    assert "draws 124.00 on prepayment invoice 2026009 of Scoro" in warning
    assert "use it for this invoice there" in said(summary)


@pytest.mark.parametrize("status", [None, 400, 403])
def test_a_prepayment_invoice_that_scoro_does_not_show_is_named_by_its_id(money: Money, status: int | None) -> None:
    """It is gone, or the key has no right to prepayment invoices."""
    prepayment = money.enter_prepayment(DAY, "100", no="2026009")
    money.enter(NEXT, "300", prepayment_id=[prepayment], prepayment_sum="124.00")
    if status is None:
        money.world.site.tables["prepayments"].records.pop(prepayment)
    else:
        money.world.scoro.faults.add(Fault(FaultKind.STATUS, where="prepayments", status=status, times=9))
    money.import_documents(DAY, NEXT)
    [final] = money.world.books.state()["clientinvoices"]
    assert f"Ettemaks Scoros: id {prepayment}, summa 124.00" in final["comment"]
