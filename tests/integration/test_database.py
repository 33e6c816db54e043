"""The migrations build exactly the schema that the queries are written against."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from scoro_smartaccounts.errors import ConfigurationError
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts.staging.schema import metadata


def test_migrations_and_schema_are_the_same(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "scoro_smartaccounts_version"})
        assert compare_metadata(context, metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    test_migrations_and_schema_are_the_same(engine)


def test_every_table_has_the_company_in_its_key() -> None:
    for table in metadata.tables.values():
        assert "company" in table.columns, table.name
        keys = [set(table.primary_key.columns.keys()), *({c.name for c in i.columns} for i in table.indexes)]
        assert any("company" in key for key in keys), table.name


def test_a_connection_to_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="type postgres"):
        make_engine("sqlite:///staging.db")
