"""Room border. What a refusal says in words: bill, limit or outage, and the reason that reaches the operator."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from scoro_smartaccounts.border.answer_text import meaning, reason_in
from scoro_smartaccounts.common.errors import (
    BillingStopped,
    LimitReached,
    OutcomeUnknown,
    PipelineError,
    ServiceFailed,
    UnreadableAnswer,
)
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.unit.local_server import Response, as_json, everything_told, serving
from tests.unit.smartaccounts.test_client import NOW

BILLS = [
    "Service unavailable: you have a billing issue with SmartAccounts",
    "Your subscription has expired",
    "Payment required",
    "Account suspended for non-payment",
    "Konto on suletud: arve on tasumata",
    "Teil on võlgnevus SmartAccountsi ees",
    "Litsents on aegunud",
    "There is a problem with your payment.",
    "Account is blocked",
    "Your account was suspended: the invoice is overdue",
    "Account is blocked for maintenance of your unpaid bill",
    "Konto on blokeeritud, arve on maksmata ja päringute limiit on 0",
    "Pakett on aegunud",
]
LIMITS = [
    "Päringute limiit on ületatud",
    "Päringute limiidi tõttu peatatud",
    "Päringute arv on täis",
    "You may send 60 requests per minute",
    "Liiga sageli, oota natuke",
    "Request limit exceeded",
    "API limit reached for this payment service",
    "Daily limit reached",
    "Limiit on ületatud",
    "Liiga palju päringuid",
    "Too many requests from one user",
    "Quota exceeded",
    "Päringute piirang: 60 rida minutis",
]
# Limits and accounts of other things, and what only speaks of bills.
OTHERS = [
    "payment amount exceeds limit 100",
    "Makse summa ületab limiidi 100",
    "Account is blocked for maintenance",
    "Your account is temporarily suspended due to scheduled maintenance",
    "Konto on ajutiselt suletud hoolduse tõttu",
    "Account blocked: too many failed logins",
    "User account has been deactivated",
    "Customer's credit limit is exceeded",
    "Kliendi krediidilimiit on ületatud",
    "Too many characters in the comment",
    "Liiga palju ridu",
    "Kommentaari pikkuse piirang on 255",
    "The file exceeds the upload limit",
    "Disk quota exceeded",
    "Too many connections",
    "The user limit of your plan is reached",
    "Payment is missing a row",
    "You have no permission to view unpaid invoices",
    "Teil ei ole õigust tasumata arveid vaadata",
]
OUTAGES = [
    "Service Unavailable",
    "Hooldus kuni 04:00",
    "Teenus on ajutiselt peatatud hoolduse tõttu",
    "For billing issues call us. The service is being updated.",
    "If you have a billing issue, write to info@example.ee",
    "Gateway: your request exceeded the limit",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "bill") for text in BILLS),
        *((text, "limit") for text in LIMITS),
        *((text, "") for text in [*OTHERS, *OUTAGES]),
    ],
)
def test_a_bill_a_limit_and_an_outage_are_told_apart(text: str, expected: str) -> None:
    assert meaning(text) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html><head><title>Hooldus &amp; uuendus</title></head><body>x</body></html>", "Hooldus & uuendus"),
        (b"<html><TITLE>503</TITLE><h1>Back at <b>six</b></h1></html>", "503; Back at six"),
        (json.dumps({"errors": [{"key": "X", "message": "Hooldus"}]}).encode(), "Hooldus"),
        (json.dumps({"status": "ERROR", "messages": {"error": ["a", "b"]}, "data": {"name": "Mari"}}).encode(), "a; b"),
        (b'{"message": "cut o', ""),
        (b"Down for \x1b[31mmaintenance\r\nsecond line", "Down for [31mmaintenance"),
        (b"", ""),
        (b"\xff\xfe", "��"),
    ],
)
def test_the_reason_of_a_body_is_its_words_for_people(body: bytes, expected: str) -> None:
    assert reason_in(body, is_success=False) == expected


def test_an_answer_that_claims_success_says_no_more_than_its_title() -> None:
    assert reason_in(b"<title>Log in</title>", is_success=True) == "Log in"
    assert reason_in(b'{"message": "Mari Maasikas"}', is_success=True) == ""
    assert reason_in(b"Mari Maasikas", is_success=True) == ""


def scoro(url: str) -> ScoroClient:
    return ScoroClient(url, "demoou", "ScoroAPI_c4n4ry0123456789", sleep=lambda _: None)


def books(url: str) -> SmartAccountsClient:
    return SmartAccountsClient(url, "c4n4ry-public-key", "c4n4ry-secret-key", sleep=lambda _: None)


READS: list[Callable[[str], object]] = [
    lambda url: scoro(url).page("invoices", 1),
    lambda url: books(url).read("purchasesales/clients"),
]
WRITES: list[Callable[[str], object]] = [
    lambda url: scoro(url).create("receipts", {"sum": 1}, personal=("Mari Maasikas",)),
    lambda url: books(url).write(
        "purchasesales/clients:add", json.dumps({"name": "Mari Maasikas"}).encode(), signed_at=NOW
    ),
]


@pytest.mark.parametrize("call", [*READS, *WRITES])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Response(BILLS[0].encode(), 503), BillingStopped),
        (as_json({"message": "x"}, 402), BillingStopped),
        (as_json({"errors": [{"message": "Päringute limiit"}]}, 503), LimitReached),
    ],
)
def test_both_services_bills_and_limits_are_recognised(
    call: Callable[[str], object], answer: Response, kind: type[PipelineError]
) -> None:
    with serving(lambda _: answer) as server, pytest.raises(kind):
        call(server.url)


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Response(b"<title>Hooldus kuni 04:00</title>", 503, {"Content-Type": "text/html"}), ServiceFailed),
        (as_json({"errors": [{"message": "Hooldus kuni 04:00"}]}, 500), ServiceFailed),
        (Response(b"<title>Hooldus kuni 04:00</title>", 200, {"Content-Type": "text/html"}), UnreadableAnswer),
    ],
)
def test_the_reason_of_an_outage_reaches_the_operator(
    call: Callable[[str], object], answer: Response, kind: type[PipelineError]
) -> None:
    with serving(lambda _: answer) as server, pytest.raises(kind, match="Hooldus kuni 04:00"):
        call(server.url)


@pytest.mark.parametrize(
    ("call", "secret"), zip(WRITES, ("ScoroAPI_c4n4ry0123456789", "c4n4ry-secret-key"), strict=True)
)
def test_a_reason_names_neither_persons_nor_secrets(call: Callable[[str], object], secret: str) -> None:
    """Nor half of one, where the reason is cut."""
    said = f"Tõrge: MARI MAASIKAS, 49403136515, {secret} {'x' * 140} {secret}"
    with serving(lambda _: as_json({"message": said}, 500)) as server, pytest.raises(OutcomeUnknown) as told:
        call(server.url)
    shown = everything_told(told.value)
    assert "Tõrge" in shown
    for hidden in ("c4n4ry", "MAASIKAS", "49403136515"):
        assert hidden not in shown
    assert len(str(told.value)) < 400
