"""Parts of links and intents are columns, and links of documents know what they were booked with."""

import logging
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

log = logging.getLogger(__name__)

_RATE = sa.Numeric(20, 10)
_DOCUMENTS = "('sales_invoice', 'purchase_invoice')"
_PAYMENT_KINDS = "('payment', 'receipt')"
_KNOWN_PARTS = "^([1-9][0-9]{0,2}|bills|expenses)$"
# Parts that are not understood are numbered from here on: no release gives such numbers.
_FIRST_UNKNOWN = 1001
_NUMBER = "^-?[0-9]{1,13}([.][0-9]+)?$"
_FLOW = "case link.kind when 'sales_invoice' then 'sales_invoices' else 'purchase_invoices' end"


def upgrade() -> None:
    _parts()
    for name in ("number", "partner_source_id", "partner_remote_id", "currency"):
        op.add_column("link", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("link", sa.Column("currency_rate", _RATE))
    op.add_column("link", sa.Column("total", sa.Numeric(20, 6)))
    op.add_column("link", sa.Column("entry_day", sa.Date()))
    op.add_column("link", sa.Column("gone_at", sa.DateTime(timezone=True)))
    op.add_column("remote_document", sa.Column("currency_rate", _RATE))
    _bookings()


def _parts() -> None:
    """Ids of payments and receipt groups carried their part behind a slash: a number, or Scoro's module."""
    op.drop_constraint(op.f("link_pk"), "link", type_="primary")
    op.drop_index("link_one_document_ix", "link")
    op.drop_index("intent_one_open_ix", "intent")
    for table, column, part in (
        ("link", "source_id", "source_part"),
        ("link", "remote_id", "remote_part"),
        ("intent", "source_id", "part"),
    ):
        op.add_column(table, sa.Column(part, sa.Integer(), server_default=sa.text("0"), nullable=False))
        _split(table, column, part)
    op.create_primary_key(op.f("link_pk"), "link", ["company", "kind", "source_id", "source_part"])
    op.create_index(
        "link_one_document_ix",
        "link",
        ["company", "kind", "remote_id", "remote_part"],
        unique=True,
        postgresql_where=sa.text("kind in ('sales_invoice', 'purchase_invoice', 'payment')"),
    )
    op.create_index(
        "intent_one_open_ix",
        "intent",
        ["company", "kind", "source_id", "part"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def _split(table: str, column: str, part: str) -> None:
    """Take the parts out of a column. One that is not understood, or that another row has already, keeps its row under
    a number of its own: the record counts as known in part, so that nothing is sent again for it."""
    whole = f"{table}.{column}"
    split, rest = f"split_part({whole}, '/', 1)", f"substr({whole}, strpos({whole}, '/') + 1)"
    number = f"case {rest} when 'bills' then '1' when 'expenses' then '2' else {rest} end"
    rows = f"kind in {_PAYMENT_KINDS} and {column} like '_%/%'"
    is_taken = (
        f"{rest} in ('bills', 'expenses') and exists (select from {table} as other where other.company ="
        f" {table}.company and other.kind = {table}.kind and other.{column} = {split} || '/' || {number})"
    )
    # The names of tables and columns are constants.
    unknown = op.get_bind().execute(
        sa.text(
            f"select company, kind, {column} as id, cast({_FIRST_UNKNOWN - 1} + dense_rank() over (partition by"
            f" company, kind, {split} order by {column}) as integer) as number from {table}"
            f" where {rows} and ({rest} !~ '{_KNOWN_PARTS}' or {is_taken})"
        )
    )
    for row in {tuple(row) for row in unknown}:
        company, kind, record_id, new = row
        log.warning(
            "%s, %s %s of company %s: its part is not understood or taken; it is kept as part %d of %s.",
            table,
            kind,
            record_id,
            company,
            new,
            record_id.partition("/")[0],
        )
        op.get_bind().execute(
            sa.text(
                f"update {table} set {column} = {split}, {part} = :new"
                f" where company = :company and kind = :kind and {column} = :id"
            ),
            {"new": new, "company": company, "kind": kind, "id": record_id},
        )
    op.execute(f"update {table} set {column} = {split}, {part} = cast({number} as integer) where {rows}")


def _bookings() -> None:
    """Store what documents were booked with, as far as their answer, their request, their reading or their plan tells.
    A reading that shows something else than was answered, or that is known to be changed since, tells nothing of it;
    nor does a document or plan of other content. What nothing tells stays unknown."""
    op.execute(
        f"""
        update link set
          number = coalesce(answer ->> 'invoiceNumber', ''),
          total = case when answer ->> 'totalAmount' ~ '{_NUMBER}'
            then cast(answer ->> 'totalAmount' as numeric) end,
          entry_day = case when answer ->> 'entryDate' ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'
            then cast(answer ->> 'entryDate' as date) end
        where kind in {_DOCUMENTS}
        """
    )
    op.execute(
        f"""
        update link set
          number = coalesce(nullif(link.number, ''), body ->> 'invoiceNumber', ''),
          partner_remote_id = coalesce(body ->> 'clientId', body ->> 'vendorId', ''),
          currency = coalesce(body ->> 'currency', ''),
          currency_rate = case when body ->> 'exchangeRate' ~ '{_NUMBER}'
            then cast(body ->> 'exchangeRate' as numeric) end,
          entry_day = coalesce(link.entry_day, case when body ->> 'entryDate' ~ '^[0-9]{{2}}[.][0-9]{{2}}[.][0-9]{{4}}$'
            then to_date(body ->> 'entryDate', 'DD.MM.YYYY') end)
        from (
          select company, kind, source_id, remote_id, cast(payload as jsonb) as body
          from intent where kind in {_DOCUMENTS} and state = 'done'
        ) as sent
        where sent.company = link.company and sent.kind = link.kind and sent.source_id = link.source_id
          and sent.remote_id = link.remote_id
        """
    )
    op.execute(
        f"""
        update link set
          number = coalesce(nullif(link.number, ''), there.number),
          partner_remote_id = coalesce(nullif(link.partner_remote_id, ''), there.partner_remote_id),
          currency = coalesce(nullif(link.currency, ''), there.currency),
          total = coalesce(link.total, there.total),
          entry_day = coalesce(link.entry_day, there.entry_day)
        from remote_document as there
        where link.kind in {_DOCUMENTS} and there.company = link.company and there.flow = {_FLOW}
          and there.remote_id = link.remote_id
          and (link.number = '' or there.number = link.number)
          and (link.total is null or abs(there.total) = abs(link.total))
          and (link.entry_day is null or there.entry_day is null or there.entry_day = link.entry_day)
          and not exists (
            select from later_change as change
            where change.company = link.company and change.flow = {_FLOW} and change.source_id = link.source_id
              and change.kind in ('booking_changed', 'booking_deleted')
          )
        """
    )
    for table, column in (("plan", "partner_source_id"), ("document", "partner_id")):
        op.execute(
            f"""
            update link set partner_source_id = known.{column}
            from {table} as known
            where link.kind in {_DOCUMENTS} and link.partner_source_id = '' and known.{column} is not null
              and known.company = link.company and known.flow = {_FLOW} and known.source_id = link.source_id
              and known.content_hash = link.content_hash
            """
        )
