"""What Scoro's documents of a period use that the company file must know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from scoro_smartaccounts.common.chunks import chunks
from scoro_smartaccounts.common.documents import Document, Flow, Line, ReceiptGroup, named_payment
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.scoro.modules import EXPENSES
from scoro_smartaccounts.smartaccounts.endpoints import (
    ACCOUNTS,
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    OBJECTS,
    VAT_CODES,
    WAREHOUSES,
)
from scoro_smartaccounts.staging.documents import load_documents, load_products, load_receipt_groups, readable_of_days
from scoro_smartaccounts.staging.links import Kind, read_links
from scoro_smartaccounts.staging.mirror_registers import article_records
from scoro_smartaccounts.transform.article import STOCK, article_code
from scoro_smartaccounts.transform.invoice import vat_percents_of
from scoro_smartaccounts.transform.rates import has_official_rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company

FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document that uses something. `day` decides which rule counts: that of supply."""

    day: date
    document: str


Sightings = list[Sighting]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class ScoroVat:
    """VAT of a line as Scoro has it: code (None: none) and percentage, on invoices or bills."""

    flow: Flow
    code: str | None
    percent: Decimal


@dataclass
class Used:
    """All that is used, with the documents that do, in the order of their days.

    Finance accounts and accounting objects stand here by symbol, receipt accounts by Scoro's id and currency. `stock`:
    documents with stock articles; `without_product`: those with lines that name none; `netting`: payments that set
    documents off against each other.
    """

    documents: dict[Flow, Sightings] = field(default_factory=dict)
    vat: dict[ScoroVat, Sightings] = field(default_factory=dict)
    accounts: dict[str, Sightings] = field(default_factory=dict)
    cost_objects: dict[str, Sightings] = field(default_factory=dict)
    receipt_accounts: dict[tuple[str, str], Sightings] = field(default_factory=dict)
    currencies: dict[str, Sightings] = field(default_factory=dict)
    stock: dict[Flow, Sightings] = field(default_factory=dict)
    without_product: Sightings = field(default_factory=list)
    netting: Sightings = field(default_factory=list)

    def unrated(self, base_currency: str) -> dict[str, Sightings]:
        """Return the currencies without an official rate on a day that they are used, with the documents of these
        days."""
        return {
            currency: those
            for currency, seen in self.currencies.items()
            if currency != base_currency
            and (those := [item for item in seen if not has_official_rate(currency, item.day, base_currency)])
        }

    def settings(self, company: Company) -> list[str]:
        """Return the settings of SmartAccounts that this is held against, and no others: each costs a request a day."""
        unrated = self.unrated(company.base_currency)
        wanted = {
            VAT_CODES: self.vat,
            WAREHOUSES: self.stock,
            ACCOUNTS: self.accounts,
            OBJECTS: self.cost_objects,
            BANK_ACCOUNTS: self.receipt_accounts or self.netting or unrated,
            CASH_ACCOUNTS: self.receipt_accounts or unrated,
        }
        return [service for service, uses in wanted.items() if uses]


def read_used(
    connection: Connection, company: Company, first: date, last: date, flows: Collection[Flow] = FLOWS
) -> Used:
    """Return what the staged documents of the flows use that are dated on these days. Whether an article is stock is
    known of products that are staged, and of articles that SmartAccounts' mirror has."""
    used = Used()
    for flow in FLOWS:
        if flow not in flows:
            continue
        ids = _staged(connection, company, flow, first, last)
        if flow is Flow.PAYMENTS:
            groups = load_receipt_groups(connection, company.key, ids).values()
            for group in sorted(groups, key=lambda group: (group.day, group.source_id)):
                _look_at_group(used, group)
            continue
        for part in chunks(ids):
            _look_at_part(connection, company, flow, part, used)
    return used


def _look_at_part(connection: Connection, company: Company, flow: Flow, ids: list[str], used: Used) -> None:
    documents = load_documents(connection, company.key, flow, ids)
    credited = {source_id for each in documents.values() for source_id in each.credits} - documents.keys()
    bases = {**documents, **load_documents(connection, company.key, flow, credited)}
    stock = _stock(connection, company, documents.values())
    for each in sorted(documents.values(), key=lambda each: (each.day, each.number)):
        _look_at_document(used, each, bases, stock)


def _staged(connection: Connection, company: Company, flow: Flow, first: date, last: date) -> list[str]:
    ids = readable_of_days(connection, company.key, flow, first, last)
    expenses = company.purchase_invoices.expenses
    return [source_id for source_id in ids if expenses or not source_id.startswith(EXPENSES.prefix)]


def _look_at_document(used: Used, each: Document, bases: Mapping[str, Document], stock: set[str]) -> None:
    flow, name = each.flow, f"{each.flow.noun} {each.number}"
    own = Sighting(each.day, name)
    lines = [line for line in each.lines if not line.is_heading]
    _add(used.documents, flow, own)
    if each.currency:
        _add(used.currencies, each.currency, own)
    for line in lines:
        percent = line.vat_percent if line.vat_percent is not None else each.vat_percent
        if percent is not None:
            _add(
                used.vat,
                ScoroVat(flow, line.vat_code or each.vat_code, percent),
                Sighting(_supply_day(each, percent, bases), name),
            )
        if line.product_id is None and own not in used.without_product[-1:]:
            used.without_product.append(own)
        if line.product_id in stock:
            _add(used.stock, flow, own)
        if flow is Flow.PURCHASE_INVOICES:
            _look_at_symbols(used, line, own)


def _supply_day(each: Document, percent: Decimal, bases: Mapping[str, Document]) -> date:
    """Return a credit invoice of sales takes the VAT of what it credits: a line that of an invoice with its
    percentage."""
    credited = [bases[source_id] for source_id in each.credits if source_id in bases]
    if not credited or each.flow is not Flow.SALES_INVOICES:
        return each.day
    return max(credited, key=lambda base: (percent in vat_percents_of(base), base.day)).day


def _look_at_symbols(used: Used, line: Line, own: Sighting) -> None:
    if line.account is not None:
        _add(used.accounts, line.account, own)
    if line.cost_object is not None:
        _add(used.cost_objects, line.cost_object, own)


def _look_at_group(used: Used, group: ReceiptGroup) -> None:
    own = Sighting(group.day, render(named_payment(group.source_id, group.day)))
    _add(used.documents, Flow.PAYMENTS, own)
    amounts = [row.amount for row in group.rows]
    if min(amounts, default=0) < 0 < max(amounts, default=0):
        used.netting.append(own)
    # Where nothing moves, no account is needed.
    if group.account_id is not None and group.total:
        _add(used.receipt_accounts, (group.account_id, group.currency), own)
        _add(used.currencies, group.currency, own)


def _stock(connection: Connection, company: Company, documents: Iterable[Document]) -> set[str]:
    """Ids of the products of these documents that are stock: what SmartAccounts has wins over Scoro's tag."""
    lines = {
        line.product_id: line
        for each in documents
        for line in each.lines
        if not line.is_heading and line.product_id is not None
    }
    products = load_products(connection, company.key, lines)
    links = read_links(connection, company.key, Kind.ARTICLE, lines)
    codes = {
        product_id: links.get(product_id)
        or (article_code(products[product_id], company.articles) if product_id in products else line.product_code or "")
        for product_id, line in lines.items()
    }
    types = {code: each.type for code, each in article_records(connection, company.key, codes.values()).items()}
    tagged = {product_id for product_id, product in products.items() if product.is_stock}
    return {
        product_id
        for product_id, code in codes.items()
        if (types[code] == STOCK if code in types else product_id in tagged)
    }


def _add(found: dict[Key, Sightings], key: Key, sighting: Sighting) -> None:
    seen = found.setdefault(key, [])
    if not seen or seen[-1] != sighting:
        seen.append(sighting)
