"""Scoro's contacts and products in staging: those that documents name, or all of them. The keeper of both tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, or_, select, update

from scoro_smartaccounts.common.documents import Flow, Partner, Product
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.scoro.modules import CONTACTS, PRODUCTS
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import DETAILS, Traits, has_a_trait
from scoro_smartaccounts.staging.schema import contact, document, product

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Table

_TABLES: Mapping[str, Table] = {CONTACTS: contact, PRODUCTS: product}
_NAMED_BY = {Kind.CLIENT: Flow.SALES_INVOICES, Kind.VENDOR: Flow.PURCHASE_INVOICES}


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """A contact or product, and the raw version that it was read from."""

    source_id: str
    raw_version: int
    record: Partner | Product


@dataclass(frozen=True, slots=True)
class StagedContact:
    """A contact of Scoro, deleted ones too, and what Scoro calls it."""

    record: PartnerRecord
    is_client: bool
    is_supplier: bool
    is_deleted: bool


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


def contact_records(
    connection: Connection, company: str, contact_ids: Iterable[str] | None = None
) -> dict[str, PartnerRecord]:
    """Return the contacts by id that are not deleted, all of them or those of the given ids."""
    return _living(connection, company, *([] if contact_ids is None else [contact.c.source_id == any_of(contact_ids)]))


def contact_records_like(
    connection: Connection, company: str, traits: Traits, *, most: int | None = None
) -> dict[str, PartnerRecord]:
    """Return the contacts that have one of these traits and are not deleted, `most` of them at the most."""
    return _living(connection, company, has_a_trait(contact, traits), most=most)


def contact_records_of(connection: Connection, company: str, kind: Kind) -> dict[str, PartnerRecord]:
    """Return the contacts that are clients (vendors) where Scoro says so, or where a staged sales invoice (bill) names
    them."""
    is_one = contact.c.is_client if kind is Kind.CLIENT else contact.c.is_supplier
    is_named = exists().where(
        document.c.company == contact.c.company,
        document.c.flow == _NAMED_BY[kind].value,
        document.c.partner_id == contact.c.source_id,
    )
    return _living(connection, company, or_(is_one, is_named))


def staged_contacts(connection: Connection, company: str, contact_ids: Iterable[str]) -> dict[str, StagedContact]:
    """Return what is known of contacts, by id."""
    wanted = contact.c.source_id == any_of(contact_ids)
    rows = connection.execute(select(contact).where(contact.c.company == company, wanted))
    return {
        row.source_id: StagedContact(contact_record(row), row.is_client, row.is_supplier, row.is_deleted)
        for row in rows
    }


def staged_products(connection: Connection, company: str, product_ids: Iterable[str]) -> dict[str, bool]:
    """Those of the products that are known, and whether they are deleted."""
    wanted = product.c.company == company, product.c.source_id == any_of(product_ids)
    rows = connection.execute(select(product.c.source_id, product.c.is_deleted).where(*wanted))
    return {row.source_id: row.is_deleted for row in rows}


def _living(
    connection: Connection, company: str, *conditions: ColumnElement[bool], most: int | None = None
) -> dict[str, PartnerRecord]:
    wanted = contact.c.company == company, ~contact.c.is_deleted, *conditions
    rows = connection.execute(select(contact).where(*wanted).order_by(contact.c.source_id).limit(most))
    return {row.source_id: contact_record(row) for row in rows}


def contact_record(row: Row[Any]) -> PartnerRecord:
    """Within this room: a row of the table as a record."""
    details = {name: getattr(row, name) for name in DETAILS}
    return PartnerRecord(row.source_id, row.name, row.is_person, **details)


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
