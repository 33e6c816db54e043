"""Room common/reasons. Words that the source puts together from parts stand in the catalogue, and Estonian sentences
are Estonian."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common import reasons
from scoro_smartaccounts.common.reasons import REASONS, phrase, render
from scoro_smartaccounts.common.reasons import outcomes as outcomes_room
from scoro_smartaccounts.common.reasons import payments as payments_room
from scoro_smartaccounts.common.reasons import planning as planning_room
from scoro_smartaccounts.common.reasons import quality as quality_room
from scoro_smartaccounts.common.reasons import reading as reading_room
from scoro_smartaccounts.common.reasons import sending as sending_room
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.load.sending import refused
from scoro_smartaccounts.matching.partners.doubts import AMBIGUOUS, DIFFERS
from scoro_smartaccounts.matching.partners.undecided import UNDECIDED, Undecided, waits_for_decision
from scoro_smartaccounts.outbox.target import SCORO, SMARTACCOUNTS
from scoro_smartaccounts.plan.store import NOTED_CODES, PLAN_CODES, WAIT_CODES
from scoro_smartaccounts.staging.cases import OWN_CASES
from scoro_smartaccounts.staging.links import Kind

PARTNERS = [spec.partner for spec in INVOICE_FLOWS.values()]


@pytest.mark.parametrize("partner", PARTNERS)
def test_words_of_partners(partner: str) -> None:
    words = {f"{partner}_word", f"{partner}_named", f"{partner}_of_contact", f"another_{partner}"}
    words |= {f"several_{partner}s", f"several_{partner}s_marked", f"codes_of_different_{partner}s"}
    assert words <= PHRASES.keys()
    assert f"{partner}_gone" in OWN_CASES


def test_words_of_amounts_and_places() -> None:
    amounts = ("net", "VAT", "vat", "rounding", "total", "date", "currency")
    assert {f"{name}_instead" for name in amounts} <= PHRASES.keys()
    assert {"country", "county", "city", "address1", "address2", "postal_code", "name", "unit"} <= PHRASES.keys()


@pytest.mark.parametrize("what", ["account", "cost_object"])
def test_settings_of_lines(what: str) -> None:
    assert {f"{what}_not_mapped", f"{what}_unknown"} <= REASONS.keys()


def test_codes_belong_to_the_step_that_takes_them_back() -> None:
    assert {AMBIGUOUS, DIFFERS, "possible_duplicate", "vat_not_mapped"} <= PLAN_CODES
    assert {SMARTACCOUNTS.refused, SCORO.refused} <= OWN_CASES
    assert set(UNDECIDED) <= WAIT_CODES
    assert {"article_type_conflict", "text_cut"} <= NOTED_CODES
    assert not OWN_CASES & PLAN_CODES
    assert not NOTED_CODES & (PLAN_CODES | WAIT_CODES)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (None, "Arve 7: SmartAccounts keeldus: Vale kuupäev; KEY. Kõrvalda põhjus ja proovi uuesti."),
        (
            phrase("contact", id="51"),
            "Arve 7: kontakt 51: SmartAccounts keeldus: Vale kuupäev; KEY. Kõrvalda põhjus ja proovi uuesti.",
        ),
    ],
)
def test_a_refusal_tells_what_smartaccounts_said(what: Any, sentence: str) -> None:
    problem = refused(SMARTACCOUNTS, phrase("invoice", number="7"), (("A", "Vale kuupäev"), ("KEY", "")), what=what)
    assert render(problem.reason, "et") == sentence
    assert "without a reason" in str(refused(SMARTACCOUNTS, phrase("invoice", number="7"), ()))


def test_no_words_stand_twice() -> None:
    """The second would hide the first, wherever it stands."""
    for name in ("phrases", "planning", "sending", "payments", "quality", "reading", "outcomes"):
        tree = ast.parse((Path(reasons.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        keys = [
            key.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Dict)
            for key in node.keys
            if isinstance(key, ast.Constant)
        ]
        assert [key for key, count in Counter(keys).items() if count > 1] == []
    rooms = (planning_room, sending_room, payments_room, quality_room, reading_room, outcomes_room)
    entries = [entry.key for room in rooms for entry in room.ENTRIES]
    assert [key for key, count in Counter(entries).items() if count > 1] == []


def test_who_somebody_may_be_is_told_in_both_languages() -> None:
    found = [Undecided(Kind.CLIENT, "51", ("7", "8")), Undecided(Kind.ARTICLE, "3", ("A1",))]
    why = waits_for_decision(phrase("invoice", number="7"), found)
    assert why.code == "partner_undecided"
    assert "contact 51 may be client 7 or 8 of SmartAccounts; product 3 may be article A1" in render(why)
    assert "kontakt 51 võib olla SmartAccountsi klient 7 või 8; toode 3 võib olla SmartAccountsi artikkel A1" in render(
        why, "et"
    )
