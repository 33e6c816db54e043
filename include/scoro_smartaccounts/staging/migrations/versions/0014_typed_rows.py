"""Documents and lines with all that later steps read, so that nobody parses the record again; amounts, quantities,
prices and percentages with all their decimals. Rows from before say no reader: they are read from the record until it
comes again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_EXACT = {
    "document": ("discount_1", "discount_2", "discount_3", "net", "vat", "vat_percent"),
    "document_line": ("quantity", "price", "discount", "net", "vat_percent"),
}


def upgrade() -> None:
    for table, columns in _EXACT.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Numeric())
    op.add_column("document", sa.Column("description", sa.Text, nullable=False, server_default=""))
    op.add_column(
        "document",
        sa.Column("prepayment_ids", postgresql.JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    op.add_column("document", sa.Column("prepayment_sum", sa.Numeric, nullable=False, server_default="0"))
    op.add_column("document", sa.Column("read_by", sa.Text))
    for name in ("line_id", "product_name", "unit"):
        op.add_column("document_line", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("account", "cost_object"):
        op.add_column("document_line", sa.Column(name, sa.Text))


def downgrade() -> None:
    for name in ("cost_object", "account", "unit", "product_name", "line_id"):
        op.drop_column("document_line", name)
    for name in ("read_by", "prepayment_sum", "prepayment_ids", "description"):
        op.drop_column("document", name)
    for table, columns in _EXACT.items():
        for column in columns:
            op.alter_column(table, column, type_=sa.Numeric(20, 6))
