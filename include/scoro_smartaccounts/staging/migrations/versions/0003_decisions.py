"""Approval of plans, proposals for links, and what partners are compared by."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PARTNERS = ("contact", "client_register", "vendor_register")
_DETAILS = ("bank_account", "email", "country", "city", "street", "postal_code")
_OUTCOMES = (
    "'created', 'adopted', 'already_there', 'quarantined', 'waiting', 'in_doubt', 'planned', 'deleted', 'dismissed',"
    " 'not_sent', 'not_ours', 'declined', 'plan_changed'"
)


def upgrade() -> None:
    for table in _PARTNERS:
        for name in _DETAILS:
            op.add_column(table, sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("is_client", "is_supplier"):
        op.add_column("contact", sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # The mirrors lack the new columns: they are read whole again.
    op.execute("delete from register_state where register in ('purchasesales/clients', 'purchasesales/vendors')")
    _replace_check("run", "mode", "mode in ('import', 'approve', 'preview')")
    _replace_check("run_document", "outcome", f"outcome in ({_OUTCOMES})")
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open', 'answered', 'superseded')", name=op.f("question_state_ck")),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("question_pk")),
        sa.UniqueConstraint("company", "run_key", "flow", name=op.f("question_company_run_key_flow_uq")),
    )
    op.create_table(
        "approval",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('planned', 'asked', 'approved', 'declined', 'changed', 'done')", name=op.f("approval_state_ck")
        ),
        sa.ForeignKeyConstraint(
            ["company", "question_id"],
            ["question.company", "question.id"],
            name=op.f("approval_company_question_id_fk"),
        ),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", name=op.f("approval_pk")),
    )
    op.create_index(op.f("approval_company_question_id_ix"), "approval", ["company", "question_id"])
    op.create_table(
        "link_proposal",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("decision", sa.Text(), server_default="open", nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confidence in ('certain', 'likely', 'conflicting')", name=op.f("link_proposal_confidence_ck")
        ),
        sa.CheckConstraint("decision in ('open', 'accepted', 'rejected')", name=op.f("link_proposal_decision_ck")),
        sa.PrimaryKeyConstraint("company", "kind", "source_id", "remote_id", name=op.f("link_proposal_pk")),
    )


def _replace_check(table: str, column: str, condition: str) -> None:
    name = op.f(f"{table}_{column}_ck")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, condition)
