"""Room page. A question about plans is told so that an accountant can answer it, once, and an answer that says nothing
changes nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from scoro_smartaccounts.approval import words
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.airflow_api import AirflowApi, Question
from scoro_smartaccounts_sandbox.scoro import reference_data
from tests.integration.office import DAY, Office, line
from tests.integration.page.words_of import words_of
from tests.integration.world import World

BILLS = Flow.PURCHASE_INVOICES
OPEN = Question(is_answered=False, by="", at=None)
AT = datetime(2026, 1, 14, 8, 30, tzinfo=UTC)


@pytest.fixture
def asked(office: Office) -> str:
    """Two sales invoices and a bill of reverse charge are asked about; the run that asks."""
    for net in ("1234.50", "10"):
        office.money.enter(DAY, net)
    reverse = [line("100") | {"vat_code_id": reference_data.VAT_0_EU}]
    office.money.enter(DAY, "100", flow=BILLS, no="EU-1", lines=reverse)
    office.plan(DAY, DAY)
    office.plan(DAY, DAY, flow=BILLS)
    return office.ask()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets Airflow keep a question, and tells what it was answered."""
    answers: list[tuple[str, dict[str, list[str]]]] = []

    def keep(question: Question) -> list[tuple[str, dict[str, list[str]]]]:
        async def told(*_: Any) -> Question:
            return question

        async def answer(_: Any, _dag: str, _run: str, _task: str, option: str, given: dict[str, list[str]]) -> bool:
            answers.append((option, given))
            return True

        monkeypatch.setattr(AirflowApi, "question", told)
        monkeypatch.setattr(AirflowApi, "answer", answer)
        return answers

    return keep


def test_a_question_tells_flow_vat_code_and_totals(opened: tuple[World, Any], asked: str, kept: Any) -> None:
    _, page = opened
    kept(OPEN)
    told = words_of(page("user", language="et").get("/decisions")).replace("\xa0", " ")
    sales, bills = told.partition("Müügiarved: 2")[2].split("Ostuarved: 1")
    assert "1 234,50 € 296,28 € 24 1 530,78 €" in sales
    assert "Kokku 2 dokumenti, EUR 1 244,50 € 298,68 € 24: 298,68 € 1 543,18 €" in sales
    reverse = "24% (Reverse Chg.): pöördmaksustamine, ostja deklareerib 24,00 €"
    assert f"100,00 € 0,00 € {reverse} 100,00 €" in bills
    assert f"Kokku 1 dokument, EUR 100,00 € 0,00 € {reverse} 100,00 €" in bills
    english = words_of(page("user").get("/decisions"))
    assert "reverse charge, the buyer declares €24.00" in english
    assert "Sales invoices: 2" in english


def test_airflows_form_tells_the_same(office: Office, asked: str) -> None:
    text = words.body(office.seen[asked])
    assert "### Sales invoices · Müügiarved: 2" in text
    assert "net · KM-ta 1244.50, VAT · KM 298.68, total · kokku 1543.18" in text
    [bill] = [row for row in text.splitlines() if row.startswith("| EU")]
    told = r"24% \(Reverse Chg\.\): reverse charge · pöördmaksustamine 24.00"
    assert re.search(told, bill.replace("\\", "")), bill
    assert "VAT code · KM kood 24% " in text
    assert "0.00 EUR, reverse charge · pöördmaksustamine 24.00" in text


def test_to_dismiss_all_is_no_answer(opened: tuple[World, Any], office: Office, asked: str, kept: Any) -> None:
    _, page = opened
    answers = kept(OPEN)
    editor = page("user")
    labels = [each.label for each in office.seen[asked]]
    said = editor.post("/decisions/approval", {"run": asked, "choice": "approve", "leave_out": labels})
    assert answers == []
    shown = editor.get(said.headers["location"].removeprefix("/scoro-smartaccounts"))
    assert "Nothing was changed: every document was dismissed" in words_of(shown)
    assert "Approved." not in shown.text
    assert len(re.findall(r'name="leave_out"[^>]* checked', shown.text)) == len(labels) == 3
    assert 'name="leave_out"' in editor.get("/decisions").text
    assert " checked" not in editor.get("/decisions").text

    said = editor.post("/decisions/approval", {"run": asked, "choice": "approve", "leave_out": labels[:2]})
    assert said.headers["location"].endswith("said=approve")
    assert answers == [("Approve", {"leave_out": labels[:2]})]
    editor.post("/decisions/approval", {"run": asked, "choice": "reject", "leave_out": labels})
    assert answers[1:] == [("Reject", {})]


@pytest.mark.parametrize(
    ("option", "left_out", "told"),
    [
        ("Approve", 0, "mari kinnitas 14.01.2026 10:30; dokumendid kantakse"),
        ("Approve", 1, "mari kinnitas 14.01.2026 10:30 ja jättis 1 dokumendi kõrvale"),
        ("Reject", 0, "mari lükkas tagasi 14.01.2026 10:30; midagi ei kanta"),
    ],
)
def test_an_answered_question_says_who_and_what_and_has_no_controls(
    opened: tuple[World, Any], office: Office, asked: str, kept: Any, option: str, left_out: int, told: str
) -> None:
    _, page = opened
    labels = [each.label for each in office.seen[asked]][:left_out]
    kept(Question(is_answered=True, by="mari", at=AT, option=option, left_out=labels))
    shown = page("user", language="et").get("/decisions")
    assert told in words_of(shown)
    section = shown.text.partition('id="approvals"')[2].partition("</section>")[0]
    assert len(office.seen[asked]) == 3
    assert not re.search(r"<(input|button|form)", section), section
    assert section.count("kõrvale jäetud</span>") == left_out


def test_airflow_keeps_what_was_answered(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What its API tells becomes what the page says."""
    import asyncio

    import httpx

    kept = {
        "response_received": True,
        "responded_by_user": {"id": "mari", "name": "mari"},
        "responded_at": AT.isoformat(),
        "chosen_options": ["Approve"],
        "params_input": {"leave_out": ["x"]},
    }

    async def call(*_: Any, **_more: Any) -> httpx.Response:
        return httpx.Response(200, json=kept)

    monkeypatch.setattr(AirflowApi, "_call", call)
    found = asyncio.run(AirflowApi.question(object.__new__(AirflowApi), "dag", "run", "task"))
    assert found == Question(is_answered=True, by="mari", at=AT, option="Approve", left_out=["x"])
    assert found.what == "approve_but"


def test_who_may_not_answer_sees_no_controls(opened: tuple[World, Any], asked: str, kept: Any) -> None:
    _, page = opened
    kept(OPEN)
    shown = page("viewer").get("/decisions").text
    section = shown.partition('id="approvals"')[2].partition("</section>")[0]
    assert "EU-1" in section
    assert not re.search(r"<(input|button|form)", section), section
