"""The settings of SmartAccounts that mappings lead to, with their names: what a suggestion may be made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.registers import money_accounts, warehouses
from scoro_smartaccounts.smartaccounts.endpoints import ACCOUNTS, OBJECTS, VAT_CODES
from scoro_smartaccounts.smartaccounts.wire import MoneyAccountRow, ObjectRow, VatPcRow, readable, text
from scoro_smartaccounts.staging.mirror_registers import article_records
from scoro_smartaccounts.staging.mirror_settings import setting_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company


@dataclass(frozen=True, slots=True)
class VatCode:
    """An active VAT code: its percentage and its name."""

    percent: Decimal
    name: str


@dataclass(frozen=True, slots=True)
class Books:
    """Settings as they were last read: VAT codes by flow and code, names of accounts and of objects in use by code,
    warehouses by name, bank and cash accounts by kind and name. `fallback_type` is the type of the fallback article,
    None where it does not exist yet."""

    vat_codes: Mapping[Flow, Mapping[str, VatCode]]
    accounts: Mapping[str, str]
    objects: Mapping[str, str]
    warehouses: tuple[str, ...]
    money: Mapping[tuple[str, str], MoneyAccountRow]
    fallback_type: str | None


def read_books(connection: Connection, company: Company) -> Books:
    """Return what staging holds of SmartAccounts' settings."""
    codes, _ = readable(setting_rows(connection, company.key, VAT_CODES), VatPcRow.from_wire)
    objects, _ = readable(setting_rows(connection, company.key, OBJECTS), ObjectRow.from_wire)
    fallback = article_records(connection, company.key, [company.articles.fallback]).get(company.articles.fallback)
    return Books(
        vat_codes={
            Flow.SALES_INVOICES: {row.vat_pc: VatCode(row.pc, row.description) for row in codes if row.active_sales},
            Flow.PURCHASE_INVOICES: {
                row.vat_pc: VatCode(row.pc, row.description) for row in codes if row.active_purchase
            },
        },
        accounts={
            text(row.get("code")): text(row.get("descriptionEt"))
            for row in setting_rows(connection, company.key, ACCOUNTS)
        },
        objects={row.code: text(row.raw.get("name")) for row in objects if row.active},
        warehouses=tuple(sorted(warehouses(connection, company.key))),
        money=money_accounts(connection, company.key),
        fallback_type=None if fallback is None else fallback.type,
    )
