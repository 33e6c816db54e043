"""Room extract. Listings are complete whatever Scoro's pages, filters and orders do; a site that changes is imitated
with state."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoro_smartaccounts.extract.listing import ChangeListing, RangeListing, midnight
from scoro_smartaccounts.extract.reading import read, with_tags
from scoro_smartaccounts.scoro.rows import day_of, id_of
from scoro_smartaccounts.scoro.values import moment

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 3)
TODAY = date(2026, 3, 5)

Row = dict[str, Any]


class Site:
    """Rows by id behind pages. `order` sorts the ids at every request; `between` runs after every page."""

    def __init__(self, rows: list[Row], *, order: Callable[[list[int]], list[int]] = sorted) -> None:
        self.rows = {row["id"]: row for row in rows}
        self.order = order
        self.between: Callable[[], None] = lambda: None
        self.requests = 0
        self.hidden_by_date: set[int] = set()
        self.ignores_filters = False

    def page(
        self,
        module: str,
        page: int,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> list[Row]:
        self.requests += 1
        size = 25 if detailed else 100
        matching = [key for key, row in self.rows.items() if self._matches(row, filter or {})]
        shown = self.order(matching)[(page - 1) * size : page * size]
        rows = [{**self.rows[key], "lines": [] if detailed else None} for key in shown]
        self.between()
        return rows

    def list(self, module: str, **options: Any) -> Iterator[Row]:
        seen: set[object] = set()
        number = 1
        while rows := self.page(module, number, **options):
            for row in rows:
                if row["id"] is None or row["id"] not in seen:
                    seen.add(row["id"])
                    yield row
            number += 1

    def view(self, module: str, record_id: str) -> Row | None:
        self.requests += 1
        row = self.rows.get(int(record_id))
        return row and {**row, "lines": []}

    def _matches(self, row: Row, wanted: Mapping[str, Any]) -> bool:
        return self.ignores_filters or all(self._fits(row, name, value) for name, value in wanted.items())

    def _fits(self, row: Row, name: str, value: Any) -> bool:
        if isinstance(value, list):
            return row[name] in value
        is_hidden = name == "date" and row["id"] in self.hidden_by_date
        return not is_hidden and value["from_date"] <= str(row[name])[:10] < value.get("to_date", "9999")


def row(number: int, day: date = FIRST, modified: str | None = None) -> Row:
    moment = f"{modified or day.isoformat()}T10:00:00+02:00"
    return {"id": number, "date": day.isoformat(), "modified_date": moment, "created_date": moment}


def listed(site: Site) -> tuple[RangeListing, list[str]]:
    listing = RangeListing(site, "invoices", FIRST, LAST, TODAY)
    return listing, [str(item["id"]) for item in listing.rows()]


def test_a_quiet_site_is_read_with_few_requests() -> None:
    site = Site([row(number) for number in range(1, 21)])
    listing, ids = listed(site)
    assert sorted(ids) == sorted(listing.ids) == sorted(str(number) for number in range(1, 21))
    # The list with lines, the list without, the control; each ends with an empty page.
    assert site.requests == 6


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.integers(-2, 5), max_size=150),
    hidden=st.sets(st.integers(1, 150), max_size=20),
    seed=st.integers(0, 1000),
    how=st.sampled_from(["sorted", "reverse", "shuffled"]),
)
def test_the_listing_holds_exactly_the_range(days: list[int], hidden: set[int], seed: int, how: str) -> None:
    shuffle = random.Random(seed)
    orders: dict[str, Callable[[list[int]], list[int]]] = {
        "sorted": sorted,
        "reverse": lambda ids: sorted(ids, reverse=True),
        "shuffled": lambda ids: shuffle.sample(ids, len(ids)),
    }
    rows = [row(number, FIRST + timedelta(days=offset)) for number, offset in enumerate(days, start=1)]
    site = Site(rows, order=orders[how])
    # Several pages in a new order at every request and a filter that hides: nothing can be proved there.
    site.hidden_by_date = hidden if how != "shuffled" or len(rows) <= 100 else set()
    listing, ids = listed(site)
    expected = {str(item["id"]) for item in rows if FIRST <= date.fromisoformat(item["date"]) <= LAST}
    if listing.is_settled:
        assert listing.ids == expected
        assert set(ids) == expected
    assert listing.is_settled or (how == "shuffled" and len(expected) > 100)
    assert listing.is_trusted == (not {str(number) for number in site.hidden_by_date} & expected)


def test_rows_added_and_removed_while_pages_are_read() -> None:
    site = Site([row(number) for number in range(100, 180)])
    removed, added = iter(range(100, 110)), iter(range(99, 89, -1))

    def shift() -> None:
        gone, new = next(removed, None), next(added, None)
        if gone is not None and new is not None:
            del site.rows[gone]
            site.rows[new] = row(new)

    site.between = shift
    listing, _ = listed(site)
    assert listing.ids - listing.gone == {str(number) for number in site.rows}
    assert listing.is_trusted


def test_rows_without_id_or_day_are_told() -> None:
    site = Site([row(1), {**row(2), "date": "2026-13-01"}])
    site.rows[3] = {**row(3), "id": None}
    site.ignores_filters = True
    listing, ids = listed(site)
    assert listing.rows_without_id == 1
    assert listing.undated == {"2"}
    assert ids == ["1", "2"]


def test_changes_are_listed_by_either_moment_and_earlier_ones_dropped() -> None:
    modified, created, old, on_the_day = (row(number, date(2026, 1, 1)) for number in range(1, 5))
    modified["modified_date"] = "2026-03-02T10:00:00+02:00"
    created["created_date"] = "2026-03-02T10:00:00+02:00"
    on_the_day["modified_date"] = "2026-03-01T00:30:00+02:00"
    site = Site([modified, created, old, on_the_day])
    listing = ChangeListing(site, "invoices", midnight(date(2026, 3, 1)) + timedelta(hours=1))
    assert {str(item["id"]) for item in listing.rows()} >= {"1", "2"}
    assert listing.ids == {"1", "2"}


def test_many_records_are_read_at_once_and_unknown_ones_told() -> None:
    site = Site([row(number) for number in range(1, 41)])
    found = dict(read(site, "invoices", map(str, range(1, 43)), detailed=True))
    assert [record_id for record_id, item in found.items() if item is None] == ["41", "42"]
    assert all(item is None or item["lines"] is not None for item in found.values())
    assert site.requests == 2 + 2


def test_an_ignored_filter_on_ids_is_not_believed() -> None:
    site = Site([row(number) for number in range(1, 200)])
    site.ignores_filters = True
    found = dict(read(site, "invoices", ["150", "160", "170"], detailed=True))
    assert {record_id: item and item["id"] for record_id, item in found.items()} == {"150": 150, "160": 160, "170": 170}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, "7"), ("7", "7"), (" 07 ", "7"), (0, None), ("", None), (None, None), (True, None), ("x", None), ([], None)],
)
def test_ids(value: object, expected: str | None) -> None:
    assert id_of({"id": value}) == expected


@pytest.mark.parametrize("value", [None, "", "0000-00-00", "2026-13-01", 20260301.5, []])
def test_unreadable_days(value: object) -> None:
    assert day_of({"date": value}) is None


def test_a_moment_without_zone_is_tallinn_time() -> None:
    assert moment("2026-07-01 12:00:00") == moment("2026-07-01T12:00:00+03:00")
    assert moment("yesterday") is None


class Shop(Site):
    """Products whose tags stand in full records only, behind a list of few that ends early."""

    def page(self, module: str, page: int, *, detailed: bool = False, **options: Any) -> list[Row]:
        rows = super().page(module, page, detailed=detailed, **options)[:3]
        return rows if detailed else [{key: row[key] for key in row if key != "tag"} for row in rows]


class ViewOnly(Shop):
    """Products whose tags only a view shows, if it is of those."""

    def page(self, module: str, page: int, *, detailed: bool = False, **options: Any) -> list[Row]:
        return super().page(module, page, detailed=False, **options)

    def view(self, module: str, record_id: str) -> Row | None:
        row = super().view(module, record_id)
        return row if row is None or row["id"] != 5 else {key: row[key] for key in row if key != "tag"}


def test_products_are_viewed_one_by_one_where_no_list_shows_tags() -> None:
    rows: list[Row] = [{"id": number, "product_id": number, "tag": f"tag {number}"} for number in range(1, 8)]
    counter = ViewOnly(rows, order=sorted)
    listed = dict(read(counter, "products", ["1", "2", "3", "9"], key="product_id", detailed=False))
    shown = with_tags(counter, listed)
    assert {key: row and row["tag"] for key, row in shown.items()} == {
        "1": "tag 1",
        "2": "tag 2",
        "3": "tag 3",
        "9": None,
    }
    others = with_tags(counter, {str(number): {"product_id": number} for number in (4, 5, 6)})
    assert {key: row and row.get("tag") for key, row in others.items()} == {"4": "tag 4", "5": None, "6": "tag 6"}


@pytest.mark.parametrize("order", [sorted, lambda ids: sorted(ids, reverse=True)])
def test_products_are_read_in_full_where_only_some_show_their_tags(order: Callable[[list[int]], list[int]]) -> None:
    rows: list[Row] = [{"id": number, "product_id": number, "tag": f"tag {number}"} for number in range(1, 8)]
    shop = Shop(rows, order=order)
    wanted = [str(number) for number in range(1, 9)]
    listed = dict(read(shop, "products", wanted, key="product_id", detailed=False))
    assert {"tag" in row for row in listed.values() if row} == {True, False}
    shown = with_tags(shop, listed)
    assert {key: row and row["tag"] for key, row in shown.items()} == {
        **{str(number): f"tag {number}" for number in range(1, 8)},
        "8": None,
    }
