"""What PostgreSQL knows of the tables when it plans a query.

Its own service looks at them once a minute. A run writes thousands of rows in less and reads them at once: planned by
what was true before, a join of a few hundred payments may take minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from scoro_smartaccounts.staging.schema import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

# From here on PostgreSQL's own service would look again too.
_CHANGED = """
select relname from pg_stat_user_tables
where schemaname = current_schema() and relname = any(:ours) and n_mod_since_analyze > 50 + 0.1 * n_live_tup
order by relname
"""
# The first version in which a session can be asked to tell at once what it did.
_TELLS = (15,)


def refresh_statistics(connection: Connection) -> list[str]:
    """Let PostgreSQL look again at the tables that have changed much since it did last; which they are. One at which
    another run has it look is left to that, and one of another owner to PostgreSQL itself. Outside a transaction."""
    if (connection.dialect.server_version_info or ()) >= _TELLS:
        with connection.begin():
            connection.execute(text("select pg_stat_force_next_flush()"))
    with connection.begin():
        changed = list(connection.scalars(text(_CHANGED), {"ours": [*metadata.tables]}))
    for table in changed:
        with connection.begin():
            connection.execute(text(f'analyze (skip_locked) "{table}"'))
    return changed
