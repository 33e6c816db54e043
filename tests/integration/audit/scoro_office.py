"""People who work in Scoro for days: what is imported of it, and what they change and delete afterwards; and the truth
about it, by an account that shares nothing with what it is held against."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from scoro_smartaccounts.audit import night as audit
from scoro_smartaccounts.audit.scoro_content import modules_audited
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.audit_nights import open_night
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts.staging.links import KIND_OF, Booking, Evidence, Link, store_links
from scoro_smartaccounts.staging.raw_records import NewVersion, add_versions
from scoro_smartaccounts_sandbox.scoro.fields import MODULES
from scoro_smartaccounts_sandbox.scoro.wire import in_full
from tests.integration.audit.nights import Nights
from tests.integration.world import COMPANY, World

FIRST = date(2026, 1, 5)
DOCUMENTS = ("invoices", "bills", "expenses")
GONE = {"receipts": "receipt_deleted"}
# A module and an id.
Key = tuple[str, int]


@dataclass
class ScoroOffice:
    """Whoever works in Scoro. `imported`: what stands in the books, and is as it was; `owed`: what differs from what
    was imported, with its kind and the moment, counted in deeds."""

    world: World
    seed: int = 7
    closed_until: date | None = None
    imported: list[Key] = field(default_factory=list)
    owed: dict[tuple[str, int, str], int] = field(default_factory=dict)
    deeds: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        bills = COMPANY.purchase_invoices
        entry_date = bills.entry_date.model_copy(update={"books_closed_until": self.closed_until})
        bills = bills.model_copy(update={"expenses": True, "entry_date": entry_date})
        update = {"first_import_date": date(2026, 1, 1), "purchase_invoices": bills}
        self.company: Company = COMPANY.model_copy(update=update)
        self.world.company = self.company
        site = self.world.site
        self.contacts = [
            site.create("contacts", {"name": f"Näidis {number} OÜ", "contact_type": "company"})["contact_id"]
            for number in range(4)
        ]

    # What they enter

    def enter(self, module: str, *, day: date | None = None, is_imported: bool = True) -> Key:
        """A document of today; it is imported at once."""
        line = _line(module)
        request: dict[str, Any] = {
            "company_id": self.random.choice(self.contacts),
            "date": (day or self.world.site.today()).isoformat(),
            "lines": [line],
        }
        if module != "invoices":
            request["no"] = f"{module[0].upper()}-{len(self.world.site.records(module)) + 1}"
        key = (module, self.world.site.create(module, request)["id"])
        self.deeds += 1
        if is_imported:
            self.take_in([key])
        return key

    def pay(self, *keys: Key, is_imported: bool = True) -> Key:
        """Money for documents of one module."""
        group = self.world.site.pay(keys[0][0], {record_id: None for _, record_id in keys})
        key = ("receipts", group["id"])
        self.deeds += 1
        if is_imported:
            self.take_in([key])
        return key

    def take_in(self, keys: Iterable[Key]) -> None:
        """What an import leaves behind: the record as it was read, and the link."""
        modules = {module.name: (module, flow) for module, flow in modules_audited(self.company).items()}
        with self.world.engine.begin() as connection:
            for name, record_id in keys:
                module, flow = modules[name]
                row = json.loads(json.dumps(self.shown((name, record_id))), parse_float=Decimal)
                document_id = module.document_id(str(record_id))
                version = NewVersion(document_id, 1, f"{record_id}", json.dumps(self.shown((name, record_id))))
                add_versions(connection, self.company.key, name, "import", [version])
                booking = Booking()
                if flow is not Flow.PAYMENTS:
                    entered = date.fromisoformat(row["date"])
                    booking = Booking(number=str(row["no"]), currency="EUR", entry_day=entered)
                link = Link(
                    KIND_OF[flow],
                    document_id,
                    f"r-{name}-{record_id}",
                    Evidence.CREATED,
                    content_hash=module.content_hash(row),
                    booking=booking,
                )
                store_links(connection, self.company.key, "import", [link])
                self.imported.append((name, record_id))
            connection.execute(
                text("update link set linked_at = :at where linked_at > :at"), {"at": self.world.clock.now()}
            )

    def shown(self, key: Key) -> dict[str, Any]:
        """What Scoro shows of a record."""
        name, record_id = key
        return in_full(self.world.site, MODULES[name], self.world.site.get(name, record_id))

    # What they do to what was imported

    def delete(self, key: Key, *, hard: bool = False) -> None:
        """Delete a record; what it was paid with stays."""
        if hard:
            self.world.site.remove(*key)
        else:
            self.world.site.delete(*key)
        self._owe(key, GONE.get(key[0], "source_deleted"))

    def change(self, key: Key, kind: str) -> None:
        """Edit a record so that it differs in one way."""
        CHANGES[kind](self, key)
        self._owe(key, kind)

    def touch(self, key: Key) -> None:
        """Save a record as it is."""
        self.world.site.modify(*key, {})
        self.deeds += 1

    def something(self) -> None:
        """Anything that people do."""
        choice = self.random.random()
        free = [key for key in self.imported if key[0] != "receipts"]
        if choice < 0.3 or len(free) < 10:
            self.enter(self.random.choice(DOCUMENTS), is_imported=self.random.random() < 0.8)
            return
        key = self.random.choice(free)
        if choice < 0.5 and not self._paid(key):
            self.pay(key)
            # Of what is paid nothing is deleted here.
            self.imported.remove(key)
        elif choice < 0.6:
            self.touch(key)
        elif choice < 0.75:
            self.delete(key, hard=self.random.random() < 0.5)
        elif choice < 0.85 and (receipts := [key for key in self.imported if key[0] == "receipts"]):
            self.delete(self.random.choice(receipts), hard=self.random.random() < 0.5)
        else:
            self.change(key, self.random.choice([kind for kind in CHANGES if kind != "receipt_changed"]))

    def _paid(self, key: Key) -> bool:
        return bool(self.world.site.paid_of(*key))

    def _owe(self, key: Key, kind: str) -> None:
        self.deeds += 1
        if key in self.imported:
            self.imported.remove(key)
            self.owed[(*key, kind)] = self.deeds

    # What is told

    def judge(self, drifts: Iterable[Drift], begun: int) -> tuple[set[Any], set[Any]]:
        """What was missed, of what was done before a deed, and what was told that is not so."""
        told = {told_of(each) for each in drifts}
        return {owed for owed, at in self.owed.items() if at <= begun} - told, told - self.owed.keys()


def told_of(drift: Drift) -> tuple[str, int, str]:
    prefix, _, number = drift.source_id.rpartition("-")
    module = {"sales_invoices": "invoices", "purchase_invoices": "bills", "payments": "receipts"}[drift.flow]
    return "expenses" if prefix else module, int(number), drift.kind


def _line(module: str) -> dict[str, str]:
    quantity, code = ("quantity", "tax_code_id") if module == "expenses" else ("amount", "vat_code_id")
    return {quantity: "1", "price": "100", code: "9"}


def _lines(office: ScoroOffice, key: Key, **fields: str) -> None:
    office.world.site.modify(*key, {"lines": [_line(key[0]) | fields]})


def _set(office: ScoroOffice, key: Key, **fields: Any) -> None:
    office.world.site.modify(*key, fields)


def _another_receipt(office: ScoroOffice, key: Key) -> None:
    office.world.site.modify(*key, {"date": "2026-01-09"})


def _day(office: ScoroOffice, key: Key) -> None:
    before = date.fromisoformat(office.world.site.get(*key)["date"])
    office.world.site.modify(*key, {"date": (before + timedelta(days=40)).isoformat()})


CHANGES: dict[str, Callable[[ScoroOffice, Key], None]] = {
    "source_amount": lambda office, key: _lines(office, key, price="150"),
    "source_date": _day,
    "source_partner": lambda office, key: _set(office, key, company_id=_other(office, key)),
    "source_number": lambda office, key: _set(office, key, no=f"99{key[1]}"),
    "source_vat": lambda office, key: _lines(
        office, key, **{"tax_code_id" if key[0] == "expenses" else "vat_code_id": free_of_vat(office)}
    ),
    "source_lines": lambda office, key: _lines(
        office, key, **{"description" if key[0] == "expenses" else "comment": "Muu töö"}
    ),
    "receipt_changed": _another_receipt,
}


def free_of_vat(office: ScoroOffice) -> str:
    """A VAT code of no VAT."""
    codes = office.world.site.records("vatCodes").values()
    return str(next(row["vat_code_id"] for row in codes if not row["percent"] and not row["is_not_applicable"]))


def _other(office: ScoroOffice, key: Key) -> int:
    now = int(office.world.site.get(*key)["company_id"])
    return int(next(contact for contact in office.contacts if contact != now))


@dataclass(frozen=True)
class Told:
    """What a night came to."""

    state: str
    requests: int
    lists: dict[str, Any]


@dataclass
class ScoroNights(Nights):
    """Nights of Scoro's side alone. `before`: what happens before each request, told its number of the night."""

    before: Callable[[int], None] = lambda _: None
    asked: list[int] = field(default_factory=list)

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        self.asked.append(0)

        class Watched(ScoroClient):
            def _send(watched, *arguments: Any, **options: Any) -> Any:  # noqa: N805
                self.asked[-1] += 1
                self.before(self.asked[-1])
                return super()._send(*arguments, **options)

        services.scoro.__class__ = Watched
        return services

    def night(self, request: AuditRequest | None = None) -> Told:
        """The next night, or this one again."""
        request = request or self.next_request()
        audit.scoro(request, self.services(request))
        with self.world.engine.begin() as connection:
            night = open_night(connection, self.world.company.key, request.night, self.world.clock.now())
        return Told(night.scoro_state, self.asked[-1], dict(night.evidence["scoro"]["lists"]))


def known_nights(office: ScoroOffice) -> ScoroNights:
    """Nights that know the lists."""
    nights = ScoroNights(office.world)
    for _ in range(8):
        if nights.night().state == "ok":
            assert nights.open() == []
            return nights
    raise AssertionError("the lists never came to be known")
