"""A whole company: registers, invoices, bills and payments, from a seed."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from scoro_smartaccounts.sandbox.clock import Clock
from scoro_smartaccounts.sandbox.generator.catalogue import products
from scoro_smartaccounts.sandbox.generator.features import ALL_FEATURES, BadReason, Feature
from scoro_smartaccounts.sandbox.generator.invoices import Draft, InvoiceMaker
from scoro_smartaccounts.sandbox.generator.partners import partners
from scoro_smartaccounts.sandbox.generator.payments import put_bills, put_prepayment, put_receipts
from scoro_smartaccounts.sandbox.scoro import reference_data
from scoro_smartaccounts.sandbox.scoro.codes import reference_number
from scoro_smartaccounts.sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts.sandbox.scoro.site import Site
from scoro_smartaccounts.sandbox.scoro.switches import Switches

# Ids start above these: lower ones stay free for rows that appear before others in a listing.
_FIRST_IDS = {"contacts": 51, "products": 84, "invoices": 5001, "bills": 301, "prepayments": 201, "receipts": 901}
_UNKNOWN_BASE = 9_000_000


@dataclass(frozen=True, slots=True)
class Planted:
    """A bad document: its id, what is wrong, and the ids of documents that share in it (equal numbers)."""

    invoice_id: int
    reason: BadReason
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated company and the bad documents planted in it."""

    site: Site
    planted: tuple[Planted, ...]


def generate(
    seed: int,
    start: date,
    end: date,
    invoices_per_month: int,
    features: frozenset[Feature] = ALL_FEATURES,
    *,
    bad: float = 0.0,
    switches: Switches | None = None,
    clock: Clock | None = None,
) -> Generated:
    """A company with invoices dated from ``start`` to ``end``, both included. Equal arguments, equal company.

    ``bad`` above 0 plants that share of bad invoices on top of the good ones, at least one of every reason. Without
    ``clock`` the site's clock stands still at the time when the last record was keyed in.
    """
    latest = keyed_in_until(end)
    site = Site(clock or Clock.frozen(latest), switches)
    return Generated(site, populate(site, seed, start, end, invoices_per_month, features, bad=bad))


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
) -> tuple[Planted, ...]:
    """Replace what a site holds by a generated company; gives the bad documents planted."""
    if end < start:
        raise ValueError("generate: end is before start")
    if invoices_per_month < 1:
        raise ValueError("generate: invoices_per_month must be at least 1")
    if not 0 <= bad <= 1:
        raise ValueError("generate: bad is a share from 0 to 1")
    with site.lock:
        site.reset()
        return _Company(site, Random(seed), start, end, features).fill(invoices_per_month, bad)


class _Company:
    def __init__(self, site: Site, rng: Random, start: date, end: date, features: frozenset[Feature]) -> None:
        self._site = site
        self._rng = rng
        self._start = start
        self._end = end
        self._features = features
        self._latest = keyed_in_until(end)
        self._opening = datetime.combine(start, time(8), SITE_ZONE)

    def fill(self, per_month: int, bad: float) -> tuple[Planted, ...]:
        rng, site = self._rng, self._site
        for module, first_id in _FIRST_IDS.items():
            site.tables[module].skip_to(first_id)
        segments = list(_months(self._start, self._end, per_month))
        total = sum(count for _, _, count in segments)
        clients = self._put_contacts(max(16, min(4000, total // 6)), suppliers=False)
        goods = self._put_products(max(30, min(400, total // 10)))
        maker = InvoiceMaker(rng, site, clients, goods, self._features, self._latest)
        drafts = [draft for first, last, count in segments for draft in maker.month(first, last, count)]
        drafts += self._bad_drafts(maker, total, bad)
        # Ids and numbers follow the order of keying in, as at Scoro. A base stands before its credit invoices.
        drafts.sort(key=lambda draft: draft.created)
        for invoice_id, draft in enumerate(drafts, start=_FIRST_IDS["invoices"]):
            draft.id = invoice_id
            serial = invoice_id - _FIRST_IDS["invoices"] + 1
            replaced = draft.replaces
            draft.number = replaced.number if replaced else f"{draft.created.year}{serial:06d}"
        invoices = [self._put_invoice(draft) for draft in drafts if draft.bad is not BadReason.NUMBER_DUPLICATE]
        planted = [Planted(draft.id, draft.bad) for draft in drafts if _stands_alone(draft.bad) and draft.bad]
        planted += self._put_duplicates(drafts)
        self._put_bills_and_receipts(drafts, invoices, goods, total)
        return tuple(sorted(planted, key=lambda item: item.invoice_id))

    def _put_contacts(self, count: int, *, suppliers: bool) -> list[Record]:
        made = partners(self._rng, count, self._opening, self._features, suppliers=suppliers)
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

    def _put_bills_and_receipts(
        self, drafts: list[Draft], invoices: list[Record], goods: list[tuple[Record, str]], total: int
    ) -> None:
        rng, site = self._rng, self._site
        if Feature.BILLS in self._features:
            suppliers = self._put_contacts(max(6, min(500, total // 25)), suppliers=True)
            span = (self._end - self._start).days
            days = sorted(self._start + timedelta(days=rng.randint(0, span)) for _ in range(max(3, total * 2 // 5)))
            bills = put_bills(rng, site, suppliers, goods, days, self._latest)
            if Feature.RECEIPTS in self._features:
                put_receipts(rng, site, "bills", bills, self._latest)
        if Feature.RECEIPTS in self._features:
            good = {draft.id for draft in drafts if draft.bad is None and draft.deleted is None}
            payable = [invoice for invoice in invoices if invoice["id"] in good]
            put_receipts(rng, site, "invoices", payable, self._latest)

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
        kept = [
            draft
            for draft in drafts
            if draft.bad is None and draft.deleted is None and not draft.replaces and not draft.base
        ]
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
