"""The simulators. Signature, time, languages, status codes and limits of the SmartAccounts simulator."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from scoro_smartaccounts_sandbox.smartaccounts.signature import admit
from tests.unit.sandbox.smartaccounts_helpers import (
    ARTICLES,
    CLIENTS,
    KEY,
    SALES,
    Company,
    address,
    invoice,
    line,
    signature,
    stamp,
)

VECTORS = [
    (
        "codes=kood1%2Ckood2%2Ckood3&timestamp=14022013133802&apikey=a066f7de6042458da916",
        "",
        "47d71fe8160187197bab544584f783ec4bac9be3e00049783d93d97d2e828e6e",
        datetime(2013, 2, 14, 11, 38, 2, tzinfo=UTC),
    ),
    (
        "timestamp=03032021090000&apikey=testkey",
        '{"clientId":"c1","date":"03.03.2021","currency":"EUR","rows":[{"code":"00010","description":"Tõlketöö",'
        '"price":10,"quantity":10,"vatPc":"20"}]}',
        "c196946e300575b06c73e28d78babf195f5323c0b0009c16b5468e75726a876e",
        datetime(2021, 3, 3, 7, tzinfo=UTC),
    ),
    (
        "apikey=testkey&timestamp=03032021090000&id=11111111-2222-3333-4444-555555555555",
        "{}",
        "aae86e75f29280833fc23ecfe0857d348af041c084f9a08894e82d8b68c97884",
        datetime(2021, 3, 3, 7, tzinfo=UTC),
    ),
]
KEYS = {KEY: "test-secret", "a066f7de6042458da916": "test-secret"}


@pytest.mark.parametrize(("query", "body", "signed", "now"), VECTORS)
def test_vectors(query: str, body: str, signed: str, now: datetime) -> None:
    whole = f"{query}&signature={signed}".encode()
    params = admit(whole, body.encode(), KEYS, now, 401)
    assert not {"timestamp", "apikey", "signature"} & params.keys()
    assert params.get("codes", "kood1,kood2,kood3") == "kood1,kood2,kood3"
    with pytest.raises(Refusal):
        admit(whole, body.encode() + b" ", KEYS, now, 401)


@pytest.mark.parametrize("prefix", ["/api", "/et/api", "/en/api"])
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b"{}")])
def test_reads_under_every_prefix_by_get_and_post(prefix: str, method: str, body: bytes) -> None:
    company = Company()
    url = address("settings/vatpcs:get", company.clock.now(), body, prefix)
    assert company.request(method, url, body).json()["vatPcs"]


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"{}", 200)])
def test_a_read_that_is_posted_may_need_a_body(body: bytes, status: int) -> None:
    company = Company(empty_post="refuse")
    url = address(f"{CLIENTS}:get", company.clock.now(), body)
    response = company.request("POST", url, body)
    assert response.status_code == status
    assert status == 200 or response.json()["errors"][0]["message"] == "POST body read error"
    assert company.rows(CLIENTS) == []


def test_amounts_may_come_as_text() -> None:
    company = Company(amounts_as_text=True)
    company.article()
    client = company.client(invoiceDueDate=14)
    answer = company.write(f"{SALES}:add", invoice(client, line(price="10.5", quantity=2)))
    assert (answer["totalAmount"], answer["vatAmount"], answer["number"]) == ("26.04", "5.04", "1")
    row = company.row(SALES, id=answer["invoiceId"], fetchRows="true")["rows"][0]
    assert (row["price"], row["quantity"], row["order"]) == ("10.5", "2", 1)
    assert company.row(CLIENTS)["invoiceDueDate"] == 14
    assert company.read("settings/vatpcs")["vatPcs"][0]["pc"] == "24"


def test_any_order_encoding_and_case_of_the_signature() -> None:
    company = Company()
    company.article("A,B")
    now = stamp(company.clock.now())
    for query in (
        f"apikey={KEY}&timestamp={now}&codes=A,B&clientId=extra",
        f"codes=A%2cB&timestamp={now}&apikey={KEY}",
        f"timestamp={now}&codes=A%2CB&apikey={KEY}",
    ):
        url = f"/api/{ARTICLES}:getwarehousequantities?{query}&signature={signature(query).upper()}"
        assert [row["code"] for row in company.request("GET", url).json()["quantities"]] == ["A", "B"]


def test_the_signature_covers_the_bytes_as_sent() -> None:
    company = Company()
    query = f"searchString=a+b&timestamp={stamp(company.clock.now())}&apikey={KEY}"
    path, signed = f"/api/{ARTICLES}:get", signature(query)
    assert company.request("GET", f"{path}?{query}&signature={signed}").status_code == 200
    same_meaning = query.replace("a+b", "a%20b")
    assert company.request("GET", f"{path}?{same_meaning}&signature={signed}").status_code == 401


def _unauthorized(company: Company) -> list[str]:
    now = company.clock.now()
    good = address("settings/vatpcs:get", now)
    query = f"timestamp={stamp(now)}&apikey=other"
    unsigned, _, signed = good.rpartition("&signature=")
    return [
        unsigned,
        f"{unsigned}&signature=",
        f"{unsigned}&signature={signed[:-1]}0",
        f"{good}&id=1",
        f"/api/settings/vatpcs:get?{query}&signature={signature(query)}",
        "/api/settings/vatpcs:get",
    ]


@pytest.mark.parametrize("case", range(6))
def test_401(case: int) -> None:
    company = Company()
    response = company.request("GET", _unauthorized(company)[case])
    assert response.status_code == 401
    assert response.json()["errors"][0]["message"]
    assert len(company.server.calls) == 1
    assert "signature" not in str(company.server.calls)


@pytest.mark.parametrize(("minutes", "status"), [(-16, 401), (-14.9, 200), (14.9, 200), (16, 401)])
def test_a_quarter_of_an_hour_of_skew(minutes: float, status: int) -> None:
    company = Company()
    url = address("settings/vatpcs:get", company.clock.now() + timedelta(minutes=minutes))
    assert company.request("GET", url).status_code == status


def test_the_status_of_a_stale_request_can_be_set() -> None:
    company = Company(stale_status=400)
    url = address("settings/vatpcs:get", company.clock.now() - timedelta(hours=2))
    assert company.request("GET", url).status_code == 400


def test_the_repeated_hour_has_two_readings() -> None:
    company = Company()
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert stamp(first) == stamp(second)
    for now in (first, second):
        company.clock.set(now)
        assert company.request("GET", address("settings/vatpcs:get", now)).status_code == 200
    company.clock.set(second + timedelta(minutes=16))
    assert company.request("GET", address("settings/vatpcs:get", second)).status_code == 401


def test_summer_time() -> None:
    company = Company()
    company.clock.set(datetime(2026, 7, 1, 9, tzinfo=UTC))
    fixed_offset = "01072026110000"
    query = f"timestamp={fixed_offset}&apikey={KEY}"
    url = f"/api/settings/vatpcs:get?{query}&signature={signature(query)}"
    assert company.request("GET", url).status_code == 401
    assert company.rows("settings/vatpcs")


def test_errors_of_the_first_stage_are_english_and_of_the_second_follow_the_prefix() -> None:
    company = Company()
    company.article()
    wrong = invoice("nobody")
    messages = {
        prefix: company.post(f"{SALES}:add", wrong, prefix).json()["errors"][0]["message"]
        for prefix in ("/en/api", "/et/api", "/api")
    }
    assert messages["/en/api"] == "clientId is not known"
    assert messages["/et/api"] == messages["/api"] != messages["/en/api"]
    for prefix in ("/en/api", "/et/api"):
        assert company.post(f"{CLIENTS}:add", {}, prefix).json()["errors"][0]["message"] == "name may not be null"


@pytest.mark.parametrize(("name", "expected"), [("code", {"code", "message"}), ("", {"message"})])
def test_the_name_of_an_errors_key(name: str, expected: set[str]) -> None:
    company = Company(error_key_field=name)
    assert company.post(f"{CLIENTS}:add", {}).json()["errors"][0].keys() == expected


@pytest.mark.parametrize(
    "path",
    [
        "purchasesales/nothing:get",
        f"{CLIENTS}:burn",
        f"{CLIENTS}",
        "inventory/warehousemovements:add",
        "settings/warehouses:add",
        "general/files:edit",
    ],
)
def test_unknown_services_and_methods(path: str) -> None:
    company = Company()
    assert company.post(path, {}).status_code == 404
    company.books.switches.change({"unknown_service_status": 400})
    assert company.post(path, {}).status_code == 400


def test_writes_are_posted() -> None:
    company = Company()
    assert company.request("GET", address(f"{CLIENTS}:add", company.clock.now())).status_code == 405
    url = address(f"{CLIENTS}:get", company.clock.now())
    assert company.request("PUT", url).status_code == 405


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a"', b'{"name":"\xf5"}', b'{"name":"a","discount":NaN}'])
def test_bodies_that_are_no_json_object(body: bytes) -> None:
    response = Company().post(f"{CLIENTS}:add", body)
    assert (response.status_code, response.json()["errors"][0]["message"]) == (400, "POST body read error")


def test_the_date_is_the_simulators() -> None:
    company = Company()
    url = address("settings/vatpcs:get", company.clock.now())
    assert company.request("GET", url).headers["date"] == "Mon, 02 Mar 2026 10:00:00 GMT"
    assert company.request("GET", url + "0").headers["date"] == "Mon, 02 Mar 2026 10:00:00 GMT"
    company.books.switches.change({"show_date": False})
    assert "date" not in company.request("GET", url).headers


def _status(company: Company) -> int:
    return company.request("GET", address("settings/vatpcs:get", company.clock.now())).status_code


def test_sixty_a_minute_in_a_sliding_window() -> None:
    company = Company(limits=True, requests_per_minute=3)
    assert [_status(company) for _ in range(3)] == [200] * 3
    company.clock.advance(timedelta(seconds=59))
    assert _status(company) == 503
    company.clock.advance(timedelta(seconds=2))
    # The refused request counts.
    assert [_status(company) for _ in range(3)] == [200, 200, 503]


def test_a_thousand_in_24_hours() -> None:
    company = Company(limits=True, requests_per_day=5)
    for _ in range(5):
        assert _status(company) == 200
        company.clock.advance(timedelta(hours=1))
    assert _status(company) == 503
    company.clock.advance(timedelta(hours=19, seconds=1))
    # The first is forgotten, but the refused one counts.
    assert _status(company) == 503
    company.clock.advance(timedelta(hours=2))
    assert _status(company) == 200


def test_what_is_not_signed_is_not_counted() -> None:
    company = Company(limits=True, requests_per_minute=1)
    company.request("GET", "/api/settings/vatpcs:get")
    assert _status(company) == 200


@pytest.mark.parametrize(
    ("form", "media"), [("text", "text/plain"), ("html", "text/html"), ("json", "application/json")]
)
@pytest.mark.parametrize("which", [{"limits": True, "requests_per_minute": 0}, {"billing": True}])
def test_bodies_of_503(which: dict[str, Any], form: str, media: str) -> None:
    company = Company(limit_body=form, billing_body=form, **which)
    response: httpx.Response = company.request("GET", address("settings/vatpcs:get", company.clock.now()))
    assert response.status_code == 503
    assert response.headers["content-type"].startswith(media)
    assert "unpaid" in response.text if "billing" in which else "limit" in response.text
    assert "retry-after" not in response.headers
