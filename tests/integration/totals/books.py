"""A company whose books are imported and read by a night of the audit: what control totals are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from scoro_smartaccounts.audit import night
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.staging.audit_nights import note_night, open_night
from scoro_smartaccounts.staging.schema import document
from scoro_smartaccounts.staging.source_listings import ListedRecord, store_listed
from scoro_smartaccounts.totals.compute import compute
from scoro_smartaccounts.totals.computed import Totals
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, Cause
from tests.integration.totals import oracle
from tests.integration.world import World

MODULES = {"invoices": "sales_invoices", "bills": "purchase_invoices", "expenses": "purchase_invoices"}
TALLINN = ZoneInfo("Europe/Tallinn")


@dataclass
class Books:
    """A world, and the nights that read it."""

    world: World

    def import_all(self, first: date, last: date) -> None:
        """All flows over the days, and payments of what was entered until today."""
        for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS):
            self.world.run(first, last if flow is not Flow.PAYMENTS else self.world.site.today(), flow=flow)

    def night(self) -> AuditRequest:
        """The next night reads the books; its request."""
        request = self.next_request()
        night.books(request, self.world.services(request))
        with self.world.engine.begin() as connection:
            note_night(connection, self.world.company.key, request.night, scoro_state="ok")
        return request

    def next_request(self) -> AuditRequest:
        now = self.world.clock.now().astimezone(TALLINN)
        at = now.replace(hour=5, minute=0, second=0, microsecond=0)
        if at <= now:
            at += timedelta(days=1)
        self.world.clock.set(at.astimezone(UTC))
        return AuditRequest(self.world.company, f"audit_books/{at.date()}", at.date())

    def read(self) -> AuditRequest:
        """Nights until the books are read as a whole."""
        for _ in range(12):
            request = self.night()
            if self.state(request) != "baseline":
                return request
        raise AssertionError("the first reading does not end")

    def read_scoro(self) -> None:
        """Nights until Scoro's lists are read as a whole."""
        for _ in range(12):
            request = self.next_request()
            night.scoro(request, self.world.services(request))
            if self.scoro_state(request) != "baseline":
                return
        raise AssertionError("the first reading does not end")

    def list_scoro(self) -> None:
        """What the audit's own reading of Scoro's lists brings: every document, imported or not."""
        world = self.world
        with world.engine.begin() as connection:
            staged = {
                (row.flow, row.source_id): row.modified_at
                for row in connection.execute(select(document.c.flow, document.c.source_id, document.c.modified_at))
            }
            for module, flow in MODULES.items():
                prefix = "expense-" if module == "expenses" else ""
                rows = [
                    _listed(record, module, staged.get((flow, f"{prefix}{key}")))
                    for key, record in world.live(module).items()
                ]
                store_listed(connection, world.company.key, module, rows, world.clock.now())

    def state(self, request: AuditRequest) -> str:
        with self.world.engine.begin() as connection:
            return open_night(connection, self.world.company.key, request.night, self.world.clock.now()).state

    def scoro_state(self, request: AuditRequest) -> str:
        with self.world.engine.begin() as connection:
            return open_night(connection, self.world.company.key, request.night, self.world.clock.now()).scoro_state

    def totals(self) -> Totals:
        with self.world.engine.begin() as connection:
            return compute(connection, self.world.company)


def _listed(record: Mapping[str, Any], module: str, modified_at: datetime | None) -> ListedRecord:
    vat = record["tax_sum" if module == "expenses" else "vat_sum"]
    return ListedRecord(
        str(record["id"]),
        str(record.get("no") or ""),
        oracle.day_of(str(record["date"])),
        "",
        str(record["currency"]),
        net=Decimal(str(record["sum"])),
        vat=Decimal(str(vat)),
        credited_ids=[str(each) for each in record.get("credited_invoices") or ()],
        modified_at=modified_at,
    )


def red(totals: Totals) -> list[Cause]:
    """What no cause names."""
    return [cause for cause in totals.causes if cause.cause == UNEXPLAINED]


@contextmanager
def nothing_asked(world: World) -> Iterator[None]:
    """Neither service is asked for anything within."""
    before = len(world.server.calls), len(world.scoro.calls)
    yield
    assert (len(world.server.calls), len(world.scoro.calls)) == before
