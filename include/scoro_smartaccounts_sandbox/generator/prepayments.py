"""Invented prepayment invoices and their payments."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from scoro_smartaccounts_sandbox.generator.catalogue import standard_vat_code
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.codes import reference_number
from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Record
from scoro_smartaccounts_sandbox.scoro.site import Site, gross

_CENT = Decimal("0.01")


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
        _put_receipt(site, stored, total, day, moment)
    return stored


def put_open_prepayments(rng: Random, site: Site, clients: Sequence[Record], end: date) -> None:
    """Three prepayment invoices of the last fortnight on which no invoice draws yet: paid, half paid, unpaid."""
    for place in range(3):
        client = rng.choice(clients)
        day = end - timedelta(days=rng.randint(1, 14))
        moment = datetime.combine(day, time(12, rng.randint(0, 59)), SITE_ZONE)
        number = 700_000 + len(site.records("prepayments")) + 1
        code = site.records("vatCodes")[standard_vat_code(day.isoformat())]
        line = {
            "product_id": 0,
            "comment": "Ettemaks",
            "price": Decimal(rng.randint(10_000, 300_000)) / 100,
            "amount": Decimal(1),
            "vat_code_id": code["vat_code_id"],
            "vat_code": code["vat_code"],
            "vat": code["percent"],
        }
        prepayment = site.complete(
            "prepayments",
            {
                "no": str(number),
                "reference_no": reference_number(number),
                "company_id": client["contact_id"],
                "date": day.isoformat(),
                "deadline": (day + timedelta(days=7)).isoformat(),
                "lines": [line],
                "created_date": moment,
                "modified_date": moment,
            },
        )
        site.recompute("prepayments", prepayment)
        stored = site.put("prepayments", prepayment)
        total = gross("prepayments", stored)
        paid = (total, (total / 2).quantize(_CENT, ROUND_HALF_UP), Decimal(0))[place]
        if paid:
            _put_receipt(site, stored, paid, day, moment + timedelta(hours=3))


def _put_receipt(site: Site, prepayment: Record, amount: Decimal, day: date, moment: datetime) -> None:
    site.put(
        "receipts",
        {
            "date": day.isoformat(),
            "contact_id": prepayment["company_id"],
            "sum": amount,
            "sales_doc_type": "invoices",
            "receipt_account_id": reference_data.BANK_ACCOUNT,
            "receipts": [{"date": day.isoformat(), "prepayment_id": prepayment["id"], "sum": amount}],
            "created_date": moment,
            "modified_date": moment,
        },
    )
