"""The staged records as neutral objects: read back from the raw version that staging points at."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Select, Table, Text, cast, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.common.documents import Document, Flow, Partner, Product, ReceiptGroup
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.scoro.wire import (
    EXPENSE_PREFIX,
    booking_content,
    content_hash,
    expense_as_bill,
    parse_bill,
    parse_contact,
    parse_expense,
    parse_invoice,
    parse_product,
    parse_receipts,
    receipt_content,
)
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.schema import contact, document, product, raw_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

CONTACTS = "contacts"
PRODUCTS = "products"
PREPAYMENTS = "prepayments"

Payload = dict[str, Any]
_Record = TypeVar("_Record", Partner, Product)


@dataclass(frozen=True, slots=True)
class Module:
    """A module of Scoro whose records are documents of a flow. `prefix` stands before the record's id in staging,
    where a flow reads two modules whose ids may be equal."""

    name: str
    content: Callable[[Mapping[str, Any]], Payload]
    parse: Callable[[Mapping[str, Any]], Document] | None
    prefix: str = ""

    def document_id(self, record_id: str) -> str:
        """Return the id in staging of a record."""
        return f"{self.prefix}{record_id}"

    def record_id(self, document_id: str) -> str:
        """Scoro's own id of a document of this module."""
        return document_id.removeprefix(self.prefix)

    def content_hash(self, row: Mapping[str, Any]) -> str:
        """Return what identifies that which would be booked of a raw record."""
        return content_hash(self.content(row))


INVOICES = Module("invoices", booking_content, parse_invoice)
BILLS = Module("bills", booking_content, parse_bill)
EXPENSES = Module("expenses", lambda row: booking_content(expense_as_bill(row)), parse_expense, EXPENSE_PREFIX)
RECEIPTS = Module("receipts", receipt_content, None)

_MODULES: Mapping[Flow, tuple[Module, ...]] = {
    Flow.SALES_INVOICES: (INVOICES,),
    Flow.PURCHASE_INVOICES: (BILLS, EXPENSES),
    Flow.PAYMENTS: (RECEIPTS,),
    Flow.EXPORT_PAYMENTS: (),
}


def modules_of(flow: Flow, *, expenses: bool = True) -> tuple[Module, ...]:
    """Return what a flow reads of Scoro; `expenses`: as the company file says."""
    return tuple(module for module in _MODULES[flow] if expenses or module is not EXPENSES)


def module_of(flow: Flow, document_id: str) -> Module:
    """Return the module that a document of staging comes from."""
    modules = _MODULES[flow]
    return next((module for module in modules if module.prefix and document_id.startswith(module.prefix)), modules[0])


def load_documents(
    connection: Connection,
    company_key: str,
    flow: Flow,
    source_ids: Iterable[str],
    problems: dict[str, DocumentProblem] | None = None,
) -> dict[str, Document]:
    """Documents by source id, as last staged, each with the hash of exactly this content; deleted and vanished ones
    say that they are deleted. Those that are not staged or cannot be read are left out; of these, `problems` takes
    why."""
    found = {}
    for source_id, payload, _, hashed, is_gone in connection.execute(_newest_of(flow, company_key, source_ids)):
        parse = module_of(flow, source_id).parse
        if parse is None:
            raise TypeError(f"{flow} has no documents with lines")
        try:
            parsed = parse(as_sent(payload))
        except DocumentProblem as problem:
            if problems is not None and not is_gone:
                problems[source_id] = problem
            continue
        found[source_id] = replace(parsed, source_id=source_id, content_hash=hashed, is_deleted=is_gone)
    return found


def load_receipt_groups(
    connection: Connection,
    company_key: str,
    source_ids: Iterable[str],
    problems: dict[str, DocumentProblem] | None = None,
) -> dict[str, ReceiptGroup]:
    """Receipt groups by source id, as `load_documents`."""
    found = {}
    rows = connection.execute(_newest_of(Flow.PAYMENTS, company_key, source_ids))
    for source_id, payload, _, hashed, is_gone in rows:
        try:
            parsed = parse_receipts(as_sent(payload))
        except DocumentProblem as problem:
            if problems is not None and not is_gone:
                problems[source_id] = problem
            continue
        found[source_id] = replace(parsed, content_hash=hashed, is_deleted=is_gone)
    return found


def load_partners(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Partner]:
    """Partners by source id, as last staged. Those that are not staged or cannot be read are left out; deleted ones say
    so."""
    rows = connection.execute(_newest(contact, [CONTACTS], company_key, source_ids))
    return _readable(rows, parse_contact)


def load_products(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Product]:
    """Products by source id, as last staged. Those that are not staged or cannot be read are left out; deleted ones say
    so."""
    rows = connection.execute(_newest(product, [PRODUCTS], company_key, source_ids))
    return _readable(rows, parse_product)


def unreadable_records(
    connection: Connection, company_key: str, module: str, source_ids: Iterable[str]
) -> dict[str, DocumentProblem]:
    """Contacts or products that Scoro sent and that cannot be read, and why."""
    found = {}
    rows = connection.execute(
        select(raw_record.c.source_id, cast(raw_record.c.payload, Text))
        .ext(distinct_on(raw_record.c.source_id))
        .where(
            raw_record.c.company == company_key,
            raw_record.c.module == module,
            raw_record.c.source_id == any_of(source_ids),
        )
        .order_by(raw_record.c.source_id, raw_record.c.version.desc())
    )
    parse: Callable[[Payload], object] = parse_contact if module == CONTACTS else parse_product
    for source_id, payload in rows:
        try:
            parse(as_sent(payload))
        except DocumentProblem as problem:
            found[source_id] = problem
    return found


def _readable(rows: Iterable[Any], parse: Callable[[Payload], _Record]) -> dict[str, _Record]:
    found = {}
    for source_id, payload, is_deleted in rows:
        with suppress(DocumentProblem):
            found[source_id] = replace(parse(as_sent(payload)), is_deleted=is_deleted)
    return found


def prepayment_numbers(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Numbers of prepayment invoices by source id, of those that are staged."""
    rows = connection.execute(
        select(raw_record.c.source_id, raw_record.c.payload["no"].astext.label("number"))
        .where(
            raw_record.c.company == company_key,
            raw_record.c.module == PREPAYMENTS,
            raw_record.c.source_id == any_of(source_ids),
        )
        .order_by(raw_record.c.version)
    )
    return {row.source_id: row.number.strip() for row in rows if row.number}


def as_sent(payload: str) -> Payload:
    """Return a stored payload as the client delivered it: numbers with a fraction are Decimal."""
    record: Payload = json.loads(payload, parse_float=Decimal)
    return record


def _newest_of(flow: Flow, company_key: str, source_ids: Iterable[str]) -> Select[Any]:
    modules = [module.name for module in _MODULES[flow]]
    return (
        _newest(document, modules, company_key, source_ids)
        .add_columns(document.c.content_hash, or_(document.c.is_deleted, document.c.is_missing).label("is_gone"))
        .where(document.c.flow == flow.value)
    )


def _newest(table: Table, modules: Sequence[str], company_key: str, source_ids: Iterable[str]) -> Select[Any]:
    return (
        select(table.c.source_id, cast(raw_record.c.payload, Text), table.c.is_deleted)
        .join(
            raw_record,
            (raw_record.c.company == table.c.company)
            & (raw_record.c.module.in_(modules))
            & (raw_record.c.source_id == table.c.source_id)
            & (raw_record.c.version == table.c.raw_version),
        )
        .where(table.c.company == company_key, table.c.source_id == any_of(source_ids))
    )
