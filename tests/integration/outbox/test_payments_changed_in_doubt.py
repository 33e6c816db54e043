"""Room outbox. Money that people change while the pipeline does not know yet, or not any more, what the other side
has of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import PAYMENTS, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)


@pytest.fixture
def money(world: World) -> Money:
    """One invoice of 124 in the books; the export is on."""
    money = Money(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    next_hour(money)
    return money


def next_hour(money: Money) -> None:
    money.world.clock.advance(timedelta(hours=1))


def change(money: Money, group: int, amount: str) -> None:
    money.world.site.modify("receipts", group, {"receipts": [{"invoice_id": 1, "sum": amount}], "sum": amount})


def booked(money: Money) -> list[Decimal]:
    return sorted(Decimal(str(row["amount"])) for row in money.payments())


def received(money: Money) -> list[Decimal]:
    return sorted(Decimal(group["sum"]) for group in money.groups())


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.LATE])
def test_a_receipt_changed_while_its_payment_is_in_doubt(money: Money, kind: FaultKind) -> None:
    group = money.receive("invoices", {1: "24"}, PAID)
    money.world.server.faults.add(Fault(kind, where=f"{PAYMENTS}:add"))
    money.import_payments(PAID, PAID)
    change(money, group, "30")
    money.world.server.apply_late()
    next_hour(money)
    told = money.import_payments(PAID, PAID)
    assert money.in_doubt() == []
    if kind is FaultKind.DROP_BEFORE:
        # What never arrived binds nobody: the receipt goes as it is now.
        assert (booked(money), told["later_changes"]) == ([30], [])
    else:
        # One that is found only now is compared by the run after this one.
        texts = [said(told), said(money.import_payments(PAID, PAID))]
        assert booked(money) == [24]
        assert money.reported() == {("payments", str(group), "changed")}
        assert sum(f"Payment {group} of 20.01.2026: changed in Scoro" in text for text in texts) == 1
    assert money.export()["documents"]["created"] == 0


def test_a_payment_entered_again_beside_a_changed_receipt_is_asked_about(money: Money) -> None:
    """It may be the receipt's money: unasked it would stand in Scoro twice until the receipt is deleted."""
    group = money.receive("invoices", {1: "24"}, PAID)
    money.import_payments(PAID, PAID)
    change(money, group, "12")
    [payment] = money.payments()
    money.world.books.remove(PAYMENTS, payment["id"])
    next_hour(money)
    money.pay({money.remote(1): "24"}, PAID)
    told = money.import_payments(PAID, PAID)
    assert money.reported() == {("payments", str(group), "changed"), ("payments", str(group), "booking_deleted")}
    assert "was deleted after the import; delete it in Scoro too, or enter it again in" in said(told)
    assert money.export()["documents"]["created"] == 0
    assert sorted((flow, code) for flow, _, code in money.cases()) == [
        ("export_payments", "possible_duplicate"),
        ("payments", "payment_gone"),
    ]
    money.world.site.delete("receipts", group)
    next_hour(money)
    money.import_payments(PAID, PAID)
    money.export()
    assert (booked(money), received(money)) == ([24], [24])
    assert money.cases() == []


@pytest.fixture
def late(money: Money) -> int:
    """A receipt that Scoro shows later than `docs/assumptions.md` trusts it to; by then the payment was sent again."""
    money.pay({money.remote(1): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.LATE, where="receipts/modify"))
    assert money.export()["documents"]["in_doubt"] == 1
    next_hour(money)
    assert money.export()["documents"]["created"] == 1
    money.world.scoro.apply_late()
    told = money.import_payments(PAID, PAID)
    assert (booked(money), received(money)) == ([24], [24, 24])
    assert "was sent to Scoro, no answer came, and Scoro did not show it in time" in said(told)
    [(_, group, code)] = money.cases()
    assert code == "possible_duplicate"
    return int(group)


def test_a_receipt_shown_too_late_is_asked_about_until_it_is_deleted(money: Money, late: int) -> None:
    money.import_payments(PAID, PAID)
    assert len(money.cases()) == 1
    money.world.site.delete("receipts", late)
    money.import_payments(PAID, PAID)
    money.export(PAID, PAID)
    assert (booked(money), received(money), money.cases()) == ([24], [24], [])


def test_a_receipt_shown_too_late_is_booked_when_a_person_says_that_it_is_other_money(money: Money, late: int) -> None:
    money.retry(late)
    for _ in range(2):
        money.import_payments(PAID, PAID)
        money.export(PAID, PAID)
    assert (booked(money), received(money), money.cases()) == ([24, 24], [24, 24], [])
