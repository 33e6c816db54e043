"""Room budget. Requests to SmartAccounts are the scarce good: about one for each new record, and a constant for the
run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scoro_smartaccounts.common.documents import Flow
from tests.integration.money import Money
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
# Registers, settings and the documents of the days are read once a run.
OF_A_RUN = 6


@pytest.mark.slow
def test_a_month_costs_about_a_request_a_record(world: World) -> None:
    world.generate(FIRST, LAST, 60, bills_per_month=40)
    money = Money(world)
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS):
        last = world.site.today() if flow is Flow.PAYMENTS else LAST
        world.server.calls.clear()
        world.run(FIRST, last, flow=flow)
        new = len(world.writes())
        assert new > 30
        assert len(world.calls()) <= 1.05 * new + OF_A_RUN, flow
        world.server.calls.clear()
        world.run(FIRST, last, flow=flow)
        assert world.writes() == []
        assert len(world.calls()) <= OF_A_RUN, flow
    money.switch_export(on=True)
    money.export()
    world.clock.advance(timedelta(hours=1))
    world.server.calls.clear()
    world.scoro.calls.clear()
    money.export()
    assert len(world.calls()) <= 3
    assert world.receipts_written() == []
