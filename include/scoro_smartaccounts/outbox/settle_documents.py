"""Invoices, bills, partners and articles without an answer: recognised by our markers, articles by their code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.registers import sync_register
from scoro_smartaccounts.outbox.comparison import close_document, note_booked
from scoro_smartaccounts.outbox.settle import Found, Settled, settle
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES
from scoro_smartaccounts.staging.links import Evidence, Kind, Link
from scoro_smartaccounts.staging.mirror_documents import marked_documents
from scoro_smartaccounts.staging.mirror_registers import article_records, marked_partner, may_be_unmarked
from scoro_smartaccounts.staging.plans import Plan, read_plans

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.mirror.twenty_minutes import Reading
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.intents import Intent


def settle_documents(connection: Connection, request: RunRequest, services: Services) -> Settled:
    """Decide on the open intents of the flow's documents, partners and articles."""
    return settle(connection, request, services, _Documents(request, services))


class _Documents:
    def __init__(self, request: RunRequest, services: Services) -> None:
        self._request = request
        self._services = services
        self._company = request.company.key
        self._spec = INVOICE_FLOWS[request.flow]
        self._readings: dict[Kind, Reading] = {}
        self.what = f"{self._spec.noun}s and what they need"
        self.kind = self._spec.kind
        self.kinds: Collection[Kind] = (self._spec.kind, self._spec.partner_kind, Kind.ARTICLE)

    def read(self, intents: Sequence[Intent]) -> None:
        kinds = {item.kind for item in intents}
        for kind, register in ((self._spec.partner_kind, self._spec.partners), (Kind.ARTICLE, ARTICLES)):
            if kind in kinds:
                self._readings[kind] = sync_register(self._services, self._company, register, max_age=None)
        days = [item.day for item in intents if item.kind is self.kind and item.day is not None]
        reading = read_days(self._services, self._company, self._spec, days, prove_absence=True)
        if reading is not None:
            self._readings[self.kind] = reading

    def find(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        if intent.kind is Kind.ARTICLE:
            return self._article(connection, intent)
        if intent.kind is self._spec.partner_kind:
            return self._partner(connection, intent)
        return self._document(connection, intent)

    def _article(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        code = intent.natural_key
        if not article_records(connection, self._company, [code]):
            return ()
        return Found(code, Link(Kind.ARTICLE, intent.source_id, code, Evidence.FOUND_LATER))

    def _partner(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        remote_id = marked_partner(connection, self._company, intent.kind, intent.source_id)
        if remote_id is None:
            return ()
        return Found(remote_id, Link(intent.kind, intent.source_id, remote_id, Evidence.FOUND_LATER))

    def _document(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        rows = marked_documents(connection, self._company, self._spec.flow, intent.source_id)
        if not rows:
            return ()
        planned = self._planned(connection, intent.source_id, intent.content_hash)
        link = Link(
            self.kind,
            intent.source_id,
            rows[0].remote_id,
            Evidence.FOUND_LATER,
            content_hash=intent.content_hash,
            answer=rows[0].answer,
            # Empty where its plan is another one by now.
            booking=rows[0].booking("" if planned is None else planned.partner_source_id),
        )
        return Found(rows[0].remote_id, link)

    def proves_absence(self, connection: Connection, intent: Intent) -> bool:
        return self._readings[intent.kind].proves_absence(intent.signed_at) and not self._is_unmarked(
            connection, intent
        )

    def booked(self, connection: Connection, found: Found) -> None:
        link = found.link
        planned = self._planned(connection, link.source_id, link.content_hash)
        if planned is None:
            close_document(connection, self._request, [link.source_id])
            return
        note_booked(
            connection,
            self._request,
            source_id=link.source_id,
            number=planned.number,
            predicted=planned.predicted,
            body=json.loads(planned.payload),
            answer=link.answer,
            now=self._services.clock(),
        )

    def _planned(self, connection: Connection, source_id: str, content_hash: str) -> Plan | None:
        """Return the plan of a document as it was sent."""
        planned = read_plans(connection, self._company, self._spec.flow, [source_id]).get(source_id)
        return planned if planned is not None and planned.content_hash == content_hash else None

    def _is_unmarked(self, connection: Connection, intent: Intent) -> bool:
        """Whether the partner may be there although no marker tells it: no partner's marker has ever come back, and an
        unmarked one has its name."""
        if intent.kind is not self._spec.partner_kind:
            return False
        return may_be_unmarked(connection, self._company, intent.kind, json.loads(intent.payload)["name"])
