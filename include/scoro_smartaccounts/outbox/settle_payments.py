"""Payments to SmartAccounts without an answer: recognised by the marker of their receipt group."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scoro_smartaccounts.mirror.payments import sync_payments
from scoro_smartaccounts.outbox.settle import Found, Settled, settle
from scoro_smartaccounts.staging.links import Evidence, Kind, Link
from scoro_smartaccounts.staging.mirror_payments import unlinked_payment_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.mirror.twenty_minutes import Reading
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.intents import Intent


def settle_payments(connection: Connection, request: RunRequest, services: Services) -> Settled:
    """Decide on open intents of payments to SmartAccounts."""
    return settle(connection, request, services, _Payments(request, services))


class _Payments:
    what = "payments to SmartAccounts"
    kind = Kind.PAYMENT
    kinds: Collection[Kind] = (Kind.PAYMENT,)

    def __init__(self, request: RunRequest, services: Services) -> None:
        self._company = request.company
        self._services = services
        self._reading: Reading | None = None

    def read(self, intents: Sequence[Intent]) -> None:
        days = {intent.day for intent in intents if intent.day is not None}
        self._reading = sync_payments(self._services, self._company, days)

    def find(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        """Return the payment that is marked with its group, on the body's account, not linked yet. Netting and money of
        one group lie on different accounts."""
        account = json.loads(intent.payload)["accountName"]
        found = unlinked_payment_of(connection, self._company.key, intent.source_id, account, asked_at=intent.signed_at)
        if found is None:
            return ()
        link = Link(
            Kind.PAYMENT,
            intent.source_id,
            found.remote_id,
            Evidence.FOUND_LATER,
            content_hash=intent.content_hash,
            answer={"payment": found.content_hash},
            source_part=intent.part,
        )
        return Found(found.remote_id, link)

    def proves_absence(self, connection: Connection, intent: Intent) -> bool:
        return self._reading is not None and self._reading.proves_absence(intent.signed_at)

    def booked(self, connection: Connection, found: Found) -> None:
        """Nothing: the plan step sees to groups that are linked."""
