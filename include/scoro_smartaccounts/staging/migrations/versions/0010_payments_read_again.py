"""SmartAccounts' payments are mirrored anew: their amounts are read as magnitudes, whatever signs are shown."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # A register that was never read is read whole by the next run.
    op.execute("delete from register_state where register = 'purchasesales/payments'")


def downgrade() -> None:
    # What was read anew serves the earlier release too.
    pass
