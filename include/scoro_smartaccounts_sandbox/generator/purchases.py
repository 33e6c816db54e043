"""Invented purchase documents: bills and expenses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from scoro_smartaccounts_sandbox.generator import words
from scoro_smartaccounts_sandbox.generator.catalogue import is_stock, vat_code_on
from scoro_smartaccounts_sandbox.generator.features import BadBill, Feature
from scoro_smartaccounts_sandbox.generator.partners import (
    deadline_days,
    discount_of,
    in_union,
    is_abroad,
    quota,
)
from scoro_smartaccounts_sandbox.generator.rates import rate_of_the_day
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.codes import reference_number
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts_sandbox.scoro.site import Site

_BILL_SHARES = {
    Feature.BILL_NUMBERS: 0.3,
    Feature.COST_OBJECTS: 0.4,
    Feature.VAT_DIFFERENCES: 0.08,
    Feature.STOCK: 0.2,
    Feature.FREE_LINES: 0.15,
    Feature.SUBHEADINGS: 0.04,
    Feature.DISCOUNTS: 0.06,
    Feature.MIXED_VAT: 0.1,
    Feature.DOCUMENT_VAT: 0.1,
    Feature.CURRENCIES: 0.05,
    Feature.TINY_SUMS: 0.01,
    Feature.LONG_PRICES: 0.1,
    Feature.LATE_KEYED: 0.15,
    Feature.DELETED: 0.02,
    Feature.ODD_LETTERS: 0.03,
    Feature.ESCAPED_TEXT: 0.03,
}
_EXPENSE_SHARES = {
    Feature.BILL_NUMBERS: 0.3,
    Feature.COST_OBJECTS: 0.4,
    Feature.VAT_DIFFERENCES: 0.08,
    Feature.STOCK: 0.05,
    Feature.DOCUMENT_VAT: 0.15,
    Feature.CURRENCIES: 0.05,
    Feature.LATE_KEYED: 0.3,
    Feature.DELETED: 0.02,
    Feature.ODD_LETTERS: 0.03,
    Feature.ESCAPED_TEXT: 0.03,
}
_OFF = tuple(Decimal(cents) / 100 for cents in (1, -1, 2, -2))
# Traits that need a supplier in Estonia: elsewhere there is no VAT to vary.
_DOMESTIC = {Feature.VAT_DIFFERENCES, Feature.MIXED_VAT, Feature.DOCUMENT_VAT}


@dataclass(eq=False)
class Purchase:
    """A bill or an expense to be."""

    fields: Record
    created: datetime
    traits: set[Feature] = field(default_factory=set)
    # The bill of which this one takes something back.
    base: "Purchase | None" = None
    deleted: datetime | None = None
    # What the supplier's VAT is more than the computed one.
    vat_off: Decimal = Decimal(0)
    bad: BadBill | None = None
    twin: "Purchase | None" = None
    id: int = 0


class PurchaseMaker:
    """Makes and stores the purchase documents of one company. Everything random comes from ``rng``."""

    def __init__(
        self,
        rng: Random,
        site: Site,
        suppliers: Sequence[Record],
        products: Sequence[tuple[Record, str]],
        features: frozenset[Feature],
        latest: datetime,
    ) -> None:
        self._rng = rng
        self._site = site
        self._features = features
        self._latest = latest
        self._suppliers = suppliers
        self._domestic = [supplier for supplier in suppliers if not is_abroad(supplier)] or list(suppliers)
        self._abroad = [supplier for supplier in suppliers if is_abroad(supplier)] or list(suppliers)
        self._products = products
        self._standard = [item for item in products if item[1] == "standard"] or list(products)
        self._other_rates = [item for item in products if item[1] != "standard"]
        self._stock = [item for item in products if is_stock(item[0])]
        self._persons = [
            contact["contact_id"] for contact in site.live("contacts") if contact["contact_type"] == "person"
        ]

    def bills(self, days: Sequence[date], end: date) -> list[Purchase]:
        """One live bill a day given, negative ones among them, and the deleted ones that some of them replace."""
        credits = 0
        if Feature.SUPPLIER_CREDITS in self._features:
            credits = min(max(2, round(len(days) * 0.05)), len(days) // 3)
        plain = days[: len(days) - credits]
        made = [
            self._bill(day, place, traits)
            for place, (day, traits) in enumerate(zip(plain, self._traits(len(plain), _BILL_SHARES), strict=True))
        ]
        bases = [bill for bill in made if not bill.traits & {Feature.TINY_SUMS, Feature.DELETED}]
        chosen = self._rng.sample(bases, min(credits, len(bases)))
        made += [self._credit(base, end, len(plain) + place) for place, base in enumerate(chosen)]
        if Feature.BILL_NUMBERS in self._features:
            self._share_a_number(bases)
        return made + [self._deleted_twin(bill) for bill in made if Feature.DELETED in bill.traits]

    def expenses(self, days: Sequence[date]) -> list[Purchase]:
        """One live expense a day given, and the deleted ones that some of them replace."""
        traits = self._traits(len(days), _EXPENSE_SHARES)
        made = [self._expense(day, place, has) for place, (day, has) in enumerate(zip(days, traits, strict=True))]
        return made + [self._deleted_twin(expense) for expense in made if Feature.DELETED in expense.traits]

    def bad_bills(self, good: Sequence[Purchase], count: int, start: date, end: date) -> list[Purchase]:
        """``count`` bad bills, every reason in turn."""
        reasons, rng = list(BadBill), self._rng
        originals = [bill for bill in good if bill.deleted is None and bill.base is None]
        made = []
        for place in range(count):
            day = start + timedelta(days=rng.randint(0, (end - start).days))
            bill = self._bill(day, 100_000 + place, set(), domestic=True)
            bill.bad = reasons[place % len(reasons)]
            if bill.bad is BadBill.NUMBER_TWICE and originals:
                bill.twin = rng.choice(originals)
                for name in ("no", "company_id"):
                    bill.fields[name] = bill.twin.fields[name]
            elif bill.bad is BadBill.VAT_PERCENT_INVALID:
                past = bill.fields["date"] < "2024-01-01"
                for line in bill.fields["lines"]:
                    self._set_vat("bills", line, reference_data.VAT_24 if past else reference_data.VAT_20)
            made.append(bill)
        return made

    def put(self, module: str, drafts: Iterable[Purchase], first_id: int) -> list[Record]:
        """Store documents with their totals. Ids follow the order of keying in."""
        stored = []
        for document_id, draft in enumerate(sorted(drafts, key=lambda item: item.created), start=first_id):
            draft.id = document_id
            modified = draft.created
            if self._rng.random() < 0.3 and draft.deleted is None:
                modified = min(draft.created + timedelta(hours=self._rng.randint(1, 90)), self._latest)
            document = self._site.complete(
                module,
                {
                    **draft.fields,
                    "id": document_id,
                    "created_date": draft.created,
                    "modified_date": modified,
                    "is_deleted": int(draft.deleted is not None),
                    "deleted_date": draft.deleted,
                },
            )
            self._site.recompute(module, document)
            vat_key = "tax_sum" if module == "expenses" else "vat_sum"
            if document[vat_key]:
                document[vat_key] += draft.vat_off
            if draft.bad is not None:
                _spoil(document, draft.bad)
            stored.append(self._site.put(module, document))
        return stored

    # Documents

    def _traits(self, count: int, shares: dict[Feature, float]) -> list[set[Feature]]:
        places = {
            feature: quota(self._rng, count, shares[feature])
            for feature in Feature
            if feature in shares and feature in self._features
        }
        return [{feature for feature, chosen in places.items() if place in chosen} for place in range(count)]

    def _supplier(self, traits: set[Feature], *, domestic: bool = False) -> Record:
        if Feature.CURRENCIES in traits:
            return self._rng.choice(self._abroad)
        return self._rng.choice(self._domestic if domestic or traits & _DOMESTIC else self._suppliers)

    def _bill(self, day: date, place: int, traits: set[Feature], *, domestic: bool = False) -> Purchase:
        rng = self._rng
        supplier = self._supplier(traits, domestic=domestic)
        fields: Record = {
            "no": self._number(day, place, traits),
            "company_id": supplier["contact_id"],
            "date": day.isoformat(),
            "deadline": (day + timedelta(days=deadline_days(supplier))).isoformat(),
            "recognition_date": day.isoformat(),
            "reference_no": reference_number(rng.randint(10_000, 9_999_999)) if rng.random() < 0.6 else "",
            "description": self._text(traits, rng.choice(words.DESCRIPTIONS)),
        }
        self._set_currency(fields, traits)
        if Feature.DISCOUNTS in traits and rng.random() < 0.5:
            fields["discount"] = discount_of(rng)
        fields["lines"] = self._lines(supplier, fields, traits)
        if Feature.DOCUMENT_VAT in traits:
            fields["vat_code_id"] = self._vat_code(supplier, fields, "standard")
            for line in fields["lines"]:
                line.update(vat=None, vat_code="", vat_code_id=0)
        created = self._keyed_in(day, traits)
        vat_off = rng.choice(_OFF) if Feature.VAT_DIFFERENCES in traits else Decimal(0)
        return Purchase(fields, created, traits, vat_off=vat_off)

    def _lines(self, supplier: Record, fields: Record, traits: set[Feature]) -> list[Record]:
        rng = self._rng
        chosen = [rng.choice(self._standard) for _ in range(rng.choice((1, 1, 2, 3, 5)))]
        if Feature.STOCK in traits and self._stock:
            chosen[0] = rng.choice(self._stock)
        if Feature.MIXED_VAT in traits and self._other_rates:
            chosen.append(rng.choice(self._other_rates))
        lines = []
        for place, (product, category) in enumerate(chosen):
            if Feature.SUBHEADINGS in traits and place == 0:
                heading = rng.choice(words.SUBHEADINGS)
                lines.append({"product_id": -1, "comment": heading, "price": Decimal(0), "amount": Decimal(0)})
            price, amount = product["buying_price"], Decimal(rng.choice((1, 2, 5, 10, 25)))
            if Feature.LONG_PRICES in traits:
                price += Decimal(rng.randint(1, 9999)) / 1_000_000
                amount += Decimal(rng.randint(1, 999)) / 1000
            line: Record = {
                "product_id": product["product_id"],
                "product_name": product["name"],
                "comment": self._text(traits, ""),
                "price": price,
                "amount": amount,
                "unit": product["unit"],
                "finance_account_id": product["purchases_finance_account_id"],
            }
            if Feature.DISCOUNTS in traits and not fields.get("discount"):
                line["discount"] = discount_of(rng)
            self._set_vat("bills", line, self._vat_code(supplier, fields, category))
            lines.append(line)
        if Feature.FREE_LINES in traits:
            line = {
                "product_id": 0,
                "comment": rng.choice(words.EXPENSES),
                "price": Decimal(rng.randint(500, 90_000)) / 100,
                "amount": Decimal(1),
                "finance_account_id": rng.choice((reference_data.ACCOUNT_SERVICES, reference_data.ACCOUNT_OFFICE)),
            }
            self._set_vat("bills", line, self._vat_code(supplier, fields, "standard"))
            lines.append(line)
        if Feature.COST_OBJECTS in traits:
            for line in lines:
                line["finance_object_id"] = rng.choice(reference_data.OBJECTS) if line["product_id"] != -1 else 0
        if Feature.TINY_SUMS in traits:
            last = {**lines[-1], "price": Decimal("0.01"), "amount": Decimal(1), "discount": Decimal(0)}
            fields["discount"] = Decimal(0)
            return [last] if rng.random() < 0.5 else [last, {**last, "amount": Decimal(-1)}]
        return lines

    def _credit(self, base: Purchase, end: date, place: int) -> Purchase:
        """What the supplier sends when goods went back or the price was wrong: a bill with negative quantities."""
        rng = self._rng
        issued = date.fromisoformat(base.fields["date"])
        day = issued + timedelta(days=rng.randint(0, max((end - issued).days, 0)))
        lines = [dict(line) for line in base.fields["lines"] if line["product_id"] != -1]
        if place % 2:
            lines = lines[:1]
        for line in lines:
            line["amount"] = -line["amount"]
        fields = {
            **base.fields,
            "no": self._number(day, place, base.traits),
            "date": day.isoformat(),
            "deadline": day.isoformat(),
            "recognition_date": day.isoformat(),
            "description": f"Kreeditarve arvele {base.fields['no']}",
            "lines": lines,
        }
        created = max(self._keyed_in(day, set()), base.created + timedelta(minutes=5))
        return Purchase(fields, created, {Feature.SUPPLIER_CREDITS}, base=base)

    def _expense(self, day: date, place: int, traits: set[Feature]) -> Purchase:
        rng = self._rng
        supplier = self._supplier(traits)
        reimbursed = bool(self._persons) and rng.random() < 0.2
        fields: Record = {
            "no": self._number(day, 50_000 + place, traits),
            "company_id": supplier["contact_id"],
            "person_id": rng.choice(self._persons) if reimbursed else 0,
            "is_reimbursable": int(reimbursed),
            "date": day.isoformat(),
            "due_date": (day + timedelta(days=rng.choice((0, 0, 7, 14)))).isoformat(),
            "recognition_date": day.isoformat(),
            "comment": self._text(traits, rng.choice(words.EXPENSES)),
        }
        self._set_currency(fields, traits)
        lines = []
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            line: Record = {
                "product_id": 0,
                "description": self._text(traits, rng.choice(words.EXPENSES)),
                "quantity": Decimal(rng.choice((1, 1, 1, 2, 4))),
                "price": Decimal(rng.randint(150, 25_000)) / 100,
                "finance_account_id": rng.choice((reference_data.ACCOUNT_SERVICES, reference_data.ACCOUNT_OFFICE)),
                "accounting_object_id": rng.choice(reference_data.OBJECTS) if Feature.COST_OBJECTS in traits else 0,
            }
            if Feature.STOCK in traits and self._stock:
                product = rng.choice(self._stock)[0]
                line.update(
                    product_id=product["product_id"],
                    description=product["name"],
                    unit=product["unit"],
                    price=product["buying_price"],
                    finance_account_id=product["purchases_finance_account_id"],
                )
            self._set_vat("expenses", line, self._vat_code(supplier, fields, "standard"))
            lines.append(line)
        if Feature.DOCUMENT_VAT in traits:
            fields["tax_code_id"] = self._vat_code(supplier, fields, "standard")
            for line in lines:
                line.update(tax_percentage=None, tax_code="", tax_code_id=0)
        fields["lines"] = lines
        vat_off = rng.choice(_OFF) if Feature.VAT_DIFFERENCES in traits else Decimal(0)
        return Purchase(fields, self._keyed_in(day, traits), traits, vat_off=vat_off)

    def _deleted_twin(self, kept: Purchase) -> Purchase:
        """The document that stood there before under the same number, with another quantity; deleted."""
        lines = [dict(line) for line in kept.fields["lines"]]
        quantity = "amount" if "amount" in lines[-1] else "quantity"
        lines[-1][quantity] += 1
        created, deleted = kept.created - timedelta(hours=2), kept.created - timedelta(minutes=3)
        return Purchase({**kept.fields, "lines": lines}, created, deleted=deleted)

    def _share_a_number(self, bills: Sequence[Purchase]) -> None:
        """Give one bill in fifty, at least one, the number of a bill of another supplier."""
        for _ in range(max(1, len(bills) // 50)):
            one = self._rng.choice(bills) if bills else None
            others = [bill for bill in bills if one and bill.fields["company_id"] != one.fields["company_id"]]
            if one and others:
                self._rng.choice(others).fields["no"] = one.fields["no"]

    # Parts of documents

    def _number(self, day: date, place: int, traits: set[Feature]) -> str:
        serial = 4000 + place * 7 + self._rng.randint(0, 6)
        if Feature.BILL_NUMBERS not in traits:
            return str(serial)
        forms = (
            f"A-{serial}",
            f"{day.year}/{serial}",
            f"INV{serial:07d}",
            f"MA {day:%y}/{serial}-B",
            f"{serial}/Õ",
            f"000{serial}",
        )
        return forms[place % len(forms)]

    def _text(self, traits: set[Feature], usual: str) -> str:
        if Feature.ODD_LETTERS in traits:
            return self._rng.choice(words.ODD_TEXTS)
        return "Kaubad &amp; teenused\r\n&quot;eri&quot;" if Feature.ESCAPED_TEXT in traits else usual

    def _set_currency(self, fields: Record, traits: set[Feature]) -> None:
        if Feature.CURRENCIES in traits:
            fields["currency"] = self._rng.choice(("USD", "SEK"))
            fields["currency_rate"] = rate_of_the_day(self._rng, fields["currency"])

    def _vat_code(self, supplier: Record, fields: Record, category: str) -> int:
        if in_union(supplier):
            return reference_data.VAT_0_EU
        return reference_data.VAT_0 if is_abroad(supplier) else vat_code_on(fields["date"], category)

    def _set_vat(self, module: str, line: Record, vat_code_id: int) -> None:
        code = self._site.records("vatCodes")[vat_code_id]
        names = ("tax_code_id", "tax_code", "tax_percentage") if module == "expenses" else _VAT_NAMES
        line.update(zip(names, (vat_code_id, code["vat_code"], code["percent"]), strict=True))

    def _keyed_in(self, day: date, traits: set[Feature]) -> datetime:
        rng = self._rng
        # Bills come by post: some a little late, those with the trait so late that a month may be over.
        lag = rng.choice((5, 9, 16, 25)) if Feature.LATE_KEYED in traits else rng.choice((0, 0, 0, 1, 2))
        moment = datetime.combine(day, time(rng.randint(10, 17), rng.randint(0, 59), rng.randint(0, 59)), SITE_ZONE)
        return min(moment + timedelta(days=lag), self._latest)


_VAT_NAMES = ("vat_code_id", "vat_code", "vat")


def _spoil(bill: Record, reason: BadBill) -> None:
    """What must be wrong against the totals."""
    match reason:
        case BadBill.WRONG_VAT_SUM:
            bill["vat_sum"] += Decimal("5.00")
        case BadBill.LINE_SUMS_DIFFER:
            # VAT goes along, so that only the lines disagree with the net.
            bill["vat_sum"] += Decimal(10) * (bill["lines"][0]["vat"] or Decimal(0)) / 100
            bill["sum"] += Decimal(10)
        case BadBill.PARTNER_MISSING:
            bill.update(company_id=0, person_id=0, company_address=dict(reference_data.EMPTY_ADDRESS))
        case BadBill.LINES_MISSING:
            bill["lines"] = []
        case BadBill.CURRENCY_RATE_BAD:
            bill.update(currency="USD", currency_rate=Decimal(0))
        case _:
            pass
