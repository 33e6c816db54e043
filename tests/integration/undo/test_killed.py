"""Room undo. Killed at every write and commit, and with every answer lost: each record is deleted once, and all is as
after a quiet run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.undo.doing import undo_approved
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.killed import run_and_kill
from tests.integration.money import Money
from tests.integration.undo.undoing import Undoing
from tests.integration.world import World
from tests.tiers import slow_but

DAY = date(2026, 3, 10)
PAID = date(2026, 3, 12)


def approved(world: World) -> tuple[Money, Undoing, str]:
    money, undoing = Money(world), Undoing(world)
    invoices = [money.enter(DAY, net) for net in ("100", "50")]
    money.receive("invoices", {invoices[0]: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    undoing.approve(run, undoing.plan(run).plan_hash)
    return money, undoing, run


def ends_well(money: Money, undoing: Undoing, run: str) -> None:
    for _ in range(6):
        try:
            undoing.do()
            break
        except PipelineError:
            money.world.clock.advance(timedelta(minutes=10))
    assert {state for state, _ in undoing.outcomes(run).values()} == {"undone"}
    assert money.world.invoices() == money.payments() == []
    assert money.import_documents(DAY, DAY)["documents"]["created"] == 0
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 0
    assert money.world.invoices() == money.payments() == []


def test_killed_anywhere_it_goes_on(world: World, stride: int) -> None:
    money, undoing, run = approved(world)
    at = 0
    # Whoever was killed left less to do.
    while run_and_kill(world, undoing.request(), undo_approved, at):
        at += stride
        assert at < 200
    ends_well(money, undoing, run)


LOST = (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.STATUS_AFTER, FaultKind.TRUNCATED, FaultKind.LIMIT)


@pytest.mark.parametrize(
    ("kind", "after"),
    slow_but([(FaultKind.DROP_AFTER, 1)], [(kind, after) for kind in LOST for after in range(3)]),
)
def test_lost_answers_at_each_deletion(world: World, kind: FaultKind, after: int) -> None:
    money, undoing, run = approved(world)
    fault: Any = Fault(kind, where=":delete", after=after)
    world.server.faults.add(fault)
    ends_well(money, undoing, run)
