"""Room matching/partners. What a person has still to decide holds up the documents that need it, and nothing else;
decided, they go through."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render, system_of
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.reconcile_ids.propose import propose_links
from scoro_smartaccounts.reconcile_ids.registers import read_registers
from scoro_smartaccounts.report.document import How
from scoro_smartaccounts.report.listed import Verdict, list_documents
from scoro_smartaccounts.staging.schema import link, quarantine, waiting
from scoro_smartaccounts_sandbox.scoro.codes import registry_code
from tests.integration.first_day import ADDRESS, ARTICLES, CLIENTS, STREET, VENDORS, FirstDay, fill_in
from tests.integration.money import CANARIES, Money
from tests.integration.office import Office
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 3, 10)
CODE = registry_code(1900200)
SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
REGISTERS = {SALES: CLIENTS, PURCHASES: VENDORS}


@pytest.fixture
def day(world: World) -> FirstDay:
    world.checked = False
    return FirstDay(world)


def likely(day: FirstDay, name: str = "Põhjatäht", service: str = CLIENTS) -> tuple[str, str]:
    """A contact, client and supplier, and a record with its name and address, without a code."""
    source = day.contact(name=f"{name} OÜ", addresses=[STREET], is_supplier=1)
    return source, day.known(service, name=f"OÜ {name}", address=ADDRESS)


def bill(day: FirstDay, contact: str, flow: Flow = SALES, product: str = "0") -> str:
    """An invoice or bill of a contact; its Scoro id."""
    line = {"product_id": int(product), "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}
    when = DAY.isoformat()
    fields = {"company_id": int(contact), "date": when, "deadline": when, "lines": [line]}
    module = "invoices" if flow is SALES else "bills"
    return str(day.world.site.create(module, fields | ({"no": "H-1"} if flow is PURCHASES else {}))["id"])


def next_run(day: FirstDay, flow: Flow = SALES) -> dict[str, Any]:
    """What the schedule does the morning after: it names other days than the documents'."""
    day.world.clock.advance(timedelta(days=1))
    yesterday = tallinn_day(day.world.clock.now()) - timedelta(days=1)
    return day.world.run(yesterday, yesterday, kind=RunKind.SCHEDULED, flow=flow)


def decide(day: FirstDay, answers: dict[str, str]) -> None:
    """Answers by the record of SmartAccounts."""
    day.hand_back(fill_in(day.file(day.run()), lambda row: answers.get(str(row["SmartAccounts ID"]))))


def waits(world: World) -> dict[str, str]:
    with world.engine.connect() as connection:
        return {row.source_id: row.code for row in connection.execute(select(waiting))}


def messages(world: World) -> list[str]:
    with world.engine.connect() as connection:
        return list(map(told, connection.scalars(select(waiting.c.reason))))


def booked(world: World, flow: Flow = SALES) -> list[str]:
    """The clients or vendors of what is in the books."""
    return (
        [str(row["clientId"]) for row in world.invoices()]
        if flow is SALES
        else [str(row["vendorId"]) for row in world.bills()]
    )


# --- contacts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
@pytest.mark.parametrize("answer", ["jah", "ei"])
def test_a_document_waits_until_somebody_says_who_its_partner_is(day: FirstDay, flow: Flow, answer: str) -> None:
    world = day.world
    source, remote = likely(day, service=REGISTERS[flow])
    other = day.contact(name="Keegi Teine AS", id_code=CODE, is_supplier=1)
    document, free = bill(day, source, flow), bill(day, other, flow)
    day.run()
    summary = world.run(DAY, DAY, flow=flow)
    assert summary["documents"]["waiting"] == summary["documents"]["created"] == 1
    assert waits(world) == {document: "partner_undecided"}
    [message] = messages(world)
    what = "client" if flow is SALES else "vendor"
    assert f"contact {source} may be {what} {remote} of SmartAccounts" in message
    assert "report of reconcile_ids" in message
    assert "the page Decisions" in message
    assert message in str(summary["waiting"])
    # Nothing changes while nobody decides.
    next_run(day, flow)
    assert waits(world) == {document: "partner_undecided"}
    assert remote not in booked(world, flow)
    assert len(booked(world, flow)) == 1
    assert source not in day.links(what)

    decide(day, {remote: answer})
    summary = next_run(day, flow)
    assert summary["documents"]["created"] == 1
    assert waits(world) == {}
    linked, evidence = day.links(what)[source]
    assert (linked == remote, evidence) == ((True, "decided") if answer == "jah" else (False, "created"))
    assert booked(world, flow).count(linked) == 1
    assert len(booked(world, flow)) == 2
    assert free != document


def test_an_equal_code_of_another_name_waits_too(day: FirstDay) -> None:
    """The import by itself would link it."""
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE)
    remote = day.known(name="Hoopis Muu Nimega AS", regCode=CODE)
    document = bill(day, source)
    day.run()
    assert day.proposals()["client", source, remote] == ("likely", "open")
    day.world.run(DAY, DAY)
    assert (waits(day.world), day.links(), day.world.writes()) == ({document: "partner_undecided"}, {}, [])


def test_of_several_candidates_all_are_named(day: FirstDay) -> None:
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE)
    one, other = (day.known(name="Põhjatäht OÜ", regCode=CODE) for _ in range(2))
    document = bill(day, source)
    # Before anybody compares, the import itself asks to have them merged.
    day.world.run(DAY, DAY)
    day.run()
    next_run(day)
    assert waits(day.world) == {document: "partner_undecided"}
    assert f"may be client {' or '.join(sorted((one, other)))} of SmartAccounts" in messages(day.world)[0]
    with day.world.engine.connect() as connection:
        assert list(connection.scalars(select(quarantine.c.state))) == ["resolved"]
    decide(day, {one: "ei", other: "jah"})
    next_run(day)
    assert booked(day.world) == [other]
    assert waits(day.world) == {}


@pytest.mark.parametrize("answer", ["jah", "ei"])
def test_a_document_that_is_in_the_books_by_hand_waits_as_well(day: FirstDay, answer: str) -> None:
    """To take it for the same would say who the contact is."""
    world = day.world
    source, remote = likely(day)
    document = bill(day, source)
    [invoice] = world.live_invoices().values()
    row = {"code": day.known(ARTICLES, code="X", description="Töö", type="SERVICE"), "description": "Töö"}
    world.books.seed(
        "purchasesales/clientinvoices",
        {
            "clientId": remote,
            "invoiceNumber": str(invoice["no"]),
            "date": f"{DAY:%d.%m.%Y}",
            "currency": "EUR",
            "totalAmount": "24.80",
            "rows": [row | {"code": "X", "price": "10.00", "quantity": "2", "vatPc": "24"}],
        },
    )
    day.run()
    world.run(DAY, DAY)
    assert (waits(world), day.links()) == ({document: "partner_undecided"}, {})
    decide(day, {remote: answer})
    outcomes = next_run(day)["documents"]
    assert (outcomes["adopted"], outcomes["quarantined"]) == ((1, 0) if answer == "jah" else (0, 1))
    assert (source in day.links()) is (answer == "jah")
    assert world.writes() == []
    assert waits(world) == {}


def test_a_linked_contact_is_never_held_up(day: FirstDay) -> None:
    source, remote = likely(day)
    bill(day, source)
    day.run()
    chosen = day.known(name="Keegi Muu")
    with day.world.engine.begin() as connection:
        connection.execute(
            insert(link).values(
                company="default", kind="client", source_id=source, remote_id=chosen, evidence="x", run_key="x"
            )
        )
    day.world.clock.advance(timedelta(hours=1))
    day.world.run(DAY, DAY)
    assert booked(day.world) == [chosen]
    assert day.proposals()["client", source, remote] == ("likely", "open")


Change = Callable[[FirstDay, str, str], None]


def _renamed_here(day: FirstDay, source: str, remote: str) -> None:
    day.world.site.modify("contacts", int(source), {"name": "Hoopis Muu AS", "addresses": []})


def _renamed_there(day: FirstDay, source: str, remote: str) -> None:
    day.world.books.change(CLIENTS, remote, name="Hoopis Muu AS", address={})


def _deleted_there(day: FirstDay, source: str, remote: str) -> None:
    day.world.books.remove(CLIENTS, remote)


@pytest.mark.parametrize("change", [_renamed_here, _renamed_there, _deleted_there])
def test_a_proposal_that_nothing_speaks_for_any_more_holds_up_nothing(day: FirstDay, change: Change) -> None:
    source, remote = likely(day)
    bill(day, source)
    day.run()
    day.world.run(DAY, DAY)
    assert day.world.writes() == []
    day.world.clock.advance(timedelta(hours=1))
    change(day, source, remote)
    next_run(day)
    assert day.links()[source][1] == "created"
    assert len(booked(day.world)) == 1
    assert waits(day.world) == {}


def test_a_contact_that_was_deleted_is_no_open_question(day: FirstDay) -> None:
    source, _ = likely(day)
    bill(day, source)
    day.run()
    day.world.run(DAY, DAY)
    day.world.clock.advance(timedelta(hours=1))
    day.world.site.delete("contacts", int(source))
    next_run(day)
    with day.world.engine.connect() as connection:
        assert [row.code for row in connection.execute(select(quarantine))] == ["partner_missing"]
    assert waits(day.world) == {}


def test_no_private_person_is_named(day: FirstDay, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    first, last, _ = CANARIES
    source = day.contact(name=first, lastname=last, contact_type="person", addresses=[STREET])
    day.known(name=f"{first} {last}", address=ADDRESS)
    document = bill(day, source)
    day.run()
    summary = day.world.run(DAY, DAY)
    assert waits(day.world) == {document: "partner_undecided"}
    for text in (caplog.text, str(summary), *messages(day.world)):
        assert not any(part in text for part in CANARIES)


# --- preview and approval ---------------------------------------------------------------------------------------


def test_a_preview_shows_who_waits_for_whom_in_both_languages(day: FirstDay) -> None:
    world = day.world
    source, remote = likely(day)
    bill(day, source)
    day.run()
    request = world.request(DAY, DAY, mode=Mode.PREVIEW)
    for step in world.steps:
        step(request, world.services(request))
    with world.engine.begin() as connection:
        [item] = list_documents(connection, request)
    assert (item.verdict, item.partner.how) == (Verdict.WAITING, How.AMBIGUOUS)
    assert item.reason is not None
    assert item.reason.code == "partner_undecided"
    assert f"contact {source} may be client {remote} of SmartAccounts" in told(item.reason)
    estonian = render(item.reason, "et")
    assert f"kontakt {source} võib olla SmartAccountsi klient {remote}." in estonian
    assert "reconcile_ids" in estonian
    [file] = world.output.rglob("*.et.csv")
    assert estonian in file.read_text("utf-8-sig")
    assert waits(world) == {}
    assert world.writes() == []


def test_an_approved_document_whose_partner_was_proposed_since_is_refused(day: FirstDay) -> None:
    world = day.world
    office = Office(world, Money(world))
    source, other = (day.contact(name=f"{name} OÜ", addresses=[STREET]) for name in ("Põhjatäht", "Lõunatuul"))
    document, free = bill(day, source), bill(day, other)
    office.plan(DAY, DAY)
    key = office.ask()
    office.answer(key)
    remote = day.known(name="OÜ Põhjatäht", address=ADDRESS)
    world.clock.advance(timedelta(hours=1))
    day.run()
    assert office.release(key) == {"created": 1, "plan_changed": 1}
    assert office.states() == {document: "changed", free: "done"}
    assert f"contact {source} may be client {remote} of SmartAccounts" in office.notes(key)[document]
    assert waits(world) == {document: "partner_undecided"}
    # Planned again it still waits; decided, the accountant is asked again.
    assert office.plan(DAY, DAY)["documents"]["waiting"] == 1
    decide(day, {remote: "jah"})
    office.plan(DAY, DAY)
    assert office.approve() == {"created": 1}
    assert booked(world).count(remote) == 1


def test_a_proposal_made_between_planning_and_sending_holds_up_too(day: FirstDay) -> None:
    world = day.world
    source = day.contact(name="Põhjatäht OÜ", addresses=[STREET])
    document = bill(day, source)
    request = world.request(DAY, DAY)
    services = world.services(request)
    pipeline.extract(request, services)
    pipeline.reconcile_and_plan(request, services)
    day.known(name="OÜ Põhjatäht", address=ADDRESS)
    world.clock.advance(timedelta(minutes=10))
    day.run()
    pipeline.load(request, services)
    assert waits(world) == {document: "partner_undecided"}
    assert world.writes() == []
    assert world.outcomes()[document] == "waiting"


# --- payments ---------------------------------------------------------------------------------------------------


def test_payments_of_whoever_is_undecided_wait_for_the_same(day: FirstDay) -> None:
    world = day.world
    money = Money(world)
    source, remote = likely(day)
    invoice = bill(day, source)
    prepayment = money.enter_prepayment(DAY, "40", company_id=int(source))
    paid = DAY + timedelta(days=1)
    groups = [
        str(money.receive("invoices", {int(invoice): None}, paid)),
        str(money.receive("prepayments", {prepayment: None}, paid)),
    ]
    day.run()
    world.run(DAY, DAY)
    money.import_payments(paid, paid)
    assert waits(world) == dict.fromkeys([invoice, *groups], "partner_undecided")
    assert all(f"contact {source} may be client {remote}" in message for message in messages(world))
    decide(day, {remote: "jah"})
    next_run(day)
    next_run(day, Flow.PAYMENTS)
    assert waits(world) == {}
    assert len(money.payments()) == 2


# --- articles ---------------------------------------------------------------------------------------------------


def product(day: FirstDay, code: str = "", name: str = "Kaabel must 5 m") -> str:
    return str(day.world.site.create("products", {"code": code, "name": name, "price": "10"})["product_id"])


def codes(world: World) -> set[str]:
    return {str(row["code"]) for row in world.books.state()["articles"]}


@pytest.mark.parametrize("answer", ["jah", "ei"])
def test_a_document_waits_until_somebody_says_what_its_article_is(day: FirstDay, answer: str) -> None:
    world = day.world
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE)
    mine = product(day, "SC-77")
    day.known(ARTICLES, code="KAB-5", description="Kaabel must 5 m", type="PRODUCT")
    document, free = bill(day, source, product=mine), bill(day, source)
    day.run()
    assert day.proposals()["article", mine, "KAB-5"] == ("likely", "open")
    world.run(DAY, DAY)
    assert waits(world) == {document: "article_undecided"}
    assert f"product {mine} may be article KAB-5 of SmartAccounts" in messages(world)[0]
    assert "SC-77" not in codes(world)
    assert len(booked(world)) == 1
    decide(day, {"KAB-5": answer})
    next_run(day)
    assert waits(world) == {}
    assert day.links("article")[mine] == (("KAB-5", "decided") if answer == "jah" else ("SC-77", "created"))
    assert ("SC-77" in codes(world)) is (answer == "ei")
    assert len(booked(world)) == 2
    assert free != document


def test_an_article_that_somebody_said_no_to_is_not_taken_for_its_code(day: FirstDay) -> None:
    world = day.world
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE)
    mine = product(day, "KAB-5")
    day.known(ARTICLES, code="KAB-5", description="Kaabel must 5 m", type="PRODUCT")
    document, free = bill(day, source, product=mine), bill(day, source)
    decide(day, {"KAB-5": "ei"})
    assert day.links("article") == {}
    before = codes(world)
    summary = world.run(DAY, DAY)
    assert (summary["documents"]["quarantined"], summary["documents"]["created"]) == (1, 1)
    with world.engine.connect() as connection:
        [case] = connection.execute(select(quarantine)).all()
    assert (case.source_id, case.code, system_of(Reason.from_json(case.reason))) == (
        document,
        "article_rejected",
        "Scoro",
    )
    assert f"product {mine} has the code KAB-5" in told(case.reason)
    assert "another code" in told(case.reason)
    assert mine not in day.links("article")
    assert codes(world) - before == {world.company.articles.fallback}
    world.clock.advance(timedelta(hours=1))
    world.site.modify("products", int(mine), {"code": "KAB-6"})
    next_run(day)
    assert day.links("article")[mine] == ("KAB-6", "created")
    assert len(booked(world)) == 2
    assert free != document


def test_a_no_between_planning_and_sending_counts(day: FirstDay) -> None:
    """The article appeared meanwhile."""
    world = day.world
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE)
    mine = product(day, "KAB-5")
    document = bill(day, source, product=mine)
    request = world.request(DAY, DAY)
    services = world.services(request)
    pipeline.extract(request, services)
    pipeline.reconcile_and_plan(request, services)
    day.known(ARTICLES, code="KAB-5", description="Kaabel must 5 m", type="PRODUCT")
    world.clock.advance(timedelta(minutes=10))
    decide(day, {"KAB-5": "ei"})
    pipeline.load(request, services)
    assert world.outcomes()[document] == "quarantined"
    assert mine not in day.links("article")


# --- the next candidate, and whom only documents name -----------------------------------------------------------


def test_after_a_no_the_next_best_is_proposed_and_the_first_never_again(day: FirstDay) -> None:
    source = day.contact(name="Põhjatäht OÜ", addresses=[STREET], means_of_contact={"email": ["info@pohjataht.ee"]})
    mail = [{"type": "EMAIL", "value": "arved@pohjataht.ee"}]
    best = day.known(name="Põhjatäht OÜ", address=ADDRESS, contacts=mail)
    second = day.known(name="Põhjatähe OÜ", address={**ADDRESS, "address1": "Teine 5"})
    mine = product(day)
    day.known(ARTICLES, code="B-1", description="Kaabel must 5 m", type="PRODUCT")
    day.known(ARTICLES, code="B-2", description="Kaabel, must, 5 m.", type="PRODUCT")
    day.run()
    assert day.proposals()["client", source, best] == ("likely", "open")
    assert ("client", source, second) not in day.proposals()
    decide(day, {best: "ei", "B-1": "ei"})
    for _ in range(2):
        day.run()
        assert day.proposals()["client", source, second] == ("likely", "open")
        assert day.proposals()["client", source, best] == ("likely", "rejected")
        assert day.proposals()["article", mine, "B-2"] == ("likely", "open")
    decide(day, {second: "ei", "B-2": "ei"})
    day.run()
    assert {decision for _, decision in day.proposals().values()} == {"rejected"}


def test_a_contact_that_only_documents_name_is_seen_at_once(day: FirstDay) -> None:
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE, is_client=0)
    remote = day.known(name="Põhjatäht OÜ", regCode=CODE)
    bill(day, source)
    day.world.server.calls.clear()
    request, services = day.request()
    read_registers(request, services)
    propose_links(request, services)
    assert day.links() == {source: (remote, "registry_code")}
    assert len(day.world.calls()) <= 9
    assert day.world.writes() == []


@pytest.mark.parametrize("answer", ["jah", "ei"])
def test_an_equal_code_of_an_unknown_country_can_be_answered_in_the_report(day: FirstDay, answer: str) -> None:
    """What an import leaves to a person is proposed, whatever the two are worth otherwise."""
    world = day.world
    lithuanian = {"id_code": "302712314", "addresses": [{"country": "ltu", "city": "Kaunas"}]}
    source = day.contact(name="Kauno Statyba UAB", contact_type="company", **lithuanian)
    remote = day.known(name="Baltijos Namai UAB", regCode="302712314")
    bill(day, source)
    assert world.run(DAY, DAY)["documents"]["quarantined"] == 1
    decide(day, {remote: answer})
    assert next_run(day)["documents"]["created"] == 1
    assert (day.links("client")[source][0] == remote) is (answer == "jah")
