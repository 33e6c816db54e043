"""Room staging. Every column, and every value of a sentence, has a rule of what of it is personal."""

from __future__ import annotations

from typing import Any

import pytest

from scoro_smartaccounts.common.reasons import phrase, reason, render
from scoro_smartaccounts.common.reasons.catalogue import REASONS
from scoro_smartaccounts.common.reasons.message import Entry, Phrase, Reason, Words
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.rendering import placeholders
from scoro_smartaccounts.staging.personal import FACTS_TOLD, RULES, Rule
from scoro_smartaccounts.staging.schema import metadata

NAME = "Mari-Liis Kanaarilind"

# Names, codes and words of people and of services, and what may hold them: they go when somebody is forgotten.
_WORDS = (
    "after against before by candidates client common contacts name note others ours partner record records"
    " said several text theirs what where why"
)
PERSONAL_TOLD = frozenset(_WORDS.split())


def cleared(table: str, column: str, value: Any, who: str | None = None) -> Any:
    rule: Rule = RULES[table][column]
    assert rule.clear is not None
    return rule.clear(value, None if who is None else lambda text: who in text)


def test_every_column_has_a_rule() -> None:
    """A new column has to be thought of: is it personal, and what of it stays?"""
    columns = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    ruled = {(table, column) for table, rules in RULES.items() for column in rules}
    assert sorted(columns - ruled) == []
    assert sorted(ruled - columns) == []


def test_no_column_of_json_is_kept_unless_it_holds_no_text_of_anybody() -> None:
    kept = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if type(column.type).__name__ == "JSONB" and RULES[table.name][column.name].is_kept
    }
    assert kept == {
        ("assumption_state", "evidence"),
        ("audit_mark", "detail"),
        ("audit_night", "evidence"),
        ("audit_night", "known_to"),
        ("books_document", "basis"),
        ("books_document", "content"),
        ("books_entry", "basis"),
        ("books_entry", "content"),
        ("books_payment", "basis"),
        ("books_payment", "content"),
        ("control_page", "files"),
        ("document", "credited_ids"),
        ("document", "prepayment_ids"),
        ("drift", "after"),
        ("drift", "before"),
        ("forgotten", "client_ids"),
        ("forgotten", "contact_ids"),
        ("forgotten", "counts"),
        ("forgotten", "vendor_ids"),
        ("hunt", "difference"),
        ("intent", "known_ids"),
        ("later_change", "fields"),
        ("ledger_check", "posted"),
        ("notice", "words"),
        ("plan", "predicted"),
        ("run", "counts"),
        ("setting_register", "payload"),
        ("source_listing", "basis"),
        ("source_listing", "content"),
        ("source_listing", "credited_ids"),
        ("source_listing", "settles"),
        ("undo_step", "after"),
    }


def test_every_value_of_a_sentence_is_a_fact_or_personal() -> None:
    told = {
        name
        for entry in list[Entry | Words]([*REASONS.values(), *PHRASES.values()])
        for template in (entry.en, entry.et, getattr(entry, "field", ""), getattr(entry, "system", ""))
        for name in placeholders(template)
    }
    assert sorted(told - FACTS_TOLD - PERSONAL_TOLD) == []
    # That of a sentence of an earlier version stands in no template.
    assert sorted((FACTS_TOLD | PERSONAL_TOLD) - told) == ["severity"]
    assert not FACTS_TOLD & PERSONAL_TOLD


@pytest.mark.parametrize(
    ("message", "left"),
    [
        (phrase("client_named", id="17", name=NAME), "client 17 (…)"),
        (phrase("several_clients", count=1, what="name", records=[phrase("client_named", id="17", name=NAME)]), "…"),
        (phrase("registry_code_of", code="39001010001"), "registry code …"),
        (phrase("article_by_now", code="TÖÖ"), "article TÖÖ: it is in SmartAccounts by now, and was to be created"),
    ],
)
def test_a_sentence_keeps_its_facts(message: Phrase, left: str) -> None:
    said = Reason.from_json(cleared("finding", "reason", message.to_json()))
    assert left in render(said, "en").replace("Client", "client").replace("Registry", "registry").replace("Art", "art")
    assert NAME not in render(said)


def test_a_sentence_of_before_keeps_its_code() -> None:
    told = reason("as_told", code="no_lines", text=f"{NAME} has no lines", field="lines", system="Scoro")
    left = Reason.from_json(cleared("quarantine", "reason", told.to_json()))
    assert (left.code, render(left)) == ("no_lines", "…")


def test_only_what_names_somebody_goes_where_somebody_is_named() -> None:
    raw = {"id": 1, "no": "7", "description": f"For {NAME}", "lines": [{"id": 2, "comment": "Hours", "sum": "1.00"}]}
    assert cleared("raw_record", "payload", raw, NAME) == {**raw, "description": ""}
    assert cleared("raw_record", "payload", raw) == {"id": 1, "no": "7", "lines": [{"id": 2, "sum": "1.00"}]}


def test_a_field_that_nobody_knows_is_forgotten() -> None:
    assert cleared("raw_record", "payload", {"id": 1, "favourite_song": "Ta lendab mesipuu poole"}) == {"id": 1}


def test_a_body_in_which_nothing_is_personal_stays_byte_for_byte() -> None:
    body = '{"date": "01.01.2026",\n"rows": [{"code": "A"}]}'
    assert cleared("plan", "payload", body) == body


def test_a_marker_stays_and_the_rest_of_a_comment_goes() -> None:
    body = {"name": NAME, "comment": f"{NAME} [Scoro demoou contacts/5] helista"}
    assert cleared("plan", "new_partner", body) == {"comment": "[Scoro demoou contacts/5]"}


def test_what_should_hold_lines_and_holds_a_text_goes() -> None:
    assert cleared("link", "answer", {"rows": f"[{{'description': '{NAME}'}}]", "number": "7"}) == {"number": "7"}
