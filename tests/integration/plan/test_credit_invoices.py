"""Room plan. What a credit invoice takes from the invoices that it credits: their VAT, and the client they were
booked on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts_sandbox.scoro import reference_data
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


def merge(money: Money, old: int, new: int, invoice: int) -> None:
    """What Scoro does: the old contact's invoices belong to the new one, and the old contact is gone."""
    money.world.site.modify("invoices", invoice, {"company_id": new})
    money.world.site.delete("contacts", old)


def test_after_a_merge_in_scoro_the_client_of_the_credited_invoice_is_taken(money: Money) -> None:
    old, new = money.partner("19000022"), money.partner("19000038")
    base = money.enter(JULY, "100", partner=old)
    money.import_documents(JULY, JULY)
    merge(money, old, new, base)
    credit = money.enter(CREDIT_DAY, "-100", partner=new, credited_invoices=[base])
    summary = money.import_documents(CREDIT_DAY, CREDIT_DAY)
    assert summary["documents"]["created"] == 1, summary["quarantined"]
    assert booked(money, credit)["clientId"] == booked(money, base)["clientId"]
    assert len(money.world.books.state()["clients"]) == 1
    assert any("is booked on client" in text and "(Näidis 19000038 OÜ)" in text for text in summary["warnings"])


def test_a_new_client_of_a_merge_that_has_invoices_of_its_own_does_not_take_the_credit(money: Money) -> None:
    old, new = money.partner("19000022"), money.partner("19000038")
    base, other = money.enter(JULY, "100", partner=old), money.enter(JULY, "50", partner=new)
    money.import_documents(JULY, JULY)
    merge(money, old, new, base)
    credit = money.enter(CREDIT_DAY, "-100", partner=new, credited_invoices=[base])
    money.import_documents(CREDIT_DAY, CREDIT_DAY)
    assert booked(money, credit)["clientId"] == booked(money, base)["clientId"] != booked(money, other)["clientId"]


def test_of_several_credited_invoices_on_two_clients_the_newest_decides(money: Money) -> None:
    """It is the one that SmartAccounts links: on another client it could never be netted."""
    old, new = money.partner("19000022"), money.partner("19000038")
    older, newer = money.enter(JULY, "100", partner=old), money.enter(JULY + timedelta(days=1), "50", partner=new)
    money.import_documents(JULY, JULY + timedelta(days=1))
    merge(money, old, new, older)
    credit = money.enter(CREDIT_DAY, "-150", partner=new, credited_invoices=[older, newer])
    summary = money.import_documents(CREDIT_DAY, CREDIT_DAY)
    assert summary["documents"]["created"] == 1, summary["quarantined"]
    assert booked(money, credit)["clientId"] == booked(money, newer)["clientId"] != booked(money, older)["clientId"]
    assert any("credits 2 invoices" in text for text in summary["warnings"])


@pytest.mark.parametrize("is_booked", [True, False])
def test_a_credit_invoice_for_another_companys_invoice_is_for_a_person(money: Money, is_booked: bool) -> None:
    one, other = money.partner("19000022"), money.partner("19000038")
    base = money.enter(JULY, "100", partner=one)
    if is_booked:
        money.import_documents(JULY, JULY)
    credit = money.enter(CREDIT_DAY, "-100", partner=other, credited_invoices=[base])
    summary = money.import_documents(JULY, CREDIT_DAY)
    assert money.cases() == [("sales_invoices", str(credit), "credit_of_other_client")]
    [told] = summary["quarantined"]
    assert "(Näidis 19000022 OÜ)" in told
    assert "(Näidis 19000038 OÜ)" in told
    money.world.site.modify("invoices", credit, {"company_id": one})
    money.world.clock.advance(timedelta(minutes=1))
    assert money.import_documents(CREDIT_DAY, CREDIT_DAY)["documents"]["created"] == 1
    assert booked(money, credit)["clientId"] == booked(money, base)["clientId"]


def test_two_contacts_that_are_merged_after_the_question_are_one(money: Money) -> None:
    """What the sentence says works: merge them in Scoro, then retry."""
    one, other = money.partner("19000022"), money.partner("19000038")
    base = money.enter(JULY, "100", partner=one)
    money.import_documents(JULY, JULY)
    credit = money.enter(CREDIT_DAY, "-100", partner=other, credited_invoices=[base])
    money.import_documents(CREDIT_DAY, CREDIT_DAY)
    merge(money, one, other, base)
    money.retry(credit)
    assert money.import_documents(CREDIT_DAY, CREDIT_DAY)["documents"]["created"] == 1
    assert booked(money, credit)["clientId"] == booked(money, base)["clientId"]


def enter_by_hand(money: Money, client: str, number: str) -> None:
    """The invoice of 14 July once more, in SmartAccounts."""
    row = {"code": "MUU", "description": "Töö", "price": "100", "quantity": "1", "vatPc": "24"}
    body = {"clientId": client, "date": "14.07.2025", "invoiceNumber": number, "totalAmount": "124", "rows": [row]}
    body |= {"dueDate": "14.07.2025", "entryDate": "14.07.2025", "currency": "EUR", "amount": "100", "vatAmount": "24"}
    money.world.books.add("purchasesales/clientinvoices", body)


@pytest.mark.parametrize("entered_at_once", [True, False])
def test_a_credited_invoice_that_was_deleted_in_smartaccounts_is_found_again(
    money: Money, entered_at_once: bool
) -> None:
    base = money.enter(JULY, "100")
    money.import_documents(JULY, JULY)
    old = booked(money, base)
    money.world.clock.advance(timedelta(minutes=1))
    money.world.books.delete("purchasesales/clientinvoices", {"id": old["id"]})
    if entered_at_once:
        enter_by_hand(money, old["clientId"], old["invoiceNumber"])
    credit = money.enter(CREDIT_DAY, "-100", credited_invoices=[base])
    money.import_documents(CREDIT_DAY, CREDIT_DAY)
    assert money.cases() == [("sales_invoices", str(credit), "refused_by_smartaccounts")]
    summary = money.import_documents(CREDIT_DAY, CREDIT_DAY)
    if not entered_at_once:
        assert money.cases() == [("sales_invoices", str(credit), "base_out_of_reach")]
        assert "is not in SmartAccounts and was deleted there" in summary["quarantined"][0]
        enter_by_hand(money, old["clientId"], old["invoiceNumber"])
        money.retry(credit)
        summary = money.import_documents(CREDIT_DAY, CREDIT_DAY)
    assert summary["documents"]["created"] == 1, summary["quarantined"]
    assert booked(money, credit)["clientId"] == old["clientId"]
    assert money.remote(base) != old["id"]


@pytest.mark.parametrize("checked", [False, True])
def test_a_credit_invoice_and_its_invoice_that_both_change_in_one_night_are_both_told(
    money: Money, checked: bool
) -> None:
    """Each by its number, with what changed; nothing is written, and the books stay as they are."""
    base = money.enter(JULY, "100")
    credit = money.enter(CREDIT_DAY, "-100", credited_invoices=[base])
    money.import_documents(JULY, CREDIT_DAY)
    before = money.world.invoices()
    money.world.checked = checked
    money.world.clock.advance(timedelta(hours=1))
    money.world.site.modify("invoices", base, {"lines": [line("50", 24, "2")]})
    money.world.site.modify("invoices", credit, {"lines": [line("50", 24, "-2")]})
    numbers = [money.world.site.get("invoices", each)["no"] for each in (base, credit)]
    money.world.clock.advance(timedelta(days=1))
    yesterday = date(2025, 7, 28)
    money.world.server.calls.clear()
    summary = money.world.run(yesterday, yesterday, kind=RunKind.SCHEDULED)
    assert len(summary["later_changes"]) == 2
    for number, told in zip(sorted(numbers), summary["later_changes"], strict=True):
        assert told.startswith(f"Invoice {number}: changed in Scoro after the import (lines)")
    assert money.world.writes() == []
    assert money.world.invoices() == before
    assert money.cases() == []
