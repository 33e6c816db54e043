"""Room approval. Approval when something happens in between: cleared questions, dead ones, other runs, switched
modes."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

import pytest
from sqlalchemy import update

from scoro_smartaccounts.approval import release as releases
from scoro_smartaccounts.approval import words
from scoro_smartaccounts.approval.questions import alert_is_due
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.flow_steps import STEPS
from scoro_smartaccounts.load.documents import load as load_documents
from scoro_smartaccounts.staging.days_to_import import Days
from scoro_smartaccounts.staging.quarantine import list_cases
from scoro_smartaccounts.staging.schema import run
from tests.integration.office import DAY, NEXT, SALES, Killed, Office, line
from tests.told import case_of

BILLS = Flow.PURCHASE_INVOICES


def test_a_question_that_is_asked_again_is_about_nothing_more(office: Office) -> None:
    """Airflow goes on showing what the task showed first, also after it was cleared."""
    shown = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    unseen = office.money.enter(NEXT, "9999")
    office.plan(NEXT, NEXT)
    office.asked -= 1
    assert office.ask() == key
    assert [document.source_id for document in office.seen[key]] == [str(shown)]
    office.answer(key)
    assert office.release(key) == {"created": 1}
    assert office.states() == {str(shown): "done", str(unseen): "planned"}
    assert [document.source_id for document in office.seen[office.ask()]] == [str(unseen)]


def test_days_that_were_not_over_when_they_were_read_are_not_imported(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, date(2026, 1, 31), is_range=True)
    with office.world.engine.begin() as connection:
        # The database has no clock that a test moves.
        connection.execute(update(run).values(started_at=office.world.clock.now()))
    key = office.ask()
    office.world.clock.set(datetime(2026, 2, 2, 9, tzinfo=TALLINN).astimezone(UTC))
    office.money.enter(date(2026, 1, 20), "999")
    office.answer(key)
    office.release(key)
    assert office.proposal() == Days(date(2026, 1, 14), date(2026, 2, 1))


def test_a_run_by_hand_takes_over_from_a_dead_question(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    dead = office.ask()
    assert office.plan(DAY, DAY)["to_approve"] == 0
    again = office.ask(take_over=True)
    assert len(office.numbers(again)) == 1
    assert office.is_superseded(dead)


def test_a_schedule_asks_again_when_nobody_answered_for_long(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.ask()
    office.world.clock.advance(timedelta(hours=23))
    assert office.plan(DAY, DAY)["to_approve"] == 0
    office.world.clock.advance(timedelta(hours=1))
    assert office.plan(DAY, DAY)["to_approve"] == 1
    assert len(office.numbers(office.ask())) == 1


@pytest.mark.parametrize("hours", [24, 48])
def test_the_alert_comes_though_every_day_has_its_question(office: Office, hours: int) -> None:
    alerts = []
    for number in range(5):
        day = DAY + timedelta(days=number)
        office.money.enter(day, str(100 + number))
        office.world.clock.set(datetime(day.year, day.month, day.day, 0, 5, tzinfo=TALLINN) + timedelta(days=1))
        office.plan_yesterday()
        key = office.ask()
        for _ in range(23):
            office.world.clock.advance(timedelta(hours=1))
            with office.world.engine.begin() as connection:
                now = office.world.clock.now()
                if alert_is_due(connection, office.world.company.key, key, now, after_hours=hours):
                    alerts.append(number)
    # Once a question, from when the first document has waited for so long.
    assert alerts == list(range(hours // 24, 5))


def test_a_rejected_document_is_not_booked_by_a_later_schedule(office: Office) -> None:
    office.money.enter(NEXT, "100")
    office.plan_yesterday()
    office.approve(approve=False)
    office.world.clock.advance(timedelta(days=1))
    office.plan_yesterday()
    office.world.clock.advance(timedelta(days=2))
    office.world.run(date(2026, 1, 16), date(2026, 1, 16), kind=RunKind.SCHEDULED)
    assert office.world.invoices() == []


@pytest.mark.parametrize("dismissed", [False, True])
def test_an_approved_document_that_went_to_quarantine_is_not_approved_any_more(
    office: Office,
    dismissed: bool,
) -> None:
    first = office.money.enter(DAY, "100", flow=BILLS, no="SAMA-1")
    office.plan(DAY, NEXT, flow=BILLS)
    key = office.ask()
    office.answer(key)
    office.money.enter(NEXT, "100", flow=BILLS, no="SAMA-1")
    office.world.checked = True
    office.plan(DAY, NEXT, flow=BILLS)
    assert len(office.money.cases()) == 2
    if dismissed:
        office.money.dismiss(first)
    assert office.release(key, BILLS) == {"dismissed" if dismissed else "quarantined": 1}
    assert "SAMA-1" in office.notes(key, BILLS)[str(first)]
    assert office.states()[str(first)] == "changed"
    assert office.world.bills() == []


def test_a_new_client_is_created_as_it_was_shown_or_not_at_all(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the comparison and the sending another run plans again."""
    partner = office.money.partner("19000022")
    office.money.enter(DAY, "100", partner=partner)
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)

    def load(request: Any, services: Any) -> Any:
        office.world.site.modify("contacts", partner, {"name": "Hoopis Teine OÜ"})
        office.world.run(DAY, DAY, mode=Mode.PREVIEW)
        return load_documents(request, services)

    with monkeypatch.context() as patch:
        patch.setattr(releases, "STEPS", {**STEPS, SALES: replace(STEPS[SALES], load=load)})
        assert office.release(key) == {"not_sent": 1}
    assert office.world.books.state()["clients"] == []
    assert office.release("approve_plans/later") == {"plan_changed": 1}
    assert "the details of contact" in office.notes("approve_plans/later").popitem()[1]


def test_an_older_run_ends_no_newer_approval(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run books, a document that it refused is planned, asked about and approved anew."""
    changed = office.money.enter(DAY, "100")
    office.money.enter(DAY, "200")
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)
    office.world.site.modify("invoices", changed, {"lines": [line("120")]})

    def load(request: Any, services: Any) -> Any:
        office.plan(DAY, DAY)
        office.answer(office.ask())
        return load_documents(request, services)

    with monkeypatch.context() as patch:
        patch.setattr(releases, "STEPS", {**STEPS, SALES: replace(STEPS[SALES], load=load)})
        office.release(key)
    assert office.states()[str(changed)] == "approved"
    assert office.release("approve_plans/later") == {"created": 1}


def test_a_release_that_died_is_repeated_without_what_was_planned_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = office.money.enter(DAY, "100")
    office.money.enter(DAY, "200")
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)

    def die(*_: Any) -> NoReturn:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(releases, "STEPS", {**STEPS, SALES: replace(STEPS[SALES], plan=die)})
        with pytest.raises(Killed):
            office.release(key)
    office.world.site.modify("invoices", changed, {"lines": [line("150")]})
    office.world.clock.advance(timedelta(minutes=30))
    office.plan(DAY, DAY, is_range=True)
    assert office.release(key)["created"] == 1
    assert office.states()[str(changed)] == "planned"
    office.answer(office.ask())
    assert office.release("approve_plans/later") == {"created": 1}


def test_two_runs_may_book_at_once(office: Office) -> None:
    for number in range(6):
        office.money.enter(DAY, str(100 + number), partner=office.money.partner(f"190000{22 + 11 * (number % 2)}"))
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)
    threads = [threading.Thread(target=office.release, args=(name,)) for name in (key, "approve_plans/other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(office.world.invoices()) == 6
    assert len(office.world.books.state()["clients"]) == 2
    assert set(office.states().values()) == {"done"}


def test_a_question_shows_the_day_that_is_booked(office: Office) -> None:
    document = office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    office.world.site.modify("invoices", document, {"date": "2026-01-13", "deadline": "2026-01-13"})
    office.world.run(NEXT, NEXT, mode=Mode.PREVIEW)
    [shown] = office.seen[office.ask()]
    assert shown.day == DAY


def test_the_log_says_how_many_wait(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.money.enter(DAY, "100")
    with caplog.at_level(logging.INFO):
        office.plan(DAY, DAY)
    assert "nothing was sent. Documents that wait for the accountant: 1, to be asked about: 1." in caplog.text


def test_a_deleted_document_that_comes_back_is_asked_about_again(office: Office) -> None:
    made = office.money.enter(NEXT, "100")
    office.plan_yesterday()
    key = office.ask()
    office.answer(key)
    office.world.site.delete("invoices", made)
    assert office.release(key) == {"deleted": 1}
    office.world.site.records("invoices")[made]["is_deleted"] = 0
    office.world.site.modify("invoices", made, {"deadline": "2026-01-20"})
    office.world.clock.advance(timedelta(days=1))
    assert office.plan_yesterday()["to_approve"] == 1
    assert office.approve() == {"created": 1}


@pytest.mark.parametrize(
    "number",
    [
        "12 (Scoro invoice 7)",
        "A|B [x](http://e.ee) <b>",
        "12 **x**",
        "www.evil.example/a",
        "https&colon;//e.ee arve@e.ee",
        "~~1~~ &lt;b&gt; $x$",
        "1, 12.01.2026, 5.00 EUR (Scoro bill 1)",
    ],
)
def test_a_number_is_text_whatever_it_looks_like(office: Office, number: str) -> None:
    office.money.enter(DAY, "10", flow=BILLS, no=number)
    office.plan(DAY, DAY, flow=BILLS)
    [shown] = office.seen[office.ask()]
    assert words.document_of(shown.label) == (BILLS, shown.source_id)
    assert "\n" not in shown.label
    text = words.body([shown])
    for active in ("[x](", "http://", "www.", "&colon;", "e@", "~~", "<b>", "**x**"):
        assert active not in text


def test_a_number_of_two_lines_is_asked_about_by_nobody_and_put_aside(office: Office) -> None:
    office.money.enter(DAY, "10", flow=BILLS, no="1\n2 **x**")
    office.plan(DAY, DAY, flow=BILLS)
    assert office.seen[office.ask()] == []
    with office.world.engine.connect() as connection:
        [case] = list_cases(connection, office.world.company.key, {"open"})
    assert (case.flow, case.reason.code) == (BILLS, "unreadable")


def test_a_warning_is_shown_however_long_the_list_is(office: Office) -> None:
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    [one] = office.seen[office.ask()]
    many = [replace(one, source_id=str(number), number=str(number)) for number in range(300)]
    many[250] = replace(many[250], warnings=(case_of("note", "12.00 is overpaid."),))
    assert "250: 12.00 is overpaid" in words.body(many)


def test_a_run_that_books_tells_of_no_missing_step(office: Office) -> None:
    office.world.checked = True
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)
    office.release(key)
    assert office.summary(key, SALES)["missing_steps"] == []
