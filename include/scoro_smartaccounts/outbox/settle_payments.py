"""Open intents of payments, in both directions: what became of requests whose answer never came.

SmartAccounts: as for documents, presence by the marker, absence by a complete reading made late enough.

Scoro keeps neither a marker nor a timestamp. The intent knows which receipt groups its documents had; exactly one new
equal group is the one (of equal payments in doubt together, each has one), more go to a person. No new one, this long
after, counts as never created; that cannot be proven, and `docs/assumptions.md` says so.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from scoro_smartaccounts.common.assumptions import SCORO_WRITE_SHOWS_WITHIN
from scoro_smartaccounts.common.documents import Flow, ReceiptGroup, named_payment
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, sync_payments
from scoro_smartaccounts.scoro.modules import BILLS, EXPENSES, INVOICES, RECEIPTS, module_of
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.documents import load_receipt_groups
from scoro_smartaccounts.staging.intents import (
    Intent,
    State,
    absent_intents,
    claim_intent,
    close_intent,
    open_intents,
)
from scoro_smartaccounts.staging.links import (
    Evidence,
    Kind,
    Link,
    is_group_linked_in_part,
    is_payment_linked_in_part,
    store_links,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.schema import payment_row, remote_payment
from scoro_smartaccounts.transform.receipt import equal_content

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)


@dataclass
class SettledPayments:
    """`groups`: receipt groups whose payment was found; `payments`: payments whose receipt group was found; `absent`:
    how many requests were never applied; `unclear`: by payment, the receipt groups of which a person must say which it
    is."""

    groups: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    absent: int = 0
    in_doubt: int = 0
    unclear: dict[str, list[str]] = field(default_factory=dict)


def settle_sent_payments(connection: Connection, request: RunRequest, services: Services) -> SettledPayments:
    """Decide on open intents of payments to SmartAccounts."""
    company = request.company.key
    result = SettledPayments()
    with connection.begin():
        rows = open_intents(connection, company, Kind.PAYMENT)
    if not rows:
        return result
    reading = sync_payments(services, request.company)
    for row in rows:
        with connection.begin():
            if not claim_intent(connection, company, row):
                continue
            found = _payment_of(connection, company, row)
            if found is not None:
                store_links(connection, company, request.run_key, [found])
                close_intent(connection, row.id, State.DONE, at=services.clock(), remote_id=found.remote_id)
                result.groups.add(row.source_id)
            elif reading.proves_absence(row.signed_at):
                close_intent(connection, row.id, State.ABSENT, at=services.clock(), note="never applied")
                result.absent += 1
            else:
                result.in_doubt += 1
    _tell("payments to SmartAccounts", len(result.groups), result)
    return result


def receipt_days(connection: Connection, company: str) -> list[date]:
    """Days of the receipt groups that are in doubt: Scoro's groups of these days must be read before they can be
    settled."""
    return [row.day for row in open_intents(connection, company, Kind.RECEIPT) if row.day is not None]


def settle_sent_receipts(
    connection: Connection, request: RunRequest, services: Services, *, read_at: datetime | None = None
) -> SettledPayments:
    """Decide on open intents of receipt groups to Scoro, from the groups that staging holds. `read_at`: when the
    reading of Scoro's groups of `receipt_days` began that they rest on; without one, absence cannot be told."""
    company = request.company.key
    result = SettledPayments()
    # Under the lock nothing is being sent: no group is about to get its link.
    with session_lock(connection, company, PAYMENT_LOCK):
        with connection.begin():
            rows = open_intents(connection, company, Kind.RECEIPT)
        for row in rows:
            with connection.begin():
                _settle_receipt(connection, request, services, row, rows, result, read_at=read_at)
    if rows:
        _tell("receipts to Scoro", len(result.payments), result)
    return result


def _settle_receipt(
    connection: Connection,
    request: RunRequest,
    services: Services,
    row: Intent,
    rows: Sequence[Intent],
    result: SettledPayments,
    *,
    read_at: datetime | None,
) -> None:
    company = request.company.key
    if not claim_intent(connection, company, row):
        return
    found = _equal_groups(connection, company, row)
    # Equal payments may be in doubt together: no more groups than there are of them, and each is one's own.
    equal = [other for other in rows if _is_equal(other, row) and other.source_id not in result.payments]
    if found and len(found) <= len(equal):
        store_links(connection, company, request.run_key, [_receipt_link(row, found[0])])
        close_intent(connection, row.id, State.DONE, at=services.clock(), remote_id=found[0].source_id)
        result.payments.add(row.source_id)
    elif found:
        result.in_doubt += 1
        result.unclear[row.source_id] = [group.source_id for group in found]
    elif read_at is not None and read_at - row.signed_at >= SCORO_WRITE_SHOWS_WITHIN:
        close_intent(connection, row.id, State.ABSENT, at=services.clock(), note="does not show in Scoro")
        result.absent += 1
    else:
        result.in_doubt += 1


def _is_equal(row: Intent, other: Intent) -> bool:
    return equal_content(json.loads(row.payload)) == equal_content(json.loads(other.payload))


def _receipt_link(row: Intent, group: ReceiptGroup) -> Link:
    """Return the link of an exported payment."""
    return Link(
        Kind.PAYMENT,
        group.source_id,
        row.source_id,
        Evidence.EXPORTED,
        "exported",
        group.content_hash,
        {"payment": row.content_hash},
        remote_part=row.part,
    )


def _tell(what: str, present: int, result: SettledPayments) -> None:
    log.info(
        "Without an answer, %s: %d were applied, %d never were, %d are in doubt.",
        what,
        present,
        result.absent,
        result.in_doubt,
    )


def _payment_of(connection: Connection, company: str, row: Intent) -> Link | None:
    """Return the payment that the intent's request made: marked with its group, on the body's account, not linked yet.
    Netting and money of one group lie on different accounts."""
    body = json.loads(row.payload)
    candidates = connection.execute(
        select(remote_payment.c.remote_id, remote_payment.c.content_hash, remote_payment.c.account_name)
        .where(
            remote_payment.c.company == company,
            remote_payment.c.marked_id == row.source_id,
            remote_payment.c.account_name == body["accountName"],
            ~is_payment_linked_in_part(remote_payment.c.company, remote_payment.c.remote_id),
        )
        .order_by(remote_payment.c.number)
    ).first()
    if candidates is None:
        return None
    return Link(
        Kind.PAYMENT,
        row.source_id,
        candidates.remote_id,
        Evidence.FOUND_LATER,
        content_hash=row.content_hash,
        answer={"payment": candidates.content_hash},
        source_part=row.part,
    )


def _equal_groups(connection: Connection, company: str, row: Intent) -> list[ReceiptGroup]:
    """Receipt groups in staging that equal the intent's request, are not known from before it and not linked."""
    wanted = json.loads(row.payload)
    flow, document_ids = document_ids_of(wanted)
    candidates = connection.execute(
        select(payment_row.c.source_id)
        .where(
            payment_row.c.company == company,
            payment_row.c.document_flow == flow.value,
            payment_row.c.document_id == any_of(document_ids),
            payment_row.c.source_id.not_in(row.known_ids),
            ~is_group_linked_in_part(payment_row.c.company, payment_row.c.source_id),
        )
        .distinct()
    ).scalars()
    groups = load_receipt_groups(connection, company, list(candidates)).values()
    equal = equal_content(wanted)
    found = [group for group in groups if not group.is_deleted and equal_content(request_of(group)) == equal]
    return sorted(found, key=lambda group: int(group.source_id))


def given_up_on(connection: Connection, company: str, groups: Collection[ReceiptGroup]) -> dict[str, Phrase]:
    """Receipt groups that may be requests to Scoro that were settled as never applied, because they showed later than
    `docs/assumptions.md` trusts Scoro to show them: the payment of SmartAccounts that each was sent for, by group."""
    absent = absent_intents(connection, company, Kind.RECEIPT, {group.day for group in groups})
    payments = connection.execute(
        select(remote_payment.c.remote_id, remote_payment.c.number, remote_payment.c.day).where(
            remote_payment.c.company == company,
            remote_payment.c.remote_id == any_of(item.source_id for item in absent),
        )
    )
    named = {row.remote_id: named_payment(row.number, row.day) for row in payments}
    found: dict[str, Phrase] = {}
    for item in absent:
        sent = equal_content(json.loads(item.payload))
        for group in groups if item.source_id in named else ():
            if group.source_id not in item.known_ids and equal_content(request_of(group)) == sent:
                found[group.source_id] = named[item.source_id]
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
