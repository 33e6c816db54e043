"""Room cli. The command line over a real staging database: what a person sees and decides there is what the next run
does."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from scoro_smartaccounts.budget import Budget, Priority
from scoro_smartaccounts.cli import main
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import FOLDER_VARIABLE, load_companies
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging.periods import known_months
from scoro_smartaccounts_demo import commands as demo_commands
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
from scoro_smartaccounts_demo.staging import database_of
from scoro_smartaccounts_demo.target import Variables
from tests.integration.first_day import ADDRESS, STREET, FirstDay, fill_in
from tests.integration.money import Money
from tests.integration.world import World

DAY = date(2026, 1, 15)

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(staging_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs one command; its exit code and what it printed."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv(STAGING_VARIABLE, staging_url)

    def command(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out + told.err

    return command


def client(world: World) -> int:
    values = {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022"}
    return int(world.site.create("contacts", values)["contact_id"])


def invoice(world: World, *, client_named: bool = True) -> tuple[int, str]:
    """Id and number of a new invoice; one that names no client goes to quarantine."""
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    fields = {"company_id": client(world), "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    made = world.site.create("invoices", fields)
    if not client_named:
        world.site.put("invoices", {**made, "company_id": 0, "person_id": 0})
    return int(made["id"]), str(made["no"])


def test_a_mended_document_is_tried_again(world: World, command: Command) -> None:
    assert command("quarantine") == (0, "Nothing is in quarantine.\n")
    bad, number = invoice(world, client_named=False)
    _, good = invoice(world)
    world.run(DAY, DAY)
    code, told = command("quarantine")
    assert code == 0
    assert told.startswith(f"{number} (id:{bad}) of 15.01.2026, sales invoices, open, partner_not_named, since ")
    assert told.count("\n") == 2

    world.clock.advance(timedelta(hours=1))
    world.site.modify("invoices", bad, {"company_id": client(world)})
    code, told = command("retry", number, "--note", "client added")
    assert (code, told.startswith(f"{number} (id:{bad}) will be tried by the next run")) == (0, True)
    code, told = command("quarantine")
    assert f"{number} (id:{bad}) of 15.01.2026, sales invoices, released" in told
    assert "Note: client added" in told

    world.run(DAY, DAY)
    assert {row["invoiceNumber"] for row in world.invoices()} == {number, good}
    assert command("quarantine") == (0, "Nothing is in quarantine.\n")


def test_a_dismissed_document_is_left_alone(world: World, command: Command) -> None:
    bad, number = invoice(world, client_named=False)
    world.run(DAY, DAY)
    for note in ([], ["--note", " "]):
        code, told = command("dismiss", number, *note)
        assert (code, "'--note'" in told) == (2, True)
    code, told = command("dismiss", number, "no-such-number", "--note", "a test invoice")
    assert (code, f"{number} (id:{bad}) is dismissed" in told, "no-such-number is not in quarantine." in told) == (
        1,
        True,
        True,
    )
    assert world.run(DAY, DAY)["documents"]["quarantined"] == 0
    code, told = command("quarantine")
    assert f"{number} (id:{bad}) of 15.01.2026, sales invoices, dismissed" in told
    assert "Note: a test invoice" in told


def test_one_name_in_two_flows(world: World, command: Command) -> None:
    world.checked = False
    bad, number = invoice(world)
    lines = [{"product_id": 0, "comment": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    day = DAY.isoformat()
    fields = {"company_id": client(world), "no": number, "date": day, "deadline": day, "lines": lines}
    assert world.site.create("bills", fields)["id"] == bad
    world.books.switches.change({"locked_until": "2026-12-31", "error_key_field": ""})
    flows = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
    for flow in flows:
        world.run(DAY, DAY, flow=flow)
    for decision, name in ((decision, name) for decision in ("retry", "dismiss") for name in (number, f"id:{bad}")):
        code, told = command(decision, name, "--note", "a test")
        assert (code, "say which by --flow purchase_invoices or --flow sales_invoices." in told) == (2, True)
    assert command("dismiss", number, "--flow", "purchase_invoices", "--note", "a test")[0] == 0
    told = command("quarantine")[1]
    assert f"{number} (id:{bad}) of 15.01.2026, sales invoices, open" in told
    assert f"{number} (id:{bad}) of 15.01.2026, purchase invoices, dismissed" in told
    assert "Bill " in told
    assert f"{number} of 15.01.2026" in command("explain", number, "--flow", "purchase_invoices")[1]


def test_the_story_of_a_document(world: World, command: Command) -> None:
    (_, bad), (_, good) = invoice(world, client_named=False), invoice(world)
    world.run(DAY, DAY)
    code, told = command("explain", good)
    assert (code, told.startswith(f"{good} of 15.01.2026")) == (0, True)
    assert f"invoiceNumber {good}" in told
    code, told = command("explain", bad)
    assert code == 0
    assert "Quarantine:" in told
    assert "In SmartAccounts:" not in told
    code, told = command("explain", "404")
    assert (code, "No document 404 of flow sales_invoices is known" in told) == (1, True)


def test_a_document_of_another_flow_is_named(world: World, command: Command) -> None:
    _, number = invoice(world)
    world.run(DAY, DAY)
    assert command("explain", number, "--flow", "sales_invoices")[1].startswith(f"{number} of 15.01.2026")
    told = command("explain", number, "--flow", "purchase_invoices")[1]
    assert told.startswith(f"No document {number} of flow purchase_invoices is known")
    assert told.endswith("there is one of flow sales_invoices.\n")
    code, told = command("explain", number, "--flow", "sales")
    assert (code, all(flow.value in told for flow in Flow)) == (2, True)


def test_the_stories_of_payments(world: World, command: Command) -> None:
    """One that came from Scoro, more than was due, and one that went there."""
    money = Money(world)
    first, second = money.enter(DAY, "100"), money.enter(DAY, "200")
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    group = money.receive("invoices", {first: "130"}, DAY)
    money.import_payments(DAY, DAY)
    code, told = command("explain", f"receipt-{group}", "--flow", "payments")
    assert (code, told.startswith(f"receipt-{group} of 15.01.2026, Scoro id {group}, in Scoro\n  130.00 EUR")) == (
        0,
        True,
    )
    (booked,) = money.payments()
    for line in (
        "  BANK LHV on 15.01.2026",
        f"  row CLIENT_INVOICE {money.remote(first)}: 124.00",
        "  prepayment: 6.00",
        f"In SmartAccounts:\n  {booked['id']} (created",
    ):
        assert line in told, told

    payment = money.pay({money.remote(second): None}, DAY)
    world.clock.advance(timedelta(hours=1))
    money.export()
    (number,) = {str(row["number"]) for row in money.payments() if row["id"] == payment}
    (receipt,) = {row["id"] for row in money.groups()} - {group}
    told = command("explain", f"payment-{number}", "--flow", "export_payments")[1]
    for line in (
        f"SmartAccounts id {payment}, in SmartAccounts\n  248.00 EUR\n",
        f"  receipt of 248.00 on 2026-01-15\n  row invoices {second}: 248.00\n",
        "Requests to Scoro:\n",
        f"In Scoro:\n  {receipt} (exported",
    ):
        assert line in told, told


def test_what_waits_is_listed_and_names_the_day_that_is_missing(world: World, command: Command) -> None:
    money = Money(world)
    early = money.enter(DAY, "100")
    group = money.receive("invoices", {early: None}, DAY + timedelta(days=1))
    money.import_documents(DAY - timedelta(days=1), DAY - timedelta(days=1))
    money.import_payments(DAY, DAY + timedelta(days=1))
    code, told = command("quarantine")
    assert code == 0
    assert f"receipt-{group} (id:{group}) of 16.01.2026, payments, since " in told
    assert f"    Payment {group} of 16.01.2026 waits for invoice" in told
    assert "Import 15.01.2026, or mend it" in told


def test_where_staging_is_and_for_whom(staging_url: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both text forms of an Airflow connection are understood; a company that is not there is an error."""
    for connection in (staging_url.replace("postgresql://", "postgres://"), connection_json(make_url(staging_url))):
        monkeypatch.setenv(STAGING_VARIABLE, connection)
        assert command("quarantine") == (0, "Nothing is in quarantine.\n")
    code, told = command("--company", "nobody", "quarantine")
    assert (code, told) == (2, "no company nobody; there are: default\n")


def test_the_demos_database_is_taken_where_none_is_named_and_that_is_said(
    staging_url: str, command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(STAGING_VARIABLE)
    monkeypatch.setattr(demo_commands, "staging_of", lambda company: make_url(staging_url))
    assert main(["quarantine", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"company": "default", "quarantine": [], "waiting": []}
    name = make_url(staging_url).database
    assert told.err == f"{STAGING_VARIABLE} is not set: this is the demo's database {name}.\n"


def test_services_that_the_environment_names_have_a_database_of_their_own() -> None:
    """The one that `run` works on is the one that is asked."""
    (company,) = load_companies()
    names = Variables.of(company)
    assert database_of(company, {}) == "staging"
    one, other = (database_of(company, dict.fromkeys(names.services, value)) for value in ("one", "other"))
    assert len({one, other, "staging"}) == 3
    assert one == database_of(company, dict.fromkeys(names.services, "one"))


def test_decisions_are_taken_from_a_file(world: World, command: Command) -> None:
    day = FirstDay(world)
    source = day.contact(name="Põhjatäht OÜ", addresses=[STREET])
    remote = day.known(name="OÜ Põhjatäht", address=ADDRESS)
    report = day.run()
    path = day.file(report).with_name("filled.xlsx")
    fill_in(day.file(report), lambda row: "jah")
    assert command("reconcile", str(path)) == (0, "1 pair linked, 0 rejected, 0 as before, 0 skipped.\n")
    assert day.links() == {source: (remote, "decided")}
    code, told = command("reconcile", str(path), "--json")
    counts = {"linked": 0, "rejected": 0, "unchanged": 1, "skipped": []}
    assert (code, json.loads(told)) == (0, {"company": "default", **counts})
    fill_in(day.file(report), lambda row: "vist")
    code, told = command("reconcile", str(path))
    assert code == 2
    assert "row 2, column Decision / Otsus of sheet Likely" in told
    assert command("reconcile", str(path.with_name("missing.xlsx")))[0] == 2


def test_commands_in_sentences_are_safe_to_copy(world: World, command: Command) -> None:
    """Whoever may start a run may name it."""
    summary = world.run(DAY, DAY)
    told = render_summary({**summary, "run": "import_sales_invoices/$(touch canary)", "warnings": ["something"]})
    line = "scoro-smartaccounts warnings '--run=import_sales_invoices/$(touch canary)'"
    assert f"All warnings, one by one: {line}" in told.splitlines()
    told = render_summary({**summary, "warnings": ["something"]})
    (line,) = (line.partition(": ")[2] for line in told.splitlines() if line.startswith("All warnings"))
    assert line.startswith("scoro-smartaccounts ")
    assert command(*shlex.split(line)[1:]) == (0, f"{summary['run']}: 0 warnings\n")


def test_what_scripts_read(world: World, command: Command, tmp_path: Path) -> None:
    """The shapes of docs/commands.md."""

    def shape(code: int, *arguments: str) -> Any:
        ended, told = command(*arguments, "--json")
        assert ended == code, told
        return json.loads(told)

    (bad, number), (good_id, good) = invoice(world, client_named=False), invoice(world)
    run = world.run(DAY, DAY)
    found = shape(0, "quarantine")
    (case,) = found["quarantine"]
    opened = case.pop("since")
    assert datetime.fromisoformat(opened).utcoffset() in (timedelta(hours=2), timedelta(hours=3))
    assert set(case.pop("sentence")) == {"en", "et"}
    named = {"flow": "sales_invoices", "number": number, "id": str(bad), "day": "2026-01-15"}
    expected = {**named, "state": "open", "note": "", "run": run["run"], "code": "partner_not_named"}
    assert (found, case) == ({"company": "default", "quarantine": [case], "waiting": []}, expected)

    told = shape(0, "explain", good)
    (story,) = told.pop("documents")
    assert told == {"company": "default", "flow": "sales_invoices", "number": good, "other_flows": []}
    sections = story.pop("sections")
    assert {"snapshots", "runs", "plan", "requests", "booked"} <= set(sections)
    assert story.pop("contact").isdigit()
    assert story == {
        "number": good,
        "id": str(good_id),
        "system": "Scoro",
        "state": "there",
        "day": "2026-01-15",
        "net": "100.00",
        "vat": "24.00",
        "currency": "EUR",
    }
    told = shape(1, "explain", good, "--flow", "purchase_invoices")
    assert (told["documents"], told["other_flows"]) == ([], ["sales_invoices"])

    told = shape(0, "warnings")
    assert (told["company"], [(each["run"], each["flow"]) for each in told["runs"]]) == (
        "default",
        [(run["run"], "sales_invoices")],
    )
    assert shape(1, "warnings", "--run", "no-such-run") == {"company": "default", "runs": []}

    told = shape(1, "retry", number, "404", "--note", "client added")
    assert told["not_found"] == ["404"]
    assert [(each["number"], each["state"], each["note"]) for each in told["decided"]] == [
        (number, "released", "client added")
    ]
    assert shape(0, "dismiss", f"id:{bad}", "--note", "a test")["decided"][0]["state"] == "dismissed"

    (tmp_path / "report.csv").write_text("")
    code, told = command("reconcile", str(tmp_path / "report.csv"), "--json")
    assert (code, told.startswith("{")) == (2, False)


def test_a_pause_is_lifted(world: World, command: Command) -> None:
    assert command("resume") == (0, "Nothing is paused.\n")
    Budget(world.engine, "default", "run", Priority.DAILY, utc_now).pause(timedelta(days=4000))
    code, told = command("resume")
    assert code == 0
    assert "Requests to SmartAccounts are allowed again; they were paused until " in told
    assert "(Tallinn)" in told
    assert json.loads(command("resume", "--json")[1]) == {"company": "default", "paused_until": None}


def test_what_is_old_is_forgotten_only_where_it_is_wanted(world: World, command: Command) -> None:
    assert command("forget", "--contact", "1", "--older-than", "7y")[0] == 2
    told = json.loads(command("forget", "--older-than", "2019-01-01", "--json")[1])
    assert (told["before"], told["is_cleared"], told["is_done"]) == ("2019-01-01", False, True)
    code, said = command("forget", "--older-than", "2019-01-01", "--yes", "--by", "a tester")
    assert (code, "would be" in said) == (0, False)


@pytest.mark.parametrize(("account", "code"), [("root", 2), ("airflow", 2), ("mari", 0)])
def test_a_machines_account_must_say_who_forgets(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch, account: str, code: int
) -> None:
    monkeypatch.setenv("LOGNAME", account)
    assert command("forget", "--older-than", "2019-01-01")[0] == 0
    ended, said = command("forget", "--older-than", "2019-01-01", "--yes")
    assert (ended, "with --by" in said) == (code, code == 2)


def test_a_name_to_forget_comes_from_standard_input(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Keegi Teine\n"))
    code, said = command("forget", "--stdin")
    assert (code, "Keegi" in said) == (0, False)
    assert "No contact, client or vendor is called so" in said


def test_what_people_say_of_months_and_of_late_documents(
    world: World, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own, first), (_, second) = invoice(world), invoice(world)
    monkeypatch.setattr("getpass.getuser", lambda: "mari")
    code, told = command("filed", "2026-01")
    assert (code, told) == (0, "2026-01: its VAT return is filed from now on. The next run goes by it.\n")
    with world.engine.connect() as connection:
        assert known_months(connection, "default")[date(2026, 1, 1)].said_by == "mari"
    assert world.run(DAY, DAY)["documents"]["quarantined"] == 2
    assert "book-into first-open-day" in command("quarantine")[1]
    # Only what is asked about, and of that month.
    code, told = command("book-into", "2026-02", first)
    assert (code, told) == (1, f"{first} is not asked about for 2026-02.\n")
    code, told = command("book-into", "2026-01", first)
    assert (code, told) == (0, f"{first} (id:{own}) is entered into 2026-01 by the next run.\n")
    code, told = command("book-into", "first-open-day", second, "no-such-number", "--json")
    assert code == 1
    assert json.loads(told)["not_found"] == ["no-such-number"]
    assert [each["code"] for each in json.loads(told)["decided"]] == ["period_ask"]
    assert "Chosen: first open day." in command("quarantine")[1]
    world.run(DAY, DAY)
    assert {row["invoiceNumber"]: row["entryDate"] for row in world.invoices()} == {
        first: "15.01.2026",
        second: "01.02.2026",
    }
    assert ", chosen: own month" in command("explain", first)[1]
    assert command("reopened", "2026-01")[1].startswith("2026-01: it is open from now on.")
    assert json.loads(command("reopened", "2026-01", "--json")[1])["state"] == "open"
    for wrong in ("jaanuar", "2026-13", "2026-1"):
        assert command("filed", wrong)[0] == 2
        assert command("book-into", wrong, first)[0] == 2
