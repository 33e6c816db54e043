"""Books that the audit knows, with names for what was imported into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.services import PAYMENTS, PURCHASES, SALES
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import People, at_noon
from tests.integration.world import World

FIRST = date(2026, 1, 5)


@dataclass
class Books:
    """What was imported, by a short name, and who changes it in SmartAccounts."""

    world: World
    nights: Nights
    people: People
    ids: dict[str, str] = field(default_factory=dict)

    def change(self, service: str, name: str, **fields: Any) -> Callable[[], None]:
        """Change a record; what changes it back."""
        key = self.ids[name]
        before = {each: self.shown(service, key)[each] for each in fields if each in self.shown(service, key)}
        self.world.books.change(service, key, **fields)
        return lambda: self.world.books.change(service, key, **before)

    def shown(self, service: str, key: str) -> dict[str, Any]:
        state = self.world.books.state()[service.rpartition("/")[2]]
        return next(row for row in state if row["id"] == key)

    def entry_of(self, name: str) -> dict[str, Any]:
        number = str(self.world.books.records[SALES][self.ids[name]]["number"])
        return next(
            row
            for row in self.world.books.entries()
            if row["docType"] == "CLIENT_INVOICE" and str(row["number"]) == number
        )


def known_books(world: World) -> Books:
    """Invoices of 124.00 to one client, bills, and a paid invoice, all imported; two nights have passed, between which
    every account moved with its entries."""
    world.clock.set(at_noon(FIRST))
    people = People(world, 7)
    found = Books(world, Nights(world), people)
    _enter(found, "abcdefgh", "xyz")
    found.ids["payment"] = world.books.pay(found.ids["a"], day=FIRST)
    people.link(PAYMENTS, found.ids["payment"])
    found.nights.play()
    _enter(found, "ij", "vw")
    world.books.pay(found.ids["j"], day=FIRST)
    report = found.nights.play()
    assert report.night.state == "ok"
    assert found.nights.open() == []
    return found


def _enter(books: Books, sales: str, bills: str) -> None:
    people = books.people
    for name in sales:
        books.ids[name] = people.enter(SALES, is_imported=True, net=10000, partner=people.clients[0])
    for name in bills:
        books.ids[name] = people.enter(PURCHASES, is_imported=True, net=5000)
