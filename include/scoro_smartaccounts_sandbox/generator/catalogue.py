"""Invented products and services, and the VAT code that each has on a day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from scoro_smartaccounts_sandbox.generator import words
from scoro_smartaccounts_sandbox.generator.features import Feature
from scoro_smartaccounts_sandbox.generator.partners import quota
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.fields import Record

# Tags of products that are stock articles once trimmed and compared without case.
_STOCK_TAGS: tuple[list[str], ...] = (
    ["Laoartikkel"],
    ["Laoartikkel"],
    ["Laoartikkel"],
    [" laoartikkel "],
    ["Kampaania", "Laoartikkel"],
    ["LAOARTIKKEL"],
)
_OTHER_TAGS: tuple[list[str] | str | None, ...] = (None, "", ["Teenus"], ["Laoartiklid"], ["Kampaania", "Teenus"])


def standard_vat_code(day: str) -> int:
    """The standard rate's VAT code on a day (YYYY-MM-DD)."""
    if day < "2024-01-01":
        return reference_data.VAT_20
    return reference_data.VAT_22 if day < "2025-07-01" else reference_data.VAT_24


def vat_code_on(day: str, category: str) -> int:
    """VAT code of a domestic sale of ``standard``, ``reduced``, ``lodging`` or ``exempt`` goods."""
    match category:
        case "reduced":
            return reference_data.VAT_9
        case "lodging":
            return reference_data.VAT_13 if day >= "2025-01-01" else reference_data.VAT_9
        case "exempt":
            return reference_data.VAT_EXEMPT
        case _:
            return standard_vat_code(day)


def products(
    rng: Random, count: int, before: datetime, end: date, features: frozenset[Feature]
) -> Iterator[tuple[Record, str]]:
    """``count`` products created before a moment, each with its VAT category."""

    def chosen(feature: Feature, share: float) -> set[int]:
        return quota(rng, count, share) if feature in features else set()

    stock = chosen(Feature.STOCK, 0.3)
    if Feature.STOCK in features:
        stock |= set(range(min(len(_STOCK_TAGS), count // 3)))
    codeless = chosen(Feature.CODELESS_PRODUCTS, 0.08)
    no_discounts = chosen(Feature.DISCOUNTS, 0.1)
    reduced = chosen(Feature.MIXED_VAT, 0.06)
    lodging = chosen(Feature.MIXED_VAT, 0.04)
    exempt = chosen(Feature.MIXED_VAT, 0.05)
    long_price = chosen(Feature.LONG_PRICES, 0.15)
    odd = chosen(Feature.ODD_LETTERS, 0.04)
    for place in range(count):
        goods = place in stock or rng.random() < 0.4
        categories = (("reduced", reduced), ("lodging", lodging), ("exempt", exempt))
        category = next((name for name, places in categories if place in places), "standard")
        noun = rng.choice(words.GOODS if goods else words.SERVICES)
        name = f"{noun} {rng.choice(words.ADJECTIVES)} {place + 1}"
        moment = before - timedelta(days=rng.randint(5, 700), seconds=rng.randint(0, 80_000))
        price = Decimal(rng.randint(100, 15_000)) / 100
        if place in long_price:
            price = Decimal(rng.randint(10_001, 1_999_999)) / 10_000
        tag = stock_tag(place) if place in stock else other_tag(place, features)
        yield (
            {
                "code": "" if place in codeless else f"{noun[:3].upper()}-{place + 1}",
                "name": f"{name} {words.ODD_TEXTS[place % len(words.ODD_TEXTS)]}" if place in odd else name,
                "price": price,
                "buying_price": (price * Decimal("0.6")).quantize(Decimal("0.01")),
                "unit": "tk" if goods else rng.choice(("h", "tund", "tk", "")),
                "tag": tag,
                "productgroup_id": 7 if goods else 8,
                # The flag does not always agree with the tag.
                "is_service": int(not goods) if rng.random() < 0.95 else int(goods),
                "no_discounts": int(place in no_discounts),
                "default_vat_code_id": vat_code_on(end.isoformat(), category),
                "sales_finance_account_id": (
                    reference_data.ACCOUNT_SALES_GOODS if goods else reference_data.ACCOUNT_SALES
                ),
                "purchases_finance_account_id": (
                    reference_data.ACCOUNT_PURCHASES if goods else reference_data.ACCOUNT_SERVICES
                ),
                "depot_amounts": {"1": str(rng.randint(10, 5000))} if place in stock else None,
                "created_date": moment,
                "modified_date": moment,
            },
            category,
        )


def stock_tag(place: int) -> list[str]:
    """A tag that makes a stock article."""
    return _STOCK_TAGS[place % len(_STOCK_TAGS)]


def other_tag(place: int, features: frozenset[Feature]) -> list[str] | str | None:
    """A tag that does not."""
    return _OTHER_TAGS[place % len(_OTHER_TAGS)] if Feature.STOCK in features else None


def is_stock(product: Record) -> bool:
    """Carries the tag Laoartikkel, trimmed and in any case."""
    tags = product["tag"] if isinstance(product["tag"], list) else []
    return any(tag.strip().casefold() == "laoartikkel" for tag in tags)
