from __future__ import annotations

import io
import json
import logging
from urllib.parse import quote

import pytest

from scoro_smartaccounts.redaction import RedactingFilter, guard_transport_logs, redact, redact_personal

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
