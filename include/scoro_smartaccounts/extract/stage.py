"""Rows of Scoro → raw versions and typed staging rows, a set at a time.

A record gets a new raw version only when its fingerprint differs from its newest one, and older content never
replaces newer: a row whose time of modification lies before the staged one's is left out.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.border.record_bounds import is_storable, storable_json
from scoro_smartaccounts.common.culprits import fault_of, is_of_records
from scoro_smartaccounts.common.documents import RECEIPT_NAME, named_payment
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import phrase, reason, render
from scoro_smartaccounts.common.run import ReconcileRequest, RunRequest
from scoro_smartaccounts.scoro.modules import CONTACTS, PREPAYMENTS, PRODUCTS, RECEIPTS
from scoro_smartaccounts.scoro.rows import (
    Row,
    created_at,
    credits_of,
    day_of,
    id_of,
    is_deleted,
    modified_at,
    partner_of,
    without_content,
)
from scoro_smartaccounts.scoro.values import moment
from scoro_smartaccounts.scoro.wire import (
    UnreadableRecord,
    canonical_json,
    fingerprint,
    number_for_people,
    parse_contact,
    parse_product,
    parse_receipts,
    sha256,
    shown_number,
)
from scoro_smartaccounts.staging import documents, raw_records, scoro_registers
from scoro_smartaccounts.staging.bulk import store_each
from scoro_smartaccounts.staging.documents import StagedDocument
from scoro_smartaccounts.staging.forget import settled
from scoro_smartaccounts.staging.raw_records import NewVersion
from scoro_smartaccounts.staging.scoro_registers import StagedRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Document, Flow, Line, Partner, Product, Receipt, ReceiptGroup
    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.scoro.modules import Module

    # A document, and its lines or the rows of what it pays.
    _Staged = tuple[StagedDocument, Sequence[Line | Receipt]]

log = logging.getLogger(__name__)

AnyRequest = RunRequest | ReconcileRequest


@dataclass(frozen=True, slots=True)
class _Version:
    """A row of Scoro beside the raw version that holds it. `is_forgotten`: what is personal of it, and is not to come
    back."""

    row: Row
    number: int
    is_forgotten: bool = False


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
    staged = {item.source_id: item for item in documents.read_documents(connection, company, flow, versions)}
    changed: list[_Staged] = []
    found_again: list[str] = []
    for source_id, version in versions.items():
        before = staged.get(source_id)
        if before is not None and before.raw_version == version.number and version.is_forgotten:
            # What is personal of it does not come back.
            found_again += [source_id] if before.is_missing else []
            continue
        if before is not None and (before.raw_version, before.is_missing) != (version.number, False):
            before = None
        is_current = before is not None and documents.is_current(before)
        if before is not None and is_current and before.problem is None:
            continue
        now, lines = _read(flow, source_id, module, version)
        if before is not None and before.problem is None:
            # The record is the same: what another version of the program made its hash of is no change of it.
            now = replace(now, content_hash=before.content_hash)
        if before is None or not is_current or before.problem != now.problem:
            changed.append((now, lines))

    def store(part: Sequence[_Staged]) -> None:
        documents.store_documents(connection, company, flow, part)

    documents.mark_missing(connection, company, flow, found_again, is_missing=False)
    refused = store_each(connection, changed, store)
    store([(_refused(item, module, versions, problem), ()) for (item, _), problem in refused])


def _refused(
    item: StagedDocument, module: Module, versions: Mapping[str, _Version], problem: Exception
) -> StagedDocument:
    """Return a document that PostgreSQL does not take as it is: what names it, and why."""
    own = StagedDocument(item.flow, item.source_id, item.raw_version, item.content_hash, "")
    return _unexpected(own, module, versions[item.source_id].row, problem)


@dataclass(frozen=True, slots=True)
class Register:
    """A module of Scoro whose records documents name. `key` is a record's own name for its id."""

    module: str
    key: str
    parse: Callable[[Row], Partner | Product]


CONTACT_REGISTER = Register(CONTACTS, "contact_id", parse_contact)
PRODUCT_REGISTER = Register(PRODUCTS, "product_id", parse_product)


def stage_register(
    connection: Connection, request: AnyRequest, register: Register, rows: Mapping[str, Row | None]
) -> int:
    """Stage contacts or products by id, None for those that Scoro does not know; the number that cannot be read."""
    company, module = request.company.key, register.module
    versions = _stage_raw(connection, request, module, register.key, filter(None, rows.values()))
    readable: list[StagedRecord] = []
    unreadable: list[str] = []
    for source_id, version in versions.items():
        try:
            readable.append(StagedRecord(source_id, version.number, register.parse(version.row)))
        except DocumentProblem as problem:
            log.warning("%s", problem.message)
            unreadable.append(source_id)

    def store(part: Sequence[StagedRecord]) -> None:
        scoro_registers.store_records(connection, company, module, part)

    for item, fault in store_each(connection, readable, store):
        log.warning("Record %s of %s cannot be kept (%s)", item.source_id, module, fault_of(fault).error)
        unreadable.append(item.source_id)
    scoro_registers.drop_records(connection, company, module, unreadable)
    gone = [source_id for source_id, row in rows.items() if row is None]
    scoro_registers.mark_deleted(connection, company, module, gone)
    return len(unreadable)


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
    company = request.company.key
    latest = _latest(rows, key, document_id)
    known = raw_records.newest_versions(connection, company, module, latest)
    cut = [source_id for source_id, stored in known.items() if stored.is_forgotten]
    needed = set(cut) - set(stays_forgotten(cut)) if cut else set()
    versions: dict[str, _Version] = {}
    new: list[NewVersion] = []
    for source_id, row in latest.items():
        stored = known.get(source_id)
        text = canonical_json(row)
        print_of_row = sha256(text)
        if stored is not None and stored.fingerprint == print_of_row and source_id not in needed:
            versions[source_id] = _Version(row, stored.version, stored.is_forgotten)
        elif stored is None or not _is_older(row, moment(stored.modified)):
            number = 1 if stored is None else stored.version + 1
            versions[source_id] = _Version(row, number)
            payload = text if is_storable(text) else storable_json(row)
            new.append(NewVersion(source_id, number, print_of_row, payload))

    def add(part: Sequence[NewVersion]) -> None:
        raw_records.add_versions(connection, company, module, request.run_key, part)

    for item, problem in store_each(connection, new, add):
        fault = fault_of(problem).error
        log.warning("Scoro's record %s of %s cannot be kept (%s)", item.source_id, module, fault)
        left = without_content(latest[item.source_id], key)
        versions[item.source_id] = _Version(left, item.version)
        add([replace(item, payload=canonical_json(left))])
    return versions


def _latest(rows: Iterable[Row], key: str, document_id: Callable[[str], str]) -> dict[str, Row]:
    """Return the rows by source id; of several of one record the one that was modified last."""
    latest: dict[str, Row] = {}
    for row in rows:
        record_id = id_of(row, key)
        if record_id is None:
            continue
        source_id = document_id(record_id)
        if not _is_older(row, modified_at(latest.get(source_id, {}))):
            latest[source_id] = row
    return latest


def _is_older(row: Row, than: datetime | None) -> bool:
    mine = modified_at(row)
    return mine is not None and than is not None and mine < than


def _read(flow: Flow, source_id: str, module: Module, version: _Version) -> _Staged:
    """Return a document as it is to be staged."""
    row = version.row
    own = StagedDocument(flow, source_id, version.number, content_hash="", number="")
    try:
        own = replace(own, content_hash=module.content_hash(row))
        if module.parse is None:
            group = parse_receipts(row)
            return _group(own, group), group.rows
        parsed = module.parse(row)
        _refuse_what_does_not_fit(parsed)
    except DocumentProblem as problem:
        return _what_can_be_read(own, module, row, problem.reason), ()
    except Exception as problem:
        if not is_of_records(problem):
            raise
        return _unexpected(replace(own, content_hash=own.content_hash or fingerprint(row)), module, row, problem), ()
    return _document(own, parsed), parsed.lines


def _unexpected(own: StagedDocument, module: Module, row: Row, problem: Exception) -> StagedDocument:
    """Return a document that the program was not written for."""
    fault = fault_of(problem)
    named = (
        named_payment(own.source_id, None)
        if module is RECEIPTS
        else phrase(module.name.removesuffix("s"), number=number_for_people(row))
    )
    why = reason("unexpected", document=named, error=fault.error, place=fault.place, system="Scoro")
    log.warning("%s", render(why))
    return _what_can_be_read(own, module, row, why)


def _group(own: StagedDocument, group: ReceiptGroup) -> StagedDocument:
    return replace(
        own,
        number=f"{RECEIPT_NAME}{group.source_id}",
        day=group.day,
        partner_id=group.partner_id,
        currency=group.currency,
        net=group.total,
        vat=Decimal(0),
        is_deleted=group.is_deleted,
        modified_at=group.modified_at,
    )


def _document(own: StagedDocument, parsed: Document) -> StagedDocument:
    discounts = [*parsed.discounts, None, None, None]
    return replace(
        own,
        number=parsed.number,
        day=parsed.day,
        due_day=parsed.due_day,
        partner_id=parsed.partner_id,
        currency=parsed.currency,
        currency_rate=parsed.currency_rate,
        discount_1=discounts[0],
        discount_2=discounts[1],
        discount_3=discounts[2],
        net=parsed.net,
        vat=parsed.vat,
        vat_percent=parsed.vat_percent,
        vat_code=parsed.vat_code,
        vat_code_id=parsed.vat_code_id,
        reference_number=parsed.reference_number,
        description=parsed.description,
        credited_ids=parsed.credits,
        prepayment_ids=parsed.prepayments,
        prepayment_sum=parsed.prepayment_sum,
        is_deleted=parsed.is_deleted,
        is_sent=parsed.is_sent,
        created_at=parsed.created_at,
        modified_at=parsed.modified_at,
    )


def _what_can_be_read(own: StagedDocument, module: Module, row: Row, problem: Reason) -> StagedDocument:
    name_of_group = f"{RECEIPT_NAME}{own.source_id}" if module is RECEIPTS else ""
    return replace(
        own,
        number=shown_number(row) or name_of_group,
        day=day_of(row),
        partner_id=partner_of(row),
        credited_ids=credits_of(row),
        is_deleted=is_deleted(row),
        created_at=created_at(row),
        modified_at=modified_at(row),
        problem=problem,
    )


def _refuse_what_does_not_fit(parsed: Document) -> None:
    """Numbers that no column holds: fourteen digits before the point for amounts, ten for the rate."""
    amounts = [parsed.net, parsed.vat, parsed.vat_percent, *parsed.discounts]
    for line in parsed.lines:
        amounts += [line.quantity, line.price, line.discount, line.net, line.vat_percent]
    too_large = [amount for amount in amounts if amount is not None and abs(amount) >= Decimal(10) ** 14]
    if too_large or abs(parsed.currency_rate) >= Decimal(10) ** 10:
        field = "lines" if too_large else "currency_rate"
        raise UnreadableRecord(parsed.named, field, Decimal(0), "an_amount_of_everyday_size")
