"""That a record was found after its answer had been lost is a kind of evidence, and no words of it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_DETAIL = "after a lost answer"


def upgrade() -> None:
    op.execute(f"update link set evidence = 'found_later', detail = '' where detail = '{_DETAIL}'")


def downgrade() -> None:
    by = "case kind when 'article' then 'article_code' else 'marker' end"
    op.execute(f"update link set evidence = {by}, detail = '{_DETAIL}' where evidence = 'found_later'")
