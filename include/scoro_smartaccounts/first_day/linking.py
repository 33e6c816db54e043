"""Links of this room: stored without crossing an import that is creating the same record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Connection, or_, select

from scoro_smartaccounts.company import Company
from scoro_smartaccounts.first_day.sides import Side, read_side
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind, Link, drop_links, store_links
from scoro_smartaccounts.staging.locks import session_lock, transaction_lock
from scoro_smartaccounts.staging.schema import intent, link


def only_one(connection: Connection, company: str) -> AbstractContextManager[None]:
    """The lock under which proposals and decisions of a company are made."""
    return session_lock(connection, company, "reconcile_ids")


def read_linked_side(connection: Connection, company: Company, kind: Kind) -> tuple[Side, dict[str, str]]:
    """Both sides of a kind and the links between, remote ids by source id. Links to records that are gone at
    SmartAccounts are dropped.

    The links are read first: an import stores a record together with its link, so that a link that was seen has its
    record on the side that is read afterwards.
    """
    rows = connection.execute(
        select(link.c.source_id, link.c.remote_id).where(link.c.company == company.key, link.c.kind == kind.value)
    ).all()
    side = read_side(connection, company, kind)
    drop_links(connection, company.key, kind, [row.source_id for row in rows if row.remote_id not in side.remotes])
    return side, {row.source_id: row.remote_id for row in rows if row.remote_id in side.remotes}


def being_created(
    connection: Connection, company: str, kind: Kind, natural_keys: Mapping[str, str], source_ids: Iterable[str]
) -> set[str]:
    """Those of the contacts or products whose record an import has sent and not heard of yet."""
    wanted = set(source_ids)
    rows = connection.execute(
        select(intent.c.source_id, intent.c.natural_key).where(
            intent.c.company == company,
            intent.c.kind == kind.value,
            intent.c.state == "open",
            or_(
                intent.c.source_id == any_of(wanted),
                intent.c.natural_key == any_of({natural_keys.get(source_id, "") for source_id in wanted}),
            ),
        )
    ).all()
    ids, keys = {row.source_id for row in rows}, {row.natural_key for row in rows}
    return {source_id for source_id in wanted if source_id in ids or natural_keys.get(source_id) in keys}


def open_intents(connection: Connection, company: str, kind: Kind) -> dict[str, str]:
    """Records that imports have sent and not heard of yet: natural keys by the contact's or product's id."""
    rows = connection.execute(
        select(intent.c.source_id, intent.c.natural_key).where(
            intent.c.company == company, intent.c.kind == kind.value, intent.c.state == "open"
        )
    )
    return {row.source_id: row.natural_key for row in rows}


def store_where_free(
    connection: Connection, company: str, run_key: str, kind: Kind, side: Side, links: Collection[Link]
) -> set[str]:
    """Store links within the caller's transaction, unless an import is creating the record; the source ids left out.
    A link that exists stays as it is."""
    for key in sorted({side.natural_keys[item.source_id] for item in links if item.source_id in side.natural_keys}):
        # What the load step holds while it looks for the link and writes its intent.
        transaction_lock(connection, company, kind.value, key)
    left_out = being_created(connection, company, kind, side.natural_keys, [item.source_id for item in links])
    store_links(connection, company, run_key, [item for item in links if item.source_id not in left_out])
    return left_out
