"""Alembic's way in: `staging.database.upgrade` hands over the connection."""

from alembic import context

from scoro_smartaccounts.staging.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="scoro_smartaccounts_version",
)
with context.begin_transaction():
    context.run_migrations()
