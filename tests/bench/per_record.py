"""What a new record costs in requests to SmartAccounts, and what a run costs in one process."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import requests
from sqlalchemy import text

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.database import make_engine, upgrade
from tests.bench.figures import Figure
from tests.bench.services import FIRST, LAST, run, simulators

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from scoro_smartaccounts_demo.database import Database
    from tests.bench.figures import Sitting

SOME = 300
# Of fewer new records, what a run asks in any case is most of it.
ENOUGH = 50


def requests_per_record(sitting: Sitting, database: Database, folder: Path) -> None:
    """A month of invoices and bills and their payments, both ways."""
    part = f"requests to SmartAccounts, {SOME} invoices a month and as many bills"
    print(f"\n{part}", flush=True)
    with simulators(SOME) as urls:
        engine = make_engine(database.url("requests"))
        upgrade(engine)
        until = LAST + timedelta(days=10)

        def tell(name: str, flow: Flow, first: object = FIRST, last: object = until) -> None:
            before = _created(engine)
            began = time.perf_counter()
            summary = run(engine, urls, folder, first, last, flow)  # type: ignore[arg-type]
            sitting.add(Figure(part, f"{name}: seconds in one process", time.perf_counter() - began))
            # Clients, vendors and articles that documents need are new records too.
            created, used = _created(engine) - before, summary["requests_used"]
            sitting.add(Figure(part, f"{name}: records created", created, ""))
            sitting.add(Figure(part, f"{name}: requests", used, ""))
            if created >= ENOUGH:
                sitting.add(Figure(part, f"{name}: requests a new record", used / created, "", 1.25))

        tell("invoices", Flow.SALES_INVOICES)
        tell("the same again", Flow.SALES_INVOICES)
        tell("bills", Flow.PURCHASE_INVOICES)
        tell("payments in", Flow.PAYMENTS)
        tell("the same payments again", Flow.PAYMENTS)
        run(engine, urls, folder, LAST, LAST, Flow.EXPORT_PAYMENTS)
        _pay_what_is_open(urls[1])
        tell("payments out", Flow.EXPORT_PAYMENTS, LAST, LAST)
        with engine.begin() as connection:
            # What was read just now is old: a change query reaches back ten minutes.
            connection.execute(text("update register_state set synced_to = synced_to + interval '1 hour'"))
        tell("a quiet hour", Flow.EXPORT_PAYMENTS, LAST, LAST)
        engine.dispose()


def _created(engine: Engine) -> int:
    """How many records the pipeline has created in either system."""
    with engine.connect() as connection:
        return connection.scalar(text("select count(*) from intent where state = 'done'")) or 0


def _pay_what_is_open(books: str) -> None:
    """Every open sales invoice is paid as the bank import of SmartAccounts does."""
    admin = books.removesuffix("/en/api/") + "/admin"
    for invoice in requests.get(f"{admin}/state", timeout=30).json()["clientinvoices"]:
        if float(invoice["outstandingAmount"]) > 0 and invoice["currency"] == "EUR":
            body = {"documents": invoice["id"], "day": LAST.isoformat()}
            requests.post(f"{admin}/pay", json=body, timeout=30).raise_for_status()
