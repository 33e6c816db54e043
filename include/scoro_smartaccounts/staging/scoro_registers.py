"""Scoro's contacts and products in staging: those that documents name, or all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update

from scoro_smartaccounts.common.documents import Partner, Product
from scoro_smartaccounts.scoro.modules import CONTACTS, PRODUCTS
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.schema import contact, product

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Table

_TABLES: Mapping[str, Table] = {CONTACTS: contact, PRODUCTS: product}


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """A contact or product, and the raw version that it was read from."""

    source_id: str
    raw_version: int
    record: Partner | Product


def store_records(connection: Connection, company: str, module: str, items: Collection[StagedRecord]) -> None:
    """Store contacts or products, in place of what stands there of them."""
    rows = (
        {
            "company": company,
            "source_id": item.source_id,
            "raw_version": item.raw_version,
            **(_partner(item.record) if isinstance(item.record, Partner) else _product(item.record)),
        }
        for item in items
    )
    upsert(connection, _TABLES[module], rows)


def drop_records(connection: Connection, company: str, module: str, source_ids: Iterable[str]) -> None:
    """Treat records like such that were never there."""
    table = _TABLES[module]
    connection.execute(delete(table).where(table.c.company == company, table.c.source_id == any_of(source_ids)))


def mark_deleted(connection: Connection, company: str, module: str, source_ids: Iterable[str]) -> None:
    """Note records that Scoro does not know any more."""
    table = _TABLES[module]
    is_one = table.c.company == company, table.c.source_id == any_of(source_ids)
    connection.execute(update(table).where(*is_one).values(is_deleted=True))


def living_records(connection: Connection, company: str, module: str) -> set[str]:
    """Return the records that staging takes for alive."""
    table = _TABLES[module]
    living = select(table.c.source_id).where(table.c.company == company, table.c.is_deleted.is_(False))
    return set(connection.scalars(living))


def names_of_contacts(connection: Connection, company: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of contacts, by source id."""
    rows = connection.execute(
        select(contact.c.source_id, contact.c.name).where(
            contact.c.company == company, contact.c.source_id == any_of(source_ids)
        )
    )
    return {row.source_id: row.name for row in rows}


def _partner(partner: Partner) -> dict[str, Any]:
    address = partner.address
    return {
        "name": partner.name,
        "is_person": partner.is_person,
        "registry_code": partner.registry_code,
        "vat_number": partner.vat_number,
        "bank_account": partner.bank_account,
        "email": partner.email,
        "country": address.country if address else "",
        "city": address.city if address else "",
        "street": address.street if address else "",
        "postal_code": address.postal_code if address else "",
        "is_client": partner.is_client,
        "is_supplier": partner.is_supplier,
        "is_deleted": partner.is_deleted,
    }


def _product(article: Product) -> dict[str, Any]:
    return {
        "code": article.code,
        "name": article.name,
        "is_stock": article.is_stock,
        "excludes_discounts": article.excludes_discounts,
        "is_deleted": article.is_deleted,
    }
