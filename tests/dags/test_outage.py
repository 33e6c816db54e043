"""Room orchestration. A service is away for two hours in the middle of a month of all flows: nothing turns red,
nothing is doubled, no try is spent, and nobody has to do anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.orchestration import retries
from scoro_smartaccounts.staging.database import make_engine
from tests.dags.test_waiting import Account, go
from tests.integration.conftest import Databases
from tests.integration.money import SERVICES, Money
from tests.integration.world import World, open_world
from tests.unit.local_server import Request, Response, serving

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
OUTAGE = timedelta(hours=2)
PAGE = b"<html><head><title>Hooldus / Maintenance</title></head><body>Varsti tagasi</body></html>"
HTML = {"Content-Type": "text/html"}

AWAY = {
    "the connection ends": Response(drop=True),
    "503": Response(b"", 503),
    "503 that asks for ten minutes": Response(b"", 503, {"Retry-After": "600"}),
    "503 that names a moment": Response(b"", 503, {"Retry-After": "Tue, 10 Feb 2026 18:30:00 GMT"}),
    "503 with a page": Response(PAGE, 503, HTML),
    "503 with a page that asks for a minute": Response(PAGE, 503, {**HTML, "Retry-After": "60"}),
    "a page": Response(PAGE, 200, HTML),
    "502 of a gateway": Response(b"<html><h1>502 Bad Gateway</h1></html>", 502, HTML),
}
SYSTEMS = ("scoro", "smartaccounts")
# While documents, payments and exported payments are sent, and while Scoro is read.
SHORT = (
    ("smartaccounts", "503", 43),
    ("smartaccounts", "503 with a page that asks for a minute", 71),
    ("scoro", "503 that asks for ten minutes", 89),
    ("scoro", "503 with a page", 28),
)


@dataclass
class Door:
    """What stands before a service: lets requests through, or answers itself for two hours, from one request on."""

    world: World
    url: str
    answer: Response | None = None
    closes_at: int | None = None
    count: int = 0
    turned_away: int = 0
    _opens_at: datetime | None = None

    def meet(self, request: Request) -> Response:
        now = self.world.clock.now()
        if self.count == self.closes_at and self._opens_at is None:
            self._opens_at = now + OUTAGE
        if self.answer is not None and self._opens_at is not None and now < self._opens_at:
            self.turned_away += 1
            return self.answer
        self.count += 1
        headers = {
            name: value for name, value in request.headers.items() if name.lower() in ("content-type", "authorization")
        }
        answer = requests.request(
            request.method, self.url + request.target, data=request.body, headers=headers, timeout=30
        )
        kept = {
            name: answer.headers[name] for name in ("Date", "Content-Type", "Retry-After") if name in answer.headers
        }
        return Response(answer.content, answer.status_code, kept)


@contextmanager
def doors(world: World) -> Iterator[dict[str, Door]]:
    with ExitStack() as stack:
        found = {}
        for system in SYSTEMS:
            door = found[system] = Door(world, getattr(world, f"{system}_url"))
            setattr(world, f"{system}_url", stack.enter_context(serving(door.meet)).url)
        yield found


@dataclass(frozen=True)
class Books:
    """What both sides say in the end, without the ids, which follow the order of entry."""

    documents: Counter[tuple[str, str, str]]
    payments: Counter[tuple[str, str, str, str]]
    receipts: Counter[tuple[str, str, tuple[int, ...]]]


@pytest.fixture(scope="module")
def undisturbed(
    server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Books, dict[str, int]]]:
    """The month without an outage, and how many requests it takes."""
    made = Databases(server_uri, template)
    own = make_engine(made.new())
    with pytest.MonkeyPatch.context() as patch, open_world(own, tmp_path_factory.mktemp("output")) as quiet:
        patch.setattr(retries, "get_current_context", lambda: {"task_state_store": Account()})
        with doors(quiet) as opened:
            play(quiet)
        yield books_of(quiet), {system: door.count for system, door in opened.items()}
    own.dispose()
    made.drop()


def play(world: World) -> None:
    """A month of all flows as Airflow plays it. Whatever a step raises but to be put off turns the run red."""
    world.checked = False
    world.generate(FIRST, LAST, 12, bills_per_month=8)
    money = Money(world)
    money.switch_export(on=True)
    run(world, Flow.EXPORT_PAYMENTS)
    # Twice: the second run sends what waited for the first of its kind, whose posting could not be read meanwhile.
    for flow in 2 * (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS):
        run(world, flow)
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        for row in world.books.state()[SERVICES[flow]]:
            if row["currency"] == "EUR" and Decimal(str(row["outstandingAmount"])) > 0:
                money.pay({row["id"]: None}, LAST)
    world.clock.advance(timedelta(hours=1))
    run(world, Flow.EXPORT_PAYMENTS)


def run(world: World, flow: Flow) -> dict[str, Any]:
    """All steps of a run; its summary."""
    is_export = flow is Flow.EXPORT_PAYMENTS
    until = world.site.today() if is_export or flow is Flow.PAYMENTS else LAST
    kind = RunKind.SCHEDULED if is_export else RunKind.MANUAL
    request = world.request(until if is_export else FIRST, until, flow=flow, kind=kind)
    for step in (pipeline.extract, pipeline.reconcile_and_plan, pipeline.load_until_certain, pipeline.summarize):
        while not go(world, request, step):
            pass
    return pipeline.summarize(request, world.services(request))


def books_of(world: World) -> Books:
    money = Money(world)
    documents = [*world.invoices(), *world.bills()]
    return Books(
        Counter((row["invoiceNumber"], row["date"], str(row["totalAmount"])) for row in documents),
        Counter((row["date"], row["accountName"], row["currency"], str(row["amount"])) for row in money.payments()),
        Counter(
            (row["date"], str(row["sum"]), tuple(sorted(part["invoice_id"] for part in row["receipts"])))
            for row in money.groups()
        ),
    )


def positions() -> Iterator[Any]:
    """Every way of being away, of both services, at four moments of the month each; four of all where time is short."""
    for number, how in enumerate(AWAY):
        for place, system in enumerate(SYSTEMS):
            for percent in range((7 * number + 11 * place) % 25, 100, 25):
                marks = pytest.mark.slow if (system, how, percent) in SHORT else pytest.mark.long
                yield pytest.param(system, how, percent, id=f"{system}-{how}-{percent}", marks=marks)


@pytest.mark.parametrize(("system", "how", "percent"), positions())
def test_an_outage_of_two_hours_costs_nothing(
    world: World,
    undisturbed: tuple[Books, dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    how: str,
    percent: int,
) -> None:
    expected, requests_of = undisturbed
    account = Account()
    monkeypatch.setattr(retries, "get_current_context", lambda: {"task_state_store": account})
    monkeypatch.setattr(retries, "utc_now", world.clock.now)
    with doors(world) as opened:
        door = opened[system]
        door.answer, door.closes_at = AWAY[how], requests_of[system] * percent // 100
        play(world)
        assert door.turned_away > 0
        assert books_of(world) == expected
        assert Money(world).in_doubt() == []
        # Not half of the day that a task waits for a service.
        assert account["waited_seconds"] < timedelta(hours=4).total_seconds()
        world.server.calls.clear()
        world.scoro.calls.clear()
        for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS, Flow.EXPORT_PAYMENTS):
            run(world, flow)
        assert world.writes() == world.receipts_written() == []
