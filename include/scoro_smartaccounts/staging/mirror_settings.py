"""The settings of SmartAccounts as they were last read: VAT codes, warehouses, accounts, objects. The keeper of the
table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select

from scoro_smartaccounts.staging.bulk import store_each, upsert
from scoro_smartaccounts.staging.schema import setting_register

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def setting_rows(connection: Connection, company: str, service: str) -> list[dict[str, Any]]:
    """Rows of a setting as SmartAccounts showed them, where it was read."""
    return list(
        connection.execute(
            select(setting_register.c.payload)
            .where(setting_register.c.company == company, setting_register.c.service == service)
            .order_by(setting_register.c.position)
        ).scalars()
    )


def replace_setting(
    connection: Connection, company: str, service: str, payloads: Iterable[Mapping[str, Any]]
) -> list[Exception]:
    """Let these be the rows of a setting; why some cannot be kept."""
    connection.execute(
        delete(setting_register).where(setting_register.c.company == company, setting_register.c.service == service)
    )
    rows = [
        {"company": company, "service": service, "position": position, "payload": payload}
        for position, payload in enumerate(payloads)
    ]
    refused = store_each(connection, rows, lambda part: upsert(connection, setting_register, part))
    return [problem for _, problem in refused]
