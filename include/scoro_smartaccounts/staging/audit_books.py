"""What SmartAccounts holds since the first import day, as the audit saw it last: documents with their lines, payments,
and the general ledger. The keeper of the `books_…` tables.

Records of all four lists are alike for who stores them: typed columns, the `content` that is compared, and rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, select, text, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.links import KIND_OF, link_view
from scoro_smartaccounts.staging.schema import (
    books_document,
    books_document_line,
    books_entry,
    books_entry_row,
    books_payment,
    books_payment_row,
)

if TYPE_CHECKING:
    from datetime import date, datetime

Content = Mapping[str, Any]


class BooksList(StrEnum):
    """A list of SmartAccounts that the audit keeps. The first three have the names of their flows."""

    SALES = Flow.SALES_INVOICES.value
    PURCHASES = Flow.PURCHASE_INVOICES.value
    PAYMENTS = Flow.PAYMENTS.value
    ENTRIES = "entries"


DOCUMENT_LISTS = (BooksList.SALES, BooksList.PURCHASES)


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a list to store. `columns`: those of its table by name, without company, key, content and what the
    keeper writes; `rows`: those of the table of rows, in their order, without company, key and position."""

    list: BooksList
    id: str
    columns: Mapping[str, Any]
    content: Content
    rows: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a record. `basis`: what is held for right where that is something else than it shows."""

    id: str
    day: date
    content: Content
    basis: Content | None
    is_deleted: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class _Tables:
    main: Table
    rows: Table

    @property
    def key(self) -> str:
        return "entry_id" if self.main is books_entry else "remote_id"


_TABLES: Mapping[BooksList, _Tables] = {
    BooksList.SALES: _Tables(books_document, books_document_line),
    BooksList.PURCHASES: _Tables(books_document, books_document_line),
    BooksList.PAYMENTS: _Tables(books_payment, books_payment_row),
    BooksList.ENTRIES: _Tables(books_entry, books_entry_row),
}


def fingerprint_of(content: Content) -> str:
    """Return what two records of equal content share. Names that begin with an underscore are no content."""
    compared = {name: value for name, value in content.items() if not name.startswith("_")}
    return hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()[:32]


# Writing


def store_records(connection: Connection, company: str, of: BooksList, records: Iterable[Record], at: datetime) -> None:
    """Put records in the place of what was known of them; what is held for right stays."""
    found = {record.id: record for record in records}
    tables = _TABLES[of]
    keys = _keys(company, of)
    declared = _declared(connection, company, of, found) if of in DOCUMENT_LISTS else {}
    upsert(
        connection,
        tables.main,
        (
            {
                **keys,
                tables.key: record.id,
                **record.columns,
                **declared.get(record.id, {}),
                "content": dict(record.content),
                "fingerprint": fingerprint_of(record.content),
                "is_deleted": False,
                "seen_at": at,
            }
            for record in found.values()
        ),
    )
    rows = tables.rows
    connection.execute(delete(rows).where(*_is_of(rows, company, of), rows.c[tables.key] == any_of(found)))
    upsert(
        connection,
        rows,
        (
            {**keys, tables.key: record.id, "position": position, **row}
            for record in found.values()
            for position, row in enumerate(record.rows, start=1)
        ),
    )


# What of a document a VAT return and its annex take.
_DECLARED = ("number", "partner", "entry_day", "currency", "rate", "total", "net", "vat", "vat_codes")


def _declared(
    connection: Connection, company: str, of: BooksList, found: Mapping[str, Record]
) -> dict[str, dict[str, datetime | None]]:
    """Return when what a return takes of documents changed last. Of one that is seen first, when it was made: whether
    it was changed or paid since then, nothing tells."""
    rows = connection.execute(
        select(books_document.c.remote_id, books_document.c.content, books_document.c.declared_at).where(
            *_is_of(books_document, company, of), books_document.c.remote_id == any_of(found)
        )
    )
    known = {row.remote_id: row for row in rows}
    moments = {}
    for record in found.values():
        made, changed = record.columns.get("created_at"), record.columns.get("updated_at")
        before = known.get(record.id)
        if before is None:
            moment = made or changed
        elif all(before.content.get(name) == record.content.get(name) for name in _DECLARED):
            moment = before.declared_at
        else:
            moment = changed or before.declared_at
        moments[record.id] = {"declared_at": moment}
    return moments


def note_deleted(connection: Connection, company: str, of: BooksList, ids: Iterable[str], at: datetime) -> None:
    """Note that records are gone there."""
    main, key = _TABLES[of].main, _TABLES[of].key
    connection.execute(
        update(main).where(*_is_of(main, company, of), main.c[key] == any_of(ids)).values(is_deleted=True, seen_at=at)
    )


def hold_for_right(connection: Connection, company: str, of: BooksList, bases: Mapping[str, Content | None]) -> None:
    """Keep what is right of records, by id; None: what they show."""
    main, key = _TABLES[of].main, _TABLES[of].key
    for record_id, basis in bases.items():
        connection.execute(
            update(main)
            .where(*_is_of(main, company, of), main.c[key] == record_id)
            .values(basis=None if basis is None else dict(basis))
        )


def link_entries(connection: Connection, company: str) -> int:
    """Find the documents of entries that have none yet; how many were found.

    What the run that booked a document saw to be its entry is that, whatever was done to either since then. Of others
    no source tells how an entry names its document. Of the ways that are likely the one counts that finds most: the
    entry has the document's id, or on its entry day the document's number in the books, or that on its paper. What is
    left is linked where an entry and a document of a day are the only ones of their amount.
    """
    found = connection.execute(text(_LINKED_BY_RUN), {"company": company}).rowcount
    counted = {way: connection.scalar(text(_COUNTED.format(on=on)), {"company": company}) or 0 for way, on in _WAYS}
    best = max(counted, key=lambda way: counted[way])
    for way, on in _WAYS:
        if way == best and counted[way]:
            found += connection.execute(text(_LINKED.format(on=on)), {"company": company}).rowcount
    found += connection.execute(text(_LINKED_BY_AMOUNT), {"company": company}).rowcount
    if found:
        # They were found as the document is now.
        connection.execute(text(_NOTED.format(which="e.document_fingerprint = ''")), {"company": company})
    return found


def note_followed(connection: Connection, company: str, entry_ids: Iterable[str]) -> None:
    """Note that entries were seen beside their documents as these are now."""
    connection.execute(
        text(_NOTED.format(which="e.entry_id = any(:ids)")), {"company": company, "ids": list(entry_ids)}
    )


# Reading


def known_records(connection: Connection, company: str, of: BooksList, ids: Iterable[str]) -> dict[str, Known]:
    """Return what is known of records."""
    main, key = _TABLES[of].main, _TABLES[of].key
    return _known(connection, main, key, *_is_of(main, company, of), main.c[key] == any_of(ids))


def records_between(
    connection: Connection, company: str, of: BooksList, first: date, last: date | None
) -> dict[str, Known]:
    """Return the records of these days that are there, as far as is known."""
    main, key = _TABLES[of].main, _TABLES[of].key
    within = [main.c.day >= first, *([] if last is None else [main.c.day <= last])]
    return _known(connection, main, key, *_is_shown(main, company, of), *within)


def records_of_days(connection: Connection, company: str, of: BooksList, first: date) -> list[tuple[date, int]]:
    """Return days from `first` on that have records, in order, with their number."""
    main = _TABLES[of].main
    rows = connection.execute(
        select(main.c.day, func.count())
        .where(*_is_shown(main, company, of), main.c.day >= first)
        .group_by(main.c.day)
        .order_by(main.c.day)
    )
    return [(row[0], row[1]) for row in rows]


def count_records(connection: Connection, company: str, of: BooksList) -> int:
    """Return how many records of a list are there."""
    main = _TABLES[of].main
    return int(connection.scalar(select(func.count()).where(*_is_shown(main, company, of))) or 0)


def documents_with_articles(
    connection: Connection, company: str, codes: Iterable[str], since: date
) -> dict[str, set[tuple[Flow, str]]]:
    """Return, by article, the documents that are there, have it, and are entered on a day or later."""
    line = books_document_line
    rows = connection.execute(
        select(line.c.article_code, line.c.flow, line.c.remote_id)
        .join(
            books_document,
            and_(
                books_document.c.company == line.c.company,
                books_document.c.flow == line.c.flow,
                books_document.c.remote_id == line.c.remote_id,
            ),
        )
        .where(
            line.c.company == company,
            line.c.article_code == any_of(codes),
            books_document.c.entry_day >= since,
            ~books_document.c.is_deleted,
        )
    )
    found: dict[str, set[tuple[Flow, str]]] = {}
    for row in rows:
        found.setdefault(row.article_code, set()).add((Flow(row.flow), row.remote_id))
    return found


def newest_changed(
    connection: Connection, company: str, of: BooksList, most: int, made: Collection[str] | None = None
) -> list[tuple[str, datetime]]:
    """Return the records that changed last, as far as SmartAccounts told when: the newest first. Of entries those of
    `made`, or all, whose documents were never changed since these were made: entries were made with them."""
    if of is BooksList.ENTRIES:
        ids = None if made is None else list(made)
        found = connection.execute(text(_NEWEST_ENTRIES), {"company": company, "most": most, "ids": ids})
        return [(row[0], row[1]) for row in found]
    main, key = _TABLES[of].main, _TABLES[of].key
    rows = connection.execute(
        select(main.c[key], main.c.updated_at)
        .where(*_is_shown(main, company, of), main.c.updated_at.is_not(None))
        .order_by(main.c.updated_at.desc(), main.c[key])
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


def count_changed(connection: Connection, company: str, of: BooksList, since: datetime) -> int:
    """Return how many records are known to have changed since a moment; of entries nothing tells."""
    if of is BooksList.ENTRIES:
        return 0
    main = _TABLES[of].main
    wanted = (*_is_shown(main, company, of), main.c.updated_at >= since)
    return int(connection.scalar(select(func.count()).where(*wanted)) or 0)


def linked_unseen(connection: Connection, company: str, of: BooksList, most: int) -> list[str]:
    """Return records that stand for something of Scoro and were never seen here."""
    main, link = _TABLES[of].main, link_view()
    seen = exists().where(*_is_of(main, company, of), main.c.remote_id == link.remote_id)
    rows = connection.scalars(
        select(link.remote_id)
        .where(
            link.company == company,
            link.kind == KIND_OF[Flow(of.value)].value,
            link.undone_at.is_(None),
            ~seen,
        )
        .distinct()
        .order_by(link.remote_id)
        .limit(most)
    )
    return list(rows)


def equal_unlinked(connection: Connection, company: str, of: BooksList, content: Content) -> str | None:
    """Return a document that stands for nothing of Scoro and has this number, partner, day, currency and total."""
    link = link_view()
    is_linked = exists().where(
        link.company == company,
        link.kind == KIND_OF[Flow(of.value)].value,
        link.remote_id == books_document.c.remote_id,
    )
    fields = ("number", "partner", "day", "currency", "total")
    rows = connection.scalars(
        select(books_document.c.remote_id)
        .where(
            *_is_shown(books_document, company, of),
            *(books_document.c.content[name].astext == content.get(name) for name in fields),
            ~is_linked,
        )
        .limit(1)
    )
    return next(iter(rows), None)


WAGES = "PERIOD_SALARY"

_DOCUMENTS = """
(select company, flow, remote_id, accounting_number as number, number as paper, entry_day as day,
        case flow when 'sales_invoices' then 'CLIENT_INVOICE' else 'VENDOR_INVOICE' end as doc_type, is_deleted,
        case when currency = 'EUR' then abs(total) end as amount
   from books_document where company = :company
 union all
 select company, 'payments', remote_id, number, '', day, account_type || '_PAYMENT', is_deleted,
        case when currency = 'EUR' then abs(amount) end
   from books_payment where company = :company)
"""
_UNLINKED = f"""
books_entry e join {_DOCUMENTS} d on d.doc_type = e.doc_type
where e.company = :company and e.document_flow = '' and not e.is_deleted
  and not exists (select from books_entry o where o.company = :company and o.document_flow = d.flow
                  and o.document_remote_id = d.remote_id and not o.is_deleted)
"""
_WAYS = (
    ("id", "e.entry_id = d.remote_id"),
    ("number", "e.number <> '' and e.number = d.number and e.day = d.day"),
    ("document", "e.document <> '' and e.document = d.paper and e.day = d.day"),
)
_LINKED_BY_RUN = f"""
update books_entry t set document_flow = f.flow, document_remote_id = f.remote_id
from (select e.entry_id, d.flow, d.remote_id
      from books_entry e
      join ledger_check c on c.company = e.company and c.entry_id = e.entry_id and c.is_named
      join {_DOCUMENTS} d on d.remote_id = c.remote_id and rtrim(d.flow, 's') = c.kind
      where e.company = :company and e.document_flow = '' and not e.is_deleted
        and not exists (select from books_entry o where o.company = :company and o.document_flow = d.flow
                        and o.document_remote_id = d.remote_id and not o.is_deleted)) f
where t.company = :company and t.entry_id = f.entry_id
"""  # noqa: S608
_COUNTED = f"select count(distinct e.entry_id) from {_UNLINKED} and {{on}}"  # noqa: S608
_LINKED = f"""
update books_entry t set document_flow = f.flow, document_remote_id = f.remote_id
from (select e.entry_id, min(d.flow) as flow, min(d.remote_id) as remote_id from {_UNLINKED} and {{on}}
      group by e.entry_id having count(*) = 1) f
where t.company = :company and t.entry_id = f.entry_id
"""  # noqa: S608
_LINKED_BY_AMOUNT = f"""
update books_entry t set document_flow = f.flow, document_remote_id = f.remote_id
from (select min(e.entry_id) as entry_id, d.flow, min(d.remote_id) as remote_id
      from {_UNLINKED} and e.day = d.day and e.amount = d.amount and not d.is_deleted
      group by d.flow, d.doc_type, d.day, d.amount having count(*) = 1) f
where t.company = :company and t.entry_id = f.entry_id
"""  # noqa: S608
_NOTED = """
update books_entry e set document_fingerprint = d.fingerprint
from (select company, flow, remote_id, fingerprint from books_document where company = :company
      union all
      select company, 'payments', remote_id, fingerprint from books_payment where company = :company) d
where e.company = :company and {which} and d.flow = e.document_flow
  and d.remote_id = e.document_remote_id
"""
_NEWEST_ENTRIES = """
select e.entry_id, d.updated_at
from books_entry e
join (select flow, remote_id, updated_at, created_at from books_document where company = :company
      union all
      select 'payments', remote_id, updated_at, created_at from books_payment where company = :company) d
  on d.flow = e.document_flow and d.remote_id = e.document_remote_id
where e.company = :company and not e.is_deleted and d.created_at = d.updated_at
  and (cast(:ids as text[]) is null or e.entry_id = any(:ids))
order by d.updated_at desc, e.entry_id limit :most
"""


def _keys(company: str, of: BooksList) -> dict[str, str]:
    return {"company": company, **({"flow": of.value} if of in DOCUMENT_LISTS else {})}


def _is_of(table: Table, company: str, of: BooksList) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in _keys(company, of).items()]


def _is_shown(table: Table, company: str, of: BooksList) -> list[ColumnElement[bool]]:
    """Be a record that lists show: the sums of wages of a day stand under names of ours."""
    own = [table.c.entry_id.not_like("wages %")] if of is BooksList.ENTRIES else []
    return [*_is_of(table, company, of), ~table.c.is_deleted, *own]


def _known(connection: Connection, main: Table, key: str, *conditions: ColumnElement[bool]) -> dict[str, Known]:
    columns = (main.c[key], main.c.day, main.c.content, main.c.basis, main.c.is_deleted, main.c.seen_at)
    rows = connection.execute(select(*columns).where(*conditions))
    return {row[0]: Known(*row) for row in rows}
