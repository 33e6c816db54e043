"""SmartAccounts' ledger as far as it was read, what was held against it, and kinds of documents that it proved."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _text(name: str, *, may_be_empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''") if may_be_empty else None, nullable=False)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "first_of_kind",
        _text("company"),
        _text("kind"),
        _text("flow"),
        _text("source_id"),
        _text("state"),
        sa.Column("reason", JSONB()),
        _now("changed_at"),
        sa.PrimaryKeyConstraint("company", "kind", name=op.f("first_of_kind_pk")),
        sa.CheckConstraint("state in ('sent', 'unproved', 'proved', 'held')", name=op.f("first_of_kind_state_ck")),
    )
    op.create_table(
        "ledger_entry",
        _text("company"),
        _text("entry_id"),
        _text("doc_type"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("number", may_be_empty=True),
        _text("document", may_be_empty=True),
        _text("currency", may_be_empty=True),
        _now("read_at"),
        sa.PrimaryKeyConstraint("company", "entry_id", name=op.f("ledger_entry_pk")),
    )
    op.create_index(
        op.f("ledger_entry_company_doc_type_day_ix"), "ledger_entry", ["company", "doc_type", "day"], unique=False
    )
    op.create_table(
        "ledger_row",
        _text("company"),
        _text("entry_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("account"),
        sa.Column("debit", sa.Numeric(20, 6), nullable=False),
        sa.Column("credit", sa.Numeric(20, 6), nullable=False),
        sa.PrimaryKeyConstraint("company", "entry_id", "position", name=op.f("ledger_row_pk")),
        sa.ForeignKeyConstraint(
            ["company", "entry_id"],
            ["ledger_entry.company", "ledger_entry.entry_id"],
            name=op.f("ledger_row_company_entry_id_fk"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "ledger_check",
        _text("company"),
        _text("kind"),
        _text("remote_id"),
        _text("verdict"),
        _text("entry_id", may_be_empty=True),
        _text("run_key", may_be_empty=True),
        _now("checked_at"),
        sa.PrimaryKeyConstraint("company", "kind", "remote_id", name=op.f("ledger_check_pk")),
        sa.CheckConstraint(
            "verdict in ('equal', 'differs', 'not_found', 'not_compared', 'before')",
            name=op.f("ledger_check_verdict_ck"),
        ),
    )
    op.execute(
        "insert into ledger_check (company, kind, remote_id, verdict) select distinct company, kind, remote_id, 'before'"
        " from link where kind in ('sales_invoice', 'purchase_invoice', 'payment')"
    )


def downgrade() -> None:
    for table in ("ledger_check", "ledger_row", "ledger_entry", "first_of_kind"):
        op.drop_table(table)
