"""What is compared: both systems of one kind as they stand in staging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.records import ItemRecord, PartnerRecord
from scoro_smartaccounts.matching.identity.item_proposals import propose_items
from scoro_smartaccounts.matching.identity.partner_proposals import propose_partners
from scoro_smartaccounts.matching.partners.partners import natural_key_of
from scoro_smartaccounts.scoro.modules import PRODUCTS
from scoro_smartaccounts.staging.documents import load_products
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records
from scoro_smartaccounts.staging.scoro_registers import contact_records_of, living_records
from scoro_smartaccounts.transform.article import STOCK, article_code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Product
    from scoro_smartaccounts.matching.identity.proposals import Proposal
    from scoro_smartaccounts.staging.proposals import Pair


@dataclass(frozen=True, slots=True)
class BothRegisters:
    """Records of one kind at both systems, by id (articles at SmartAccounts: by code). `natural_keys`: what an import
    that would create the record locks, by Scoro's id. `compare` proposes who is who, linked records included, but for
    the pairs that are given to it: a person said no to these."""

    sources: Mapping[str, PartnerRecord | ItemRecord]
    remotes: Mapping[str, PartnerRecord | ItemRecord]
    natural_keys: Mapping[str, str]
    compare: Callable[[Collection[Pair]], tuple[Proposal, ...]]


def read_both_registers(connection: Connection, company: Company, kind: Kind) -> BothRegisters:
    """Return the records of a kind. Contacts are clients (vendors) where Scoro says so, or where a staged sales invoice
    (bill) names them. Deleted records do not count."""
    if kind is Kind.ARTICLE:
        return _articles(connection, company)
    return _partners(connection, company.key, kind)


def _partners(connection: Connection, company: str, kind: Kind) -> BothRegisters:
    sources = contact_records_of(connection, company, kind)
    remotes = partner_records(connection, company, kind)
    return BothRegisters(
        sources=sources,
        remotes=remotes,
        natural_keys={source_id: natural_key_of(each) for source_id, each in sources.items()},
        compare=lambda rejected: propose_partners(list(sources.values()), list(remotes.values()), rejected),
    )


def _articles(connection: Connection, company: Company) -> BothRegisters:
    remotes = {
        code: ItemRecord(code, code, each.description, each.type == STOCK)
        for code, each in article_records(connection, company.key).items()
    }
    ids = living_records(connection, company.key, PRODUCTS)
    products = dict(sorted(load_products(connection, company.key, ids).items()))
    codes = {source_id: article_code(each, company.articles) for source_id, each in products.items()}
    sources = {source_id: _item(each, codes[source_id], remotes) for source_id, each in products.items()}
    return BothRegisters(
        sources=sources,
        remotes=remotes,
        natural_keys=codes,
        compare=lambda rejected: propose_items(list(sources.values()), list(remotes.values()), rejected),
    )


def _item(each: Product, code: str, remotes: Mapping[str, object]) -> ItemRecord:
    """Return a product without a code has the one that an import would give it, where there is such an article."""
    return ItemRecord(each.source_id, code if each.code or code in remotes else "", each.name, each.is_stock)
