"""What was forgotten of persons and of old documents, and which raw copies are not whole any more for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False)


def upgrade() -> None:
    op.add_column("raw_record", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
    op.create_table(
        "forgotten",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("before", sa.Date()),
        _list("contact_ids"),
        _list("client_ids"),
        _list("vendor_ids"),
        sa.Column("counts", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("kept_back", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("forgotten_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("forgotten_pk")),
    )
    op.create_index(op.f("forgotten_company_started_at_ix"), "forgotten", ["company", "started_at"], unique=False)


def downgrade() -> None:
    op.drop_table("forgotten")
    op.drop_column("raw_record", "forgotten_at")
