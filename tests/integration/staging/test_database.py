"""Room staging. The migrations build exactly the schema that the queries are written against."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts.staging.schema import metadata, run


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


def test_a_database_that_is_not_migrated_is_told_with_the_remedy(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table run rename column summary to other")
    with engine.connect() as connection, pytest.raises(ConfigurationError, match=r"orchestration\.migrate") as told:
        connection.execute(select(run))
    assert "summary" in str(told.value)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table run cascade")
    with engine.connect() as connection, pytest.raises(ConfigurationError, match=r"orchestration\.migrate"):
        connection.execute(select(run))


def test_sessions_are_named_and_end_a_minute_after_their_machine_vanished(engine: Engine) -> None:
    named = make_engine(engine.url.render_as_string(hide_password=False), name="load_documents x")
    with named.connect() as connection:
        shown = connection.execute(text("select application_name from pg_stat_activity where pid = pg_backend_pid()"))
        assert shown.scalar_one() == "load_documents x"
        wanted = connection.execute(
            text("select name, reset_val from pg_settings where name like 'tcp_keepalives%' or name = 'TimeZone'")
        )
        settings = {row.name: row.reset_val for row in wanted}
        parameters = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
    named.dispose()
    assert settings["TimeZone"] == "UTC"
    assert int(parameters["keepalives_idle"]) + 3 * int(parameters["keepalives_interval"]) == 60
    assert "tcp_keepalives_idle=30" in parameters["options"]
