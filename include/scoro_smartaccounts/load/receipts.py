"""Planned receipt groups → Scoro, each once."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import named_payment, payment_name
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.extract.exported_payments import is_switched_off
from scoro_smartaccounts.load.sending import IN_DOUBT, Sending, refused, send_plans
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.protocol import Created, InDoubt, NewRecord, Outcome, Refused
from scoro_smartaccounts.outbox.settle_receipts import document_ids_of
from scoro_smartaccounts.scoro.modules import BILLS, EXPENSES, RECEIPTS, modifying
from scoro_smartaccounts.staging.intents import created_remote_ids
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, find_source
from scoro_smartaccounts.staging.mirror_payments import living_payments
from scoro_smartaccounts.staging.named_records import groups_paying, partners_of
from scoro_smartaccounts.staging.runs import NOT_WANTED
from scoro_smartaccounts.staging.scoro_registers import names_of_contacts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging import runs
    from scoro_smartaccounts.staging.plans import WantedPlan

log = logging.getLogger(__name__)

# The parts of a payment of several modules, as intents and links have them; invoices always come last.
_PART_OF = {BILLS.name: 1, EXPENSES.name: 2}


def send_receipts(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned, as `send_plans` does; nothing where the company file leaves the export off."""
    return {} if is_switched_off(request) else send_plans(request, services, _Receipts)


class _Receipts:
    lock: str | None = PAYMENT_LOCK
    leaves_rest = False

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._connection = sending.connection
        self._request = sending.request
        self._company = sending.company

    def place(self, row: WantedPlan) -> Any:
        return row.day, row.number

    def named(self, row: WantedPlan) -> Phrase:
        return named_payment(row.number, row.day)

    def doubt(self, row: WantedPlan) -> runs.Outcome:
        return IN_DOUBT

    def left_in_doubt(self) -> Collection[str]:
        return ()

    def settle(self) -> None:
        """Return nothing: Scoro has to be read first, as the next plan does."""

    def book(self, row: WantedPlan) -> runs.Outcome:
        with self._connection.begin():
            now = living_payments(self._connection, self._company, [row.source_id]).get(row.source_id)
        # It no longer stands in the books as it was planned.
        if now is None or now.content_hash != row.content_hash:
            return NOT_WANTED
        created = False
        requests = [item["request"] for item in json.loads(row.payload)]
        for place, body in enumerate(requests, start=1):
            # With the last one the payment is in Scoro as a whole.
            part = 0 if place == len(requests) else _PART_OF[body["sales_doc_type"]]
            match self._create(row, part, body):
                case Created():
                    created = True
                case InDoubt():
                    return IN_DOUBT
                case Refused(reasons):
                    raise refused(self._sending.target, self.named(row), reasons)
        with self._connection.begin():
            close_document(self._connection, self._request, [row.source_id])
        if not created:
            return "already_there", None
        log.info("%s went to Scoro.", payment_name(row.number, row.day))
        return "created", None

    def _create(self, row: WantedPlan, part: int, body: Mapping[str, Any]) -> Outcome:
        flow, document_ids = document_ids_of(body)
        with self._connection.begin():
            # What staging knows of the documents, and what was sent just now.
            staged = groups_paying(self._connection, self._company, flow, document_ids)
            sent = created_remote_ids(self._connection, self._company, Kind.RECEIPT, run_key=self._request.run_key)
            partners = partners_of(self._connection, self._company, flow, document_ids)
            names = names_of_contacts(self._connection, self._company, partners)
        record = NewRecord(
            kind=Kind.RECEIPT,
            source_id=row.source_id,
            part=part,
            natural_key=f"{row.source_id}/{body['sales_doc_type']}" if part else row.source_id,
            operation=modifying(RECEIPTS),
            remote_key="id",
            label=render(self.named(row)),
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            day=row.day,
            content_hash=row.content_hash,
            personal=tuple(names.values()),
            known_ids=tuple(sorted({*staged, *sent})),
            find=lambda connection: self._existing(connection, row.source_id, part),
            link=lambda group_id, answer: Link(
                Kind.PAYMENT,
                group_id,
                row.source_id,
                Evidence.EXPORTED,
                "exported",
                RECEIPTS.content_hash(answer) if answer.get("receipts") else "",
                {"payment": row.content_hash},
                remote_part=part,
            ),
        )
        return self._sending.create(record)

    def _existing(self, connection: Connection, payment_id: str, part: int) -> Link | None:
        """Return the link that stands for this part already."""
        found = find_source(connection, self._company, Kind.PAYMENT, payment_id, part)
        return None if found is None else Link(Kind.PAYMENT, found, payment_id, Evidence.EXPORTED, remote_part=part)
