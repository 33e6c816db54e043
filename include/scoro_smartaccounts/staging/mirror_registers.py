"""The registers of SmartAccounts as they were mirrored: clients, vendors, articles. The keeper of these tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, select

from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import client_register, vendor_register

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PARTNERS: Mapping[Kind, Table] = {Kind.CLIENT: client_register, Kind.VENDOR: vendor_register}


def living_partners(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> set[str]:
    """Those of the clients or vendors that SmartAccounts still has."""
    table = _PARTNERS[kind]
    wanted = table.c.remote_id == any_of(remote_ids)
    return set(connection.scalars(select(table.c.remote_id).where(table.c.company == company, wanted)))
