"""All that both sides hold since the first import day, read row by row for control totals. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, text

from scoro_smartaccounts.common.codes import registry_code
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.scoro.modules import module_of, modules_of
from scoro_smartaccounts.staging.facts import (
    BooksChange,
    BooksFacts,
    BooksLine,
    Contacts,
    EntryFacts,
    EntryRow,
    Facts,
    PaymentFacts,
    ReceiptFacts,
    SourceFacts,
    SourceLine,
)
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.raw_records import as_sent

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Document

FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


def read_facts(connection: Connection, company: str, first: date, *, expenses: bool = True) -> Facts:
    """Return what both sides hold. `first`: the first import day; `expenses`: whether Scoro's expenses are taken."""
    values = {"company": company, "first": first}
    return Facts(
        sources=[*_sources(connection, values), *_listed(connection, values, expenses=expenses)],
        lines=_lines(connection, values),
        books=_books(connection, values),
        entries=_entries(connection, values),
        receipts=_receipts(connection, values),
        payments=_payments(connection, values),
        contacts=_contacts(connection, values),
        first_day=first,
    )


# Which fate a document has, the first that holds. A document without one is told by its name. What cannot be read waits
# for a person, whether or not a case of it is open.
_FATES = """
case when l.remote_id is not null and l.undone_at is null then 'booked'
     when d.is_deleted or d.is_missing then 'gone'
     when i.id is not null then 'in_doubt'
     when q.state = 'dismissed' then 'dismissed'
     when q.id is not null then 'quarantine'
     when a.state = 'declined' then 'declined'
     when w.source_id is not null or a.state in ('planned', 'asked', 'approved') then 'waiting'
     when {day} < :first then 'before_first_import'
     when d.problem is not null then 'quarantine'
     when c.day is null then 'day_not_imported'
     else 'unaccounted' end
"""
_STANDING = """
left join intent i on i.company = d.company and i.kind = k.kind and i.source_id = d.source_id and i.state = 'open'
left join quarantine q on q.company = d.company and q.flow = d.flow and q.source_id = d.source_id
  and q.state <> 'resolved'
left join approval a on a.company = d.company and a.flow = d.flow and a.source_id = d.source_id
left join waiting w on w.company = d.company and w.flow = d.flow and w.source_id = d.source_id
left join coverage c on c.company = d.company and c.flow = d.flow and c.day = {day}
"""
_MODULES = ", ".join(
    f"('{module.name}', '{flow.value}', '{module.prefix}')" for flow in FLOWS for module in modules_of(flow)
)
# A record that cannot be read has what Scoro's list shows of it; one without a day stands where it was made.
_DAY = """coalesce(d.day, s.day, (coalesce(d.created_at, d.modified_at, s.modified_at, d.staged_at)
    at time zone 'Europe/Tallinn')::date)"""
_SOURCES = f"""
select d.flow, d.source_id, d.number, {_DAY} as day, coalesce(nullif(d.currency, ''), s.currency, '') as currency,
  coalesce(d.currency_rate, s.currency_rate) as currency_rate, coalesce(d.partner_id, '') as partner_id,
  d.credited_ids <> '[]'::jsonb as is_credit, d.credited_ids, coalesce(d.net, s.net, 0) as net,
  coalesce(d.vat, s.vat, 0) as vat, coalesce(d.net, s.net) is null or coalesce(d.vat, s.vat) is null as is_unknown,
  d.prepayment_sum,
  d.is_deleted or d.is_missing or coalesce(s.is_deleted, false) as is_gone, {_FATES.format(day=_DAY)} as fate,
  coalesce(q.reason, w.reason, d.problem) as reason,
  (coalesce(q.closed_at, a.decided_at) at time zone 'Europe/Tallinn')::date as decided_on,
  l.remote_id, l.gone_at is not null as is_gone_there, l.linked_at,
  l.content_hash not in ('', d.content_hash) or exists (
    select from drift x where x.company = d.company and x.system = 'scoro' and x.flow = d.flow
      and x.source_id = d.source_id and x.state in ('confirmed', 'told', 'accepted')) as is_changed,
  case when p.content_hash = l.content_hash then p.predicted end as predicted,
  case when p.content_hash = l.content_hash then p.payload end as body,
  coalesce(s.modified_at > d.modified_at, false) as is_listed_newer,
  case when not s.is_deleted and s.modified_at >= d.modified_at then s.net end as listed_net,
  case when not s.is_deleted and s.modified_at >= d.modified_at then s.vat end as listed_vat
from document d
join (values {", ".join(f"('{flow.value}', '{KIND_OF[flow].value}')" for flow in FLOWS)}) k(flow, kind)
  on k.flow = d.flow
left join link l on l.company = d.company and l.kind = k.kind and l.source_id = d.source_id
left join plan p on p.company = d.company and p.flow = d.flow and p.source_id = d.source_id
left join (source_listing s join (values {_MODULES}) m(module, flow, prefix) on m.module = s.module)
  on s.company = d.company and m.flow = d.flow and m.prefix || s.source_id = d.source_id
{_STANDING.format(day=_DAY)}
where d.company = :company
order by d.flow, {_DAY}, d.source_id
"""  # noqa: S608
_LISTED = f"""
select m.flow, m.prefix || s.source_id as source_id, s.module, s.number,
  coalesce(s.day, (coalesce(s.modified_at, s.seen_at) at time zone 'Europe/Tallinn')::date) as day, s.currency,
  s.currency_rate, s.partner_id, s.credited_ids <> '[]'::jsonb as is_credit, s.credited_ids,
  coalesce(s.net, 0) as net, coalesce(s.vat, 0) as vat, s.net is null or s.vat is null as is_unknown,
  case when s.day is null then 'without_day' when s.day < :first then 'before_first_import'
    else 'day_not_imported' end as fate
from source_listing s
join (values {_MODULES}) m(module, flow, prefix) on m.module = s.module
where s.company = :company and not s.is_deleted
  and not exists (select from document d where d.company = s.company and d.flow = m.flow
                  and d.source_id = m.prefix || s.source_id)
order by m.flow, day, s.source_id
"""  # noqa: S608
_LINES = """
select l.flow, l.source_id, l.position, l.net, coalesce(l.vat_percent, d.vat_percent) as vat_percent,
  coalesce(l.vat_code, d.vat_code) as vat_code
from document_line l join document d using (company, flow, source_id)
where l.company = :company and not l.is_heading order by l.flow, l.source_id, l.position
"""
_BOOKS = """
select b.*, coalesce((select jsonb_agg(x.after order by x.id) from drift x
  where x.company = b.company and x.system = 'books' and x.flow = b.flow and x.remote_id = b.remote_id
    and x.state in ('confirmed', 'told', 'accepted')), '[]'::jsonb) as told
from books_document b where b.company = :company order by b.flow, b.entry_day, b.remote_id
"""
# What was open again and again is one difference: when it moved last counts.
_CHANGES = """
select flow, remote_id, before, first_seen,
  greatest(first_seen, confirmed_at, case when state = 'mended' then closed_at end) as last_seen
from drift where company = :company and system = 'books' and state <> 'suspected' and remote_id <> ''
  and kind not in ('books_deleted', 'books_replaced') order by id
"""
_BOOKS_LINES = """
select flow, remote_id, article_code, vat_code, net, vat, account, quantity from books_document_line
where company = :company order by flow, remote_id, position
"""
_ENTRIES = """
select e.*, x.kinds from books_entry e
left join lateral (select array_agg(x.kind) as kinds from drift x
  where x.company = e.company and x.flow = 'entries' and x.remote_id = e.entry_id
    and x.state in ('confirmed', 'told', 'accepted')) x on true
where e.company = :company and not e.is_deleted order by e.day, e.entry_id
"""
_ENTRY_ROWS = """
select entry_id, account, debit - credit as euros, debit_original - credit_original as original
from books_entry_row where company = :company order by entry_id, position
"""
_RECEIPTS = f"""
select p.source_id, d.day, p.document_flow, p.document_id, p.amount, {_FATES.format(day="d.day")} as fate,
  coalesce(q.reason, w.reason) as reason,
  array(select distinct x.remote_id from link x where x.company = d.company and x.kind = 'payment'
        and x.source_id = d.source_id) as payments
from payment_row p
join document d on d.company = p.company and d.flow = p.flow and d.source_id = p.source_id
cross join (values ('payment')) k(kind)
left join link l on l.company = d.company and l.kind = 'payment' and l.source_id = d.source_id and l.source_part = 0
{_STANDING.format(day="d.day")}
where p.company = :company and p.flow = 'payments' and p.document_id is not null
  and not (d.is_deleted or d.is_missing)
order by p.source_id, p.position
"""  # noqa: S608
_PAYMENTS = """
select b.*, array(select distinct x.source_id from link x where x.company = b.company and x.kind = 'payment'
  and x.remote_id = b.remote_id) as groups,
  exists (select from drift x where x.company = b.company and x.system = 'books' and x.flow = 'payments'
    and x.remote_id = b.remote_id and x.state in ('confirmed', 'told', 'accepted')) as is_told
from books_payment b where b.company = :company and not b.is_deleted order by b.day, b.remote_id
"""
_PAYMENT_ROWS = """
select remote_id, document_remote_id, sum(amount) as amount from books_payment_row
where company = :company and type in ('CLIENT_INVOICE', 'VENDOR_INVOICE') group by 1, 2
"""
_CONTACTS = """
select l.kind, l.remote_id, array_agg(l.source_id order by l.source_id) as contacts,
  bool_and(coalesce(c.is_person, false)) as are_persons, array_agg(coalesce(c.registry_code, '')) as codes
from link l left join contact c on c.company = l.company and c.source_id = l.source_id
where l.company = :company and l.kind in ('client', 'vendor') group by 1, 2
"""
_AS_SENT = f"""
select d.flow, d.source_id, r.payload::text as payload
from document d
join raw_record r on r.company = d.company and r.source_id = d.source_id and r.version = d.raw_version
  and r.module in (select m.module from (values {_MODULES}) m(module, flow, prefix)
                   where m.flow = d.flow and (m.prefix = '' or d.source_id like m.prefix || '%'))
where d.company = :company and d.problem is null
"""  # noqa: S608

_Values = Mapping[str, object]


def _sources(connection: Connection, values: _Values) -> list[SourceFacts]:
    return [
        SourceFacts(
            **_same(row, "source_id number day currency partner_id is_credit net vat is_unknown fate"),
            **_same(row, "is_gone is_changed"),
            flow=Flow(row.flow),
            rate=row.currency_rate,
            remote_id=row.remote_id or "",
            is_gone_there=bool(row.is_gone_there),
            reason=None if row.reason is None else Reason.from_json(row.reason),
            decided_on=row.decided_on,
            linked_at=row.linked_at,
            predicted=row.predicted,
            body=row.body or "",
            credits=row.credited_ids,
            prepayment_sum=row.prepayment_sum,
            listed_net=row.listed_net,
            listed_vat=row.listed_vat,
            is_listed_newer=row.is_listed_newer,
        )
        for row in connection.execute(text(_SOURCES), values)
    ]


def _listed(connection: Connection, values: _Values, *, expenses: bool) -> list[SourceFacts]:
    wanted = {module.name for flow in FLOWS for module in modules_of(flow, expenses=expenses)}
    return [
        SourceFacts(
            **_same(row, "source_id number day currency partner_id is_credit net vat is_unknown fate"),
            flow=Flow(row.flow),
            rate=row.currency_rate,
            credits=row.credited_ids,
            is_staged=False,
        )
        for row in connection.execute(text(_LISTED), values)
        if row.module in wanted
    ]


def _lines(connection: Connection, values: _Values) -> dict[tuple[Flow, str], list[SourceLine]]:
    found: dict[tuple[Flow, str], list[SourceLine]] = defaultdict(list)
    flows = {flow.value for flow in FLOWS}
    for row in connection.execute(text(_LINES), values):
        if row.flow in flows:
            line = SourceLine(row.net, row.vat_percent, row.vat_code, row.position)
            found[Flow(row.flow), row.source_id].append(line)
    return found


def _books(connection: Connection, values: _Values) -> list[BooksFacts]:
    lines: dict[tuple[str, str], list[BooksLine]] = defaultdict(list)
    for row in connection.execute(text(_BOOKS_LINES), values):
        lines[row.flow, row.remote_id].append(BooksLine(**_same(row, "article_code vat_code net vat account quantity")))
    changes: dict[tuple[str, str], list[BooksChange]] = defaultdict(list)
    for row in connection.execute(text(_CHANGES), values):
        changes[row.flow, row.remote_id].append(BooksChange(row.before, row.first_seen, row.last_seen))
    return [
        BooksFacts(
            **_same(row, "remote_id number day entry_day is_credit currency net vat rounding total outstanding"),
            **_same(row, "content is_deleted declared_at seen_at created_at"),
            flow=Flow(row.flow),
            partner_id=row.partner_remote_id,
            rate=row.currency_rate,
            debt_account=row.account_unpaid,
            lines=lines.get((row.flow, row.remote_id), ()),
            told={name: value for each in row.told for name, value in each.items()},
            changes=changes.get((row.flow, row.remote_id), ()),
        )
        for row in connection.execute(text(_BOOKS), values)
    ]


def _entries(connection: Connection, values: _Values) -> list[EntryFacts]:
    rows: dict[str, list[EntryRow]] = defaultdict(list)
    for row in connection.execute(text(_ENTRY_ROWS), values):
        rows[row.entry_id].append(EntryRow(row.account, row.euros, row.original))
    return [
        EntryFacts(
            **_same(row, "entry_id doc_type day number currency amount content"),
            flow=row.document_flow,
            remote_id=row.document_remote_id,
            rows=rows.get(row.entry_id, ()),
            is_told="entry_edited" in (row.kinds or ()),
            is_stock="entry_stock" in (row.kinds or ()),
        )
        for row in connection.execute(text(_ENTRIES), values)
    ]


def _receipts(connection: Connection, values: _Values) -> list[ReceiptFacts]:
    return [
        ReceiptFacts(
            group_id=row.source_id,
            day=row.day,
            flow=Flow(row.document_flow),
            document_id=row.document_id,
            amount=row.amount,
            payments=row.payments,
            fate="booked" if row.payments else row.fate,
            reason=None if row.reason is None else Reason.from_json(row.reason),
        )
        for row in connection.execute(text(_RECEIPTS), values)
    ]


def _payments(connection: Connection, values: _Values) -> list[PaymentFacts]:
    rows: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in connection.execute(text(_PAYMENT_ROWS), values):
        rows[row.remote_id][row.document_remote_id] = row.amount
    return [
        PaymentFacts(
            **_same(row, "remote_id number day currency amount prepayment content groups is_told"),
            rows=rows.get(row.remote_id, {}),
        )
        for row in connection.execute(text(_PAYMENTS), values)
    ]


def _contacts(connection: Connection, values: _Values) -> dict[tuple[str, str], Contacts]:
    return {
        (row.kind, row.remote_id): Contacts(row.contacts, row.are_persons and not any(map(registry_code, row.codes)))
        for row in connection.execute(text(_CONTACTS), values)
    }


def _same(row: Row[Any], names: str) -> dict[str, Any]:
    return {name: row._mapping[name] for name in names.split()}


def documents_as_sent(connection: Connection, company: str) -> dict[tuple[Flow, str], Document]:
    """Return Scoro's documents read anew from what it sent; those that cannot be read are left out."""
    found = {}
    for row in connection.execute(text(_AS_SENT), {"company": company}):
        flow = Flow(row.flow)
        parse = module_of(flow, row.source_id).parse
        if parse is not None:
            with suppress(DocumentProblem):
                found[flow, row.source_id] = parse(as_sent(row.payload))
    return found
