"""Room totals. x"""
import random, collections
from datetime import date
from tests.integration.totals.test_corrupted import *
from tests.integration.totals.test_corrupted import _corrupt
def test_an(world):
    world.generate(FIRST, LAST, 40, bills_per_month=20, bad=0.05, bad_bills=0.05)
    books = Books(world)
    books.import_all(FIRST, LAST)
    books.read()
    books.list_scoro()
    whole = books.totals()
    print("RED", red(whole))
    draw = random.Random(5)
    c=collections.Counter(); rows=collections.defaultdict(list)
    import tests.integration.totals.test_corrupted as t
    seen=[]
    orig=draw.choice
    for at in range(16*25):
        place = PLACES[at % len(PLACES)]
        with world.engine.connect() as connection:
            class D:
                def choice(self, x):
                    r = orig(x)
                    if not isinstance(r, Decimal): seen.append(r)
                    return r
            wrong = _corrupt(connection, place, D())
            found = compute(connection, world.company)
            connection.rollback()
        names = {n for cause in red(found) for n in (cause.about.source_id, cause.about.remote_id) if n}
        ok = names <= wrong
        key=(place.table.name, place.column, bool(names), found.cells != whole.cells, ok)
        c[key]+=1
        if not names or not ok: rows[key].append(seen[-1])
    for k,v in sorted(c.items()): print("K", k, v)
    for k, rs in rows.items():
        for r in rs[:4]: print("R", k, dict(r._mapping))
