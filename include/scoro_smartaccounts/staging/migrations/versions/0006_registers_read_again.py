"""The registers of clients and vendors are mirrored anew: their codes and countries are read in another way."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # A register that was never read is read whole by the next run.
    op.execute("delete from register_state where register in ('purchasesales/clients', 'purchasesales/vendors')")
