"""Whole flows. However the days are cut, ordered, repeated or overlapped: the same books."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.conftest import Databases
from tests.integration.world import World, open_world

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
PER_MONTH = 60


def content(world: World) -> list[Any]:
    """The books without what differs by the moment of booking: ids, accounting numbers, times."""
    clients = {row["id"]: (row["name"], row.get("regCode", "")) for row in world.books.state()["clients"]}
    numbers = {row["id"]: row["invoiceNumber"] for row in world.invoices()}
    skipped = ("id", "number", "clientId", "client", "referenceNumber", "dateCreated", "dateUpdated")
    return sorted(
        (
            [
                clients[row["clientId"]],
                numbers.get(row.get("baseForCreditInvoiceId", "")),
                {k: v for k, v in row.items() if k not in (*skipped, "baseForCreditInvoiceId", "warehouseId")},
            ]
            for row in world.invoices()
        ),
        key=lambda entry: str(entry[2]["invoiceNumber"]),
    )


def whole_range(world: World) -> None:
    world.run(FIRST, LAST)


def daily(world: World) -> None:
    for n in range(31):
        world.run(FIRST + timedelta(days=n), FIRST + timedelta(days=n), kind=RunKind.SCHEDULED)


def daily_backwards(world: World) -> None:
    for n in reversed(range(31)):
        world.run(FIRST + timedelta(days=n), FIRST + timedelta(days=n), kind=RunKind.BACKFILL)
    # Credit invoices whose base came later waited; the next scheduled run takes them.
    world.run(LAST + timedelta(days=1), LAST + timedelta(days=1), kind=RunKind.SCHEDULED)


def two_at_once(world: World) -> None:
    problems: list[BaseException] = []

    def one(kind: RunKind) -> None:
        try:
            request = world.request(FIRST, LAST, kind=kind)
            services = world.services(request)
            for step in world.steps:
                step(request, services)
            pipeline.summarize(request, services)
        except BaseException as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=one, args=(kind,)) for kind in (RunKind.MANUAL, RunKind.BACKFILL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    # What one run left to the other because it was sending just then, and what waits for the first of a kind that the
    # other one sent, is settled by the next.
    for _ in range(2):
        world.run(FIRST, LAST)


@pytest.mark.slow
@pytest.mark.parametrize("way", [daily, daily_backwards, two_at_once], ids=lambda way: way.__name__)
def test_the_same_books(databases: Databases, tmp_path: Path, way: Callable[[World], None]) -> None:
    books = []
    for name, import_days in (("range", whole_range), ("other", way)):
        engine = make_engine(databases.new())
        with open_world(engine, tmp_path / name) as world:
            world.checked = False
            world.generate(FIRST, LAST, PER_MONTH)
            import_days(world)
            books.append(content(world))
            assert len(world.invoices()) == len(world.live_invoices())
            codes = [row["code"] for row in world.books.state()["articles"]]
            assert len(codes) == len(set(codes))
            registry = [row["regCode"] for row in world.books.state()["clients"] if row.get("regCode")]
            assert len(registry) == len(set(registry))
        engine.dispose()
    assert books[0] == books[1]


def test_ten_days_are_exactly_ten_days(world: World) -> None:
    world.checked = False
    world.generate(FIRST, LAST, PER_MONTH)
    summary = world.run(date(2026, 1, 1), date(2026, 1, 10), kind=RunKind.BACKFILL)
    first, last = "2026-01-01", "2026-01-10"
    expected = {str(row["no"]) for row in world.live_invoices().values() if first <= str(row["date"]) <= last}
    assert {row["invoiceNumber"] for row in world.invoices()} == expected
    assert summary["days_not_imported"]["ranges"] == ["11.01.2026-09.02.2026"]
