"""People who work in the books of a company for days: what they enter by hand, what is imported, and what they change,
move and delete of that; and the truth about it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Connection

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.smartaccounts.wire import EntryRow
from scoro_smartaccounts.staging.ledger import Entry, note_checked
from scoro_smartaccounts.staging.links import Booking, Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.mirror_payments import MirroredPayment, store_payments
from scoro_smartaccounts_sandbox.smartaccounts.services import (
    ARTICLES,
    CLIENTS,
    ENTRIES,
    PAYMENTS,
    PURCHASES,
    SALES,
    VENDORS,
)
from tests.integration.audit.oracle import Truth
from tests.integration.world import World

# A document, or a payment: the list, the id.
Key = tuple[str, str]
_LISTS = {SALES: "sales_invoices", PURCHASES: "purchase_invoices", PAYMENTS: "payments", ENTRIES: "entries"}
VAT_CODES = "settings/vatpcs"
_REGISTERS = {CLIENTS: "client", VENDORS: "vendor", ARTICLES: "article", VAT_CODES: "vat_code"}
_DOC_TYPES = {SALES: "CLIENT_INVOICE", PURCHASES: "VENDOR_INVOICE"}
_KINDS = {SALES: Kind.SALES_INVOICE, PURCHASES: Kind.PURCHASE_INVOICE, PAYMENTS: Kind.PAYMENT}


@dataclass
class People:
    """Whoever works in the books. `free`: documents that were imported and are as they were; `back`: how what was
    changed is taken back."""

    world: World
    seed: int
    truth: Truth = field(default_factory=Truth)
    free: list[tuple[str, str]] = field(default_factory=list)
    back: list[Callable[[], None]] = field(default_factory=list)
    by_hand: list[tuple[str, str]] = field(default_factory=list)
    number: int = 0
    # What documents use that nobody has changed: the service, which, what is told of it, and to what it is changed.
    used: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    used_back: list[Callable[[], None]] = field(default_factory=list)
    # What was imported and whose entry its run has not seen yet; and what a run or a night has seen: of other entries
    # nobody knows what they were.
    booked: list[Key] = field(default_factory=list)
    seen: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random, self.of_registers = random.Random(self.seed), random.Random(self.seed)
        books = self.world.books
        books.seed(ARTICLES, {"code": "TÖÖ", "description": "Töö", "type": "SERVICE", "vatPc": "24"})
        self.clients = [books.seed(CLIENTS, {"name": f"Klient {number}"}) for number in range(5)]
        self.vendors = [books.seed(VENDORS, {"name": f"Hankija {number}"}) for number in range(5)]

    # What is imported, and what people enter

    def enter(self, service: str, *, is_imported: bool, net: int = 0, partner: str = "") -> str:
        """A document of today, of `net` cents; its id."""
        self.number += 1
        day = self.today()
        price = net or self.random.randrange(1000, 90000)
        who, partners = ("clientId", self.clients) if service == SALES else ("vendorId", self.vendors)
        row = {"code": "TÖÖ", "description": "Töö", "price": price / 100, "quantity": 1, "vatPc": "24"}
        body = {
            who: partner or self.random.choice(partners),
            "date": _day(day),
            "entryDate": _day(day),
            "invoiceNumber": f"{'M' if service == SALES else 'O'}{self.number}",
            "currency": "EUR",
            "rows": [row],
            "comment": f"[Scoro demoou {'invoices' if service == SALES else 'bills'}/{self.number}]" * is_imported,
        }
        key = self.world.books.seed(service, body)
        if is_imported:
            self.link(service, key)
        else:
            self.by_hand.append((service, key))
            self.truth.touched()
        return key

    def link(self, service: str, key: str) -> None:
        kept = self.world.books.records[service][key]
        booking = Booking()
        if service != PAYMENTS:
            booking = Booking(
                number=kept["invoiceNumber"],
                partner_remote_id=kept.get("clientId") or kept["vendorId"],
                currency="EUR",
                total=kept["totalAmount"],
                entry_day=kept["entryDate"],
            )
        link = Link(_KINDS[service], f"s{key}", key, Evidence.CREATED, booking=booking)
        with self.world.engine.begin() as connection:
            store_links(connection, self.world.company.key, "import", [link])
        self.free.append((service, key))
        self.booked.append((service, key))

    def end_run(self) -> None:
        """The run that imported documents and payments looks at their entries at its end, at most of them; payments
        stand in the mirror."""
        # What was deleted meanwhile has none.
        booked = [key for key in self.booked if key[1] in self.world.books.records[key[0]]]
        self.booked.clear()
        days = {self._record(key)["date"] for key in booked}
        entries = {(row["docType"], str(row["number"])): row for day in days for row in self._entries_of(day)}
        with self.world.engine.begin() as connection:
            for service, key in booked:
                kept = self._record((service, key))
                if service == PAYMENTS:
                    self._mirror(connection, kept)
                if self.random.random() < 0.1:
                    continue
                doc_type = _DOC_TYPES.get(service) or f"{kept['accountType']}_PAYMENT"
                row = entries[doc_type, str(kept["number"])]
                request = self.world.request(self.today(), self.today(), flow=Flow(_LISTS[service]))
                note_checked(connection, request, key, "equal", _entry(EntryRow.from_wire(row)), is_named=True)
                self.seen.add((service, key))

    def _mirror(self, connection: Connection, kept: dict[str, Any]) -> None:
        payment = MirroredPayment(
            kept["id"],
            str(kept["number"]),
            kept["date"],
            kept["partnerType"],
            kept.get("clientId") or kept["vendorId"],
            kept["accountType"],
            kept["accountName"],
            kept["currency"],
            sum((row["amount"] for row in kept["rows"]), Decimal(0)),
            Decimal(0),
            "",
            "",
        )
        key = self.world.company.key
        store_payments(connection, key, [payment], {}, read_at=self.world.clock.now())

    def use_registers(self) -> None:
        """A document of each client and vendor, and one with an article and a VAT code of its own, which nobody ever
        touches: what they use may be changed from now on."""
        books = self.world.books
        books.seed(ARTICLES, {"code": "KAUP", "description": "Kaup", "type": "PRODUCT", "vatPc": "9"})
        for service, partners in ((SALES, self.clients), (PURCHASES, self.vendors)):
            for partner in partners:
                self.enter(service, is_imported=True, net=1000, partner=partner)
        row = {"code": "KAUP", "description": "Kaup", "price": 10, "quantity": 1, "vatPc": "9"}
        day = _day(self.today())
        body = {"clientId": self.clients[0], "date": day, "entryDate": day, "invoiceNumber": "K1", "currency": "EUR"}
        self.link(SALES, books.seed(SALES, {**body, "rows": [row]}))
        self.free.clear()
        self.used = [
            *((CLIENTS, key, "partner_tax_data", {"vatNumber": "EE100594102"}) for key in self.clients),
            *((VENDORS, key, "partner_tax_data", {"ignoreOnVatDeclaration": True}) for key in self.vendors),
            (ARTICLES, "KAUP", "article_type", {"type": "SERVICE"}),
            (VAT_CODES, "9", "vat_code", {"accountSales": "2320"}),
        ]

    def pay(self) -> None:
        """Pay a document that is still as it was imported; the payment is imported too, or made by a bank import."""
        unpaid = [each for each in self.free if each[0] != PAYMENTS and not self._record(each)["_paid"]]
        if not unpaid:
            return
        chosen = self.random.choice(unpaid)
        # What is paid may not be changed any more.
        self.free.remove(chosen)
        key = self.world.books.pay(chosen[1], day=self.today())
        if self.random.random() < 0.7:
            self.link(PAYMENTS, key)
        self.truth.touched()

    def a_day(self, sales: int, bills: int, payments: int) -> None:
        """What comes in on a day, in working hours."""
        for _ in range(sales):
            self.enter(SALES, is_imported=self.random.random() < 0.8)
        for _ in range(bills):
            self.enter(PURCHASES, is_imported=self.random.random() < 0.8)
        for _ in range(payments):
            self.pay()
        self.end_run()

    # What people do

    def something(self) -> None:
        """One deed of any kind."""
        deeds = [self.total, self.month, self.partner, self.delete, self.entry, self.nothing, self.of_their_own]
        if self.back and self.random.random() < 0.4:
            self.back.pop(self.random.randrange(len(self.back)))()
            return
        self.random.choice(deeds)()

    def in_registers(self) -> None:
        """Now and then: change a client, vendor, article or VAT code that documents use, or take that back."""
        chance = self.of_registers
        if self.used_back and chance.random() < 0.2:
            self.used_back.pop(chance.randrange(len(self.used_back)))()
        if not self.used or chance.random() < 0.5:
            return
        service, key, kind, fields = changed = self.used.pop(chance.randrange(len(self.used)))
        if service == VAT_CODES:
            before: dict[str, Any] = {"accountSales": "2310"}
        else:
            kept = self.world.books.records[service][key]
            before = {name: kept.get(name, False if value is True else "") for name, value in fields.items()}
        self.world.books.change(service, key, **fields)
        told = (_REGISTERS[service], key, kind, 0)
        self.truth.did(*told)

        def take_back() -> None:
            self.world.books.change(service, key, **before)
            self.truth.undid(*told)
            self.used.append(changed)

        self.used_back.append(take_back)

    def total(self) -> None:
        if (chosen := self._take(SALES, PURCHASES)) is None:
            return
        service, key = chosen
        kept = self._record(chosen)
        row, before = kept["rows"][0], int(kept["totalAmount"] * 100)
        old = {name: row[name] for name in ("code", "description", "price", "quantity", "vatPc")}
        self.world.books.change(service, key, rows=[old | {"price": float(old["price"]) + 10}])
        off = int(self._record(chosen)["totalAmount"] * 100) - before
        self._did(chosen, "books_amount", off, lambda: self.world.books.change(service, key, rows=[_plain(old)]))

    def month(self) -> None:
        if (chosen := self._take(SALES, PURCHASES)) is None:
            return
        service, key = chosen
        old = self._record(chosen)["entryDate"]
        self.world.books.change(service, key, entryDate=_day(old + timedelta(days=31)))
        self._did(chosen, "books_date", 0, lambda: self.world.books.change(service, key, entryDate=_day(old)))

    def partner(self) -> None:
        if (chosen := self._take(SALES)) is None:
            return
        service, key = chosen
        old = self._record(chosen)["clientId"]
        other = next(each for each in self.clients if each != old)
        self.world.books.change(service, key, clientId=other)
        self._did(chosen, "books_partner", 0, lambda: self.world.books.change(service, key, clientId=old))

    def delete(self) -> None:
        if (chosen := self._take(SALES, PURCHASES, PAYMENTS)) is None:
            return
        service, key = chosen
        kept = self._record(chosen)
        name = "amount" if service == PAYMENTS else "totalAmount"
        total = int(kept[name] * 100) if name in kept else int(sum(row["amount"] for row in kept["rows"]) * 100)
        self.world.books.remove(service, key)
        self._did(chosen, "payment_deleted" if service == PAYMENTS else "books_deleted", total, None)

    def entry(self) -> None:
        if (chosen := self._take(SALES, seen=(SALES,))) is None:
            return
        kept = self._record(chosen)
        entry = next(
            row
            for row in self._entries_of(kept["entryDate"])
            if (row["docType"], str(row["number"])) == ("CLIENT_INVOICE", str(kept["number"]))
        )
        rows = [{**row, "account": "3020" if row["account"] == "3010" else row["account"]} for row in entry["rows"]]
        self.world.books.change(ENTRIES, entry["id"], rows=rows)
        moved = sum(round(row.get("creditAmount", 0) * 100) for row in rows if row["account"] == "3020")
        self._did((ENTRIES, entry["id"]), "entry_edited", moved, lambda: self.world.books.change(*chosen), chosen)

    def nothing(self) -> None:
        """Saved again as it was."""
        if (chosen := self._take(SALES, PURCHASES)) is not None:
            self.world.books.change(*chosen)
            # Its entry was made anew: what it is since then, the next night sees.
            self.seen.discard(chosen)
            self.free.append(chosen)
            self.truth.touched()

    def of_their_own(self) -> None:
        """What was never imported: a document by hand, an entry by hand, or wages."""
        self.truth.touched()
        match self.random.randrange(5):
            case 0:
                self.enter(SALES, is_imported=False)
            case 1 if self.by_hand:
                chosen = self.by_hand.pop(self.random.randrange(len(self.by_hand)))
                self.world.books.remove(*chosen)
            case 2:
                rows = [
                    {"account": "4210", "description": "x", "debitAmount": 5},
                    {"account": "1010", "description": "x", "creditAmount": 5},
                ]
                self.world.books.add(
                    ENTRIES, {"date": _day(self.today()), "document": "K", "currency": "EUR", "rows": rows}
                )
            case 3:
                self.world.books.book_wages(
                    self.today(), {"4210": Decimal(900), "2110": Decimal(-900)}, "Mari Maasikas"
                )
            case _ if self.by_hand:
                chosen = self.random.choice(self.by_hand)
                old = self._record(chosen)["date"]
                self.world.books.change(*chosen, date=_day(old), entryDate=_day(old + timedelta(days=1)))

    # Within

    def today(self) -> date:
        return (self.world.clock.now() + timedelta(hours=2)).date()

    def _entries_of(self, day: date) -> Iterator[dict[str, Any]]:
        """The entries of a day, as the service shows them to people."""
        asked = {
            "dateType": "date",
            "dateFrom": _day(day),
            "dateTo": _day(day + timedelta(days=1)),
            "fetchRows": "true",
        }
        for page in count(1):
            shown = self.world.books.get(ENTRIES, {**asked, "pageNumber": str(page)})
            yield from shown.get("entries", ())
            if not shown["hasMoreEntries"]:
                return

    def _record(self, key: Key) -> Any:
        return self.world.books.records[key[0]][key[1]]

    def _take(self, *services: str, seen: Collection[str] = ()) -> Key | None:
        """A document that nobody has changed or paid, and that nobody touches while it is changed; of the services
        `seen` one that a night has seen."""
        found = [
            each
            for each in self.free
            if each[0] in services
            and (each[0] == PAYMENTS or not self._record(each)["_paid"])
            and (each[0] not in seen or each in self.seen)
        ]
        if not found:
            return None
        chosen = self.random.choice(found[-200:])
        self.free.remove(chosen)
        return chosen

    def _did(
        self, key: Key, kind: str, cents: int, back: Callable[[], None] | None, document: Key | None = None
    ) -> None:
        told = (_LISTS[key[0]], key[1], kind, cents)
        self.truth.did(*told)
        if back is None:
            return

        def take_back() -> None:
            back()
            self.truth.undid(*told)
            self.free.append(document or key)

        self.back.append(take_back)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _entry(row: EntryRow) -> Entry:
    balances: dict[str, Decimal] = defaultdict(Decimal)
    for line in row.rows:
        balances[line.account] += line.debit - line.credit
    return Entry(row.id, row.date, row.number, row.document, row.currency, balances, {})


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
