"""What imported documents use in SmartAccounts: clients, vendors, articles and VAT codes, and what is held for right of
each. The keeper of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, text

from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.schema import used_record

if TYPE_CHECKING:
    from datetime import datetime

Basis = Mapping[str, Any]


class Used(StrEnum):
    """What documents use."""

    CLIENT = "client"
    VENDOR = "vendor"
    ARTICLE = "article"
    VAT_CODE = "vat_code"


# Of what: which, and by its id or code.
Key = tuple[Used, str]

_IN_USE = """
with imported as (
  select d.flow, d.remote_id, d.partner_remote_id from books_document d
  where d.company = :company and not d.is_deleted and exists (
    select from link l where l.company = d.company and l.remote_id = d.remote_id and l.undone_at is null
      and l.kind = case d.flow when 'sales_invoices' then 'sales_invoice' else 'purchase_invoice' end))
select case flow when 'sales_invoices' then 'client' else 'vendor' end as kind, partner_remote_id as id, count(*)
from imported group by 1, 2
union all
select used.kind, used.id, count(distinct (l.flow, l.remote_id))
from books_document_line l join imported using (flow, remote_id),
  lateral (values ('article', l.article_code), ('vat_code', l.vat_code)) used(kind, id)
where l.company = :company group by 1, 2
"""


def records_in_use(connection: Connection, company: str) -> dict[Key, int]:
    """Return what imported documents use that are in the books, as far as the audit knows them, each with their
    number."""
    rows = connection.execute(text(_IN_USE), {"company": company})
    return {(Used(row[0]), row[1]): row[2] for row in rows if row[1]}


def held_for_right(connection: Connection, company: str) -> dict[Key, Basis]:
    """Return what is held for right of what was seen to be used; nothing of what is accepted to be gone."""
    columns = (used_record.c.kind, used_record.c.record_id, used_record.c.basis)
    rows = connection.execute(select(*columns).where(used_record.c.company == company))
    return {(Used(row[0]), row[1]): row[2] for row in rows}


def hold_used(connection: Connection, company: str, bases: Mapping[Key, Basis], at: datetime) -> None:
    """Hold this for right from now on."""
    rows = (
        {"company": company, "kind": kind.value, "record_id": record_id, "basis": dict(basis), "held_since": at}
        for (kind, record_id), basis in bases.items()
    )
    upsert(connection, used_record, rows)


def drop_used(connection: Connection, company: str, keys: Iterable[Key]) -> None:
    """Forget what is used no more."""
    by_kind: dict[Used, list[str]] = {}
    for kind, record_id in keys:
        by_kind.setdefault(kind, []).append(record_id)
    for kind, ids in by_kind.items():
        is_of = (used_record.c.company == company, used_record.c.kind == kind.value)
        connection.execute(delete(used_record).where(*is_of, used_record.c.record_id == any_of(ids)))
