"""Room common/reasons. How values stand in sentences: words by a number, amounts, months, and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from string import Formatter

import pytest

from scoro_smartaccounts.audit.words import TITLES as AUDIT
from scoro_smartaccounts.common.reasons import REASONS, Phrase, Reason, phrase, reason, render
from scoro_smartaccounts.common.reasons import spoken as speaking
from scoro_smartaccounts.common.reasons.message import Entry, Language, Words
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.spoken import said_on_page
from scoro_smartaccounts.orchestration import notice_words
from scoro_smartaccounts.page.words import WORDS, said
from scoro_smartaccounts.totals.words import TITLES as TOTALS

LANGUAGES: tuple[Language, ...] = ("et", "en")
CATALOGUES: tuple[Mapping[str, Entry | Words], ...] = (REASONS, PHRASES)
# Values that count something; in notices `number` does too.
COUNTS = {"count", "times", "hours", "letters", "rows", "articles", "accounts", "deletable", "credited"}
# After a number other than 1 an Estonian noun stands in the partitive.
_ONE_ET = "dokument|paar|erinevus|vahe|makse|kirje|kanne|konto|täht|tund|päev|kord|kontakt|uus|teadaolev"
_MANY_ET = (
    "dokumenti|paari|erinevust|vahet|makset|kirjet|kannet|kontot|tähte|tundi|päeva|korda|kontakti|uut|teadaolevat"
)
_ONE_EN = "document|pair|difference|payment|record|account|letter|hour|night|month|article|row|time|contact|was|has"
_MANY_EN = (
    "documents|pairs|differences|payments|records|accounts|letters|hours|nights|months|articles|rows|times|contacts"
    "|were|have"
)
# What must not stand behind a number; of 1, and of others.
WRONG = {
    ("et", True): re.compile(rf"(?<![\d.,])1 ({_MANY_ET})\b"),
    ("et", False): re.compile(rf"(?<![\d.,])(0|2|21) ({_ONE_ET})\b"),
    ("en", True): re.compile(rf"(?<![\d.,])1 (new |more )?({_MANY_EN})\b"),
    ("en", False): re.compile(rf"(?<![\d.,])(0|2|21) (new |more )?({_ONE_EN})\b"),
}


def everything(language: Language) -> Iterator[tuple[str, str]]:
    """All words that people read, by their place."""
    at = LANGUAGES.index(language)
    for name, table in (("page", WORDS), ("totals", TOTALS), ("audit", AUDIT)):
        yield from ((f"{name} {key}", words[at]) for key, words in table.items())
    for key, kinds in notice_words._WORDS.items():
        yield from ((f"notice {key}", text) for text in (kinds[language].heading, kinds[language].text))
    yield "notice again", notice_words._AGAIN[language]
    for catalogue in CATALOGUES:
        yield from ((key, entry.et if language == "et" else entry.en) for key, entry in catalogue.items())


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 2, 21])
def test_a_number_has_its_words(count: int, language: Language) -> None:
    wrong = WRONG[language, count == 1]
    found = []
    for place, template in everything(language):
        counts = {*COUNTS, "number"} if place.startswith("notice ") else COUNTS
        names = fields(template)
        if not names & counts:
            continue
        text = said_on_page(template, {name: count if name in counts else "X" for name in names}, language)
        # On the overview the number stands before the words.
        if wrong.search(text) or wrong.search(f"{count} {text}"):
            found.append((place, text))
        assert "(s)" not in text, place
    assert found == []


def test_the_words_of_the_overview_fit_the_number_before_them() -> None:
    assert said("et", "documents_in_quarantine", count="1").startswith("dokument karantiinis")
    assert said("et", "documents_in_quarantine", count="21").startswith("dokumenti karantiinis")
    assert said("en", "documents_in_quarantine", count="1").startswith("document in quarantine: it waits")
    assert said("en", "documents_in_quarantine", count="1,000").startswith("documents in quarantine: they wait")


OVERPAID = reason("overpaid", paid=phrase("invoice", number="2026.01"), amount=Decimal("-1234.5"))


@pytest.mark.parametrize("why", [OVERPAID, Reason.from_json(OVERPAID.to_json())], ids=["new", "stored"])
def test_amounts_are_of_the_language_on_the_page_only(why: Reason) -> None:
    """A number of a document is none, whatever it looks like."""
    assert why.values["amount"] == "-1234.50"
    assert render(why, "et", on_page=True).replace("\u2212", "-") == (
        "Arve 2026.01 on üle makstud -1\xa0234,50 võrra, see kantakse ettemaksuks."
    )
    assert render(why, "en", on_page=True) == "Invoice 2026.01 is overpaid by -1,234.50, booked as a prepayment."
    assert "-1234.50" in render(why)
    assert "-1234.50" in render(why, "et")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1240.00 EUR (1.0845)", "1\xa0240,00 EUR (1,0845)"),
        ("124.00 EUR, 01.02.2026, LHV", "124,00 EUR, 01.02.2026, LHV"),
        ("24.00 (24% 100.00, 9% 0.50)", "24,00 (24% 100,00, 9% 0,50)"),
        ("v1.5", "v1.5"),
        ("22", "22"),
        ("–", "–"),
    ],
)
def test_what_is_no_amount_stays(text: str, told: str) -> None:
    assert speaking.amounts(text, "et") == told


def test_every_amount_is_known_by_its_sentence() -> None:
    """Names that hold an amount wherever they stand."""
    amounts = {"amount", "net", "gross", "sum", "computed", "percent", "net_of_lines", "currency_rate", "total_of_rows"}
    told = [
        (key, name)
        for catalogue in CATALOGUES
        for key, entry in catalogue.items()
        for text in (entry.en, entry.et)
        for _, name, how, _ in Formatter().parse(text)
        if name in amounts and how != "amount"
    ]
    # A share of what is read: a whole number.
    assert set(told) == {("night_of_baseline", "percent")}


def test_months_have_names() -> None:
    assert [speaking.month("2026-09", "et", case) for case in ("month", "month_of", "month_in", "month_into")] == [
        "september 2026",
        "septembri 2026",
        "septembris 2026",
        "septembrisse 2026",
    ]
    assert speaking.month("2026-05", "et", "month_into") == "maisse 2026"
    assert speaking.month("03.2026", "et", "month_of") == "märtsi 2026"
    assert speaking.month("2026-01", "en", "month_into") == "January 2026"
    assert [speaking.month(text, "en") for text in ("2026-13", "?", "2026")] == ["2026-13", "?", "2026"]


def test_no_sentence_tells_a_month_by_its_number() -> None:
    """But for a command."""
    bare = [
        (key, before)
        for catalogue in CATALOGUES
        for key, entry in catalogue.items()
        for text in (entry.en, entry.et)
        for before, name, how, _ in Formatter().parse(text)
        if name in ("month", "months") and "month" not in (how or "") and not (how or "").startswith("by_")
    ]
    assert [each for each in bare if not re.search(r"(command|käsk) (reopened|filed) $", each[1])] == []


ASKED = reason(
    "period_ask",
    document=phrase("invoice", number="7"),
    month="2026-01",
    state=phrase("period_saved"),
    evidence=phrase("period_no_return"),
    day="01.02.2026",
    policy="periods.sales.saved",
)


def test_the_page_says_what_to_press_and_others_say_the_command() -> None:
    assert "(book-into 2026-01)" in render(ASKED)
    assert "(book-into first-open-day)" in render(ASKED, "et")
    for language in LANGUAGES:
        told = render(ASKED, language, on_page=True)
        assert "book-into" not in told
        for key in ("book_into", "book_first_open_day"):
            assert said(language, key, month="2026-01") in told


def test_a_retry_is_the_button_on_the_page() -> None:
    """In English: Estonian has the same words for both."""
    assert said("en", "retry") == speaking.TRY_AGAIN
    told = {
        "then retry.": "then choose “Try again”.",
        "Retry it.": "Choose “Try again”.",
        "if not, retry it.": "if not, choose “Try again”.",
        "retry this one: it goes": "choose “Try again” for this one: it goes",
        "retry {retried}: it is": "choose “Try again” for {retried}: it is",
        "with a retry, or": "with “Try again”, or",
        "the command retry brings": "the command retry brings",
    }
    assert {text: speaking.pressed(text) for text in told} == told
    words = [speaking.pressed(entry.en) for catalogue in CATALOGUES for entry in catalogue.values()]
    assert [text for text in words if re.search(r"(?<!command )\bretry\b", text, re.IGNORECASE)] == []
    why = reason("refused_by_scoro", document=phrase("invoice", number="retry"), said=["retry"])
    assert (
        render(why, on_page=True) == "Invoice retry: Scoro refused it: retry. Mend the cause, then choose “Try again”."
    )
    assert render(why) == "Invoice retry: Scoro refused it: retry. Mend the cause, then retry."


def test_commands_that_sentences_name_are_called_commands() -> None:
    """On the page too, where nothing can be pressed."""
    named = [
        (key, text)
        for catalogue in CATALOGUES
        for key, entry in catalogue.items()
        for text in (entry.en, entry.et)
        if re.search(r"(?<!command )(?<!käsk )\b(book-into|reopened|filed) \{|\(retry\)|\bretry (toob|brings)", text)
    ]
    assert [each for each in named if "command retry" not in each[1] and "käsk retry" not in each[1]] == []


def test_a_list_of_months_is_joined() -> None:
    until = phrase("undo_until", months=["2026-01", "2026-03"])
    assert render(until) == ", until the VAT return of their month is saved (January 2026 and March 2026)"
    assert "(jaanuar 2026 ja märts 2026)" in render(until, "et")


def test_what_was_stored_with_other_values_is_told_all_the_same() -> None:
    assert render(Phrase("undo_until", {"months": "2026-01"})).endswith("(2026-01)")
    assert render(Reason("night_clean", {"count": "?"}), "et").startswith("? dokumenti")
