"""Room report. One rule says whose name may be shown: a company's. All places that are no protected files are walked
with a private person, a sole trader, people who were entered as companies, and a company."""

from __future__ import annotations

import ast
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from scoro_smartaccounts.approval import words
from scoro_smartaccounts.cli import main
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.plan import invoices as planning
from scoro_smartaccounts.reconcile_ids.outcome import read_outcomes
from scoro_smartaccounts.reconcile_ids.question import ask
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging.schema import finding, quarantine, run_document, waiting
from tests.integration.first_day import ADDRESS, CLIENTS, STREET, FirstDay
from tests.integration.office import DAY, NEXT, Office, open_office
from tests.integration.world import World

MARK = "kanaarilind"
COMPANY = "Põhjatäht Kaubandus OÜ"
# What is entered in Scoro, by what it is; registry codes are right ones.
PARTNERS = {
    "private person": {"name": "Salme", "lastname": "Kanaarilind", "contact_type": "person", "id_code": "60001019906"},
    "sole trader": {"name": "Kanaarilind Salme FIE", "contact_type": "company", "id_code": "10000018"},
    "sole trader, form in front": {"name": "FIE Salme Kanaarilind", "contact_type": "company"},
    "person as a company": {"name": "Mari-Liis Kanaarilind", "contact_type": "company"},
    "person as a company with a code": {
        "name": "Kanaarilind, Mari-Liis",
        "contact_type": "company",
        "id_code": "10000024",
    },
    "person whose name looks like a form": {"name": "Kanaarilind Sa", "contact_type": "company"},
    "company": {"name": COMPANY, "contact_type": "company", "id_code": "19000022"},
}
NOBODY = [kind for kind in PARTNERS if kind != "company"]


@pytest.fixture
def partners(world: World) -> dict[str, int]:
    return {
        kind: int(
            world.site.create("contacts", {**fields, "is_client": 1, "is_supplier": 1, "addresses": [STREET]})[
                "contact_id"
            ]
        )
        for kind, fields in PARTNERS.items()
    }


def names_nobody(text: str, where: str) -> None:
    lowered = text.casefold()
    assert MARK not in lowered, f"{where}: {text[max(lowered.find(MARK) - 200, 0) :][:500]}"
    assert "salme" not in lowered, where
    assert "mari-liis" not in lowered, where


@pytest.mark.parametrize("kind", PARTNERS)
def test_the_rule(kind: str) -> None:
    fields = PARTNERS[kind]
    name = " ".join(filter(None, (fields["name"], fields.get("lastname"))))
    for is_person in (fields["contact_type"] == "person", None):
        party = PartnerRecord("1", name, is_person or None, registry_code=fields.get("id_code", ""))
        assert profile_of(party).public_name == (name if kind == "company" else "")


def test_the_question_of_the_accountant(world: World, office: Office, partners: dict[str, int]) -> None:
    for partner in partners.values():
        office.money.enter(DAY, "100", partner=partner)
        office.money.enter(DAY, "100", partner=partner, flow=Flow.PURCHASE_INVOICES, no=f"T-{partner}")
    office.plan()
    office.plan(flow=Flow.PURCHASE_INVOICES)
    documents = office.seen[office.ask()]
    assert len(documents) == 2 * len(PARTNERS)
    told = "\n".join((words.subject("Näidis", documents), words.body(documents), *(each.label for each in documents)))
    names_nobody(told, "question")
    assert COMPANY in told
    for kind in NOBODY:
        assert f"Scoro kontakt {partners[kind]}" in told


def test_everything_that_a_month_leaves_behind(
    world: World,
    partners: dict[str, int],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Logs, summaries, sentences in both languages, Data Docs, and what the commands print."""
    caplog.set_level(logging.INFO)
    office = open_office(world)
    world.checked = True
    numbers = []
    company = partners["company"]
    for kind, partner in partners.items():
        first = office.money.enter(DAY, "100", partner=partner)
        # Credits of somebody else's invoice, in both directions.
        for its, other in ((partner, company), (company, partner)):
            credited = office.money.enter(DAY, "50", partner=other)
            office.money.enter(NEXT, "-50", partner=its, credited_invoices=[credited])
        office.money.enter(DAY, "1", partner=partner, lines=[])
        # SmartAccounts has its code under other names, twice.
        if code := PARTNERS[kind].get("id_code"):
            for name in ("Hoopis Muu Kanaarilind FIE", "Salme Kanaarilind"):
                world.books.seed(CLIENTS, {"name": name, "vatPc": "24", "regCode": code})
        numbers.append(str(first))
    summaries = [
        world.run(DAY, NEXT),
        world.run(DAY, NEXT, flow=Flow.PURCHASE_INVOICES),
        office.plan(),
        world.run(DAY, NEXT + timedelta(days=1)),
    ]
    for summary in summaries:
        names_nobody(json.dumps(summary, ensure_ascii=False), "summary")
        names_nobody(render_summary(summary), "table of the summary")
    sentences = list(_sentences(world))
    assert len(sentences) > len(PARTNERS)
    for sentence in sentences:
        names_nobody(sentence, "sentence")
    names_nobody(caplog.text, "log")
    pages = list(world.output.rglob("*.html"))
    assert pages
    for page in pages:
        names_nobody(page.read_text("utf-8"), page.name)
    monkeypatch.setenv("AIRFLOW_CONN_STAGING_DEFAULT", world.engine.url.render_as_string(hide_password=False))
    for command in (["quarantine"], ["warnings"], *(["explain", number] for number in numbers)):
        main(command)
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) > 2 * len(PARTNERS)
    names_nobody(printed.out + printed.err, "commands")


def _sentences(world: World) -> Iterator[str]:
    with world.engine.connect() as connection:
        for column in (finding.c.reason, quarantine.c.reason, waiting.c.reason, run_document.c.outcome_reason):
            for stored in connection.scalars(select(column)):
                if stored is not None:
                    yield from (render(Reason.from_json(stored), language) for language in ("en", "et"))


def test_the_question_about_likely_pairs(
    world: World, partners: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    day = FirstDay(world)
    for fields in PARTNERS.values():
        name = " ".join(filter(None, (fields["name"], fields.get("lastname"))))
        turned = " ".join(reversed(name.replace(",", "").split()))
        day.known(name="OÜ Põhjatäht Kaubandus" if name == COMPANY else turned, address=ADDRESS)
    report = day.run()
    with world.engine.connect() as connection:
        question = ask(read_outcomes(connection, world.company), report.file)
    told = "\n".join((question.body, *question.shown, *question.shown.values(), str(report)))
    names_nobody(told, "question")
    names_nobody(caplog.text, "log")
    assert "Põhjatäht" in told
    assert len(question.shown) > 1


def test_no_sentence_takes_a_name_in_any_other_way() -> None:
    """Phrases that name a partner are made in few places, all of which ask the rule."""
    named = {"contact_named", "client_named", "vendor_named", "named"}  # and f"{noun}_named"
    found = 0
    root = Path(planning.__file__).parents[1]
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("phrase", "reason"):
                continue
            key = ast.unparse(node.args[0]).strip("f'\"") if node.args else ""
            names = [item.value for item in node.keywords if item.arg == "name"]
            if key in named or key.endswith("}_named"):
                found += 1
                assert [ast.unparse(name) for name in names] == ["known.public_name"], f"{file}:{node.lineno}"
    assert found >= 4
