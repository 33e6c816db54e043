"""A company that works already: its books, entered by hand, and its Scoro. Every kind of document stands there that the
meeting can learn of."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from tests.integration.world import World

CLIENTS, VENDORS, ARTICLES = "purchasesales/clients", "purchasesales/vendors", "purchasesales/articles"
SALES, PURCHASES, PAYMENTS = "purchasesales/clientinvoices", "purchasesales/vendorinvoices", "purchasesales/payments"
REVERSE = "24% (Reverse Chg.)"
FIRST, LAST = date(2025, 12, 1), date(2025, 12, 31)
# What the names and texts of the books hold, and no report may.
CANARY = "Kanaarilind"


class Bookkeeper:
    """Enters documents on one day after another."""

    def __init__(self, world: World) -> None:
        self.books = world.books
        self.clock = world.clock
        person = {"vatPc": "24", "comment": f"{CANARY} " * 20}
        self.client = self.books.seed(CLIENTS, {"name": f"{CANARY} Klient OÜ", **person})
        self.vendor = self.books.seed(VENDORS, {"name": f"{CANARY} Tarnija OÜ", **person})
        self.abroad = self.books.seed(
            VENDORS, {"name": f"{CANARY} Oy", "address": {"country": "FI", "city": "Turku"}, **person}
        )
        for code, kind in (("TOO", "SERVICE"), ("KAUP", "WH")):
            self.books.seed(ARTICLES, {"code": code, "description": CANARY, "type": kind})
        self._number = 0

    def row(self, price: str, *, quantity: str = "1", vat: str = "24", code: str = "TOO") -> dict[str, Any]:
        return {"code": code, "description": CANARY, "price": price, "quantity": quantity, "vatPc": vat}

    def sell(self, day: date, *rows: dict[str, Any], **fields: Any) -> str:
        self._number += 1
        head = {"clientId": self.client, "invoiceNumber": f"25{self._number:04}", "comment": CANARY * 12}
        return self._enter(SALES, day, head | fields, rows)

    def buy(self, day: date, *rows: dict[str, Any], vendor: str = "", **fields: Any) -> str:
        self._number += 1
        head = {"vendorId": vendor or self.vendor, "invoiceNumber": f"A-{self._number}", "isCalculateVat": True}
        return self._enter(PURCHASES, day, head | fields, rows)

    def _enter(self, service: str, day: date, fields: dict[str, Any], rows: tuple[dict[str, Any], ...]) -> str:
        self.clock.advance(timedelta(minutes=7))
        written = f"{day:%d.%m.%Y}"
        head = {"date": written, "dueDate": written, "entryDate": written, "currency": "EUR"}
        return self.books.seed(service, {**head, "rows": list(rows), **fields})

    def pay(self, documents: Any, day: date, **fields: Any) -> str:
        self.clock.advance(timedelta(minutes=7))
        return self.books.pay(documents, day=day, **{"document": f"{CANARY} makse", **fields})


def fill_books(world: World) -> None:
    """A month of the books, by hand."""
    clerk = Bookkeeper(world)
    day = FIRST
    sold = []
    for place in range(8):
        # Three rows of which each rounds up: by code their VAT is a cent or more less.
        sold.append(clerk.sell(day + timedelta(days=place // 2), *[clerk.row(f"{place + 10}.02")] * 3))
    clerk.sell(day + timedelta(days=1), clerk.row("1.23456"), clerk.row("70"))
    bought = [clerk.buy(day + timedelta(days=place), clerk.row(f"{50 + place}")) for place in range(4)]
    busy = day + timedelta(days=4)
    _foreign(clerk, busy)
    credit = clerk.sell(busy, clerk.row("30"), type="CRE", baseForCreditInvoiceId=sold[0])
    refunded = clerk.sell(busy, clerk.row("41"), type="CRE", baseForCreditInvoiceId=sold[1])
    clerk.buy(busy, clerk.row("200", vat=REVERSE), vendor=clerk.abroad)
    clerk.buy(busy, clerk.row("300", vat=REVERSE), vendor=clerk.abroad, isCalculateVat=False, vatAmount="0")
    back = clerk.buy(busy, clerk.row("20", quantity="-1"))
    later = busy + timedelta(days=1)
    clerk.sell(later, clerk.row("99", code="KAUP"), warehouseId=_warehouse(world))
    for bill in bought[:3]:
        clerk.pay(bill, later)
    clerk.pay({sold[0]: "37.20", credit: None}, later, account="Tasaarveldus")
    clerk.pay(refunded, later)
    _pay_in_cash(clerk, sold[2], later)
    _what_may_be(clerk, later)
    clerk.pay(sold[3], later)
    clerk.pay({bought[3]: "24.80", back: None}, later, account="Tasaarveldus")


def _what_may_be(clerk: Bookkeeper, day: date) -> None:
    """What SmartAccounts takes in one position of its switches only."""
    first, second = clerk.sell(day, clerk.row("61")), clerk.sell(day, clerk.row("62"))
    credit = clerk.sell(day, clerk.row("10"), type="CRE", baseForCreditInvoiceId=first)
    for rows, account in (({first: "20", credit: "5"}, "LHV"), ({second: "20", credit: "5"}, "Tasaarveldus")):
        with suppress(Refusal):
            clerk.pay(rows, day, account=account)
    with suppress(Refusal):
        clerk.sell(day, clerk.row("63"), invoiceNumber="250001")
    for price in ("64", "65"):
        with suppress(Refusal):
            clerk.buy(day, clerk.row(price), invoiceNumber="A-7")


def _foreign(clerk: Bookkeeper, day: date) -> None:
    """Documents in other currencies, with the bank's rate and with one that was entered."""
    turned = clerk.books.switches.exchange_rate_is_euro_per_foreign
    rate = "0.011111" if turned else "90.00001"
    invoice = clerk.sell(day, clerk.row("700", vat="0"), currency="USD")
    clerk.sell(day, clerk.row("7000", vat="0"), currency="RUB", exchangeRate=rate)
    clerk.buy(day, clerk.row("80", vat="0"), currency="USD")
    clerk.pay(invoice, day + timedelta(days=1), account="SEB USD")


def _pay_in_cash(clerk: Bookkeeper, invoice: str, day: date) -> None:
    """Two cents more than is due: the coins are of five."""
    total = Decimal(
        str(next(row for row in clerk.books.state()["clientinvoices"] if row["id"] == invoice)["totalAmount"])
    )
    more = (-total) % Decimal("0.05") or Decimal("0.05")
    extra = {"price": str(more), "quantity": "1", "description": CANARY, "account": "8600"}
    clerk.pay(invoice, day, account="Kassa", extras=[extra])


def _warehouse(world: World) -> str:
    return str(world.books.settings["warehouses"][0]["id" if world.books.switches.warehouse_ids else "name"])


def fill_scoro(world: World) -> None:
    """A month of Scoro, with credit invoices, receipts and what was deleted."""
    world.generate(FIRST, LAST, 40, bills_per_month=30, seed=3)
    invoices = sorted(world.site.records("invoices"))
    world.clock.advance(timedelta(days=3))
    for key in invoices[-2:]:
        world.site.delete("invoices", key)
    odd = world.site.create("contacts", {"name": "Õ & Ü <Näidis> OÜ", "contact_type": "company"})["contact_id"]
    line = {"product_id": 0, "product_name": "Töö & rõõm", "price": "10", "amount": "1", "vat_code_id": 9}
    fields = {"company_id": odd, "date": LAST.isoformat(), "deadline": LAST.isoformat(), "lines": [line]}
    world.site.create("invoices", {**fields, "discount": "10", "discount2": "20"})
