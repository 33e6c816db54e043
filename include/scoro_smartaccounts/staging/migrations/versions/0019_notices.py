"""What people were told of, so that nothing is told again and again; and who said that two records are one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_back", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("words", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("path", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", "about", name=op.f("notice_pk")),
    )
    op.add_column("link_proposal", sa.Column("decided_by", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("link_proposal", "decided_by")
    op.drop_table("notice")
