"""Room matching/payments. What payments do to each other: refused ones, those that look alike, those that are in the
books in part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.errors import LoadStopped
from scoro_smartaccounts.staging.schema import intent, quarantine
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro.site import RefusedError
from scoro_smartaccounts_sandbox.smartaccounts import payments as sandbox_payments
from tests.integration.money import CANARIES, PAYMENTS, Money, said
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
LATER = date(2026, 2, 5)
JANUARY = {"locked_until": "2026-01-31"}
UNLOCKED = {"locked_until": ""}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def next_day(money: Money) -> None:
    money.world.clock.advance(timedelta(days=1))


@pytest.mark.slow
def test_many_refused_payments_stop_the_others_once(money: Money) -> None:
    invoices = [money.enter(DAY, "10") for _ in range(16)]
    money.import_documents(DAY, DAY)
    for number, invoice in enumerate(invoices):
        money.receive("invoices", {invoice: None}, PAID if number < 14 else LATER)
    refused = Fault(FaultKind.STATUS, where=f"{PAYMENTS}:add", status=400, times=10)
    money.world.server.faults.add(refused)
    with pytest.raises(LoadStopped):
        money.import_payments(PAID, LATER)
    next_day(money)
    money.world.server.calls.clear()
    money.world.server.faults.add(replace(refused, times=10, after=6))
    summary = money.import_payments(PAID, LATER)
    # What was not refused before goes first, and ten refusals of known ones end the attempts on them.
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (6, 10)
    assert len(money.world.writes(PAYMENTS)) == 6 + 10
    next_day(money)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 10
    assert money.cases() == []


def test_a_refused_payment_keeps_no_later_one_of_its_invoice_back(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.world.books.switches.change(JANUARY)
    first = money.receive("invoices", {invoice: "50"}, PAID)
    money.receive("invoices", {invoice: "74"}, LATER)
    # Planned after the first one, which is refused only now.
    assert money.import_payments(PAID, LATER)["documents"]["not_sent"] == 1
    next_day(money)
    summary = money.import_payments_of_yesterday()
    assert (summary["documents"]["created"], summary["documents"]["waiting"]) == (1, 1)
    assert [Decimal(str(row["amount"])) for row in money.payments()] == [74]
    assert money.waits() == {str(first): "month_locked"}
    money.world.books.switches.change(UNLOCKED)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.open_in_books() == {money.remote(invoice): 0}
    assert money.waits() == {}


def test_what_a_service_says_of_a_person_is_repeated_nowhere(
    money: Money, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    first, last, _ = CANARIES
    person = money.person()
    paid, to_export = (money.enter(DAY, "100", partner=person) for _ in range(2))
    money.receive("invoices", {paid: None}, PAID)
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    names = f"{first} {last}"
    monkeypatch.setattr(sandbox_payments, "locked", lambda: ("PAYER-BLOCKED", f"{names}: locked", f"{names}: lukus"))
    money.world.books.switches.change(JANUARY)
    texts = [said(money.import_payments(PAID, PAID))]
    money.world.books.switches.change(UNLOCKED)
    money.pay({money.remote(to_export): None}, PAID)
    next_day(money)

    def refuse(*_: object, **__: object) -> None:
        raise RefusedError(400, f"Contact {names} is blocked")

    monkeypatch.setattr(money.world.site, "create", refuse)
    texts.append(said(money.export()))
    assert "***: l" in texts[0]
    assert "Contact *** is blocked" in texts[1]
    with money.world.engine.connect() as connection:
        texts += map(told, connection.scalars(select(quarantine.c.reason)))
        texts += connection.scalars(select(intent.c.note))
    for canary in CANARIES:
        assert canary not in caplog.text
        assert not any(canary in text for text in texts)


def prepay(money: Money, amount: str, day: date = PAID) -> str:
    """A prepayment that SmartAccounts' bank import booked, of the client of the first invoice; its id."""
    body = {
        "date": f"{day:%d.%m.%Y}",
        "partnerType": "CLIENT",
        "clientId": money.world.invoices()[0]["clientId"],
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "prepayment": {"amount": amount, "description": "Ettemaks"},
    }
    return str(money.world.books.seed(PAYMENTS, body))


def test_the_bank_imports_own_prepayment_is_recognised(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "40")
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    payment = prepay(money, "49.60", PAID + timedelta(days=5))
    groups = [money.receive("prepayments", {prepayment: "49.60"}, PAID + timedelta(days=n)) for n in (0, 1)]
    summary = money.import_payments(PAID, PAID + timedelta(days=1))
    # The second receipt is money of its own.
    assert (summary["documents"]["adopted"], summary["documents"]["created"]) == (1, 1), said(summary)
    assert money.pairs()[str(groups[0])] == payment
    assert len(money.payments()) == 2
    assert money.import_payments(PAID, PAID + timedelta(days=1))["documents"]["already_there"] == 2
    assert money.reported() == set()


def test_a_prepayment_that_is_entered_again_in_scoro_is_not_booked_again(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "40")
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    payment = prepay(money, "49.60")
    group = money.receive("prepayments", {prepayment: None}, PAID)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(timedelta(hours=1))
    money.world.site.delete("receipts", group)
    again = money.receive("prepayments", {prepayment: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.pairs() == {str(again): payment}
    assert len(money.payments()) == 1


def test_a_prepayment_of_another_day_or_amount_is_not_the_same(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "40")
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    prepay(money, "49.61")
    group = money.receive("prepayments", {prepayment: "20"}, PAID)
    prepay(money, "20.00", PAID + timedelta(days=6))
    money.import_payments(PAID, PAID)
    # The same amount on a day further away is asked about.
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    money.retry(group)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    money.receive("prepayments", {prepayment: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1


def test_of_two_prepayments_in_the_books_a_person_says_which(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "40")
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    for _ in range(2):
        prepay(money, "49.60")
    group = money.receive("prepayments", {prepayment: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    assert "is a prepayment of the same partner and amount" in said(summary)
    money.retry(group)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert len(money.payments()) == 3


def test_what_is_too_much_may_be_the_bank_imports_prepayment(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    prepay(money, "6")
    group = money.receive("invoices", {invoice: "130"}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    money.dismiss(group)
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1


def net_in_part(money: Money) -> tuple[int, int]:
    """An invoice, and a group that nets it with a credit invoice and whose money SmartAccounts refused."""
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.import_documents(DAY, DAY)
    group = money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.world.server.faults.add(Fault(FaultKind.STATUS, where=f"{PAYMENTS}:add", status=400, after=1))
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "refused_by_smartaccounts")]
    assert set(money.pairs()) == {f"{group}/1"}
    next_day(money)
    return invoice, group


def test_booked_in_part_and_refused_goes_on_by_itself(money: Money) -> None:
    net_in_part(money)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert [row["accountName"] for row in money.payments()] == ["Tasaarveldus", "LHV"]
    assert set(money.open_in_books().values()) == {0}


def test_booked_in_part_and_then_changed(money: Money) -> None:
    invoice, group = net_in_part(money)
    change = {"receipts": [{"invoice_id": invoice, "sum": "99.20"}], "sum": "99.20"}
    money.world.site.modify("receipts", group, change)
    [netting] = money.payments()
    for summary in (money.import_payments(PAID, PAID), money.import_payments_of_yesterday()):
        assert money.cases() == [("payments", str(group), "booked_in_part")]
        assert summary["documents"]["quarantined"] == 1
        assert f"delete payment {netting['number']} of 20.01.2026" in said(summary)
        next_day(money)
    money.world.books.remove(PAYMENTS, netting["id"])
    money.world.clock.advance(timedelta(hours=1))
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    [payment] = money.payments()
    assert Decimal(str(payment["amount"])) == Decimal("99.20")
    assert money.cases() == []
    assert set(money.pairs()) == {str(group)}


def test_booked_in_part_and_then_deleted(money: Money) -> None:
    _, group = net_in_part(money)
    money.world.site.delete("receipts", group)
    [netting] = money.payments()
    for number in range(3):
        summary = money.import_payments_of_yesterday() if number else money.import_payments(PAID, PAID)
        assert money.cases() == [("payments", str(group), "booked_in_part")]
        assert f"delete payment {netting['number']} of 20.01.2026 there too" in said(summary)
        # Told as new once.
        assert summary["quarantined_new"] == (number == 0)
        next_day(money)
    money.world.books.remove(PAYMENTS, netting["id"])
    money.world.clock.advance(timedelta(hours=1))
    money.import_payments_of_yesterday()
    assert money.cases() == []
    assert (money.payments(), money.pairs()) == ([], {})


def test_a_netting_that_is_deleted_before_its_money_is_booked_again(money: Money) -> None:
    net_in_part(money)
    money.world.books.remove(PAYMENTS, money.payments()[0]["id"])
    money.world.clock.advance(timedelta(hours=1))
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert [row["accountName"] for row in money.payments()] == ["Tasaarveldus", "LHV"]
    assert set(money.open_in_books().values()) == {0}


def look_alike(money: Money) -> int:
    """A group over two documents of which the bank import booked one only; its id."""
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(first): "24"}, PAID)
    return money.receive("invoices", {first: "24", second: "20"}, PAID)


def test_an_answer_outlives_a_refusal_and_a_gap_in_the_company_file(money: Money) -> None:
    group = look_alike(money)
    money.import_payments(PAID, PAID)
    money.retry(group)
    money.world.books.switches.change(JANUARY)
    money.import_payments(PAID, PAID)
    assert (money.waits(), money.cases()) == ({str(group): "month_locked"}, [])
    pairs = money.world.company.payments.accounts
    money.change_policy(accounts=())
    money.import_payments_of_yesterday()
    assert money.cases() == [("payments", str(group), "account_not_mapped")]
    assert money.waits() == {}
    money.change_policy(accounts=pairs)
    money.world.books.switches.change(UNLOCKED)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.cases() == []


def test_an_answer_is_for_what_the_person_saw(money: Money) -> None:
    group = look_alike(money)
    money.import_payments(PAID, PAID)
    money.retry(group)
    money.world.books.switches.change(JANUARY)
    money.import_payments(PAID, PAID)
    money.world.books.switches.change(UNLOCKED)
    money.world.site.modify("receipts", group, {"date": (PAID + timedelta(days=1)).isoformat()})
    money.import_payments(PAID, PAID + timedelta(days=1))
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
