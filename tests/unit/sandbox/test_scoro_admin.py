"""The simulators. Admin routes, faults and the command, over real sockets."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.scoro import DEFAULT_API_KEY, Site, Switches
from scoro_smartaccounts_sandbox.scoro.app import create_app
from tests.doors import behind_a_door

KEYS = {"apiKey": DEFAULT_API_KEY, "company_account_id": "demoou"}


class Remote:
    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=10)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/api/v2/{path}", json={**KEYS, **body})

    def admin(self, path: str, body: Any = None) -> Any:
        response = self.http.get(f"/admin{path}") if body is None else self.http.post(f"/admin{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def ids(self, page: int, **body: Any) -> list[int]:
        return [row["contact_id"] for row in self.post("contacts/list", page=page, per_page=5, **body).json()["data"]]

    def contacts(self) -> int:
        return int(self.admin("/state")["counts"]["contacts"])


@pytest.fixture
def scoro() -> Iterator[Remote]:
    site = Site(Clock(), Switches(requests_per_2_seconds=0))
    with behind_a_door(create_app(site)) as base_url:
        remote = Remote(base_url)
        with remote.http:
            yield remote


def add_contacts(scoro: Remote, count: int) -> None:
    for number in range(count):
        scoro.admin("/records/contacts/create", {"name": f"Klient {number}"})


def test_seed_state_and_reset(scoro: Remote) -> None:
    seeded = scoro.admin(
        "/seed", {"seed": 3, "from": "2026-01-01", "to": "2026-01-31", "invoices_per_month": 20, "bad": 0.1}
    )
    assert seeded["counts"]["invoices"] == scoro.admin("/state")["counts"]["invoices"] > 20
    assert {"invoice_id", "reason", "also"} == seeded["planted"][0].keys()
    rows = scoro.admin("/state?module=invoices")["rows"]
    assert len(rows) == seeded["counts"]["invoices"]
    scoro.admin("/reset", {})
    assert scoro.admin("/state")["counts"]["invoices"] == 0
    assert scoro.post("invoices/list").json()["data"] == []


def test_seed_can_ask_for_purchases(scoro: Remote) -> None:
    wanted = {"invoices_per_month": 5, "bills_per_month": 10, "expenses_per_month": 4, "bad_bills": 0.1}
    seeded = scoro.admin("/seed", {"from": "2026-01-01", "to": "2026-01-31", **wanted})
    assert seeded["counts"]["expenses"] >= 4
    assert {"bill_id", "reason", "also"} == seeded["planted_bills"][0].keys()
    assert len(scoro.post("bills/list", filter={"no": "%/%"}).json()["data"]) > 0


def test_seed_can_name_features(scoro: Remote) -> None:
    scoro.admin("/seed", {"invoices_per_month": 5, "features": ["bills"]})
    counts = scoro.admin("/state")["counts"]
    assert counts["bills"] > 0
    assert counts["receipts"] == counts["prepayments"] == 0


def test_call_log_never_holds_keys(scoro: Remote) -> None:
    scoro.post("invoices/list", page=2, filter={"status": "paid"})
    scoro.http.post("/api/v2/invoices/list", json={**KEYS, "apiKey": "a-wrong-key"})
    calls = scoro.admin("/calls")
    assert [(call["module"], call["action"], call["page"], call["http"]) for call in calls["calls"]] == [
        ("invoices", "list", 2, 200),
        ("invoices", "list", None, 403),
    ]
    assert DEFAULT_API_KEY not in json.dumps(calls)
    assert "a-wrong-key" not in json.dumps(calls)
    scoro.admin("/calls/clear", {})
    assert scoro.admin("/calls")["calls"] == []


def test_records_are_edited_by_the_rules(scoro: Remote) -> None:
    contact = scoro.admin("/records/contacts/create", {"name": "Näidis OÜ"})["contact_id"]
    assert scoro.admin(f"/records/contacts/modify/{contact}", {"name": "Uus OÜ"})["name"] == "Uus OÜ"
    scoro.admin(f"/records/contacts/delete/{contact}", {})
    assert scoro.ids(1) == []
    assert scoro.http.post("/admin/records/contacts/create", json={}).status_code == 400
    assert scoro.http.post("/admin/records/nothing/create", json={}).status_code == 400


def test_switches_and_clock(scoro: Remote) -> None:
    assert scoro.admin("/switches", {"status_code_type": "string"})["status_code_type"] == "string"
    assert scoro.post("vatCodes/list").json()["statusCode"] == "200"
    refused = scoro.http.post("/admin/switches", json={"status_code_type": "word"})
    assert refused.status_code == 400
    assert "status_code_type" in refused.json()["error"]
    scoro.admin("/clock", {"now": "2026-03-29T00:59:00+02:00", "frozen": True})
    assert scoro.admin("/clock", {"advance_seconds": 60})["now"] == "2026-03-28T23:00:00+00:00"
    assert scoro.http.post("/admin/clock", json={"now": "2026-03-29T00:59:00"}).status_code == 400


def test_bursts_of_429_then_service_again(scoro: Remote) -> None:
    scoro.admin("/faults", {"kind": "status", "status": 429, "times": 2, "seconds": 3})
    answers = [scoro.post("vatCodes/list") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].json()["statusCode"] == 429
    assert scoro.admin("/faults")["faults"] == []


@pytest.mark.parametrize("status", [500, 503])
def test_outages_meet_only_the_calls_they_are_meant_for(scoro: Remote, status: int) -> None:
    scoro.admin("/faults", {"kind": "status", "status": status, "where": "contacts/list"})
    assert scoro.post("vatCodes/list").status_code == 200
    assert scoro.post("contacts/list").status_code == status


def test_truncated_and_html_answers_are_no_json(scoro: Remote) -> None:
    for kind in ("truncated", "html"):
        scoro.admin("/faults", {"kind": kind})
        response = scoro.post("vatCodes/list")
        assert response.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            response.json()


@pytest.mark.parametrize(("kind", "written"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connections(scoro: Remote, kind: str, written: int) -> None:
    scoro.admin("/faults", {"kind": kind})
    with pytest.raises(httpx.RemoteProtocolError):
        scoro.post("contacts/modify", request={"name": "Näidis OÜ"})
    assert scoro.contacts() == written
    assert scoro.admin("/calls")["calls"][-1]["http"] is None


def test_client_that_gives_up_does_not_undo_the_write(scoro: Remote) -> None:
    scoro.admin("/faults", {"kind": "hang_after", "seconds": 30})
    with pytest.raises(httpx.ReadTimeout):
        scoro.http.post("/api/v2/contacts/modify", json={**KEYS, "request": {"name": "A"}}, timeout=0.2)
    assert scoro.contacts() == 1


def receipts(scoro: Remote) -> tuple[int, float]:
    """How many receipt groups there are, and what they pay of the only invoice."""
    (invoice,) = scoro.admin("/state?module=invoices")["rows"]
    return scoro.admin("/state")["counts"]["receipts"], invoice["paid_sum"]


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"kind": "drop_after"}, httpx.TransportError),
        ({"kind": "hang_after"}, httpx.ReadTimeout),
        ({"kind": "truncated"}, None),
        ({"kind": "status_after", "status": 500}, None),
        ({"kind": "late"}, httpx.TransportError),
        ({"kind": "hang_late"}, httpx.ReadTimeout),
        ({"kind": "hang_late", "seconds": 600}, httpx.ReadTimeout),
    ],
    ids=str,
)
def test_receipts_whose_answer_is_lost_are_there_sooner_or_later(
    scoro: Remote, fault: dict[str, Any], failure: type[Exception] | None
) -> None:
    scoro.admin("/clock", {"now": "2026-03-29T12:00:00+03:00", "frozen": True})
    client = scoro.admin("/records/contacts/create", {"name": "Näidis OÜ"})["contact_id"]
    lines = [{"price": 100, "amount": 1}]
    invoice = scoro.admin("/records/invoices/create", {"company_id": client, "lines": lines})["id"]
    scoro.admin("/faults", {**fault, "where": "receipts/modify"})
    body = {**KEYS, "request": {"receipts": [{"invoice_id": invoice, "sum": 100}]}}
    if failure is None:
        status = scoro.http.post("/api/v2/receipts/modify", json=body).status_code
        assert status == fault.get("status", 200)
    else:
        with pytest.raises(failure):
            scoro.http.post("/api/v2/receipts/modify", json=body, timeout=0.2)
    if "late" in fault["kind"]:
        assert receipts(scoro) == (0, 0)
        if "seconds" in fault:
            scoro.admin("/clock", {"advance_seconds": 600})
        else:
            assert scoro.admin("/faults")["late"] == 1
            assert scoro.admin("/late", {}) == {"applied": 1}
    assert receipts(scoro) == (1, 100)
    # Nothing tells a repeated receipt from a second one.
    assert scoro.post("receipts/modify", request=body["request"]).status_code == 200
    assert receipts(scoro) == (2, 200)


@pytest.mark.parametrize(("kind", "written"), [("hang_before", 0), ("hang_late", 0)])
def test_hanging_until_the_client_gives_up(scoro: Remote, kind: str, written: int) -> None:
    scoro.admin("/faults", {"kind": kind})
    with pytest.raises(httpx.ReadTimeout):
        scoro.http.post("/api/v2/contacts/modify", json={**KEYS, "request": {"name": "A"}}, timeout=0.2)
    assert scoro.contacts() == written
    scoro.admin("/reset", {})
    assert scoro.admin("/late", {}) == {"applied": 0}


def test_documents_are_paid_through_an_admin_route(scoro: Remote) -> None:
    client = scoro.admin("/records/contacts/create", {"name": "Näidis OÜ"})["contact_id"]
    lines = [{"price": 100, "amount": 1}]
    invoice = scoro.admin("/records/invoices/create", {"company_id": client, "lines": lines})["id"]
    made = scoro.admin("/pay", {"documents": {str(invoice): "24"}, "day": "2026-03-05", "account_id": 1})
    assert (made["sum"], made["date"], made["receipt_account_id"]) == (24, "2026-03-05", 1)
    assert scoro.admin("/pay", {"module": "invoices", "documents": {str(invoice): None}})["sum"] == 100
    assert receipts(scoro) == (2, 124)


def test_slow_answers_come(scoro: Remote) -> None:
    scoro.admin("/faults", {"kind": "slow", "seconds": 0.05})
    assert scoro.post("vatCodes/list").status_code == 200


def test_unknown_faults_are_refused(scoro: Remote) -> None:
    for fault in ({"kind": "earthquake"}, {"kind": "slow", "minutes": 1}, {"kind": "page_shift", "change": "swap"}):
        assert scoro.http.post("/admin/faults", json=fault).status_code == 400
    assert scoro.admin("/faults")["faults"] == []


def test_row_deleted_between_two_pages_hides_another(scoro: Remote) -> None:
    add_contacts(scoro, 10)
    scoro.admin("/faults", {"kind": "page_shift", "module": "contacts", "after_page": 1, "change": "delete"})
    assert scoro.ids(1) == [1, 2, 3, 4, 5]
    assert scoro.ids(2) == [7, 8, 9, 10]
    assert scoro.ids(1) == [2, 3, 4, 5, 6]


def test_row_inserted_between_two_pages_shows_one_twice(scoro: Remote) -> None:
    scoro.admin("/seed", {"invoices_per_month": 20})
    scoro.admin("/faults", {"kind": "page_shift", "module": "contacts", "change": "insert"})
    first, second = scoro.ids(1), scoro.ids(2)
    assert second[0] == first[-1]
    assert scoro.ids(1)[0] == first[0] - 1


@contextmanager
def command(*arguments: str) -> Iterator[Remote]:
    module = [sys.executable, "-m", "scoro_smartaccounts_sandbox.scoro", "--port", "0"]
    with subprocess.Popen([*module, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            remote = Remote(process.stdout.readline().removeprefix("listening on ").strip())
            with remote.http:
                yield remote
        finally:
            process.terminate()


def test_command_keeps_its_state(tmp_path: Path) -> None:
    options = (
        "--state",
        str(tmp_path / "scoro.json"),
        "--seed",
        "7",
        "--invoices-per-month",
        "5",
        "--to",
        "2026-01-31",
    )
    with command(*options) as scoro:
        before = scoro.contacts()
        assert before > 0
        scoro.post("contacts/modify", request={"name": "Jääb alles OÜ"})
        rows = scoro.admin("/state?module=invoices")
    with command(*options) as scoro:
        assert scoro.contacts() == before + 1
        assert scoro.admin("/state?module=invoices") == rows
