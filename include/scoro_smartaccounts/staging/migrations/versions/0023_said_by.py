"""Who said that the VAT return of a month is filed, or that the month is open again. Of what was said before, nobody
knows it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("period", sa.Column("said_by", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("period", "said_by")
