"""The staged records as neutral objects: read back from the raw version that staging points at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, Text, any_, bindparam, cast, literal, select
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
    """Documents by source id, as last staged. Those that are not staged or cannot be read are left out."""
    found = {}
    for source_id, payload, _ in _newest(connection, document, MODULES[flow], company_key, source_ids, flow=flow.value):
        try:
            found[source_id] = parse_invoice(payload)
        except DocumentProblem:
            continue
    return found


def load_partners(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Partner]:
    """Partners by source id, as last staged. Those that are not staged are left out; deleted ones say so."""
    return {
        source_id: replace(parse_contact(payload), is_deleted=is_deleted)
        for source_id, payload, is_deleted in _newest(connection, contact, CONTACTS, company_key, source_ids)
    }


def load_products(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Product]:
    """Products by source id, as last staged. Those that are not staged are left out; deleted ones say so."""
    return {
        source_id: replace(parse_product(payload), is_deleted=is_deleted)
        for source_id, payload, is_deleted in _newest(connection, product, PRODUCTS, company_key, source_ids)
    }


def as_sent(payload: str) -> Payload:
    """A stored payload as the client delivered it: numbers with a fraction are Decimal."""
    record: Payload = json.loads(payload, parse_float=Decimal)
    return record


def _newest(
    connection: Connection,
    table: Table,
    module: str,
    company_key: str,
    source_ids: Iterable[str],
    **key: str,
) -> Iterator[tuple[str, Payload, bool]]:
    ids = bindparam("ids", list(source_ids), ARRAY(Text))
    rows = connection.execute(
        select(table.c.source_id, cast(raw_record.c.payload, Text), table.c.is_deleted)
        .join(
            raw_record,
            (raw_record.c.company == table.c.company)
            & (raw_record.c.module == module)
            & (raw_record.c.source_id == table.c.source_id)
            & (raw_record.c.version == table.c.raw_version),
        )
        .where(table.c.company == company_key, table.c.source_id == any_(ids))
        .where(*(table.c[name] == literal(value) for name, value in key.items()))
    )
    for source_id, payload, is_deleted in rows:
        yield source_id, as_sent(payload), is_deleted
