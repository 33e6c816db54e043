"""The amounts of a ledger row in the document's own currency, where SmartAccounts shows them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("debit_original", "credit_original"):
        op.add_column("ledger_row", sa.Column(name, sa.Numeric(20, 6)))


def downgrade() -> None:
    for name in ("credit_original", "debit_original"):
        op.drop_column("ledger_row", name)
