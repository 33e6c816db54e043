"""Room ledger. What SmartAccounts' ledger shows otherwise than hoped: no answer is taken for more than it says,
nothing waits and nobody knows why, and only an example that can prove a kind opens it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import LedgerPolicy, RateSource, VatRule
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.ledger import check as ledger_check_room
from scoro_smartaccounts.smartaccounts.wire import EntryRow
from scoro_smartaccounts.staging.ledger import store_entries
from scoro_smartaccounts.staging.schema import assumption_state, first_of_kind, ledger_check, ledger_entry
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.smartaccounts import books as simulated
from scoro_smartaccounts_sandbox.smartaccounts import entries, postings
from tests.integration.ledger.test_check import (
    BILLS,
    DAY,
    ENTRIES,
    PAID,
    SALES,
    asked,
    foreigner,
    from_abroad,
    kinds,
    numbers,
    of_dollars,
    of_roubles,
    policy,
    verdicts,
)
from tests.integration.money import Money, said
from tests.integration.outbox.test_in_doubt import lose
from tests.integration.world import World


@pytest.fixture
def money(world: World) -> Money:
    world.know_returns()
    return Money(world)


def line(net: str, vat: int, amount: str = "1") -> dict[str, Any]:
    return {"product_id": 0, "product_name": "Töö", "price": net, "amount": amount, "vat_code_id": vat}


def nights(money: Money, number: int) -> Iterator[Any]:
    for _ in range(number):
        yield money.import_documents(DAY, DAY)
        money.world.clock.advance(timedelta(days=1))


# What a change query shows


def test_of_two_entries_with_one_id_the_later_one_counts(money: Money) -> None:
    """No service should show that; where one does, it stops nobody."""
    wire = {"id": "e-1", "docType": "LEDGER_ENTRY", "date": "12.01.2026", "currency": "EUR", "number": "1", "rows": []}
    rows = [EntryRow.from_wire(wire | {"number": number}) for number in ("1", "2")]
    with money.world.engine.begin() as connection:
        assert store_entries(connection, money.world.company.key, rows, money.world.clock.now()) == []
        numbers = list(connection.scalars(select(ledger_entry.c.number).where(ledger_entry.c.entry_id == "e-1")))
    assert numbers == ["2"]


@pytest.mark.parametrize("shown", ["none", "all"])
def test_entries_that_changes_do_not_show_are_asked_for_by_their_day(money: Money, shown: str) -> None:
    money.world.books.switches.change({"entries_changed": shown})
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    for number in range(1, 5):
        money.enter(DAY, f"{number}00")
    summary = money.import_documents(DAY, DAY)
    assert summary["alarms"] == [], said(summary)
    # Two for the first ones, two for the rest.
    assert asked(money) <= 4
    money.world.clock.advance(timedelta(days=1))
    summary = money.import_documents(DAY, DAY)
    assert summary["alarms"] == []
    assert (numbers(money, SALES), set(verdicts(money))) == (7, {"equal"})
    assert kinds(money) == {"foreign_invoice": "proved"}


def test_a_ledger_that_shows_nothing_of_ours_is_blind_and_no_alarm(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated, "read_entries", lambda *_: ([], False, None))
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    for number in range(1, 4):
        money.enter(DAY, f"{number}00")
    for summary in nights(money, 3):
        assert summary["alarms"] == []
        assert "shows of its general ledger holds nothing of what was booked" in said(summary)
    assert (verdicts(money), kinds(money)) == ([], {"foreign_invoice": "sent"})


def test_a_clock_of_the_service_that_is_behind_hides_no_entry(money: Money) -> None:
    """Eleven minutes: it takes requests of fifteen."""
    money.world.books.switches.change({"minutes_behind": 11})
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    money.enter(DAY, "500")
    summary = money.import_documents(DAY, DAY)
    assert (summary["alarms"], numbers(money, SALES)) == ([], 4)
    assert set(verdicts(money)) == {"equal"}
    assert asked(money) == 2


# What would wait for ever


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_question_that_is_refused_for_a_day_is_like_a_missing_right(money: Money, status: int) -> None:
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    money.world.server.faults.add(Fault(FaultKind.STATUS, where=ENTRIES, status=status, times=1000))
    first, second, _ = nights(money, 3)
    assert (first["documents"]["created"], second["documents"]["created"]) == (1, 2)
    assert said(second).count("LEDGER: not compared, SmartAccounts refuses the question") == 1
    assert second["alarms"] == []
    # It answers again: what comes is compared again.
    money.world.server.faults.clear()
    of_dollars(money, "40")
    summary = money.import_documents(DAY, DAY)
    assert "LEDGER" not in said(summary), said(summary)
    assert set(verdicts(money)) == {"equal"}


@pytest.mark.parametrize("sort", ["forwards", "backwards"])
def test_a_busy_day_is_read_to_its_end_night_by_night(money: Money, sort: str) -> None:
    world = money.world
    world.books.switches.change({"page_size": 2, "sort": sort})
    for number in range(1, 8):
        money.enter(DAY, f"{number}00")
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(world, ENTRIES, FaultKind.STATUS, times=4)
    for summary in nights(money, 12):
        assert summary["alarms"] == [], said(summary)
    assert numbers(money, SALES) == 10
    assert set(verdicts(money)) == {"equal"}
    assert len(verdicts(money)) == 10


def test_an_entry_that_cannot_be_read_spoils_no_other(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    read = entries.read_entries

    def with_wages(ledger: Any, params: Any) -> Any:
        rows, has_more, deleted = read(ledger, params)
        unreadable = [{"id": "w", "docType": "PERIOD_SALARY"}, {"id": "x", "docType": "CLIENT_INVOICE"}]
        return [*unreadable, *rows], has_more, deleted

    monkeypatch.setattr(simulated, "read_entries", with_wages)
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    money.enter(DAY, "500")
    summary = money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 4
    assert set(verdicts(money)) == {"equal"}
    assert "entries of SmartAccounts cannot be read" in said(summary)


def test_what_cannot_be_compared_for_three_days_is_asked_about(money: Money) -> None:
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(money.world, ENTRIES, FaultKind.STATUS, times=5000)
    for number, _ in enumerate(nights(money, 5)):
        codes = [code for _, _, code in money.cases()]
        assert codes == (["kind_not_compared"] * 2 if number >= 3 else []), number
    # Retried, one goes alone; trusted, all go.
    money.retry(money.cases()[0][1])
    assert money.import_documents(DAY, DAY)["documents"]["created"] == 1
    policy(money, ledger_check=LedgerPolicy(trusted=(DocumentKind.FOREIGN_INVOICE,)))
    assert money.import_documents(DAY, DAY)["documents"]["created"] == 1
    assert money.cases() == []


# What proves a kind


def test_an_example_that_proves_nothing_lets_only_the_next_one_go(money: Money) -> None:
    """Beside a row of which half the VAT is not deducted, the VAT that the buyer declares cannot be told."""
    money.world.books.switches.change({"reverse_charge_posted": "computed"})
    bills = money.world.company.purchase_invoices
    rules = (VatRule(scoro_code="24", percent=24, smartaccounts="24% (car50%)"), *bills.vat_codes)
    policy(money, purchase_invoices=bills.model_copy(update={"reverse_charge_vat": "paper", "vat_codes": rules}))
    rows = [line("100", reference_data.VAT_24), line("50", reference_data.VAT_0_EU)]
    money.enter(DAY, "1", flow=BILLS, no="B-0", partner=foreigner(money), lines=rows)
    for net in ("40", "41", "42"):
        from_abroad(money, net)
    for _ in range(3):
        money.import_documents(DAY, DAY, BILLS)
        money.world.clock.advance(timedelta(days=1))
    assert numbers(money, BILLS) == 2
    assert kinds(money)["reverse_charge_on_paper"] == "held"


def test_a_rate_near_one_proves_no_direction(money: Money) -> None:
    money.world.books.switches.change({"ecb_rates": {"CHF": "1.0050", "USD": "1.0850"}})
    money.enter(DAY, "10", currency="CHF", currency_rate="0.995")
    money.enter(DAY, "20", currency="CHF", currency_rate="0.995")
    summary = money.import_documents(DAY, DAY)
    assert (summary["alarms"], numbers(money, SALES)) == ([], 2)
    assert kinds(money).get("foreign_invoice") in (None, "sent")
    of_dollars(money, "30")
    for _ in range(3):
        money.world.clock.advance(timedelta(days=1))
        money.import_documents(DAY, DAY)
    assert kinds(money)["foreign_invoice"] == "proved"


def test_a_rate_near_one_that_is_sent_is_seen_to_the_cent(money: Money) -> None:
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    policy(money, exchange_rate=RateSource.SCORO)
    money.enter(DAY, "1000", currency="CHF", currency_rate="0.99")
    for net in ("1001", "2000", "3000"):
        of_dollars(money, net)
    summary = money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 1
    assert kinds(money) == {"rated_invoice": "held"}
    assert "The exchange rate was taken the other way round." in summary["alarms"][0]


@pytest.mark.parametrize("decimals", [6, 2])
def test_what_is_kept_of_a_rate_that_was_sent_is_told_where_it_is_less(money: Money, decimals: int) -> None:
    """1.3 % off in euros."""
    money.world.books.switches.change({"exchange_rate_decimals": decimals})
    for net in ("1000", "20000", "30000"):
        money.enter(DAY, net, currency="KWD", currency_rate="2.82")
    summary = money.import_documents(DAY, DAY)
    assert (numbers(money, SALES), len(summary["alarms"])) == ((3, 0) if decimals == 6 else (1, 1))


@pytest.mark.parametrize("rate", ["0", "1"])
def test_a_document_whose_rate_nobody_knows_is_neither_an_alarm_nor_a_proof(money: Money, rate: str) -> None:
    money.enter(DAY, "10", currency="USD", currency_rate=rate)
    summary = money.import_documents(DAY, DAY)
    assert summary["alarms"] == []
    assert "1 that SmartAccounts' settings name no account for, or Scoro no rate, not compared" in said(summary)
    assert kinds(money) == {}
    of_dollars(money, "20")
    money.import_documents(DAY, DAY)
    assert (numbers(money, SALES), kinds(money)) == (2, {"foreign_invoice": "proved"})


def test_payments_show_where_debts_stand(money: Money) -> None:
    """Without VAT only the account tells the sides apart, and a company may have nothing with VAT."""
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.receive("invoices", {invoice: None}, PAID)
    with money.world.engine.begin() as connection:
        connection.execute(assumption_state.delete().where(assumption_state.c.key.like("debt_accounts/%")))
    money.import_payments(PAID, PAID)
    with money.world.engine.connect() as connection:
        seen = connection.execute(
            select(assumption_state.c.evidence).where(assumption_state.c.key == "debt_accounts/CLIENT_INVOICE")
        )
        assert seen.scalar_one() == {"accounts": ["1200"]}


# Kinds of their own


def test_of_credit_invoices_on_the_wrong_sides_one_is_booked(money: Money) -> None:
    money.world.books.switches.change({"credit_sides": "of_an_invoice"})
    bases = [money.enter(DAY, net) for net in ("100", "200", "300")]
    for base, net in zip(bases, ("-10", "-20", "-30"), strict=True):
        money.enter(DAY, net, credited_invoices=[base])
    summary = money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 4
    assert kinds(money) == {"credit_invoice": "held"}
    [alarm] = summary["alarms"]
    assert "on the sides of an ordinary one" in alarm


def test_of_payments_to_suppliers_on_the_wrong_side_one_is_booked(money: Money) -> None:
    money.world.books.switches.change({"supplier_payment_side": "of_a_receipt"})
    bills = [money.enter(DAY, net, flow=BILLS, no=net) for net in ("10", "20", "30")]
    money.import_documents(DAY, DAY, BILLS)
    for bill in bills:
        money.receive("bills", {bill: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert (len(money.payments()), len(summary["alarms"])) == (1, 1)
    assert kinds(money) == {"supplier_payment": "held"}


def test_of_payments_in_advance_on_the_wrong_side_one_is_booked(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    turn(monkeypatch, lambda record: bool(record["prepayment"]))
    money.enter(DAY, "5")
    money.import_documents(DAY, DAY)
    for net in ("10", "20", "30"):
        money.receive("prepayments", {money.enter_prepayment(DAY, net): None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert (len(money.payments()), len(summary["alarms"])) == (1, 1), said(summary)
    assert kinds(money) == {"prepayment": "held"}


def test_what_was_compared_before_an_upgrade_proves_kinds_that_are_new(money: Money) -> None:
    base = money.enter(DAY, "100")
    money.enter(DAY, "-10", credited_invoices=[base])
    bill = money.enter(DAY, "10", flow=BILLS, no="A-1")
    for flow in (SALES, BILLS):
        money.import_documents(DAY, DAY, flow)
    money.receive("bills", {bill: None}, PAID)
    money.import_payments(PAID, PAID)
    of_the_new = {"credit_invoice": "proved", "supplier_payment": "proved"}
    assert kinds(money) == of_the_new
    with money.world.engine.begin() as connection:
        connection.execute(first_of_kind.delete())
        connection.execute(assumption_state.delete().where(assumption_state.c.key.like("kinds_of_before/%")))
        unproved = {"company": money.world.company.key, "flow": "sales_invoices", "source_id": "1", "state": "unproved"}
        connection.execute(first_of_kind.insert().values(kind="union_sale", **unproved))
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert kinds(money) == of_the_new


def turn(monkeypatch: pytest.MonkeyPatch, is_wrong: Any) -> None:
    """Such payments are booked on the other sides."""
    of_payment = postings._of_payment

    def wrong(ledger: Any, record: Any) -> Any:
        for row in of_payment(ledger, record):
            turned = replace(row, euros=-row.euros, original=-row.original)
            yield turned if is_wrong(record) else row

    monkeypatch.setattr(postings, "_of_payment", wrong)


# Which entry is whose


@pytest.mark.parametrize("numbered", ["in_order", "shuffled"])
def test_sums_that_are_near_each_other_find_their_own_entries(money: Money, numbered: str) -> None:
    money.world.books.switches.change({"entry_link": "none", "entry_numbers": numbered})
    of_dollars(money, "500")
    money.import_documents(DAY, DAY)
    for number in range(7):
        money.enter(DAY, f"{number + 1}0", flow=BILLS, no=f"A-{number}")
    money.import_documents(DAY, DAY, BILLS)
    for net in ("1000", "1025", "1055"):
        of_dollars(money, net)
    assert money.import_documents(DAY, DAY)["alarms"] == []
    for days in (1, 2, 3):
        day = DAY + timedelta(days=days)
        for number in range(9):
            money.enter(day, str(1000 + 24 * number), currency="USD", currency_rate="0.92")
        assert money.import_documents(day, day)["alarms"] == []
    assert set(verdicts(money)) == {"equal"}


def test_vat_of_an_invoice_without_a_total_is_compared(money: Money) -> None:
    money.enter(DAY, "1", lines=[line("100", 9), line("124", 6, "-1")])
    of_dollars(money, "5")
    summary = money.import_documents(DAY, DAY)
    assert summary["alarms"] == []
    assert verdicts(money) == ["equal", "equal"], said(summary)


def test_an_entry_that_must_be_the_documents_and_differs_is_kept_with_it(money: Money) -> None:
    money.world.books.switches.change({"entry_link": "none", "exchange_rate_is_euro_per_foreign": True})
    of_roubles(money, "10")
    summary = money.import_documents(DAY, DAY)
    assert "The exchange rate was taken the other way round." in summary["alarms"][0]
    assert verdicts(money) == ["differs"]
    with money.world.engine.connect() as connection:
        assert connection.scalar(select(ledger_check.c.entry_id)) != ""


# Receipts of several parts


def netted_and_paid_in_cash(money: Money, number: int) -> None:
    """Receipts that set a credit invoice off against its invoice, and pay the rest in cash."""
    pairs = []
    for _ in range(number):
        invoice = money.enter(DAY, "100")
        pairs.append((invoice, money.enter(DAY, "-20", credited_invoices=[invoice])))
    for _ in range(3):
        money.import_documents(DAY, DAY)
    for invoice, credit in pairs:
        money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID, account_id=1)


def netted_as_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set off stands on the netting account as if money moved."""
    of_payment = postings._of_payment

    def wrong(ledger: Any, record: Any) -> Any:
        yield from of_payment(ledger, record)
        account = ledger.money_account(record["accountType"], record["accountName"]) or {}
        if account.get("forNetting"):
            moved = Decimal("24.80")
            yield postings.Posting(account["account"], "x", moved, moved)
            yield postings.Posting("1200", "x", -moved, -moved)

    monkeypatch.setattr(postings, "_of_payment", wrong)


@pytest.mark.parametrize("shown", ["since", "none"])
def test_a_part_that_is_right_proves_nothing_of_the_other(
    money: Money, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    """Where changes show nothing, cash and bank are read one after the other: the entry of the money comes first."""
    money.world.books.switches.change({"entries_changed": shown})
    netted_as_money(monkeypatch)
    netted_and_paid_in_cash(money, 3)
    summary = money.import_payments(PAID, PAID)
    assert (kinds(money)["netting"], len(summary["alarms"])) == ("held", 1), said(summary)
    assert len(money.payments()) == 2
    assert [code for _, _, code in money.cases()] == ["kind_held"] * 2


def test_a_group_whose_parts_are_read_one_after_the_other_is_proved_by_all_of_them(money: Money) -> None:
    money.world.books.switches.change({"entries_changed": "none"})
    netted_and_paid_in_cash(money, 3)
    summary = money.import_payments(PAID, PAID)
    assert (summary["alarms"], kinds(money)["netting"], len(money.payments())) == ([], "proved", 6), said(summary)


def test_a_part_that_the_ledger_does_not_show_yet_keeps_its_kind_waiting(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other part was compared by an earlier run."""
    money.world.books.switches.change({"entries_changed": "none"})
    netted_as_money(monkeypatch)
    netted_and_paid_in_cash(money, 3)
    read = entries.read_entries

    def without_the_bank(ledger: Any, params: Any) -> Any:
        return ([], False, None) if params.get("docType") == "BANK_PAYMENT" else read(ledger, params)

    with monkeypatch.context() as patched:
        patched.setattr(simulated, "read_entries", without_the_bank)
        money.import_payments(PAID, PAID)
    assert (kinds(money)["netting"], len(money.payments())) == ("sent", 2)
    money.world.clock.advance(timedelta(days=1))
    summary = money.import_payments(PAID, PAID)
    assert (kinds(money)["netting"], len(summary["alarms"]), len(money.payments())) == ("held", 1, 2), said(summary)


# VAT


@pytest.mark.parametrize("spoiled", ["ten times", "on one account", "missing"])
def test_the_vat_that_the_buyer_declares_is_seen_beside_other_vat(
    money: Money, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    of_invoice = postings._of_invoice

    def wrong(ledger: Any, service: str, record: Any) -> Iterator[Any]:
        for row in of_invoice(ledger, service, record):
            is_declared = row.description == "24% (Reverse Chg.)" and bool(row.euros)
            if is_declared and spoiled == "ten times":
                yield replace(row, euros=row.euros * 10, original=row.original * 10)
            elif is_declared and spoiled == "on one account":
                yield replace(row, account="1510")
            elif not (is_declared and spoiled == "missing"):
                yield row

    monkeypatch.setattr(postings, "_of_invoice", wrong)
    for net in ("40", "50", "60"):
        rows = [line(net, reference_data.VAT_0_EU), line("100", 9)]
        money.enter(DAY, "1", flow=BILLS, no=f"B-{net}", partner=foreigner(money), lines=rows)
    summary = money.import_documents(DAY, DAY, BILLS)
    assert (numbers(money, BILLS), len(summary["alarms"])) == (1, 1), said(summary)
    assert kinds(money) == {"reverse_charge_on_paper": "held"}
    assert "without the VAT that the buyer declares" in summary["alarms"][0]


def test_bills_with_both_kinds_of_rows_are_proved_by_what_is_right(money: Money) -> None:
    for net in ("40.03", "50.03", "60.03"):
        rows = [*(line(net, reference_data.VAT_0_EU) for _ in range(7)), line("100", 9), line("1", 9, "-1")]
        money.enter(DAY, "1", flow=BILLS, no=f"B-{net}", partner=foreigner(money), lines=rows)
    summary = money.import_documents(DAY, DAY, BILLS)
    assert (numbers(money, BILLS), summary["alarms"]) == (3, []), said(summary)
    assert kinds(money) == {"reverse_charge_on_paper": "proved"}


def test_vat_that_is_not_compared_is_said_and_proves_nothing(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that name no accounts of VAT: it may stand with the income, and that of a credit invoice too."""
    chart = ledger_check_room._chart
    monkeypatch.setattr(ledger_check_room, "_chart", lambda *known: replace(chart(*known), vat={}, debts={}))
    of_invoice = postings._of_invoice

    def wrong(ledger: Any, service: str, record: Any) -> Iterator[Any]:
        for row in of_invoice(ledger, service, record):
            yield replace(row, account="3010") if row.account == "2310" else row

    monkeypatch.setattr(postings, "_of_invoice", wrong)
    base = money.enter(DAY, "100")
    money.enter(DAY, "-20", credited_invoices=[base])
    money.enter(DAY, "30.01")
    summary = money.import_documents(DAY, DAY)
    assert "3 postings in euros as expected, 0 not, 3 without their VAT" in said(summary)
    assert "credit_invoice" not in kinds(money) or kinds(money)["credit_invoice"] == "sent"


def test_of_stock_nothing_is_proved_and_that_is_said(money: Money) -> None:
    product = money.world.site.create("products", {"code": "KRUVI", "name": "Kruvi", "tag": "Laoartikkel"})
    rows = [line("10", 9) | {"product_id": int(product["product_id"]), "product_name": "Kruvi"}]
    for number in range(3):
        money.enter(DAY, "1", flow=BILLS, no=f"L-{number}", lines=rows)
        summary = money.import_documents(DAY, DAY, BILLS)
    assert (numbers(money, BILLS), kinds(money)) == (3, {"stock_purchase": "unproved"})
    assert "does not show whether it is booked right (purchase of stock)" in "".join(map(str, summary["warnings"]))


def test_a_rate_that_is_far_off_is_told_and_proves_nothing(money: Money) -> None:
    """Two per cent off the bank's: it may be that of another day."""
    for net in ("100", "200"):
        money.enter(DAY, net, currency="USD", currency_rate="0.94")
    summary = money.import_documents(DAY, DAY)
    assert (summary["alarms"], numbers(money, SALES)) == ([], 2), said(summary)
    assert "its posting has 114.29 euros instead of 116.56" in "".join(map(str, summary["warnings"]))
    assert kinds(money).get("foreign_invoice") in (None, "sent")


@pytest.mark.parametrize("shown", ["since", "none"])
def test_however_many_kinds_and_days_there_are_the_ledger_is_asked_six_times(money: Money, shown: str) -> None:
    """Two of a run, four for all first documents; the next run, without these, asks twice."""
    money.world.books.switches.change({"entries_changed": shown})
    days = [DAY + timedelta(days=number) for number in range(8)]
    money.enter(days[0], "70", currency="USD", currency_rate="0.92")
    money.enter(days[1], "70", currency="RUB", currency_rate="0.0111")
    base = money.enter(days[2], "100")
    money.enter(days[3], "-20", credited_invoices=[base])
    for number, day in enumerate(days[4:]):
        money.enter(day, f"{number + 5}")
    summary = money.import_documents(days[0], days[-1])
    assert (asked(money) <= 6, summary["alarms"]) == (True, [])
    before = asked(money)
    for day in days:
        money.enter(day, "11")
    money.world.clock.advance(timedelta(days=1))
    money.world.know_returns()
    money.import_documents(days[0], days[-1])
    # One more where changes show nothing: only asking tells.
    assert asked(money) - before <= (3 if shown == "none" else 2)
