"""What entries held when the runs that booked their documents looked at them. Of those that were checked before, nobody
knows it any more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("ledger_check", sa.Column("posted", JSONB()))
    op.add_column("ledger_check", sa.Column("is_named", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ledger_check_company_entry_id_ix"), "ledger_check", ["company", "entry_id"])


def downgrade() -> None:
    op.drop_index(op.f("ledger_check_company_entry_id_ix"), "ledger_check")
    op.drop_column("ledger_check", "is_named")
    op.drop_column("ledger_check", "posted")
