"""Room common/reasons. The catalogue of reasons: whole in both languages, and every reason that the source gives
stands in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint

from scoro_smartaccounts.common import reasons
from scoro_smartaccounts.common.reasons import (
    REASONS,
    Reason,
    Severity,
    field_of,
    names_document,
    phrase,
    reason,
    render,
    system_of,
)
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.rendering import placeholders
from scoro_smartaccounts.plan import invoices as planning
from scoro_smartaccounts.report import words
from scoro_smartaccounts.report.document import Direction, How, RowKind, Verdict
from scoro_smartaccounts.staging.links import Evidence
from scoro_smartaccounts.staging.schema import run_document
from tests.remedies import REMEDIES

ROOT = Path(planning.__file__).parents[1]
ROOMS = [
    reasons.reading,
    reasons.quality,
    reasons.planning,
    reasons.periods,
    reasons.payments,
    reasons.sending,
    reasons.outcomes,
]


@cache
def all_calls() -> list[tuple[str, ast.Call]]:
    """Every call of the source, with the place of each."""
    return [
        (f"{'.'.join(file.relative_to(ROOT).with_suffix('').parts)}:{node.lineno}", node)
        for file in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function of this name, with the place of each."""
    for place, node in all_calls():
        if getattr(node.func, "id", getattr(node.func, "attr", "")) == name:
            yield place, node


def written_keys(name: str) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Place, key and names of the values of each call whose key is written out; None: values come in a mapping."""
    for place, call in calls(name):
        if call.args and isinstance(call.args[0], ast.Constant):
            names = [item.arg for item in call.keywords]
            yield place, str(call.args[0].value), None if None in names else frozenset(filter(None, names))


@pytest.mark.parametrize("catalogue", [REASONS, PHRASES], ids=["reasons", "phrases"])
def test_both_languages_tell_the_same_values(catalogue: Mapping[str, Any]) -> None:
    assert [key for key, entry in catalogue.items() if placeholders(entry.en) != placeholders(entry.et)] == []


def test_every_sentence_is_one() -> None:
    sentences = [sentence for key, entry in REASONS.items() if key != "as_told" for sentence in (entry.en, entry.et)]
    assert [sentence for sentence in sentences if sentence[-1] not in ".}" or "  " in sentence] == []


def words_of(text: str) -> set[str]:
    return {word.strip(".,;:") for word in text.lower().split()}


def test_remedies_are_told_in_the_words_of_the_sentence() -> None:
    told = [(key, remedy) for key, remedies in REMEDIES.items() for remedy in remedies]
    assert [(key, remedy) for key, remedy in told if not words_of(remedy) <= words_of(REASONS[key].en)] == []


def test_what_a_person_must_mend_has_a_remedy() -> None:
    told = {key for key, entry in REASONS.items() if entry.severity in (Severity.ERROR, Severity.WAIT)}
    assert told - REMEDIES.keys() == set()


# How a sentence asks somebody to change something. To check, compare or look changes nothing.
CHANGES = re.compile(
    r"(?:[.:;,]|\b(?:or|and|then|otherwise))"
    r" (?:add|book|call|choose|correct|delete|dismiss|enter|give|make|merge|move|open|restore|retry|set|undo|use"
    r"|write)\b",
    re.IGNORECASE,
)


def test_a_warning_that_asks_for_a_change_lists_it_as_a_remedy() -> None:
    """Which the scenarios of tests/integration/remedies follow."""
    told = {key: entry for key, entry in REASONS.items() if entry.severity is Severity.WARNING}
    assert {key for key, entry in told.items() if CHANGES.search(entry.en)} - REMEDIES.keys() == set()


def test_questions_tell_by_which_value_they_are_answered() -> None:
    """It is a value of the sentence, or (where the sentence tells a sum) one that is kept beside it."""
    asked = {key: entry for key, entry in REASONS.items() if entry.asks_about}
    assert all(entry.is_question for entry in asked.values())
    hidden = {key for key, entry in asked.items() if entry.asks_about not in placeholders(entry.en)}
    assert hidden == {"possible_duplicate.covered"}
    forms = {key for key, entry in REASONS.items() if entry.code in ("possible_duplicate", "document_gone")}
    assert forms <= asked.keys()


def test_every_key_stands_once() -> None:
    """A second entry would silently take the place of the first."""
    keys = Counter(entry.key for room in ROOMS for entry in room.ENTRIES)
    assert [key for key, times in keys.items() if times > 1] == []


def test_a_key_is_a_reason_or_words_never_both() -> None:
    assert REASONS.keys() & PHRASES.keys() - {"bill", "invoice"} == set()


def test_the_forms_of_a_code_belong_to_one_severity() -> None:
    found: dict[str, set[Severity]] = {}
    for entry in REASONS.values():
        found.setdefault(entry.code, set()).add(entry.severity)
    assert {code: severities for code, severities in found.items() if len(severities) > 1} == {}


@pytest.mark.parametrize(("name", "catalogue"), [("reason", REASONS), ("phrase", PHRASES)])
def test_what_the_source_says_stands_in_the_catalogue_with_its_values(name: str, catalogue: Any) -> None:
    found = list(written_keys(name))
    assert len(found) > 10
    for place, key, values in found:
        assert key in catalogue, f"{place}: {key}"
        if values is not None:
            wanted = placeholders(catalogue[key].en) - {"about"}
            assert wanted <= values, f"{place}: {key} misses {sorted(wanted - values)}"


def outcomes() -> set[str]:
    [check] = [
        str(item.sqltext)
        for item in run_document.constraints
        if isinstance(item, CheckConstraint) and str(item.sqltext).startswith("outcome")
    ]
    return set(re.findall(r"'(\w+)'", check))


def test_every_outcome_has_a_verdict_and_a_sentence() -> None:
    assert {*outcomes()} - {"planned"} == {*Verdict} - {Verdict.CREATE}
    assert {*outcomes()} <= {entry.code for entry in REASONS.values()}


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (words.VERDICTS, Verdict),
        (words.HOW, How),
        (words.EVIDENCE, Evidence),
        (words.DIRECTIONS, Direction),
        (words.ROW_KINDS, RowKind),
    ],
)
def test_every_word_is_told_in_both_languages(table: Any, keys: Any) -> None:
    assert set(table) == set(keys)


def test_no_word_is_missing_in_one_language() -> None:
    tables = [getattr(words, name) for name in dir(words) if name.isupper() and name != "LANGUAGES"]
    assert len(tables) > 8
    for table in tables:
        for language in words.LANGUAGES:
            assert all(words.word(table, key, language).strip() for key in table)


def test_every_field_to_mend_has_a_name() -> None:
    """Settings of the company file have a dot and a section's name; they stand for themselves."""
    fields = {entry.field for entry in REASONS.values() if entry.field and entry.system != "company file"}
    assert {field for field in fields if "{" not in field} - words.FIELDS.keys() == set()


def test_every_system_has_a_name() -> None:
    systems = {entry.system for entry in REASONS.values()} - {"", "{system}"}
    assert systems <= words.SYSTEMS.keys()


def test_values_are_told_as_people_write_them() -> None:
    why = reason("not_settled", document=phrase("bill", number="A-1"), day=date(2026, 3, 1), taken_on=date(2026, 3, 8))
    assert render(why) == "Bill A-1 of 01.03.2026 may still be edited in Scoro: it is imported from 08.03.2026 on."
    assert render(why, "et").startswith("Ostuarve A-1 kuupäevaga 01.03.2026")
    assert reason("x", amount=Decimal("124.5"), nothing=None).values == {"amount": "124.50", "nothing": ""}


def test_a_reason_survives_the_database() -> None:
    why = reason("plan_changed", differences=["total: 1 → 2", phrase("article", id="K1")])
    assert Reason.from_json(why.to_json()) == why
    assert len({why, Reason.from_json(why.to_json())}) == 1


def test_the_document_stands_before_the_sentence() -> None:
    why = reason("in_doubt").about(phrase("invoice", number="7"))
    assert render(why).startswith("Invoice 7: its answer was lost;")
    assert render(reason("in_doubt")).startswith("Its answer was lost;")
    assert names_document(why)
    assert not names_document(reason("in_doubt"))


def test_what_the_catalogue_does_not_have_stands_for_itself() -> None:
    assert render(reason("of_tomorrow", number="7")) == "Of_tomorrow (number 7)"
    assert (field_of(reason("of_tomorrow")), system_of(reason("of_tomorrow"))) == ("", "")


def test_a_missing_value_leaves_a_gap_and_the_sentence_stays() -> None:
    assert render(reason("declined")) == "Declined by ?."
