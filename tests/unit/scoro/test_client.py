"""Room scoro. Lists of Scoro are read whole, tried again where that is right, and written once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.border.http import READ_ATTEMPTS, NotSent
from scoro_smartaccounts.common.errors import (
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    PipelineError,
    RequestRefused,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.scoro.client import ScoroClient
from tests.unit.local_server import HTML, LocalServer, Request, Response, as_json, closed_port, everything_told, serving

KEY = "ScoroAPI_c4n4ry0123456789"
NOW = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)


class Site:
    """The service in short: knows one key, keeps rows by module, pages them, writes what it is told."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.caps = {False: 100, True: 25}
        self.between_pages: Callable[[], None] | None = None
        self.ignores_pages = False
        self.written: list[dict[str, Any]] = []
        self.script: list[Callable[[Request], Response] | Response] = []

    def __call__(self, request: Request) -> Response:
        if self.script:
            step = self.script.pop(0)
            return step if isinstance(step, Response) else step(request)
        return self.serve(request)

    def serve(self, request: Request) -> Response:
        asked = request.json()
        if asked.get("apiKey") != KEY or asked.get("company_account_id") != "demoou":
            return failed(403, "wrong key")
        _, _, _, module, action, *record = request.path.split("/")
        rows = self.rows.get(module, [])
        if action == "modify":
            self.written.append(asked["request"])
            return ok({"id": 900, **asked["request"]})
        if action == "view":
            found = [row for row in rows if str(row.get("id")) == record[0]]
            return ok(found[0]) if found else failed(404, "not found")
        size = min(asked["per_page"], self.caps[bool(asked.get("detailed_response"))])
        first = 0 if self.ignores_pages else (asked["page"] - 1) * size
        page = rows[first : first + size]
        if self.between_pages:
            self.between_pages()
        return ok(page)


def ok(data: object, **headers: str) -> Response:
    return as_json({"status": "OK", "statusCode": 200, "messages": None, "data": data}, 200, **headers)


def failed(code: object, *messages: str, http: int = 200, **headers: str) -> Response:
    content = {"status": "ERROR", "statusCode": code, "messages": {"error": [*messages]}, "data": None}
    return as_json(content, http, **headers)


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"id": number} for number in range(1, count + 1)]


def ids(rows: Iterator[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.naps: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator[LocalServer]:
    with serving(site) as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(server: LocalServer, time: Time) -> ScoroClient:
    return connect(server.url, time)


def connect(url: str, time: Time, **settings: Any) -> ScoroClient:
    return ScoroClient(f"{url}/", "demoou", KEY, clock=time, sleep=time.sleep, **{"read_timeout": 5.0, **settings})


# Requests


def test_what_a_list_asks_for(client: ScoroClient, server: LocalServer) -> None:
    wanted = {"date": {"from_date": "2026-01-01", "to_date": "2026-01-11"}}
    assert client.page("invoices", 2, filter=wanted, detailed=True, include_deleted=True) == []
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/api/v2/invoices/list")
    assert request.json() == {
        "company_account_id": "demoou",
        "apiKey": KEY,
        "page": 2,
        "per_page": 25,
        "filter": wanted,
        "detailed_response": True,
        "include_deleted": "1",
        "request": {"include_deleted": "1"},
    }
    assert request.headers["Content-Type"].startswith("application/json")
    assert request.headers["User-Agent"].startswith("scoro-smartaccounts/")


def test_a_plain_list_asks_for_hundred(client: ScoroClient, server: LocalServer) -> None:
    client.page("contacts", 1)
    assert server.requests[0].json() == {
        "company_account_id": "demoou",
        "apiKey": KEY,
        "page": 1,
        "per_page": 100,
        "request": {},
    }


def test_a_host_that_names_the_api_already_is_not_doubled(server: LocalServer, time: Time) -> None:
    connect(f"{server.url}/api/v2", time).page("invoices", 1)
    assert server.requests[0].path == "/api/v2/invoices/list"


def test_decimals_are_never_floats(client: ScoroClient, site: Site) -> None:
    site.script = [Response(b'{"status":"OK","statusCode":200,"data":[{"id":1,"receivable_sum":88.6599999999999966}]}')]
    assert client.page("invoices", 1) == [{"id": 1, "receivable_sum": Decimal("88.6599999999999966")}]


# Lists


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("count", [0, 1, 24, 25, 26, 75, 100, 130])
def test_a_list_is_whole_whatever_its_length(client: ScoroClient, site: Site, count: int, detailed: bool) -> None:
    site.rows["invoices"] = numbered(count)
    assert ids(client.list("invoices", detailed=detailed)) == list(range(1, count + 1))


def test_a_site_with_smaller_pages_loses_nothing(client: ScoroClient, site: Site) -> None:
    site.caps = {False: 7, True: 7}
    site.rows["invoices"] = numbered(30)
    assert ids(client.list("invoices", detailed=True)) == list(range(1, 31))


def test_rows_that_shift_towards_the_end_are_not_doubled(client: ScoroClient, site: Site) -> None:
    site.rows["invoices"] = numbered(60)
    fresh = iter(range(1000, 2000))
    site.between_pages = lambda: site.rows["invoices"].insert(0, {"id": next(fresh)})
    assert ids(client.list("invoices", detailed=True)) == list(range(1, 61))


def test_a_page_without_news_is_not_the_end(client: ScoroClient, site: Site) -> None:
    site.script = [
        ok([{"id": 1}, {"id": 2}]),
        ok([{"id": 2}]),
        ok([{"id": 3}]),
        ok([]),
    ]
    assert ids(client.list("invoices")) == [1, 2, 3]


def test_a_short_list_that_knows_no_pages_is_read_once(client: ScoroClient, site: Site, server: LocalServer) -> None:
    site.ignores_pages = True
    site.rows["vatCodes"] = [{"vat_code_id": 9}, {"vat_code_id": "10"}]
    assert [row["vat_code_id"] for row in client.list("vatCodes")] == [9, "10"]
    assert len(server.requests) == 2


def test_a_long_list_that_knows_no_pages_is_no_complete_list(client: ScoroClient, site: Site) -> None:
    site.ignores_pages = True
    site.rows["invoices"] = numbered(30)
    with pytest.raises(UnreadableAnswer, match="do not come to an end"):
        ids(client.list("invoices", detailed=True))


def test_contacts_and_products_are_told_apart_by_their_own_ids(client: ScoroClient, site: Site) -> None:
    site.script = [
        ok([{"contact_id": 1, "id": 0}, {"contact_id": 2, "id": 0}]),
        ok([{"contact_id": 2, "id": 0}]),
        ok([]),
    ]
    assert [row["contact_id"] for row in client.list("contacts")] == [1, 2]


def test_rows_without_an_id_are_handed_on(client: ScoroClient, site: Site) -> None:
    site.script = [ok([{"id": None, "no": "1"}, {"no": "2"}, {"no": "2"}]), ok([])]
    assert [row["no"] for row in client.list("invoices")] == ["1", "2"]


@pytest.mark.parametrize("data", [None, [], {}])
def test_nothing_in_all_its_spellings(client: ScoroClient, site: Site, data: object) -> None:
    site.script = [ok(data)]
    assert client.page("invoices", 1) == []


def test_an_array_with_gaps_is_an_array(client: ScoroClient, site: Site) -> None:
    site.script = [ok({"0": {"id": 1}, "2": {"id": 3}})]
    assert client.page("invoices", 1) == [{"id": 1}, {"id": 3}]


# Single records


def test_a_record_is_viewed(client: ScoroClient, site: Site, server: LocalServer) -> None:
    site.rows["invoices"] = [{"id": 7, "no": "2026007"}]
    assert client.view("invoices", "7") == {"id": 7, "no": "2026007"}
    assert server.requests[0].path == "/api/v2/invoices/view/7"


@pytest.mark.parametrize(
    "missing",
    [failed(404), failed("404"), failed(400), failed(404, http=404), failed(400, http=400), ok(None), ok([])],
)
def test_a_missing_record_is_none(client: ScoroClient, site: Site, missing: Response) -> None:
    site.script = [missing]
    assert client.view("invoices", "8") is None


def test_a_wrong_address_is_not_a_missing_record(client: ScoroClient, site: Site) -> None:
    site.script = [Response(b"<html>", 404, {"Content-Type": "text/html"})] * READ_ATTEMPTS
    with pytest.raises(UnreadableAnswer, match=r"HTTP 404, text/html, 6 bytes.*host of the connection"):
        client.view("invoices", "8")


def test_the_company_account(client: ScoroClient, site: Site) -> None:
    site.rows["companyAccount"] = [{"company_name": "Näidis OÜ", "active_entities": [{"entity_id": "demoou"}]}]
    assert client.company_account()["company_name"] == "Näidis OÜ"
    client.check_access()
    site.rows["companyAccount"] = [{"active_entities": [{"entity_id": "other"}]}]
    with pytest.raises(ConfigurationError, match="must be one of other"):
        client.check_access()


# Failures of reads


@pytest.mark.parametrize(
    "failure",
    [
        Response(status=500),
        Response(status=503),
        failed(500, "x"),
        failed("503", "x"),
        failed(408, "x"),
        HTML,
        Response(b'{"status":"OK","data":[{'),
        Response(drop=True),
        Response(b"{}", missing=20),
        as_json({"data": []}),
        as_json({"status": "PENDING", "statusCode": 100}),
    ],
)
def test_reads_are_repeated(
    client: ScoroClient, site: Site, server: LocalServer, time: Time, failure: Response
) -> None:
    site.script = [failure, failure]
    site.rows["invoices"] = numbered(1)
    assert client.page("invoices", 1) == [{"id": 1}]
    assert len(server.requests) == 3
    assert len(time.naps) == 2


def test_repeating_ends(client: ScoroClient, site: Site, server: LocalServer) -> None:
    site.script = [HTML] * 10
    with pytest.raises(UnreadableAnswer, match=r"Scoro invoices/list: .*HTTP 200, text/html, \d+ bytes"):
        client.page("invoices", 1)
    assert len(server.requests) == READ_ATTEMPTS


def test_a_time_out_is_repeated(server: LocalServer, site: Site, time: Time) -> None:
    client = connect(server.url, time, read_timeout=0.2)
    site.script = [Response(hang=True)]
    assert client.page("invoices", 1) == []
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("response", "error", "words"),
    [
        (failed(401, "x"), ConfigurationError, "API key"),
        (failed("403", "x"), ConfigurationError, "API key"),
        (failed(403, "x", http=403), ConfigurationError, "API key"),
        (Response(b"error code: 1010", 403, {"Content-Type": "text/plain"}), ConfigurationError, "blocked"),
        (Response(status=301, headers={"Location": "https://www.example.com"}), ConfigurationError, "redirect"),
        (failed(400, "bad filter"), RequestRefused, r"\(status 400\): bad filter"),
        (failed(422, "bad filter", http=422), RequestRefused, "status 422"),
        (failed(None, "bad filter", http=400), RequestRefused, "status 400"),
    ],
)
def test_what_repeating_cannot_mend_is_not_repeated(
    client: ScoroClient, site: Site, server: LocalServer, response: Response, error: type[PipelineError], words: str
) -> None:
    site.script = [response]
    with pytest.raises(error, match=words) as told:
        client.page("invoices", 1)
    assert type(told.value) is error
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("messages", "texts"),
    [
        ({"error": ["a", "b"]}, ["a", "b"]),
        (["a"], ["a"]),
        ("a", ["a"]),
        (None, []),
        ({"error": [f"key {KEY}, mari@kanaari.ee"]}, ["key ***, ***"]),
    ],
)
def test_reasons(client: ScoroClient, site: Site, messages: object, texts: list[str]) -> None:
    site.script = [as_json({"status": "ERROR", "statusCode": "400", "messages": messages})]
    with pytest.raises(RequestRefused) as told:
        client.page("invoices", 1)
    assert [text for _, text in told.value.reasons] == texts
    assert told.value.status == 400


# Quotas


def test_too_many_requests_waits_as_told(client: ScoroClient, site: Site, time: Time) -> None:
    site.script = [failed(429, http=429, Retry_After="9"), failed(429, http=429, x_ratelimit_reset="4"), failed(429)]
    client.page("invoices", 1)
    assert [round(nap) >= wait for nap, wait in zip(time.naps, (9, 4, 2), strict=True)] == [True] * 3
    assert time.naps[0] < 9 + 20


def test_a_long_wait_is_left_to_the_caller(client: ScoroClient, site: Site, time: Time) -> None:
    site.script = [failed(429, http=429, Retry_After="600")]
    with pytest.raises(LimitReached) as told:
        client.page("invoices", 1)
    assert told.value.retry_after == 600
    assert time.naps == []


def test_an_empty_window_is_waited_for_before_the_next_request(client: ScoroClient, site: Site, time: Time) -> None:
    site.script = [ok([], x_ratelimit_remaining="0", x_ratelimit_reset="1.5"), ok([], x_ratelimit_remaining="39")]
    client.page("invoices", 1)
    assert time.naps == []
    client.page("invoices", 1)
    assert time.naps == [1.5]
    client.page("invoices", 1)
    assert time.naps == [1.5]


def test_an_empty_day_stops_before_the_next_request(
    client: ScoroClient, site: Site, server: LocalServer, time: Time
) -> None:
    site.script = [ok([{"id": 1}], x_daily_requests_remaining="0", x_daily_requests_reset="7200")]
    assert client.page("invoices", 1) == [{"id": 1}]
    time.now += timedelta(seconds=200)
    with pytest.raises(LimitReached, match="nothing was sent") as told:
        client.page("invoices", 1)
    assert told.value.retry_after == 7000
    assert len(server.requests) == 1
    assert time.naps == []
    time.now += timedelta(seconds=7000)
    assert client.page("invoices", 1) == []


def test_a_refusal_for_the_day_says_how_long(client: ScoroClient, site: Site, time: Time) -> None:
    site.script = [
        failed(429, http=429, Retry_After="2", x_daily_requests_remaining="0", x_daily_requests_reset="5000")
    ]
    with pytest.raises(LimitReached, match="daily") as told:
        client.page("invoices", 1)
    assert told.value.retry_after == 5000
    assert time.naps == []


# Writes


def test_creating(client: ScoroClient, site: Site, server: LocalServer) -> None:
    receipt = {"date": date(2026, 3, 10), "sum": Decimal("61.60"), "receipts": [{"invoice_id": 5121}]}
    assert client.create("receipts", receipt)["id"] == 900
    assert [request.path for request in server.requests] == ["/api/v2/receipts/modify"]
    assert site.written == [{"date": "2026-03-10", "sum": "61.60", "receipts": [{"invoice_id": 5121}]}]


@pytest.mark.parametrize(
    "after",
    [
        Response(drop=True),
        Response(hang=True),
        Response(b'{"status"', missing=50),
        Response(b'{"status"'),
        HTML,
        Response(b"<html>", 400),
        Response(status=500),
        Response(status=503),
        failed(500, "x"),
        failed(408, "x"),
        as_json({"statusCode": 200}),
        Response(status=307, headers={"Location": "/x"}),
    ],
)
def test_a_write_in_doubt_is_not_repeated(server: LocalServer, site: Site, time: Time, after: Response) -> None:
    client = connect(server.url, time, read_timeout=0.3)

    def apply_then(request: Request) -> Response:
        site.serve(request)
        return after

    site.script = [apply_then]
    with pytest.raises(OutcomeUnknown, match=r"Scoro receipts/modify: .*may have been applied"):
        client.create("receipts", {"sum": 1})
    assert site.written == [{"sum": 1}]
    assert len(server.requests) == 1
    assert time.naps == []


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (failed(400, "no"), RequestRefused),
        (failed(403, "no"), ConfigurationError),
        (failed(429, http=429), LimitReached),
    ],
)
def test_a_definite_refusal_of_a_write(
    client: ScoroClient, site: Site, server: LocalServer, response: Response, error: type[PipelineError]
) -> None:
    site.script = [response]
    with pytest.raises(error):
        client.create("receipts", {"sum": 1})
    assert len(server.requests) == 1


def test_without_a_connection_nothing_was_sent(time: Time) -> None:
    with pytest.raises(NotSent, match="nothing was sent"):
        connect(f"http://127.0.0.1:{closed_port()}", time).create("receipts", {"sum": 1})


# Secrets


@pytest.mark.parametrize(
    "response",
    [
        None,
        Response(drop=True),
        Response(hang=True),
        Response(b"x", missing=9),
        HTML,
        failed(400, f"unknown {KEY}"),
        failed(403, f"unknown {KEY}"),
        Response(f"blocked {KEY}".encode(), 403),
        Response(status=302, headers={"Location": f"/x?apiKey={KEY}"}),
        Response(KEY.encode(), 200, {"Content-Type": KEY}),
    ],
)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_no_canary_in_logs_errors_or_representations(
    server: LocalServer, site: Site, time: Time, caplog: pytest.LogCaptureFixture, response: Response | None, kind: str
) -> None:
    client = connect(server.url, time, read_timeout=0.2)
    if response is not None:
        site.script = [response] * READ_ATTEMPTS
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")
    told = ""
    chain: tuple[object, object] = (None, None)
    try:
        _ = client.page("invoices", 1) if kind == "read" else client.create("receipts", {"sum": 1})
    except PipelineError as problem:
        told = everything_told(problem)
        chain = (problem.__cause__, problem.__context__)
    assert chain == (None, None)
    assert all(KEY in request.body.decode() for request in server.requests)
    shown = "\n".join([told, caplog.text, repr(client), *(repr(vars(record)) for record in caplog.records)])
    assert "urllib3" in caplog.text
    assert "c4n4ry" not in shown


def test_no_canary_where_no_connection_comes_about(time: Time, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TransientError) as told:
        connect("https://no-such-host.invalid", time).page("invoices", 1)
    assert "c4n4ry" not in everything_told(told.value) + caplog.text


@pytest.mark.parametrize(("account", "key"), [("", KEY), ("demoou", "")])
def test_missing_keys_are_a_matter_of_the_connection(account: str, key: str) -> None:
    with pytest.raises(ConfigurationError, match="Scoro API"):
        ScoroClient("https://demo.scoro.example", account, key)


def test_what_the_key_opens_is_public(client: ScoroClient) -> None:
    assert client.company_account_id == "demoou"
    assert "demoou" in repr(client)
