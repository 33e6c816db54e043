"""Room ledger. What was booked is held against SmartAccounts' ledger in euros, and the first document of a kind goes
alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from threading import Event
from time import sleep
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.budget import Budget
from scoro_smartaccounts.common.company import LedgerPolicy, RateSource
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError, RequestRefused, ServiceFailed
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.ledger.expected import Chart
from scoro_smartaccounts.load import first_of_kind as load_first_of_kind
from scoro_smartaccounts.load.first_of_kind import Firsts
from scoro_smartaccounts.staging.ledger import booked_unchecked
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.schema import assumption_state, first_of_kind, ledger_check, link, request
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.money import SERVICES, Money, said
from tests.integration.outbox.test_in_doubt import lose
from tests.integration.world import Summary, World

DAY, PAID = date(2026, 1, 15), date(2026, 1, 20)
SALES, BILLS, PAYMENTS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS
ENTRIES = "general/entries:get"


@pytest.fixture
def money(world: World) -> Money:
    world.know_returns()
    return Money(world)


def kinds(money: Money) -> dict[str, str]:
    with money.world.engine.connect() as connection:
        rows = connection.execute(select(first_of_kind.c.kind, first_of_kind.c.state))
        return {row.kind: row.state for row in rows}


def verdicts(money: Money) -> list[str]:
    with money.world.engine.connect() as connection:
        return list(connection.scalars(select(ledger_check.c.verdict)))


def link_used(money: Money) -> str | None:
    with money.world.engine.connect() as connection:
        return connection.scalar(select(assumption_state.c.reading).where(assumption_state.c.key == "entry_link"))


def asked(money: Money) -> int:
    """How often the ledger was read."""
    with money.world.engine.connect() as connection:
        return len(list(connection.scalars(select(request.c.id).where(request.c.operation == ENTRIES))))


def policy(money: Money, **changes: Any) -> None:
    money.world.company = money.world.company.model_copy(update=changes)


def of_dollars(money: Money, net: str, flow: Flow = SALES) -> int:
    """About at the bank's rate, which the simulator has too."""
    number: dict[str, Any] = {"no": f"USD-{net}"} if flow is BILLS else {}
    return money.enter(DAY, net, flow=flow, currency="USD", currency_rate="0.92", **number)


def of_roubles(money: Money, net: str, flow: Flow = SALES) -> int:
    """The bank has no rate of them."""
    number: dict[str, Any] = {"no": f"RUB-{net}"} if flow is BILLS else {}
    return money.enter(DAY, net, flow=flow, currency="RUB", currency_rate="0.0111", **number)


def from_abroad(money: Money, net: str) -> int:
    line = {"product_id": 0, "product_name": "Töö", "price": net, "amount": "1", "vat_code_id": reference_data.VAT_0_EU}
    return money.enter(DAY, "1", flow=BILLS, lines=[line], no=f"B-{net}", partner=foreigner(money))


def foreigner(money: Money) -> int:
    if "fin" not in money.partners:
        address = [{"country": "fin", "city": "Linn", "street": "Tänav 1"}]
        fields = {"name": "Esimerkki Oy", "contact_type": "company", "is_supplier": 1, "addresses": address}
        money.partners["fin"] = int(money.world.site.create("contacts", fields)["contact_id"])
    return money.partners["fin"]


def numbers(money: Money, flow: Flow) -> int:
    return len(money.world.books.state()[SERVICES[flow]])


@pytest.mark.parametrize("linked", ["id", "number", "document", "none"])
def test_a_day_of_all_flows_is_as_expected(money: Money, linked: str) -> None:
    money.world.books.switches.change({"entry_link": linked})
    invoices = [money.enter(DAY, net) for net in ("100", "50", "33.33")]
    credit = money.enter(DAY, "-20", credited_invoices=[invoices[0]])
    bill = money.enter(DAY, "100", flow=BILLS, no="A-1")
    from_abroad(money, "40")
    of_dollars(money, "70")
    of_dollars(money, "80", BILLS)
    for flow in (SALES, BILLS):
        summary = money.import_documents(DAY, DAY, flow)
        assert summary["alarms"] == [], said(summary)
        assert "postings in euros as expected, 0 not" in said(summary)
        assert linked == "none" or "found by their sums alone" not in said(summary)
    money.receive("invoices", {invoices[0]: "124", credit: "-24.80"}, PAID)
    money.receive("bills", {bill: None}, PAID)
    money.receive("invoices", {invoices[1]: "70"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["alarms"] == [], said(summary)
    # Of several kinds at once a run reads no more for it: the next one compares the rest.
    for flow in (SALES, BILLS):
        assert money.import_documents(DAY, DAY, flow)["alarms"] == []
    assert set(verdicts(money)) == {"equal"}
    # Five invoices, three bills, four payments.
    assert len(verdicts(money)) == 12
    assert set(kinds(money).values()) == {"proved"}
    assert linked == "none" or link_used(money) == linked


def test_it_costs_two_requests_a_run_and_nothing_where_nothing_is_booked(money: Money) -> None:
    for number in range(1, 7):
        money.enter(DAY, f"{number}00")
    of_dollars(money, "70")
    money.import_documents(DAY, DAY)
    assert asked(money) == 2
    money.import_documents(DAY, DAY)
    assert asked(money) == 2
    money.enter(DAY, "900")
    of_dollars(money, "71")
    money.import_documents(DAY, DAY)
    assert asked(money) == 3


def test_what_is_left_is_read_by_the_next_run(money: Money) -> None:
    money.world.books.switches.change({"page_size": 2})
    for number in range(1, 8):
        money.enter(DAY, f"{number}00")
    summary = money.import_documents(DAY, DAY)
    assert "4 postings in euros as expected, 0 not, 3 left to the next run." in said(summary)
    for _ in range(4):
        money.enter(DAY, "11")
        summary = money.import_documents(DAY, DAY)
        assert summary["alarms"] == []
    assert set(verdicts(money)) == {"equal"}


@dataclass(frozen=True)
class Wrong:
    """A reading that is wrong: the switch, what is entered, and what is told."""

    switches: dict[str, Any]
    flow: Flow
    enter: Callable[[Money, str], Any]
    kind: DocumentKind
    told: str


def refunded(money: Money, net: str) -> None:
    invoice = money.enter(DAY, "500")
    credit = money.enter(DAY, f"-{net}", credited_invoices=[invoice])
    money.import_documents(DAY, DAY)
    money.receive("invoices", {credit: str(money.open_in_scoro(str(credit)))}, PAID)


def paid_in_cash(money: Money, net: str) -> None:
    invoice = money.enter(DAY, net)
    money.import_documents(DAY, DAY)
    total = money.open_in_scoro(str(invoice))
    # Five cents are the smallest coin.
    money.receive("invoices", {invoice: str(total - total % Decimal("0.05"))}, PAID, account_id=1)


WRONG = [
    Wrong(
        {"exchange_rate_is_euro_per_foreign": True},
        SALES,
        of_roubles,
        DocumentKind.RATED_INVOICE,
        "The exchange rate was taken the other way round.",
    ),
    Wrong(
        {"exchange_rate_is_euro_per_foreign": True},
        BILLS,
        lambda money, net: of_roubles(money, net, BILLS),
        DocumentKind.RATED_BILL,
        "The exchange rate was taken the other way round.",
    ),
    Wrong(
        {"refund_side": "of_a_payment"},
        PAYMENTS,
        refunded,
        DocumentKind.REFUND,
        "on the wrong side of the money account",
    ),
    Wrong(
        {"extras_sign": "against_rows"},
        PAYMENTS,
        paid_in_cash,
        DocumentKind.CASH_ROUNDING,
        "the cents of cash rounding stand on the wrong side",
    ),
    Wrong(
        {"reverse_charge_posted": "computed"},
        BILLS,
        from_abroad,
        DocumentKind.REVERSE_CHARGE_ON_PAPER,
        "without the VAT that the buyer declares",
    ),
    # As the product is delivered: SmartAccounts works out the VAT of such bills.
    Wrong(
        {"reverse_charge_posted": "on_paper"},
        BILLS,
        from_abroad,
        DocumentKind.REVERSE_CHARGE,
        "without the VAT that the buyer declares",
    ),
]


def run(money: Money, flow: Flow) -> Summary:
    return money.import_payments(PAID, PAID) if flow is PAYMENTS else money.import_documents(DAY, DAY, flow)


def in_books(money: Money, flow: Flow) -> int:
    return len(money.payments()) if flow is PAYMENTS else numbers(money, flow)


@pytest.mark.parametrize("linked", ["number", "none"])
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.kind.value)
def test_of_a_wrong_reading_only_the_first_document_is_booked(money: Money, wrong: Wrong, linked: str) -> None:
    money.world.books.switches.change({**wrong.switches, "entry_link": linked})
    if wrong.kind is DocumentKind.REVERSE_CHARGE_ON_PAPER:
        bills = money.world.company.purchase_invoices.model_copy(update={"reverse_charge_vat": "paper"})
        policy(money, purchase_invoices=bills)
    for net in ("10.01", "20.01", "30.01"):
        wrong.enter(money, net)
    ordinary = money.enter(DAY, "999", flow=BILLS if wrong.flow is BILLS else SALES, no="9999")
    if wrong.flow is PAYMENTS:
        money.import_documents(DAY, DAY)
        money.receive("invoices", {ordinary: None}, PAID)
    summary = run(money, wrong.flow)
    assert in_books(money, wrong.flow) == 2, said(summary)
    assert kinds(money)[wrong.kind.value] == "held"
    [alarm] = summary["alarms"]
    assert linked == "none" or wrong.told in alarm
    assert [code for _, _, code in money.cases()] == ["kind_held"] * 2
    # The next nights change nothing.
    for _ in range(2):
        money.world.clock.advance(timedelta(days=1))
        assert run(money, wrong.flow)["documents"]["created"] == 0
    # Mended, one is retried: it goes, is right, and the last one follows by itself.
    money.world.books.switches.change({name: default(name) for name in wrong.switches})
    money.retry(money.cases()[0][1])
    assert run(money, wrong.flow)["documents"]["created"] == 2
    assert kinds(money)[wrong.kind.value] == "proved"
    assert money.cases() == []


def default(name: str) -> Any:
    return getattr(Switches(), name)


def test_a_retry_that_is_wrong_again_is_asked_about_again(money: Money) -> None:
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    for net in ("10", "20", "30"):
        of_roubles(money, net)
    money.import_documents(DAY, DAY)
    money.retry(money.cases()[0][1])
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == 1
    assert len(summary["alarms"]) == 1
    assert [code for _, _, code in money.cases()] == ["kind_held"]


@pytest.mark.parametrize("changes", [{"trusted": (DocumentKind.RATED_INVOICE,)}, {"enabled": False}])
def test_a_kind_that_the_company_trusts_does_not_go_alone(money: Money, changes: dict[str, Any]) -> None:
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    policy(money, ledger_check=LedgerPolicy(**changes))
    for net in ("10", "20", "30"):
        of_roubles(money, net)
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == 3
    # It is compared all the same, unless that is switched off.
    assert len(summary["alarms"]) == (3 if "trusted" in changes else 0)


@pytest.mark.parametrize("right", ["missing_401", "missing_403"])
def test_without_the_right_nothing_fails_and_it_is_said_once(money: Money, right: str) -> None:
    money.world.books.switches.change({"entries_right": right})
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == 3
    assert said(summary).count("LEDGER: not compared") == 1
    assert asked(money) == 1


def test_a_rate_of_scoros_own_is_held_against_the_ledger_too(money: Money) -> None:
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    policy(money, exchange_rate=RateSource.SCORO)
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == 1
    assert "The exchange rate was taken the other way round." in summary["alarms"][0]


def test_a_first_one_that_is_refused_makes_room_for_the_next(money: Money) -> None:
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    money.world.server.faults.add(
        Fault(FaultKind.STATUS, where=f"purchasesales/{SERVICES[SALES]}:add", status=400, times=1)
    )
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == 2
    assert kinds(money) == {"foreign_invoice": "proved"}


def test_a_first_one_in_doubt_holds_the_others_until_it_is_known(money: Money) -> None:
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(money.world, f"purchasesales/{SERVICES[SALES]}:add", FaultKind.STATUS, times=1)
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["waiting"] == 2, said(summary)
    assert numbers(money, SALES) == 0
    money.world.clock.advance(timedelta(minutes=30))
    money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 3
    assert kinds(money) == {"foreign_invoice": "proved"}


def test_a_first_one_whose_answer_was_lost_and_is_found_lets_the_others_follow_in_the_same_run(money: Money) -> None:
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(money.world, f"purchasesales/{SERVICES[SALES]}:add", FaultKind.STATUS_AFTER, times=1)
    summary = money.import_documents(DAY, DAY)
    assert summary["documents"]["created"] == numbers(money, SALES) == 3, said(summary)
    assert kinds(money) == {"foreign_invoice": "proved"}
    assert "Ledger: 3 postings in euros as expected, 0 not" in said(summary), said(summary)


def test_of_two_runs_at_once_one_sends_the_first(money: Money) -> None:
    world = money.world
    world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    for day in (DAY, PAID):
        for net in ("10", "20", "30"):
            money.enter(day, net, currency="RUB", currency_rate="0.0111")
    requests = [world.request(day, day) for day in (DAY, PAID)]
    for each in requests:
        for step in world.steps[:-1]:
            step(each, world.services(each))
    with ThreadPoolExecutor() as both:
        list(both.map(lambda each: pipeline.load(each, world.services(each)), requests))
    assert numbers(money, SALES) == 1
    assert kinds(money) == {"rated_invoice": "held"}


def test_what_another_run_books_while_one_looks_is_not_forgotten(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two of its questions to staging the first of the other run gets into the books: it stays the first."""
    world = money.world
    world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    for day in (DAY, PAID):
        money.enter(day, "10", currency="RUB", currency_rate="0.0111")
    first, second = (world.request(day, day) for day in (DAY, PAID))
    for each in (first, second):
        for step in world.steps[:-1]:
            step(each, world.services(each))
    is_sending, may_go_on = Event(), Event()
    reserve = Budget.reserve

    def stop_before_sending(budget: Budget, operation: str) -> None:
        reserve(budget, operation)
        if operation.endswith("clientinvoices:add"):
            is_sending.set()
            assert may_go_on.wait(60)

    monkeypatch.setattr(Budget, "reserve", stop_before_sending)

    def let_it_be_booked(*args: Any) -> Any:
        found = read(*args)
        if not may_go_on.is_set():
            may_go_on.set()
            while not is_linked():
                sleep(0.01)
        return found

    def is_linked() -> bool:
        with world.engine.connect() as connection:
            return bool(connection.scalar(select(link.c.remote_id).where(link.c.kind == KIND_OF[SALES].value)))

    read = booked_unchecked
    with ThreadPoolExecutor() as other:
        running = other.submit(pipeline.load, first, world.services(first))
        assert is_sending.wait(60)
        # The first process has read it by now, and asks once more only after it has sent.
        monkeypatch.setattr(load_first_of_kind, "booked_unchecked", let_it_be_booked)
        pipeline.load(second, world.services(second))
        running.result()
    assert numbers(money, SALES) == 1
    assert kinds(money) == {"rated_invoice": "held"}


def test_after_an_upgrade_what_was_booked_before_is_listed_once(money: Money) -> None:
    of_roubles(money, "10")
    money.enter(DAY, "100")
    from_abroad(money, "40")
    for flow in (SALES, BILLS):
        money.import_documents(DAY, DAY, flow)
    with money.world.engine.begin() as connection:
        connection.execute(update(ledger_check).values(verdict="before"))
        connection.execute(delete(assumption_state))
    folder = money.world.output / "lists"
    for _ in range(2):
        for flow in (SALES, BILLS):
            money.import_documents(DAY, DAY, flow)
    sales, bills = ((folder / f"booked_before_{flow.value}.en.csv").read_text("utf-8-sig") for flow in (SALES, BILLS))
    assert sales.splitlines()[1:] == [
        '"1";"15.01.2026";"invoice in another currency";"the euros of its entry with the rate of the day"'
    ]
    assert '"bill with reverse charge";"the VAT that the buyer declares, on' in bills
    estonian = (folder / "booked_before_sales_invoices.et.csv").read_text("utf-8-sig")
    assert estonian.startswith('"dokument";"päev";"liik";')
    # The second time nothing is written: whoever took the list away keeps it.
    (folder / "booked_before_sales_invoices.en.csv").unlink()
    money.import_documents(DAY, DAY)
    assert not (folder / "booked_before_sales_invoices.en.csv").exists()


# Processes that die, runs that meet, kinds that are taken for each other


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
def test_what_was_compared_is_judged_also_where_the_process_was_killed_in_between(
    money: Money, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": wrong})
    for net in ("10", "20", "30"):
        of_roubles(money, net)

    def killed(self: Firsts, checked: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Firsts, "_note", killed)
        with pytest.raises(Killed):
            money.import_documents(DAY, DAY)
    summary = money.import_documents(DAY, DAY)
    assert kinds(money) == {"rated_invoice": "held" if wrong else "proved"}
    assert (numbers(money, SALES), len(summary["alarms"])) == ((1, 1) if wrong else (3, 0))


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
def test_another_run_that_ends_first_judges_for_both(
    money: Money, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    """It began before the first one was sent, and compares it before the run that sent it does."""
    world = money.world
    world.books.switches.change({"exchange_rate_is_euro_per_foreign": wrong})
    for net in ("10", "20", "30"):
        of_roubles(money, net)
    one, other = world.request(DAY, DAY), world.request(PAID, PAID)
    for each in (one, other):
        for step in world.steps[:-1]:
            step(each, world.services(each))
    services = world.services(other)
    with services.engine.connect() as connection:
        theirs, judge = Firsts(connection, other, services), Firsts.judge

        def after_them(self: Firsts, **how: Any) -> None:
            if self is not theirs and self._sent():
                theirs.finish()
            judge(self, **how)

        monkeypatch.setattr(Firsts, "judge", after_them)
        pipeline.load(one, world.services(one))
    assert kinds(money) == {"rated_invoice": "held" if wrong else "proved"}
    assert numbers(money, SALES) == (1 if wrong else 3)


def test_what_one_kind_proves_is_not_taken_for_another(money: Money) -> None:
    """Dollars at the bank's rate prove nothing of a rate that is sent."""
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    of_dollars(money, "70")
    money.import_documents(DAY, DAY)
    assert kinds(money) == {"foreign_invoice": "proved"}
    for net in ("10", "20", "30"):
        of_roubles(money, net)
    money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 2
    assert kinds(money) == {"foreign_invoice": "proved", "rated_invoice": "held"}


def test_a_cause_speaks_against_a_kind_that_was_proved(money: Money) -> None:
    of_roubles(money, "10")
    money.import_documents(DAY, DAY)
    assert kinds(money) == {"rated_invoice": "proved"}
    money.world.books.switches.change({"exchange_rate_is_euro_per_foreign": True})
    of_roubles(money, "20")
    money.import_documents(DAY, DAY)
    assert kinds(money) == {"rated_invoice": "held"}
    of_roubles(money, "30")
    money.import_documents(DAY, DAY)
    assert numbers(money, SALES) == 2


def test_where_the_settings_name_no_accounts_nothing_is_proved_and_nothing_held(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chart of accounts that only the real service has; the simulators post to accounts that they name."""
    monkeypatch.setattr("scoro_smartaccounts.ledger.check._chart", lambda *_: Chart({}, frozenset(), {}, {}))
    money.world.books.switches.change({"refund_side": "of_a_payment", "extras_sign": "against_rows"})
    for net in ("10.01", "20.01"):
        refunded(money, net)
    summary = money.import_payments(PAID, PAID)
    assert (len(money.payments()), kinds(money)["refund"]) == (2, "unproved")
    assert "2 that SmartAccounts' settings name no account for, or Scoro no rate, not compared" in said(summary)
    from_abroad(money, "40")
    money.import_documents(DAY, DAY, BILLS)
    assert kinds(money)["reverse_charge"] == "unproved"


def test_a_first_one_that_pages_hide_is_looked_for_by_its_day(money: Money) -> None:
    world = money.world
    world.books.switches.change({"page_size": 2})
    for number in range(1, 8):
        money.enter(DAY - timedelta(days=1), f"{number}00")
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(world, ENTRIES, FaultKind.STATUS, times=4)
    alarms = []
    for _ in range(5):
        alarms += money.import_documents(DAY - timedelta(days=1), DAY)["alarms"]
        world.clock.advance(timedelta(days=4))
    assert (numbers(money, SALES), alarms) == (10, [])
    assert set(verdicts(money)) == {"equal"}


def test_a_ledger_that_does_not_answer_for_weeks_is_no_missing_entry(money: Money) -> None:
    for net in ("10", "20"):
        of_dollars(money, net)
    lose(money.world, ENTRIES, FaultKind.STATUS, times=5000)
    for _ in range(4):
        summary = money.import_documents(DAY, DAY)
        assert summary["alarms"] == []
        assert "1 left to the next run" in said(summary)
        money.world.clock.advance(timedelta(days=8))


def test_equal_sums_of_a_day_are_no_evidence_of_how_entries_name_documents(money: Money) -> None:
    """Numbers of entries that are neighbours of the documents' own."""
    money.world.books.switches.change({"entry_link": "none"})
    money.enter(DAY, "7", flow=BILLS, no="Z")
    money.import_documents(DAY, DAY, BILLS)
    with money.world.engine.begin() as connection:
        connection.execute(delete(assumption_state))
    for _ in range(24):
        money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    assert link_used(money) is None
    for number in range(1, 7):
        money.enter(PAID, f"{number}0")
    summary = money.import_documents(PAID, PAID)
    assert summary["alarms"] == []
    assert set(verdicts(money)) == {"equal"}


def test_a_first_one_that_nobody_knows_how_it_was_sent_makes_room(money: Money) -> None:
    """As where another run found it by its marker."""
    for net in ("10", "20", "30"):
        of_dollars(money, net)
    lose(money.world, ENTRIES, FaultKind.STATUS, times=8)
    money.import_documents(DAY, DAY)
    with money.world.engine.begin() as connection:
        connection.execute(update(link).where(link.c.kind == "sales_invoice").values(evidence="marker"))
    money.world.server.faults.clear()
    money.world.clock.advance(timedelta(days=1))
    summary = money.import_documents(DAY, DAY)
    assert (numbers(money, SALES), summary["alarms"]) == (3, [])
    assert kinds(money) == {"foreign_invoice": "proved"}


def test_a_rate_of_the_documents_own_is_told_with_both_figures(money: Money) -> None:
    """Four per cent off the bank's."""
    for net in ("10", "20"):
        money.enter(DAY, net, currency="USD", currency_rate="0.955")
    [alarm] = money.import_documents(DAY, DAY)["alarms"]
    assert "debt 11.43 instead of 11.84" in alarm


def test_suppliers_and_clients_are_refunded_in_two_ways(money: Money) -> None:
    refunded(money, "10")
    money.import_payments(PAID, PAID)
    assert kinds(money)["refund"] == "proved"
    money.world.books.switches.change({"refund_side": "of_a_payment"})
    for number in ("A-1", "A-2", "A-3"):
        credit = money.enter(DAY, "-11", flow=BILLS, no=number)
        money.receive("bills", {credit: None}, PAID)
    money.import_documents(DAY, DAY, BILLS)
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 2
    assert kinds(money)["supplier_refund"] == "held"


@pytest.mark.parametrize(
    "trouble",
    [ServiceFailed("away"), ConfigurationError("no right"), RequestRefused("refused", status=400)],
    ids=lambda trouble: type(trouble).__name__,
)
def test_settings_that_cannot_be_read_fail_nothing_and_are_said(
    money: Money, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """They are read once a day, so that they may be asked for when all is booked."""

    def asked(*_: Any) -> None:
        raise trouble

    for net in ("10", "20"):
        of_dollars(money, net)
    with monkeypatch.context() as patched:
        patched.setattr("scoro_smartaccounts.ledger.check.sync_settings", asked)
        summary = money.import_documents(DAY, DAY)
    assert "1 left to the next run" in said(summary)
    assert (numbers(money, SALES), kinds(money)) == (1, {"foreign_invoice": "sent"})
    money.import_documents(DAY, DAY)
    assert (numbers(money, SALES), kinds(money)) == (2, {"foreign_invoice": "proved"})
