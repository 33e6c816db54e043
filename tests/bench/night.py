"""One night of the audit through Airflow, beside many documents, on which nothing changed."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import requests
from sqlalchemy import select, text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.audit import baseline, changes, night, scoro_asking
from scoro_smartaccounts.audit.asking import QUIET
from scoro_smartaccounts.audit.report import tell
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.outbox.booking import booking_of_body
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES
from scoro_smartaccounts.smartaccounts.words import BASE, base_of
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.plans import read_plans
from scoro_smartaccounts.staging.schema import link, plan
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from tests.bench.airflow import airflow_over, begin_run, measured
from tests.bench.figures import Figure, median
from tests.bench.services import FIRST, company, connections, request, services, simulators, switch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from scoro_smartaccounts.staging.plans import Plan
    from tests.bench.figures import Sitting

DOCUMENTS, ROUNDS = 10_000, 2
# Seven months, with two bills for every five invoices.
INVOICES_A_MONTH, LAST = 1_060, date(2026, 7, 31)
AUDIT, GOAL = "audit_books", 90
# Nights of one sitting lie minutes apart: balances may be asked for once an hour, and the first reading takes much of a
# day's requests.
LATER = "delete from assumption_state where key = 'balances_asked'", "delete from request"
_AT_ONCE = 500


def a_night(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Lay documents into both systems and staging, read the books for the first time, and measure nights."""
    part = f"a night through Airflow beside {DOCUMENTS:,} documents, nothing changed"
    print(f"\n{part}", flush=True)
    layout = Layout(folder / "night")
    layout.prepare()
    with simulators(INVOICES_A_MONTH, last=LAST) as urls:
        switch(_books(urls), {"limits_of_balances": False})
        engine = make_engine(Database.start(layout.database).url("staging"))
        upgrade(engine)
        plans = {flow: _planned(engine, urls, folder, flow) for flow in INVOICE_FLOWS}
        # What comes with the last day moves the accounts between two nights: from then on they are compared.
        for is_of_last, days_ago in ((False, 2), (True, 0)):
            _set_back(urls, days_ago)
            for flow, of in plans.items():
                _lay(engine, urls, INVOICE_FLOWS[flow], [each for each in of if (each.day == LAST) is is_of_last])
            _set_back(urls, 0)
            _read(engine, urls, folder)
        with airflow_over(layout, connections(*urls), (AUDIT,)) as machine:
            # What only a first run costs is no part of it.
            found = [_through_airflow(machine, engine) for _ in range(1 + ROUNDS)][1:]
        known = _number(engine, "select count(*) from books_document")
        engine.dispose()
    Database.start(layout.database).stop()
    assert known >= DOCUMENTS, known
    assert {state for _, of in found for state in (of.state, of.scoro_state)} == {"ok"}, found
    sitting.add(median(part, "from its start to its end", [seconds for seconds, _ in found], at_most=GOAL))
    asked = max(of.requests_smartaccounts for _, of in found)
    sitting.add(Figure(part, "requests to SmartAccounts, the most", asked, "", QUIET))
    sitting.add(Figure(part, "requests to Scoro, the most", max(of.requests_scoro for _, of in found), "", 60))


def _planned(engine: Engine, urls: tuple[str, str], folder: Path, flow: Flow) -> list[Plan]:
    """All of a flow, read from Scoro and planned."""
    asked = request(FIRST, LAST, f"bench/{flow}", flow)
    given = services(engine, *urls, folder, asked.run_key)
    pipeline.extract(asked, given)
    pipeline.reconcile_and_plan(asked, given)
    with engine.connect() as connection:
        ids = connection.scalars(select(plan.c.source_id).where(plan.c.flow == flow.value)).all()
        found = list(read_plans(connection, asked.company.key, flow, ids).values())
    print(f"    {len(found):,} {INVOICE_FLOWS[flow].noun}s planned", flush=True)
    return found


def _lay(engine: Engine, urls: tuple[str, str], spec: InvoiceFlow, plans: Sequence[Plan]) -> None:
    """Put plans into the books and link them, as if they had been imported: one by one that takes hours."""
    partners = {each.partner_source_id: each.new_partner for each in plans if each.new_partner}
    _put(engine, urls, spec.partners, [(spec.partner_kind, source_id, body) for source_id, body in partners.items()])
    articles = {new["body"]["code"]: new for each in plans for new in each.new_articles}
    _put(engine, urls, ARTICLES, [(Kind.ARTICLE, new["product_id"], new["body"]) for new in articles.values()])
    bodies = [(each, json.loads(each.payload)) for each in plans]
    for is_credit in (False, True):
        some = [(each, body) for each, body in bodies if (base_of(body) is not None) is is_credit]
        _put_documents(engine, urls, spec, some)


def _put(engine: Engine, urls: tuple[str, str], service: str, wanted: Sequence[tuple[Kind, str, Any]]) -> None:
    """Put partners or articles there that are not linked yet."""
    for kind in {kind for kind, _, _ in wanted}:
        known = _linked(engine, kind)
        new = [(source_id, body) for of, source_id, body in wanted if of is kind and source_id not in known]
        ids = _seeded(urls, service, [body for _, body in new])
        _store(engine, [Link(kind, of, there, Evidence.CREATED) for (of, _), there in zip(new, ids, strict=True)])


def _put_documents(
    engine: Engine, urls: tuple[str, str], spec: InvoiceFlow, wanted: Sequence[tuple[Plan, dict[str, Any]]]
) -> None:
    partners, documents = _linked(engine, spec.partner_kind), _linked(engine, spec.kind)
    for each, body in wanted:
        body[spec.partner_key] = partners[each.partner_source_id]
        if (base := base_of(body)) is not None:
            body[BASE] = documents[base]
    ids = _seeded(urls, spec.documents, [body for _, body in wanted])
    links = []
    for (each, body), there in zip(wanted, ids, strict=True):
        answer = {"totalAmount": each.predicted["total"]}
        booking = booking_of_body(spec, body, answer, each.partner_source_id)
        links.append(
            Link(spec.kind, each.source_id, there, Evidence.CREATED, "", each.content_hash, answer, booking=booking)
        )
    _store(engine, links)


def _seeded(urls: tuple[str, str], service: str, bodies: Sequence[Any]) -> list[str]:
    """Records that SmartAccounts holds from now on; their ids."""
    ids: list[str] = []
    for start in range(0, len(bodies), _AT_ONCE):
        records = [{"service": service, "body": body} for body in bodies[start : start + _AT_ONCE]]
        answer = requests.post(f"{_books(urls)}/admin/seed", json={"records": records}, timeout=300)
        assert answer.ok, answer.text
        ids += answer.json()["ids"]
    return ids


def _store(engine: Engine, links: Sequence[Link]) -> None:
    with engine.begin() as connection:
        store_links(connection, company().key, "bench", links)


def _linked(engine: Engine, kind: Kind) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(select(link.c.source_id, link.c.remote_id).where(link.c.kind == kind.value))
        return {row.source_id: row.remote_id for row in rows}


def _set_back(urls: tuple[str, str], days: int) -> None:
    """Let SmartAccounts' clock be days behind: what is entered now was entered then."""
    now = utc_now() - timedelta(days=days)
    requests.post(f"{_books(urls)}/admin/clock", json={"now": now.isoformat()}, timeout=30).raise_for_status()


def _read(engine: Engine, urls: tuple[str, str], folder: Path) -> None:
    """Nights in this process, with more requests than they may send, until one has read both sides to the end."""
    for module, name in ((baseline, "WHOLE_LISTS"), (changes, "WHOLE_LISTS"), (scoro_asking, "A_NIGHT")):
        setattr(module, name, DOCUMENTS)
    for number in range(1, 10):
        _let_time_pass(engine)
        asked = AuditRequest(company(), f"bench/{time.monotonic_ns()}", tallinn_day(utc_now()) - timedelta(days=1))
        given = services(engine, *urls, folder, asked.run_key)
        night.scoro(asked, given)
        night.books(asked, given)
        tell(asked, given)
        of = _newest_night(engine)
        print(f"    first reading {number}: {of.state}, Scoro {of.scoro_state}", flush=True)
        if of.state == of.scoro_state == "ok":
            return
    raise AssertionError("the books are not read to their end")


def _through_airflow(machine: Any, engine: Engine) -> tuple[float, Any]:
    """Seconds of a run, and what its night told."""
    _let_time_pass(engine)
    seconds, _ = measured(machine, partial(begin_run, machine, AUDIT, {}))
    return seconds, _newest_night(engine)


def _let_time_pass(engine: Engine) -> None:
    with engine.begin() as connection:
        for statement in LATER:
            connection.execute(text(statement))


def _newest_night(engine: Engine) -> Any:
    told = "select state, scoro_state, requests_smartaccounts, requests_scoro from audit_night"
    with engine.connect() as connection:
        return connection.execute(text(f"{told} order by night desc limit 1")).one()


def _number(engine: Engine, statement: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(statement)).scalar_one())


def _books(urls: tuple[str, str]) -> str:
    return urls[1].removesuffix("/en/api/")
