"""The two systems in which records are created: what the outbox does otherwise in one than in the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from scoro_smartaccounts.common.assumptions import SCORO_WRITE_SHOWS_WITHIN
from scoro_smartaccounts.mirror.twenty_minutes import absence_shows_at
from scoro_smartaccounts.outbox.locked import is_locked
from scoro_smartaccounts.scoro.values import record_id
from scoro_smartaccounts.smartaccounts.wire import MOST_LETTERS_OF_CODES, text
from scoro_smartaccounts.staging.links import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from scoro_smartaccounts.common.errors import LimitReached
    from scoro_smartaccounts.services import Services

    Reasons = tuple[tuple[str, str], ...]


class Target(Protocol):
    """A system in which records are created. `kinds`: which. `refused` is the reason code of what it refuses, `absent`
    the note of a request that it never applied."""

    name: str
    kinds: Collection[Kind]
    refused: str
    absent: str

    def reserve(self, services: Services, operation: str) -> None:
        """Count a request that is about to leave. Raises BudgetExhausted where it has to wait for long."""

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        """Wait after a refusal because of the service's limit, the `times`-th in a row. Raises it where nothing is
        to be waited for here."""

    def add(
        self, services: Services, operation: str, body: str, *, signed_at: datetime, personal: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """Send the body; the answer. `personal` is hidden in what a refusal says."""

    def id_in(self, answer: Mapping[str, Any], key: str) -> str:
        """Return the id of what was created; empty where the answer holds none that can be one."""

    def shows_at(self, signed_at: datetime, now: datetime) -> datetime | None:
        """Return when it can next be told whether a request was applied; None: it can be told."""

    def says_locked(self, reasons: Reasons) -> bool:
        """Whether a refusal says nothing but that the period is locked."""


class _SmartAccounts:
    name = "SmartAccounts"
    kinds: Collection[Kind] = frozenset(Kind) - {Kind.RECEIPT}
    refused = "refused_by_smartaccounts"
    absent = "never applied"

    def reserve(self, services: Services, operation: str) -> None:
        services.budget.reserve(operation)

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        services.budget.pause_after_refusal(times, refusal.retry_after)

    def add(
        self, services: Services, operation: str, body: str, *, signed_at: datetime, personal: tuple[str, ...]
    ) -> Mapping[str, Any]:
        return services.smartaccounts.write(operation, body.encode(), signed_at=signed_at, personal=personal).data

    def id_in(self, answer: Mapping[str, Any], key: str) -> str:
        found = text(answer.get(key))
        return found if len(found) <= MOST_LETTERS_OF_CODES and found.isprintable() else ""

    def shows_at(self, signed_at: datetime, now: datetime) -> datetime | None:
        return absence_shows_at(signed_at, now)

    def says_locked(self, reasons: Reasons) -> bool:
        return is_locked(reasons)


class _Scoro:
    """It has no timestamp that bounds a request, no marker and no locked months."""

    name = "Scoro"
    kinds: Collection[Kind] = frozenset({Kind.RECEIPT})
    refused = "refused_by_scoro"
    absent = "does not show in Scoro"

    def reserve(self, services: Services, operation: str) -> None:
        """Nothing: its client waits by itself."""

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        raise refusal

    def add(
        self, services: Services, operation: str, body: str, *, signed_at: datetime, personal: tuple[str, ...]
    ) -> Mapping[str, Any]:
        return services.scoro.create(operation.partition("/")[0], json.loads(body), personal=personal)

    def id_in(self, answer: Mapping[str, Any], key: str) -> str:
        return record_id(answer.get(key)) or ""

    def shows_at(self, signed_at: datetime, now: datetime) -> datetime | None:
        moment = signed_at + SCORO_WRITE_SHOWS_WITHIN
        return moment if moment > now else None

    def says_locked(self, reasons: Reasons) -> bool:
        return False


SMARTACCOUNTS: Target = _SmartAccounts()
SCORO: Target = _Scoro()


def target_of(kind: Kind) -> Target:
    """Return where records of a kind are created."""
    return SCORO if kind in SCORO.kinds else SMARTACCOUNTS
