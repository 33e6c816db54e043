"""What Scoro sent, as it sent it: the versions of each record, the newest with the highest number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.staging.bulk import JsonText, any_of, upsert
from scoro_smartaccounts.staging.conditions import of_documents
from scoro_smartaccounts.staging.schema import document, raw_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.scoro.modules import Payload


@dataclass(frozen=True, slots=True)
class Stored:
    """The newest version of a record. `modified`: when it was changed last, in Scoro's words; `is_forgotten`: what is
    personal of it is not there any more."""

    version: int
    fingerprint: str
    modified: object
    is_forgotten: bool


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be kept. `payload`: the record as JSON, within the bounds of records."""

    source_id: str
    version: int
    fingerprint: str
    payload: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """That a run saw a new version of a record."""

    version: int
    first_seen_at: datetime
    fingerprint: str
    run_key: str


def newest_versions(connection: Connection, company: str, module: str, source_ids: Iterable[str]) -> dict[str, Stored]:
    """Return the newest versions of records, by source id."""
    rows = connection.execute(
        select(
            raw_record.c.source_id,
            raw_record.c.version,
            raw_record.c.fingerprint,
            raw_record.c.forgotten_at,
            raw_record.c.payload["modified_date"].astext.label("modified"),
        )
        .ext(distinct_on(raw_record.c.source_id))
        .where(*_of(company, [module], source_ids))
        .order_by(raw_record.c.source_id, raw_record.c.version.desc())
    )
    return {
        row.source_id: Stored(row.version, row.fingerprint, row.modified, row.forgotten_at is not None) for row in rows
    }


def add_versions(
    connection: Connection, company: str, module: str, run_key: str, versions: Iterable[NewVersion]
) -> None:
    """Keep versions of records; those that are there stay as they are."""
    rows = (
        {
            "company": company,
            "module": module,
            "source_id": item.source_id,
            "version": item.version,
            "fingerprint": item.fingerprint,
            "payload": JsonText(item.payload),
            "run_key": run_key,
        }
        for item in versions
    )
    upsert(connection, raw_record, rows, update=())


def payloads(
    connection: Connection, company: str, modules: Sequence[str], source_ids: Iterable[str]
) -> dict[str, list[Payload]]:
    """Return all versions of records as Scoro sent them, the oldest first, by source id."""
    rows = connection.execute(
        select(raw_record.c.source_id, cast(raw_record.c.payload, Text))
        .where(*_of(company, modules, source_ids))
        .order_by(raw_record.c.source_id, raw_record.c.version)
    )
    found: dict[str, list[Payload]] = {}
    for source_id, payload in rows:
        found.setdefault(source_id, []).append(as_sent(payload))
    return found


def snapshots(connection: Connection, company: str, modules: Sequence[str], source_id: str) -> list[Snapshot]:
    """Return when the versions of a record were seen, the first one first."""
    rows = connection.execute(
        select(raw_record.c.version, raw_record.c.first_seen_at, raw_record.c.fingerprint, raw_record.c.run_key)
        .where(*_of(company, modules, [source_id]))
        .order_by(raw_record.c.version)
    )
    return [Snapshot(*row) for row in rows]


def count_kept(
    connection: Connection, company: str, modules: Sequence[str], source_ids: Iterable[str], run_key: str
) -> tuple[int, int]:
    """Count what a run saw of these records: those that are new, and those that it saw changed."""
    version = raw_record.c.version
    new, changed = connection.execute(
        select(func.count().filter(version == 1), func.count(raw_record.c.source_id.distinct()).filter(version > 1))
        .select_from(raw_record)
        .where(*_of(company, modules, source_ids), raw_record.c.run_key == run_key)
    ).one()
    return new, changed


def fields_of_documents(
    connection: Connection, company: str, flow: Flow, module: str, field: str, source_ids: Collection[str]
) -> Sequence[Any]:
    """Return the different values, null apart, that a field of documents' records has as staging holds them."""
    value = raw_record.c.payload[field]
    return connection.scalars(
        select(value)
        .select_from(document)
        .join(raw_record, is_version_of_document(module))
        .where(
            of_documents(document, company, flow, source_ids),
            func.jsonb_typeof(value) != "null",
        )
        .distinct()
    ).all()


def is_version_of_document(*modules: str) -> ColumnElement[bool]:
    """Of a join of `document` with the records that its rows were made of."""
    return and_(
        raw_record.c.company == document.c.company,
        raw_record.c.module.in_(modules),
        raw_record.c.source_id == document.c.source_id,
        raw_record.c.version == document.c.raw_version,
    )


def as_sent(payload: str) -> Payload:
    """Return a stored payload as the client delivered it: numbers with a fraction are Decimal."""
    record: Payload = json.loads(payload, parse_float=Decimal)
    return record


def _of(company: str, modules: Sequence[str], source_ids: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        raw_record.c.company == company,
        raw_record.c.module.in_(modules),
        raw_record.c.source_id == any_of(source_ids),
    )
