"""Room reconcile_ids. The first day: who is who on books that hold records already, and what a person decides about
it."""

from __future__ import annotations

import csv
import io
import logging
import stat
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, insert, select, update

from scoro_smartaccounts.reconcile_ids import words
from scoro_smartaccounts.reconcile_ids.decide import accept_shown
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import WrongFile
from scoro_smartaccounts.reconcile_ids.outcome import read_outcomes
from scoro_smartaccounts.reconcile_ids.propose import propose_links
from scoro_smartaccounts.reconcile_ids.question import ask, pair_of
from scoro_smartaccounts.reconcile_ids.registers import read_registers
from scoro_smartaccounts.reconcile_ids.report import write_report
from scoro_smartaccounts.staging.schema import contact, intent, link, link_proposal
from scoro_smartaccounts_sandbox.scoro.codes import bank_account, registry_code, vat_number
from tests.integration.first_day import (
    ADDRESS,
    ARTICLES,
    CLIENTS,
    STREET,
    VENDORS,
    FirstDay,
    fill_in,
    likely_pair,
    rows_of,
    saved,
)
from tests.integration.killed import run_and_kill
from tests.integration.world import World

CODE, OTHER_CODE = registry_code(1900200), registry_code(1900201)
VAT = vat_number(10920000)
IBAN = bank_account(22, 123456789)
PERSON = ("Kanaarilind", "Salajane")
LIKELY = "Likely"


@pytest.fixture
def day(world: World) -> FirstDay:
    world.checked = False
    return FirstDay(world)


# --- reading both registers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 300, 450])
def test_a_register_costs_a_request_for_a_hundred_records_and_three(day: FirstDay, size: int) -> None:
    for number in range(size):
        day.known(CLIENTS, name=f"Klient {number}")
        day.known(VENDORS, name=f"Hankija {number}")
        day.known(ARTICLES, code=f"A{number}", description=f"Artikkel {number}", type="SERVICE")
    day.world.clock.advance(timedelta(hours=1))
    request, services = day.request()
    counts = read_registers(request, services)
    asked = [call["operation"] for call in day.world.calls()]
    for service in (CLIENTS, VENDORS, ARTICLES):
        assert sum(operation.startswith(service) for operation in asked) <= size / 100 + 3
    assert counts["requests"] == len(asked)
    # Many that changed in the same second show once that changes are shown, and again a week later.
    for hours in (1, 1, 24, 7 * 24):
        day.world.clock.advance(timedelta(hours=hours))
        day.world.server.calls.clear()
        read_registers(*day.request())
        asked.append(str(len(day.world.calls())))
    often, seldom = asked[-3:-1], (asked[-4], asked[-1])
    assert often == ["3", "3"]
    assert all(int(requests) <= 3 * (size / 100 + 3) for requests in seldom)
    assert size > 80 or set(seldom) == {"3"}
    assert day.world.writes() == []


@pytest.mark.parametrize("order", ["id_asc", "unstable", "modified_desc"])
def test_all_contacts_and_products_are_read_in_any_order(day: FirstDay, order: str) -> None:
    site = day.world.site
    site.switches = site.switches.changed({"sort_order": order})
    for number in range(150):
        day.contact(name=f"Klient {number}")
    gone = day.contact(name="Kustutatud")
    site.delete("contacts", int(gone))
    read_registers(*day.request())
    with day.world.engine.connect() as connection:
        rows = {row.source_id: row for row in connection.execute(select(contact))}
    assert len([row for row in rows.values() if not row.is_deleted]) == 150
    assert gone not in rows or rows[gone].is_deleted


def test_a_contact_that_was_deleted_long_ago_is_no_candidate(day: FirstDay) -> None:
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    read_registers(*day.request())
    day.world.site.delete("contacts", int(source))
    day.world.clock.advance(timedelta(days=60))
    day.known(name="Näidis OÜ", regCode=CODE)
    day.run()
    assert day.links() == {}


# --- proposals --------------------------------------------------------------------------------------------------


def test_what_is_certain_is_linked_at_once_and_nothing_else(day: FirstDay) -> None:
    by_code = day.contact(name="Näidis OÜ", id_code=CODE)
    by_vat = day.contact(name="Teine AS", vatno=VAT)
    by_account = day.contact(name="Kolmas OÜ", bankaccount=IBAN)
    by_mail = day.contact(name="Neljas OÜ", means_of_contact={"email": ["arved@neljas.ee"]})
    supplier = day.contact(name="Tarnija OÜ", id_code=OTHER_CODE, is_client=0, is_supplier=1)
    product = str(day.world.site.create("products", {"code": "KAB-1", "name": "Kaabel", "price": "10"})["product_id"])
    source, remote = likely_pair(day)
    expected = {
        by_code: (day.known(name="Näidis OÜ", regCode=CODE), "registry_code"),
        by_vat: (day.known(name="Teine AS", vatNumber=VAT), "vat_number"),
        by_account: (day.known(name="Kolmas OÜ", bankAccount=IBAN), "bank_account"),
        by_mail: (day.known(name="Neljas OÜ", contacts=[{"type": "EMAIL", "value": "arved@neljas.ee"}]), "email"),
    }
    vendor = day.known(VENDORS, name="Tarnija OÜ", regCode=OTHER_CODE)
    day.known(ARTICLES, code="KAB-1", description="Kaabel", type="PRODUCT")
    alone = day.known(name="Keegi Muu OÜ")

    report = day.run()
    assert day.links() == expected
    assert day.links("vendor") == {supplier: (vendor, "registry_code")}
    assert day.links("article") == {product: ("KAB-1", "article_code")}
    assert day.proposals()["client", source, remote] == ("likely", "open")
    clients = report.counts["clients"]
    assert (clients["certain"], clients["likely"], clients["only_scoro"], clients["only_smartaccounts"]) == (4, 1, 0, 1)
    others = [row for row in rows_of(day.file(report), "Only SmartAccounts") if row[words.WHAT].startswith("client")]
    assert [row["SmartAccounts ID"] for row in others] == [alone]
    [likely] = rows_of(day.file(report), LIKELY)
    assert likely[words.REMOTE_NAME] == "OÜ Põhjatäht"
    assert "same name: Põhjatäht OÜ / OÜ Põhjatäht" in likely[words.WHY_EN]
    assert "sama nimi: Põhjatäht OÜ / OÜ Põhjatäht" in likely[words.WHY_ET]
    assert all(row["Why"] and row["Miks"] for row in rows_of(day.file(report), "Certain"))
    assert day.world.writes() == []


def test_again_nothing_changes(day: FirstDay) -> None:
    day.contact(name="Näidis OÜ", id_code=CODE)
    day.known(name="Näidis OÜ", regCode=CODE)
    likely_pair(day)
    first = day.run()
    before = day.links(), day.proposals()
    again = day.run()
    assert (day.links(), day.proposals()) == before
    assert again.counts == first.counts
    assert again.file != first.file


def test_what_was_linked_before_is_left_alone(day: FirstDay) -> None:
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    chosen = day.known(name="Keegi teine")
    day.known(name="Näidis OÜ", regCode=CODE)
    with day.world.engine.begin() as connection:
        connection.execute(
            insert(link).values(
                company="default",
                kind="client",
                source_id=source,
                remote_id=chosen,
                evidence="linked_service",
                run_key="x",
            )
        )
    report = day.run()
    assert day.links() == {source: (chosen, "linked_service")}
    (row,) = rows_of(day.file(report), "Linked before")
    assert (row["Scoro ID"], row["SmartAccounts ID"], row["How / Kuidas"]) == (source, chosen, "linked service")


def test_a_link_to_a_record_that_is_gone_makes_way(day: FirstDay) -> None:
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    first = day.known(name="Näidis OÜ", regCode=CODE)
    day.run()
    day.world.clock.advance(timedelta(hours=1))
    day.world.books.remove(CLIENTS, first)
    second = day.known(name="Näidis OÜ", regCode=CODE)
    day.run()
    assert day.links() == {source: (second, "registry_code")}


def test_a_record_that_an_import_is_creating_is_not_linked(day: FirstDay) -> None:
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    remote = day.known(name="Näidis OÜ", regCode=CODE)
    day.creating(source, CODE)
    day.run()
    assert day.links() == {}
    with day.world.engine.begin() as connection:
        connection.execute(update(intent).values(state="absent", settled_at=day.world.clock.now()))
    day.run()
    assert day.links() == {source: (remote, "registry_code")}


def test_runs_and_decisions_at_once_are_harmless(day: FirstDay) -> None:
    pairs = [likely_pair(day, name) for name in ("Põhjatäht", "Lõunatuul", "Idarand")]
    for number in range(60):
        day.contact(name=f"Näidis {number} OÜ", id_code=registry_code(1900300 + number))
        day.known(name=f"Näidis {number} OÜ", regCode=registry_code(1900300 + number))
    report = day.run()
    content = fill_in(day.file(report), lambda row: "jah" if row["sheet"].startswith(LIKELY) else None)
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as problem:  # noqa: BLE001 - told by the test
                failures.append(problem)

        return run

    works: list[Callable[[], object]] = [lambda: propose_links(*day.request())] * 3
    works += [lambda: day.hand_back(content)] * 2
    threads = [threading.Thread(target=guarded(work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    links = day.links()
    assert len(links) == 63
    assert all(links[source] == (remote, "decided") for source, remote in pairs)


@pytest.mark.parametrize("step", [read_registers, propose_links])
def test_a_run_may_be_killed_at_any_moment(day: FirstDay, step: Any, stride: int) -> None:
    expected = {}
    for number in range(3):
        source = day.contact(name=f"Näidis {number} OÜ", id_code=registry_code(1900300 + number))
        expected[source] = day.known(name=f"Näidis {number} OÜ", regCode=registry_code(1900300 + number))
    pair = likely_pair(day)
    if step is propose_links:
        read_registers(*day.request())
    request, _ = day.request()
    for at in count(step=stride):
        if not run_and_kill(day.world, request, step, at):
            break
        assert day.links().items() <= {source: (remote, "registry_code") for source, remote in expected.items()}.items()
    assert at > 2
    day.run()
    assert {source: remote for source, (remote, _) in day.links().items()} == expected
    assert day.proposals()["client", *pair] == ("likely", "open")


# --- decisions --------------------------------------------------------------------------------------------------


def test_a_person_decides_in_the_workbook(day: FirstDay) -> None:
    yes, no, later = (likely_pair(day, name) for name in ("Põhjatäht", "Lõunatuul", "Idarand"))
    report = day.run()
    answers = {yes[0]: "Jah ", no[0]: "EI"}
    content = fill_in(day.file(report), lambda row: answers.get(row["Scoro ID"]))
    assert day.hand_back(content).counts == {"accepted": 1, "rejected": 1, "unchanged": 0, "skipped": 0}
    assert day.links() == {yes[0]: (yes[1], "decided")}
    assert day.hand_back(content).counts == {"accepted": 0, "rejected": 0, "unchanged": 2, "skipped": 0}

    again = day.run()
    assert [row["Scoro ID"] for row in rows_of(day.file(again), LIKELY)] == [later[0]]
    decided = {row["Scoro ID"]: (row[words.BEFORE], row[words.DECISION]) for row in rows_of(day.file(again), "Decided")}
    assert decided == {yes[0]: ("jah", None), no[0]: ("ei", None)}
    assert day.hand_back(day.file(again).read_bytes()).counts["unchanged"] == 0
    counts = again.counts["clients"]
    assert (counts["accepted"], counts["rejected"], counts["likely"], counts["only_scoro"]) == (1, 1, 1, 1)


def test_a_person_takes_back_what_was_decided_and_what_was_certain(day: FirstDay) -> None:
    source, remote = likely_pair(day)
    day.contact(name="Näidis OÜ", id_code=CODE)
    day.known(name="Näidis OÜ", regCode=CODE)
    report = day.run()
    day.hand_back(fill_in(day.file(report), lambda row: "yes" if row["sheet"].startswith(LIKELY) else None))
    assert len(day.links()) == 2
    report = day.run()
    day.hand_back(fill_in(day.file(report), lambda row: "no"))
    assert day.links() == {}
    report = day.run()
    assert day.links() == {}
    assert report.counts["clients"]["rejected"] == 2
    day.hand_back(fill_in(day.file(report), lambda row: "yes" if row["Scoro ID"] == source else None))
    assert day.links() == {source: (remote, "decided")}


def test_of_conflicting_pairs_one_is_chosen(day: FirstDay) -> None:
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    one, other = (day.known(name="Näidis OÜ", regCode=CODE) for _ in range(2))
    report = day.run()
    assert {day.proposals()["client", source, remote][0] for remote in (one, other)} == {"conflicting"}
    choice = {one: "ei", other: "jah"}
    day.hand_back(fill_in(day.file(report), lambda row: choice[row["SmartAccounts ID"]]))
    assert day.links() == {source: (other, "decided")}


def test_the_comma_separated_file_is_taken_too(day: FirstDay) -> None:
    source, remote = likely_pair(day)
    report = day.run()
    path = day.file(report).with_name(f"{day.file(report).stem}_likely.csv")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))
    rows[1][rows[0].index(words.DECISION)] = "jah"
    for delimiter, encoding in ((",", "cp1257"), (";", "utf-8-sig"), ("\t", "utf-8")):
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter).writerows(rows)
        day.hand_back(stream.getvalue().encode(encoding))
        assert day.links() == {source: (remote, "decided")}


def test_a_spreadsheet_may_change_types_and_order_and_drop_rows(day: FirstDay) -> None:
    product = str(day.world.site.create("products", {"name": "Kaabel must", "price": "10"})["product_id"])
    day.known(ARTICLES, code="00123", description="Kaabel must", type="PRODUCT")
    pairs = [likely_pair(day, name) for name in ("Põhjatäht", "Lõunatuul", "Idarand")]
    report = day.run()
    book = load_workbook(day.file(report))
    page = next(each for each in book.worksheets if each.title.startswith(LIKELY))
    head, *rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert len(rows) == 4
    ids = head.index("Scoro ID"), head.index("SmartAccounts ID")
    new = Workbook()
    sheet = new.worksheets[0]
    sheet.append(["Vaata need üle"])
    sheet.append([])
    sheet.append([*head, "Märkus"])
    for row in reversed(rows):
        if row[ids[0]] == pairs[1][0] and ":client:" in row[0]:
            continue
        for place in ids:
            row[place] = float(row[place]) if row[place].isdigit() else row[place]
        row[head.index(words.DECISION)] = True
        sheet.append([*row, "kindel"])
    assert day.hand_back(saved(new, Path(day.world.output / "x.xlsx"))).counts["accepted"] == 3
    assert day.links("article") == {product: ("00123", "decided")}
    assert set(day.links()) == {pairs[0][0], pairs[2][0]}


Change = Callable[[list[str], list[list[Any]]], None]


def _word(head: list[str], rows: list[list[Any]]) -> None:
    rows[0][head.index(words.DECISION)] = "võib-olla"


def _key(head: list[str], rows: list[list[Any]]) -> None:
    rows[0][0] = "51"


def _other_company(head: list[str], rows: list[list[Any]]) -> None:
    rows[1][0] = rows[1][0].replace("default:", "acme:")


def _torn(head: list[str], rows: list[list[Any]]) -> None:
    place = head.index("Scoro ID")
    rows[0][place], rows[1][place] = rows[1][place], rows[0][place]


def _no_decisions(head: list[str], rows: list[list[Any]]) -> None:
    head[head.index(words.DECISION)] = "Otsused vist"


def _no_keys(head: list[str], rows: list[list[Any]]) -> None:
    head[0] = ""


def _both(head: list[str], rows: list[list[Any]]) -> None:
    rows.append([*rows[0]])
    rows[-1][head.index(words.DECISION)] = "ei"


@pytest.mark.parametrize(
    ("change", "row", "column", "what"),
    [
        (_word, 2, words.DECISION, "neither yes (jah) nor no (ei)"),
        (_key, 2, words.KEY, "names no pair"),
        (_other_company, 3, words.KEY, "report of the company acme, not of default"),
        (_torn, 2, "Scoro ID", "sorted apart"),
        (_no_decisions, 1, words.DECISION, "column is missing"),
        (_no_keys, 1, words.KEY, "column is missing"),
        (_both, 4, words.DECISION, "row 2 says the opposite"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_wrong_file_changes_nothing(day: FirstDay, change: Change, row: int, column: str, what: str) -> None:
    likely_pair(day, "Põhjatäht")
    likely_pair(day, "Lõunatuul")
    report = day.run()
    fill_in(day.file(report), lambda facts: "jah")
    book = load_workbook(day.file(report).with_name("filled.xlsx"))
    page = next(each for each in book.worksheets if each.title.startswith(LIKELY))
    head, *rows = [[cell.value for cell in cells] for cells in page.iter_rows()]
    change(head, rows)
    new = Workbook()
    for cells in (head, *rows):
        new.worksheets[0].append(cells)
    before = day.links(), day.proposals()
    with pytest.raises(WrongFile) as caught:
        day.hand_back(saved(new, day.world.output / "wrong.xlsx"))
    assert any(f.row == row and f.column.startswith(column) and what in f.what for f in caught.value.faults)
    assert (day.links(), day.proposals()) == before
    assert "Põhjatäht" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0 old", b"Nimi;Kood\r\nx;1\r\n"])
def test_what_is_no_report_is_refused(day: FirstDay, content: bytes) -> None:
    with pytest.raises(WrongFile, match=r"^The file is wrong; nothing was changed"):
        day.hand_back(content)


def test_two_accepted_for_one_contact_are_refused(day: FirstDay) -> None:
    day.contact(name="Näidis OÜ", id_code=CODE)
    for _ in range(2):
        day.known(name="Näidis OÜ", regCode=CODE)
    report = day.run()
    with pytest.raises(WrongFile, match=r"row 3, column Decision / Otsus of sheet Conflicting.*accepted in row 2"):
        day.hand_back(fill_in(day.file(report), lambda row: "jah"))
    assert day.links() == {}


def test_a_contact_that_was_linked_meanwhile_is_skipped(day: FirstDay) -> None:
    source, _ = likely_pair(day)
    report = day.run()
    other = day.known(name="Keegi")
    read_registers(*day.request())
    with day.world.engine.begin() as connection:
        connection.execute(
            insert(link).values(
                company="default", kind="client", source_id=source, remote_id=other, evidence="created", run_key="x"
            )
        )
    taken = day.hand_back(fill_in(day.file(report), lambda row: "jah"))
    assert [fault.row for fault in taken.skipped] == [2]
    assert f"contact {source} is linked to client {other} already" in str(taken.skipped[0])
    assert day.links() == {source: (other, "created")}


def test_what_does_not_fit_any_more_is_skipped_and_the_rest_is_taken(day: FirstDay) -> None:
    gone, renamed, stays = (likely_pair(day, name) for name in ("Põhjatäht", "Lõunatuul", "Idarand"))
    report = day.run()
    day.world.clock.advance(timedelta(hours=1))
    day.world.books.remove(CLIENTS, gone[1])
    day.world.books.change(CLIENTS, renamed[1], name="Hoopis muu nimi AS", address={})
    day.run()
    taken = day.hand_back(fill_in(day.file(report), lambda row: "jah"))
    assert taken.counts == {"accepted": 1, "rejected": 0, "unchanged": 0, "skipped": 2}
    said = "\n".join(map(str, taken.skipped))
    for why in ("SmartAccounts has no such client any more", "one of the two was changed since"):
        assert f"this pair is not proposed any more: {why}; take the newest report" in said
    assert day.links() == {stays[0]: (stays[1], "decided")}


def test_an_older_report_does_not_undo_what_was_decided_since(day: FirstDay) -> None:
    pair, other = likely_pair(day, "Põhjatäht"), likely_pair(day, "Lõunatuul")
    old = day.file(day.run())
    day.hand_back(fill_in(old, lambda row: "jah" if row["Scoro ID"] == pair[0] else None))
    day.world.clock.advance(timedelta(hours=1))
    day.hand_back(fill_in(day.file(day.run()), lambda row: "ei" if row["Scoro ID"] == pair[0] else None))
    assert day.links() == {}
    taken = day.hand_back(fill_in(old, lambda row: "jah"))
    assert taken.counts == {"accepted": 1, "rejected": 0, "unchanged": 0, "skipped": 1}
    assert "said no to this pair after the file was written, the file says yes" in str(taken.skipped[0])
    assert day.links() == {other[0]: (other[1], "decided")}


@pytest.mark.parametrize("shown", [date(2026, 2, 1), "01.veebr"])
def test_a_code_that_became_a_date_in_a_spreadsheet_is_no_fault(day: FirstDay, shown: object) -> None:
    product = str(day.world.site.create("products", {"name": "Kaabel must", "price": "10"})["product_id"])
    day.known(ARTICLES, code="1-2", description="Kaabel must", type="PRODUCT")
    path = day.file(day.run())
    fill_in(path, lambda row: "jah")
    book = load_workbook(path.with_name("filled.xlsx"))
    page = next(each for each in book.worksheets if each.title.startswith(LIKELY))
    page.cell(2, [cell.value for cell in page[1]].index("SmartAccounts ID") + 1).value = shown
    day.hand_back(saved(book, day.world.output / "dates.xlsx"))
    assert day.links("article") == {product: ("1-2", "decided")}


def test_an_id_that_somebody_wrote_over_leaves_out_its_row_only(day: FirstDay) -> None:
    edited, kept = likely_pair(day, "Põhjatäht"), likely_pair(day, "Lõunatuul")
    path = day.file(day.run())
    fill_in(path, lambda row: "jah")
    book = load_workbook(path.with_name("filled.xlsx"))
    page = next(each for each in book.worksheets if each.title.startswith(LIKELY))
    place = [cell.value for cell in page[1]].index("SmartAccounts ID") + 1
    [row] = [row for row in range(2, page.max_row + 1) if page.cell(row, place).value == edited[1]]
    page.cell(row, place).value = "987654"
    taken = day.hand_back(saved(book, day.world.output / "edited.xlsx"))
    assert taken.counts == {"accepted": 1, "rejected": 0, "unchanged": 0, "skipped": 1}
    [fault] = taken.skipped
    assert (fault.row, fault.column.startswith("SmartAccounts ID")) == (row, True)
    assert "not the id that the key of the row names; answer the pair in the newest report" in fault.what
    assert day.links() == {kept[0]: (kept[1], "decided")}


def test_ids_and_codes_stay_text_in_the_workbook(day: FirstDay) -> None:
    day.world.site.create("products", {"name": "Kaabel must", "price": "10"})
    day.known(ARTICLES, code="1-2", description="Kaabel must", type="PRODUCT")
    page = next(each for each in load_workbook(day.file(day.run())).worksheets if each.title.startswith(LIKELY))
    [row] = page.iter_rows(min_row=2)
    head = [cell.value for cell in page[1]]
    formats = {row[head.index(name)].number_format for name in (words.KEY, "Scoro ID", "SmartAccounts ID")}
    assert formats == {"@"}


# --- what people see, and what nobody may see -------------------------------------------------------------------


def test_names_stand_in_protected_files_only(day: FirstDay, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    name, lastname = PERSON
    source = day.contact(name=name, lastname=lastname, contact_type="person", addresses=[STREET])
    remote = day.known(name=f"{name} {lastname}", address=ADDRESS)
    day.contact(name="Põhjatäht OÜ", addresses=[{**STREET, "street": "Teine 5"}])
    day.known(name=f"Põhjatäht {lastname}", address={**ADDRESS, "address1": "Teine 5"})
    likely_pair(day, "Lõunatuul")
    report = day.run()
    with day.world.engine.connect() as connection:
        question = ask(read_outcomes(connection, day.world.company), report.file)
    assert f"contact {source} = client {remote}" in question.shown.values()
    assert "Lõunatuul" in question.body
    assert any("Lõunatuul" in label for label in question.shown.values())
    with pytest.raises(WrongFile) as caught:
        day.hand_back(fill_in(day.file(report), lambda row: "küllap"))
    for text in (question.body, str(question.shown), str(report), caplog.text, str(caught.value)):
        assert not any(part in text for part in PERSON)
    assert any(lastname in str(row) for row in rows_of(day.file(report), LIKELY))
    folder = day.file(report).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("links_*")} == {0o600}


def test_names_are_never_links(day: FirstDay) -> None:
    likely_pair(day, "https://evil.example www.evil.example arve@evil.example")
    day.run()
    with day.world.engine.connect() as connection:
        question = ask(read_outcomes(connection, day.world.company), "links.xlsx")
    assert "evil.example" in question.body
    for active in ("https://", "www.", "arve@"):
        assert active not in question.body


def test_texts_are_never_formulas(day: FirstDay) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    day.contact(name=evil, addresses=[STREET])
    day.known(name=evil, address=ADDRESS)
    report = day.run()
    book = load_workbook(day.file(report))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value == evil]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    path = day.file(report).with_name(f"{day.file(report).stem}_likely.csv")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))
    assert all(not cell.startswith("=") for row in rows for cell in row)


def test_what_was_shown_is_accepted_where_it_is_still_open(day: FirstDay) -> None:
    pairs = [likely_pair(day, name) for name in ("Põhjatäht", "Lõunatuul", "Idarand")]
    report = day.run()
    with day.world.engine.connect() as connection:
        question = ask(read_outcomes(connection, day.world.company), report.file)
    shown = [pair_of(key) for key in question.shown]
    assert {pair for _, pair in shown} == set(pairs)
    no = pairs[0]
    day.hand_back(fill_in(day.file(report), lambda row: "ei" if row["Scoro ID"] == no[0] else None))
    counts = accept_shown(day.world.engine, day.world.company, "test", shown, day.world.clock.now)
    assert counts == {"accepted": 2, "outdated": 1}
    assert set(day.links()) == {pairs[1][0], pairs[2][0]}
    counts = accept_shown(day.world.engine, day.world.company, "test", shown, day.world.clock.now)
    assert counts == {"accepted": 0, "outdated": 3}


INVOICE_DAY = date(2026, 3, 10)


def invoice_of(day: FirstDay, contact_id: str) -> None:
    lines = [{"product_id": 0, "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}]
    when = INVOICE_DAY.isoformat()
    day.world.site.create("invoices", {"company_id": int(contact_id), "date": when, "deadline": when, "lines": lines})


def test_an_import_takes_a_decided_link(day: FirstDay) -> None:
    source, remote = likely_pair(day)
    invoice_of(day, source)
    report = day.run()
    day.hand_back(fill_in(day.file(report), lambda row: "jah"))
    day.world.run(INVOICE_DAY, INVOICE_DAY)
    assert [row["clientId"] for row in day.world.invoices()] == [remote]
    assert day.world.writes("clients:add") == []


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({"id_code": CODE}, {"regCode": CODE}),
        ({"vatno": VAT}, {"vatNumber": VAT}),
        ({"bankaccount": IBAN}, {"bankAccount": IBAN}),
    ],
)
def test_an_import_heeds_a_no(day: FirstDay, here: dict[str, str], there: dict[str, str]) -> None:
    source = day.contact(name="Näidis OÜ", **here)
    remote = day.known(name="Näidis OÜ", **there)
    invoice_of(day, source)
    report = day.run()
    day.hand_back(fill_in(day.file(report), lambda row: "ei"))
    day.world.run(INVOICE_DAY, INVOICE_DAY)
    ((linked, evidence),) = day.links().values()
    assert (linked != remote, evidence) == (True, "created")


def test_proposals_of_before_go_when_nothing_speaks_for_them_any_more(day: FirstDay) -> None:
    source, remote = likely_pair(day)
    day.run()
    day.world.clock.advance(timedelta(hours=1))
    day.world.books.change(CLIENTS, remote, name="Hoopis muu nimi AS", address={})
    day.run()
    with day.world.engine.connect() as connection:
        assert connection.execute(select(link_proposal).where(link_proposal.c.source_id == source)).all() == []


def test_the_report_tells_what_the_company_file_does_not_map(day: FirstDay) -> None:
    world = day.world
    complete = day.run()
    assert complete.mappings.endswith("the company file maps everything")
    assert not list(world.output.rglob("*_company.yaml"))
    client = day.contact(name="Näidis OÜ")
    line = {"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}
    values = {"company_id": client, "date": "2026-01-15", "deadline": "2026-01-15", "lines": [line]}
    invoice = world.site.create("invoices", values)["id"]
    account = world.site.create("receiptAccounts", {"name": "kassa ", "type": "cash"})["id"]
    world.site.pay("invoices", {invoice: None}, day=date(2026, 1, 16), account_id=account)
    report = day.run()
    assert report.mappings.endswith("1 mapping is missing")
    [gap] = rows_of(day.file(report), "Mappings")
    assert (gap["In Scoro / Scoros"], gap["Suggestion / Ettepanek"]) == ("kassa", "CASH Kassa")
    [fragment] = world.output.rglob("*_company.yaml")
    assert "kassa" in fragment.read_text("utf-8")
    assert stat.S_IMODE(fragment.stat().st_mode) == 0o600
    assert world.writes() == []
    # Other days know nothing of it.
    request, services = day.request()
    quiet = replace(request, days=(date(2026, 2, 1), date(2026, 2, 2)))
    assert write_report(quiet, services).mappings.endswith("the company file maps everything")


def test_a_no_holds_against_our_own_marker(day: FirstDay) -> None:
    world = day.world
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    line = {"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}
    values = {"company_id": source, "date": "2026-01-15", "deadline": "2026-01-15", "lines": [line]}
    world.site.create("invoices", values)
    world.run(date(2026, 1, 15), date(2026, 1, 15))
    [(remote, _)] = day.links().values()
    with world.engine.begin() as connection:
        connection.execute(delete(link).where(link.c.kind == "client"))
    report = day.run()
    assert day.links()[source][0] == remote
    no = fill_in(day.file(report), lambda row: "ei" if ":client:" in row[words.KEY] else None)
    day.hand_back(no)
    world.site.create("invoices", values)
    world.clock.advance(timedelta(hours=1))
    world.run(date(2026, 1, 15), date(2026, 1, 15))
    assert day.links()[source][0] != remote


def test_a_cell_far_below_and_a_damaged_workbook_are_no_trouble(day: FirstDay, tmp_path: Path) -> None:
    source, remote = likely_pair(day)
    path = day.file(day.run())
    book = load_workbook(io.BytesIO(fill_in(path, lambda row: "jah" if row["sheet"].startswith(LIKELY) else None)))
    book.worksheets[2].cell(row=1_048_576, column=1).value = " "
    content = saved(book, tmp_path / "far.xlsx")
    day.hand_back(content)
    assert day.links()[source][0] == remote
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(damaged, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, b"<worksheet><" if name.startswith("xl/worksheets/") else whole.read(name))
    with pytest.raises(WrongFile, match="no workbook that can be read"):
        day.hand_back(damaged.getvalue())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"name": "Mari Kuuselaane", "id_code": CODE}, {"name": "Mari Kuuselaane"}),
        ({"name": "Linh", "lastname": "Sa", "contact_type": "person"}, {"name": "Linh Sa"}),
    ],
)
def test_whoever_may_be_a_person_is_not_named_on_airflows_page(
    day: FirstDay, ours: dict[str, str], theirs: dict[str, str]
) -> None:
    day.contact(addresses=[STREET], **ours)
    day.known(address=ADDRESS, **theirs)
    day.run()
    with day.world.engine.begin() as connection:
        question = ask(read_outcomes(connection, day.world.company), "links.xlsx")
    said = question.body + "".join(question.shown.values())
    assert "Kuuselaane" not in said
    assert "Linh" not in said


def test_a_client_that_an_import_creates_at_this_moment_keeps_its_link(
    day: FirstDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scoro_smartaccounts.reconcile_ids import both_registers, linking

    world = day.world
    source = day.contact(name="Näidis OÜ", id_code=CODE)
    line = {"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}
    values = {"company_id": source, "date": "2026-01-15", "deadline": "2026-01-15", "lines": [line]}
    world.site.create("invoices", values)
    request, services = day.request()
    read_registers(request, services)
    real = both_registers.read_both_registers
    done: list[bool] = []

    def slow(*arguments: Any) -> Any:
        registers = real(*arguments)
        if not done:
            done.append(True)
            world.run(date(2026, 1, 15), date(2026, 1, 15))
        return registers

    with monkeypatch.context() as patch:
        patch.setattr(linking, "read_both_registers", slow)
        propose_links(request, services)
    assert source in day.links()
