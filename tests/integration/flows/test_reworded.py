"""Whole flows. No behaviour hangs on wording: with every sentence of the catalogue replaced, the first day, an approval
and a month of all flows end the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import REASONS
from scoro_smartaccounts.common.reasons.message import Words
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.rendering import placeholders
from scoro_smartaccounts.mapping.check import cover_period
from scoro_smartaccounts.report.listed import list_documents
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.conftest import Databases
from tests.integration.first_day import FirstDay, likely_pair
from tests.integration.money import Money
from tests.integration.office import Office
from tests.integration.world import World, open_world

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
INVOICES = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


def reworded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The values stay: two findings that differ in a value alone are two."""
    for key, entry in REASONS.items():
        words = " ".join(f"{{{name}}}" for name in sorted(placeholders(entry.en)))
        monkeypatch.setitem(REASONS, key, replace(entry, en=f"Zzz {words} qqq.", et=f"Zzz {words}."))
    for key in PHRASES:
        monkeypatch.setitem(PHRASES, key, Words("yyy", "yyy"))


def month(world: World) -> dict[str, Any]:
    """A month with faults on both sides and answers of a person, and all that came of it, sentences apart."""
    world.generate(FIRST, LAST, 20, bills_per_month=12, expenses_per_month=3, bad=0.3, bad_bills=0.3)
    money = Money(world)
    for planted in world.planted[:2]:
        money.receive("invoices", {planted.invoice_id: "10"}, LAST)
    world.checked = True
    until = world.site.today()
    listed = []
    day = FirstDay(world)
    for name in ("Põhjatäht", "Kadakasalu"):
        likely_pair(day, name)
    day.run()
    office = Office(world, money)
    office.plan(FIRST, FIRST + timedelta(days=4))
    key = office.ask()
    asked = office.numbers(key)
    office.answer(key, but=tuple(asked[:1]))
    office.release(key)
    money.import_payments(FIRST, FIRST + timedelta(days=9))
    for flow in INVOICES:
        preview = world.request(FIRST, LAST, flow=flow, mode=Mode.PREVIEW)
        services = world.services(preview)
        for step in world.steps:
            step(preview, services)
        with world.engine.connect() as connection:
            listed += [
                (each.number, each.verdict, each.reason and each.reason.code, each.partner.how, len(each.warnings))
                for each in list_documents(connection, preview)
            ]
        money.import_documents(FIRST, LAST, flow)
    money.switch_export(on=True)
    money.export()
    money.import_payments(FIRST, until)
    waits = sorted(source_id for flow, source_id, _ in money.cases() if flow == Flow.SALES_INVOICES.value)
    money.retry(waits[0])
    money.dismiss(waits[1])
    money.import_payments_of_yesterday()
    open_there = money.open_in_books()
    unpaid = sorted(remote_id for remote_id, amount in open_there.items() if amount > 0)[:3]
    for remote_id in unpaid:
        money.pay({remote_id: str(open_there[remote_id])}, LAST)
    world.clock.advance(timedelta(hours=1))
    money.export()
    return {
        "listed": listed,
        "asked": asked,
        "gaps": gaps(world),
        "books": world.books.state(),
        "scoro": money.groups(),
        **staged(world),
    }


def gaps(world: World) -> list[Any]:
    """What a company file that maps less would lack."""
    own = world.company.purchase_invoices.model_copy(update={"accounts": {}, "vat_codes": ()})
    bare = world.company.model_copy(update={"purchase_invoices": own})
    request = replace(world.request(FIRST, LAST), company=bare)
    found = cover_period(request, world.services(request), FIRST, LAST)
    return [
        (gap.kind, gap.setting, gap.scoro_value, gap.count, gap.suggestion and gap.suggestion.value, gap.fix)
        for gap in found.gaps
    ]


def staged(world: World) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with world.engine.connect() as connection:
        for table, names in (
            (schema.run_document, ("run_key", "source_id", "reason", "outcome")),
            (schema.quarantine, ("flow", "source_id", "code", "state")),
            (schema.waiting, ("flow", "source_id", "code")),
            (schema.finding, ("run_key", "source_id", "code", "severity", "position")),
            (schema.later_change, ("flow", "source_id", "kind")),
            (schema.link, ("kind", "source_id", "remote_id", "evidence")),
            (schema.link_proposal, ("kind", "source_id", "remote_id", "confidence", "score", "decision")),
            (schema.approval, ("flow", "source_id", "state")),
            (schema.plan, ("flow", "source_id", "payload_hash")),
        ):
            columns = [table.c[name] for name in names]
            found[table.name] = sorted(map(tuple, connection.execute(select(*columns))), key=repr)
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_rewording_changes_nothing(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = []
    for place in range(2):
        if place:
            reworded(monkeypatch)
        engine = make_engine(databases.new())
        with open_world(engine, tmp_path / str(place)) as world:
            world.clock.freeze()
            results.append(month(world))
        engine.dispose()
    told, otherwise = results
    assert len({row[2] for row in told["quarantine"]}) > 5
    assert len(told["finding"]) > 5
    assert {row[2] for row in told["approval"]} == {"done", "declined"}
    assert min(map(len, (told["link_proposal"], told["gaps"], told["asked"]))) > 1
    for name, rows in told.items():
        assert otherwise[name] == rows, name
