"""Room page. Whatever a template says has words in both languages, with the same placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

import scoro_smartaccounts
from scoro_smartaccounts.audit.words import STATES
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons.catalogue import REASONS
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.page.words import TABLES, WORDS, said
from scoro_smartaccounts.report.document import Verdict
from scoro_smartaccounts.report.summary import TROUBLE
from scoro_smartaccounts.staging.answers import Choice
from scoro_smartaccounts.staging.approvals import State
from scoro_smartaccounts.staging.document_search import Standing
from scoro_smartaccounts.staging.imported_days import DayState
from scoro_smartaccounts.staging.intents import State as IntentState
from scoro_smartaccounts.staging.links import Evidence
from scoro_smartaccounts.staging.quarantine import State as CaseState
from scoro_smartaccounts.staging.undo_plans import StepState, UndoClass

TEMPLATES = sorted((Path(scoro_smartaccounts.__file__).parent / "page/templates").glob("*.html"))
# What stands before a value in a key, and the values.
MADE_OF: dict[str, Iterable[str]] = {
    "": [
        *Flow,
        *("who_are_you", "not_for_you", "not_there", "wrong_request", "must_be_set_up", "database_away"),
        *("airflow_refused", "airflow_refused_text"),
    ],
    "denied_": ["other_site", "company", "all", "change", "answer"],
    "wrong_": ["both_days", "both_or_none", "reversed", "before_first", "future"],
    "trouble_": TROUBLE,
    "confirm_": ["import", "approve", "export"],
    "one_": [*Flow, "prepayment", "nothing", "other"],
    "is_": [*Standing, "not_booked"],
    "stands_": [*Standing, *Choice],
    "unread_": ["missing", "before", "ahead"],
    "search_": ["no_day", "reversed"],
    "how_": Evidence,
    "kind_": ["client", "vendor", "article"],
    "case_": get_args(CaseState),
    "approval_": State,
    "intent_": IntentState,
    "outcome_": [*Verdict, "planned", "unfinished"],
    "mode_": ["import", "approve", "preview"],
    "taken_": ["in_range", "late", "unfinished", "waiting", "released", "changed"],
    "verdict_": ["equal", "differs", "not_found", "not_compared", "before"],
    "day_": DayState,
    "do_": ["import", "approve"],
    "chose_": Choice,
    "night_": STATES,
    "scoro_night_": ["", "ok", "incomplete", "blind", "baseline"],
    "undo_": StepState,
    "undo_is_": ["shown", "approved", "done"],
    "undo_class_": UndoClass,
    "return_is_": ["open", "saved", "filed"],
    "return_said_": ["filed", "reopened"],
    "say_": ["filed", "reopened"],
    "drift_": ["accepted", "mended", "gone_both"],
    "said_": [
        "retry",
        "dismiss",
        "own_month",
        "first_open_day",
        "accepted",
        "reviewed",
        "back",
        "same",
        "other",
        "approve",
        "reject",
        "too_late",
        *("asking", "enabled", "nothing_chosen", "all_left_out"),
    ],
    "when_": ["at", "soon", "paused", "by_hand", "unknown"],
    "answered_": ["approve", "approve_but", "reject"],
    "pair_": ["accepted", "rejected"],
    "task_": ["none", "running", "success", "failed", "upstream_failed", "up_for_reschedule", "up_for_retry"],
    "step_": [
        *("extract_documents", "check_quality", "reconcile_and_plan", "load_documents", "summarize_run"),
        *("read_payments", "plan_receipts", "send_receipts", "load_approved"),
    ],
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_say_what_there_are_words_for(path: Path) -> None:
    text = path.read_text("utf-8")
    named = set(re.findall(r'\bt\("([a-z_]+)"[,)]', text))
    assert named - WORDS.keys() == set()
    assert set(re.findall(r'\bt\("([a-z_]+)" ~', text)) - MADE_OF.keys() == set()


@pytest.mark.parametrize("before", MADE_OF)
def test_every_value_has_words(before: str) -> None:
    assert [each for each in MADE_OF[before] if f"{before}{each}" not in WORDS] == []


SENTENCES: dict[str, tuple[str, str]] = {
    **WORDS,
    **{key: (entry.et, entry.en) for key, entry in REASONS.items()},
    **{key: (words.et, words.en) for key, words in PHRASES.items()},
}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        # Where a clause ends before it, the comma is that clause's.
        pytest.param(r", või\b", {"not_for_you_text"}, id="a comma before või"),
        pytest.param(r"(?<![-\w])[Tt](a|ema|alle|eda|al)\b", set(), id="a thing as a person"),
        pytest.param(r"[.!?] [a-zõäöü]", set(), id="a sentence that starts small"),
        pytest.param(r" - |}-{", set(), id="a hyphen as a dash"),
    ],
)
def test_sentences_are_spelled(wrong: str, right: set[str]) -> None:
    assert {key for key, (estonian, _) in SENTENCES.items() if re.search(wrong, estonian)} == right
    assert [key for key, (_, english) in SENTENCES.items() if re.search(wrong, english)] == []


def test_both_languages_say_the_same() -> None:
    assert sum(map(len, TABLES)) == len(WORDS)
    fields = {key: [set(re.findall(r"{(\w+)}", text)) for text in words] for key, words in WORDS.items()}
    assert {key: found for key, found in fields.items() if found[0] != found[1]} == {}
    assert said("et", "overview") == "Ülevaade"
    assert said("en", "days_missing", count=3) == "Days not imported in all: 3"
