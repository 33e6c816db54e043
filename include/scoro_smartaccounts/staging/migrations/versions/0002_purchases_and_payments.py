"""Purchase documents, payments in both directions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REASONS = "'in_range', 'late', 'unfinished', 'waiting', 'released'"
_OUTCOMES = "'created', 'adopted', 'already_there', 'quarantined', 'waiting', 'in_doubt', 'planned', 'deleted', 'dismissed', 'not_sent'"


def upgrade() -> None:
    op.drop_table("remote_day")
    op.alter_column("plan", "client_source_id", new_column_name="partner_source_id")
    op.alter_column("plan", "new_client", new_column_name="new_partner")
    op.add_column("intent", sa.Column("known_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    _widen("reason", f"reason in ({_REASONS}, 'changed')")
    _widen("outcome", f"outcome in ({_OUTCOMES}, 'not_ours')")
    name = op.f("later_change_kind_ck")
    op.drop_constraint(name, "later_change", type_="check")
    op.create_check_constraint(
        name, "later_change", "kind in ('changed', 'deleted', 'missing', 'booking_changed', 'booking_deleted')"
    )
    op.create_table(
        "vendor_register",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registry_code", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("marked_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "remote_id", name=op.f("vendor_register_pk")),
    )
    op.create_index(op.f("vendor_register_company_registry_code_ix"), "vendor_register", ["company", "registry_code"])
    op.create_index(op.f("vendor_register_company_vat_number_ix"), "vendor_register", ["company", "vat_number"])
    op.create_table(
        "payment_row",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_flow", sa.Text(), nullable=True),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("prepayment_id", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "flow", "source_id"],
            ["document.company", "document.flow", "document.source_id"],
            name=op.f("payment_row_company_flow_source_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", "position", name=op.f("payment_row_pk")),
    )
    op.create_index(
        op.f("payment_row_company_document_flow_document_id_ix"),
        "payment_row",
        ["company", "document_flow", "document_id"],
    )
    op.create_table(
        "remote_payment",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partner_type", sa.Text(), nullable=False),
        sa.Column("partner_remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("account_type", sa.Text(), server_default="", nullable=False),
        sa.Column("account_name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("prepayment", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("marked_id", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("is_changed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "remote_id", name=op.f("remote_payment_pk")),
    )
    op.create_table(
        "remote_payment_row",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("document_remote_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "remote_id"],
            ["remote_payment.company", "remote_payment.remote_id"],
            name=op.f("remote_payment_row_company_remote_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "remote_id", "position", name=op.f("remote_payment_row_pk")),
    )
    op.create_index(
        op.f("remote_payment_row_company_document_remote_id_ix"),
        "remote_payment_row",
        ["company", "document_remote_id"],
    )


def _widen(column: str, condition: str) -> None:
    name = op.f(f"run_document_{column}_ck")
    op.drop_constraint(name, "run_document", type_="check")
    op.create_check_constraint(name, "run_document", condition)
