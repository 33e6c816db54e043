"""What is known of months and their VAT returns, one bound of SmartAccounts' lock a company in the place of one a flow,
and what a person chose who answered a case."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "period",
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("return_entry_id", sa.Text, nullable=False, server_default=""),
        sa.Column("return_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("return_seen_at", sa.DateTime(timezone=True)),
        sa.Column("return_changed_at", sa.DateTime(timezone=True)),
        sa.Column("paid_seen_at", sa.DateTime(timezone=True)),
        sa.Column("said", sa.Text, nullable=False, server_default=""),
        sa.Column("said_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("company", "month", name=op.f("period_pk")),
        sa.CheckConstraint("said in ('', 'filed', 'reopened')", name=op.f("period_said_ck")),
    )
    op.create_table(
        "lock_bound",
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("locked_through", sa.Date),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("open_from", sa.Date),
        sa.Column("open_seen_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("company", name=op.f("lock_bound_pk")),
    )
    op.execute(
        "insert into lock_bound (company, locked_through, refused_at)"
        " select distinct on (company) company, day, refused_at from locked_period order by company, day desc"
    )
    op.drop_table("locked_period")
    op.add_column("quarantine", sa.Column("choice", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("quarantine", "choice")
    op.create_table(
        "locked_period",
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", name=op.f("locked_period_pk")),
    )
    op.execute(
        "insert into locked_period (company, flow, day, refused_at)"
        " select company, 'sales_invoices', locked_through, refused_at from lock_bound where locked_through is not null"
    )
    op.drop_table("lock_bound")
    op.drop_table("period")
