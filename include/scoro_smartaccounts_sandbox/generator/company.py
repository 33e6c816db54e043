"""A whole company: registers, invoices, bills and payments, from a seed."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.generator.catalogue import products
from scoro_smartaccounts_sandbox.generator.features import ALL_FEATURES, BadBill, BadReason, Feature
from scoro_smartaccounts_sandbox.generator.invoices import Draft, InvoiceMaker
from scoro_smartaccounts_sandbox.generator.partners import is_abroad, partners
from scoro_smartaccounts_sandbox.generator.prepayments import put_open_prepayments, put_prepayment
from scoro_smartaccounts_sandbox.generator.purchases import Purchase, PurchaseMaker
from scoro_smartaccounts_sandbox.generator.receipts import Payer
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.codes import reference_number
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts_sandbox.scoro.site import Site
from scoro_smartaccounts_sandbox.scoro.switches import Switches

# Ids start above these: lower ones stay free for rows that appear before others in a listing.
_FIRST_IDS = {
    "contacts": 51,
    "products": 84,
    "invoices": 5001,
    "bills": 301,
    "expenses": 401,
    "prepayments": 201,
    "receipts": 901,
}
_UNKNOWN_BASE = 9_000_000


@dataclass(frozen=True, slots=True)
class Planted:
    """A bad document: its id, what is wrong, and the ids of documents that share in it (equal numbers)."""

    invoice_id: int
    reason: BadReason
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlantedBill:
    """A bad bill: its id, what is wrong, and the id of the good one whose number it has."""

    bill_id: int
    reason: BadBill
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated company and the bad documents planted in it."""

    site: Site
    planted: tuple[Planted, ...]
    planted_bills: tuple[PlantedBill, ...] = ()


def generate(
    seed: int,
    start: date,
    end: date,
    invoices_per_month: int,
    features: frozenset[Feature] = ALL_FEATURES,
    *,
    bad: float = 0.0,
    bills_per_month: int | None = None,
    expenses_per_month: int = 0,
    bad_bills: float = 0.0,
    switches: Switches | None = None,
    clock: Clock | None = None,
) -> Generated:
    """A company with invoices dated from ``start`` to ``end``, both included. Equal arguments, equal company.

    ``bad`` above 0 plants that share of bad invoices on top of the good ones, at least one of every reason;
    ``bad_bills`` the same of bills. Bills and their payments come with ``Feature.BILLS``, two for five invoices unless
    ``bills_per_month`` says otherwise; expenses only where asked for. Sales invoices do not depend on them. Without
    ``clock`` the site's clock stands still at the time when the last record was keyed in.
    """
    latest = keyed_in_until(end)
    site = Site(clock or Clock.frozen(latest), switches)
    return fill(
        site,
        seed,
        start,
        end,
        invoices_per_month,
        features,
        bad=bad,
        bills_per_month=bills_per_month,
        expenses_per_month=expenses_per_month,
        bad_bills=bad_bills,
    )


def keyed_in_until(end: date) -> datetime:
    """No generated record was made or changed after this: ten days after the last document's date."""
    return datetime.combine(end + timedelta(days=10), time(18), SITE_ZONE)


def populate(
    site: Site,
    seed: int,
    start: date,
    end: date,
    invoices_per_month: int,
    features: frozenset[Feature] = ALL_FEATURES,
    *,
    bad: float = 0.0,
    bills_per_month: int | None = None,
    expenses_per_month: int = 0,
    bad_bills: float = 0.0,
) -> tuple[Planted, ...]:
    """As ``fill``; gives the bad invoices planted."""
    made = fill(
        site,
        seed,
        start,
        end,
        invoices_per_month,
        features,
        bad=bad,
        bills_per_month=bills_per_month,
        expenses_per_month=expenses_per_month,
        bad_bills=bad_bills,
    )
    return made.planted


def fill(
    site: Site,
    seed: int,
    start: date,
    end: date,
    invoices_per_month: int,
    features: frozenset[Feature] = ALL_FEATURES,
    *,
    bad: float = 0.0,
    bills_per_month: int | None = None,
    expenses_per_month: int = 0,
    bad_bills: float = 0.0,
) -> Generated:
    """Replace what a site holds by a generated company. Arguments as of ``generate``."""
    if end < start:
        raise ValueError("generate: end is before start")
    if invoices_per_month < 1:
        raise ValueError("generate: invoices_per_month must be at least 1")
    if (bills_per_month or 0) < 0 or expenses_per_month < 0:
        raise ValueError("generate: bills_per_month and expenses_per_month may not be negative")
    if not (0 <= bad <= 1 and 0 <= bad_bills <= 1):
        raise ValueError("generate: bad and bad_bills are shares from 0 to 1")
    with site.lock:
        site.reset()
        company = _Company(site, seed, start, end, features)
        planted = company.fill_sales(invoices_per_month, bad)
        bills = company.fill_purchases(bills_per_month, expenses_per_month, bad_bills)
        company.pay()
        return Generated(site, planted, bills)


class _Company:
    def __init__(self, site: Site, seed: int, start: date, end: date, features: frozenset[Feature]) -> None:
        self._site = site
        self._rng = Random(seed)
        self._seed = seed
        self._start = start
        self._end = end
        self._features = features
        self._latest = keyed_in_until(end)
        self._opening = datetime.combine(start, time(8), SITE_ZONE)
        self._clients: list[Record] = []
        self._goods: list[tuple[Record, str]] = []
        self._sales: list[Draft] = []
        self._bills: list[Purchase] = []
        self._expenses: list[Purchase] = []

    def fill_sales(self, per_month: int, bad: float) -> tuple[Planted, ...]:
        """Registers and sales invoices; gives the bad ones."""
        rng, site = self._rng, self._site
        for module, first_id in _FIRST_IDS.items():
            site.tables[module].skip_to(first_id)
        segments = list(_months(self._start, self._end, per_month))
        total = sum(count for _, _, count in segments)
        self._clients = self._put_contacts(rng, max(16, min(4000, total // 6)), suppliers=False)
        self._goods = self._put_products(max(30, min(400, total // 10)))
        maker = InvoiceMaker(rng, site, self._clients, self._goods, self._features, self._latest)
        drafts = [draft for first, last, count in segments for draft in maker.month(first, last, count)]
        drafts += self._bad_drafts(maker, total, bad)
        # Ids and numbers follow the order of keying in, as at Scoro. A base stands before its credit invoices.
        drafts.sort(key=lambda draft: draft.created)
        for invoice_id, draft in enumerate(drafts, start=_FIRST_IDS["invoices"]):
            draft.id = invoice_id
            serial = invoice_id - _FIRST_IDS["invoices"] + 1
            replaced = draft.replaces
            draft.number = replaced.number if replaced else f"{draft.created.year}{serial:06d}"
        for draft in drafts:
            if draft.bad is not BadReason.NUMBER_DUPLICATE:
                self._put_invoice(draft)
        planted = [Planted(draft.id, draft.bad) for draft in drafts if _stands_alone(draft.bad) and draft.bad]
        planted += self._put_duplicates(drafts)
        self._sales = drafts
        return tuple(sorted(planted, key=lambda item: item.invoice_id))

    def fill_purchases(self, bills: int | None, expenses: int, bad: float) -> tuple[PlantedBill, ...]:
        """Suppliers, bills and expenses; gives the bad bills. What is random here is so on its own."""
        rng = Random(f"{self._seed} purchases")
        bill_days = self._bill_days(rng, bills)
        expense_days = self._days(rng, expenses)
        if not bill_days and not expense_days:
            return ()
        count = max(6, min(500, (len(bill_days) + len(expense_days)) // 10))
        suppliers = self._put_contacts(rng, count, suppliers=True) + self._clients_that_supply(rng)
        maker = PurchaseMaker(rng, self._site, suppliers, self._goods, self._features, self._latest)
        self._bills = maker.bills(bill_days, self._end) if bill_days else []
        if bad and self._bills:
            count = max(len(BadBill), round(bad * len(bill_days)))
            self._bills += maker.bad_bills(self._bills, count, self._start, self._end)
        self._expenses = maker.expenses(expense_days) if expense_days else []
        maker.put("bills", self._bills, _FIRST_IDS["bills"])
        first_expense = max(_FIRST_IDS["expenses"], _FIRST_IDS["bills"] + len(self._bills))
        maker.put("expenses", self._expenses, first_expense)
        planted = (
            PlantedBill(bill.id, bill.bad, (bill.twin.id,) if bill.twin else ()) for bill in self._bills if bill.bad
        )
        return tuple(sorted(planted, key=lambda item: item.bill_id))

    def pay(self) -> None:
        """Payments of all that is sound."""
        if Feature.RECEIPTS not in self._features:
            return
        payer = Payer(Random(f"{self._seed} receipts"), self._site, self._features, self._latest)
        sales = [draft for draft in self._sales if draft.bad is None and draft.deleted is None]
        payer.pay(
            "invoices", [draft.id for draft in sales], [(draft.base.id, draft.id) for draft in sales if draft.base]
        )
        for module, drafts in (("bills", self._bills), ("expenses", self._expenses)):
            sound = sorted((item for item in drafts if not item.bad and not item.deleted), key=lambda item: item.id)
            payer.pay(module, [item.id for item in sound], [(item.base.id, item.id) for item in sound if item.base])
        payer.put()
        if Feature.PREPAYMENTS in self._features:
            domestic = [client for client in self._clients if not is_abroad(client)]
            put_open_prepayments(Random(f"{self._seed} prepayments"), self._site, domestic, self._end)

    def _bill_days(self, rng: Random, per_month: int | None) -> list[date]:
        if Feature.BILLS not in self._features:
            return []
        if per_month is not None:
            return self._days(rng, per_month)
        span = (self._end - self._start).days
        count = max(3, sum(draft.bad is None and draft.deleted is None for draft in self._sales) * 2 // 5)
        return sorted(self._start + timedelta(days=rng.randint(0, span)) for _ in range(count))

    def _days(self, rng: Random, per_month: int) -> list[date]:
        if not per_month:
            return []
        return sorted(
            first + timedelta(days=rng.randint(0, (last - first).days))
            for first, last, count in _months(self._start, self._end, per_month)
            for _ in range(count)
        )

    def _clients_that_supply(self, rng: Random) -> list[Record]:
        if Feature.CLIENT_SUPPLIERS not in self._features:
            return []
        companies = [client for client in self._clients if client["contact_type"] == "company"]
        chosen = rng.sample(companies, min(len(companies), max(2, len(companies) // 30)))
        return [
            self._site.patch("contacts", client["contact_id"], {"is_supplier": 1}, touch=False) for client in chosen
        ]

    def _put_contacts(self, rng: Random, count: int, *, suppliers: bool) -> list[Record]:
        made = partners(rng, count, self._opening, self._features, suppliers=suppliers)
        return [self._site.put("contacts", contact) for contact in made]

    def _put_products(self, count: int) -> list[tuple[Record, str]]:
        made = products(self._rng, count, self._opening, self._end, self._features)
        return [(self._site.put("products", product), category) for product, category in made]

    def _put_invoice(self, draft: Draft) -> Record:
        rng, site = self._rng, self._site
        modified = draft.created
        if rng.random() < 0.3 and draft.deleted is None:
            modified = min(draft.created + timedelta(hours=rng.randint(1, 90)), self._latest)
        invoice = site.complete(
            "invoices",
            {
                **draft.fields,
                "id": draft.id,
                "no": draft.number,
                "reference_no": reference_number(int(draft.number)),
                "credited_invoices": [draft.base.id] if draft.base else None,
                "created_date": draft.created,
                "modified_date": modified,
                "is_deleted": int(draft.deleted is not None),
                "deleted_date": draft.deleted,
            },
        )
        site.recompute("invoices", invoice)
        if draft.draws_on_prepayment and draft.deleted is None:
            put_prepayment(rng, site, invoice, draft.created)
        if draft.bad is not None:
            self._spoil(invoice, draft.bad)
        return site.put("invoices", invoice)

    # Bad documents

    def _bad_drafts(self, maker: InvoiceMaker, total: int, share: float) -> list[Draft]:
        if not share:
            return []
        reasons = list(BadReason)
        drafts = []
        for place in range(max(len(reasons), round(share * total))):
            reason = reasons[place % len(reasons)]
            make = maker.stock_invoice if reason is BadReason.STOCK_QUANTITY_MISSING else maker.plain_invoice
            draft = make(self._start, self._end)
            draft.bad = reason
            self._prepare(draft, with_base=place // len(reasons) % 2 == 0)
            drafts.append(draft)
        return drafts

    def _prepare(self, draft: Draft, *, with_base: bool) -> None:
        """What must be wrong before the totals are computed, so that they agree with it."""
        lines = draft.fields["lines"]
        match draft.bad:
            case BadReason.VAT_PERCENT_INVALID:
                # 20 % has not been a rate since 2024; before that 24 % was none yet.
                past = draft.fields["date"] < "2024-01-01"
                code = self._site.records("vatCodes")[reference_data.VAT_24 if past else reference_data.VAT_20]
                for line in lines:
                    line.update(vat_code_id=code["vat_code_id"], vat=code["percent"], vat_code=code["vat_code"])
            case BadReason.CREDIT_WITHOUT_BASE:
                for line in lines:
                    line["amount"] = -line["amount"]
                draft.fields["credited_invoices"] = [_UNKNOWN_BASE] if with_base else None
            case BadReason.STOCK_QUANTITY_MISSING:
                lines[0].update(amount=Decimal(0), depot_amounts=None)
            case _:
                pass

    def _spoil(self, invoice: Record, reason: BadReason) -> None:
        """What must be wrong against the totals."""
        match reason:
            case BadReason.WRONG_VAT_SUM:
                invoice["vat_sum"] += Decimal("5.00")
            case BadReason.LINE_SUMS_DIFFER:
                # VAT goes along, so that only the lines disagree with the net.
                invoice["vat_sum"] += Decimal(10) * (invoice["lines"][0]["vat"] or Decimal(0)) / 100
                invoice["sum"] += Decimal(10)
            case BadReason.PARTNER_MISSING:
                invoice.update(company_id=0, person_id=0, company_address=dict(reference_data.EMPTY_ADDRESS))
            case BadReason.LINES_MISSING:
                invoice["lines"] = []
            case BadReason.DEADLINE_BEFORE_DATE:
                earlier = date.fromisoformat(invoice["date"]) - timedelta(days=3)
                invoice["deadline"] = earlier.isoformat()
            case BadReason.CURRENCY_RATE_BAD:
                invoice.update(currency="USD", currency_rate=Decimal(0))
            case BadReason.REFERENCE_INVALID:
                number = invoice["reference_no"]
                invoice["reference_no"] = number[:-1] + str((int(number[-1]) + 1) % 10)
            case _:
                pass

    def _put_duplicates(self, drafts: list[Draft]) -> Iterator[Planted]:
        sound = [draft for draft in drafts if draft.bad is None and draft.deleted is None and not draft.base]
        # In a tiny company every number may have been used before.
        kept = [draft for draft in sound if not draft.replaces] or sound
        copies = [draft for draft in drafts if draft.bad is BadReason.NUMBER_DUPLICATE]
        for copy, original in zip(copies, self._rng.choices(kept, k=len(copies)), strict=True):
            copy.number = original.number
            self._put_invoice(copy)
            yield Planted(copy.id, BadReason.NUMBER_DUPLICATE, also=(original.id,))


def _stands_alone(reason: BadReason | None) -> bool:
    return reason is not BadReason.NUMBER_DUPLICATE


def _months(start: date, end: date, per_month: int) -> Iterator[tuple[date, date, int]]:
    """First day, last day and number of invoices of each month or part of one."""
    first = start
    while first <= end:
        length = calendar.monthrange(first.year, first.month)[1]
        last = min(end, first.replace(day=length))
        yield first, last, max(1, round(per_month * ((last - first).days + 1) / length))
        first = last + timedelta(days=1)
