"""Room audit. Each kind of difference of Scoro's side is found the night after, told once, and closes or is accepted;
what nobody changed is never told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.audit.report import cases_of
from scoro_smartaccounts.audit.scoro import scoro_notes
from scoro_smartaccounts.common.periods import Said, month_of
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts.staging.links import Kind, note_gone_documents
from scoro_smartaccounts.staging.periods import say
from tests.integration.audit.scoro_office import (
    CHANGES,
    DOCUMENTS,
    ScoroNights,
    ScoroOffice,
    free_of_vat,
    known_nights,
    told_of,
)
from tests.integration.world import World

# Where no list is longer than a page, the end of each is asked for.
QUIET = 24


@pytest.fixture
def office(world: World) -> ScoroOffice:
    """Documents of each list, some of them paid, all imported."""
    office = ScoroOffice(world)
    for module in DOCUMENTS:
        keys = [office.enter(module) for _ in range(12)]
        office.pay(keys[0])
        office.pay(keys[1], keys[2])
        office.imported = [key for key in office.imported if key not in keys[:3]]
    return office


def last(office: ScoroOffice, module: str) -> tuple[str, int]:
    return next(key for key in reversed(office.imported) if key[0] == module)


def the_one(nights: ScoroNights) -> Drift:
    [found] = nights.open()
    return found


def test_each_change_of_each_list(office: ScoroOffice) -> None:
    nights = known_nights(office)
    for module in (*DOCUMENTS, "receipts"):
        for kind in CHANGES:
            if (kind == "receipt_changed") != (module == "receipts"):
                continue
            key = last(office, module)
            office.change(key, kind)
            told = nights.night()
            assert told.state == "ok"
            assert {told_of(each) for each in nights.open()} == office.owed.keys(), (module, kind)
    before = [(each.id, each.state, each.after) for each in nights.open()]
    assert nights.night().state == "ok"
    assert [(each.id, each.state, each.after) for each in nights.open()] == before


@pytest.mark.parametrize("hard", [False, True])
def test_each_deletion_of_each_list(office: ScoroOffice, hard: bool) -> None:
    nights = known_nights(office)
    for module in (*DOCUMENTS, "receipts"):
        office.delete(last(office, module), hard=hard)
        told = nights.night()
        assert (told.state, {told_of(each) for each in nights.open()}) == ("ok", office.owed.keys()), module
    assert max(nights.asked[-4:]) <= QUIET * 2


def test_the_newest_receipts_are_deleted_on_one_day(office: ScoroOffice) -> None:
    """Of the newest one others tell that it is gone: not the next one alone, which is gone too."""
    newest = [key for key in office.imported if key[0] == "receipts"][-2:]
    office.world.clock.advance(timedelta(minutes=1))
    for key in newest:
        office.touch(key)
    nights = known_nights(office)
    for key in newest:
        office.delete(key, hard=True)
    told = nights.night()
    assert (told.state, {told_of(each) for each in nights.open()}) == ("ok", office.owed.keys())


def test_what_nobody_changed_is_not_told(office: ScoroOffice) -> None:
    nights = known_nights(office)
    for module in DOCUMENTS:
        office.touch(last(office, module))
        office.pay(last(office, module))
        office.enter(module, is_imported=False)
    office.enter("invoices")
    told = nights.night()
    assert (told.state, nights.open()) == ("ok", [])
    assert nights.night().state == "ok"
    assert nights.asked[-1] <= QUIET


def test_words_of_a_deletion(office: ScoroOffice) -> None:
    nights = known_nights(office)
    number = office.shown(last(office, "invoices"))["no"]
    office.delete(last(office, "invoices"), hard=True)
    nights.night()
    found = the_one(nights)
    assert (found.kind, found.evidence, found.currency) == ("source_deleted", "not_found_by_id", "EUR")
    said = render(found.reason)
    assert f"nvoice {number} was deleted in Scoro (it is not found by its id)" in said
    assert "once the month is declared, a credit invoice does" in said
    assert "kustutati Scoros" in render(found.reason, "et")
    assert "deklareeritud kuus kreeditarve" in render(found.reason, "et")


def test_in_a_closed_month_only_a_credit_invoice_helps(world: World) -> None:
    office = ScoroOffice(world, closed_until=datetime(2026, 12, 31, tzinfo=UTC).date())
    key = office.enter("bills")
    office.enter("bills")
    nights = known_nights(office)
    office.delete(key)
    nights.night()
    said = render(the_one(nights).reason)
    assert "is closed: a credit invoice of the first open day takes it back" in said
    assert "deleting" not in said


def test_in_a_month_whose_return_is_filed_only_a_credit_invoice_helps(office: ScoroOffice) -> None:
    nights = known_nights(office)
    with office.world.engine.begin() as connection:
        say(connection, office.company.key, month_of(office.world.site.today()), Said.FILED, office.world.clock.now())
    office.delete(last(office, "invoices"))
    nights.night()
    said = render(the_one(nights).reason)
    assert "is closed: a credit invoice of the first open day takes it back" in said


def test_what_is_taken_back_closes(office: ScoroOffice) -> None:
    nights = known_nights(office)
    key = last(office, "invoices")
    before = office.shown(key)["no"]
    office.change(key, "source_number")
    nights.night()
    assert the_one(nights).kind == "source_number"
    world = office.world
    world.site.modify(*key, {"no": before})
    nights.night()
    assert nights.open() == []


def test_accepted_it_is_told_no_more_until_it_changes_again(office: ScoroOffice) -> None:
    nights = known_nights(office)
    key, gone = last(office, "bills"), last(office, "invoices")
    office.change(key, "source_amount")
    office.delete(gone)
    nights.night()
    company = office.company.key
    with office.world.engine.begin() as connection:
        for each in nights.open():
            accept(connection, company, each.id, office.world.clock.now(), by="Mari", note="õige")
    office.touch(key)
    nights.night()
    assert nights.open() == []
    office.world.site.modify(*key, {"date": "2026-02-20"})
    nights.night()
    assert the_one(nights).kind == "source_date"


def merge(office: ScoroOffice) -> list[int]:
    """A contact becomes another one: what is of it."""
    old, new = min(office.contacts), max(office.contacts)
    keys = [key for name, key in office.imported if name == "invoices"]
    wanted = [key for key in keys if office.world.site.get("invoices", key)["company_id"] == old]
    for key in wanted:
        office.world.site.modify("invoices", key, {"company_id": new})
    return wanted


def rename(office: ScoroOffice) -> list[int]:
    """A VAT code has another name: what has it, be it beside others."""
    wanted = [key for name, key in office.imported if name == "invoices"]
    for key in wanted:
        lines = office.world.site.get("invoices", key)["lines"]
        called = [{**line, "vat_code": "24 uus"} if line["vat_code_id"] == 9 else line for line in lines]
        office.world.site.patch("invoices", key, {"lines": called})
    return wanted


@pytest.mark.parametrize(("kind", "change"), [("source_partner", merge), ("source_lines", rename)])
def test_the_same_change_of_many_documents_is_one_case(
    office: ScoroOffice, kind: str, change: Callable[[ScoroOffice], list[int]]
) -> None:
    site = office.world.site
    lines = [{"amount": "1", "price": "100", "vat_code_id": code} for code in ("9", free_of_vat(office))]
    mixed = site.create("invoices", {"company_id": min(office.contacts), "lines": lines, "date": "2026-01-07"})
    office.take_in([("invoices", mixed["id"])])
    nights = known_nights(office)
    wanted = change(office)
    assert len(wanted) > 1
    nights.night()
    assert {(each.kind, each.source_id) for each in nights.open()} == {(kind, str(key)) for key in wanted}
    [case] = cases_of(nights.open())
    if kind == "source_partner":
        # One that is as it was again leaves the case.
        site.modify("invoices", wanted[0], {"company_id": min(office.contacts)})
        nights.night()
        [case] = cases_of(nights.open())
        assert len(case.drifts) == len(wanted) - 1
    with office.world.engine.begin() as connection:
        now = office.world.clock.now()
        taken = accept(connection, office.company.key, case.first.id, now, by="Mari", note="")
    assert len(taken) == len(case.drifts)
    nights.night()
    assert nights.open() == []


def test_lines_that_were_changed_each_in_its_own_way_are_no_case(office: ScoroOffice) -> None:
    nights = known_nights(office)
    for number, key in enumerate([key for key in office.imported if key[0] == "bills"][:3]):
        lines = office.world.site.get(*key)["lines"]
        office.world.site.modify(*key, {"lines": [{**line, "comment": f"Muu {number}"} for line in lines]})
    nights.night()
    assert [len(case.drifts) for case in cases_of(nights.open())] == [1, 1, 1]


def test_deleted_on_both_sides_it_closes_by_itself(office: ScoroOffice) -> None:
    nights = known_nights(office)
    key, silent = last(office, "invoices"), office.imported[-5]
    office.delete(key)
    nights.night()
    assert the_one(nights).kind == "source_deleted"
    remote = {each.remote_id for each in nights.open()}
    with office.world.engine.begin() as connection:
        note_gone_documents(connection, office.company.key, Kind.SALES_INVOICE, remote, at=office.world.clock.now())
        kind = Kind.SALES_INVOICE if silent[0] == "invoices" else Kind.PURCHASE_INVOICE
        gone = [f"r-{silent[0]}-{silent[1]}"]
        note_gone_documents(connection, office.company.key, kind, gone, at=office.world.clock.now())
    office.delete(silent)
    nights.night()
    assert nights.open() == []


def test_deleted_before_any_list_was_read(world: World) -> None:
    office = ScoroOffice(world)
    keys = [office.enter("invoices") for _ in range(4)]
    office.delete(keys[1], hard=True)
    office.delete(keys[2])
    office.change(keys[3], "source_amount")
    nights = ScoroNights(world)
    assert nights.night().state == "ok"
    assert {told_of(each) for each in nights.open()} == office.owed.keys()


def test_imported_and_deleted_between_two_nights(office: ScoroOffice) -> None:
    nights = known_nights(office)
    soft, hard, changed = (office.enter("bills") for _ in range(3))
    # Scoro tells when a record changed to the second.
    office.world.clock.advance(timedelta(minutes=1))
    office.delete(soft)
    office.delete(hard, hard=True)
    office.change(changed, "source_lines")
    assert nights.night().state == "ok"
    assert {told_of(each) for each in nights.open()} == office.owed.keys()


def test_what_no_list_of_changes_shows_is_told_as_appeared(office: ScoroOffice) -> None:
    nights = known_nights(office)
    site = office.world.site
    record = dict(site.get(*last(office, "bills")))
    long_ago = datetime(2026, 1, 6, tzinfo=UTC)
    put = site.put("bills", {**record, "id": 0, "no": "SALA", "created_date": long_ago, "modified_date": long_ago})
    assert nights.night().state == "ok"
    found = the_one(nights)
    assert (told_of(found), found.kind) == (("bills", put["id"], "appeared_untold"), "appeared_untold")
    assert "SALA appeared in Scoro" in render(found.reason)
    office.take_in([("bills", put["id"])])
    site.remove("bills", put["id"])
    nights.night()
    assert [each.kind for each in nights.open()] == ["source_deleted"]


def test_lists_are_read_for_the_first_time_over_nights(office: ScoroOffice) -> None:
    office.world.site.switches = office.world.site.switches.changed({"page_cap": 1})
    nights = ScoroNights(office.world)
    first = nights.night()
    assert (first.state, first.requests <= 60) == ("baseline", True)
    [note] = scoro_notes({"lists": first.lists})
    assert "read for the first time" in render(note)
    while nights.night().state == "baseline":
        assert nights.asked[-1] <= 60
        assert len(nights.asked) < 5
    assert nights.open() == []


NOTES: dict[str, tuple[dict[str, Any], str]] = {
    "blind": ({"state": "blind", "known": 3, "off": 0}, "Scoro did not show what it must show (bills)"),
    "short": ({"state": "incomplete", "known": 3, "off": 2}, "Scoro's list of bills is off by 2"),
    "incomplete": ({"state": "incomplete", "known": 3, "off": 0}, "could not be read to their end tonight (bills)"),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_a_night_could_not_tell_is_said(name: str) -> None:
    found, said = NOTES[name]
    [note] = scoro_notes({"lists": {"bills": found, "invoices": {"state": "ok", "known": 1, "off": 0}}})
    assert said in render(note)


def test_what_a_run_recorded_is_the_same_case(world: World) -> None:
    first, last_day = date(2026, 1, 1), date(2026, 1, 31)
    world.company = world.company.model_copy(update={"first_import_date": first})
    world.generate(first, last_day, 8)
    world.run(first, last_day)
    unpaid = [key for key in map(int, world.live_invoices()) if not world.site.paid_of("invoices", key)]
    renamed, deleted, unseen = unpaid[:3]
    world.site.patch("invoices", renamed, {"no": "990099"})
    world.site.delete("invoices", deleted)
    world.run(first, last_day)
    world.site.patch("invoices", unseen, {"no": "990098"})
    nights = ScoroNights(world)
    nights.night()
    found = {told_of(each)[1]: each for each in nights.open()}
    assert {key: each.kind for key, each in found.items()} == {
        renamed: "source_number",
        deleted: "source_deleted",
        unseen: "source_number",
    }
    assert {key: each.state for key, each in found.items()} == {
        renamed: "told",
        deleted: "told",
        unseen: "confirmed",
    }
    nights.night()
    assert {told_of(each)[1]: each.state for each in nights.open()}[renamed] == "told"
