"""Room audit. One of the two services is away the whole night: what the other one shows is told all the same, and the
side that was not read is told as such."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from scoro_smartaccounts.audit import night as audit
from scoro_smartaccounts.audit.report import tell
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.smartaccounts.services import SALES
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import at_noon
from tests.integration.money import Money
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 5), date(2026, 1, 31)
AWAY = 1000


@pytest.mark.parametrize("away", ["scoro", "smartaccounts"])
def test_the_other_side_is_told(world: World, away: str) -> None:
    world.clock.set(at_noon(LAST))
    money, nights = Money(world), Nights(world)
    numbers = [money.enter(FIRST, "100") for _ in range(3)]
    world.run(FIRST, LAST)
    while nights.play().night.state != "ok":
        assert len(nights.requests) < 5
    world.books.remove(SALES, money.remote(numbers[0]))
    world.site.modify("invoices", numbers[1], {"no": "990099"})
    request = nights.next_request()
    faults = world.scoro.faults if away == "scoro" else world.server.faults
    faults.add(Fault(FaultKind.STATUS, status=503, times=AWAY))
    fails: Callable[..., object] = audit.scoro if away == "scoro" else audit.books
    goes_on: Callable[..., object] = audit.books if away == "scoro" else audit.scoro
    # In either order, as tasks that stand beside each other come.
    for step in (fails, goes_on, fails):
        if step is fails:
            with pytest.raises(TransientError):
                step(request, nights.services(request))
        else:
            step(request, nights.services(request))
    report = tell(request, nights.services(request))
    states = {"scoro": report.night.scoro_state, "smartaccounts": report.night.state}
    assert states.pop(away) == "incomplete"
    assert [*states.values()] == ["ok"]
    name = {"scoro": "Scoro", "smartaccounts": "SmartAccounts"}[away]
    assert f"{name}: Not clean: not everything was read" in "\n".join(report.lines())
    kinds = {"scoro": "books_deleted", "smartaccounts": "source_number"}
    assert [case.first.kind for case in report.fresh] == [kinds[away]]
    # A hunt asks nothing, and ends nothing.
    before = len(world.calls())
    audit.hunt_on(request, nights.services(request))
    assert len(world.calls()) == before
    faults.clear()
    later = nights.play()
    assert {each.kind for each in nights.open()} == {*kinds.values()}
    assert later.is_ok
    assert [case.first.kind for case in later.fresh] == [kinds[next(iter({*kinds} - {away}))]]
