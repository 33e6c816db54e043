"""A month of every kind of document with answers that are lost, played under any reading of the two services; and what
must hold whatever they answer: nothing twice, nothing off without a word, nothing written by a second round.

The books are read past the API and under the usual switches, and what is compared is what stands there: the rows of the
general ledger in euros and what is open, by the document that the link names.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_sandbox.faults import FaultKind
from scoro_smartaccounts_sandbox.scoro.switches import Switches as ScoroSwitches
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.conftest import Databases
from tests.integration.money import Money
from tests.integration.outbox.test_in_doubt import Played, lose
from tests.integration.world import World, open_world

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
DOCUMENTS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
SERVICES = {"clientinvoices": "sales_invoice", "vendorinvoices": "purchase_invoice", "payments": "payment"}
FLOWS_OF_LINKS = {
    "sales_invoice": Flow.SALES_INVOICES.value,
    "purchase_invoice": Flow.PURCHASE_INVOICES.value,
    "payment": Flow.PAYMENTS.value,
}
LOST = (
    ("clients:add", FaultKind.DROP_AFTER),
    ("articles:add", FaultKind.DROP_BEFORE),
    ("clientinvoices:add", FaultKind.STATUS_AFTER),
    ("vendorinvoices:add", FaultKind.DROP_AFTER),
    ("payments:add", FaultKind.DROP_AFTER),
)

# The reasons that are about figures, postings or what a document is. Whatever else is told of a document, that its
# texts are cut or that a code looks wrong, does not tell that its money is off.
OF_FIGURES = {"booked_differently", "number_in_series", "changed", "booking_changed", "payment_changed"}
# How a run left a document that waits for certainty or for a person.
LEFT = ("in_doubt", "plan_changed")
# Verdicts of documents that were held against an entry, or of which there is none.
COMPARED = ("equal", "differs", "not_found")

_MOST_NIGHTS = 20
_CENTS_OF_PRICES = Decimal("0.15")

Source = tuple[str, str]
Rows = Mapping[tuple[str, str], tuple[Any, ...]]


@dataclass
class Outcome:
    """A month and what came of it. `booked`: figures by document of Scoro; `told`: reasons by document; `held`: those
    that hold it back in the end; `compared`: documents whose posting was; `stopped`: what the runs said that stopped;
    `unfinished`: the flows whose last run did.
    """

    booked: dict[Source, Counter[Any]] = field(default_factory=dict)
    compared: set[Source] = field(default_factory=set)
    told: dict[Source, Counter[str]] = field(default_factory=dict)
    held: dict[Source, set[str]] = field(default_factory=dict)
    unlinked: list[tuple[str, Any]] = field(default_factory=list)
    firsts: dict[Source, str] = field(default_factory=dict)
    twice: list[Any] = field(default_factory=list)
    groups: Counter[Any] = field(default_factory=Counter)
    exported: Counter[int] = field(default_factory=Counter)
    missing_in_scoro: list[str] = field(default_factory=list)
    said: str = ""
    stopped: list[str] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)
    nights: int = 0
    written_again: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, str] = field(default_factory=dict)
    kinds_of: dict[Source, list[str]] = field(default_factory=dict)


def play(databases: Databases, folder: Path, books: Mapping[str, Any], site: Mapping[str, Any]) -> Outcome:
    """The month under these switches of SmartAccounts (`books`) and Scoro (`site`)."""
    engine = make_engine(databases.new())
    try:
        with open_world(engine, folder) as world:
            world.clock.freeze()
            world.generate(FIRST, LAST, 12, bills_per_month=9, seed=1)
            money = Money(world)
            _refunds(money)
            world.books.switches.change(books)
            world.site.switches = world.site.switches.changed(site)
            outcome = Outcome()
            by_hand = _two_rounds(money, outcome)
            # How entries are booked is the reading that was played; how documents are shown is not.
            rows_of = _rows_by_document(world)
            world.books.switches.change(asdict(Switches()))
            world.site.switches = ScoroSwitches()
            _look(money, by_hand, rows_of, outcome)
            return outcome
    finally:
        engine.dispose()


def _refunds(money: Money) -> None:
    """Clients who get money back, which the generator seldom makes."""
    for net in ("100", "70"):
        invoice = money.enter(LAST, "500")
        money.receive("invoices", {invoice: None}, LAST)
        credit = money.enter(LAST, f"-{net}", credited_invoices=[invoice])
        money.receive("invoices", {credit: None}, LAST)


def _two_rounds(money: Money, outcome: Outcome) -> dict[str, int]:
    """All flows, a bank import by hand, and all flows again a day later; the invoices that were paid by hand, by the
    ids of the payments."""
    world = money.world
    for where, kind in LOST:
        lose(world, where, kind)
    lose(world, "receipts/modify", FaultKind.DROP_AFTER, at_scoro=True)
    said = _round(money, outcome)
    money.switch_export(on=True)
    said += _export(money, outcome)
    in_both = _pay_in_both(money)
    by_hand = _pay_by_hand(money, in_both)
    world.clock.advance(timedelta(hours=1))
    said += _export(money, outcome)
    world.clock.advance(timedelta(hours=1))
    said += _export(money, outcome)
    # What is stopped, in doubt or not compared yet goes on another night; in the end a night writes nothing.
    for _ in range(_MOST_NIGHTS):
        outcome.nights += 1
        world.clock.advance(timedelta(days=1))
        before = _records(money)
        tonight = _round(money, outcome) + _export(money, outcome)
        outcome.written_again = _records(money) - before
        said += tonight
        if not outcome.written_again and not any("left to the next run" in each for each in tonight):
            break
    outcome.said = "\n".join(said)
    return by_hand


def _records(money: Money) -> Counter[str]:
    """How many records both sides have, by what they are."""
    found = Counter({name: len(rows) for name, rows in money.world.books.state().items()})
    found["receipts"] = len(money.groups())
    return found


def _unpaid(money: Money) -> list[int]:
    """Invoices that nobody paid in Scoro."""
    paid = {row["invoice_id"] for group in money.groups() for row in group["receipts"] if "invoice_id" in row}
    return [
        key
        for key, record in sorted(money.world.site.records("invoices").items())
        if key not in paid and record["sum"] > 0 and not record["prepayment_sum"]
    ]


def _pay_in_both(money: Money) -> set[int]:
    """Part of two invoices is paid, and both bookkeepers enter it: there is room for a second payment of each."""
    linked = money.documents()
    invoices = _unpaid(money)[-2:]
    for key in invoices:
        currency = money.world.site.get("invoices", key)["currency"]
        money.receive("invoices", {key: "10"}, LAST)
        if str(key) in linked and currency == "EUR":
            money.pay({linked[str(key)]: "10"}, LAST)
    return set(invoices)


def _pay_by_hand(money: Money, others: Collection[int]) -> dict[str, int]:
    """A bank import in SmartAccounts: the first invoices that nobody paid in Scoro, by the ids of the payments."""
    open_there, linked = money.open_in_books(), money.documents()
    unpaid = [key for key in _unpaid(money) if key not in others and str(key) in linked]
    return {money.pay({linked[str(key)]: None}, LAST): key for key in unpaid[:3] if open_there[linked[str(key)]]}


def _round(money: Money, outcome: Outcome) -> list[str]:
    said = []
    # The quality checks are over after the first round: the documents stay as they are.
    money.world.checked = not outcome.nights
    for flow in (*DOCUMENTS, Flow.PAYMENTS):
        last = money.world.site.today() if flow is Flow.PAYMENTS else LAST
        said.append(_run(money, FIRST, last, flow, outcome))
    return said


def _export(money: Money, outcome: Outcome) -> list[str]:
    today = money.world.site.today()
    return [_run(money, today, today, Flow.EXPORT_PAYMENTS, outcome)]


def _run(money: Money, first: date, last: date, flow: Flow, outcome: Outcome) -> str:
    """What a person reads of a run; one that fails tells why, and the next is a run like any other."""
    world = money.world
    played = Played(world, world.request(first, last, flow=flow))
    outcome.unfinished.discard(flow.value)
    try:
        return render_summary(played.prepare().load())
    except PipelineError as error:
        outcome.stopped.append(f"{flow.value}: {error}")
        outcome.unfinished.add(flow.value)
        return f"STOPPED: {error}"


def _look(
    money: Money, by_hand: Mapping[str, int], rows_of: Mapping[tuple[str, str], tuple[Any, ...]], outcome: Outcome
) -> None:
    world = money.world
    state = world.books.state()
    with world.engine.connect() as connection:
        links = connection.execute(select(schema.link)).all()
        source_of = {(row.kind, row.remote_id): row.source_id for row in links}
        asked = _asked_about(connection)
        for row in connection.execute(select(schema.first_of_kind)):
            outcome.kinds[row.kind] = row.state
            if row.state == "held":
                outcome.firsts[row.flow, row.source_id] = row.kind
        outcome.told = _told(connection)
        outcome.held = _held(connection)
        for row in connection.execute(select(schema.plan.c.flow, schema.plan.c.source_id, schema.plan.c.predicted)):
            outcome.kinds_of[row.flow, row.source_id] = row.predicted.get("kinds", [])
        for row in connection.execute(select(schema.ledger_check).where(schema.ledger_check.c.verdict.in_(COMPARED))):
            if (row.kind, row.remote_id) in source_of:
                outcome.compared.add((FLOWS_OF_LINKS[row.kind], source_of[row.kind, row.remote_id]))
    seen: Counter[Any] = Counter()
    for service, kind in SERVICES.items():
        for record in state[service]:
            source_id = source_of.get((kind, record["id"]))
            if record["id"] in by_hand:
                continue
            if source_id is None:
                number = record.get("invoiceNumber") or record["id"]
                if (FLOWS_OF_LINKS[kind], number) not in asked:
                    figures = _figures(kind, record, rows_of[service, record["id"]])
                    outcome.unlinked.append((FLOWS_OF_LINKS[kind], figures))
                continue
            source = FLOWS_OF_LINKS[kind], source_id
            outcome.booked.setdefault(source, Counter())[_figures(kind, record, rows_of[service, record["id"]])] += 1
            seen[source, what_it_settles(record) if kind == "payment" else ""] += 1
    outcome.twice = [source for (source, _), count in seen.items() if count > 1]
    for group in money.groups():
        rows = tuple(sorted((row.get("invoice_id"), row["sum"]) for row in group["receipts"]))
        by_bank = {key for key, _ in rows} & set(by_hand.values())
        if by_bank:
            outcome.exported.update(by_bank)
        else:
            outcome.groups[group["date"], rows] += 1
    outcome.missing_in_scoro = [
        str(key)
        for payment, key in by_hand.items()
        if outcome.exported[key] > 1 or not (outcome.exported[key] or _is_held(outcome, payment))
    ]


def what_it_settles(payment: Mapping[str, Any]) -> str:
    """The day of a payment and its rows: two of one receipt that are alike are one payment, booked twice."""
    rows = sorted(json.dumps(row, sort_keys=True, default=str) for row in payment.get("rows", ()))
    return json.dumps([payment["date"], payment["accountName"], rows, payment.get("prepayment")], default=str)


def _figures(kind: str, record: Mapping[str, Any], rows: tuple[Any, ...]) -> tuple[Any, ...]:
    day = record["date"]
    if kind == "payment":
        return (day, record["accountName"], Decimal(str(record["amount"])), rows)
    return (day, record["invoiceNumber"], Decimal(str(record["totalAmount"])), rows)


def _rows_by_document(world: World) -> Rows:
    """Postings in euros by account, summed, by service and id of their document."""
    world.books.switches.change({"entry_link": "id", "amounts_as_text": False, "number_as_number": False})
    found: dict[tuple[str, str], tuple[Any, ...]] = defaultdict(tuple)
    services = {"CLIENT_INVOICE": "clientinvoices", "VENDOR_INVOICE": "vendorinvoices"}
    for entry in world.books.entries():
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in entry["rows"]:
            amount = Decimal(str(row.get("debitAmount", 0))) - Decimal(str(row.get("creditAmount", 0)))
            sums[row["account"]] += amount
        service = services.get(entry["docType"], "payments")
        found[service, entry["id"]] = tuple(sorted((account, amount) for account, amount in sums.items() if amount))
    return found


_NEWEST = (
    select(schema.run_document.c.flow, schema.run_document.c.source_id, schema.run_document.c.outcome)
    .ext(distinct_on(schema.run_document.c.flow, schema.run_document.c.source_id))
    .join(schema.run, schema.run.c.run_key == schema.run_document.c.run_key)
    .order_by(schema.run_document.c.flow, schema.run_document.c.source_id, schema.run.c.started_at.desc())
)


def _told(connection: Connection) -> dict[Source, Counter[str]]:
    found: dict[Source, Counter[str]] = defaultdict(Counter)
    for table in (schema.quarantine, schema.waiting, schema.finding):
        for row in connection.execute(select(table.c.flow, table.c.source_id, table.c.code).distinct()):
            found[row.flow, row.source_id][row.code] += 1
    for row in connection.execute(select(schema.plan.c.flow, schema.plan.c.source_id, schema.plan.c.warnings)):
        for warning in row.warnings:
            found[row.flow, row.source_id][warning["key"]] += 1
    for row in connection.execute(select(schema.later_change)):
        found[row.flow, row.source_id][row.kind] += 1
    return found


def _held(connection: Connection) -> dict[Source, set[str]]:
    """Why documents are not in the books in the end: open cases, what they wait for, answers that were lost."""
    found: dict[Source, set[str]] = defaultdict(set)
    is_open = schema.quarantine.c.state == "open"
    for rows in (select(schema.quarantine).where(is_open), select(schema.waiting)):
        for row in connection.execute(rows):
            found[row.flow, row.source_id].add(row.code)
    for row in connection.execute(_NEWEST):
        if row.outcome in LEFT:
            found[row.flow, row.source_id].add(row.outcome)
    return found


def _is_held(outcome: Outcome, payment: str) -> bool:
    flow = Flow.EXPORT_PAYMENTS.value
    return flow in outcome.unfinished or bool(outcome.held.get((flow, payment)))


def _asked_about(connection: Connection) -> set[tuple[str, str]]:
    """Flows and numbers of which a person reads that the books hold them otherwise than Scoro."""
    rows = connection.execute(select(schema.quarantine).where(schema.quarantine.c.code == "partial_match"))
    return {(row.flow, row.reason["values"]["document"]["values"]["number"]) for row in rows}


def wrong_in_silence(found: Outcome, usual: Outcome) -> list[str]:
    """What nobody is told of.

    Other figures than those of the usual month need a reason that is about figures, beyond what the usual month tells
    of the document; what is missing needs one that holds it back, or a last run of its flow that said that it stopped:
    the next takes it. Where the ledger may not be read, each run says so, and the warning of each kind stays.
    """
    wrong = [f"stands twice: {source}" for source in found.twice]
    wrong += [f"no link knows: {record}" for record in found.unlinked if not _is_asked_about(found, usual, *record)]
    wrong += [f"written each night: {record}" for record in found.written_again]
    wrong += [f"not once in Scoro: the payment of {invoice}" for invoice in found.missing_in_scoro]
    off: Counter[str] = Counter()
    for source in sorted(found.booked.keys() | usual.booked.keys()):
        there, here = found.booked.get(source, Counter()), usual.booked.get(source, Counter())
        if there - here:
            is_told = bool(_reasons_of_figures(found, usual, source))
            off.update(_kinds_of_posting(found, source, there - here, here - there))
        else:
            is_told = there == here or source[0] in found.unfinished or source in found.held
        if not is_told:
            wrong.append(f"{source}: {dict(there)} instead of {dict(here)}")
    if not _is_unread(found):
        wrong += [f"more than the first {kind} is off" for kind, count in off.items() if count > 1]
    if found.groups != usual.groups:
        wrong.append(f"in Scoro: {dict(found.groups - usual.groups)} instead of {dict(usual.groups - found.groups)}")
    return wrong


def too_empty(found: Outcome, usual: Outcome) -> list[str]:
    """Where a month has less than half of the usual one, it says little."""
    counts = {
        "booked": (len(found.booked), len(usual.booked)),
        "compared with the ledger": (len(found.compared), len(usual.compared)),
    }
    return [f"only {there} of {here} are {what}" for what, (there, here) in counts.items() if 2 * there < here]


def _is_asked_about(found: Outcome, usual: Outcome, flow: str, figures: Any) -> bool:
    """Whether a person is asked if what no link knows is a document that is not booked otherwise."""
    return any(
        source[0] == flow and "possible_duplicate" in why and source not in found.booked
        for source, why in found.held.items()
        if figures[:-1] in {each[:-1] for each in usual.booked.get(source, ())}
    )


def _is_unread(found: Outcome) -> bool:
    return "LEDGER: not compared" in found.said


def _reasons_of_figures(found: Outcome, usual: Outcome, source: Source) -> set[str]:
    told = found.told.get(source, Counter())
    reasons = (told - usual.told.get(source, Counter())).keys() & OF_FIGURES
    if _is_unread(found):
        reasons |= told.keys() & {"first_of_kind"}
    return reasons


def _kinds_of_posting(found: Outcome, source: Source, more: Counter[Any], less: Counter[Any]) -> Collection[str]:
    """The kinds of a document whose posting alone is off, by more than the cents of prices that were rounded, which are
    told of each document and belong to no kind. What was the first of one kind and stopped that is no example
    of its other kinds."""
    if {figures[:-1] for figures in more} != {figures[:-1] for figures in less}:
        return ()
    if source[0] != Flow.PAYMENTS.value and _is_of_cents(more, less):
        return ()
    return [found.firsts[source]] if source in found.firsts else found.kinds_of.get(source, ())


def _is_of_cents(more: Counter[Any], less: Counter[Any]) -> bool:
    """Whether the rows of two postings differ by no more than some cents in all."""
    off: Counter[str] = Counter()
    for postings, sign in ((more, 1), (less, -1)):
        for *_, rows in postings.elements():
            for account, amount in rows:
                off[account] += sign * amount
    return sum(map(abs, off.values())) <= _CENTS_OF_PRICES
