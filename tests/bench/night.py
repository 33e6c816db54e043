"""One night of the audit through Airflow, beside a year's documents, on which nothing changed."""

from __future__ import annotations

import time
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from scoro_smartaccounts.audit import night
from scoro_smartaccounts.audit.report import tell
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from tests.bench.airflow import airflow_over, begin_run, measured
from tests.bench.figures import Figure, median
from tests.bench.services import FIRST, company, connections, run, services, simulators, switch

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.bench.figures import Sitting

DOCUMENTS, MONTHS, ROUNDS = 10_000, 7, 3
LAST = date(2026, MONTHS + 1, 1) - timedelta(days=1)
# What is imported last moves every account of the ledger between two nights, which guards it from then on.
BEFORE_LAST = LAST.replace(day=1) - timedelta(days=1)
AUDIT = "audit_books"
# Nights of one sitting lie minutes apart: balances may be asked for once an hour, and the imports have used up a day.
LATER = "delete from assumption_state where key = 'balances_asked'", "delete from request"
GOAL = 90


def a_night(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Import, read the books for the first time, and measure nights through Airflow."""
    part = f"a night through Airflow beside {DOCUMENTS:,} documents, nothing changed"
    print(f"\n{part}", flush=True)
    layout = Layout(folder / "night")
    layout.prepare()
    with simulators(-(-DOCUMENTS // MONTHS), last=LAST) as urls:
        switch(urls[1].removesuffix("/en/api/"), {"limits_of_balances": False})
        engine = make_engine(Database.start(layout.database).url("staging"))
        upgrade(engine)
        for first, last in ((FIRST, BEFORE_LAST), (LAST.replace(day=1), LAST)):
            _timed("imported", partial(run, engine, urls, folder, first, last))
            _timed("read", partial(_read, engine, urls, folder))
        with airflow_over(layout, connections(*urls), (AUDIT,)) as machine:
            found = []
            # What only a first run costs is no part of it.
            for _ in range(1 + ROUNDS):
                _wait(engine)
                seconds, _ = measured(machine, partial(begin_run, machine, AUDIT, {}))
                found.append((seconds, _newest_night(engine)))
        known = _count(engine)
        engine.dispose()
    Database.start(layout.database).stop()
    assert known >= DOCUMENTS, known
    assert {state for _, of in found for state in (of.state, of.scoro_state)} == {"ok"}, found
    sitting.add(median(part, "from its start to its end", [seconds for seconds, _ in found[1:]], at_most=GOAL))
    asked = max(of.requests_smartaccounts for _, of in found)
    sitting.add(Figure(part, "requests to SmartAccounts, the most", asked, "", night.QUIET))
    sitting.add(Figure(part, "requests to Scoro, the most", max(of.requests_scoro for _, of in found), "", 60))


def _read(engine: Engine, urls: tuple[str, str], folder: Path) -> None:
    """Nights in this process, until one has read both sides to the end."""
    for number in range(20):
        _wait(engine)
        request = AuditRequest(company(), f"bench/{time.monotonic_ns()}", tallinn_day(utc_now()) - timedelta(days=1))
        given = services(engine, *urls, folder, request.run_key)
        night.scoro(request, given)
        night.books(request, given)
        tell(request, given)
        of = _newest_night(engine)
        print(f"    night {number}: {of.state}, {of.scoro_state}, {of.requests_smartaccounts} requests", flush=True)
        if of.state == of.scoro_state == "ok":
            return
    raise AssertionError("the books are not read to their end")


def _wait(engine: Engine) -> None:
    """As if a day had passed."""
    with engine.begin() as connection:
        for statement in LATER:
            connection.execute(text(statement))


def _newest_night(engine: Engine) -> Any:
    with engine.connect() as connection:
        columns = "state, scoro_state, requests_smartaccounts, requests_scoro"
        return connection.execute(text(f"select {columns} from audit_night order by night desc limit 1")).one()  # noqa: S608


def _count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("select count(*) from books_document")).scalar_one())


def _timed(name: str, work: Any) -> None:
    began = time.perf_counter()
    work()
    print(f"    {name} in {time.perf_counter() - began:.0f} s", flush=True)


