from __future__ import annotations
import time
from collections import Counter
from datetime import date
from scoro_smartaccounts.common.reasons import render
from tests.integration.totals.books import Books, red
from tests.integration.world import World

def test_try(world: World) -> None:
    world.company = world.company.model_copy(update={"purchase_invoices": world.company.purchase_invoices.model_copy(update={"expenses": True})})
    world.generate(date(2026,1,1), date(2026,1,31), 40, bills_per_month=20, expenses_per_month=4, bad=0.1, bad_bills=0.1)
    world.checked = True
    b = Books(world)
    t=time.time()
    b.import_all(date(2026,1,1), date(2026,1,31))
    print("import", time.time()-t)
    r = b.read()
    print(b.state(r))
    t=time.time()
    found = b.totals()
    print("totals", time.time()-t, Counter(c.cause for c in found.causes))
    for c in red(found)[:60]:
        print(c.place.month, c.place.bridge, c.place.flow, c.place.currency, c.part, c.amount, c.about, c.words.key)
    for cell in found.cells:
        print(cell.place.month, cell.place.bridge.value, cell.place.flow, cell.place.currency, cell.part[0].value, cell.part[1], cell.scoro, cell.books, cell.ledger, cell.causes, cell.unexplained)
    assert 0
