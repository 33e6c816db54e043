"""What imported documents use of the registers. Clients and vendors are mirrored anew: whether the annex of VAT returns
leaves them out was not kept of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REGISTERS = ("client_register", "vendor_register")


def upgrade() -> None:
    op.create_table(
        "used_record",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("basis", JSONB(), nullable=False),
        sa.Column("held_since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", "record_id"),
        sa.CheckConstraint("kind in ('client', 'vendor', 'article', 'vat_code')", name="kind"),
    )
    for table in _REGISTERS:
        op.add_column(table, sa.Column("is_left_out", sa.Boolean()))
    # A register that was never read is read whole by the next run.
    op.execute("delete from register_state where register in ('purchasesales/clients', 'purchasesales/vendors')")


def downgrade() -> None:
    for table in _REGISTERS:
        op.drop_column(table, "is_left_out")
    op.drop_table("used_record")
