"""What is compared: both sides of one kind as they stand in staging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, exists, or_, select

from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.matching.identity.items import propose_items
from scoro_smartaccounts.matching.identity.parties import propose_parties
from scoro_smartaccounts.matching.identity.records import Item, Party
from scoro_smartaccounts.matching.partners.parties import party_of
from scoro_smartaccounts.matching.partners.partners import natural_key
from scoro_smartaccounts.staging.documents import load_products
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import article_register, contact, document, product
from scoro_smartaccounts.transform.article import STOCK, article_code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Product
    from scoro_smartaccounts.matching.identity.proposals import Proposals
    from scoro_smartaccounts.staging.proposals import Pair

_FLOWS: Mapping[Kind, InvoiceFlow] = {flow.partner_kind: flow for flow in INVOICE_FLOWS.values()}


@dataclass(frozen=True, slots=True)
class Side:
    """Records of one kind at both systems, by id (articles at SmartAccounts: by code). `natural_keys`: what an import
    that would create the record locks, by Scoro's id. `compare` proposes who is who, linked records included, but for
    the pairs that are given to it: a person said no to these."""

    sources: Mapping[str, Party | Item]
    remotes: Mapping[str, Party | Item]
    natural_keys: Mapping[str, str]
    compare: Callable[[Collection[Pair]], Proposals]


def read_side(connection: Connection, company: Company, kind: Kind) -> Side:
    """Both sides of a kind. Contacts are clients (vendors) where Scoro says so, or where a staged sales invoice (bill)
    names them. Deleted records do not count."""
    if kind is Kind.ARTICLE:
        return _articles(connection, company)
    return _partners(connection, company.key, _FLOWS[kind])


def _partners(connection: Connection, company: str, flow: InvoiceFlow) -> Side:
    is_one = contact.c.is_client if flow.partner_kind is Kind.CLIENT else contact.c.is_supplier
    rows = connection.execute(
        select(contact)
        .where(contact.c.company == company, contact.c.is_deleted.is_(False), or_(is_one, _is_named(flow)))
        .order_by(contact.c.source_id)
    ).all()
    sources = {row.source_id: party_of(row, row.source_id, is_person=row.is_person) for row in rows}
    remotes = {
        row.remote_id: party_of(row, row.remote_id, is_person=None, marked_id=row.marked_id)
        for row in _all(connection, flow.register, company)
    }
    return Side(
        sources=sources,
        remotes=remotes,
        natural_keys={
            row.source_id: natural_key(
                row.source_id, "" if row.is_person else row.registry_code, row.vat_number, row.country
            )
            for row in rows
        },
        compare=lambda rejected: propose_parties(list(sources.values()), list(remotes.values()), rejected),
    )


def _is_named(flow: InvoiceFlow) -> ColumnElement[bool]:
    return exists().where(
        and_(
            document.c.company == contact.c.company,
            document.c.flow == flow.flow.value,
            document.c.partner_id == contact.c.source_id,
        )
    )


def _articles(connection: Connection, company: Company) -> Side:
    remotes = {
        row.code: Item(row.code, row.code, row.description, row.type == STOCK)
        for row in _all(connection, article_register, company.key)
    }
    ids = connection.scalars(
        select(product.c.source_id).where(product.c.company == company.key, product.c.is_deleted.is_(False))
    ).all()
    products = dict(sorted(load_products(connection, company.key, ids).items()))
    codes = {source_id: article_code(each, company.articles) for source_id, each in products.items()}
    sources = {source_id: _item(each, codes[source_id], remotes) for source_id, each in products.items()}
    return Side(
        sources=sources,
        remotes=remotes,
        natural_keys=codes,
        compare=lambda rejected: propose_items(list(sources.values()), list(remotes.values()), rejected),
    )


def _item(each: Product, code: str, remotes: Mapping[str, object]) -> Item:
    """Return a product without a code has the one that an import would give it, where there is such an article."""
    return Item(each.source_id, code if each.code or code in remotes else "", each.name, each.is_stock)


def _all(connection: Connection, register: Table, company: str) -> list[Row[tuple[object, ...]]]:
    key = register.c.code if register is article_register else register.c.remote_id
    return list(connection.execute(select(register).where(register.c.company == company).order_by(key)).all())
