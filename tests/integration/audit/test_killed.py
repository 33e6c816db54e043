"""Room audit. A night that is killed at any moment and repeated says the same, loses nothing and asks for no more than
a night may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scoro_smartaccounts.audit import night as audit
from scoro_smartaccounts.audit.report import tell
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts_sandbox.smartaccounts.services import SALES
from tests.integration.audit.books import Books, known_books
from tests.integration.audit.nights import Nights
from tests.integration.world import World


class Killed(BaseException):
    """What nothing in the product catches; open transactions are rolled back, as those of a dead process are."""


@dataclass
class Mortal(Nights):
    """Nights whose tasks die at one moment, before or after a request, and are repeated."""

    moments: int = -1
    died: bool = False

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        read = services.smartaccounts.read

        def mortal(*arguments: Any, **named: Any) -> Any:
            self._moment()
            answer = read(*arguments, **named)
            self._moment()
            return answer

        services.smartaccounts.read = mortal  # type: ignore[method-assign]
        return services

    def task(self, step: Callable[[AuditRequest, Services], Any], request: AuditRequest) -> None:
        try:
            self.patiently(step, request)
        except Killed:
            self.died = True
            self.patiently(step, request)

    def _moment(self) -> None:
        if self.moments == 0:
            self.moments = -1
            raise Killed
        self.moments -= self.moments > 0


def play(nights: Mortal, at: int) -> tuple[Any, int]:
    nights.moments, nights.died = at, False
    request = nights.next_request()
    before = len(nights.world.calls())
    for step in (audit.scoro, audit.books, audit.hunt_on):
        nights.task(step, request)
    return tell(request, nights.services(request)), len(nights.world.calls()) - before


def test_a_night_that_is_killed_anywhere_says_the_same(world: World, stride: int) -> None:
    books = known_books(world)
    nights = Mortal(world)
    place = 0
    while True:
        take_back = change_something(books, place)
        report, asked = play(nights, place)
        if not nights.died:
            break
        found = nights.open()
        assert [(each.kind, each.state) for each in found] == [("books_amount", "told")], place
        assert (report.night.state, len(report.fresh)) == ("ok", 1), place
        assert asked <= 25, place
        take_back()
        report, _ = play(nights, -1)
        assert nights.open() == [], place
        assert [each.state for each in report.closed] == ["mended"], place
        place += stride
    assert place > 10


def test_an_old_entry_that_changed_is_no_difference_whatever_is_killed(world: World, stride: int) -> None:
    """Of entries from before the first import day only changes tell: what was read of them must not be lost."""
    books = known_books(world)
    shown = books.shown(SALES, books.ids["b"])
    row = {name: shown["rows"][0][name] for name in ("code", "description", "price", "quantity", "vatPc")}
    fields = {name: shown[name] for name in ("clientId", "currency")}
    old = world.books.seed(SALES, {**fields, "invoiceNumber": "VANA", "date": "05.11.2025", "rows": [row]})
    nights = Mortal(world)
    play(nights, -1)
    assert nights.open() == []
    place, price = 0, 200
    while True:
        price += 10
        world.books.change(SALES, old, rows=[row | {"price": price}])
        report, _ = play(nights, place)
        assert (nights.open(), report.night.state) == ([], "ok"), place
        if not nights.died:
            break
        place += stride
    assert place > 10


def change_something(books: Books, place: int) -> Callable[[], None]:
    name = "bcdefgh"[place % 7]
    [row] = books.shown(SALES, books.ids[name])["rows"]
    return books.change(SALES, name, rows=[row | {"price": 150}])
