"""Parts of links and intents are columns, and links of documents know what they were booked with."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_RATE = sa.Numeric(20, 10)
_DOCUMENTS = "('sales_invoice', 'purchase_invoice')"
_PAYMENT_KINDS = "('payment', 'receipt')"
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
        suffix = f"split_part({column}, '/', 2)"
        number = f"case {suffix} when 'bills' then 1 when 'expenses' then 2 else cast({suffix} as integer) end"
        op.execute(
            f"update {table} set {column} = split_part({column}, '/', 1), {part} = {number}"
            f" where kind in {_PAYMENT_KINDS} and {column} like '%/%'"
        )
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


def _bookings() -> None:
    """What documents were booked with, as far as their answer, their request, their reading or their plan tells."""
    op.execute(
        f"""
        update link set
          number = coalesce(answer ->> 'invoiceNumber', ''),
          total = case when answer ->> 'totalAmount' ~ '^-?[0-9]+([.][0-9]+)?$'
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
          currency_rate = cast(body ->> 'exchangeRate' as numeric),
          entry_day = coalesce(link.entry_day, to_date(body ->> 'entryDate', 'DD.MM.YYYY'))
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
