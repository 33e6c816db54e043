"""Set-based writes: COPY into a temporary table, then one statement; and many ids as one parameter.

Rows are mappings from column name to value; all rows of a call have the same keys. Values of JSONB columns are
Python objects, or `JsonText`. Rows reach the table in the order of its primary key, so that two writers never wait
for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count
from typing import Any

from psycopg import sql
from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from scoro_smartaccounts.border.record_bounds import storable_json
from scoro_smartaccounts.common.culprits import Item, in_halves, is_of_data
from scoro_smartaccounts.staging.database import driven

Row = Mapping[str, Any]

_numbers = count(1)


class JsonText(str):
    """The value of a column of JSONB as JSON that PostgreSQL can hold."""

    __slots__ = ()


def copy(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """COPY new rows straight into `table`; the number of rows. A key that exists fails the transaction."""
    columns, rows = _columns(table, rows)
    return _copy(connection, table.name, columns, rows) if columns else 0


@contextmanager
def loaded(connection: Connection, table: Table, rows: Iterable[Row]) -> Iterator[Table | None]:
    """Give the rows in a temporary table with the named columns of `table`, to be joined; None without rows."""
    columns, rows = _columns(table, rows)
    if not columns:
        yield None
        return
    name = f"bulk_{next(_numbers)}_{table.name}"
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    with driven(connection, f"create temporary table {name}") as driver:
        driver.execute(
            sql.SQL("create temporary table {} on commit drop as select {} from {} with no data").format(
                sql.Identifier(name), names, sql.Identifier(table.name)
            )
        )
    _copy(connection, name, columns, rows)
    yield Table(name, MetaData(), *(Column(column.name, column.type) for column in columns))
    with driven(connection, f"drop table {name}") as driver:
        driver.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    *,
    update: Collection[str] | None = None,
    where: ColumnElement[bool] | None = None,
) -> int:
    """Insert rows; where the primary key is taken, update.

    `update` names the columns that an existing row takes over (default: all that are not the key; empty: an
    existing row stays), `where` may refuse updates by a condition on the existing row. The rows may hold a key
    once only. Returns the number of rows inserted or updated.
    """
    with loaded(connection, table, rows) as temporary:
        if temporary is None:
            return 0
        names = [column.name for column in temporary.columns]
        key = [column.name for column in table.primary_key.columns]
        taken_over = [name for name in names if name not in key] if update is None else list(update)
        source = select(*temporary.columns).order_by(*(temporary.c[name] for name in key))
        statement = insert(table).from_select(names, source)
        if taken_over:
            changes = {name: statement.excluded[name] for name in taken_over}
            statement = statement.on_conflict_do_update(index_elements=key, set_=changes, where=where)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=key)
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def store_each(
    connection: Connection, items: Iterable[Item], store: Callable[[Sequence[Item]], object]
) -> list[tuple[Item, Exception]]:
    """Store items within the caller's transaction. Where PostgreSQL refuses the data of some, nothing of these is
    stored, and all of the others; they come back with the errors."""

    def store_or_undo(part: Sequence[Item]) -> None:
        with connection.begin_nested():
            store(part)

    return in_halves(list(items), store_or_undo, is_of_data)


def any_of(ids: Iterable[str]) -> ColumnElement[Any]:
    """Return the right side of `column == any(ids)`, as one parameter whatever their number."""
    return any_(bindparam(None, list(ids), ARRAY(Text)))


def _columns(table: Table, rows: Iterable[Row]) -> tuple[list[Column[Any]], Iterable[Row]]:
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return [], ()
    return [table.columns[name] for name in first], chain((first,), iterator)


def _copy(connection: Connection, name: str, columns: Sequence[Column[Any]], rows: Iterable[Row]) -> int:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    json_at = [position for position, column in enumerate(columns) if isinstance(column.type, JSONB)]
    written = 0
    with (
        driven(connection, f"copy {name}") as driver,
        driver.cursor() as cursor,
        cursor.copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(name), names)) as target,
    ):
        for row in rows:
            values = [row[column.name] for column in columns]
            for position in json_at:
                values[position] = _json(values[position])
            target.write_row(values)
            written += 1
    return written


def _json(value: Any) -> str | None:
    """Nothing is no value, not a null of JSON."""
    return value if value is None or isinstance(value, JsonText) else storable_json(value)
