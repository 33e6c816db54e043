"""Room common. What comes from outside neither steers a terminal nor makes lines of its own, wherever a sentence
takes it in."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common import errors
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError, PipelineError
from scoro_smartaccounts.common.reasons import AS_TOLD, REASONS, Phrase, Reason, field_of, render, system_of
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.rendering import placeholders
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, LONGEST_VALUE, visible, visible_lines
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.report.summary import group_warnings
from scoro_smartaccounts.staging.findings import Finding, FoundAbout

# Clears the screen, sets the title of the window, makes a line of a log, turns the writing, hides, rings, ends a CSI.
NASTY = [
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "7\n2026-01-01 ERROR all is lost",
    "7\r\nBcc: everybody@example.com",
    "7\u202e\u2066gnp.exe",
    "7\u200b\u200d\ufeff",
    "\x9b31m",
    "7\x00\x08\x7f",
    "7\u2028\u2029\x85\x0b\x0c",
    "\ud800",
    "A" * 6_000,
    "\u202e" * 6_000,
]


def is_harmless(text: str) -> bool:
    return text.isprintable()


@given(st.text())
def test_a_visible_text_is_printable_bounded_and_stays_so(text: str) -> None:
    shown = visible(text)
    assert is_harmless(shown)
    assert len(shown) <= LONGEST_VALUE
    assert visible(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=LONGEST_VALUE))
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.text())
def test_two_texts_are_told_apart_by_their_first_letters(one: str, other: str) -> None:
    """What is hidden is not left out: nobody takes one number for another."""
    same_blanks = [re.sub(r"\s", " ", "".join(map(_blank, text))) for text in (one, other)]
    if same_blanks[0] != same_blanks[1] and not any("\\" in text for text in (one, other)):
        assert visible(one, None) != visible(other, None)


def _blank(letter: str) -> str:
    return " " if unicodedata.category(letter) == "Zs" else letter


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026/1\n2026/2", r"2026/1\n2026/2"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u00a0b\u2009c", "a b c"),
        ("Õun & Äär OÜ – 1,50 €", "Õun & Äär OÜ – 1,50 €"),
        ("7" * 6_000, "7" * (LONGEST_VALUE - 1) + "…"),
    ],
)
def test_the_replacement_shows_what_stood_there(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_may_stay_where_a_text_has_lines() -> None:
    assert visible_lines("a\x1b\r\nb\n\u202ec") == "a\\x1b\nb\n\\u202ec"


@pytest.mark.parametrize("nasty", NASTY)
def test_every_sentence_of_the_catalogue_is_one_line(nasty: str) -> None:
    for message in _messages(nasty):
        for language in ("en", "et"):
            sentence = render(message, language)
            assert all(map(is_harmless, sentence.split("\n"))), message.key
            # Only a list that is written one below the other has lines.
            assert "\n" not in sentence or ":lines}" in f"{REASONS[message.key].en}{REASONS[message.key].et}"
            assert len(sentence) < 20 * LONGEST_VALUE + LONGEST_SENTENCE
        if isinstance(message, Reason):
            assert is_harmless(field_of(message) + system_of(message))
        if isinstance(message, Reason) and message.key != AS_TOLD:
            found = [FoundAbout(nasty, None, Finding(number, message)) for number in ("1", "2")]
            lines = "\n".join(group_warnings(Flow.SALES_INVOICES, found)).split("\n")
            assert all(map(is_harmless, lines)), message.key


def _messages(nasty: str) -> Iterator[Phrase]:
    for key, entry in REASONS.items():
        names = placeholders(entry.en) | placeholders(entry.field) | placeholders(entry.system)
        values: dict[str, Any] = dict.fromkeys(names, nasty)
        yield Reason(key, values)
        yield Reason(key, values).about(Phrase("invoice", {"number": nasty}))
    for key, words in PHRASES.items():
        yield Phrase(key, dict.fromkeys(placeholders(words.en), nasty))
    yield Phrase("a_key_of_another_version", {"number": nasty})


def _errors() -> list[type[PipelineError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, PipelineError) and kind is not errors.DocumentProblem
    ]


@pytest.mark.parametrize("kind", _errors())
def test_every_error_is_one_line(kind: type[PipelineError]) -> None:
    more: dict[str, Any] = {}
    if issubclass(kind, errors.PutOff):
        more = {"until": datetime(2026, 1, 1, tzinfo=UTC)}
    elif issubclass(kind, errors.RequestRefused):
        more = {"status": 400}
    for nasty in NASTY:
        told = str(kind(f"invoice {nasty}: no", **more))
        assert is_harmless(told)
        assert len(told) <= LONGEST_SENTENCE


def test_a_wrong_file_has_a_line_for_each_fault() -> None:
    nasty = "column\n  row 7: all is well\x1b[2J"
    told = str(WrongFile([Fault(2, nasty, "wrong"), Fault(3, "Decision", "wrong")]))
    assert len(told.split("\n")) == 3
    assert all(map(is_harmless, told.split("\n")))


@pytest.mark.parametrize("nasty", NASTY)
def test_every_record_of_a_log_is_one_line(nasty: str, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("scoro_smartaccounts.test")

    @guarded()
    def step() -> None:
        log.warning("Invoice %s was created", nasty)
        log.warning("Invoice %(number)s was created", {"number": nasty})
        log.warning("It failed: %s", ConfigurationError(nasty))
        log.warning("It failed: %s", ValueError(nasty))

    step()
    assert len(caplog.records) == 4
    assert all(is_harmless(record.getMessage()) for record in caplog.records)
    # Afterwards everything is as it was.
    log.warning("%s", "a\nb")
    assert caplog.records[-1].getMessage() == "a\nb"
