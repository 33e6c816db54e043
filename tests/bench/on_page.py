"""Each screen of the page beside 100,000 documents: what the server takes, Airflow's own pages apart."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from sqlalchemy import text

from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
from tests.bench.figures import Sitting, median
from tests.integration.page.host import Browser, mount

if TYPE_CHECKING:
    from pathlib import Path

    from scoro_smartaccounts_demo.database import Database

DOCUMENTS = 100_000
TRIES = 15
GOAL = 0.3
# Four of five are in the books; 200 wait for the same decision.
FILL = (
    "insert into contact (company, source_id, raw_version, name, is_person) select 'default', cast(i as text), 1,"
    " 'Ettevõte ' || i || ' OÜ', false from generate_series(1, 5000) i",
    "insert into document (company, flow, source_id, raw_version, content_hash, number, day, partner_id, currency, net,"
    " vat, read_by) select 'default', (array['sales_invoices', 'purchase_invoices', 'payments'])[1 + i % 3],"
    " cast(i as text), 1, 'h' || i, 'A' || i, date '2026-11-20' - i / 60, cast(1 + i % 5000 as text), 'EUR',"
    " 100 + i % 977, 24, '1' from generate_series(1, :documents) i",
    "insert into link (company, kind, source_id, remote_id, evidence, run_key) select 'default',"
    " (array['sales_invoice', 'purchase_invoice', 'payment'])[1 + i % 3], cast(i as text), 'r' || i, 'created', 'r'"
    " from generate_series(1, :documents) i where i % 5 <> 0",
    "insert into quarantine (company, flow, source_id, content_hash, code, reason, run_key) select 'default', flow,"
    " source_id, content_hash, 'partner_not_named', '{\"key\": \"partner_not_named\", \"values\": {}}', 'r'"
    " from document"
    " where flow = 'sales_invoices' and cast(source_id as integer) % 5 = 0 limit 200",
    "insert into quarantine (company, flow, source_id, content_hash, code, reason, run_key) select 'default', flow,"
    " source_id, content_hash, 'period_ask', jsonb_build_object('key', 'period_ask', 'values',"
    " jsonb_build_object('month', '2026-0' || 1 + cast(source_id as integer) % 6)), 'r'"
    " from document"
    " where flow = 'purchase_invoices' and cast(source_id as integer) % 5 = 0 limit 200",
    "insert into undo_plan (company, run_key, plan_hash, state, approved_by, approved_at, done_at) select 'default',"
    " 'r' || i, 'h' || i, 'done', 'Mari', now(), now() from generate_series(1, 20) i",
    "insert into undo_step (company, plan_id, position, kind, flow, source_id, remote_id, undo_class, state, why)"
    " select 'default', id, i, 'sales_invoice', 'sales_invoices', cast(3 * i as text), 'r' || i, 'U1', 'undone',"
    ' \'{"key": "undo_unknown", "values": {}}\' from undo_plan, generate_series(0, 199) i',
    "insert into coverage (company, flow, day, run_key) select 'default', flow, day, 'r' from document"
    " group by flow, day",
    "insert into run (company, run_key, flow, kind, mode, date_from, date_to, summary, finished_at) select 'default',"
    " flow || '/' || day, flow, 'scheduled', 'import', day, day,"
    ' \'{"documents": {"created": 1, "quarantined": 0}, "missing_steps": []}\', now() from document group by flow, day',
    "insert into audit_night (company, night, state, scoro_state, reported_at) values"
    " ('default', current_date, 'ok', 'ok', now())",
    "insert into drift (company, system, kind, flow, source_id, remote_id, case_key, state, amount, currency, reason)"
    " select 'default', 'books', 'books_amount', 'sales_invoices', cast(i as text), 'r' || i, cast(i % 500 as text),"
    " 'told', 2, 'EUR', '{\"key\": \"books_amount\", \"values\": {}}' from generate_series(1, 2000) i",
    "insert into control_page (company, month, night, state, is_clean, content_hash, hash) select 'default', day,"
    " current_date, 'ok', false, 'h', 'h' from generate_series(date '2023-01-01', date '2026-11-01', '1 month') day",
    "insert into control_total (company, month, bridge, flow, currency, vat_code, measure, night, scoro, books, causes,"
    " unexplained) select 'default', month, 'documents', flow, 'EUR', '', measure, current_date, 1, 1, 0, 0"
    " from control_page, unnest(array['sales_invoices', 'purchase_invoices']) flow,"
    " unnest(array['count', 'net', 'vat', 'rounding', 'total', 'open']) measure",
    "insert into control_cause (company, month, position, bridge, flow, currency, vat_code, measure, cause, source_id,"
    " amount, words) select 'default', date '2026-10-01', i, 'documents', 'sales_invoices', 'EUR', '', 'total',"
    ' \'unexplained\', cast(3 * i as text), 2, \'{"key": "cause_unaccounted", "values": {}}\''
    " from generate_series(1, 2000) i",
    "insert into request (company, sent_at, operation, priority, run_key) select 'default',"
    " now() - i * interval '90 s', 'x', 50, 'r' from generate_series(1, 900) i",
    "analyze",
)
SCREENS = {
    "overview": "/",
    "documents, the first page": "/documents",
    "documents, a page far behind": "/documents?after=2023-06-01~payments~50000",
    "documents by number": "/documents?search_secret=A9999",
    "documents by a part of a name": "/documents?search_secret=võte 49",
    "documents by amount": "/documents?search_secret=1100,00",
    "documents not in the books": "/documents?state=not_booked",
    "documents that nobody decided about": "/documents?state=open",
    "documents in doubt": "/documents?state=in_doubt",
    "documents of a month": "/documents?from=2026-10-01&to=2026-10-31",
    "story of a document": "/documents/sales_invoices/9",
    "import": "/import",
    "decisions": "/decisions",
    "audit": "/audit",
    "totals of a month and 2,000 causes": "/audit/months/2026-10",
    "a difference": "/audit/cases/1",
    "a plan that took 200 records back": "/audit/undo/1",
    "200 questions about declared months": "/decisions/cases?flow=purchase_invoices&code=period_ask",
    "200 equal questions": "/decisions/cases?flow=sales_invoices&code=partner_not_named",
}


def page(sitting: Sitting, database: Database, folder: Path) -> None:
    """Every screen, one after another."""
    part = f"the page beside {DOCUMENTS:,} documents"
    print(f"\n{part}", flush=True)
    url = database.url("page")
    engine = make_engine(url)
    upgrade(engine)
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"documents": DOCUMENTS} if ":documents" in statement else {})
    engine.dispose()
    os.environ[STAGING_VARIABLE] = connection_json(url)
    visitor = Browser(mount(), "user")
    last = _last_page(visitor)
    for name, address in {**SCREENS, "documents, the last page": last}.items():
        times = []
        for _ in range(TRIES + 1):
            began = time.perf_counter()
            answer = visitor.get(address)
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, (name, answer.status_code)
        sitting.add(median(part, name, times[1:], at_most=GOAL))


def _last_page(visitor: Browser) -> str:
    """Where the last page of all begins, from the pages before it."""
    address = "/documents?after=2022-05-10~payments~1"
    while True:
        found = re.findall(r'class="button" href="/scoro-smartaccounts([^"]+)"', visitor.get(address).text)
        if not found:
            return address
        address = found[0].replace("&amp;", "&")
