"""Links of this room: stored without crossing an import that is creating the same record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.reconcile_ids.both_registers import BothRegisters, read_both_registers
from scoro_smartaccounts.staging.intents import being_created
from scoro_smartaccounts.staging.links import Kind, Link, drop_links, links_of, store_links
from scoro_smartaccounts.staging.locks import session_lock, transaction_lock

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company


def only_one(connection: Connection, company: str) -> AbstractContextManager[None]:
    """Return the lock under which proposals and decisions of a company are made."""
    return session_lock(connection, company, "reconcile_ids")


def read_both_with_links(connection: Connection, company: Company, kind: Kind) -> tuple[BothRegisters, dict[str, str]]:
    """Both systems of a kind and the links between, remote ids by source id. Links to records that are gone at
    SmartAccounts are dropped.

    The links are read first: an import stores a record together with its link, so that a link that was seen has its
    record in the registers that are read afterwards.
    """
    links = links_of(connection, company.key, kind)
    registers = read_both_registers(connection, company, kind)
    drop_links(
        connection, company.key, kind, [item.source_id for item in links if item.remote_id not in registers.remotes]
    )
    return registers, {item.source_id: item.remote_id for item in links if item.remote_id in registers.remotes}


def store_where_free(
    connection: Connection, company: str, run_key: str, kind: Kind, registers: BothRegisters, links: Collection[Link]
) -> set[str]:
    """Store links within the caller's transaction, unless an import is creating the record; the source ids left out.
    A link that exists stays as it is."""
    for key in sorted(
        {registers.natural_keys[item.source_id] for item in links if item.source_id in registers.natural_keys}
    ):
        # What the load step holds while it looks for the link and writes its intent.
        transaction_lock(connection, company, kind.value, key)
    left_out = being_created(connection, company, kind, registers.natural_keys, [item.source_id for item in links])
    store_links(connection, company, run_key, [item for item in links if item.source_id not in left_out])
    return left_out
