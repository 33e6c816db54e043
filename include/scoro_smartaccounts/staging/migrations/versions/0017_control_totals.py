"""Control totals of months, what makes their sides differ, and the pages that were written of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _text(name: str, *, may_be_empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''") if may_be_empty else None, nullable=False)


def _amount(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(20, 6), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "control_total",
        _text("company"),
        sa.Column("month", sa.Date(), nullable=False),
        _text("bridge"),
        _text("flow"),
        _text("currency"),
        _text("vat_code"),
        _text("measure"),
        sa.Column("night", sa.Date(), nullable=False),
        _amount("scoro", nullable=True),
        _amount("books"),
        _amount("ledger", nullable=True),
        _amount("causes"),
        _amount("unexplained"),
        sa.PrimaryKeyConstraint(
            "company", "month", "bridge", "flow", "currency", "vat_code", "measure", name=op.f("control_total_pk")
        ),
        sa.CheckConstraint("bridge in ('documents', 'ledger')", name=op.f("control_total_bridge_ck")),
    )
    op.create_table(
        "control_cause",
        _text("company"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("bridge"),
        _text("flow"),
        _text("currency"),
        _text("vat_code"),
        _text("measure"),
        _text("cause"),
        _text("source_id", may_be_empty=True),
        _text("remote_id", may_be_empty=True),
        _text("number", may_be_empty=True),
        _amount("amount"),
        sa.Column("words", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("company", "month", "position", name=op.f("control_cause_pk")),
    )
    op.create_table(
        "control_page",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("company"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        _text("state"),
        sa.Column("is_clean", sa.Boolean(), nullable=False),
        _text("content_hash"),
        _text("figures_hash", may_be_empty=True),
        sa.Column("files", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _text("previous_hash", may_be_empty=True),
        _text("hash"),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        _text("reviewed_by", may_be_empty=True),
        sa.PrimaryKeyConstraint("id", name=op.f("control_page_pk")),
    )
    op.create_index(op.f("control_page_company_month_ix"), "control_page", ["company", "month"], unique=False)


def downgrade() -> None:
    op.drop_table("control_page")
    op.drop_table("control_cause")
    op.drop_table("control_total")
