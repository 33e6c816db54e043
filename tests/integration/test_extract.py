"""Scoro → staging, against the simulator and a real PostgreSQL: nothing missed, nothing twice, again gives the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, insert, select

from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.company import Company, Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.extract import sales_invoices
from scoro_smartaccounts.extract.sales_invoices import extract
from scoro_smartaccounts.run import Counts, RunKind, RunRequest, Services
from scoro_smartaccounts.sandbox.clock import Clock
from scoro_smartaccounts.sandbox.scoro import DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY, Site, Switches
from scoro_smartaccounts.sandbox.scoro.app import create_app
from scoro_smartaccounts.sandbox.server import serve
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.documents import load_documents, load_partners, load_products
from scoro_smartaccounts.staging.runs import batch, set_outcomes

COMPANY = {
    "key": "default",
    "name": "Näidis OÜ",
    "connections": {"scoro": "scoro_default", "smartaccounts": "smartaccounts_default"},
    "first_import_date": "2026-01-01",
    "articles": {"fallback": "MUU"},
    "sales_invoices": {"vat_codes": [{"percent": 24, "smartaccounts": "24"}], "client_vat_code": "24"},
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
        return Services(
            engine=self.engine,
            budget=None,
            scoro=scoro or ScoroClient(self.url, DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY),
            smartaccounts=None,
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
            "message": "no partner",
            "state": state,
            "system": system,
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

    def page(self, module: str, page: int, **options: Any) -> list[dict[str, Any]]:
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
        other = RunRequest(
            company=Company.model_validate(company),
            flow=request.flow,
            run_key=request.run_key,
            kind=request.kind,
            mode=request.mode,
            date_from=request.date_from,
            date_to=request.date_to,
        )
        extract(other, scene.services())

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
    failures: list[BaseException] = []

    def work(key: str) -> None:
        try:
            scene.run("2026-03-01", key=key)
        except BaseException as failure:
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
    scene.at(noon("2026-03-02"))
    scene.change(source_id, description="newer")
    scene.run("2026-03-01")
    before = staging(scene)

    request = scene.request("2026-03-01")
    with scene.engine.begin() as connection:
        sales_invoices.stage_documents(connection, request, [old])

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
    assert "lines" in scene.document(bad)["problem"]
    assert scene.document(bad)["day"] == date(2026, 3, 1)
    assert "currency_rate" in scene.document(huge)["problem"]
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

    def page(self, module: str, page: int, **options: Any) -> list[dict[str, Any]]:
        return [self._spoil(row) for row in self._scoro.page(module, page, **options)]

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        row = self._scoro.view(module, record_id)
        return row and self._spoil(row)

    def _spoil(self, row: dict[str, Any]) -> dict[str, Any]:
        if str(row.get("id")) == self._source_id and row.get("lines") is not None:
            return {**row, "lines": ["nonsense\x00 \ud800"]}
        return row
