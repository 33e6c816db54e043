"""Room extract. Scoro → staging, against the simulator and a real PostgreSQL: nothing missed, nothing twice, again
gives the same."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import Connection, Engine, Table, event, insert, select, update

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.documents import extract
from scoro_smartaccounts.extract.stage import stage_documents
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.scoro.modules import INVOICES
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.documents import load_documents, load_partners, load_products
from scoro_smartaccounts.staging.runs import batch, set_outcomes
from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.scoro import DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY, Site, Switches
from scoro_smartaccounts_sandbox.scoro.api import PageShift
from scoro_smartaccounts_sandbox.scoro.app import create_app
from scoro_smartaccounts_sandbox.server import serve
from tests.told import case_of, told

# For classes that have a method called list.
Rows = Sequence[dict[str, Any]]
COMPANY = {
    "key": "default",
    "name": "Näidis OÜ",
    "connections": {"scoro": "scoro_default", "smartaccounts": "smartaccounts_default"},
    "first_import_date": "2026-01-01",
    "articles": {"fallback": "MUU"},
    "sales_invoices": {"vat_codes": [{"percent": 24, "smartaccounts": "24"}], "client_vat_code": "24"},
    "purchase_invoices": {"vat_codes": [{"percent": 24, "smartaccounts": "24"}], "vendor_vat_code": "24"},
}


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), TALLINN) + timedelta(hours=12)


@dataclass
class Scene:
    """A Scoro site with one client and one product, and a staging database."""

    engine: Engine
    site: Site
    app: Any
    url: str
    partner: int = 0
    product: int = 0
    company: dict[str, Any] = field(default_factory=lambda: dict(COMPANY))

    def __post_init__(self) -> None:
        self.partner = self.site.create("contacts", {"name": "Kask OÜ", "id_code": "10000000"})["contact_id"]
        self.product = self.site.create("products", {"name": "Kaabel", "code": "K-1", "price": "10"})["product_id"]

    def at(self, moment: datetime) -> None:
        self.site.clock.freeze(moment)

    def invoice(self, day: str, **fields: Any) -> str:
        """An invoice dated `day`, entered now."""
        line = {"product_id": self.product, "price": "10", "amount": "2", "vat_code_id": self.vat_code()}
        record = {"company_id": self.partner, "date": day, "lines": [line], **fields}
        return str(self.site.create("invoices", record)["id"])

    def vat_code(self) -> int:
        return next(iter(self.site.records("vatCodes")))

    def change(self, source_id: str, **fields: Any) -> None:
        self.site.modify("invoices", int(source_id), fields)

    def run(
        self,
        first: str,
        last: str | None = None,
        kind: RunKind = RunKind.MANUAL,
        mode: Mode = Mode.IMPORT,
        key: str = "",
    ) -> Counts:
        return extract(self.request(first, last, kind, mode, key), self.services())

    def request(
        self,
        first: str,
        last: str | None = None,
        kind: RunKind = RunKind.MANUAL,
        mode: Mode = Mode.IMPORT,
        key: str = "",
    ) -> RunRequest:
        last = last or first
        return RunRequest(
            company=Company.model_validate(self.company),
            flow=Flow.SALES_INVOICES,
            run_key=key or f"import_sales_invoices/{kind.value}_{mode.value}_{first}_{last}",
            kind=kind,
            mode=mode,
            date_from=date.fromisoformat(first),
            date_to=date.fromisoformat(last),
        )

    def services(self, scoro: Any = None) -> Services:
        unused: Any = None
        return Services(
            engine=self.engine,
            budget=unused,
            scoro=scoro or ScoroClient(self.url, DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY),
            smartaccounts=unused,
            clock=self.site.clock.now,
            output_folder=Path("unused"),
        )

    def batch(self, first: str, last: str | None = None, kind: RunKind = RunKind.MANUAL, **more: Any) -> list[str]:
        with self.engine.connect() as connection:
            return batch(connection, self.request(first, last, kind, **more))

    def outcomes(self, first: str, last: str | None = None, kind: RunKind = RunKind.MANUAL) -> dict[str, Any]:
        key = self.request(first, last, kind).run_key
        return {row["source_id"]: row["outcome"] for row in self.rows(schema.run_document) if row["run_key"] == key}

    def reasons(self, first: str, kind: RunKind = RunKind.SCHEDULED) -> dict[str, Any]:
        key = self.request(first, None, kind).run_key
        return {row["source_id"]: row["reason"] for row in self.rows(schema.run_document) if row["run_key"] == key}

    def rows(self, table: Table) -> list[dict[str, Any]]:
        keys = list(table.primary_key.columns)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table).order_by(*keys)).mappings()]

    def document(self, source_id: str) -> dict[str, Any]:
        return next(row for row in self.rows(schema.document) if row["source_id"] == source_id)

    def link(self, source_id: str, content_hash: str | None = None) -> None:
        row = {
            "company": "default",
            "kind": "sales_invoice",
            "source_id": source_id,
            "remote_id": f"remote-{source_id}",
            "evidence": "created",
            "content_hash": self.document(source_id)["content_hash"] if content_hash is None else content_hash,
            "run_key": "earlier",
        }
        with self.engine.begin() as connection:
            connection.execute(insert(schema.link).values(row))

    def quarantine(self, source_id: str, state: str = "open", system: str = "Scoro") -> None:
        row = {
            "company": "default",
            "flow": "sales_invoices",
            "source_id": source_id,
            "content_hash": self.document(source_id)["content_hash"],
            "code": "partner_missing",
            "reason": case_of("partner_missing", "no partner", system=system).to_json(),
            "state": state,
            "note": "booked by hand" if state == "dismissed" else "",
            "run_key": "earlier",
        }
        with self.engine.begin() as connection:
            connection.execute(insert(schema.quarantine).values(row))

    def outcome(self, request: RunRequest, source_id: str, outcome: str) -> None:
        with self.engine.begin() as connection:
            set_outcomes(connection, request, {source_id: (outcome, None)})


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    clock = Clock.frozen(noon("2026-03-01"))
    site = Site(clock, Switches(requests_per_2_seconds=0))
    app = create_app(site)
    with serve(app) as url:
        yield Scene(engine, site, app, url)


def switch(scene: Scene, **changes: Any) -> None:
    scene.site.switches = scene.site.switches.changed(changes)


STABLE = (
    schema.raw_record,
    schema.document,
    schema.document_line,
    schema.contact,
    schema.product,
    schema.run_document,
    schema.waiting,
    schema.later_change,
)


def staging(scene: Scene) -> Mapping[str, Any]:
    return {table.name: scene.rows(table) for table in STABLE}


# What is staged


def test_a_day_is_staged_with_lines_partner_and_product(scene: Scene) -> None:
    inside = scene.invoice("2026-03-01", discount="10")
    scene.invoice("2026-02-28")
    scene.invoice("2026-03-02")

    counts = scene.run("2026-03-01")

    assert scene.batch("2026-03-01") == [inside]
    assert [row["source_id"] for row in scene.rows(schema.document)] == [inside]
    row = scene.document(inside)
    assert (row["day"], row["net"], row["discount_1"]) == (date(2026, 3, 1), Decimal("18"), Decimal("10"))
    assert [(line["position"], line["product_id"], line["net"]) for line in scene.rows(schema.document_line)] == [
        (1, str(scene.product), Decimal("20"))
    ]
    assert counts["seen"] == counts["new"] == counts["batch"] == 1
    assert (counts["contacts"], counts["products"]) == (1, 1)
    with scene.engine.connect() as connection:
        loaded = load_documents(connection, "default", Flow.SALES_INVOICES, [inside, "999"])
        assert loaded[inside].net == Decimal("18.00")
        assert list(loaded) == [inside]
        assert load_partners(connection, "default", [str(scene.partner)])[str(scene.partner)].name == "Kask OÜ"
        assert load_products(connection, "default", [str(scene.product)])[str(scene.product)].code == "K-1"
        assert load_documents(connection, "acme", Flow.SALES_INVOICES, [inside]) == {}
    ledger = scene.rows(schema.run)
    assert len(ledger) == 1
    assert ledger[0]["counts"] == {"extract": counts}
    assert ledger[0]["extracted_at"] is not None


def test_running_again_changes_nothing(scene: Scene) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        scene.invoice(day)
    scene.at(noon("2026-03-03"))
    first = scene.run("2026-03-01", "2026-03-02")
    before = staging(scene)

    assert scene.run("2026-03-01", "2026-03-02") == first
    assert staging(scene) == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("calls_before_death", range(14))
def test_killed_anywhere_and_run_again_gives_the_same(scene: Scene, calls_before_death: int) -> None:
    days = ("2026-02-27", "2026-03-01", "2026-03-01", "2026-03-09")
    ids = [scene.invoice(day) for day in days]
    credit = scene.invoice("2026-03-01", credited_invoices=[int(ids[0])])
    undisturbed = Undisturbed(scene)

    scoro = Mortal(scene.services().scoro, calls_before_death)
    with pytest.raises(Killed):
        extract(scene.request("2026-03-01", kind=RunKind.SCHEDULED), scene.services(scoro))
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)

    assert scene.batch("2026-03-01", kind=RunKind.SCHEDULED) == sorted([*ids[:3], credit])
    assert undisturbed.summary() == undisturbed.of(scene)


@pytest.mark.parametrize("commits_before_death", range(0, 12))
def test_killed_at_any_commit_and_run_again_gives_the_same(scene: Scene, commits_before_death: int) -> None:
    for day in ("2026-02-27", "2026-03-01", "2026-03-09"):
        scene.invoice(day)
    undisturbed = Undisturbed(scene)
    left = commits_before_death

    def die(_: Connection) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    event.listen(scene.engine, "commit", die)
    with suppress(Killed):
        scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    event.remove(scene.engine, "commit", die)
    assert left < 0
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)

    assert undisturbed.summary() == undisturbed.of(scene)


class Mortal:
    """A client that ends the process at its n-th request."""

    def __init__(self, scoro: ScoroClient, calls: int) -> None:
        self._scoro = scoro
        self._left = calls

    def _live(self) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1

    def list(self, module: str, **options: Any) -> Iterator[dict[str, Any]]:
        for row in self._scoro.list(module, **options):
            self._live()
            yield row

    def page(self, module: str, page: int, **options: Any) -> Rows:
        self._live()
        return self._scoro.page(module, page, **options)

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        self._live()
        return self._scoro.view(module, record_id)


class Undisturbed:
    """The staging rows that one run on a site must leave, found by running it for another company."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        company = {**scene.company, "key": "other"}
        request = scene.request("2026-03-01", kind=RunKind.SCHEDULED)
        extract(replace(request, company=Company.model_validate(company)), scene.services())

    def summary(self) -> Mapping[str, Any]:
        return self._of("other")

    def of(self, scene: Scene) -> Mapping[str, Any]:
        return self._of("default")

    def _of(self, company: str) -> Mapping[str, Any]:
        moments = {"company", "first_seen_at", "staged_at", "since", "seen_at"}
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in moments}
                for row in self._scene.rows(table)
                if row["company"] == company
            ]
            for table in (*STABLE, schema.watermark)
        }


def test_two_runs_at_once_do_no_harm(scene: Scene) -> None:
    ids = [scene.invoice("2026-03-01") for _ in range(60)]
    failures: list[Exception] = []

    def work(key: str) -> None:
        try:
            scene.run("2026-03-01", key=key)
        except Exception as failure:  # noqa: BLE001 (the test fails by it)
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(f"import_sales_invoices/{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [row["version"] for row in scene.rows(schema.raw_record) if row["module"] == "invoices"] == [1] * 60
    for n in range(3):
        assert sorted(scene.batch("2026-03-01", key=f"import_sales_invoices/{n}")) == sorted(ids)


def test_changed_content_is_a_new_version_and_replaces_the_lines(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01")
    scene.at(noon("2026-03-02"))
    scene.change(source_id, lines=[{"product_id": scene.product, "price": "7", "amount": "1"}] * 2)
    counts = scene.run("2026-03-01", key="import_sales_invoices/second")

    versions = [row for row in scene.rows(schema.raw_record) if row["module"] == "invoices"]
    assert [(row["version"], row["payload"]["sum"]) for row in versions] == [(1, "20.00"), (2, "14.00")]
    assert scene.document(source_id)["raw_version"] == 2
    assert [line["net"] for line in scene.rows(schema.document_line)] == [Decimal("7"), Decimal("7")]
    assert (counts["new"], counts["changed"]) == (0, 1)


def test_older_content_never_replaces_newer(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    old = scene.services().scoro.view("invoices", source_id)
    assert old is not None
    scene.at(noon("2026-03-02"))
    scene.change(source_id, description="newer")
    scene.run("2026-03-01")
    before = staging(scene)

    request = scene.request("2026-03-01")
    with scene.engine.begin() as connection:
        stage_documents(connection, request, request.flow, INVOICES, [old])

    assert staging(scene) == before


def test_a_number_used_again_is_another_document(scene: Scene) -> None:
    first = scene.invoice("2026-03-01", no="777")
    scene.site.delete("invoices", int(first))
    second = scene.invoice("2026-03-01", no="777")
    scene.run("2026-03-01")

    assert scene.outcomes("2026-03-01") == {first: "deleted", second: None}
    assert scene.document(first)["number"] == scene.document(second)["number"] == "777"


def test_an_unreadable_document_is_staged_with_its_problem_and_stops_no_other(scene: Scene) -> None:
    bad, good, huge = (scene.invoice("2026-03-01") for _ in range(3))
    scene.site.patch("invoices", int(huge), {"currency_rate": Decimal(10) ** 12})
    site_client = scene.services().scoro
    counts = extract(scene.request("2026-03-01"), scene.services(Spoiled(site_client, bad)))

    assert counts["unreadable"] == 2
    assert scene.batch("2026-03-01") == sorted([bad, good, huge])
    assert "lines" in told(scene.document(bad)["problem"])
    assert scene.document(bad)["day"] == date(2026, 3, 1)
    assert "currency_rate" in told(scene.document(huge)["problem"])
    with scene.engine.connect() as connection:
        assert list(load_documents(connection, "default", Flow.SALES_INVOICES, [bad, good, huge])) == [good, huge]


class Spoiled:
    """A client in whose answers one invoice has lines that are none, and one row has no id."""

    def __init__(self, scoro: ScoroClient, source_id: str) -> None:
        self._scoro = scoro
        self._source_id = source_id

    def list(self, module: str, **options: Any) -> Iterator[dict[str, Any]]:
        for row in self._scoro.list(module, **options):
            yield self._spoil(row)
        if module == "invoices" and options.get("detailed"):
            yield {"id": None, "no": "1", "date": "2026-03-01", "lines": []}

    def page(self, module: str, page: int, **options: Any) -> Rows:
        return [self._spoil(row) for row in self._scoro.page(module, page, **options)]

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        row = self._scoro.view(module, record_id)
        return row and self._spoil(row)

    def _spoil(self, row: dict[str, Any]) -> dict[str, Any]:
        if str(row.get("id")) == self._source_id and row.get("lines") is not None:
            return {**row, "lines": ["nonsense\x00 \ud800"]}
        return row


# The listing


@pytest.mark.parametrize("date_filter", ["honoured", "to_exclusive"])
def test_both_readings_of_the_filters_end_give_the_same(scene: Scene, date_filter: str) -> None:
    switch(scene, date_filter=date_filter)
    ids = [scene.invoice(day) for day in ("2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03")]
    counts = scene.run("2026-03-01", "2026-03-02")

    assert list(scene.outcomes("2026-03-01", "2026-03-02")) == ids[1:3]
    assert (counts["rows_of_other_days"], counts["date_filter_untrusted"]) == (0, 0)


def test_a_filter_that_is_ignored_is_a_longer_list(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    switch(scene, date_filter="ignored")
    scene.invoice("2026-02-01")
    source_id = scene.invoice("2026-03-01")
    with caplog.at_level(logging.INFO):
        counts = scene.run("2026-03-01")

    assert scene.batch("2026-03-01") == [source_id]
    assert [row["source_id"] for row in scene.rows(schema.document)] == [source_id]
    assert (counts["rows_of_other_days"], counts["date_filter_untrusted"]) == (1, 0)
    assert "Documents of other days that Scoro's filter on the date let through: 1" in caplog.text


@pytest.mark.parametrize("date_filter", ["broken", "empty"])
def test_a_filter_that_hides_is_found_out(scene: Scene, date_filter: str, caplog: pytest.LogCaptureFixture) -> None:
    switch(scene, date_filter=date_filter)
    ids = [scene.invoice("2026-03-01") for _ in range(120)]
    scene.invoice("2026-03-02")
    counts = scene.run("2026-03-01")

    assert scene.batch("2026-03-01") == sorted(ids)
    assert counts["date_filter_untrusted"] == 1
    assert caplog.text.count("hides documents") == 1


def test_a_filter_on_the_wrong_date_is_found_out(scene: Scene) -> None:
    switch(scene, date_filter="by_created")
    scene.at(noon("2026-03-06"))
    late = scene.invoice("2026-03-01")

    assert scene.run("2026-03-01")["date_filter_untrusted"] == 1
    assert scene.batch("2026-03-01") == [late]


def test_a_document_keyed_in_while_listing_makes_nobody_distrust_the_filter(scene: Scene) -> None:
    scene.invoice("2026-03-01")
    added: list[str] = []

    class Busy(Mortal):
        def list(self, module: str, **options: Any) -> Iterator[dict[str, Any]]:
            if "modified_date" in (options.get("filter") or {}) and not added:
                added.append(scene.invoice("2026-03-01"))
            yield from super().list(module, **options)

    counts = extract(scene.request("2026-03-01"), scene.services(Busy(scene.services().scoro, 10_000)))

    assert counts["date_filter_untrusted"] == 0
    assert counts["seen"] == 2
    assert added[0] in scene.batch("2026-03-01")


@pytest.mark.parametrize("change", ["delete", "insert"])
def test_rows_that_shift_between_pages_are_neither_lost_nor_doubled(
    scene: Scene, change: Literal["delete", "insert"]
) -> None:
    scene.site.tables["invoices"].skip_to(1000)
    ids = [scene.invoice("2026-03-01") for _ in range(60)]
    # A deleted row leaves the list where deleted ones are not shown.
    switch(scene, deletion_horizon_days=None, include_deleted_placement="top")
    scene.app.state.server.api.page_shifts.append(PageShift("invoices", 1, change))
    if change == "delete":
        hide_deleted(scene)
    scene.run("2026-03-01")

    staged = {row["source_id"] for row in scene.rows(schema.document)}
    now = {str(row["id"]) for row in scene.site.live("invoices")}
    assert set(ids) & now <= staged
    assert set(scene.batch("2026-03-01")) == now


def hide_deleted(scene: Scene) -> None:
    site: Any = scene.site
    site.delete = site.remove


@pytest.mark.parametrize("order", ["id_desc", "modified_desc", "shuffled_page", "unstable"])
def test_any_order_of_rows_gives_all(scene: Scene, order: str) -> None:
    switch(scene, sort_order=order)
    ids = [scene.invoice(day) for day in ("2026-03-01", "2026-03-02", "2026-03-03") for _ in range(70)]
    scene.at(noon("2026-03-05"))
    counts = scene.run("2026-03-01", "2026-03-03")

    assert scene.batch("2026-03-01", "2026-03-03") == sorted(ids)
    assert counts["listing_unsettled"] == 0


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_days_on_which_the_clock_changes_are_days_like_others(scene: Scene, day: str) -> None:
    start = datetime.combine(date.fromisoformat(day), datetime.min.time(), TALLINN)
    expected = []
    for hours in (-0.5, 0.5, 3.5, 23, 23.9, 25.5):
        scene.at(start.astimezone(UTC) + timedelta(hours=hours))
        expected.append(scene.invoice(day))
    scene.invoice((start - timedelta(hours=2)).date().isoformat())
    counts = scene.run(day, kind=RunKind.SCHEDULED)

    assert [key for key, reason in scene.reasons(day).items() if reason == "in_range"] == expected
    assert counts["date_filter_untrusted"] == 0


# The sweep


def test_a_document_keyed_in_late_is_taken_by_the_next_scheduled_run(scene: Scene) -> None:
    scene.at(noon("2026-03-02"))
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    scene.at(noon("2026-03-09"))
    late = scene.invoice("2026-03-01")
    too_old = scene.invoice("2025-12-31")
    scene.at(noon("2026-03-10"))
    counts = scene.run("2026-03-09", kind=RunKind.SCHEDULED)

    assert scene.reasons("2026-03-09") == {late: "late"}
    assert counts["late"] == 1
    assert scene.document(too_old)["day"] == date(2025, 12, 31)
    assert scene.rows(schema.watermark)[0]["swept_to"] == noon("2026-03-10")


def test_a_linked_document_is_not_late(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    scene.link(source_id)
    scene.run("2026-03-02", kind=RunKind.SCHEDULED)

    assert scene.reasons("2026-03-02") == {}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(RunKind.MANUAL, Mode.IMPORT), (RunKind.BACKFILL, Mode.IMPORT), (RunKind.SCHEDULED, Mode.PREVIEW)],
)
def test_only_a_scheduled_import_moves_the_watermark(scene: Scene, kind: RunKind, mode: Mode) -> None:
    scene.run("2026-03-01", kind=kind, mode=mode)
    assert scene.rows(schema.watermark) == []


def test_the_watermark_never_goes_back(scene: Scene) -> None:
    scene.at(noon("2026-03-05"))
    scene.run("2026-03-04", kind=RunKind.SCHEDULED)
    scene.at(noon("2026-03-03"))
    scene.run("2026-03-02", kind=RunKind.SCHEDULED)
    assert scene.rows(schema.watermark)[0]["swept_to"] == noon("2026-03-05")


def test_a_backfill_takes_its_days_only_and_names_the_rest(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    other = scene.invoice("2026-02-20", no="424242")
    scene.run("2026-02-20")
    inside = scene.invoice("2026-03-01")
    with caplog.at_level(logging.INFO):
        counts = scene.run("2026-03-01", kind=RunKind.BACKFILL)

    assert scene.batch("2026-03-01", kind=RunKind.BACKFILL) == [inside]
    assert counts["outside_range"] == 1
    assert "424242" in caplog.text
    assert other not in scene.outcomes("2026-03-01", kind=RunKind.BACKFILL)


def test_days_before_the_first_import_are_not_taken(scene: Scene) -> None:
    scene.company["first_import_date"] = "2026-03-02"
    early, inside = scene.invoice("2026-03-01"), scene.invoice("2026-03-02")
    scene.at(noon("2026-03-05"))
    counts = scene.run("2026-03-01", "2026-03-02")

    assert scene.outcomes("2026-03-01", "2026-03-02") == {inside: None}
    assert counts["before_first_import"] == 1
    assert scene.document(early)["number"]


def test_a_document_of_a_day_without_a_run_is_not_lost(scene: Scene) -> None:
    ahead = scene.invoice("2026-03-10")
    scene.at(noon("2026-03-02"))
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    assert [row["not_before"] for row in scene.rows(schema.waiting)] == [date(2026, 3, 10)]
    scene.at(noon("2026-03-21"))
    scene.run("2026-03-20", kind=RunKind.SCHEDULED)

    assert scene.reasons("2026-03-20") == {ahead: "waiting"}
    assert scene.batch("2026-03-20", kind=RunKind.SCHEDULED) == [ahead]
    assert scene.rows(schema.waiting) == []


# What earlier runs left


def test_unfinished_documents_are_taken_again(scene: Scene) -> None:
    ids = [scene.invoice("2026-02-10") for _ in range(5)]
    scene.run("2026-02-10")
    first = scene.request("2026-02-10")
    for source_id, outcome in zip(ids[1:], ("not_sent", "in_doubt", "quarantined", "created"), strict=True):
        scene.outcome(first, source_id, outcome)
    scene.run("2026-02-11", mode=Mode.PREVIEW)
    scene.at(noon("2026-03-20"))
    scene.run("2026-03-19", kind=RunKind.SCHEDULED)

    assert scene.reasons("2026-03-19") == dict.fromkeys(ids[:3], "unfinished")
    # What the later run brings to an end is finished, whatever the earlier one says.
    for source_id in ids[:3]:
        scene.outcome(scene.request("2026-03-19", kind=RunKind.SCHEDULED), source_id, "quarantined")
    scene.at(noon("2026-03-21"))
    scene.run("2026-03-20", kind=RunKind.SCHEDULED)
    assert scene.reasons("2026-03-20") == {}


def test_a_preview_leaves_nothing_unfinished(scene: Scene) -> None:
    scene.invoice("2026-02-10")
    scene.run("2026-02-10", mode=Mode.PREVIEW)
    scene.at(noon("2026-03-20"))
    scene.run("2026-03-19", kind=RunKind.SCHEDULED)
    assert scene.reasons("2026-03-19") == {}


def test_quarantined_documents_are_tried_again_unless_dismissed_as_they_are(scene: Scene) -> None:
    names = ("open", "released", "elsewhere", "changed", "dismissed", "dismissed_and_changed")
    ids = {name: scene.invoice("2026-02-10") for name in names}
    scene.run("2026-02-10", mode=Mode.PREVIEW)
    for name, source_id in ids.items():
        state = name if name in ("released", "dismissed") else "dismissed" if "dismissed" in name else "open"
        scene.quarantine(source_id, state, "SmartAccounts" if name == "elsewhere" else "Scoro")
    scene.at(noon("2026-03-19"))
    for name in ("changed", "dismissed_and_changed"):
        scene.change(ids[name], description="mended")
    scene.at(noon("2026-03-20"))
    scene.run("2026-03-19", kind=RunKind.SCHEDULED)

    assert scene.reasons("2026-03-19") == {ids[name]: "released" for name in names if name != "dismissed"}


def test_a_dismissed_document_of_the_range_is_named_and_not_worked_on(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01", mode=Mode.PREVIEW)
    scene.quarantine(source_id, "dismissed")
    scene.run("2026-03-01")
    assert scene.outcomes("2026-03-01") == {source_id: "dismissed"}


def test_what_waits_is_read_again_before_it_is_taken(scene: Scene) -> None:
    scene.company["settle_days"] = 3
    gone, deleted, stays = (scene.invoice("2026-03-01") for _ in range(3))
    scene.at(noon("2026-03-02"))
    scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    scene.site.delete("invoices", int(deleted))
    scene.site.remove("invoices", int(gone))
    scene.at(noon("2026-03-10"))
    counts = scene.run("2026-03-09", kind=RunKind.SCHEDULED)

    assert scene.outcomes("2026-03-09", kind=RunKind.SCHEDULED) == {gone: "deleted", deleted: "deleted", stays: None}
    assert counts["missing"] == 1
    assert scene.rows(schema.waiting) == []


def test_a_case_ends_when_its_document_is_deleted(scene: Scene) -> None:
    source_id = scene.invoice("2026-02-10")
    scene.run("2026-02-10", mode=Mode.PREVIEW)
    scene.quarantine(source_id, "released")
    scene.site.delete("invoices", int(source_id))
    scene.at(noon("2026-03-20"))
    scene.run("2026-03-19", kind=RunKind.SCHEDULED)
    assert scene.outcomes("2026-03-19", kind=RunKind.SCHEDULED) == {source_id: "deleted"}
    assert [row["state"] for row in scene.rows(schema.quarantine)] == ["resolved"]
    scene.run("2026-03-20", kind=RunKind.SCHEDULED)
    assert scene.reasons("2026-03-20") == {}


# Settling


def test_a_document_waits_until_it_has_settled(scene: Scene) -> None:
    scene.company["settle_days"] = 2
    source_id = scene.invoice("2026-03-01", no="88")
    scene.at(noon("2026-03-02"))
    counts = scene.run("2026-03-01", kind=RunKind.SCHEDULED)

    assert scene.outcomes("2026-03-01", kind=RunKind.SCHEDULED) == {source_id: "waiting"}
    assert counts["waiting"] == 1
    waiting = scene.rows(schema.waiting)[0]
    assert (waiting["code"], waiting["not_before"]) == ("not_settled", date(2026, 3, 3))
    assert "88" in told(waiting["reason"])
    assert "03.03.2026" in told(waiting["reason"])

    # The last minute of the day before, by Tallinn's clock, and the first minute of the day.
    midnight = datetime(2026, 3, 3, tzinfo=TALLINN)
    scene.at(midnight - timedelta(minutes=1))
    scene.run("2026-03-02", kind=RunKind.SCHEDULED, key="import_sales_invoices/early")
    assert scene.rows(schema.waiting) == [waiting]
    scene.at(midnight)
    scene.run("2026-03-02", kind=RunKind.SCHEDULED)
    assert scene.reasons("2026-03-02") == {source_id: "waiting"}
    assert scene.batch("2026-03-02", kind=RunKind.SCHEDULED) == [source_id]
    assert scene.rows(schema.waiting) == []


def test_a_preview_makes_nothing_wait_for_an_import(scene: Scene) -> None:
    scene.company["settle_days"] = 2
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01", mode=Mode.PREVIEW)

    outcomes = [(row["source_id"], row["outcome"]) for row in scene.rows(schema.run_document)]
    assert outcomes == [(source_id, "waiting")]
    assert scene.rows(schema.waiting) == []


def test_the_same_run_takes_what_has_settled_meanwhile(scene: Scene) -> None:
    scene.company["settle_days"] = 2
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01")
    scene.at(noon("2026-03-03"))
    scene.run("2026-03-01")
    assert scene.batch("2026-03-01") == [source_id]
    assert scene.rows(schema.waiting) == []


# Deleted, vanished, changed


def test_vanished_documents_are_told_from_those_that_moved(scene: Scene) -> None:
    gone, deleted, moved, stays = (scene.invoice("2026-03-01") for _ in range(4))
    scene.run("2026-03-01")
    scene.at(noon("2026-03-20"))
    scene.site.remove("invoices", int(gone))
    scene.site.delete("invoices", int(deleted))
    scene.change(moved, date="2026-03-15")
    scene.at(noon("2026-05-20"))
    counts = scene.run("2026-03-01")

    assert scene.outcomes("2026-03-01") == {gone: "deleted", deleted: "deleted", stays: None}
    assert (scene.document(gone)["is_missing"], scene.document(gone)["is_deleted"]) == (True, False)
    assert (scene.document(deleted)["is_missing"], scene.document(deleted)["is_deleted"]) == (False, True)
    assert scene.document(moved)["day"] == date(2026, 3, 15)
    assert (counts["missing"], counts["deleted"]) == (1, 2)


def test_later_changes_are_recorded_once_for_each_content(scene: Scene) -> None:
    same, changed, deleted, gone, foreign = (scene.invoice("2026-03-01") for _ in range(5))
    scene.run("2026-03-01")
    for source_id in (same, changed, deleted, gone):
        scene.link(source_id)
    scene.link(foreign, content_hash="")
    scene.at(noon("2026-03-05"))
    for source_id in (same, changed, foreign):
        scene.change(source_id, owner_id=4)
    scene.change(changed, description="other", deadline="2026-04-01")
    scene.change(foreign, description="other")
    scene.site.delete("invoices", int(deleted))
    scene.site.remove("invoices", int(gone))
    scene.at(noon("2026-03-06"))

    counts = scene.run("2026-03-05", kind=RunKind.SCHEDULED)
    assert counts["changed_after_import"] == 1
    counts = scene.run("2026-03-01", key="import_sales_invoices/again")
    assert counts["changed_after_import"] == 2
    assert counts["already_there"] == 5
    assert [(row["source_id"], row["kind"], sorted(row["fields"])) for row in scene.rows(schema.later_change)] == [
        (changed, "changed", ["deadline", "description"]),
        (deleted, "deleted", []),
        (gone, "missing", []),
    ]
    assert scene.run("2026-03-01", key="import_sales_invoices/third")["changed_after_import"] == 0
    scene.at(noon("2026-03-07"))
    scene.change(changed, description="third")
    assert scene.run("2026-03-01", key="import_sales_invoices/fourth")["changed_after_import"] == 1


def test_a_documents_own_result_survives_another_run_of_the_same_key(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-03-01")
    scene.outcome(scene.request("2026-03-01"), source_id, "created")
    scene.link(source_id)
    scene.run("2026-03-01")
    assert scene.outcomes("2026-03-01") == {source_id: "created"}


# Credit invoices, partners, products


def test_credited_invoices_are_staged_but_not_taken(scene: Scene) -> None:
    root = scene.invoice("2026-01-10")
    base = scene.invoice("2026-01-20", credited_invoices=[int(root)])
    credit = scene.invoice("2026-03-01", credited_invoices=[int(base)])
    scene.run("2026-03-01")

    assert scene.outcomes("2026-03-01") == {credit: None}
    assert {row["source_id"] for row in scene.rows(schema.document)} == {root, base, credit}
    assert scene.document(credit)["credited_ids"] == [base]


def test_partners_and_products_follow_scoro_and_tell_when_they_are_gone(scene: Scene) -> None:
    for _ in range(4):
        partner = scene.site.create("contacts", {"name": "Mänd OÜ"})["contact_id"]
        product = scene.site.create("products", {"name": "Toode"})["product_id"]
        scene.invoice("2026-03-01", company_id=partner, lines=[{"product_id": product, "price": "1", "amount": "1"}])
    scene.run("2026-03-01")
    assert len(scene.rows(schema.contact)) == 4

    scene.at(noon("2026-03-02"))
    scene.site.remove("contacts", partner)
    scene.site.delete("contacts", partner - 1)
    scene.site.modify("contacts", partner - 2, {"name": "Tamm OÜ"})
    scene.site.remove("products", product)
    scene.run("2026-03-01")

    contacts = {
        row["source_id"]: (row["name"], row["is_deleted"], row["raw_version"]) for row in scene.rows(schema.contact)
    }
    assert contacts == {
        str(partner): ("Mänd OÜ", True, 1),
        str(partner - 1): ("Mänd OÜ", True, 2),
        str(partner - 2): ("Tamm OÜ", False, 2),
        str(partner - 3): ("Mänd OÜ", False, 1),
    }
    assert {row["source_id"] for row in scene.rows(schema.product) if row["is_deleted"]} == {str(product)}
    with scene.engine.connect() as connection:
        assert load_partners(connection, "default", [str(partner)])[str(partner)].is_deleted


def test_linked_documents_bring_no_partners(scene: Scene) -> None:
    source_id = scene.invoice("2026-03-01")
    scene.run("2026-02-01", "2026-03-01")
    scene.link(source_id)
    with scene.engine.begin() as connection:
        connection.execute(update(schema.contact).values(name="kept"))
    counts = scene.run("2026-03-01", key="import_sales_invoices/second")

    assert (counts["contacts"], counts["products"], counts["already_there"]) == (0, 0, 1)
    with scene.engine.connect() as connection:
        assert connection.scalar(select(schema.contact.c.name)) == "kept"


def test_no_persons_name_is_logged(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    person = scene.site.create("contacts", {"name": "Mari", "lastname": "Maasikas", "contact_type": "person"})
    scene.invoice("2026-03-01", company_id=person["contact_id"])
    with caplog.at_level(logging.DEBUG):
        scene.run("2026-03-01", kind=RunKind.SCHEDULED)
    assert "Batch: 1 document," in caplog.text
    assert "Maasikas" not in caplog.text
