"""The staged records as neutral objects: read back from the raw version that staging points at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, Table, Text, any_, bindparam, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from scoro_smartaccounts.documents import Document, Flow, Partner, Product
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.scoro.wire import parse_contact, parse_invoice, parse_product
from scoro_smartaccounts.staging.schema import contact, document, product, raw_record

MODULES: Mapping[Flow, str] = {Flow.SALES_INVOICES: "invoices"}
CONTACTS = "contacts"
PRODUCTS = "products"

Payload = dict[str, Any]


def load_documents(
    connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]
) -> dict[str, Document]:
    """Documents by source id, as last staged, each with the hash of exactly this content; deleted and vanished ones
    say that they are deleted. Those that are not staged or cannot be read are left out."""
    rows = connection.execute(
        _newest(document, MODULES[flow], company_key, source_ids)
        .add_columns(document.c.content_hash, or_(document.c.is_deleted, document.c.is_missing).label("is_gone"))
        .where(document.c.flow == flow.value)
    )
    found = {}
    for source_id, payload, _, content_hash, is_gone in rows:
        try:
            parsed = parse_invoice(as_sent(payload))
        except DocumentProblem:
            continue
        found[source_id] = replace(parsed, content_hash=content_hash, is_deleted=is_gone)
    return found


def load_partners(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Partner]:
    """Partners by source id, as last staged. Those that are not staged are left out; deleted ones say so."""
    return {
        source_id: replace(parse_contact(as_sent(payload)), is_deleted=is_deleted)
        for source_id, payload, is_deleted in connection.execute(_newest(contact, CONTACTS, company_key, source_ids))
    }


def load_products(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Product]:
    """Products by source id, as last staged. Those that are not staged are left out; deleted ones say so."""
    return {
        source_id: replace(parse_product(as_sent(payload)), is_deleted=is_deleted)
        for source_id, payload, is_deleted in connection.execute(_newest(product, PRODUCTS, company_key, source_ids))
    }


def as_sent(payload: str) -> Payload:
    """A stored payload as the client delivered it: numbers with a fraction are Decimal."""
    record: Payload = json.loads(payload, parse_float=Decimal)
    return record


def _newest(table: Table, module: str, company_key: str, source_ids: Iterable[str]) -> Select[Any]:
    ids = bindparam("ids", list(source_ids), ARRAY(Text))
    return (
        select(table.c.source_id, cast(raw_record.c.payload, Text), table.c.is_deleted)
        .join(
            raw_record,
            (raw_record.c.company == table.c.company)
            & (raw_record.c.module == module)
            & (raw_record.c.source_id == table.c.source_id)
            & (raw_record.c.version == table.c.raw_version),
        )
        .where(table.c.company == company_key, table.c.source_id == any_(ids))
    )
