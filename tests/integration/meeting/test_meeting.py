"""Room meeting. What the services are assumed to do is held against what they show, before anything is written: each
question once, and whatever is shown counts from then on."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import LedgerPolicy, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting import of_smartaccounts
from scoro_smartaccounts.meeting.asking import ANSWERS, MOST_OF_SCORO, MOST_OF_SMARTACCOUNTS
from scoro_smartaccounts.meeting.assumption import Follows
from scoro_smartaccounts.meeting.meet import Met, meet
from scoro_smartaccounts.meeting.report import FILE, FOLDER, lines, page, shape
from scoro_smartaccounts.meeting.verdict import State
from scoro_smartaccounts.staging.schema import assumption_state, ledger_entry
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.ledger.test_check import from_abroad
from tests.integration.meeting.filled import CANARY, fill_books, fill_scoro
from tests.integration.money import Money, said
from tests.integration.world import World
from tests.tiers import slow_but

DAY, PAID = date(2026, 1, 15), date(2026, 1, 20)
SALES, BILLS, PAYMENTS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS
KEY = "meet/test"


def met(world: World, **changes: Any) -> Met:
    services = world.services(ReconcileRequest(world.company, KEY))
    return meet(world.company, replace(services, **changes), KEY)


def states(found: Met) -> dict[str, tuple[State, str]]:
    return {row.assumption.key: (row.verdict.state, row.verdict.reading) for row in found.rows}


def asked(world: World) -> tuple[int, int]:
    return len(world.calls()), len(world.scoro.calls)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


# The questions


def test_a_company_that_works_already_confirms_most_of_it(world: World) -> None:
    fill_scoro(world)
    fill_books(world)
    world.server.calls.clear()
    world.scoro.calls.clear()
    found = met(world)
    counts = Counter(row.verdict.state for row in found.rows)
    assert counts[State.CONTRADICTED] == 0, [row for row in found.rows if row.verdict.state is State.CONTRADICTED]
    assert counts[State.CONFIRMED] > 60
    assert world.calls("write") == []
    assert {call["action"] for call in world.scoro.calls} == {"list"}
    smartaccounts, scoro = asked(world)
    assert smartaccounts <= MOST_OF_SMARTACCOUNTS == 29
    assert scoro <= MOST_OF_SCORO == 22
    assert found.asked == {"smartaccounts": smartaccounts, "scoro": scoro}


def test_an_empty_company_tells_nothing_of_its_records(world: World) -> None:
    found = met(world)
    assert [row for row in found.rows if row.verdict.state is State.CONTRADICTED] == []
    told = {row.assumption.key for row in found.rows if row.verdict.state is State.CONFIRMED}
    # What settings, empty lists and headers tell; an answer without clients has its list of deleted ones too.
    assert told <= {
        "entries_right",
        "named_accounts",
        "deleted_of_registers",
        "empty_lists",
        "date_header",
        "clock",
        "warehouse_ids",
        "list_keys",
        "amount_form",
        "number_form",
        "moment_form",
        "order",
        "scoro_moments",
        "scoro_empty",
        "tags",
        "html",
    }, told
    assert world.calls("write") == []


def test_it_is_asked_once(world: World) -> None:
    fill_books(world)
    first = states(met(world))
    before = asked(world)
    world.clock.advance(timedelta(days=2))
    assert states(met(world)) == first
    assert asked(world) == before


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """A client whose process is killed after so many answers, before they are kept."""

    def __init__(self, client: Any, at: int) -> None:
        self._client = client
        self._left = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _dies(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed

    def read(self, *arguments: Any, **named: Any) -> Any:
        answer = self._client.read(*arguments, **named)
        self._dies()
        return answer

    def page(self, *arguments: Any, **named: Any) -> Any:
        answer = self._client.page(*arguments, **named)
        self._dies()
        return answer


def test_killed_at_every_answer_it_asks_for_the_rest(world: World, stride: int) -> None:
    """Every answer that was kept is never asked for again; what was lost is, and in all no more than may be."""
    fill_books(world)
    fill_scoro(world)
    services = world.services(ReconcileRequest(world.company, KEY))
    deaths = 0
    for _ in range(60):
        # A few answers a life: each life ends with one that was not kept.
        smartaccounts, scoro = (Dying(each, stride) for each in (services.smartaccounts, services.scoro))
        try:
            found = met(world, smartaccounts=smartaccounts, scoro=scoro)
            break
        except Killed:
            deaths += 1
    assert deaths > 1
    smartaccounts_asked, scoro_asked = asked(world)
    assert smartaccounts_asked <= MOST_OF_SMARTACCOUNTS
    assert scoro_asked <= MOST_OF_SCORO
    kept = {name for name in _kept(world) if not name.startswith("S")}
    repeated = Counter(json.dumps([call["operation"], _question(call)], sort_keys=True) for call in world.calls())
    assert sum(repeated.values()) - len(repeated) <= deaths
    assert len(kept) >= len(repeated) - deaths
    assert found.asked["smartaccounts"] == smartaccounts_asked


def _question(call: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in call["params"].items() if name not in ("timestamp", "apikey", "signature")}


def _kept(world: World) -> list[str]:
    with world.engine.connect() as connection:
        keys = connection.scalars(select(assumption_state.c.key).where(assumption_state.c.key.startswith(ANSWERS)))
        return [key.removeprefix(ANSWERS) for key in keys]


def test_what_was_read_is_kept_where_others_find_it(world: World) -> None:
    fill_books(world)
    met(world)
    with world.engine.connect() as connection:
        assert len(list(connection.scalars(select(ledger_entry.c.entry_id)))) > 10
        learned = dict(connection.execute(select(assumption_state.c.key, assumption_state.c.reading)).tuples().all())
    assert learned["entry_link"] == "number"
    assert learned["payment_signs"] == "magnitudes"
    before = len(world.calls())
    money = Money(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    # The VAT codes and warehouses of the meeting serve the import too.
    assert [call for call in world.calls()[before:] if call["operation"].startswith("settings/")] == []


def test_a_service_that_is_away_is_met_by_the_next_preview(money: Money, caplog: pytest.LogCaptureFixture) -> None:
    world = money.world
    fill_books(world)
    money.enter(DAY, "100")
    world.server.faults.add(Fault(FaultKind.STATUS, where="general/entries:get", status=503, times=4))
    with caplog.at_level(logging.INFO):
        world.run(DAY, DAY, mode=Mode.PREVIEW)
        assert "were not met to the end" in caplog.text
        assert "Meeting the services:" not in caplog.text
        world.run(DAY, DAY, mode=Mode.PREVIEW)
        assert "Meeting the services:" in caplog.text


def test_a_missing_right_is_told_and_nothing_stops(world: World) -> None:
    fill_books(world)
    world.books.switches.change({"entries_right": "missing_403"})
    found = states(met(world))
    assert found["entries_right"] == (State.CONTRADICTED, "refused")
    assert found["vat_rounding"][0] is State.CONFIRMED
    assert found["credit_sides"][0] is State.NO_EXAMPLE


def test_a_wrong_key_is_no_missing_right(world: World) -> None:
    """Nothing is learned by it, and nothing counts: with the right key all is asked."""
    fill_books(world)
    world.books.keys = {"another": "key"}
    for _ in range(3):
        with pytest.raises(ConfigurationError):
            met(world)
    assert _kept(world) == []
    world.books.keys = {"testkey": "test-secret"}
    found = met(world)
    assert states(found)["vat_rounding"][0] is State.CONFIRMED
    assert found.asked["smartaccounts"] <= MOST_OF_SMARTACCOUNTS


# Step 0 of the first preview


def test_the_first_preview_meets_and_later_ones_tell_what_is_open(
    money: Money, caplog: pytest.LogCaptureFixture
) -> None:
    world = money.world
    fill_books(world)
    money.enter(DAY, "100")
    with caplog.at_level(logging.INFO):
        world.run(DAY, DAY, mode=Mode.PREVIEW)
    told = [record.getMessage() for record in caplog.records]
    first = next(place for place, line in enumerate(told) if line.startswith("Meeting the services:"))
    listed = next(place for place, line in enumerate(told) if line.startswith("Listed 1 document:"))
    assert first < listed, "it stands before the list"
    assert any("VAT is rounded per row" in line for line in told)
    assert (world.output / FOLDER / FILE).read_text(encoding="utf-8").count("<tr>") > 100
    assert world.writes() == []
    asked_by_then = Counter(call["operation"] for call in world.calls() if "entries" in call["operation"])
    caplog.clear()
    with caplog.at_level(logging.INFO):
        world.run(DAY, DAY, mode=Mode.PREVIEW)
    assert Counter(call["operation"] for call in world.calls() if "entries" in call["operation"]) == asked_by_then
    told = [record.getMessage() for record in caplog.records]
    assert not any("VAT is rounded per row" in line for line in told), "confirmed is not told twice"
    assert any("no example" in line for line in told)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        world.run(DAY, DAY)
    assert "Meeting the services" not in caplog.text, "an import tells of what is contradicted only"


def test_an_import_tells_of_what_is_contradicted(money: Money, caplog: pytest.LogCaptureFixture) -> None:
    world = money.world
    world.books.switches.change({"vat_per_code": True})
    fill_books(world)
    met(world)
    money.enter(DAY, "100")
    with caplog.at_level(logging.INFO):
        world.run(DAY, DAY)
    assert "VAT is rounded per row, then added" in caplog.text


# What a reading leads to


def rounding(money: Money) -> list[int]:
    """Three rows each: by row their VAT is another one than by code."""
    line = {"product_id": 0, "product_name": "Töö", "amount": "1", "vat_code_id": 9}
    return [
        money.enter(DAY, "1", lines=[{**line, "price": price}] * 3) for price in ("10.02", "11.02", "12.02", "13.02")
    ]


def roubles(money: Money) -> list[int]:
    return [money.enter(DAY, net, currency="RUB", currency_rate="0.0111") for net in ("1000", "2000", "3000")]


READINGS = [
    ({"vat_per_code": True}, rounding),
    ({"exchange_rate_is_euro_per_foreign": True}, roubles),
]


@pytest.mark.parametrize(("switches", "enter"), READINGS, ids=["rounding", "rates"])
def test_an_import_under_the_reading_that_was_seen_is_right_to_the_cent(
    money: Money, switches: dict[str, Any], enter: Any
) -> None:
    world = money.world
    world.books.switches.change(switches)
    fill_books(world)
    met(world)
    before = {row["id"] for row in world.invoices()}
    invoices = enter(money)
    summary = money.import_documents(DAY, DAY)
    assert summary["alarms"] == [], said(summary)
    assert money.cases() == []
    mine = [row for row in world.invoices() if row["id"] not in before]
    assert len(mine) == len(invoices)
    totals = {money.remote(key): _gross(money, key) for key in invoices}
    assert {row["id"]: Decimal(str(row["totalAmount"])) for row in mine} == totals
    rates = {row["id"]: row for row in mine}
    for entry in world.books.entries():
        document = next((rates[key] for key in rates if _is_of(entry, rates[key])), None)
        if document is not None and document["currency"] == "RUB":
            euros = Decimal(str(entry["amount"]))
            assert abs(euros - Decimal(str(document["totalAmount"])) * Decimal("0.0111")) < Decimal("0.05")
    # What SmartAccounts computes by itself is what was planned: no cent is left over as rounding.
    if enter is rounding:
        sent = {row["id"]: Decimal(str(row["roundAmount"])) for row in mine}
        computed = {row["id"]: Decimal(str(row["amount"])) + Decimal(str(row["vatAmount"])) for row in mine}
        assert {key: computed[key] + sent[key] for key in sent} == totals


def _is_of(entry: dict[str, Any], document: dict[str, Any]) -> bool:
    named = entry["docType"], entry["number"], entry["date"]
    return named == ("CLIENT_INVOICE", document["number"], document["entryDate"])


def _gross(money: Money, key: int) -> Decimal:
    record = money.world.site.get("invoices", key)
    return Decimal(record["sum"] + record["vat_sum"])


@pytest.mark.parametrize(("switches", "enter"), READINGS, ids=["rounding", "rates"])
def test_without_the_meeting_the_same_import_raises_alarms(money: Money, switches: dict[str, Any], enter: Any) -> None:
    """What the two above are right by is the meeting."""
    world = money.world
    world.books.switches.change(switches)
    fill_books(world)
    enter(money)
    assert money.import_documents(DAY, DAY)["alarms"] != []


@pytest.mark.parametrize("shown", slow_but(["signed"], ["signed", "signed_amount", "magnitudes"]))
def test_payments_are_read_as_they_were_seen_to_be_shown(money: Money, shown: str) -> None:
    world = money.world
    world.books.switches.change({"payments_shown": shown})
    fill_books(world)
    met(world)
    bill = money.enter(DAY, "100", flow=BILLS, no="A-77")
    money.import_documents(DAY, DAY, BILLS)
    money.pay({money.remote(bill, BILLS): "50"}, DAY)
    money.receive("bills", {bill: "74"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["alarms"] == [], said(summary)
    assert money.open_in_books(BILLS)[money.remote(bill, BILLS)] == Decimal("0.00")


HELD = [
    ({"credit_sides": "of_an_invoice"}, DocumentKind.CREDIT_INVOICE),
    ({"supplier_payment_side": "of_a_receipt"}, DocumentKind.SUPPLIER_PAYMENT),
    ({"refund_side": "of_a_payment"}, DocumentKind.REFUND),
    ({"extras_sign": "against_rows"}, DocumentKind.CASH_ROUNDING),
    ({"reverse_charge_posted": "on_paper"}, DocumentKind.REVERSE_CHARGE),
    ({"reverse_charge_posted": "computed"}, DocumentKind.REVERSE_CHARGE_ON_PAPER),
    ({"entry_amounts": "original"}, DocumentKind.FOREIGN_INVOICE),
]


def _documents_of(money: Money, kind: DocumentKind) -> tuple[Flow, list[str]]:
    """Three documents of a kind, and those that it needs in the books before."""
    if kind is DocumentKind.CREDIT_INVOICE:
        base = money.enter(DAY, "500")
        return SALES, [str(money.enter(DAY, net, credited_invoices=[base])) for net in ("-10", "-20", "-30")]
    if kind is DocumentKind.FOREIGN_INVOICE:
        return SALES, [str(money.enter(DAY, net, currency="USD", currency_rate="0.92")) for net in ("10", "20", "30")]
    if kind in (DocumentKind.REVERSE_CHARGE, DocumentKind.REVERSE_CHARGE_ON_PAPER):
        return BILLS, [str(from_abroad(money, net)) for net in ("10", "20", "30")]
    if kind is DocumentKind.SUPPLIER_PAYMENT:
        bills = [money.enter(DAY, net, flow=BILLS, no=f"A-{net}") for net in ("10", "20", "30")]
        money.import_documents(DAY, DAY, BILLS)
        return PAYMENTS, [str(money.receive("bills", {bill: None}, PAID)) for bill in bills]
    base = money.enter(DAY, "500")
    if kind is DocumentKind.REFUND:
        # Nothing is left of an invoice that was paid: what its credit invoices give back is money.
        money.receive("invoices", {base: None}, DAY)
        credits = [money.enter(DAY, net, credited_invoices=[base]) for net in ("-10", "-20", "-30")]
        money.import_documents(DAY, DAY)
        return PAYMENTS, [str(money.receive("invoices", {key: None}, PAID)) for key in credits]
    invoices = [money.enter(DAY, net) for net in ("10.01", "20.01", "30.01")]
    money.import_documents(DAY, DAY)
    paid = {key: str(_gross(money, key) - _gross(money, key) % Decimal("0.05")) for key in invoices}
    return PAYMENTS, [str(money.receive("invoices", {key: paid[key]}, PAID, account_id=1)) for key in invoices]


@pytest.mark.parametrize(
    ("switches", "kind"),
    slow_but([HELD[0]], HELD),
    ids=lambda part: str(part) if isinstance(part, DocumentKind) else "",
)
def test_what_cannot_be_read_otherwise_is_held_and_all_else_goes_on(
    money: Money, switches: dict[str, Any], kind: DocumentKind
) -> None:
    """Not one of them is written: the first one does no harm either."""
    world = money.world
    if kind is DocumentKind.REVERSE_CHARGE_ON_PAPER:
        bills = world.company.purchase_invoices.model_copy(update={"reverse_charge_vat": "paper"})
        world.company = world.company.model_copy(update={"purchase_invoices": bills})
    world.books.switches.change(switches)
    fill_books(world)
    met(world)
    flow, held = _documents_of(money, kind)
    number: dict[str, Any] = {"no": "A-77"} if flow is BILLS else {}
    other = money.enter(DAY, "77", flow=BILLS if flow is BILLS else SALES, **number)
    other_flow = BILLS if flow is BILLS else SALES
    money.import_documents(DAY, DAY, other_flow)
    if flow is PAYMENTS:
        money.import_payments(PAID, PAID)
    assert sorted(money.cases()) == sorted((flow.value, key, "reading_contradicted") for key in held)
    assert str(other) in money.documents(other_flow)
    # The remedy of the sentence: an accountant finds it right.
    trusted = LedgerPolicy(trusted=tuple(DocumentKind))
    world.company = world.company.model_copy(update={"ledger_check": trusted})
    money.import_documents(DAY, DAY, other_flow)
    if flow is PAYMENTS:
        money.import_payments(PAID, PAID)
    assert money.cases() == []


def test_kinds_that_are_held_are_those_of_the_table() -> None:
    told = {kind for row in of_smartaccounts.ASSUMPTIONS if row.follows is Follows.HELD for kind in row.kinds}
    assert {kind for _, kind in HELD} <= told


# The report


def test_no_name_and_no_text_is_in_the_report_or_in_what_is_kept(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    fill_books(world)
    fill_scoro(world)
    world.books.switches.change({"credits_shown_negative": False})
    with caplog.at_level(logging.DEBUG):
        found = met(world)
    names = [
        CANARY.lower(),
        *(row["name"].lower() for row in world.site.records("contacts").values() if len(row["name"]) > 6),
    ]
    with world.engine.connect() as connection:
        kept = json.dumps([list(row) for row in connection.execute(select(assumption_state))], default=str)
    told = "\n".join(
        [page(found), json.dumps(shape(found)), *lines(found, found.rows), *lines(found, found.rows, "et"), kept]
    )
    assert [name for name in names if name in told.lower() or name in caplog.text.lower()] == []


def test_the_report_has_both_languages_and_escapes_what_it_shows(world: World) -> None:
    fill_books(world)
    unpaid = next(row["id"] for row in world.invoices() if row["outstandingAmount"] == row["totalAmount"])
    world.books.change("purchasesales/clientinvoices", unpaid, invoiceNumber="<b>&1")
    found = met(world)
    shown = page(found)
    assert "Käibemaks ümardatakse rea kaupa" in shown
    assert "VAT is rounded per row" in shown
    assert "<b>" not in shown
    told = shape(found)
    assert {each["verdict"] for each in told["assumptions"]} <= {state.value for state in State}
    assert len({each["key"] for each in told["assumptions"]}) == len(told["assumptions"])
    assert all(each["assumption"]["et"] and each["follows"].keys() == {"en", "et"} for each in told["assumptions"])
