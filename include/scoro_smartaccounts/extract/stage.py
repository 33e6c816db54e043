"""Rows of Scoro → raw versions and typed staging rows, a set at a time.

A record gets a new raw version only when its fingerprint differs from its newest one, and older content never
replaces newer: a row whose time of modification lies before the staged one's is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from scoro_smartaccounts.documents import Document, Line, Partner, Product
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.extract.rows import Row, day_of, id_of, moment_of
from scoro_smartaccounts.run import RunRequest
from scoro_smartaccounts.scoro.wire import (
    UnreadableRecord,
    clean,
    content_hash,
    fingerprint,
    parse_contact,
    parse_invoice,
    parse_product,
    truth,
)
from scoro_smartaccounts.staging.bulk import copy, loaded, upsert
from scoro_smartaccounts.staging.documents import CONTACTS, MODULES, PRODUCTS
from scoro_smartaccounts.staging.schema import contact, document, document_line, product, raw_record

log = logging.getLogger(__name__)

CHUNK = 1000

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Version:
    """A row of Scoro beside the raw version that holds it."""

    row: Row
    number: int


def chunks(items: Iterable[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    """The items in lists of at most `size`."""
    chunk: list[_Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def any_of(ids: Iterable[str]) -> ColumnElement[Any]:
    """The right side of `column == any(ids)`, as one parameter whatever their number."""
    return any_(bindparam(None, list(ids), ARRAY(Text)))


def stage_documents(connection: Connection, request: RunRequest, rows: Iterable[Row]) -> None:
    """Stage detailed rows of documents. The caller holds the company's lock on the flow."""
    module = MODULES[request.flow]
    versions = _stage_raw(connection, request, module, "id", rows)
    staged = _staged_documents(connection, request, versions)
    changed: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for source_id, version in versions.items():
        if staged.get(source_id) == (version.number, False, None):
            continue
        columns, parsed_lines = _document_columns(request, source_id, version)
        if staged.get(source_id) == (version.number, False, columns["problem"]):
            continue
        changed.append(columns)
        lines += (_line_columns(request, source_id, line) for line in parsed_lines)
    upsert(connection, document, changed)
    with loaded(connection, document, ({"source_id": columns["source_id"]} for columns in changed)) as ids:
        if ids is not None:
            connection.execute(
                delete(document_line).where(
                    document_line.c.company == request.company.key,
                    document_line.c.flow == request.flow.value,
                    document_line.c.source_id == ids.c.source_id,
                )
            )
    copy(connection, document_line, lines)


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner that the tables are not empty any more.

    Every line is checked against its document. Planned while the table was empty, the check may read the whole
    company instead of one key, and a first import would take the square of its size.
    """
    connection.execute(text("analyze document, document_line, raw_record"))


def mark_missing(connection: Connection, request: RunRequest, source_ids: Iterable[str]) -> None:
    """Note documents that Scoro does not know any more."""
    connection.execute(
        update(document)
        .where(
            document.c.company == request.company.key,
            document.c.flow == request.flow.value,
            document.c.source_id == any_of(source_ids),
        )
        .values(is_missing=True)
    )


def stage_contacts(connection: Connection, request: RunRequest, rows: Mapping[str, Row | None]) -> int:
    """Stage contacts by id, None for those that Scoro does not know; the number that cannot be read."""

    def columns(row: Row) -> dict[str, Any]:
        partner: Partner = parse_contact(row)
        return {
            "name": partner.name,
            "is_person": partner.is_person,
            "registry_code": partner.registry_code,
            "vat_number": partner.vat_number,
            "is_deleted": partner.is_deleted,
        }

    return _stage_register(connection, request, contact, CONTACTS, "contact_id", rows, columns)


def stage_products(connection: Connection, request: RunRequest, rows: Mapping[str, Row | None]) -> int:
    """Stage products by id, None for those that Scoro does not know; the number that cannot be read."""

    def columns(row: Row) -> dict[str, Any]:
        article: Product = parse_product(row)
        return {
            "code": article.code,
            "name": article.name,
            "is_stock": article.is_stock,
            "excludes_discounts": article.excludes_discounts,
            "is_deleted": article.is_deleted,
        }

    return _stage_register(connection, request, product, PRODUCTS, "product_id", rows, columns)


def _stage_raw(
    connection: Connection, request: RunRequest, module: str, key: str, rows: Iterable[Row]
) -> dict[str, _Version]:
    """Add the raw versions that are new; every row that is not outdated, with its version, by source id."""
    latest: dict[str, Row] = {}
    for row in rows:
        source_id = id_of(row, key)
        if source_id is not None and not _is_older(row, latest.get(source_id, {}).get("modified_date")):
            latest[source_id] = row
    known = {
        stored.source_id: stored
        for stored in connection.execute(
            select(
                raw_record.c.source_id,
                raw_record.c.version,
                raw_record.c.fingerprint,
                raw_record.c.payload["modified_date"].astext.label("modified"),
            )
            .ext(distinct_on(raw_record.c.source_id))
            .where(
                raw_record.c.company == request.company.key,
                raw_record.c.module == module,
                raw_record.c.source_id == any_of(latest),
            )
            .order_by(raw_record.c.source_id, raw_record.c.version.desc())
        )
    }
    versions: dict[str, _Version] = {}
    new: list[dict[str, Any]] = []
    for source_id, row in latest.items():
        stored = known.get(source_id)
        print_of_row = fingerprint(row)
        if stored is not None and stored.fingerprint == print_of_row:
            versions[source_id] = _Version(row, stored.version)
        elif stored is None or not _is_older(row, stored.modified):
            number = 1 if stored is None else stored.version + 1
            versions[source_id] = _Version(row, number)
            new.append(
                {
                    "company": request.company.key,
                    "module": module,
                    "source_id": source_id,
                    "version": number,
                    "fingerprint": print_of_row,
                    "payload": row,
                    "run_key": request.run_key,
                }
            )
    upsert(connection, raw_record, new, update=())
    return versions


def _is_older(row: Row, than: object) -> bool:
    mine, other = moment_of(row.get("modified_date")), moment_of(than)
    return mine is not None and other is not None and mine < other


def _staged_documents(
    connection: Connection, request: RunRequest, ids: Iterable[str]
) -> dict[str, tuple[int, bool, str | None]]:
    """Raw version, whether it is missing, and problem, by source id."""
    rows = connection.execute(
        select(document.c.source_id, document.c.raw_version, document.c.is_missing, document.c.problem).where(
            document.c.company == request.company.key,
            document.c.flow == request.flow.value,
            document.c.source_id == any_of(ids),
        )
    )
    return {row.source_id: (row.raw_version, row.is_missing, row.problem) for row in rows}


def _document_columns(
    request: RunRequest, source_id: str, version: _Version
) -> tuple[dict[str, Any], tuple[Line, ...]]:
    row = version.row
    key = {
        "company": request.company.key,
        "flow": request.flow.value,
        "source_id": source_id,
        "raw_version": version.number,
        "content_hash": content_hash(row),
        "is_missing": False,
    }
    try:
        parsed = parse_invoice(row)
        _refuse_what_does_not_fit(parsed)
    except DocumentProblem as problem:
        return {**key, **_what_can_be_read(row), "problem": problem.message}, ()
    discounts = [*parsed.discounts, None, None, None]
    columns = {
        "number": parsed.number,
        "day": parsed.day,
        "due_day": parsed.due_day,
        "partner_id": parsed.partner_id,
        "currency": parsed.currency,
        "currency_rate": parsed.currency_rate,
        "discount_1": discounts[0],
        "discount_2": discounts[1],
        "discount_3": discounts[2],
        "net": parsed.net,
        "vat": parsed.vat,
        "vat_percent": parsed.vat_percent,
        "vat_code": parsed.vat_code,
        "vat_code_id": parsed.vat_code_id,
        "reference_number": parsed.reference_number,
        "credited_ids": list(parsed.credits),
        "is_deleted": parsed.is_deleted,
        "created_at": parsed.created_at,
        "modified_at": parsed.modified_at,
        "problem": None,
    }
    return {**key, **columns}, parsed.lines


def _what_can_be_read(row: Row) -> dict[str, Any]:
    return {
        **dict.fromkeys(
            ("due_day", "partner_id", "currency_rate", "discount_1", "discount_2", "discount_3", "net", "vat")
        ),
        **dict.fromkeys(("vat_percent", "vat_code", "vat_code_id")),
        "number": clean(row.get("no")),
        "day": day_of(row),
        "currency": "",
        "reference_number": "",
        "credited_ids": [],
        "is_deleted": truth(row.get("is_deleted")),
        "created_at": moment_of(row.get("created_date")),
        "modified_at": moment_of(row.get("modified_date")),
    }


def _refuse_what_does_not_fit(parsed: Document) -> None:
    """Numbers that no column holds: fourteen digits before the point for amounts, ten for the rate."""
    amounts = [parsed.net, parsed.vat, parsed.vat_percent, *parsed.discounts]
    for line in parsed.lines:
        amounts += [line.quantity, line.price, line.discount, line.net, line.vat_percent]
    too_large = [amount for amount in amounts if amount is not None and abs(amount) >= Decimal(10) ** 14]
    if too_large or abs(parsed.currency_rate) >= Decimal(10) ** 10:
        field = "lines" if too_large else "currency_rate"
        raise UnreadableRecord(f"Sales invoice {parsed.number}", field, Decimal(0), "an amount of everyday size")


def _line_columns(request: RunRequest, source_id: str, line: Line) -> dict[str, Any]:
    return {
        "company": request.company.key,
        "flow": request.flow.value,
        "source_id": source_id,
        "position": line.position,
        "is_heading": line.is_heading,
        "product_id": line.product_id,
        "product_code": line.product_code,
        "description": line.description,
        "quantity": line.quantity,
        "price": line.price,
        "discount": line.discount,
        "net": line.net,
        "vat_percent": line.vat_percent,
        "vat_code": line.vat_code,
        "vat_code_id": line.vat_code_id,
    }


def _stage_register(
    connection: Connection,
    request: RunRequest,
    table: Table,
    module: str,
    key: str,
    rows: Mapping[str, Row | None],
    columns_of: Any,
) -> int:
    versions = _stage_raw(connection, request, module, key, filter(None, rows.values()))
    readable: list[dict[str, Any]] = []
    unreadable: list[str] = []
    for source_id, version in versions.items():
        own_key = {"company": request.company.key, "source_id": source_id, "raw_version": version.number}
        try:
            readable.append({**own_key, **columns_of(version.row)})
        except DocumentProblem as problem:
            log.warning("%s", problem.message)
            unreadable.append(source_id)
    upsert(connection, table, readable)
    of_company = table.c.company == request.company.key
    # What cannot be read is treated like what was never there.
    connection.execute(delete(table).where(and_(of_company, table.c.source_id == any_of(unreadable))))
    gone = [source_id for source_id, row in rows.items() if row is None]
    connection.execute(update(table).where(and_(of_company, table.c.source_id == any_of(gone))).values(is_deleted=True))
    return len(unreadable)
