"""A product of Scoro → an article of SmartAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import NAME_LENGTH
from scoro_smartaccounts.common.documents import Product
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase
from scoro_smartaccounts.transform.partner import PlannedRecord
from scoro_smartaccounts.transform.text import clean, cleaned, tell_length

if TYPE_CHECKING:
    from scoro_smartaccounts.common.company import ArticlePolicy

STOCK = "WH"
# Stands in the place of a product's id for the article of lines without a product.
FALLBACK_ID = "fallback"
_FALLBACK_NAME = "Muu kaup või teenus"


def article_code(product: Product, policy: ArticlePolicy) -> str:
    """Return the product's own code, or the company's prefix and the product's id."""
    code = cleaned(product.code)
    return code or f"{policy.code_prefix}{product.source_id}"


def article_type(product: Product, policy: ArticlePolicy) -> str:
    """`WH` for stock, else what the company file says of services and goods."""
    if product.is_stock:
        return STOCK
    return policy.service_type if product.is_service else policy.goods_type


def plan_article(product: Product, policy: ArticlePolicy) -> PlannedRecord:
    """Return the body of `articles:add`. Whichever flow needs it first, invoices and bills may both use it."""
    warnings: list[Reason] = []
    code = article_code(product, policy)
    name = clean(product.name, where := _part(product, "name"), warnings.append)
    tell_length(name, NAME_LENGTH, where, warnings.append)
    payload: dict[str, Any] = {
        "code": code,
        "description": name or code,
        "type": article_type(product, policy),
        "activeSales": True,
        "activePurchase": True,
    }
    if unit := clean(product.unit, _part(product, "unit"), warnings.append):
        payload["unit"] = unit
    if product.price is not None:
        payload["priceSales"] = plain(product.price)
    return PlannedRecord(payload, tuple(warnings))


def _part(product: Product, part: str) -> Phrase:
    return phrase("product_part", id=product.source_id, part=phrase(part))


def fallback_product(policy: ArticlePolicy) -> Product:
    """Return the product that lines without one are booked on."""
    return Product(
        source_id=FALLBACK_ID,
        code=policy.fallback,
        name=_FALLBACK_NAME,
        unit="",
        price=None,
        is_stock=False,
        is_service=True,
        excludes_discounts=False,
        is_deleted=False,
    )
