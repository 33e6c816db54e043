"""Rows of Scoro → raw versions and typed staging rows, a set at a time.

A record gets a new raw version only when its fingerprint differs from its newest one, and older content never
replaces newer: a row whose time of modification lies before the staged one's is left out.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    Connection,
    Table,
    and_,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.border.record_bounds import kept, left_out
from scoro_smartaccounts.common.culprits import fault_of, is_of_records
from scoro_smartaccounts.common.documents import (
    RECEIPT_NAME,
    Document,
    Flow,
    Line,
    Partner,
    Product,
    Receipt,
    ReceiptGroup,
    named_payment,
)
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import phrase, reason, render
from scoro_smartaccounts.common.run import ReconcileRequest, RunRequest
from scoro_smartaccounts.extract.rows import Row, day_of, id_of
from scoro_smartaccounts.scoro.values import identifier, identifiers, moment, truth
from scoro_smartaccounts.scoro.wire import (
    UnreadableRecord,
    fingerprint,
    number_for_people,
    parse_contact,
    parse_product,
    parse_receipts,
    shown_number,
)
from scoro_smartaccounts.staging.bulk import any_of, copy, loaded, store_each, upsert
from scoro_smartaccounts.staging.documents import CONTACTS, PREPAYMENTS, PRODUCTS, RECEIPTS, Module
from scoro_smartaccounts.staging.forget import settled
from scoro_smartaccounts.staging.schema import contact, document, document_line, payment_row, product, raw_record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

CHUNK = 1000

_Item = TypeVar("_Item")
AnyRequest = RunRequest | ReconcileRequest
# The columns of a document, and those of its lines.
_Columns = tuple[dict[str, Any], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Version:
    """A row of Scoro beside the raw version that holds it. `is_forgotten`: what is personal of it, and is not to come
    back."""

    row: Row
    number: int
    is_forgotten: bool = False


def chunks(items: Iterable[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    """Yield the items in lists of at most `size`."""
    chunk: list[_Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def stage_documents(
    connection: Connection, request: RunRequest, flow: Flow, module: Module, rows: Iterable[Row]
) -> None:
    """Stage detailed rows of a module's documents. The caller holds the company's lock on the flow."""
    company = request.company.key
    versions = _stage_raw(
        connection,
        request,
        module.name,
        "id",
        rows,
        document_id=module.document_id,
        stays_forgotten=lambda ids: settled(connection, company, request.company.first_import_date, flow, ids),
    )
    staged = _staged_documents(connection, company, flow, versions)
    changed: list[_Columns] = []
    for source_id, version in versions.items():
        raw_version, is_missing, problem = staged.get(source_id, (0, False, None))
        if (raw_version, is_missing) == (version.number, False) and (problem is None or version.is_forgotten):
            continue
        key = {"company": company, "flow": flow.value, "source_id": source_id}
        columns, line_columns = _columns_of(key, module, version)
        if staged.get(source_id) == (version.number, False, columns["problem"]):
            continue
        changed.append((columns, line_columns))
    table = payment_row if module is RECEIPTS else document_line

    def store(part: Sequence[_Columns]) -> None:
        upsert(connection, document, [columns for columns, _ in part])
        with loaded(connection, document, ({"source_id": columns["source_id"]} for columns, _ in part)) as ids:
            if ids is not None:
                connection.execute(
                    delete(table).where(
                        table.c.company == company, table.c.flow == flow.value, table.c.source_id == ids.c.source_id
                    )
                )
        copy(connection, table, [line for _, lines in part for line in lines])

    refused = store_each(connection, changed, store)
    store([(_refused_columns(columns, module, versions, problem), []) for (columns, _), problem in refused])


def _refused_columns(
    columns: Mapping[str, Any], module: Module, versions: Mapping[str, _Version], problem: Exception
) -> dict[str, Any]:
    """Return the columns of a document that PostgreSQL does not take as it is: what names it, and why."""
    key = {name: columns[name] for name in ("company", "flow", "source_id")}
    version = versions[columns["source_id"]]
    own = {**key, "raw_version": version.number, "content_hash": columns["content_hash"], "is_missing": False}
    return _unexpected_columns(own, module, version.row, problem)


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner that the tables are not empty any more.

    Every line is checked against its document. Planned while the table was empty, the check may read the whole
    company instead of one key, and a first import would take the square of its size.
    """
    connection.execute(text("analyze document, document_line, raw_record"))


def mark_missing(connection: Connection, request: RunRequest, flow: Flow, source_ids: Iterable[str]) -> None:
    """Note documents that Scoro does not know any more."""
    connection.execute(
        update(document)
        .where(
            document.c.company == request.company.key,
            document.c.flow == flow.value,
            document.c.source_id == any_of(source_ids),
        )
        .values(is_missing=True)
    )


def stage_contacts(connection: Connection, request: AnyRequest, rows: Mapping[str, Row | None]) -> int:
    """Stage contacts by id, None for those that Scoro does not know; the number that cannot be read."""

    def columns(row: Row) -> dict[str, Any]:
        partner: Partner = parse_contact(row)
        address = partner.address
        return {
            "name": partner.name,
            "is_person": partner.is_person,
            "registry_code": partner.registry_code,
            "vat_number": partner.vat_number,
            "bank_account": partner.bank_account,
            "email": partner.email,
            "country": address.country if address else "",
            "city": address.city if address else "",
            "street": address.street if address else "",
            "postal_code": address.postal_code if address else "",
            "is_client": partner.is_client,
            "is_supplier": partner.is_supplier,
            "is_deleted": partner.is_deleted,
        }

    return _stage_register(connection, request, contact, CONTACTS, "contact_id", rows, columns)


def stage_products(connection: Connection, request: AnyRequest, rows: Mapping[str, Row | None]) -> int:
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


def stage_prepayments(connection: Connection, request: AnyRequest, rows: Iterable[Row]) -> None:
    """Keep prepayment invoices as Scoro sends them: what draws on them names their number."""
    _stage_raw(connection, request, PREPAYMENTS, "id", rows)


def _stage_raw(
    connection: Connection,
    request: AnyRequest,
    module: str,
    key: str,
    rows: Iterable[Row],
    *,
    document_id: Callable[[str], str] = lambda record_id: record_id,
    stays_forgotten: Callable[[Iterable[str]], Collection[str]] = frozenset,
) -> dict[str, _Version]:
    """Add the raw versions that are new; every row that is not outdated, with its version, by source id. What was
    forgotten of a record that comes unchanged stays so where nobody needs it (`stays_forgotten`)."""
    latest: dict[str, Row] = {}
    for row in rows:
        record_id = id_of(row, key)
        if record_id is None:
            continue
        source_id = document_id(record_id)
        if not _is_older(row, latest.get(source_id, {}).get("modified_date")):
            latest[source_id] = row
    known = {
        stored.source_id: stored
        for stored in connection.execute(
            select(
                raw_record.c.source_id,
                raw_record.c.version,
                raw_record.c.fingerprint,
                raw_record.c.forgotten_at,
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
    cut = [source_id for source_id, stored in known.items() if stored.forgotten_at is not None]
    needed = set(cut) - set(stays_forgotten(cut)) if cut else set()
    versions: dict[str, _Version] = {}
    new: list[dict[str, Any]] = []
    for source_id, row in latest.items():
        stored = known.get(source_id)
        print_of_row = fingerprint(row)
        if stored is not None and stored.fingerprint == print_of_row and source_id not in needed:
            versions[source_id] = _Version(row, stored.version, is_forgotten=stored.forgotten_at is not None)
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
    refused = store_each(connection, new, lambda part: upsert(connection, raw_record, part, update=()))
    for columns, problem in refused:
        # What is left of it names the record, and no parser takes it for whole.
        row = {name: kept(columns["payload"].get(name), levels=1) for name in (key, "no", "date", "modified_date")}
        row |= {"lines": left_out("record"), "receipts": left_out("record"), "name": left_out("record")}
        log.warning(
            "Scoro's record %s of %s cannot be kept (%s)", columns["source_id"], module, fault_of(problem).error
        )
        versions[columns["source_id"]] = _Version(row, columns["version"])
        upsert(connection, raw_record, [{**columns, "payload": row}], update=())
    return versions


def _is_older(row: Row, than: object) -> bool:
    mine, other = moment(row.get("modified_date")), moment(than)
    return mine is not None and other is not None and mine < other


def _staged_documents(
    connection: Connection, company: str, flow: Flow, ids: Iterable[str]
) -> dict[str, tuple[int, bool, str | None]]:
    """Raw version, whether it is missing, and problem, by source id."""
    rows = connection.execute(
        select(document.c.source_id, document.c.raw_version, document.c.is_missing, document.c.problem).where(
            document.c.company == company, document.c.flow == flow.value, document.c.source_id == any_of(ids)
        )
    )
    return {row.source_id: (row.raw_version, row.is_missing, row.problem) for row in rows}


def _columns_of(
    key: Mapping[str, Any], module: Module, version: _Version
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the columns of a document, and those of its lines."""
    row = version.row
    own = {
        **key,
        "raw_version": version.number,
        "content_hash": "",
        "is_missing": False,
    }
    try:
        own["content_hash"] = module.content_hash(row)
        if module.parse is None:
            group = parse_receipts(row)
            return {**own, **_group_columns(group)}, [
                {**key, **_receipt_columns(place, item)} for place, item in enumerate(group.rows, start=1)
            ]
        parsed = module.parse(row)
        _refuse_what_does_not_fit(parsed)
    except DocumentProblem as problem:
        readable = {**own, **_what_can_be_read(row), "problem": problem.reason.to_json()}
        return {**readable, "number": readable["number"] or _name_of_group(key, module)}, []
    except Exception as problem:
        if not is_of_records(problem):
            raise
        return _unexpected_columns(
            {**own, "content_hash": own["content_hash"] or fingerprint(row)}, module, row, problem
        ), []
    return {**own, **_document_columns(parsed)}, [{**key, **_line_columns(line)} for line in parsed.lines]


def _unexpected_columns(own: Mapping[str, Any], module: Module, row: Row, problem: Exception) -> dict[str, Any]:
    """Return the columns of a document that the program was not written for."""
    source_id, fault = str(own["source_id"]), fault_of(problem)
    named = (
        named_payment(source_id, None)
        if module is RECEIPTS
        else phrase(module.name.removesuffix("s"), number=number_for_people(row))
    )
    why = reason("unexpected", document=named, error=fault.error, place=fault.place, system="Scoro")
    log.warning("%s", render(why))
    readable = {**own, **_what_can_be_read(row), "problem": why.to_json()}
    return {**readable, "number": readable["number"] or _name_of_group(own, module)}


def _name_of_group(key: Mapping[str, Any], module: Module) -> str:
    return f"{RECEIPT_NAME}{key['source_id']}" if module is RECEIPTS else ""


def _group_columns(group: ReceiptGroup) -> dict[str, Any]:
    return {
        **_NOTHING,
        "number": f"{RECEIPT_NAME}{group.source_id}",
        "day": group.day,
        "partner_id": group.partner_id,
        "currency": group.currency,
        "net": group.total,
        "vat": Decimal(0),
        "is_deleted": group.is_deleted,
        "modified_at": group.modified_at,
        "problem": None,
    }


def _receipt_columns(position: int, item: Receipt) -> dict[str, Any]:
    return {
        "position": position,
        "document_flow": item.flow.value if item.flow is not None else None,
        "document_id": item.document_id,
        "prepayment_id": item.prepayment_id,
        "amount": item.amount,
    }


# Columns of a document of which a record may say nothing.
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("due_day", "partner_id", "currency_rate", "discount_1", "discount_2", "discount_3", "net", "vat")),
    **dict.fromkeys(("vat_percent", "vat_code", "vat_code_id", "created_at")),
    "currency": "",
    "reference_number": "",
    "credited_ids": [],
    "is_sent": True,
}


def _document_columns(parsed: Document) -> dict[str, Any]:
    discounts = [*parsed.discounts, None, None, None]
    return {
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
        "is_sent": parsed.is_sent,
        "created_at": parsed.created_at,
        "modified_at": parsed.modified_at,
        "problem": None,
    }


# The contact of a document, the first that is named.
_PARTNERS = ("company_id", "person_id", "contact_id")


def _what_can_be_read(row: Row) -> dict[str, Any]:
    return {
        **_NOTHING,
        "number": shown_number(row),
        "day": day_of(row),
        "partner_id": next(filter(None, map(identifier, map(row.get, _PARTNERS))), None),
        "credited_ids": list(identifiers(row.get("credited_invoices"))),
        "is_deleted": truth(row.get("is_deleted")),
        "created_at": moment(row.get("created_date")),
        "modified_at": moment(row.get("modified_date")),
    }


def _refuse_what_does_not_fit(parsed: Document) -> None:
    """Numbers that no column holds: fourteen digits before the point for amounts, ten for the rate."""
    amounts = [parsed.net, parsed.vat, parsed.vat_percent, *parsed.discounts]
    for line in parsed.lines:
        amounts += [line.quantity, line.price, line.discount, line.net, line.vat_percent]
    too_large = [amount for amount in amounts if amount is not None and abs(amount) >= Decimal(10) ** 14]
    if too_large or abs(parsed.currency_rate) >= Decimal(10) ** 10:
        field = "lines" if too_large else "currency_rate"
        raise UnreadableRecord(parsed.named, field, Decimal(0), "an_amount_of_everyday_size")


def _line_columns(line: Line) -> dict[str, Any]:
    return {
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
    request: AnyRequest,
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
    for row, fault in store_each(connection, readable, lambda part: upsert(connection, table, part)):
        log.warning("Record %s of %s cannot be kept (%s)", row["source_id"], module, fault_of(fault).error)
        unreadable.append(row["source_id"])
    of_company = table.c.company == request.company.key
    # What cannot be read is treated like what was never there.
    connection.execute(delete(table).where(and_(of_company, table.c.source_id == any_of(unreadable))))
    gone = [source_id for source_id, row in rows.items() if row is None]
    connection.execute(update(table).where(and_(of_company, table.c.source_id == any_of(gone))).values(is_deleted=True))
    return len(unreadable)
