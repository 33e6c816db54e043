"""An index of the documents that credit others: a day's check looks for those beside its own among all of years."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "document_credits_ix", "document", ["company", "flow"], postgresql_where=sa.text("credited_ids <> '[]'::jsonb")
    )


def downgrade() -> None:
    op.drop_index("document_credits_ix", "document")
