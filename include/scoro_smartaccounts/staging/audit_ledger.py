"""The general ledger as the audit saw it last: what entries move, and which documents they were made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, func, select, text

from scoro_smartaccounts.staging.audit_books import WAGES, BooksList, Content
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.schema import books_entry, books_entry_row, ledger_check

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime
    from decimal import Decimal

_DOCUMENT = """
from books_entry e
join (select flow, remote_id, fingerprint, is_deleted, created_at, updated_at
      from books_document where company = :company
      union all
      select 'payments', remote_id, fingerprint, is_deleted, created_at, updated_at
      from books_payment where company = :company) d
  on d.flow = e.document_flow and d.remote_id = e.document_remote_id
where e.company = :company and e.document_flow <> ''
"""
# To the day: some services tell no time of it.
_OF_TODAY = "d.updated_at >= date_trunc('day', e.seen_at, 'Europe/Tallinn')"
_FOLLOWED = f"""
select e.entry_id, d.flow, d.remote_id, e.document_fingerprint not in ('', d.fingerprint) as is_changed,
       coalesce({_OF_TODAY}, true) as is_of_today,
       coalesce(d.updated_at > d.created_at or d.updated_at = date_trunc('day', d.updated_at, 'Europe/Tallinn'), true)
         as is_saved_again
{_DOCUMENT} and e.entry_id = any(:ids)
"""
_OUTDATED = f"""
select e.entry_id {_DOCUMENT} and not e.is_deleted and not d.is_deleted
  and (e.document_fingerprint not in ('', d.fingerprint)
       or (jsonb_typeof(e.basis) = 'object' and {_OF_TODAY})) order by e.entry_id
"""
_OLDER = f"""
select count(*) {_DOCUMENT} and e.entry_id = any(:ids) and d.updated_at < :moment
"""
_OF_NOBODY = """
select e.day from books_entry e
where e.company = :company and e.doc_type = :doc_type and e.document_flow = '' and not e.is_deleted and e.day >= :first
group by e.day
having count(*) > (
  select count(*) from books_document d
  where d.company = :company and d.flow = :flow and d.entry_day = e.day and not d.is_deleted
    and not exists (select from books_entry o where o.company = d.company and o.document_flow = d.flow
                    and o.document_remote_id = d.remote_id and not o.is_deleted))
order by e.day
"""
_WAGES = """
select distinct e.day from books_entry e
left join books_entry s on s.company = e.company and s.entry_id = 'wages ' || e.day
where e.company = :company and e.doc_type = 'PERIOD_SALARY' and e.entry_id not like 'wages %'
  and (s.entry_id is null or s.seen_at < e.seen_at)
"""
_OF_ENTRY = and_(
    books_entry.c.company == books_entry_row.c.company, books_entry.c.entry_id == books_entry_row.c.entry_id
)


def entries_of(connection: Connection, company: str, of: BooksList, ids: Iterable[str]) -> dict[str, str]:
    """Entries by the documents that they were made for."""
    rows = connection.execute(
        select(books_entry.c.document_remote_id, books_entry.c.entry_id).where(
            books_entry.c.company == company,
            books_entry.c.document_flow == of.value,
            books_entry.c.document_remote_id == any_of(ids),
            ~books_entry.c.is_deleted,
        )
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Followed:
    """The document that an entry was made for, and whether it changed since the entry was seen last. `is_of_today`: it
    was saved on the day on which the entry was seen, and may have been another one in between; `is_saved_again`: at any
    moment since it was made, as far as nothing says otherwise."""

    of: BooksList
    document_id: str
    is_changed: bool
    is_of_today: bool
    is_saved_again: bool


def followed_documents(connection: Connection, company: str, entry_ids: Iterable[str]) -> dict[str, Followed]:
    """Return the documents of entries, by the entries' ids."""
    rows = connection.execute(text(_FOLLOWED), {"company": company, "ids": list(entry_ids)})
    return {row.entry_id: Followed(BooksList(row.flow), *row[2:]) for row in rows}


def posted_contents(connection: Connection, company: str, entry_ids: Iterable[str]) -> dict[str, Content]:
    """Return what entries held when the runs that booked their documents looked at them, by id, where they did."""
    rows = connection.execute(
        select(ledger_check.c.entry_id, ledger_check.c.posted).where(
            ledger_check.c.company == company,
            ledger_check.c.entry_id == any_of(entry_ids),
            ledger_check.c.posted.is_not(None),
        )
    )
    return {row.entry_id: row.posted for row in rows}


def outdated_entries(connection: Connection, company: str) -> list[str]:
    """Return the entries whose documents changed since they were seen last. Of those that differ also where the
    document was saved as it was: that makes its entry anew, and not all services show it."""
    return list(connection.scalars(text(_OUTDATED), {"company": company}))


def days_of_unknown_documents(connection: Connection, company: str, of: BooksList, first: date) -> list[date]:
    """Return the days, from `first` on, that have more entries of invoices or bills than documents that are known."""
    doc_type = {BooksList.SALES: "CLIENT_INVOICE", BooksList.PURCHASES: "VENDOR_INVOICE"}[of]
    values = {"company": company, "flow": of.value, "doc_type": doc_type, "first": first}
    return list(connection.scalars(text(_OF_NOBODY), values))


def return_entries(connection: Connection, company: str) -> dict[str, date]:
    """Return the entries of VAT returns that are there, and their days."""
    rows = connection.execute(
        select(books_entry.c.entry_id, books_entry.c.day).where(
            books_entry.c.company == company, books_entry.c.doc_type == "VAT_RETURN", ~books_entry.c.is_deleted
        )
    )
    return {row[0]: row[1] for row in rows}


def all_made_before(connection: Connection, company: str, entry_ids: Collection[str], moment: datetime) -> bool:
    """Whether all of the entries are known, and their documents have not changed since a moment."""
    found = connection.scalar(text(_OLDER), {"company": company, "ids": list(entry_ids), "moment": moment})
    return bool(entry_ids) and found == len(entry_ids)


def wage_days(connection: Connection, company: str, entry_ids: Iterable[str]) -> set[date]:
    """Return the days of those of the entries that are of wages."""
    rows = connection.scalars(
        select(books_entry.c.day).where(
            books_entry.c.company == company,
            books_entry.c.entry_id == any_of(entry_ids),
            books_entry.c.doc_type == WAGES,
        )
    )
    return set(rows)


def outdated_wages(connection: Connection, company: str) -> set[date]:
    """Return the days of whose wages something was seen after their sums were read."""
    return set(connection.scalars(text(_WAGES), {"company": company}))


def sums_of_accounts(connection: Connection, company: str, last: date, first: date | None = None) -> dict[str, Decimal]:
    """Return debits less credits of each account over the entries known of days to `last`, from `first` on."""
    moved = func.sum(books_entry_row.c.debit - books_entry_row.c.credit)
    within = [books_entry.c.day <= last, *([] if first is None else [books_entry.c.day >= first])]
    rows = connection.execute(
        select(books_entry_row.c.account, moved)
        .join(books_entry, _OF_ENTRY)
        .where(books_entry.c.company == company, ~books_entry.c.is_deleted, *within)
        .group_by(books_entry_row.c.account)
    )
    return {row[0]: row[1] for row in rows}


def vectors(
    connection: Connection, company: str, accounts: Collection[str] = (), ids: Collection[str] = ()
) -> dict[str, dict[str, Decimal]]:
    """Return what entries move on each account, of these, or of all that touch one of these accounts."""
    wanted = (
        books_entry_row.c.entry_id == any_of(ids)
        if ids
        else books_entry_row.c.entry_id.in_(
            select(books_entry_row.c.entry_id).where(
                books_entry_row.c.company == company, books_entry_row.c.account == any_of(accounts)
            )
        )
    )
    rows = connection.execute(
        select(
            books_entry_row.c.entry_id,
            books_entry_row.c.account,
            func.sum(books_entry_row.c.debit - books_entry_row.c.credit),
        )
        .join(books_entry, _OF_ENTRY)
        .where(books_entry.c.company == company, ~books_entry.c.is_deleted, wanted)
        .group_by(books_entry_row.c.entry_id, books_entry_row.c.account)
    )
    found: dict[str, dict[str, Decimal]] = {}
    for entry_id, account, moved in rows:
        if moved:
            found.setdefault(entry_id, {})[account] = moved
    return found
