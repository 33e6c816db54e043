"""Rules for articles."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, refuse_if, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES
from scoro_smartaccounts_sandbox.smartaccounts.values import boolean, decimal, given, required_text, text

_TYPES = ("PRODUCT", "SERVICE", "WH")
_ACCOUNTS = ("accountSales", "accountPurchase", "accountWarehouse")


def write_article(ledger: Ledger, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
    """Add an article, or put it in the place of an old one. Raises Refusal."""
    row: Record = {name: required_text(body, name) for name in ("code", "description", "type")}
    for name in ("unit", "vatPc", *_ACCOUNTS):
        if given(body, name):
            row[name] = text(body, name)
    for name in ("activeSales", "activePurchase"):
        value = boolean(body, name)
        row[name] = ledger.switches.article_active if value is None else value
    for name in ("priceSales", "pricePurchase", "priceOwn"):
        if given(body, name):
            row[name] = decimal(body, name)
    existing = ledger.records[ARTICLES].get(row["code"])
    refuse_if(_faults(ledger, row, taken=old is None and existing is not None))
    ledger.insert(ARTICLES, ledger.clean(row, "article"), existing)
    return {"code": row["code"]}


def _faults(ledger: Ledger, row: Record, *, taken: bool) -> Iterator[Fault]:
    if row["type"] not in _TYPES:
        yield unknown("type")
    if "vatPc" in row and ledger.vat_percent(row["vatPc"]) is None:
        yield unknown("vatPc")
    for name in _ACCOUNTS:
        if name in row and not ledger.has_account(row[name]):
            yield unknown(name)
    if taken and ledger.switches.duplicate_article == "refuse":
        yield ("ARTICLE-CODE-EXISTS", "Article code exists already", "Artikli kood on juba olemas")
