"""Both services, the staging database and the pipeline between them, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.budget import Budget, Limits
from scoro_smartaccounts.common.company import Company, Mode, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest, ReconcileRequest, RunKind, RunRequest, UndoRequest
from scoro_smartaccounts.mirror.vat_returns import READING
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.services import Services, priority_of
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging.assumption_states import AssumptionState, note_state
from scoro_smartaccounts.staging.schema import run_document
from scoro_smartaccounts_sandbox import smartaccounts
from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.generator import Planted, PlantedBill, fill
from scoro_smartaccounts_sandbox.scoro.app import Server as ScoroServer
from scoro_smartaccounts_sandbox.scoro.app import create_app as create_scoro
from scoro_smartaccounts_sandbox.scoro.site import Site
from scoro_smartaccounts_sandbox.smartaccounts.app import Server
from tests.doors import behind_a_door

COMPANY = load_company(Path(__file__).parents[2] / "include/companies/default.yaml")
NO_LIMITS = Limits(per_minute=10_000_000, per_day=10_000_000)
NOW = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)

Summary = dict[str, Any]
Step = Callable[[RunRequest, Services], Any]


@dataclass
class World:
    """One company on both sides. All clocks are the one of `clock`."""

    engine: Engine
    clock: Clock
    site: Site
    server: Server
    scoro: ScoroServer
    scoro_url: str
    smartaccounts_url: str
    output: Path
    company: Company = COMPANY
    limits: Limits = NO_LIMITS
    planted: tuple[Planted, ...] = ()
    planted_bills: tuple[PlantedBill, ...] = ()
    checked: bool = True
    _runs: int = field(default=0)

    @property
    def books(self) -> smartaccounts.Books:
        return self.server.books

    def generate(
        self, first: date, last: date, per_month: int, *, seed: int = 7, bad: float = 0.0, **more: Any
    ) -> None:
        """Fill Scoro; the present is ten days after the last document."""
        made = fill(self.site, seed, first, last, per_month, bad=bad, **more)
        self.planted, self.planted_bills = made.planted, made.planted_bills
        self.clock.set(datetime(last.year, last.month, last.day, 16, tzinfo=UTC) + timedelta(days=10))

    def request(
        self,
        first: date,
        last: date,
        *,
        flow: Flow = Flow.SALES_INVOICES,
        kind: RunKind = RunKind.MANUAL,
        mode: Mode = Mode.IMPORT,
        key: str = "",
        is_range: bool = False,
    ) -> RunRequest:
        self._runs += 1
        return RunRequest(
            company=self.company,
            flow=flow,
            run_key=key or f"{flow.dag_id}/{kind}-{self._runs}",
            kind=kind,
            mode=mode,
            date_from=first,
            date_to=last,
            is_range=is_range,
        )

    def services(
        self,
        request: RunRequest | ReconcileRequest | AuditRequest | UndoRequest,
        *,
        read_timeout: float = 10.0,
        **changes: Any,
    ) -> Services:
        budget = Budget(
            self.engine,
            self.company.key,
            request.run_key,
            priority_of(request),
            self.clock.now,
            self.limits,
            lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
        )
        services = Services(
            engine=self.engine,
            budget=budget,
            scoro=ScoroClient(
                self.scoro_url, "demoou", "ScoroAPI_000000000000000", clock=self.clock.now, sleep=_no_sleep
            ),
            smartaccounts=SmartAccountsClient(
                f"{self.smartaccounts_url}/en/api/",
                "testkey",
                "test-secret",
                before_request=budget.reserve,
                limit_reached=budget.pause_after_refusal,
                clock=self.clock.now,
                read_timeout=read_timeout,
                sleep=_no_sleep,
            ),
            clock=self.clock.now,
            output_folder=self.output,
        )
        return replace(services, **changes)

    def run(self, first: date, last: date, **options: Any) -> Summary:
        """All five steps over the days; without the quality checks where a test is not about them."""
        request = self.request(first, last, **options)
        services = self.services(request)
        for step in self.steps:
            step(request, services)
        return pipeline.summarize(request, services)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps before the summary."""
        checks = (pipeline.check,) if self.checked else ()
        return (pipeline.extract, *checks, pipeline.reconcile_and_plan, pipeline.load)

    def know_returns(self) -> None:
        """As if SmartAccounts was asked for its VAT returns just now, and had none: what follows is about other
        requests."""
        with self.engine.begin() as connection:
            state = AssumptionState("", {"at": self.clock.now().isoformat()})
            note_state(connection, self.company.key, READING, state)

    def calls(self, kind: str = "") -> list[dict[str, Any]]:
        """What SmartAccounts was asked, `read` or `write`."""
        return [call for call in self.server.calls if kind in ("", call["kind"])]

    def writes(self, operation: str = "") -> list[dict[str, Any]]:
        return [call for call in self.calls("write") if operation in call["operation"]]

    def receipts_written(self) -> list[dict[str, Any]]:
        """Requests of the pipeline to write a receipt group at Scoro."""
        return [call for call in self.scoro.calls if call["module"] == "receipts" and call["action"] == "modify"]

    def invoices(self) -> list[dict[str, Any]]:
        """SmartAccounts' sales invoices, as it shows them."""
        return list(self.books.state()["clientinvoices"])

    def bills(self) -> list[dict[str, Any]]:
        """SmartAccounts' purchase invoices, as it shows them."""
        return list(self.books.state()["vendorinvoices"])

    def outcomes(self) -> dict[str, str | None]:
        """The newest outcome of every document, by Scoro id."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(run_document.c.source_id, run_document.c.outcome))
            return {row.source_id: row.outcome for row in rows}

    def live_invoices(self) -> dict[str, dict[str, Any]]:
        """Scoro's sales invoices that are not deleted, by id."""
        return self.live("invoices")

    def live(self, module: str) -> dict[str, dict[str, Any]]:
        """Scoro's records of a module that are not deleted, by id."""
        return {str(key): row for key, row in self.site.records(module).items() if not row.get("is_deleted")}


@contextmanager
def open_world(engine: Engine, output: Path, *, now: datetime = NOW) -> Iterator[World]:
    clock = Clock()
    clock.set(now)
    site = Site(clock)
    site.switches = site.switches.changed({"requests_per_2_seconds": 0, "requests_per_day": 0})
    books = smartaccounts.Books(clock=clock)
    books.switches.change({"limits": False})
    app = smartaccounts.create_app(books)
    scoro_app = create_scoro(site)
    with behind_a_door(scoro_app) as scoro_url, behind_a_door(app) as smartaccounts_url:
        yield World(engine, clock, site, app.state.server, scoro_app.state.server, scoro_url, smartaccounts_url, output)


def booked(rows: list[dict[str, Any]], name: str) -> Decimal:
    """The sum of an amount over invoices that SmartAccounts shows."""
    return sum((Decimal(str(row[name])) for row in rows), Decimal(0))


def _no_sleep(seconds: float) -> None:
    """Retries need not wait in tests; none may wait for long inside a task."""
    assert seconds <= 90, f"A task would sleep for {seconds} seconds"
