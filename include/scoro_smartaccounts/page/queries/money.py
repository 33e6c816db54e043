"""What payments pay, and by which payments documents are paid, in both systems, as stories name it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import PAYMENT_NAME, Flow
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES
from scoro_smartaccounts.staging.documents import known_documents, read_documents
from scoro_smartaccounts.staging.links import Kind, documents_by_remote_id, links_to
from scoro_smartaccounts.staging.mirror_payments import lines_on, living_payments, settled_lines
from scoro_smartaccounts.staging.payment_rows import receipts_of, rows_of_groups

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.documents import StagedDocument
    from scoro_smartaccounts.staging.links import Key
    from scoro_smartaccounts.staging.mirror_payments import SettledLine

_FLOW_OF = {name: flow for flow, name in INVOICE_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Settled:
    """A document that a payment pays, by so much of it. `key`: whose story tells of it; None of a prepayment invoice,
    and of what did not come from Scoro: then `number` is an id. `what`: the key of the words for what it is."""

    key: Key | None
    what: str
    number: str
    day: date | None
    partner_id: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaidBy:
    """A payment that pays so much of a document. `key`: whose story tells of it, None where there is none; `system`:
    where it was seen."""

    key: Key | None
    system: str
    number: str
    day: date | None
    amount: Decimal
    currency: str


def settled_by(connection: Connection, company: str, flow: Flow, ids: Collection[str]) -> dict[str, list[Settled]]:
    """Return what payments of either system pay, in the order of their rows, by the id of the payment."""
    found = defaultdict(list)
    rows = _of_books(connection, company, ids) if flow.is_export else _of_scoro(connection, company, ids)
    keys = {each.key for _, each in rows if each.key is not None}
    named: dict[Key, StagedDocument] = {}
    for paid in {flow for flow, _ in keys}:
        documents = read_documents(connection, company, paid, [source_id for each, source_id in keys if each is paid])
        named |= {(paid, each.source_id): each for each in documents}
    for payment_id, each in rows:
        document = None if each.key is None else named.get(each.key)
        told = each
        if document is not None:
            number = document.number or each.number
            told = replace(each, number=number, day=document.day, partner_id=document.partner_id)
        found[payment_id].append(told)
    return dict(found)


def _of_scoro(connection: Connection, company: str, ids: Iterable[str]) -> list[tuple[str, Settled]]:
    found = []
    for row in rows_of_groups(connection, company, ids):
        if row.key is not None:
            told = Settled(row.key, f"one_{row.key[0].value}", row.key[1], None, None, row.amount)
        else:
            what = "one_prepayment" if row.prepayment_id else "one_nothing"
            told = Settled(None, what, row.prepayment_id, None, None, row.amount)
        found.append((row.group_id, told))
    return found


def _of_books(connection: Connection, company: str, ids: Iterable[str]) -> list[tuple[str, Settled]]:
    lines = settled_lines(connection, company, ids)
    known = documents_by_remote_id(connection, company, {each.document_remote_id for each in lines})
    return [(line.payment_id, _settled(line, known.get(line.document_remote_id, ()))) for line in lines]


def _settled(line: SettledLine, known: Sequence[Key]) -> Settled:
    # An invoice and a bill of SmartAccounts might share an id.
    flow = _FLOW_OF.get(line.type)
    key = next((each for each in known if each[0] is flow), None)
    what = "one_other" if flow is None else f"one_{flow.value}"
    return Settled(key, what, line.document_remote_id if key is None else key[1], None, None, line.amount)


def paid_by(connection: Connection, company: str, key: Key, remote_ids: Collection[str], currency: str) -> list[PaidBy]:
    """Return the payments of a document that either system has, by day and number. `remote_ids`: its records in
    SmartAccounts. Money that both systems have is told once, as Scoro has it."""
    flow, source_id = key
    receipts = [each for each in receipts_of(connection, company, [source_id]) if each.key == key]
    found = [
        PaidBy((Flow.PAYMENTS, each.group_id), Flow.PAYMENTS.source, each.number, each.day, each.amount, currency)
        for each in receipts
    ]
    groups = {each.group_id for each in receipts}
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines_on(connection, company, remote_ids):
        if line.type == INVOICE_TYPES[flow]:
            sums[line.payment_id] += line.amount
    links = links_to(connection, company, Kind.PAYMENT, sums)
    told_already = {each.remote_id for each in links if each.source_id in groups}
    payments = living_payments(connection, company, sums.keys() - told_already)
    stories = stories_of_payments(connection, company, payments)
    for payment_id, payment in payments.items():
        called = f"{PAYMENT_NAME}{payment.number}"
        where = Flow.EXPORT_PAYMENTS.source
        amount = sums[payment_id]
        found.append(PaidBy(stories.get(payment_id), where, called, payment.day, amount, payment.currency))
    return sorted(found, key=lambda each: (each.day is None, str(each.day or ""), each.number))


def stories_of_payments(connection: Connection, company: str, payment_ids: Iterable[str]) -> dict[str, Key]:
    """Return the stories that tell of payments of SmartAccounts: their own, or that of the receipt group of Scoro that
    they stand for."""
    ids = list(payment_ids)
    links = links_to(connection, company, Kind.PAYMENT, ids)
    groups = known_documents(connection, company, Flow.PAYMENTS, {each.source_id for each in links})
    found: dict[str, Key] = {
        each.remote_id: (Flow.PAYMENTS, each.source_id) for each in links if each.source_id in groups
    }
    own = known_documents(connection, company, Flow.EXPORT_PAYMENTS, ids)
    return found | {each: (Flow.EXPORT_PAYMENTS, each) for each in own}
