"""Room audit. A day on which hundreds of documents were entered, one of them dated before the first import day: nights
with few requests read it page by page, and the one has its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from scoro_smartaccounts.audit import dated_before
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.totals.compute import compute
from scoro_smartaccounts_sandbox.smartaccounts.services import PURCHASES, SALES
from tests.integration.audit.books import FIRST
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import People, at_noon
from tests.integration.world import World

PAGE, PAGES = 20, 12


@dataclass
class Day:
    """A day of many documents, by their ids. `key`: the one that is dated before the first import day."""

    world: World
    nights: Nights
    people: People
    keys: list[str]
    key: str

    def meet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The books are read as a whole, but for this; then pages are short, and show the oldest ones last."""
        self.world.clock.set(at_noon(FIRST + timedelta(days=2)))
        for service in (SALES, PURCHASES):
            self.people.enter(service, is_imported=True)
        with monkeypatch.context() as patched:
            patched.setattr(dated_before, "_KEPT_BACK", 1000)
            assert self.nights.play().night.state == "ok"
        self.world.books.switches.change({"page_size": PAGE, "sort": "backwards"})

    def causes(self) -> set[str]:
        """Why the books have what Scoro does not."""
        with self.world.engine.begin() as connection:
            found = compute(connection, self.world.company).causes
        return {each.cause for each in found if each.about.remote_id == self.key}

    def pages(self) -> list[str]:
        """The pages that were asked for, in their order."""
        asked = [call["params"] for call in self.world.calls()]
        return [each["pageNumber"] for each in asked if each.get("dateType") == "entrydate"]

    def nights_until_named(self, most: int = 20) -> int:
        for number in range(1, most + 1):
            assert self.nights.play().night.state == "ok"
            assert self.nights.requests[-1] <= 10
            if self.causes() == {"before_first_import"}:
                return number
        raise AssertionError(f"not named after {most} nights; pages {self.pages()}")


@pytest.fixture
def day(world: World) -> Day:
    world.clock.set(at_noon(FIRST))
    people = People(world, 3)
    keys = [people.enter(SALES, is_imported=False) for _ in range(PAGE * PAGES)]
    world.books.change(SALES, keys[0], date="28.12.2025")
    return Day(world, Nights(world), people, keys[1:], keys[0])


@pytest.mark.slow
def test_a_day_of_many_pages_is_read_on_night_after_night(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    day.meet(monkeypatch)
    assert day.causes() == set()
    assert 3 <= day.nights_until_named() <= PAGES
    assert day.pages() == [str(number) for number in range(1, PAGES + 1)]
    # It is read once.
    day.nights.play()
    assert len(day.pages()) == PAGES


def test_what_slips_to_a_page_that_was_read_is_found_all_the_same(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    day.meet(monkeypatch)
    while len(day.pages()) < PAGES - 3:
        day.nights.play()
    read = len(day.pages())
    assert read < PAGES
    for key in day.keys[-PAGE * (PAGES - read) :]:
        day.world.books.remove(SALES, key)
    day.nights_until_named(most=30)
    assert day.pages().count("1") == 2


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Mortal(Nights):
    """Nights whose first task dies at a page of the day, after it was shown."""

    dies: bool = True

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        read = services.smartaccounts.read

        def mortal(*arguments: Any, **named: Any) -> Any:
            answer = read(*arguments, **named)
            if self.dies and named.get("dateType") == "entrydate":
                self.dies = False
                raise Killed
            return answer

        services.smartaccounts.read = mortal  # type: ignore[method-assign]
        return services

    def patiently(self, step: Any, request: AuditRequest) -> None:
        try:
            super().patiently(step, request)
        except Killed:
            super().patiently(step, request)
        self.dies = True


def test_killed_on_the_way_it_goes_on_where_it_was(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    day.meet(monkeypatch)
    day.nights = Mortal(day.world)
    assert day.nights_until_named() <= PAGES
    # A page that was shown to a dead process is read again, none is left out, and none else is read twice.
    assert sorted(set(map(int, day.pages()))) == [*range(1, PAGES + 1)]
    assert len(day.pages()) <= PAGES * 2
