"""Room report. What another version stored in another form, or left out, is a dash: the rest is told all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.report.explain import explain
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.schema import document, plan, run
from tests.integration.money import Money
from tests.integration.world import World

DAY = date(2026, 1, 15)
OTHERWISE: tuple[Any, ...] = (None, "x", 1, [], [1], {}, {"x": "y"}, {"load": []})


@pytest.fixture
def money(world: World) -> Money:
    world.checked = False
    return Money(world)


def test_a_summary_without_one_of_its_values(money: Money) -> None:
    money.enter(DAY, "100")
    summary = money.world.run(DAY, DAY) | {"warnings": ["something"], "missing_steps": ["check"]}
    whole = _words(summary)
    for key in summary:
        without = {name: value for name, value in summary.items() if name != key}
        for damaged in (without, *({**summary, key: value} for value in OTHERWISE)):
            told = _words(damaged)
            assert len(told) >= len(whole) - 4, key
            assert len(set(whole) - set(told)) <= 5, key
    assert "requests to SmartAccounts –" in _words({**summary, "requests_used": None})
    assert "documents seen –" in _words({**summary, "documents": {}})
    for stored in OTHERWISE:
        assert _words(stored)[0] == "– of company –: – to – (–, mode –)"


def _words(summary: Any) -> list[str]:
    return [" ".join(line.split()) for line in render_summary(summary).splitlines()]


def test_a_stored_summary_is_told(money: Money) -> None:
    """As `demo run` does, from the ledger."""
    money.enter(DAY, "100")
    summary = money.world.run(DAY, DAY)
    with money.world.engine.begin() as connection:
        old = func.jsonb_build_object("documents", func.jsonb_build_object("created", 1), "flow", "sales_invoices")
        connection.execute(update(run).values(summary=old))
        entry = runs.entry(connection, "default", summary["run"])
    assert entry is not None
    assert "created in SmartAccounts 1" in _words(entry.summary)


def test_a_document_is_explained_whatever_its_plan_looks_like(money: Money) -> None:
    good = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.receive("invoices", {good: None}, DAY)
    money.import_payments(DAY, DAY)
    for body in ("{}", "[]", '"x"', '{"rows": [1]}', '[{"rows": 1}, {"rows": [{}]}]'):
        with money.world.engine.begin() as connection:
            connection.execute(update(plan).values(payload=body, predicted={"vat_by_code": 1}))
            for flow in (Flow.SALES_INVOICES, Flow.PAYMENTS):
                numbers = select(document.c.number).where(document.c.flow == flow.value)
                told = "\n".join(explain(connection, "default", flow, connection.scalars(numbers).one()))
                assert "in Scoro" in told
        assert ("row – –: –" in told) is ("{}]" in body)
