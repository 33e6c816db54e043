"""How a run is taken back: undo plans with their steps, and links of what the pipeline deleted itself."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def upgrade() -> None:
    op.add_column("link", _moment("undone_at"))
    op.create_table(
        "undo_plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("company"),
        _text("run_key"),
        _text("plan_hash"),
        _text("state", "shown"),
        _text("approved_by", ""),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _moment("approved_at"),
        _moment("done_at"),
        sa.PrimaryKeyConstraint("company", "id", name=op.f("undo_plan_pk")),
        sa.CheckConstraint("state in ('shown', 'approved', 'done')", name=op.f("undo_plan_state_ck")),
    )
    op.create_index(
        "undo_plan_one_open_ix",
        "undo_plan",
        ["company", "run_key"],
        unique=True,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "undo_step",
        _text("company"),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("kind"),
        _text("flow"),
        _text("source_id"),
        _text("remote_id"),
        _text("fingerprint", ""),
        _text("undo_class"),
        sa.Column("after", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        _text("state"),
        sa.Column("why", JSONB(), nullable=False),
        _moment("signed_at"),
        _moment("settled_at"),
        sa.PrimaryKeyConstraint("company", "plan_id", "position", name=op.f("undo_step_pk")),
        sa.CheckConstraint("undo_class in ('U1', 'U2', 'U3', 'U4')", name=op.f("undo_step_undo_class_ck")),
        sa.CheckConstraint(
            "state in ('listed', 'planned', 'sent', 'undone', 'refused')", name=op.f("undo_step_state_ck")
        ),
    )


def downgrade() -> None:
    op.drop_table("undo_step")
    op.drop_table("undo_plan")
    op.drop_column("link", "undone_at")
