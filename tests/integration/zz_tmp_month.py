import sys
from datetime import date
from collections import defaultdict
from sqlalchemy import select, text
from scoro_smartaccounts import pipeline
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.staging.schema import finding, document
from tests.integration.conftest import *
from tests.integration.world import open_world
import inspect, pytest

@pytest.mark.parametrize("seed", [1,2,3])
def test_month(world, seed):
    w = world
    w.generate(date(2026,1,1), date(2026,1,31), 300, seed=seed, bad=0.12)
    r = w.request(date(2026,1,1), date(2026,1,31))
    s = w.services(r)
    pipeline.extract(r, s)
    print(check(r, s))
    planted = {str(p.invoice_id): p.reason.value for p in w.planted}
    also = {str(a): "twin" for p in w.planted for a in p.also}
    with w.engine.connect() as c:
        found = defaultdict(set)
        msgs = {}
        for f in c.execute(select(finding)): found[f.source_id].add((f.severity,f.code)); msgs[f.source_id]=f.message
        docs = {d.source_id: d for d in c.execute(select(document))}
    table = defaultdict(int)
    for sid in set(planted)|set(found):
        table[(planted.get(sid) or also.get(sid), tuple(sorted(found.get(sid,()))), sid in docs)] += 1
    for k,v in sorted(table.items(), key=str): print(v,k)
    for sid in found:
        if sid not in planted and sid not in also: print("FALSE?", msgs[sid])
    for sid in list(planted)[:12]: print(msgs.get(sid))
