"""Receipt groups to Scoro without an answer.

Scoro keeps neither a marker nor a timestamp. The intent knows which receipt groups its documents had; exactly one new
equal group is the one (of equal payments in doubt together, each has one), more go to a person. No new one, this long
after, counts as never created; that cannot be proven, and `docs/assumptions.md` says so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import SCORO_WRITE_SHOWS_WITHIN
from scoro_smartaccounts.common.documents import Flow, ReceiptGroup
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK
from scoro_smartaccounts.outbox.settle import Found, Settled, settle
from scoro_smartaccounts.scoro.modules import BILLS, EXPENSES, INVOICES, RECEIPTS, module_of
from scoro_smartaccounts.staging.documents import load_receipt_groups
from scoro_smartaccounts.staging.intents import Intent, absent_intents, open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_payments import mirrored_payments
from scoro_smartaccounts.staging.named_records import unlinked_groups_paying
from scoro_smartaccounts.transform.receipt import equal_content

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services


def receipt_days(connection: Connection, company: str) -> list[date]:
    """Days of the receipt groups that are in doubt: Scoro's groups of these days must be read before they can be
    settled."""
    return [row.day for row in open_intents(connection, company, Kind.RECEIPT) if row.day is not None]


def settle_receipts(
    connection: Connection, request: RunRequest, services: Services, *, read_at: datetime | None = None
) -> Settled:
    """Decide on open intents of receipt groups to Scoro, from the groups that staging holds. `read_at`: when the
    reading of Scoro's groups of `receipt_days` began that they rest on; without one, absence cannot be told."""
    company = request.company.key
    # Under the lock nothing is being sent: no group is about to get its link.
    with session_lock(connection, company, PAYMENT_LOCK):
        return settle(connection, request, services, _Receipts(company, read_at))


class _Receipts:
    what = "receipts to Scoro"
    kind = Kind.RECEIPT
    kinds: Collection[Kind] = (Kind.RECEIPT,)

    def __init__(self, company: str, read_at: datetime | None) -> None:
        self._company = company
        self._read_at = read_at
        self._unfound: list[Intent] = []

    def read(self, intents: Sequence[Intent]) -> None:
        """Nothing: the caller has read Scoro's receipt groups."""
        self._unfound = list(intents)

    def find(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        groups = _equal_groups(connection, self._company, intent)
        # Equal payments may be in doubt together: no more groups than there are of them, and each is one's own.
        equal = [other for other in self._unfound if _is_equal(other, intent)]
        if not groups or len(groups) > len(equal):
            return [group.source_id for group in groups]
        self._unfound = [other for other in self._unfound if other.source_id != intent.source_id]
        link = Link(
            Kind.PAYMENT,
            groups[0].source_id,
            intent.source_id,
            Evidence.EXPORTED,
            "exported",
            groups[0].content_hash,
            {"payment": intent.content_hash},
            remote_part=intent.part,
        )
        return Found(groups[0].source_id, link)

    def proves_absence(self, connection: Connection, intent: Intent) -> bool:
        return self._read_at is not None and self._read_at - intent.signed_at >= SCORO_WRITE_SHOWS_WITHIN

    def booked(self, connection: Connection, found: Found) -> None:
        """Nothing: the plan step sees to payments that are linked."""


def _is_equal(item: Intent, other: Intent) -> bool:
    return equal_content(json.loads(item.payload)) == equal_content(json.loads(other.payload))


def _equal_groups(connection: Connection, company: str, item: Intent) -> list[ReceiptGroup]:
    """Receipt groups in staging that equal the intent's request, are not known from before it and not linked."""
    wanted = json.loads(item.payload)
    flow, document_ids = document_ids_of(wanted)
    candidates = unlinked_groups_paying(connection, company, flow, document_ids, other_than=item.known_ids)
    groups = load_receipt_groups(connection, company, candidates).values()
    equal = equal_content(wanted)
    found = [group for group in groups if not group.is_deleted and equal_content(request_of(group)) == equal]
    return sorted(found, key=lambda group: int(group.source_id))


def given_up_on(connection: Connection, company: str, groups: Collection[ReceiptGroup]) -> dict[str, Phrase]:
    """Receipt groups that may be requests to Scoro that were settled as never applied, because they showed later than
    `docs/assumptions.md` trusts Scoro to show them: the payment of SmartAccounts that each was sent for, by group."""
    absent = absent_intents(connection, company, Kind.RECEIPT, {group.day for group in groups})
    payments = mirrored_payments(connection, company, {item.source_id for item in absent})
    found: dict[str, Phrase] = {}
    for item in absent:
        sent = equal_content(json.loads(item.payload))
        for group in groups if item.source_id in payments else ():
            if group.source_id not in item.known_ids and equal_content(request_of(group)) == sent:
                found[group.source_id] = payments[item.source_id].named
    return found


def request_of(group: ReceiptGroup) -> Mapping[str, Any]:
    """Return a receipt group as a request would say it."""
    rows = [row for row in group.rows if row.flow is not None and row.document_id is not None]
    modules = {module_of(row.flow, row.document_id) for row in rows if row.flow and row.document_id}
    module = modules.pop() if len(modules) == 1 else RECEIPTS
    return {
        "date": group.day.isoformat(),
        "sales_doc_type": module.name,
        "currency": group.currency,
        "receipts": [{"invoice_id": module.record_id(row.document_id or ""), "sum": str(row.amount)} for row in rows],
    }


def document_ids_of(body: Mapping[str, Any]) -> tuple[Flow, list[str]]:
    """Return the documents that a request to Scoro pays: their flow and their ids in staging."""
    kind = str(body["sales_doc_type"])
    module = next(module for module in (INVOICES, BILLS, EXPENSES) if module.name == kind)
    flow = Flow.SALES_INVOICES if module is INVOICES else Flow.PURCHASE_INVOICES
    return flow, [module.document_id(str(item["invoice_id"])) for item in body["receipts"]]
