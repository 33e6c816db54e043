"""The simulators. Admin routes, faults, concurrency and the command of the SmartAccounts simulator, over real
sockets."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.smartaccounts import Books, create_app
from scoro_smartaccounts_sandbox.smartaccounts.server import Server
from tests.doors import behind_a_door
from tests.unit.sandbox.smartaccounts_helpers import ARTICLES, CLIENTS, NOON, PAYMENTS, SALES, address, invoice


class Remote:
    """A simulator behind a socket, at a moment that only tests move."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=10)
        self.now = NOON

    def read(self, service: str = "settings/vatpcs", timeout: float = 10, **params: Any) -> httpx.Response:
        return self.http.get(address(f"{service}:get", self.now, **params), timeout=timeout)

    def add(self, service: str, body: Any, timeout: float = 10) -> httpx.Response:
        content = json.dumps(body).encode()
        return self.http.post(address(f"{service}:add", self.now, content), content=content, timeout=timeout)

    def client(self, name: str = "Näidis OÜ", timeout: float = 10) -> httpx.Response:
        return self.add(CLIENTS, {"name": name}, timeout)

    def admin(self, path: str, body: Any = None) -> Any:
        response = self.http.get(f"/admin{path}") if body is None else self.http.post(f"/admin{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def count(self, service: str = "clients") -> int:
        return int(self.admin("/state")["counts"][service])


@pytest.fixture
def remote() -> Iterator[Remote]:
    books = Books(clock=Clock.frozen(NOON))
    books.switches.change({"limits": False})
    with behind_a_door(create_app(books)) as base_url:
        remote = Remote(base_url)
        with remote.http:
            yield remote


# --- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "media", "applied"),
    [
        ({"kind": "status", "status": 500}, 500, "text/plain", 0),
        ({"kind": "status", "status": 400}, 400, "application/json", 0),
        ({"kind": "status_after", "status": 500}, 500, "text/plain", 1),
        ({"kind": "html"}, 200, "text/html", 0),
        ({"kind": "limit"}, 503, "text/plain", 0),
        ({"kind": "billing"}, 503, "text/plain", 0),
        ({"kind": "slow", "seconds": 0.05}, 200, "application/json", 1),
        ({"kind": "hang_after", "seconds": 0.05}, 200, "application/json", 1),
        ({"kind": "truncated"}, 200, "application/json", 1),
    ],
    ids=str,
)
def test_faults_with_an_answer(remote: Remote, fault: dict[str, Any], status: int, media: str, applied: int) -> None:
    remote.admin("/faults", {**fault, "where": "clients:add"})
    assert remote.read().status_code == 200
    response = remote.client()
    assert response.status_code == status
    assert response.headers["content-type"].startswith(media)
    assert "date" in response.headers
    if fault["kind"] == "truncated":
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            response.json()
    assert remote.count() == applied
    assert remote.client().status_code == 200
    call = next(call for call in remote.admin("/calls")["calls"] if call["fault"])
    assert (call["operation"], call["kind"], call["status"]) == ("purchasesales/clients:add", "write", status)


@pytest.mark.parametrize(("kind", "applied"), [("drop_before", 0), ("drop_after", 1), ("late", 0)])
def test_connections_that_end(capfd: pytest.CaptureFixture[str], remote: Remote, kind: str, applied: int) -> None:
    remote.admin("/faults", {"kind": kind})
    with pytest.raises(httpx.TransportError) as failure:
        remote.client()
    assert not isinstance(failure.value, httpx.TimeoutException)
    assert remote.count() == applied
    assert remote.admin("/calls")["calls"][-1]["status"] is None
    # The server does not complain about what it was told to do.
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("kind", "applied"), [("hang_before", 0), ("hang_after", 1)])
def test_hanging_until_the_client_gives_up(remote: Remote, kind: str, applied: int) -> None:
    remote.admin("/faults", {"kind": kind})
    with pytest.raises(httpx.ReadTimeout):
        remote.client(timeout=0.2)
    assert remote.count() == applied
    assert remote.client().status_code == 200


def test_a_late_write_comes_through_when_it_is_let(remote: Remote) -> None:
    remote.admin("/faults", {"kind": "late"})
    with pytest.raises(httpx.TransportError):
        remote.client()
    # Its timestamp counted when it arrived.
    remote.admin("/clock", {"advance_seconds": 1200})
    assert (remote.count(), remote.admin("/faults")["late"]) == (0, 1)
    assert remote.admin("/late", {}) == {"applied": 1}
    assert (remote.count(), remote.admin("/faults")["late"]) == (1, 0)


def test_a_late_write_comes_through_by_the_clock(remote: Remote) -> None:
    remote.admin("/faults", {"kind": "late", "seconds": 600})
    with pytest.raises(httpx.TransportError):
        remote.client()
    remote.admin("/clock", {"advance_seconds": 599})
    assert remote.count() == 0
    remote.admin("/clock", {"advance_seconds": 1})
    assert remote.count() == 1


def test_a_late_write_may_be_refused(remote: Remote) -> None:
    remote.admin("/faults", {"kind": "late"})
    with pytest.raises(httpx.TransportError):
        remote.add(ARTICLES, {"code": "A", "description": "A", "type": "SERVICE"})
    assert remote.add(ARTICLES, {"code": "A", "description": "B", "type": "SERVICE"}).status_code == 200
    remote.admin("/late", {})
    assert [row["description"] for row in remote.admin("/state")["articles"]] == ["B"]


def paid(remote: Remote) -> tuple[int, float]:
    """How many payments there are, and what is left of the only invoice."""
    state = remote.admin("/state")
    return len(state["payments"]), state["clientinvoices"][0]["outstandingAmount"]


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"kind": "drop_after"}, httpx.TransportError),
        ({"kind": "hang_after"}, httpx.ReadTimeout),
        ({"kind": "status_after", "status": 500}, None),
        ({"kind": "late"}, httpx.TransportError),
        ({"kind": "hang_late"}, httpx.ReadTimeout),
        ({"kind": "hang_late", "seconds": 600}, httpx.ReadTimeout),
    ],
    ids=str,
)
def test_a_payment_whose_answer_is_lost_is_there_sooner_or_later(
    remote: Remote, fault: dict[str, Any], failure: type[Exception] | None
) -> None:
    client = remote.client().json()["clientId"]
    remote.add(ARTICLES, {"code": "TOO", "description": "Töö", "type": "SERVICE"})
    sold = remote.add(SALES, invoice(client)).json()["invoiceId"]
    body = {
        "date": "05.03.2026",
        "partnerType": "CLIENT",
        "clientId": client,
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "rows": [{"amount": 100, "type": "CLIENT_INVOICE", "id": sold}],
    }
    remote.admin("/faults", {**fault, "where": "purchasesales/payments:add"})
    if failure is None:
        assert remote.add(PAYMENTS, body).status_code == 500
    else:
        with pytest.raises(failure):
            remote.add(PAYMENTS, body, timeout=0.2)
    if "late" in fault["kind"]:
        # The client has looked and found nothing; only then it comes through.
        assert paid(remote) == (0, 124)
        if "seconds" in fault:
            remote.admin("/clock", {"advance_seconds": 600})
        else:
            assert remote.admin("/late", {}) == {"applied": 1}
    assert paid(remote) == (1, 24)
    # Who repeats it blindly is told only because so much is not left to pay.
    assert remote.add(PAYMENTS, body).status_code == 400


def test_the_bookkeeper_works_through_admin_routes(remote: Remote) -> None:
    client = remote.client().json()["clientId"]
    remote.add(ARTICLES, {"code": "TOO", "description": "Töö", "type": "SERVICE"})
    sold = remote.add(SALES, invoice(client)).json()["invoiceId"]
    made = remote.admin("/pay", {"documents": {sold: "24"}, "day": "2026-03-05", "account": "SEB", "document": "7"})
    assert paid(remote) == (1, 100)
    remote.admin("/change", {"service": PAYMENTS, "key": made["id"], "fields": {"date": "06.03.2026"}})
    (payment,) = remote.admin("/state")["payments"]
    assert (payment["date"], payment["accountName"], payment["document"]) == ("06.03.2026", "SEB", "7")
    remote.admin("/remove", {"service": PAYMENTS, "key": made["id"]})
    assert paid(remote) == (0, 124)
    remote.admin("/pay", {"documents": sold})
    assert paid(remote) == (1, 0)
    assert remote.http.post("/admin/pay", json={"documents": sold}).status_code == 400


def test_faults_wait_for_their_call_and_their_turn(remote: Remote) -> None:
    remote.admin("/faults", {"kind": "status", "where": "clients:add", "after": 2, "times": 2})
    remote.admin("/faults", {"kind": "status", "where": "vatpcs", "status": 502})
    assert [remote.client().status_code for _ in range(5)] == [200, 200, 500, 500, 200]
    assert [remote.read().status_code for _ in range(2)] == [502, 200]
    assert remote.admin("/faults")["faults"] == []
    remote.admin("/faults", {"kind": "html"})
    remote.admin("/faults/clear", {})
    assert remote.read().json()["vatPcs"]


@pytest.mark.parametrize("fault", [{"kind": "explode"}, {}, {"kind": "html", "how": "well"}])
def test_faults_that_do_not_exist(remote: Remote, fault: dict[str, str]) -> None:
    assert remote.http.post("/admin/faults", json=fault).status_code == 400


# --- admin --------------------------------------------------------------------------------------------------------


def test_seed_state_and_reset(remote: Remote) -> None:
    ids = remote.admin(
        "/seed",
        {
            "records": [
                {"service": CLIENTS, "body": {"name": "Vana OÜ", "comment": "ilma märketa"}},
                {"service": ARTICLES, "body": {"code": "TOO", "description": "Töö", "type": "SERVICE"}},
                {"service": "settings/objects", "body": {"code": "A", "name": "A", "id": "own"}},
            ]
        },
    )["ids"]
    assert ids[1:] == ["TOO", "own"]
    remote.admin("/seed", {"records": [{"service": SALES, "body": invoice(ids[0], invoiceNumber="1")}]})
    state = remote.admin("/state")
    assert state["counts"]["clientinvoices"] == 1
    assert (state["clients"][0]["comment"], state["clientinvoices"][0]["rows"][0]["code"]) == ("ilma märketa", "TOO")
    assert remote.admin("/calls")["calls"] == []
    refused = remote.http.post("/admin/seed", json={"records": [{"service": SALES, "body": invoice("x")}]})
    assert refused.status_code == 400
    remote.admin("/reset", {})
    assert remote.admin("/state")["counts"] == {**dict.fromkeys(state["counts"], 0), "vendors": 1}


def test_the_call_log_keeps_no_secrets(remote: Remote) -> None:
    remote.read(CLIENTS, nameOrRegCode="õun", pageNumber=2)
    (call,) = remote.admin("/calls")["calls"]
    assert call == {
        "time": NOON.isoformat(),
        "operation": "purchasesales/clients:get",
        "kind": "read",
        "params": {"nameOrRegCode": "õun", "pageNumber": "2"},
        "status": 200,
        "fault": None,
    }
    remote.admin("/calls/clear", {})
    assert remote.admin("/calls")["calls"] == []


def test_switches_are_checked(remote: Remote) -> None:
    assert remote.admin("/switches", {"page_size": 7, "four_byte": "replace"})["page_size"] == 7
    for wrong in ({"page_sice": 1}, {"four_byte": "keep"}, {"page_size": 1, "limits": "perhaps"}):
        assert remote.http.post("/admin/switches", json=wrong).status_code == 400
    assert remote.admin("/switches")["page_size"] == 7


def test_the_clock(remote: Remote) -> None:
    assert remote.admin("/clock", {"advance_seconds": 960})["now"] == "2026-03-02T10:16:00+00:00"
    assert remote.read().status_code == 401
    assert remote.admin("/clock", {"now": "2026-03-02T12:14:00+02:00"})["now"] == "2026-03-02T10:14:00+00:00"
    assert remote.read().headers["date"] == "Mon, 02 Mar 2026 10:14:00 GMT"
    assert remote.http.post("/admin/clock", json={"now": "2026-03-02T12:00:00"}).status_code == 400


# --- concurrency and volume ---------------------------------------------------------------------------------------


def test_concurrent_writers_come_one_after_another(remote: Remote) -> None:
    client = remote.client().json()["clientId"]
    remote.add(ARTICLES, {"code": "TOO", "description": "Töö", "type": "SERVICE"})
    bodies = [invoice(client, invoiceNumber=str(number)) for number in range(20) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: remote.add(SALES, body), bodies))
    assert Counter(answer.status_code for answer in answers) == {200: 20, 400: 20}
    numbers = sorted(int(answer.json()["number"]) for answer in answers if answer.status_code == 200)
    assert numbers == list(range(1, 21))


def test_ten_thousand_articles_are_read_whole() -> None:
    books = Books()
    for number in range(10_000):
        books.seed(ARTICLES, {"code": f"A{number:05}", "description": "Töö", "type": "SERVICE"})
    codes = []
    for page in range(1, 101):
        answer = books.get(ARTICLES, {"pageNumber": str(page)})
        codes += [row["code"] for row in answer["articles"]]
    assert codes == [f"A{number:05}" for number in range(10_000)]
    assert answer["hasMoreEntries"] is False


# --- the command --------------------------------------------------------------------------------------------------


@contextmanager
def command(*arguments: str) -> Iterator[httpx.Client]:
    """The simulator as a process of its own, stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scoro_smartaccounts_sandbox.smartaccounts", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        assert first.startswith("listening on http://127.0.0.1:")
        with httpx.Client(base_url=first.removeprefix("listening on "), timeout=10) as client:
            yield client
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.slow
def test_a_restarted_simulator_keeps_its_books(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "books.json"), "--key", "other")
    records = [
        {"service": CLIENTS, "body": {"name": "Õun OÜ"}},
        {"service": ARTICLES, "body": {"code": "LAO", "description": "Kaup", "type": "WH", "priceSales": "9.95"}},
        {"service": "settings/groups", "body": {"name": "Uued"}},
    ]
    with command(*options) as http:
        ids = http.post("/admin/seed", json={"records": records}).json()["ids"]
        body = invoice(ids[0], {**invoice(ids[0])["rows"][0], "code": "LAO"}, warehouseId="Põhiladu", invoiceNumber="1")
        seeded = http.post("/admin/seed", json={"records": [{"service": SALES, "body": body}]})
        assert seeded.status_code == 200, seeded.text
        before = http.get("/admin/state").json()
    with command(*options) as http:
        assert http.get("/admin/state").json() == before
        again = http.post("/admin/seed", json={"records": [{"service": SALES, "body": body}]})
        assert again.status_code == 400
        assert "exists" in again.json()["error"]
        more = http.post("/admin/seed", json={"records": [{"service": CLIENTS, "body": {"name": "Pirn OÜ"}}]})
        assert more.json()["ids"][0] not in {row["id"] for rows in before.values() for row in rows if "id" in row}


def test_every_change_is_kept(tmp_path: Path) -> None:
    books, file = Books(), tmp_path / "books.json"
    server = Server(books, file)
    client = books.seed(CLIENTS, {"name": "A"})
    server.save()
    for change in (
        lambda: books.seed(ARTICLES, {"code": "A", "description": "A", "type": "SERVICE"}),
        lambda: books.edit(CLIENTS, {"id": client, "name": "B"}),
        lambda: books.delete(ARTICLES, {"code": "A"}),
        books.reset,
    ):
        change()
        server.save()
        kept = Books()
        kept.load(file)
        assert kept.state() == books.state()
    file.unlink()
    server.save()
    # Nothing changed, nothing is written.
    assert not file.exists()


def test_a_taken_port_is_told(remote: Remote) -> None:
    port = str(remote.http.base_url.port)
    result = subprocess.run(
        [sys.executable, "-m", "scoro_smartaccounts_sandbox.smartaccounts", "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr


def test_vat_returns_are_saved_deleted_and_paid(remote: Remote) -> None:
    remote.add(ARTICLES, {"code": "TOO", "description": "Töö", "type": "SERVICE", "vatPc": "24"})
    client = remote.client().json()["clientId"]
    remote.add(SALES, invoice(client))
    key = remote.admin("/vat-returns/save", {"month": "2026-03"})["id"]
    assert remote.admin("/vat-returns/save", {"month": "2026-03"})["id"] == key
    assert remote.admin("/vat-returns/pay", {"key": key, "day": "2026-04-20"})["id"]
    assert remote.count("payments") == 1
    other = remote.admin("/vat-returns/save", {"month": "2026-04"})["id"]
    assert remote.admin("/vat-returns/delete", {"key": other}) == {"ok": True}
    [entry] = remote.read("general/entries", docType="VAT_RETURN").json()["entries"]
    assert entry["date"] == "31.03.2026"
