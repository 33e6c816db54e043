"""A company whose books are imported and read by a night of the audit: what control totals are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from scoro_smartaccounts.audit import night
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.staging.audit_nights import open_night
from scoro_smartaccounts.totals.compute import Totals, compute
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, Cause
from tests.integration.world import World

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

    def state(self, request: AuditRequest) -> str:
        with self.world.engine.begin() as connection:
            return open_night(connection, self.world.company.key, request.night, self.world.clock.now()).state

    def totals(self) -> Totals:
        with self.world.engine.begin() as connection:
            return compute(connection, self.world.company)


def red(totals: Totals) -> list[Cause]:
    """What no cause names."""
    return [cause for cause in totals.causes if cause.cause == UNEXPLAINED]


@contextmanager
def nothing_asked(world: World) -> Iterator[None]:
    """Neither service is asked for anything within."""
    before = len(world.server.calls), len(world.scoro.calls)
    yield
    assert (len(world.server.calls), len(world.scoro.calls)) == before
