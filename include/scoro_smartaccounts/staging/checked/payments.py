"""The batch of a run of payments, in the tables of `batch`: one row a payment, one row a row of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, bindparam, text
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY

from scoro_smartaccounts.scoro.modules import EXPENSES
from scoro_smartaccounts.smartaccounts.words import CLIENT_INVOICE, PREPAYMENT, VENDOR_INVOICE
from scoro_smartaccounts.staging.cases import is_dismissed_sql
from scoro_smartaccounts.staging.links import (
    BOOKED_DOCUMENTS_SQL,
    Kind,
    is_linked_sql,
    is_remote_linked_sql,
    kind_sql,
)
from scoro_smartaccounts.staging.runs import UNFINISHED_SQL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.common.run import RunRequest

# Receipt groups that are booked are not judged; those booked in part are, for the planner goes on with them. Nor are
# those judged (`is_judged`) that pay nothing but what is never imported: the planner leaves them out, nobody has to
# mend them. What counts as never here counts so there (`_never`).
_RECEIPT_BATCH = f"""
create temporary table checked_batch as
select d.*, r.reason, d.problem is not null
  or not exists (
    select from payment_row p where p.company = d.company and p.flow = d.flow and p.source_id = d.source_id
  )
  or exists (
    select from payment_row p
    where p.company = d.company and p.flow = d.flow and p.source_id = d.source_id
      and (
        p.document_id is null
        or exists (
          select from {BOOKED_DOCUMENTS_SQL} k
          where k.company = p.company and k.source_id = p.document_id and k.kind = {kind_sql("p.document_flow")}
        )
        or exists (
          select from document o
          where o.company = p.company and o.flow = p.document_flow and o.source_id = p.document_id
            and not o.is_deleted and not o.is_missing and (o.day >= :first_day) is not false
            and (:with_expenses or not starts_with(o.source_id, :expense_prefix))
            and not {is_dismissed_sql("o")}
        )
      )
  ) as is_judged
from {UNFINISHED_SQL} r
join document d on d.company = r.company and d.flow = r.flow and d.source_id = r.source_id
where r.company = :company and r.run_key = :run_key and r.flow = :flow and not d.is_deleted
  and not {is_linked_sql(":kind", "d.company", "d.source_id")}
"""  # noqa: S608 the inserted parts are constants

_RECEIPT_ROWS = """
create temporary table checked_line as
select p.source_id, p.position, b.number, b.day, b.currency, p.amount, p.document_flow, p.document_id, p.prepayment_id,
  p.document_id is not null or p.prepayment_id is not null as names_something
from checked_batch b
join payment_row p on p.company = b.company and p.flow = b.flow and p.source_id = b.source_id
where b.is_judged and b.problem is null
"""

# Where a document is named, its contact is known; where nothing is, the rules about the rows speak.
_RECEIPTS = """
create temporary table checked_document as
with named as (
  select l.source_id, count(*) as uses, jsonb_build_object(
      'key', case
        when l.document_id is null then 'prepayment_by_id'
        else case l.document_flow when 'sales_invoices' then 'invoice' else 'bill' end
          || case when coalesce(o.number, '') = '' then '_by_id' else '' end
      end,
      'values', jsonb_build_object('number', o.number, 'id', coalesce(l.document_id, l.prepayment_id))
    ) as name
  from checked_line l
  left join document o on o.company = :company and o.flow = l.document_flow and o.source_id = l.document_id
  where l.names_something
  group by l.source_id, l.document_flow, l.document_id, l.prepayment_id, o.number
), twice as (
  select source_id, max(uses) as uses, jsonb_agg(name order by name) filter (where uses > 1) as repeated
  from named
  group by source_id
), lines as (
  select source_id, count(*) as rows, sum(amount) as total, count(document_id) as documents,
    bool_or(names_something) as names_something
  from checked_line
  group by source_id
)
select b.source_id, 0 as position, b.number, true as readable, null::jsonb as problem,
  b.day,
  case when b.reason = 'in_range' then b.day between :date_from and :date_to end as day_is_in_run,
  b.currency, b.net as total, coalesce(lines.rows, 0) as rows, lines.total as total_of_rows,
  abs(b.net - lines.total) as total_difference,
  case when abs(b.net - lines.total) <= 0.02 then abs(b.net - lines.total) end as cents_off,
  case when lines.documents = 0 and lines.names_something then b.partner_id is not null end as payer_is_named,
  case when lines.documents > 0 then b.partner_id is not null end as contact_is_named,
  twice.uses as most_rows_of_one, twice.repeated
from checked_batch b
left join lines on lines.source_id = b.source_id
left join twice on twice.source_id = b.source_id
where b.is_judged and b.problem is null
"""

_UNREADABLE_RECEIPTS = """
insert into checked_document (source_id, position, number, readable, problem)
select source_id, 0, number, false, problem from checked_batch where problem is not null
"""

_EXPORT_BATCH = f"""
create temporary table checked_batch as
select d.*
from {UNFINISHED_SQL} r
join document d on d.company = r.company and d.flow = r.flow and d.source_id = r.source_id
where r.company = :company and r.run_key = :run_key and r.flow = :flow and not d.is_deleted
  and not {is_remote_linked_sql(":kind", "d.company", "d.source_id")}
"""  # noqa: S608 the inserted part is a constant

_IS_OF_KIND = f"""(p.type, k.kind) in
    (('{CLIENT_INVOICE}', 'sales_invoice'), ('{VENDOR_INVOICE}', 'purchase_invoice'))"""

# Only rows of documents that came from Scoro go there.
_EXPORT_ROWS = f"""
create temporary table checked_line as
select b.source_id, p.position, b.number, b.day, b.currency, p.amount
from checked_batch b
join remote_payment_row p on p.company = :company and p.remote_id = b.source_id
where exists (
  select from {BOOKED_DOCUMENTS_SQL} k
  where k.company = :company and k.remote_id = p.document_remote_id
    and {_IS_OF_KIND}
)
"""  # noqa: S608 the inserted part is a constant

# What pays instead of being paid: an earlier prepayment, a credit invoice, a document with a negative total; and what
# may, because its total cannot be read or is nothing. Nothing proves how the service shows the amount of a payment that
# has it.
_EXPORT = f"""
create temporary table checked_document as
with netting as (
  select distinct b.source_id
  from checked_batch b
  join remote_payment_row p on p.company = :company and p.remote_id = b.source_id
  left join {BOOKED_DOCUMENTS_SQL} k on k.company = p.company and k.remote_id = p.document_remote_id
    and {_IS_OF_KIND}
  left join document o on o.company = k.company and o.source_id = k.source_id
    and o.flow = case k.kind when 'sales_invoice' then 'sales_invoices' else 'purchase_invoices' end
  where p.type = '{PREPAYMENT}' or k.source_id is not null
    and (o.net + o.vat > 0 and jsonb_array_length(o.credited_ids) = 0) is not true
)
select b.source_id, 0 as position, b.number, b.day, b.currency, b.net as total,
  case when netting.source_id is null then b.net end as total_that_moves
from checked_batch b
left join netting on netting.source_id = b.source_id
"""  # noqa: S608 the inserted part is a constant


def prepare_receipts(session: Connection, request: RunRequest, only: Sequence[str] | None = None) -> int:
    """Put the run's receipt groups that have no outcome into the temporary tables of `session`; their number."""
    company = request.company
    rules = {
        "first_day": company.first_import_date,
        "with_expenses": company.purchase_invoices.expenses,
        "expense_prefix": EXPENSES.prefix,
    }
    size = _take(session, request, only, _RECEIPT_BATCH, **rules)
    if size == 0:
        return 0
    session.execute(text(_RECEIPT_ROWS))
    session.execute(text("analyze checked_line"))
    session.execute(
        text(_RECEIPTS).bindparams(
            bindparam("company", company.key),
            bindparam("date_from", request.date_from, Date),
            bindparam("date_to", request.date_to, Date),
        )
    )
    session.execute(text(_UNREADABLE_RECEIPTS))
    return size


def prepare_export(session: Connection, request: RunRequest, only: Sequence[str] | None = None) -> int:
    """As `prepare_receipts`, for payments of SmartAccounts on their way to Scoro."""
    size = _take(session, request, only, _EXPORT_BATCH)
    if size == 0:
        return 0
    for statement in (_EXPORT_ROWS, _EXPORT):
        session.execute(text(statement), {"company": request.company.key})
    return size


def keep_only(session: Connection, only: Sequence[str] | None) -> None:
    """Leave in the batch those of its documents that are to be judged."""
    if only is not None:
        ids = bindparam("only", list(only), ARRAY(SqlText))
        session.execute(text("delete from checked_batch where source_id <> all(:only)").bindparams(ids))


def _take(session: Connection, request: RunRequest, only: Sequence[str] | None, statement: str, **more: object) -> int:
    key = {"company": request.company.key, "run_key": request.run_key, "flow": request.flow.value}
    session.execute(text(statement), {**key, "kind": Kind.PAYMENT.value, **more})
    keep_only(session, only)
    size = int(session.scalar(text("select count(*) from checked_batch")) or 0)
    if size:
        session.execute(text("analyze checked_batch"))
    return size
