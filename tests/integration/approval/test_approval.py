"""Room approval. The accountant decides: what is asked, what an answer does, what is sent of it, and what nobody
answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.approval import words
from scoro_smartaccounts.approval.questions import (
    alert_is_due,
)
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.report.document import Verdict
from scoro_smartaccounts.report.listed import list_documents
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.days_to_import import Days
from scoro_smartaccounts.staging.schema import approval, intent, question, run
from scoro_smartaccounts.staging.waiting import list_waiting
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import CANARIES
from tests.integration.office import DAY, NEXT, Killed, Office, line
from tests.integration.world import booked
from tests.told import told


def test_planning_asks_and_sends_nothing(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.money.enter(NEXT, "50")
    summary = office.plan()
    assert office.world.writes() == []
    assert summary["documents"]["planned"] == 2
    assert summary["to_approve"] == 2
    assert "planned" in render_summary(summary)
    key = office.ask()
    assert len(office.numbers(key)) == 2
    text = words.body(office.seen[key])
    assert "Näidis 19000022 OÜ" in text
    assert "net · KM-ta 150.00, VAT · KM 36.00, total · kokku 186.00" in text
    assert "KM kood 24: 36.00 EUR" in text
    assert "client" in text
    assert office.world.writes() == []


def test_a_question_tells_what_is_worth_a_look(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.money.enter(DAY, "200", lines=[line("200") | {"product_name": "Töö 🙂"}])
    office.plan(DAY, DAY)
    key = office.ask()
    plain, odd = office.seen[key]
    text = words.body([plain, odd]).partition("Worth a look")[2]
    assert odd.warnings
    assert "characters that SmartAccounts does not take were replaced" in text
    assert f"- {plain.number}:" not in text


def test_what_is_approved_is_booked_as_it_was_shown_to_the_byte(office: Office) -> None:
    office.world.checked = True
    office.world.generate(DAY, date(2026, 1, 20), 120, seed=11, bad=0.1)
    office.plan(DAY, date(2026, 1, 20), key="import_sales_invoices/asks")
    key = office.ask()
    shown = office.seen[key]
    assert len(shown) > 20
    assert _as_listed(office, "import_sales_invoices/asks") == {
        document.source_id: (document.net, document.vat, document.total, bool(document.creates)) for document in shown
    }
    with office.world.engine.begin() as connection:
        plans = {row.source_id: row.plan for row in connection.execute(select(approval))}
    office.answer(key)
    counts = office.release(key)
    assert counts == {"created": len(shown)}, office.notes(key)
    rows = office.world.invoices()
    assert len(rows) == len(shown)
    assert booked(rows, "totalAmount") == sum((document.total for document in shown), Decimal(0))
    assert booked(rows, "amount") == sum((document.net or 0 for document in shown), Decimal(0))
    assert booked(rows, "vatAmount") == sum((document.vat or 0 for document in shown), Decimal(0))
    with office.world.engine.begin() as connection:
        sent = {
            row.source_id: row.payload
            for row in connection.execute(select(intent).where(intent.c.kind == "sales_invoice"))
        }
    assert sent.keys() == plans.keys()
    for source_id, payload in sent.items():
        body, approved = json.loads(payload), json.loads(plans[source_id]["payload"])
        for reference in ("clientId", "baseForCreditInvoiceId"):
            assert body.pop(reference, None) or reference != "clientId"
            approved.pop(reference, None)
        assert json.dumps(body) == json.dumps(approved)
    assert set(office.states().values()) == {"done"}


def _as_listed(office: Office, run_key: str) -> dict[str, Any]:
    """What the list of a planning run says of the documents that would be created."""
    request = office.world.request(DAY, date(2026, 1, 20), mode=Mode.APPROVE, key=run_key)
    with office.world.engine.begin() as connection:
        return {
            row.source_id: (row.net, row.vat, row.total, row.creates_partner or bool(row.new_articles))
            for row in list_documents(connection, request)
            if row.verdict is Verdict.CREATE
        }


def test_documents_that_are_left_out_are_not_booked_nor_asked_about_again(office: Office) -> None:
    first, second = (str(office.money.enter(DAY, net)) for net in ("100", "200"))
    office.plan_yesterday()
    office.plan(DAY, DAY)
    key = office.ask()
    kept, left = office.numbers(key)
    assert office.answer(key, but=(left,)) == {"approved": 1, "declined": 1}
    office.release(key)
    assert office.states() == {first: "done", second: "declined"}
    assert office.proposal() is None
    office.world.clock.advance(timedelta(days=1))
    assert office.plan_yesterday()["to_approve"] == 0
    summary = office.plan(DAY, DAY)
    assert summary["documents"]["declined"] == 1
    assert "declined" in render_summary(summary)
    assert office.numbers(office.ask()) == []
    # A person who names the days is asked again.
    assert office.plan(DAY, DAY, is_range=True)["to_approve"] == 1
    assert office.numbers(office.ask()) == [left]
    assert kept != left


def test_what_was_declined_is_not_booked_by_a_schedule_that_imports_from_now_on(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan_yesterday()
    office.plan(DAY, DAY)
    office.approve(approve=False)
    office.world.clock.advance(timedelta(days=1))
    office.world.run(date(2026, 1, 14), date(2026, 1, 14), kind=RunKind.SCHEDULED)
    assert office.world.invoices() == []
    # A person who names its day takes it.
    office.world.run(DAY, DAY, is_range=True)
    assert len(office.world.invoices()) == 1


def test_what_is_gone_or_dismissed_is_not_asked_about_any_more(office: Office) -> None:
    deleted, dismissed, kept = (office.money.enter(DAY, net) for net in ("100", "200", "300"))
    office.plan(DAY, DAY)
    key = office.ask()
    office.world.site.delete("invoices", deleted)
    office.world.site.modify("invoices", dismissed, {"lines": []})
    office.world.checked = True
    office.plan(DAY, DAY)
    office.world.checked = False
    assert not office.is_superseded(key)
    with office.world.engine.begin() as connection:
        cases.dismiss(connection, office.world.company.key, [f"id:{dismissed}"], "ei kanta")
    assert office.is_superseded(key) is False
    assert len(office.numbers(key)) == 1
    assert office.answer(key) == {"approved": 1, "declined": 0}
    assert office.release(key) == {"created": 1}
    assert office.states() == {str(deleted): "changed", str(dismissed): "changed", str(kept): "done"}
    assert office.proposal() == Days(NEXT, NEXT)


def test_a_question_about_what_was_booked_meanwhile_ends(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    assert not office.is_superseded(key)
    office.world.run(DAY, DAY)
    assert office.is_superseded(key)


def test_a_declined_document_is_asked_about_again_once_it_changed(office: Office) -> None:
    document = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.approve(approve=False)
    assert office.world.writes() == []
    office.world.site.modify("invoices", document, {"lines": [line("120")]})
    assert office.plan(DAY, DAY)["to_approve"] == 1
    assert office.approve() == {"created": 1}
    assert booked(office.world.invoices(), "totalAmount") == Decimal("148.80")


def test_a_document_changed_in_scoro_is_refused_with_the_difference_and_the_rest_is_booked(office: Office) -> None:
    changed, kept, deleted, moved = (office.money.enter(DAY, net) for net in ("100", "200", "300", "400"))
    office.plan()
    key = office.ask()
    office.answer(key)
    office.world.site.modify("invoices", changed, {"lines": [line("120")]})
    office.world.site.modify("invoices", moved, {"deadline": "2026-02-28"})
    office.world.site.delete("invoices", deleted)
    assert office.release(key) == {"created": 1, "plan_changed": 2, "deleted": 1}
    assert len(office.world.invoices()) == 1
    notes = office.notes(key)
    assert "totalAmount: 124.00 → 148.80" in notes[str(changed)]
    assert "dueDate: 12.01.2026 → 28.02.2026" in notes[str(moved)]
    assert "deleted in Scoro" in notes[str(deleted)]
    assert office.states()[str(kept)] == "done"
    # Not booked, so its day is still to be imported; the next plan asks about it as it is now.
    assert office.proposal() == Days(DAY, DAY)
    assert office.plan()["to_approve"] == 2
    assert office.approve()["created"] == 2
    assert office.proposal() is None


def test_a_client_entered_by_hand_meanwhile_is_a_difference(office: Office) -> None:
    theirs = office.money.enter(DAY, "100", partner=office.money.partner("19000022"))
    other = office.money.enter(DAY, "200", partner=office.money.partner("19000099"))
    office.plan()
    key = office.ask()
    office.answer(key)
    office.world.clock.advance(timedelta(hours=1))
    office.world.books.seed("purchasesales/clients", {"name": "NÄIDIS 19000022", "regCode": "19000022", "vatPc": "24"})
    assert office.release(key) == {"created": 1, "plan_changed": 1}
    assert "it is in SmartAccounts by now" in office.notes(key)[str(theirs)]
    assert office.states()[str(other)] == "done"
    office.plan()
    assert office.approve()["created"] == 1
    assert len(office.world.books.state()["clients"]) == 2


def test_two_documents_of_one_new_client_may_be_approved_one_after_the_other(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    first = office.ask()
    office.answer(first)
    office.money.enter(NEXT, "200")
    office.plan(NEXT, NEXT)
    second = office.ask()
    office.answer(second)
    assert sorted([*office.release(second).items(), *office.release(first).items()]) == [("created", 2)]
    assert len(office.world.books.state()["clients"]) == 1


def test_an_invoice_booked_by_hand_meanwhile_is_recognised(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan()
    key = office.ask()
    office.answer(key)
    office.world.run(DAY, DAY)
    assert office.release(key).get("created", 0) == 0
    assert len(office.world.invoices()) == 1
    assert office.is_superseded(key)


@pytest.mark.slow
def test_twenty_unanswered_days_block_nothing_and_leave_one_question(office: Office) -> None:
    world = office.world
    keys = []
    for number in range(20):
        day = DAY + timedelta(days=number)
        office.money.enter(day, str(100 + number))
        world.clock.set(datetime(day.year, day.month, day.day, 0, 5, tzinfo=TALLINN) + timedelta(days=1))
        summary = office.plan_yesterday()
        assert summary["missing_steps"] == ["check"]
        assert summary["documents"]["planned"] == number + 1
        assert summary["to_approve"] >= 1
        keys.append(office.ask())
        assert len(office.numbers(keys[-1])) == number + 1
    assert world.writes() == []
    assert [office.is_superseded(key) for key in keys] == [True] * 19 + [False]
    with world.engine.begin() as connection:
        states = connection.execute(select(question.c.state, func.count()).group_by(question.c.state)).all()
        unfinished = connection.execute(select(run.c.run_key).where(run.c.finished_at.is_(None))).all()
    assert dict(tuple(row) for row in states) == {"superseded": 19, "open": 1}
    assert unfinished == []
    assert office.proposal() == Days(DAY, DAY + timedelta(days=19))
    # An old question that is answered after all decides nothing.
    assert office.answer(keys[3]) == {"approved": 0, "declined": 0}
    assert office.release(keys[3]) == {}
    office.answer(keys[-1])
    assert office.release(keys[-1]) == {"created": 20}
    assert office.proposal() is None


def test_without_anything_new_nothing_is_asked_again(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    assert office.plan(DAY, DAY)["to_approve"] == 0
    assert office.numbers(office.ask()) == []
    assert not office.is_superseded(key)
    assert office.answer(key) == {"approved": 1, "declined": 0}


def test_a_run_that_asks_may_be_repeated(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    office.asked -= 1
    assert office.ask() == key
    assert len(office.numbers(key)) == 1


def test_the_alert_comes_once_after_its_time(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()

    def is_due() -> bool:
        with office.world.engine.begin() as connection:
            now = office.world.clock.now()
            return alert_is_due(connection, office.world.company.key, key, now, after_hours=24)

    assert not is_due()
    office.world.clock.advance(timedelta(hours=23))
    assert not is_due()
    office.world.clock.advance(timedelta(hours=1))
    assert [is_due(), is_due()] == [True, False]


def test_an_answer_about_a_document_that_was_not_shown_changes_nothing(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    stranger = replace(office.seen[key][0], number="2026999", source_id="999")
    with pytest.raises(ConfigurationError, match="not among the documents"):
        office.answer(key, but=("2026999",), picked=[stranger])
    assert set(office.states().values()) == {"asked"}


def test_no_private_person_is_named(office: Office) -> None:
    person = office.money.person()
    office.money.enter(DAY, "100", partner=person)
    summary = office.plan(DAY, DAY)
    key = office.ask()
    text = "".join(
        (words.subject("Näidis OÜ", office.seen[key]), words.body(office.seen[key]), render_summary(summary))
    )
    assert f"Scoro kontakt {person}" in text
    assert not [canary for canary in CANARIES if canary in text]
    office.world.site.modify("contacts", person, {"lastname": f"{CANARIES[1]}-Uus"})
    office.answer(key)
    office.release(key)
    assert not [canary for canary in CANARIES if canary in " ".join(office.notes(key).values())]


def test_a_credit_invoice_is_approved_with_its_base(office: Office) -> None:
    base = office.money.enter(DAY, "100")
    office.money.enter(NEXT, "-40", credited_invoices=[base])
    office.plan()
    key = office.ask()
    assert "kokku 74.40" in words.body(office.seen[key])
    office.answer(key)
    assert office.release(key) == {"created": 2}
    assert booked(office.world.invoices(), "totalAmount") == Decimal("74.40")


def test_a_credit_invoice_of_a_declined_invoice_may_be_dismissed(office: Office) -> None:
    """The wrong invoice and what sets it off: neither is wanted."""
    base = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.approve(approve=False)
    credit = office.money.enter(NEXT, "-100", credited_invoices=[base])
    assert office.plan(NEXT, NEXT)["to_approve"] == 0
    engine, company = office.world.engine, office.world.company.key
    with engine.begin() as connection:
        [wait] = list_waiting(connection, company)
        assert "dismiss the credit invoice" in told(wait.reason)
        [case] = cases.dismiss(connection, company, [f"id:{credit}"], "both are wrong")
    assert (case.reason.code, case.state) == ("base_not_booked", "dismissed")
    office.world.clock.advance(timedelta(days=1))
    office.plan_yesterday()
    office.plan(NEXT, NEXT)
    with engine.begin() as connection:
        assert list_waiting(connection, company) == []
        assert [case.state for case in cases.list_cases(connection, company, ["open", "dismissed"])] == ["dismissed"]
    assert office.numbers(office.ask()) == []


def test_a_credit_invoice_whose_base_was_declined_waits_and_is_approved_no_more(office: Office) -> None:
    base = office.money.enter(DAY, "100")
    credit = office.money.enter(NEXT, "-40", credited_invoices=[base])
    office.plan()
    key = office.ask()
    number = next(document.number for document in office.seen[key] if document.source_id == str(base))
    office.answer(key, but=(number,))
    assert office.release(key) == {"waiting": 1}
    assert f"waits for the invoice {number} of 12.01.2026 that it credits: the accountant declined that one" in (
        "".join(office.summary(key)["waiting"])
    )
    assert office.states() == {str(base): "declined", str(credit): "changed"}
    assert office.proposal() is None
    # Later plans start nothing for it, and go on telling.
    for _ in range(2):
        office.world.clock.advance(timedelta(days=1))
        summary = office.plan_yesterday()
        assert (summary["to_approve"], summary["approved_unsent"], summary["documents"]["waiting"]) == (0, 0, 1)
    assert office.release(office.ask()) == {}
    with office.world.engine.connect() as connection:
        [waits] = list_waiting(connection, office.world.company.key)
    assert (waits.source_id, "the accountant declined that one" in told(waits.reason)) == (str(credit), True)
    # Once its base is in the books, it is asked about again.
    office.plan(DAY, DAY, is_range=True)
    assert office.approve() == {"created": 1}
    office.world.clock.advance(timedelta(days=1))
    assert office.plan_yesterday()["to_approve"] == 1
    assert office.approve() == {"created": 1}
    assert booked(office.world.invoices(), "totalAmount") == Decimal("74.40")


def test_a_credit_invoice_is_asked_about_together_with_its_declined_base(office: Office) -> None:
    base = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.approve(approve=False)
    office.money.enter(NEXT, "-40", credited_invoices=[base])
    assert office.plan(NEXT, NEXT)["to_approve"] == 0
    assert office.plan(is_range=True)["to_approve"] == 2
    assert office.approve() == {"created": 2}
    with office.world.engine.connect() as connection:
        assert list_waiting(connection, office.world.company.key) == []


@pytest.mark.parametrize("flow", [Flow.PURCHASE_INVOICES, Flow.PAYMENTS])
def test_bills_and_payments_are_approved_alike(office: Office, flow: Flow) -> None:
    bills = [office.money.enter(DAY, net, flow=Flow.PURCHASE_INVOICES) for net in ("100", "200")]
    if flow is Flow.PAYMENTS:
        office.money.import_documents(DAY, DAY, Flow.PURCHASE_INVOICES)
        for bill in bills:
            office.money.receive("bills", {bill: "50.00"}, NEXT)
    before = len(office.world.writes())
    office.plan(flow=flow)
    key = office.ask()
    assert len(office.world.writes()) == before
    first, second = office.numbers(key)
    office.answer(key, but=(second,))
    assert office.release(key, flow) == {"created": 1}
    rows = office.world.bills() if flow is Flow.PURCHASE_INVOICES else office.money.payments()
    assert len(rows) == 1
    assert first != second


def test_a_payment_whose_document_was_paid_otherwise_is_refused(office: Office) -> None:
    invoice = office.money.enter(DAY, "100")
    office.money.import_documents(DAY, DAY)
    office.money.receive("invoices", {invoice: "124.00"}, NEXT)
    office.plan(flow=Flow.PAYMENTS)
    key = office.ask()
    office.answer(key)
    office.world.clock.advance(timedelta(hours=1))
    office.money.pay({office.money.remote(invoice): "60.00"}, NEXT)
    assert "created" not in office.release(key, Flow.PAYMENTS)
    assert len(office.money.payments()) == 1


def _write_that(dies_at: int, *, before: bool) -> Callable[..., Any]:
    real = SmartAccountsClient.write
    calls = iter(range(1000))

    def write(self: SmartAccountsClient, *arguments: Any, **named: Any) -> Any:
        number = next(calls)
        if number == dies_at and before:
            raise Killed
        answer = real(self, *arguments, **named)
        if number == dies_at:
            raise Killed
        return answer

    return write


@pytest.mark.parametrize("before", [True, False])
def test_booking_may_die_at_every_write_and_is_repeated(
    office: Office, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for net in ("100", "200", "300"):
        office.money.enter(DAY, net)
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)
    for dies_at in range(6):
        with monkeypatch.context() as patch:
            patch.setattr(SmartAccountsClient, "write", _write_that(dies_at, before=before))
            try:
                office.release(key)
            except Killed:
                office.world.clock.advance(timedelta(hours=1))
                continue
            break
    for _ in range(2):
        office.world.clock.advance(timedelta(hours=1))
        office.release(key)
    assert sorted(row["totalAmount"] for row in office.world.invoices()) == [124, 248, 372]
    assert len(office.world.books.state()["clients"]) == 1
    assert set(office.states().values()) == {"done"}
    assert office.proposal() == Days(NEXT, NEXT)


def test_a_refused_document_is_not_asked_about_until_it_changes(office: Office) -> None:
    document = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=400))
    assert office.approve() == {"quarantined": 1}
    office.world.clock.advance(timedelta(days=1))
    summary = office.plan_yesterday()
    assert (summary["to_approve"], summary["documents"]["quarantined"]) == (0, 1)
    office.world.site.modify("invoices", document, {"lines": [line("120")]})
    assert office.plan(DAY, DAY)["to_approve"] == 1
    assert office.approve() == {"created": 1}


def test_what_another_run_books_is_not_asked_about(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    office.world.run(DAY, DAY)
    assert office.numbers(office.ask()) == []
    assert office.is_superseded(key)
    assert office.answer(key) == {"approved": 0, "declined": 0}
    assert len(office.world.invoices()) == 1


def test_all_steps_of_a_planning_run_may_be_repeated(office: Office) -> None:
    office.money.enter(DAY, "100")
    request = office.world.request(DAY, DAY, mode=Mode.APPROVE)
    services = office.world.services(request)
    for step in (pipeline.extract, pipeline.reconcile_and_plan, pipeline.load, pipeline.load, pipeline.extract):
        step(request, services)
    for step in (pipeline.reconcile_and_plan, pipeline.load):
        step(request, services)
    assert pipeline.summarize(request, services)["to_approve"] == 1
    assert len(office.numbers(office.ask())) == 1
