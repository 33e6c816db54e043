"""Nights of the audit over a world that people work in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scoro_smartaccounts.audit import night as audit
from scoro_smartaccounts.audit.report import NightReport, tell
from scoro_smartaccounts.common.errors import PutOff
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.drifts import Drift, open_drifts
from tests.integration.world import World

TALLINN = ZoneInfo("Europe/Tallinn")


@dataclass
class Nights:
    """Plays the tasks of nights at 05:00, one day after the other. `requests`: how many each asked SmartAccounts."""

    world: World
    requests: list[int] = field(default_factory=list)

    def play(self, *, hunts: bool = True) -> NightReport:
        """The next night."""
        request = self.next_request()
        before = len(self.world.calls())
        services = self.services(request)
        audit.scoro(request, services)
        self.patiently(audit.books, request)
        told = tell(request, services)
        if hunts:
            self.hunt(request)
        self.requests.append(len(self.world.calls()) - before)
        return told

    def next_request(self) -> AuditRequest:
        """The request of the next night; the clock stands at its beginning."""
        now = self.world.clock.now().astimezone(TALLINN)
        at = now.replace(hour=5, minute=0, second=0, microsecond=0)
        if at <= now:
            at += timedelta(days=1)
        self.world.clock.set(at.astimezone(UTC))
        return AuditRequest(self.world.company, f"audit_books/{at.date()}", at.date())

    def services(self, request: AuditRequest) -> Services:
        return self.world.services(request)

    def hunt(self, request: AuditRequest) -> None:
        self.patiently(audit.hunt_on, request)

    def patiently(self, step: Callable[[AuditRequest, Services], Any], request: AuditRequest) -> None:
        """As Airflow does: waits where it is told to."""
        while True:
            try:
                step(request, self.services(request))
            except PutOff as pause:
                self.world.clock.set(pause.until)
            else:
                return

    def open(self, *kinds: str) -> list[Drift]:
        with self.world.engine.connect() as connection:
            return open_drifts(connection, self.world.company.key, *kinds)
