"""Invented sales invoices, before they have ids and numbers."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from scoro_smartaccounts_sandbox.generator import words
from scoro_smartaccounts_sandbox.generator.catalogue import is_stock, vat_code_on
from scoro_smartaccounts_sandbox.generator.features import BadReason, Feature
from scoro_smartaccounts_sandbox.generator.partners import (
    deadline_days,
    discount_of,
    in_union,
    is_abroad,
    quota,
)
from scoro_smartaccounts_sandbox.generator.rates import rate_of_the_day
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts_sandbox.scoro.site import Site


@dataclass(eq=False)
class Draft:
    """A document to be: its fields, when it was keyed in, and how it stands to others."""

    fields: Record
    created: datetime
    base: "Draft | None" = None
    draws_on_prepayment: bool = False
    # Deleted; the document made in its place carries the same number.
    deleted: datetime | None = None
    replaces: "Draft | None" = None
    bad: BadReason | None = None
    id: int = 0
    number: str = ""
    traits: set[Feature] = field(default_factory=set)


class InvoiceMaker:
    """Makes the drafts of one company. Everything random comes from ``rng``, time never from the clock."""

    def __init__(
        self,
        rng: Random,
        site: Site,
        clients: list[Record],
        products: list[tuple[Record, str]],
        features: frozenset[Feature],
        latest: datetime,
    ) -> None:
        self._rng = rng
        self._site = site
        self._features = features
        self._latest = latest
        self._clients = clients
        self._companies = [client for client in clients if client["contact_type"] == "company"]
        self._persons = [client["contact_id"] for client in clients if client["contact_type"] == "person"]
        self._domestic = [client for client in clients if not is_abroad(client)]
        self._products = products
        self._stock = [item for item in products if is_stock(item[0])]
        self._reduced = [item for item in products if item[1] != "standard"]
        self._no_discounts = [item for item in products if item[0]["no_discounts"]]

    def month(self, first: date, last: date, count: int) -> list[Draft]:
        """``count`` live invoices dated from first to last day, and the deleted ones that some of them replace."""
        rng = self._rng
        shares = {
            Feature.DISCOUNTS: 0.15,
            Feature.SUBHEADINGS: 0.08,
            Feature.FREE_LINES: 0.08,
            Feature.SECOND_QUANTITY: 0.05,
            Feature.MIXED_VAT: 0.1,
            Feature.DOCUMENT_VAT: 0.12,
            Feature.CURRENCIES: 0.05,
            Feature.PREPAYMENTS: 0.03,
            Feature.STOCK: 0.15,
            Feature.TINY_SUMS: 0.02,
            Feature.LONG_PRICES: 0.12,
            Feature.LATE_KEYED: 0.1,
            Feature.DELETED: 0.02,
            Feature.ODD_LETTERS: 0.04,
            Feature.ESCAPED_TEXT: 0.05,
        }
        credits = 0
        if Feature.CREDITS in self._features:
            credits = min(max(2, round(count * 0.04)), count // 4)
        plain = count - credits
        # Walked in the order of the enum: a set's order is not the same in every process.
        places = {
            feature: quota(rng, plain, shares[feature])
            for feature in Feature
            if feature in shares and feature in self._features
        }
        drafts = []
        for place in range(plain):
            traits = {feature for feature, chosen in places.items() if place in chosen}
            drafts.append(self._invoice(self._day(first, last), traits))
        bases = [
            draft
            for draft in drafts
            if draft.fields["lines"] and not draft.traits & {Feature.TINY_SUMS, Feature.PREPAYMENTS, Feature.DELETED}
        ]
        for place, base in enumerate(rng.sample(bases, min(credits, len(bases)))):
            drafts.append(self._credit(base, last, partial=place % 2 == 1))
        replaced = [draft for draft in drafts if Feature.DELETED in draft.traits]
        for place, draft in enumerate(replaced):
            # Some were deleted and a number of their own stayed unused.
            drafts.append(self._deleted_twin(draft, number_again=place % 3 != 2))
        return drafts

    def plain_invoice(self, first: date, last: date) -> Draft:
        """An unremarkable domestic invoice."""
        return self._invoice(self._day(first, last), set())

    def stock_invoice(self, first: date, last: date) -> Draft:
        """An invoice whose first line is a stock product."""
        return self._invoice(self._day(first, last), {Feature.STOCK})

    def _day(self, first: date, last: date) -> date:
        day = first + timedelta(days=self._rng.randint(0, (last - first).days))
        if day.weekday() >= 5 and self._rng.random() < 0.7:
            day = max(day - timedelta(days=2), first)
        return day

    def _keyed_in(self, day: date, traits: set[Feature]) -> datetime:
        rng = self._rng
        lag = 0
        if Feature.LATE_KEYED in traits:
            lag = rng.choice((1, 2, 3, 5, 8, 20))
        moment = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59)), SITE_ZONE)
        return min(moment + timedelta(days=lag), self._latest)

    def _client(self, traits: set[Feature]) -> Record:
        rng = self._rng
        if Feature.CURRENCIES in traits:
            abroad = [client for client in self._companies if is_abroad(client)]
            return rng.choice(abroad or self._companies)
        if traits & {Feature.MIXED_VAT, Feature.DOCUMENT_VAT, Feature.PREPAYMENTS}:
            return rng.choice(self._domestic or self._clients)
        return rng.choice(self._clients)

    def _invoice(self, day: date, traits: set[Feature]) -> Draft:
        rng = self._rng
        client = self._client(traits)
        deadline = day + timedelta(days=deadline_days(client))
        fields: Record = {
            "company_id": client["contact_id"],
            "person_id": rng.choice(self._persons) if self._persons and rng.random() < 0.1 else 0,
            "date": day.isoformat(),
            "deadline": deadline.isoformat(),
            "description": self._description(traits),
            "is_sent": int(rng.random() < 0.9),
        }
        if Feature.CURRENCIES in traits:
            fields["currency"] = rng.choice(("USD", "SEK"))
            fields["currency_rate"] = rate_of_the_day(rng, fields["currency"])
        if Feature.DISCOUNTS in traits:
            self._discount(fields)
        if Feature.DOCUMENT_VAT in traits:
            fields["vat_code_id"] = self._vat_code(client, fields, "standard")
        fields["lines"] = self._lines(client, fields, traits)
        if Feature.TINY_SUMS in traits:
            fields["lines"] = self._tiny_lines(fields["lines"][-1])
            fields.update(discount=Decimal(0), discount2=None, discount3=None)
        return Draft(
            fields,
            self._keyed_in(day, traits),
            draws_on_prepayment=Feature.PREPAYMENTS in traits,
            traits=traits,
        )

    def _description(self, traits: set[Feature]) -> str:
        if Feature.ODD_LETTERS in traits:
            return self._rng.choice(words.ODD_TEXTS)
        if Feature.ESCAPED_TEXT in traits:
            return "Kaubad &amp; teenused\r\n&quot;eri&quot; hinnaga"
        return self._rng.choice(words.DESCRIPTIONS)

    def _discount(self, fields: Record) -> None:
        rng = self._rng
        kind = rng.randrange(4)
        if kind < 3:
            fields["discount"] = discount_of(rng)
        if kind == 1:
            fields["discount2"] = Decimal(5)
        if kind == 2:
            fields.update(discount2=Decimal(5), discount3=Decimal("2.5"))

    def _lines(self, client: Record, fields: Record, traits: set[Feature]) -> list[Record]:
        rng = self._rng
        count = rng.choice((1, 2, 3, 4, 5, 6, 8, 11))
        chosen = [rng.choice(self._products) for _ in range(count)]
        if Feature.STOCK in traits and self._stock:
            chosen[0] = rng.choice(self._stock)
        if Feature.MIXED_VAT in traits and self._reduced:
            chosen.append(rng.choice(self._reduced))
            standard = [item for item in self._products if item[1] == "standard"]
            chosen.append(rng.choice(standard or self._products))
        elif Feature.MIXED_VAT not in traits:
            chosen = [item for item in chosen if item[1] == "standard"] or [self._products[-1]]
        if Feature.DISCOUNTS in traits and self._no_discounts:
            chosen.append(rng.choice(self._no_discounts))
        lines = []
        for place, (product, category) in enumerate(chosen):
            if Feature.SUBHEADINGS in traits and place % 3 == 0:
                lines.append(_subheading(rng.choice(words.SUBHEADINGS)))
            line = self._line(product, traits)
            _set_vat(self._site, line, self._vat_code(client, fields, category))
            lines.append(line)
        if Feature.FREE_LINES in traits:
            line = {
                "product_id": 0,
                "comment": "Transport ja pakkimine",
                "price": Decimal("12.50"),
                "amount": Decimal(1),
                "finance_account_id": reference_data.ACCOUNT_SALES,
            }
            _set_vat(self._site, line, self._vat_code(client, fields, "standard"))
            lines.append(line)
        if Feature.DOCUMENT_VAT in traits:
            for line in lines:
                line.update(vat=None, vat_code="", vat_code_id=0)
        return lines

    def _vat_code(self, client: Record, fields: Record, category: str) -> int:
        if in_union(client):
            return reference_data.VAT_0_EU
        if is_abroad(client) and client["contact_type"] == "company":
            return reference_data.VAT_0
        return vat_code_on(fields["date"], category)

    def _line(self, product: Record, traits: set[Feature]) -> Record:
        rng = self._rng
        amount = Decimal(rng.choice((1, 1, 1, 2, 3, 5, 8, 10, 12, 40)))
        price: Decimal = product["price"]
        if Feature.LONG_PRICES in traits:
            amount += Decimal(rng.randint(1, 999)) / 1000
            price += Decimal(rng.randint(1, 9999)) / 1_000_000
        line: Record = {
            "product_id": product["product_id"],
            "product_name": product["name"],
            "comment": rng.choice(words.COMMENTS),
            "price": price,
            "amount": amount,
            "unit": product["unit"],
            "cost": product["buying_price"],
            "finance_account_id": product["sales_finance_account_id"],
            "finance_object_id": rng.choice((0, 0, 1, 2)),
        }
        if Feature.ODD_LETTERS in traits:
            line["comment"] = rng.choice(words.ODD_TEXTS)
        if Feature.SECOND_QUANTITY in traits:
            line["amount2"] = Decimal(rng.choice(("2", "3", "1.5")))
        if Feature.DISCOUNTS in traits and rng.random() < 0.4:
            line["discount"] = discount_of(rng)
        if is_stock(product):
            depot = {"depot_id": reference_data.DEPOT_MAIN, "amount": str(amount), "serial_no": ""}
            line["depot_amounts"] = [depot]
        return line

    def _tiny_lines(self, line: Record) -> list[Record]:
        cent = {**line, "price": Decimal("0.01"), "amount": Decimal(1), "discount": Decimal(0), "amount2": None}
        cent["depot_amounts"] = None
        if self._rng.random() < 0.5:
            return [cent]
        full = {**cent, "price": Decimal(25)}
        return [full, {**full, "amount": Decimal(-1)}]

    def _credit(self, base: Draft, last: date, *, partial: bool) -> Draft:
        rng = self._rng
        issued = date.fromisoformat(base.fields["date"])
        day = issued + timedelta(days=rng.randint(0, max((last - issued).days, 0)))
        lines = [dict(line) for line in base.fields["lines"] if line["product_id"] != -1]
        if partial:
            lines = lines[:1]
        for line in lines:
            line["amount"] = -line["amount"]
            if line.get("depot_amounts"):
                line["depot_amounts"] = [{**taken, "amount": str(line["amount"])} for taken in line["depot_amounts"]]
        fields = {
            **base.fields,
            "date": day.isoformat(),
            "deadline": day.isoformat(),
            "description": "Kreeditarve",
            "lines": lines,
        }
        created = max(self._keyed_in(day, set()), base.created + timedelta(minutes=5))
        return Draft(fields, created, base=base, traits={Feature.CREDITS})

    def _deleted_twin(self, kept: Draft, *, number_again: bool) -> Draft:
        """The document that stood there before, with other lines: deleted, and its number used again or not."""
        lines = [dict(line) for line in kept.fields["lines"]]
        lines[-1]["amount"] = lines[-1].get("amount", Decimal(0)) + 1
        created = kept.created - timedelta(hours=2)
        deleted = kept.created - timedelta(minutes=3)
        twin = Draft({**kept.fields, "lines": lines}, created, deleted=deleted)
        kept.replaces = twin if number_again else None
        return twin


def _subheading(text: str) -> Record:
    return {"product_id": -1, "comment": text, "price": Decimal(0), "amount": Decimal(0)}


def _set_vat(site: Site, line: Record, vat_code_id: int) -> None:
    code = site.records("vatCodes")[vat_code_id]
    line.update(vat_code_id=vat_code_id, vat=code["percent"], vat_code=code["vat_code"])
