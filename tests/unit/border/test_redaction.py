"""Room border. Secrets and personal data disappear from what is logged and told, and the rest stays readable."""

from __future__ import annotations

import io
import json
import logging
import re
import time
import unicodedata
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.border.redaction import RedactingFilter, guard_transport_logs, redact, redact_personal

SECRET = 'canary/öö+"1'


@pytest.mark.parametrize(
    "text",
    [
        f"plain {SECRET} text",
        f"?x={quote(SECRET, safe='')}&y=1",
        json.dumps({"note": SECRET}),
        json.dumps({"note": SECRET}, ensure_ascii=False),
    ],
)
def test_a_given_secret_disappears_in_every_spelling(text: str) -> None:
    redacted = redact(text, [SECRET])
    assert "canary" not in redacted
    assert "***" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/x:get?timestamp=1&apikey=canary&signature=canary HTTP/1.1",
        "url (apikey=canary)",
        "signature=canary&apikey=canary",
        "APIKEY=canary",
        '{"lang": "eng", "apiKey": "canary", "page": 1}',
        "{'apiKey': 'canary', 'page': 1}",
        '{"user_token" : "canary with \\" quote"}',
        '"{\\"apiKey\\": \\"canary\\"}"',
        '{"apiKey": "canary cut off',
        "key ScoroAPI_canary0123456789 was refused",
        "api_key=canary",
    ],
)
def test_what_stands_where_secrets_stand_disappears_unnamed(text: str) -> None:
    assert "canary" not in redact(text)


def test_the_rest_stays_readable() -> None:
    text = "GET /api/purchasesales/clients:get?pageNumber=2&timestamp=1&apikey=abc&signature=def HTTP/1.1 200"
    assert redact(text) == (
        "GET /api/purchasesales/clients:get?pageNumber=2&timestamp=1&apikey=***&signature=*** HTTP/1.1 200"
    )
    assert redact('{"apiKey": "abc", "page": 1}') == '{"apiKey": "***", "page": 1}'
    assert redact("an article", [""]) == "an article"
    assert redact("an article", ["art"]) == "an article"


def test_personal_data_disappears() -> None:
    text = "Mari Maasikas, 49403136515, mari.maasikas@example.ee, EE38 2200 2210 2014 5685, EE382200221020145685"
    redacted = redact_personal(text, ["mari maasikas", ""])
    for part in ("Maasikas", "49403136515", "example.ee", "2200"):
        assert part not in redacted


def test_numbers_that_are_not_personal_stay() -> None:
    text = "invoice 2026041, registry code 12345678, VAT EE100000001, amount 10000000000, total 12345678901234567890"
    assert redact_personal(text) == text


def _record_of(logger: logging.Logger, call: object) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    try:
        call()  # type: ignore[operator]
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
    return stream.getvalue()


def test_the_filter_rewrites_message_arguments_and_traceback() -> None:
    logger = logging.getLogger("test.redaction")
    redacting = RedactingFilter(["canary-one"])
    logger.addFilter(redacting)

    def call() -> None:
        logger.debug("%s, %r", "apikey=canary-two", "canary-one")
        try:
            raise RuntimeError("canary-one")
        except RuntimeError:
            logger.exception("failed")

    told = _record_of(logger, call)
    logger.removeFilter(redacting)
    assert "canary" not in told
    assert "RuntimeError: ***" in told
    assert "Traceback" in told


def test_the_filter_learns_secrets() -> None:
    redacting = RedactingFilter()
    redacting.add(["canary-one"])
    record = logging.LogRecord("x", logging.INFO, "x", 1, "canary-one", (), None)
    assert redacting.filter(record) is True
    assert record.getMessage() == "***"


def test_the_transport_is_guarded_once() -> None:
    guard_transport_logs(["canary-guard-1"])
    guard_transport_logs(["canary-guard-2"])
    logger = logging.getLogger("urllib3.connectionpool")
    told = _record_of(logger, lambda: logger.debug("%s %s %s", "canary-guard-1", "canary-guard-2", "signature=abcd"))
    assert told == "*** *** signature=***\n"
    assert sum(isinstance(each, RedactingFilter) for each in logger.filters) == 1


NAMES = ["Mari-Liis Mets", "Jaan Tamm", "Õnne Pärtel-Kask", "Bo Li", "Žanna Šults", "Jürgen von Öpik"]
SEPARATORS = ["", " ", "-", ".", "\u00a0", "\u2011", "\u200b"]
FRAMES = [
    "The client {} exists already, number 2026041",
    "Klient {}: arve 2026/41 summaga 1 240,50 EUR on juba olemas (ART-01)",
    "{}",
    "vendor.name '{}' (1.234,00 EUR of 05.01.2026)",
]
READABLE = ["2026041", "2026/41", "1 240,50", "ART-01", "1.234,00", "05.01.2026", "exists already", "juba olemas"]


def turned(draw: Any, name: str) -> str:
    """A name as people write it: words in any order, letters in any case, accents dropped or taken apart."""
    words = draw(st.permutations(re.split("[ -]", name)))
    text = "".join(f"{word}{draw(st.sampled_from([' ', ', ', '-']))}" for word in words).rstrip(" ,-")
    text = str(draw(st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase]))(text))
    form = draw(st.sampled_from(["as it is", "NFD", "without accents"]))
    if form == "as it is":
        return text
    apart = unicodedata.normalize("NFD", text)
    return apart if form == "NFD" else "".join(letter for letter in apart if not unicodedata.combining(letter))


def grouped(draw: Any, code: str) -> str:
    """A code with separators between its letters, at most three, and in any case."""
    places = draw(st.sets(st.integers(1, len(code) - 1), max_size=3))
    parts = [
        f"{draw(st.sampled_from(SEPARATORS)) if place in places else ''}{letter}" for place, letter in enumerate(code)
    ]
    return str(draw(st.sampled_from([str, str.upper, str.lower]))("".join(parts)))


def bare(text: str) -> str:
    """Letters and digits, small, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if letter.isalnum())


@given(st.data())
def test_a_name_disappears_however_it_is_written(data: st.DataObject) -> None:
    name, frame = data.draw(st.sampled_from(NAMES)), data.draw(st.sampled_from(FRAMES))
    redacted = redact_personal(frame.format(turned(data.draw, name)), [name])
    for word in re.split("[ -]", name):
        assert bare(word) not in map(bare, re.findall(r"\w+", redacted)), redacted
    for part in READABLE:
        assert (part in redacted) == (part in frame), redacted


@given(st.data())
def test_a_code_disappears_however_it_is_grouped(data: st.DataObject) -> None:
    """Those that show what they are, whether anybody named them or not."""
    code = data.draw(
        st.sampled_from(["49403136515", "38001085718", "60001019906", "EE382200221020145685", "FI2112345600000785"])
    )
    frame = data.draw(st.sampled_from(FRAMES))
    redacted = redact_personal(frame.format(grouped(data.draw, code)))
    assert bare(code) not in bare(redacted), redacted
    assert bare(code)[2:9] not in bare(redacted), redacted
    for part in READABLE:
        assert (part in redacted) == (part in frame), redacted


@given(st.data())
def test_a_code_that_was_sent_disappears_however_it_is_grouped(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(["12345678", "EE100000001", "51234567", "+372 5123 4567", "Pärnu mnt 10-4"]))
    frame = data.draw(st.sampled_from(FRAMES))
    redacted = redact_personal(frame.format(grouped(data.draw, code)), [code])
    assert bare(code) not in bare(redacted), redacted
    for part in READABLE:
        assert (part in redacted) == (part in frame), redacted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mari.maasikas@example.ee", ""),
        ("Mari . Maasikas @ Example.EE", "."),
        ("helista +372 5123 4567 kohe", "helista kohe"),
        ("tel. 5123 4567", ""),
        ("ee382200221020145685 EE47-1000 0010 2014 5685, FI21 1234 5600 0007 85", ""),
        ("Telefon: (5)123-4567", ""),
        ("00372 51234567", ""),
        ("Maasikale ja Maasika'ga", "ja 'ga"),
        ("Maasikas\u202e, mari", ""),
    ],
)
def test_what_names_somebody_disappears(text: str, kept: str) -> None:
    redacted = redact_personal(text, ["Mari Maasikas", "Maasika OÜ"])
    assert " ".join(redacted.replace("***", "").split()) == kept.strip()


@given(st.text(st.sampled_from("0123456789-/.ABXEUR ,:"), max_size=40))
def test_texts_without_persons_keep_their_words(text: str) -> None:
    """Whatever numbers stand there: what is hidden looks like a code of a person, and nothing else goes."""
    redacted = redact_personal(f"arve {text} on olemas")
    assert redacted.startswith("arve ")
    assert redacted.endswith(" on olemas")


def test_a_page_takes_no_time() -> None:
    began = time.monotonic()
    for text in ("a" * 200_000, "a@" * 100_000, "1 " * 100_000, "ee" + "1" * 200_000, "mari " * 40_000):
        redact_personal(text, ["Mari Maasikas", "1 1 1 1 1", "51234567"])
    assert time.monotonic() - began < 5
