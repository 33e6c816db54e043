"""Room reconcile_ids. A ledger that holds most of the month's partners and articles already: none of them is created
again."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.reconcile_ids import words
from scoro_smartaccounts.scoro.wire import parse_contact, parse_product
from scoro_smartaccounts.transform.article import plan_article
from scoro_smartaccounts.transform.partner import plan_partner
from tests.integration.first_day import ARTICLES, CLIENTS, VENDORS, FirstDay, fill_in
from tests.integration.world import World

pytestmark = pytest.mark.slow
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


@dataclass
class Filled:
    """The records that stood in SmartAccounts before the first import: remote id by Scoro's id."""

    clients: dict[str, str] = field(default_factory=dict)
    vendors: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> Mapping[str, str]:
        return {"client": self.clients, "vendor": self.vendors, "article": self.articles}[kind]


def fill_ledger(world: World, rng: random.Random, share: float = 0.8) -> Filled:
    """Enter a share of what the month's documents name, as a person or another connector would have: company forms
    moved, codes left out here and there, capitals, no marker."""
    # The generator gives all contacts the same e-mail address.
    for contact_id, contact in world.site.records("contacts").items():
        contact["means_of_contact"] = {"email": [f"arved{contact_id}@klient{contact_id}.example"]}
    filled = Filled()
    documents = world.live("invoices").values(), world.live("bills").values()
    for service, kept, rows in ((CLIENTS, filled.clients, documents[0]), (VENDORS, filled.vendors, documents[1])):
        named = sorted({row["company_id"] or row["person_id"] for row in rows} - {0, None})
        for contact_id in rng.sample(named, round(share * len(named))):
            body = _as_entered_by_hand(world, contact_id, rng)
            kept[str(contact_id)] = world.books.seed(service, body)
    products = sorted(
        {line["product_id"] for rows in documents for row in rows for line in row["lines"] or ()} - {0, -1}
    )
    for product_id in rng.sample(products, round(share * len(products))):
        product = parse_product(_wire(world, "products", product_id))
        code = product.code or f"KOOD{product_id}"
        body = {**plan_article(product, world.company.articles).payload, "code": code}
        world.books.seed(ARTICLES, body)
        filled.articles[str(product_id)] = code
    world.clock.advance(timedelta(hours=1))
    return filled


def _as_entered_by_hand(world: World, contact_id: int, rng: random.Random) -> dict[str, Any]:
    partner = parse_contact(_wire(world, "contacts", contact_id))
    body = plan_partner(partner, vat_code="24", marker="").payload
    body.pop("comment")
    damage = rng.random()
    if damage < 0.3:
        body["name"] = _form_moved(body["name"])
    elif damage < 0.45:
        body["name"] = body["name"].upper()
    if rng.random() < 0.2:
        # Nothing but the name and the address.
        for name in ("regCode", "vatNumber", "bankAccount", "contacts"):
            body.pop(name, None)
    if rng.random() < 0.3:
        body.pop("regCode", None)
    if rng.random() < 0.3:
        body.pop("vatNumber", None)
    if rng.random() < 0.3:
        body.pop("bankAccount", None)
    return body


def _form_moved(name: str) -> str:
    words_of_name = name.split()
    forms = ("OÜ", "AS", "MTÜ", "UÜ", "TÜ", "SA")
    if words_of_name[-1] in forms:
        return " ".join([words_of_name[-1], *words_of_name[:-1]])
    if words_of_name[0] in forms:
        return " ".join([*words_of_name[1:], words_of_name[0]])
    return name


def _wire(world: World, module: str, record_id: int) -> dict[str, Any]:
    client = world.services(world.request(FIRST, FIRST)).scoro
    row = client.view(module, str(record_id))
    assert row is not None
    return row


def created(world: World, kind: str, before: Iterable[str]) -> int:
    service = {"client": "clients", "vendor": "vendors", "article": "articles"}[kind]
    key = "code" if kind == "article" else "id"
    return len({row[key] for row in world.books.state()[service]} - set(before))


def books_of(world: World) -> dict[str, set[str]]:
    state = world.books.state()
    return {
        "client": {row["id"] for row in state["clients"]},
        "vendor": {row["id"] for row in state["vendors"]},
        "article": {row["code"] for row in state["articles"]},
    }


@pytest.fixture
def month(world: World) -> World:
    world.checked = False
    world.generate(FIRST, LAST, 240, bills_per_month=80)
    return world


def test_after_reconcile_ids_nothing_that_was_there_is_created_again(month: World) -> None:
    filled = fill_ledger(month, random.Random(1))
    before = books_of(month)
    day = FirstDay(month)
    report = day.run()
    assert month.writes() == []
    certain = {kind: day.links(kind) for kind in before}
    for kind, links in certain.items():
        wrong = {source for source, (remote, _) in links.items() if filled.of(kind).get(source) != remote}
        assert wrong == set(), kind

    def truly(row: Mapping[str, Any]) -> str | None:
        kind = row[words.KEY].split(":")[1]
        if not row["sheet"].startswith(("Likely", "Conflicting")):
            return None
        return "jah" if filled.of(kind).get(row["Scoro ID"]) == row["SmartAccounts ID"] else "ei"

    assert sum(counts["certain"] for counts in report.counts.values()) > 50
    assert sum(counts["likely"] for counts in report.counts.values()) > 5
    day.hand_back(fill_in(day.file(report), truly))
    report = day.run()
    for kind in before:
        assert {source: remote for source, (remote, _) in day.links(kind).items()} == filled.of(kind), kind
    assert all(counts["likely"] == counts["conflicting"] == 0 for counts in report.counts.values())

    for flow in FLOWS:
        month.run(FIRST, LAST, flow=flow)
    used = {str(row["clientId"]) for row in month.invoices()}
    assert set(filled.clients.values()) <= used
    linked = {kind: day.links(kind) for kind in before}
    for kind, ids in before.items():
        for source, remote in filled.of(kind).items():
            assert linked[kind][source][0] == remote
        new = [remote for remote, evidence in linked[kind].values() if evidence == "created"]
        assert not set(new) & ids
        assert created(month, kind, ids) == len(set(new))


def test_without_it_the_import_links_what_is_certain(month: World) -> None:
    """A code that agrees links, and an own account or e-mail address; a name never does, so the rest is created."""
    filled = fill_ledger(month, random.Random(3))
    before = books_of(month)
    for flow in FLOWS:
        month.run(FIRST, LAST, flow=flow)
    day = FirstDay(month)
    for kind in ("client", "vendor"):
        links = day.links(kind)
        found = {source: remote for source, (remote, evidence) in links.items() if evidence != "created"}
        with_code = {source: remote for source, remote in filled.of(kind).items() if shares_a_code(month, kind, source)}
        assert with_code.items() <= found.items() <= filled.of(kind).items()
        assert 0 < len(found) < len(filled.of(kind))
        assert created(month, kind, before[kind]) == len(links) - len(found)
    articles = {source: remote for source, (remote, evidence) in day.links("article").items() if evidence != "created"}
    with_code = {source: code for source, code in filled.articles.items() if not code.startswith("KOOD")}
    assert articles == with_code


def shares_a_code(world: World, kind: str, source: str) -> bool:
    """Whether a record entered by hand has kept a code of its contact."""
    partner = parse_contact(_wire(world, "contacts", int(source)))
    codes = {partner.registry_code, partner.vat_number} - {""}
    rows = world.books.state()[f"{kind}s"]
    return any(codes & {row.get("regCode", ""), row.get("vatNumber", "")} for row in rows if not row.get("comment"))
