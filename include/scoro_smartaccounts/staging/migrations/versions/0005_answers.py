"""When a person released a case: what was asked then is not asked again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("released_at", sa.DateTime(timezone=True)))
    # Nobody knows when; any moment will do.
    op.execute("update quarantine set released_at = now() where state = 'released'")
