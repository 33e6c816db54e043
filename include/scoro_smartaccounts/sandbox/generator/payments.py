"""Invented bills, prepayment invoices and payments."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from scoro_smartaccounts.sandbox.generator.catalogue import vat_code_on
from scoro_smartaccounts.sandbox.generator.partners import deadline_days, in_union, is_abroad
from scoro_smartaccounts.sandbox.scoro import reference_data
from scoro_smartaccounts.sandbox.scoro.codes import reference_number
from scoro_smartaccounts.sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts.sandbox.scoro.site import Site, gross

_CENT = Decimal("0.01")


def put_bills(
    rng: Random,
    site: Site,
    suppliers: Sequence[Record],
    products: Sequence[tuple[Record, str]],
    days: Sequence[date],
    latest: datetime,
) -> list[Record]:
    """One bill a day given, stored in the site with its totals."""
    bills = []
    for place, day in enumerate(days):
        supplier = rng.choice(suppliers)
        lines = []
        for product, category in rng.sample(products, min(len(products), rng.choice((1, 1, 2, 3)))):
            if in_union(supplier):
                vat_code = reference_data.VAT_0_EU
            elif is_abroad(supplier):
                vat_code = reference_data.VAT_0
            else:
                vat_code = vat_code_on(day.isoformat(), category)
            code = site.records("vatCodes")[vat_code]
            lines.append(
                {
                    "product_id": product["product_id"],
                    "product_name": product["name"],
                    "price": product["buying_price"],
                    "amount": Decimal(rng.choice((1, 2, 5, 10, 25))),
                    "unit": product["unit"],
                    "vat_code_id": vat_code,
                    "vat_code": code["vat_code"],
                    "vat": code["percent"],
                    "finance_account_id": product["purchases_finance_account_id"],
                }
            )
        moment = _moment(rng, day, latest, lag=rng.choice((0, 0, 1, 2, 4)))
        bill = site.complete(
            "bills",
            {
                "no": str(4000 + place * 7 + rng.randint(0, 6)),
                "company_id": supplier["contact_id"],
                "date": day.isoformat(),
                "deadline": (day + timedelta(days=deadline_days(supplier))).isoformat(),
                "recognition_date": day.isoformat(),
                "reference_no": reference_number(rng.randint(10_000, 9_999_999)),
                "lines": lines,
                "created_date": moment,
                "modified_date": moment,
            },
        )
        site.recompute("bills", bill)
        bills.append(site.put("bills", bill))
    return bills


def put_prepayment(rng: Random, site: Site, invoice: Record, created: datetime) -> Record:
    """A paid prepayment invoice for about a third of an invoice, stored; the invoice then draws on it.

    Changes ``prepayment_id`` and ``prepayment_sum`` of the invoice in place.
    """
    taxed = [line for line in invoice["lines"] if line["product_id"] != -1]
    day = date.fromisoformat(invoice["date"]) - timedelta(days=rng.randint(3, 15))
    moment = min(datetime.combine(day, time(11, rng.randint(0, 59)), SITE_ZONE), created)
    prepayment = site.complete(
        "prepayments",
        {
            "company_id": invoice["company_id"],
            "date": day.isoformat(),
            "deadline": (day + timedelta(days=7)).isoformat(),
            "vat_code_id": invoice["vat_code_id"],
            "lines": [
                {
                    "product_id": 0,
                    "comment": "Ettemaks",
                    "price": (invoice["sum"] * Decimal("0.3")).quantize(_CENT, ROUND_HALF_UP),
                    "amount": Decimal(1),
                    "vat_code_id": taxed[0]["vat_code_id"],
                    "vat_code": taxed[0]["vat_code"],
                    "vat": taxed[0]["vat"],
                }
            ],
            "created_date": moment,
            "modified_date": moment,
        },
    )
    number = 700_000 + len(site.records("prepayments")) + 1
    prepayment.update(no=str(number), reference_no=reference_number(number))
    site.recompute("prepayments", prepayment)
    stored = site.put("prepayments", prepayment)
    total = gross("prepayments", stored)
    invoice.update(prepayment_id=[stored["id"]], prepayment_sum=total)
    if total:
        receipt = {"prepayment_id": stored["id"], "sum": total}
        _put_group(site, "invoices", invoice["company_id"], day, moment, [receipt])
    return stored


def put_receipts(rng: Random, site: Site, module: str, documents: Sequence[Record], latest: datetime) -> None:
    """Payments of about two thirds of the documents whose deadline lets them be paid by ``latest``.

    Most are whole; some partial, a few a little too large, some cover two documents of one partner.
    """
    waiting: dict[int, Record] = {}
    for document in documents:
        total = gross(module, document) - document.get("prepayment_sum", Decimal(0))
        due = date.fromisoformat(document["deadline"]) + timedelta(days=rng.randint(-6, 4))
        day = max(due, date.fromisoformat(document["date"]))
        unpaid = total > 0 and not site.paid_of(module, document["id"])
        if not unpaid or day >= latest.date() or rng.random() > 0.66:
            continue
        share = rng.random()
        paid = total
        if share < 0.08 and total > 1:
            paid = (total / 2).quantize(_CENT, ROUND_HALF_UP)
        elif share < 0.1:
            paid = total + Decimal("0.50")
        receipts: list[Record] = [{"invoice_id": document["id"], "invoice_no": document["no"], "sum": paid}]
        partner = document["company_id"]
        other = waiting.pop(partner, None)
        if other is not None and document["currency"] == other["currency"]:
            rest = gross(module, other) - other.get("prepayment_sum", Decimal(0))
            receipts.append({"invoice_id": other["id"], "invoice_no": other["no"], "sum": rest})
        elif share > 0.85:
            # Waits to be paid together with the partner's next one.
            waiting[partner] = document
            continue
        _put_group(site, module, partner, day, _moment(rng, day, latest, lag=0), receipts, document["currency"])


def _put_group(
    site: Site,
    module: str,
    partner: int,
    day: date,
    moment: datetime,
    receipts: Sequence[Mapping[str, object]],
    currency: str = "EUR",
) -> None:
    site.put(
        "receipts",
        {
            "date": day.isoformat(),
            "contact_id": partner,
            "sum": sum((Decimal(str(item["sum"])) for item in receipts), Decimal(0)),
            "currency": currency,
            "sales_doc_type": module,
            "receipt_account_id": reference_data.BANK_ACCOUNT,
            "receipts": [{"date": day.isoformat(), **item} for item in receipts],
            "created_date": moment,
            "modified_date": moment,
        },
    )


def _moment(rng: Random, day: date, latest: datetime, lag: int) -> datetime:
    moment = datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59)), SITE_ZONE)
    return min(moment + timedelta(days=lag), latest)
