"""Room smartaccounts. Requests to SmartAccounts: signed, paged, tried again where that is right."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
import requests

from scoro_smartaccounts.border.http import READ_ATTEMPTS, NotSent
from scoro_smartaccounts.common.errors import (
    BillingStopped,
    BudgetExhausted,
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    PipelineError,
    RequestRefused,
    ServiceFailed,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.unit.local_server import HTML, LocalServer, Request, Response, as_json, closed_port, everything_told, serving

PUBLIC = "c4n4ry-public-key"
SECRET = "c4n4ry-secret-key"
NOW = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)
CLIENTS = "purchasesales/clients"
ADD = "purchasesales/clientinvoices:add"


class Ledger:
    """The service in short: checks keys, signature and age of a request, pages its clients, books what is added."""

    def __init__(self, count: int = 0, page_size: int = 3) -> None:
        self.now = NOW
        self.clients = [{"id": f"c{number}", "name": f"Klient {number}"} for number in range(count)]
        self.page_size = page_size
        self.booked: list[bytes] = []
        self.script: list[Callable[[Request], Response] | Response] = []

    def __call__(self, request: Request) -> Response:
        if self.script:
            step = self.script.pop(0)
            return step if isinstance(step, Response) else step(request)
        return self.serve(request)

    def serve(self, request: Request) -> Response:
        query, _, signature = request.raw_query.rpartition("&signature=")
        good = hmac.new(SECRET.encode(), query.encode() + request.body, hashlib.sha256).hexdigest()
        asked = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        if asked["apikey"] != PUBLIC or good != signature:
            return self.dated({"errors": [{"message": "signature"}]}, 401)
        signed = datetime.strptime(asked["timestamp"], "%d%m%Y%H%M%S").replace(tzinfo=ZoneInfo("Europe/Tallinn"))
        if abs(signed - self.now) > timedelta(minutes=15):
            return self.dated({"errors": [{"message": "stale"}]}, 401)
        if request.path.endswith(":add"):
            self.booked.append(request.body)
            return self.dated({"invoiceId": f"i{len(self.booked)}", "amount": 90.1, "number": 7})
        first = (int(asked.get("pageNumber", 1)) - 1) * self.page_size
        rows = self.clients[first : first + self.page_size]
        more = first + self.page_size < len(self.clients)
        return self.dated(
            {"clients": rows, "hasMoreEntries": more, "deleted": ["gone"]} if rows else {"hasMoreEntries": more}
        )

    def dated(self, content: object, status: int = 200) -> Response:
        return as_json(content, status, Date=format_datetime(self.now, usegmt=True))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def server(ledger: Ledger) -> Iterator[LocalServer]:
    with serving(ledger) as running:
        yield running


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def client(server: LocalServer, ledger: Ledger, naps: list[float]) -> SmartAccountsClient:
    return connect(server.url, ledger, naps)


def connect(url: str, ledger: Ledger, naps: list[float], **settings: Any) -> SmartAccountsClient:
    settings = {"read_timeout": 5.0, **settings}
    return SmartAccountsClient(
        f"{url}/en/api/", PUBLIC, SECRET, clock=lambda: ledger.now, sleep=naps.append, **settings
    )


def errors(status: int, *items: object) -> Response:
    return as_json({"errors": list(items)}, status)


# Reads


def test_a_page_is_read_with_a_signature_over_what_was_sent(
    client: SmartAccountsClient, ledger: Ledger, server: LocalServer
) -> None:
    ledger.clients = [{"id": "c1", "name": "Näidis OÜ"}]
    answer = client.read(CLIENTS, nameOrRegCode="Õ & ü+/~* ,", fetchComments="true")
    assert answer.rows == [{"id": "c1", "name": "Näidis OÜ"}]
    assert answer.has_more is False
    assert answer.deleted == ["gone"]
    assert answer.server_time == NOW
    [request] = server.requests
    assert request.method == "GET"
    assert request.path == "/en/api/purchasesales/clients:get"
    assert parse_qs(request.raw_query)["nameOrRegCode"] == ["Õ & ü+/~* ,"]
    assert parse_qs(request.raw_query)["timestamp"] == ["02032026120000"]


def test_money_is_never_a_float(client: SmartAccountsClient, ledger: Ledger) -> None:
    ledger.script = [Response(b'{"x": [{"id": "1", "amount": 0.1, "n": 3, "o": "1.50"}], "hasMoreEntries": false}')]
    [row] = client.read(CLIENTS).rows
    assert row == {"id": "1", "amount": Decimal("0.1"), "n": 3, "o": "1.50"}
    assert type(row["amount"]) is Decimal


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7, 9])
def test_all_pages_are_read_with_as_few_requests_as_possible(
    client: SmartAccountsClient, ledger: Ledger, server: LocalServer, count: int
) -> None:
    ledger.clients = Ledger(count).clients
    rows = [row for answer in client.pages(CLIENTS) for row in answer.rows]
    assert rows == ledger.clients
    assert len(server.requests) == max(1, -(-count // 3))


def test_pages_that_repeat_end_in_an_error(client: SmartAccountsClient, ledger: Ledger) -> None:
    ledger.script = [as_json({"clients": [{"id": "c1"}], "hasMoreEntries": True})] * 5
    with pytest.raises(UnreadableAnswer, match="page 2 repeats"):
        list(client.pages(CLIENTS))


def test_an_empty_page_that_promises_more_is_an_error(client: SmartAccountsClient, ledger: Ledger) -> None:
    ledger.script = [as_json({"clients": [], "hasMoreEntries": True})] * 5
    with pytest.raises(UnreadableAnswer, match="page 1 is empty"):
        list(client.pages(CLIENTS))


def test_where_no_page_tells_whether_it_is_the_last_an_empty_one_does(
    client: SmartAccountsClient, ledger: Ledger
) -> None:
    ledger.script = [
        as_json({"clients": [{"id": "c1"}]}),
        as_json({"clients": [{"id": "c2"}]}),
        as_json({"clients": []}),
    ]
    assert [row["id"] for answer in client.pages(CLIENTS) for row in answer.rows] == ["c1", "c2"]
    assert ledger.script == []


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ({"anything": [{"id": "1"}], "deleted": ["x"], "hasMoreEntries": False}, ["1"]),
        ({"deleted": ["x"], "hasMoreEntries": False}, []),
        ({"clients": None, "hasMoreEntries": False}, []),
        ({"clients": [], "hasMoreEntries": False, "errors": []}, []),
    ],
)
def test_the_list_is_found_whatever_its_name(
    client: SmartAccountsClient, ledger: Ledger, content: object, ids: list[str]
) -> None:
    ledger.script = [as_json(content)]
    assert [row["id"] for row in client.read(CLIENTS).rows] == ids


def test_settings_need_no_paging(client: SmartAccountsClient, ledger: Ledger) -> None:
    ledger.script = [as_json({"templates": [{"name": "Sula"}]}), as_json({})]
    answer = client.read("settings/paymentmethods")
    assert ([row["name"] for row in answer.rows], answer.has_more) == (["Sula"], False)
    assert client.read("settings/paymentmethods").rows == []


@pytest.mark.parametrize(
    "response",
    [
        HTML,
        Response(b""),
        Response(b"[]"),
        Response(b'{"clients": [{"id"'),
        Response(b"\xff\xfe"),
        Response(b"[" * 50),
        as_json({}),
        as_json({"message": "c4n4ry-body maintenance", "hasMoreEntries": False}),
        as_json({"clients": [{}], "others": [{}], "hasMoreEntries": False}),
        as_json({"clients": ["c4n4ry-body"], "hasMoreEntries": False}),
    ],
)
def test_what_is_no_list_never_passes_for_an_empty_one(
    client: SmartAccountsClient, ledger: Ledger, server: LocalServer, response: Response
) -> None:
    ledger.script = [response] * READ_ATTEMPTS
    with pytest.raises(UnreadableAnswer, match=r"SmartAccounts purchasesales/clients:get.*HTTP 200.*\d+ bytes") as told:
        client.read(CLIENTS)
    assert "c4n4ry" not in everything_told(told.value)
    assert len(server.requests) == READ_ATTEMPTS


@pytest.mark.parametrize(
    "failure",
    [
        Response(status=500),
        Response(b"<html>", 502),
        Response(status=503),
        HTML,
        Response(drop=True),
        Response(b'{"clients": []', missing=100),
    ],
)
def test_a_read_is_repeated_signed_afresh_and_budgeted_each_time(
    server: LocalServer, ledger: Ledger, naps: list[float], failure: Response
) -> None:
    budgeted: list[str] = []

    def advance(seconds: float) -> None:
        naps.append(seconds)
        ledger.now += timedelta(seconds=30)

    client = SmartAccountsClient(
        server.url, PUBLIC, SECRET, before_request=budgeted.append, clock=lambda: ledger.now, sleep=advance
    )
    ledger.script = [failure, failure]
    assert client.read(CLIENTS).rows == []
    assert len(server.requests) == 3
    assert budgeted == ["purchasesales/clients:get"] * 3
    assert len({request.raw_query for request in server.requests}) == 3
    assert len(naps) == 2


def test_pauses_between_tries_grow_and_vary(client: SmartAccountsClient, ledger: Ledger, naps: list[float]) -> None:
    for _ in range(20):
        ledger.script = [Response(status=500)] * READ_ATTEMPTS
        with pytest.raises(TransientError, match="HTTP 500"):
            client.read(CLIENTS)
    assert len(naps) == 20 * (READ_ATTEMPTS - 1)
    assert len({round(nap, 6) for nap in naps}) > 10
    assert max(naps[0::3]) <= 1.0 + 1e-9
    assert max(naps[2::3]) > 1.0


def test_the_wait_that_the_service_asks_for_is_kept(
    client: SmartAccountsClient, ledger: Ledger, naps: list[float]
) -> None:
    ledger.script = [Response(status=500, headers={"Retry-After": "7"})]
    client.read(CLIENTS)
    assert 7 <= naps[0] <= 8


@pytest.mark.parametrize("wait", ["3600", "Mon, 02 Mar 2026 11:00:10 GMT"])
def test_a_long_wait_is_not_slept_through(
    client: SmartAccountsClient, server: LocalServer, ledger: Ledger, naps: list[float], wait: str
) -> None:
    ledger.script = [Response(b"maintenance", 503, {"Retry-After": wait, "Date": "Mon, 02 Mar 2026 10:00:10 GMT"})]
    with pytest.raises(ServiceFailed) as told:
        client.read(CLIENTS)
    assert told.value.retry_after == 3600
    assert naps == []
    assert len(server.requests) == 1


def test_a_read_time_out_ends_and_is_repeated(ledger: Ledger, server: LocalServer, naps: list[float]) -> None:
    client = connect(server.url, ledger, naps, read_timeout=0.2)
    ledger.script = [Response(hang=True)] * READ_ATTEMPTS
    with pytest.raises(TransientError, match="time-out while reading"):
        client.read(CLIENTS)
    assert len(server.requests) == READ_ATTEMPTS


def test_an_empty_budget_stops_before_anything_is_sent(ledger: Ledger, server: LocalServer, naps: list[float]) -> None:
    def stop(operation: str) -> None:
        raise BudgetExhausted("no requests left", until=NOW)

    client = connect(server.url, ledger, naps, before_request=stop)
    with pytest.raises(BudgetExhausted):
        client.read(CLIENTS)
    assert server.requests == []
    assert naps == []


BILL = "The API is closed: an invoice is unpaid. Limits apply."
LIMIT = "Request limit exceeded"
OUTAGES = [
    "upstream timed out, contact billing or support",
    "503 from the gateway. In case of an unpaid invoice contact billing.",
    "Memory limit exceeded",
    "Temporarily unavailable. Questions on billing, debt collection and invoices: info@example.ee",
    "Arveldus ja arved: helista meile. Võlgnevuste osakond vastab E-R.",
]


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (errors(503, {"message": LIMIT}), LimitReached),
        (Response(b"Paringute piirang on tais", 503), LimitReached),
        (Response(status=429, headers={"Retry-After": "30"}), LimitReached),
        (errors(503, {"key": "BILLING", "message": BILL}), BillingStopped),
        *[
            (Response(text.encode(), 503), BillingStopped)
            for text in (
                "API is closed because of an unpaid SmartAccounts invoice",
                "<html><body>API is closed because of an <b>unpaid</b> SmartAccounts invoice</body></html>",
                "API-IS-CLOSED-BECAUSE-OF-AN-UNPAID-SMARTACCOUNTS-INVOICE",
                "ACCOUNT_CLOSED_INVOICE_OVERDUE",
                "Your bill has not been paid",
                "Overdue invoices: 2",
                "Arve on tasumata",
                "Teil on maksmata SmartAccountsi arveid",
                "Arve pole tasutud",
                "API on suletud võlgnevuse tõttu",
            )
        ],
        (errors(400, {"message": "dateFrom only allowed to be null"}), RequestRefused),
        (errors(200, {"message": "dateFrom only allowed to be null"}), RequestRefused),
        (Response(status=401), ConfigurationError),
        (Response(status=403), ConfigurationError),
        (Response(status=302, headers={"Location": "https://elsewhere.example/?apikey=c4n4ry"}), ConfigurationError),
    ],
)
def test_what_repeating_cannot_mend_is_not_repeated(
    client: SmartAccountsClient, ledger: Ledger, server: LocalServer, response: Response, error: type[PipelineError]
) -> None:
    ledger.script = [response]
    with pytest.raises(error) as told:
        client.read(CLIENTS)
    assert type(told.value) is error
    assert len(server.requests) == 1


def test_the_limit_hands_on_how_long_to_wait(client: SmartAccountsClient, ledger: Ledger) -> None:
    ledger.script = [
        Response(b"limit", 503, {"Retry-After": "42"}),
        Response(
            b"limit", 503, {"Retry-After": "Mon, 02 Mar 2026 10:01:00 GMT", "Date": "Mon, 02 Mar 2026 10:00:10 GMT"}
        ),
        Response(b"limit", 503),
    ]
    waits = []
    for _ in range(3):
        with pytest.raises(LimitReached) as told:
            client.read(CLIENTS)
        waits.append(told.value.retry_after)
    assert waits == [42.0, 50.0, None]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (3, "clock of this machine is 180 minutes behind"),
        (-1, "clock of this machine is 60 minutes ahead of"),
        (0, None),
    ],
)
def test_a_wrong_clock_is_named(
    server: LocalServer, ledger: Ledger, naps: list[float], hours: int, words: str | None
) -> None:
    ledger.now = NOW + timedelta(hours=hours)
    client = SmartAccountsClient(server.url, PUBLIC, SECRET if hours else "wrong", clock=lambda: NOW, sleep=naps.append)
    with pytest.raises(ConfigurationError, match=r"password .*secret key.* of the connection") as told:
        client.read(CLIENTS)
    assert ("clock" in str(told.value)) is (words is not None)
    if words:
        assert words in str(told.value)


# Writes


BODY = '{"clientId":"c1","note":"Tõlketöö","price":10.00}'.encode()


def test_a_write_sends_these_bytes_signed_with_this_moment(
    server: LocalServer, ledger: Ledger, naps: list[float]
) -> None:
    client = connect(server.url, ledger, naps, before_request=lambda _: pytest.fail("the caller reserves writes"))
    written = client.write(ADD, BODY, signed_at=NOW - timedelta(minutes=3), query={"id": "a b"})
    assert ledger.booked == [BODY]
    assert written.data == {"invoiceId": "i1", "amount": Decimal("90.1"), "number": 7}
    assert written.server_time == NOW
    [request] = server.requests
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["Content-Length"] == str(len(BODY))
    assert parse_qs(request.raw_query)["timestamp"] == ["02032026115700"]
    assert parse_qs(request.raw_query)["id"] == ["a b"]


def test_a_stale_write_is_refused_and_told_as_such(client: SmartAccountsClient, ledger: Ledger) -> None:
    with pytest.raises(ConfigurationError, match="timestamp of the request is 16 minutes behind"):
        client.write(ADD, BODY, signed_at=NOW - timedelta(minutes=16))
    assert ledger.booked == []


@pytest.mark.parametrize(
    "after",
    [
        Response(drop=True),
        Response(b'{"invoiceId": "i1"', missing=50),
        Response(b'{"invoiceId": "i1"'),
        Response(b"", 200),
        Response(b"", 204),
        HTML,
        Response(b"[]"),
        Response(status=500),
        Response(b"bad gateway", 502),
        Response(b"<html>Service Unavailable</html>", 503),
        Response(b"upstream request timeout: limit exceeded", 503),
        *[Response(text.encode(), 503) for text in OUTAGES],
        Response(status=503),
        Response(status=504),
        Response(status=408),
        Response(status=302, headers={"Location": "/elsewhere"}),
        errors(200, {"message": "half done"}),
        Response(b"{}", 200, {"Content-Encoding": "gzip"}),
        Response(hang=True),
    ],
)
def test_a_write_that_may_have_been_applied_is_in_doubt_and_not_repeated(
    server: LocalServer, ledger: Ledger, naps: list[float], after: Response
) -> None:
    client = connect(server.url, ledger, naps, read_timeout=0.3)

    def apply_then(request: Request) -> Response:
        ledger.serve(request)
        return after

    ledger.script = [apply_then]
    with pytest.raises(
        OutcomeUnknown, match=r"SmartAccounts purchasesales/clientinvoices:add: .*may have been applied"
    ):
        client.write(ADD, BODY, signed_at=NOW)
    assert ledger.booked == [BODY]
    assert len(server.requests) == 1
    assert naps == []


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (errors(400, {"message": "no"}), RequestRefused),
        (Response(b"<html>", 404), RequestRefused),
        (Response(status=413), RequestRefused),
        (Response(status=401), ConfigurationError),
        (Response(status=403), ConfigurationError),
        (errors(503, {"message": LIMIT}), LimitReached),
        (errors(503, {"message": BILL}), BillingStopped),
        (Response(status=429), LimitReached),
    ],
)
def test_a_definite_refusal_of_a_write_is_no_doubt(
    client: SmartAccountsClient, ledger: Ledger, server: LocalServer, response: Response, error: type[PipelineError]
) -> None:
    ledger.script = [response]
    with pytest.raises(error) as told:
        client.write(ADD, BODY, signed_at=NOW)
    assert type(told.value) is error
    assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:{closed}", "https://no-such-host.invalid"])
def test_without_a_connection_nothing_was_sent(ledger: Ledger, naps: list[float], url: str) -> None:
    client = connect(url.format(closed=closed_port()), ledger, naps)
    with pytest.raises(NotSent, match="nothing was sent") as told:
        client.write(ADD, BODY, signed_at=NOW)
    assert isinstance(told.value, TransientError)
    assert not isinstance(told.value, UnreadableAnswer)


def test_a_server_without_tls_gets_nothing(server: LocalServer, ledger: Ledger, naps: list[float]) -> None:
    client = connect(server.url.replace("http:", "https:"), ledger, naps)
    with pytest.raises((NotSent, OutcomeUnknown)) as told:
        client.write(ADD, BODY, signed_at=NOW)
    assert server.requests == []
    assert "c4n4ry" not in everything_told(told.value)


def test_a_write_does_not_lean_on_a_kept_connection(client: SmartAccountsClient, server: LocalServer) -> None:
    client.read(CLIENTS)
    client.write(ADD, BODY, signed_at=NOW)
    client.write(ADD, BODY, signed_at=NOW)
    assert len({request.client for request in server.requests}) == 3


def test_a_redirect_is_not_followed(client: SmartAccountsClient, ledger: Ledger, server: LocalServer) -> None:
    with serving(lambda _: as_json({})) as elsewhere:
        ledger.script = [Response(status=status, headers={"Location": elsewhere.url}) for status in (307, 307)]
        with pytest.raises(OutcomeUnknown):
            client.write(ADD, BODY, signed_at=NOW)
        with pytest.raises(ConfigurationError, match="redirect"):
            client.read(CLIENTS)
        assert elsewhere.requests == []


# Reasons


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (
            {"key": "CREDIT-INVOICE-EARLIER-THAN-BASE", "message": "too early"},
            ("CREDIT-INVOICE-EARLIER-THAN-BASE", "too early"),
        ),
        ({"code": "K", "message": "m"}, ("K", "m")),
        ({"errorKey": "K", "message": "m"}, ("K", "m")),
        ({"error": "K"}, ("K", "")),
        ({"message": "m"}, ("", "m")),
        ("text", ("", "text")),
    ],
)
def test_reasons_in_every_likely_shape(
    client: SmartAccountsClient, ledger: Ledger, item: object, reason: tuple[str, str]
) -> None:
    ledger.script = [errors(400, item, {"key": "SECOND", "message": "also"})]
    with pytest.raises(RequestRefused) as told:
        client.write(ADD, BODY, signed_at=NOW)
    assert told.value.status == 400
    assert told.value.reasons == (reason, ("SECOND", "also"))
    assert "SECOND: also" in str(told.value)


def test_reasons_keep_no_secrets_and_no_personal_data(client: SmartAccountsClient, ledger: Ledger) -> None:
    body = json.dumps({"name": "Mari Kanaari", "address": {"address1": "Kanaari 5-3"}, "vatPc": "24"}).encode()
    said = (
        f"client MARI KANAARI of Kanaari 5-3 code 49403136515 mail mari@kanaari.ee iban EE382200221020145685 "
        f"key {PUBLIC} {SECRET} apikey=c4n4ry"
    )
    ledger.script = [errors(400, {"key": "BAD-CLIENT", "message": said})]
    with pytest.raises(RequestRefused) as told:
        client.write("purchasesales/clients:add", body, signed_at=NOW)
    shown = everything_told(told.value)
    assert "BAD-CLIENT" in shown
    assert "client ***" in shown
    for part in ("anaari", "ANAARI", "49403136515", "2200221020145685", "c4n4ry"):
        assert part not in shown


def test_names_that_the_body_does_not_hold_are_hidden_where_the_caller_tells_them(
    client: SmartAccountsClient, ledger: Ledger
) -> None:
    refusal = errors(400, {"key": "C4N4RY NAME", "message": "client c4n4ry näMe: Tõlketöö is refused"})
    ledger.script = [refusal, refusal]
    names = ("C4n4ry Name", "c4n4ry Näme")
    with pytest.raises(RequestRefused) as told:
        client.write(ADD, BODY, signed_at=NOW, personal=names)
    assert told.value.reasons == (("***", "client ***: Tõlketöö is refused"),)
    assert "c4n4ry" not in everything_told(told.value).lower()
    with pytest.raises(RequestRefused, match="c4n4ry näMe: Tõlketöö"):
        client.write(ADD, BODY, signed_at=NOW)


# Secrets


@contextmanager
def all_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "requests", "scoro_smartaccounts"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield


@pytest.mark.parametrize(
    "response",
    [
        None,
        Response(drop=True),
        Response(hang=True),
        Response(status=500),
        Response(status=401),
        Response(b"x", missing=9),
        HTML,
        Response(status=302, headers={"Location": "/x?apikey=c4n4ry-public-key"}),
        Response(b"{}", 200, {"Content-Encoding": "gzip"}),
        errors(400, {"message": f"{PUBLIC} {SECRET}"}),
        Response(f"limit {PUBLIC} {SECRET}".encode(), 503),
    ],
)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_no_canary_in_logs_errors_or_representations(
    server: LocalServer,
    ledger: Ledger,
    naps: list[float],
    caplog: pytest.LogCaptureFixture,
    response: Response | None,
    kind: str,
) -> None:
    client = connect(server.url, ledger, naps, read_timeout=0.2)
    if response is not None:
        ledger.script = [response] * READ_ATTEMPTS
    told = ""
    chain: tuple[object, object] = (None, None)
    with all_logs(caplog):
        try:
            result: object = client.read(CLIENTS) if kind == "read" else client.write(ADD, BODY, signed_at=NOW)
            told = repr(result)
        except PipelineError as problem:
            told = everything_told(problem)
            chain = (problem.__cause__, problem.__context__)
    assert chain == (None, None)
    signatures = [request.raw_query.rpartition("=")[2] for request in server.requests]
    assert all(len(signature) == 64 for signature in signatures)
    shown = "\n".join([told, caplog.text, repr(client), repr(caplog.records), *(repr(vars(r)) for r in caplog.records)])
    assert "urllib3" in caplog.text
    for c4n4ry in ("c4n4ry", *signatures):
        assert c4n4ry not in shown
    if response is None:
        assert "apikey=***" in caplog.text


@pytest.mark.parametrize("port_of", ["closed", "unknown", "untls"])
def test_no_canary_where_no_connection_comes_about(
    server: LocalServer, ledger: Ledger, naps: list[float], caplog: pytest.LogCaptureFixture, port_of: str
) -> None:
    url = {
        "closed": f"http://127.0.0.1:{closed_port()}",
        "unknown": "https://no-such-host.invalid",
        "untls": server.url.replace("http:", "https:"),
    }[port_of]
    client = connect(url, ledger, naps)
    with all_logs(caplog), pytest.raises(TransientError) as told:
        client.read(CLIENTS)
    assert "c4n4ry" not in everything_told(told.value) + caplog.text


def test_a_bad_certificate_is_named_and_proves_that_nothing_was_sent() -> None:
    from scoro_smartaccounts.border.http import _never_connected, _what_happened

    reason = ssl.SSLCertVerificationError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    problem = requests.exceptions.SSLError(reason)
    assert _never_connected(problem)
    assert "certificate" in _what_happened(problem)


# Settings of the connection


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sa.example.com/api",
        "ftp://sa.example.com",
        "https://",
        "https://u:p@x.ee/api",
        "https://x.ee/?a=1",
        "http://x:y/",
        "http://sa.example.com/api",
        "http://localhost.example.com",
    ],
)
def test_an_unusable_host_is_a_matter_of_the_connection(url: str) -> None:
    with pytest.raises(ConfigurationError, match="host of the connection"):
        SmartAccountsClient(url, PUBLIC, SECRET)


@pytest.mark.parametrize(("public", "secret"), [("", SECRET), (PUBLIC, "")])
def test_missing_keys_are_a_matter_of_the_connection(public: str, secret: str) -> None:
    with pytest.raises(ConfigurationError, match="Settings > Connected services"):
        SmartAccountsClient("https://sa.example.com/api", public, secret)


def test_check_access_costs_one_request(client: SmartAccountsClient, ledger: Ledger, server: LocalServer) -> None:
    ledger.script = [as_json({"warehouses": []})]
    client.check_access()
    assert [request.path for request in server.requests] == ["/en/api/settings/warehouses:get"]
