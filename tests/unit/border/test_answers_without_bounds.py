"""Room border. Whatever a service answers, a client ends within its bounds of memory and time, and asks no more than
it must."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.border import bounds
from scoro_smartaccounts.border.bounds import read_json
from scoro_smartaccounts.border.http import LONGEST_WAIT, Reply
from scoro_smartaccounts.border.record_bounds import kept
from scoro_smartaccounts.common.errors import OutcomeUnknown, PipelineError, TransientError, UnreadableAnswer
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.tiers import slow_but
from tests.unit.hostile_server import ALL, DEEP, LARGE, LEGAL, SLOW, Hostile, answer, hostile, packed_bomb
from tests.unit.local_server import Request, Response, as_json, everything_told, serving

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
CANARY = "c4n4ry-content"
CLIENTS = "purchasesales/clients"
# What the libraries below refuse by themselves: a broken answer, to be tried again.
BROKEN = ("headers without end", "a header without end", "a mark of a chunk without end")


@pytest.fixture(scope="module", autouse=True)
def bombs() -> None:
    """Made beforehand: that takes longer than a client waits."""
    for times in (1, 2):
        packed_bomb(times)


@pytest.fixture
def server() -> Iterator[Hostile]:
    with hostile() as running:
        yield running


def naps(seconds: float) -> None:
    raise AssertionError(f"slept for {seconds} seconds")


def scoro(url: str) -> ScoroClient:
    return ScoroClient(url, "demoou", "ScoroAPI_c4n4ry", sleep=naps, read_timeout=5)


def smartaccounts(url: str) -> SmartAccountsClient:
    return SmartAccountsClient(url, "c4n4ry-public", "c4n4ry-secret", sleep=naps, read_timeout=5)


READS: dict[str, Callable[[str], object]] = {
    "Scoro": lambda url: list(scoro(url).list("invoices")),
    "SmartAccounts": lambda url: list(smartaccounts(url).pages(CLIENTS)),
}
WRITES: dict[str, Callable[[str], object]] = {
    "Scoro": lambda url: scoro(url).create("receipts", {"sum": CANARY}),
    "SmartAccounts": lambda url: smartaccounts(url).write(
        f"{CLIENTS}:add", json.dumps({"a": CANARY}).encode(), signed_at=NOW
    ),
}


@pytest.mark.parametrize("attack", [attack for attack in (*LARGE, *DEEP) if attack not in BROKEN])
@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_an_answer_beyond_all_bounds_is_left_and_not_asked_for_again_at_once(
    server: Hostile, system: str, attack: str
) -> None:
    server.attack = ALL[attack]
    with pytest.raises(TransientError, match=f"^{system}.*the answer is no real one: it") as told:
        READS[system](server.url)
    assert server.requests == 1
    assert told.value.retry_after == 3600
    assert "c4n4ry" not in everything_told(told.value)
    # What the socket holds comes on top.
    assert server.sent < 2 * bounds.LARGEST_ANSWER + 16 * 2**20


@pytest.mark.parametrize("attack", BROKEN)
def test_lines_without_end_are_a_broken_answer(server: Hostile, attack: str) -> None:
    server.attack = LARGE[attack]
    client = SmartAccountsClient(server.url, "key", "secret", sleep=lambda _: None, read_timeout=5)
    with pytest.raises(TransientError, match="no complete answer"):
        client.read(CLIENTS)
    assert server.sent < 100 * 2**20


@pytest.mark.parametrize("attack", SLOW)
@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_an_answer_that_drips_ends_at_its_time(
    monkeypatch: pytest.MonkeyPatch, server: Hostile, system: str, attack: str
) -> None:
    monkeypatch.setattr(bounds, "LONGEST_ANSWER", 0.4)
    server.attack = SLOW[attack]
    began = time.monotonic()
    with pytest.raises(TransientError, match=f"^{system}.*was not over after 0.4 seconds") as told:
        READS[system](server.url)
    assert time.monotonic() - began < 2
    assert server.requests == 1
    assert told.value.retry_after == 3600


@pytest.mark.parametrize("attack", ["200 MB", "a gzip bomb", "a body that drips", "lists in lists", "brotli"])
@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], WRITES))
def test_a_write_with_such_an_answer_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch, server: Hostile, system: str, attack: str
) -> None:
    monkeypatch.setattr(bounds, "LONGEST_ANSWER", 0.4)
    server.attack = ALL[attack]
    with pytest.raises(OutcomeUnknown, match="it may have been applied") as told:
        WRITES[system](server.url)
    assert server.requests == 1
    assert "c4n4ry" not in everything_told(told.value)


def test_a_packed_answer_is_read(server: Hostile) -> None:
    content = json.dumps({"clients": [{"id": 1, "name": "Näidis"}], "hasMoreEntries": False}).encode()
    members = gzip.compress(content[:20]) + gzip.compress(content[20:])
    for name, packed in (("gzip", gzip.compress(content)), ("GZip", members), ("identity", content)):
        content_of = answer(packed, f"Content-Encoding: {name}")
        server.attack = partial(iter, (content_of,))
        assert smartaccounts(server.url).read(CLIENTS).rows == [{"id": 1, "name": "Näidis"}]


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"{}" * 5000)[:-9], b"no gzip at all", gzip.compress(b"{}") + b"more"],
    ids=["cut", "no gzip", "more"],
)
def test_a_packed_answer_that_is_not_whole_is_none(server: Hostile, packed: bytes) -> None:
    server.attack = lambda: iter((answer(packed, "Content-Encoding: gzip"),))
    client = SmartAccountsClient(server.url, "key", "secret", sleep=lambda _: None)
    with pytest.raises(TransientError, match="it cannot be unpacked"):
        client.read(CLIENTS)


# Lists


class Endless:
    """Both services, with lists that never end; `rows` makes those of a page."""

    def __init__(self, rows: Callable[[int], list[dict[str, object]]]) -> None:
        self.rows = rows
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        if request.method == "POST":
            page = request.json()["page"]
            content: object = {"status": "OK", "statusCode": 200, "data": self.rows(page)}
        else:
            page = int(request.raw_query.partition("pageNumber=")[2].partition("&")[0])
            content = {"clients": self.rows(page), "hasMoreEntries": True}
        self.asked.append(page)
        return as_json(content)


def fresh_rows(page: int) -> list[dict[str, object]]:
    return [{"id": page * 1000 + number, "name": "c4n4ry"} for number in range(100)]


@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_a_list_without_end_costs_a_hundred_requests_and_comes_back_in_a_day(system: str) -> None:
    endless = Endless(fresh_rows)
    with serving(endless) as server, pytest.raises(UnreadableAnswer, match="do not come to an end") as told:
        READS[system](server.url)
    assert len(endless.asked) == 101
    assert told.value.retry_after == LONGEST_WAIT


@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_pages_with_the_same_records_end_at_once(system: str) -> None:
    # Their contents differ, as those of a list with a time in it do.
    endless = Endless(lambda page: [{"id": number, "seen": page} for number in range(1, 101)])
    with serving(endless) as server, pytest.raises(UnreadableAnswer, match=r"repeats|do not come to an end"):
        READS[system](server.url)
    assert len(endless.asked) <= 4


FAR = {"Scoro": 1_000_000, "SmartAccounts": 100_000}


def many_rows(page: int) -> list[dict[str, object]]:
    return [{"id": page * 10_000 + number} for number in range(4000)]


@pytest.mark.parametrize("rows", [lambda page: [{"id": page, "name": "c" * 6 * 2**20}], many_rows], ids=["MB", "rows"])
@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_large_pages_without_end_end_sooner(system: str, rows: Callable[[int], list[dict[str, object]]]) -> None:
    endless = Endless(rows)
    with serving(endless) as server, pytest.raises(UnreadableAnswer, match="do not come to an end"):
        READS[system](server.url)
    assert endless.asked == [1, 2, 3, FAR[system]]


@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_a_list_that_hides_its_end_has_one_all_the_same(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(f"scoro_smartaccounts.{system.lower()}.client._MOST_RECORDS", 15_000)
    endless = Endless(lambda page: many_rows(page) if page < FAR[system] else [])
    with serving(endless) as server, pytest.raises(UnreadableAnswer, match=r"16,000 records and") as told:
        READS[system](server.url)
    assert endless.asked == [1, 2, 3, FAR[system], 4]
    assert told.value.retry_after == LONGEST_WAIT


def test_a_record_of_scoro_without_end_is_named_and_leaves_the_others_alone() -> None:
    full = {"id": 1, "no": "A1", "date": "2026-03-02", "lines": [], "more": [0] * 100_001}
    pages = Endless(lambda page: [full, {"id": 2, "lines": [{"id": 1}]}] if page == 1 else [])
    with serving(pages) as server:
        cut, whole = scoro(server.url).list("invoices")
    gone = {"left_out": "record", "sha256": ANY}
    named = {"id": 1, "no": "A1", "date": "2026-03-02", "modified_date": None}
    assert cut == {**named, "lines": gone, "receipts": gone, "name": gone}
    assert whole == {"id": 2, "lines": [{"id": 1}]}


@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_a_long_list_is_read_to_its_end(system: str) -> None:
    def rows(page: int) -> list[dict[str, object]]:
        return fresh_rows(page) if page <= 130 else []

    class Long(Endless):
        def __call__(self, request: Request) -> Response:
            told = super().__call__(request)
            return Response(told.body.replace(b"true", b"false") if self.asked[-1] >= 130 else told.body)

    with serving(Long(rows)) as server:
        if system == "Scoro":
            assert len(list(scoro(server.url).list("invoices"))) == 13_000
        else:
            assert sum(len(page.rows) for page in smartaccounts(server.url).pages(CLIENTS)) == 13_000


# Numbers


@pytest.mark.parametrize(
    "number",
    ["9" * 5000, "-" + "9" * 5000, "1" * 1_000_000, "1E+400", "1E+200000", "1E-400", "0E+99999", "1E+" + "9" * 30],
)
def test_a_number_that_none_is_spoils_its_own_record_only(number: str) -> None:
    content = read_json(f'{{"rows": [{{"id": 1, "sum": {number}}}, {{"id": 2, "sum": 2.50}}]}}'.encode())
    assert [kept(row) for row in content["rows"]] == [  # type: ignore[index]
        {"id": 1, "sum": {"left_out": "number", "sha256": ANY}},
        {"id": 2, "sum": Decimal("2.50")},
    ]


@pytest.mark.parametrize(
    "number", ["0.1000000000000000055511151231257827021181583404541015625", "-0.00", "1e3", "1.5E-7"]
)
def test_real_numbers_are_what_they_were(number: str) -> None:
    content = read_json(f'{{"sum": {number}, "id": 123456789012345678901234567890}}'.encode())
    assert content == {"sum": Decimal(number), "id": 123456789012345678901234567890}


@given(st.binary(max_size=200))
def test_no_body_raises_anything_foreign(body: bytes) -> None:
    with contextlib.suppress(PipelineError):
        Reply(200, {}, body).json("Scoro", "invoices/list")


# Waits


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("60", 60),
        ("86400", 86400),
        ("86401", 86400),
        ("999999998", 86400),
        ("1e300", 86400),
        ("9" * 400, None),
        ("-5", 0),
        ("-0", 0),
        ("0.5", 0.5),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("", None),
        ("soon", None),
        ("60, 120", 120),
        ("60, nan", 60),
        ("Mon, 02 Mar 2026 10:10:00 GMT", 600),
        ("Mon, 02 Mar 2026 11:10:00 +0100", 600),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 +1400", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        ("Mon, 02 Mar 2026 10:10:00 +99999999999999", None),
    ],
)
def test_no_wait_is_longer_than_a_day(told: str, seconds: float | None) -> None:
    reply = Reply(503, {"Retry-After": told, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, b"")
    assert reply.seconds("Retry-After") == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_raises(wait: str, date: str) -> None:
    reply = Reply(503, {"Retry-After": wait, "Date": date}, b"")
    assert 0 <= (reply.seconds("Retry-After") or 0) <= LONGEST_WAIT
    assert reply.server_time is None or reply.server_time.tzinfo is UTC


# Memory

_READS = """
import re, sys, time
from scoro_smartaccounts.border import bounds
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

url, system = sys.argv[1:3]
bounds.LONGEST_ANSWER = float(sys.argv[3])
def read():
    try:
        if system == "Scoro":
            for row in ScoroClient(url, "demoou", "key", sleep=lambda _: None, read_timeout=5).list("invoices"):
                pass
        else:
            list(SmartAccountsClient(url, "key", "secret", sleep=lambda _: None, read_timeout=5).pages("clients"))
    except TransientError as told:
        return str(told)
try:
    SmartAccountsClient("http://127.0.0.1:9", "key", "secret", sleep=lambda _: None).read("clients")
except TransientError:
    pass
open("/proc/self/clear_refs", "w").write("5")
idle, began = peak(), time.monotonic()
told = read()
print(f"{peak() - idle:.0f} {time.monotonic() - began:.1f} {told}")
"""


def measured(url: str, system: str, longest: float = 2.0) -> tuple[float, float, str]:
    """Peak above idle in MB, seconds, and what was raised, of a read in a process of its own."""
    command = [sys.executable, "-c", _READS, url, system, str(longest)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    above, seconds, told = done.stdout.strip().split(" ", 2)
    return float(above), float(seconds), told


needs_proc = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the peak of a process")


@needs_proc
@pytest.mark.parametrize(
    "attack",
    slow_but(
        ["a gzip bomb"],
        ["200 MB", "no end", "a mark of a chunk without end", "a gzip bomb", *SLOW, *DEEP, *LEGAL],
    ),
)
def test_no_answer_takes_the_memory_or_the_time_of_a_worker(server: Hostile, attack: str) -> None:
    server.attack = ALL[attack]
    above, seconds, told = measured(server.url, "SmartAccounts")
    print(f"{attack}: {above:.0f} MB above idle, {seconds:.1f} s: {told}")
    assert above < 100
    assert seconds < 20


@needs_proc
@pytest.mark.parametrize("system", slow_but(["SmartAccounts"], READS))
def test_no_list_takes_the_memory_of_a_worker(system: str) -> None:
    text = "näidis " * 20
    endless = Endless(lambda page: [{"id": page * 1000 + n, **{f"f{i}": text for i in range(10)}} for n in range(100)])
    with serving(endless) as server:
        above, seconds, told = measured(server.url, system)
    print(f"a list without end of {system}: {above:.0f} MB above idle, {seconds:.1f} s, {len(endless.asked)} requests")
    assert above < 100
    assert seconds < 60
    assert "do not come to an end" in told
