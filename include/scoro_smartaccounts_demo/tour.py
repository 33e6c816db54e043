"""What the demo does by itself once it is up: every flow over some days, and a table of what became of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.company import DEFAULT_KEY, Mode, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.common.stored import mapping
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.links import KIND_OF, read_links
from scoro_smartaccounts.staging.runs import Entry, entries, outcomes_of
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.layout import HOST, ROOT, Ports
from scoro_smartaccounts_demo.machine import Machine, step
from scoro_smartaccounts_demo.runs import follow, start
from scoro_smartaccounts_demo.simulators import REQUESTS_PER_MINUTE

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 10)
# Hardly an invoice is paid within ten days.
MONTH = {"date_from": "2026-01-01", "date_to": "2026-01-31"}
BANK_PAYMENTS = 3
SALES, PURCHASES = Flow.SALES_INVOICES.dag_id, Flow.PURCHASE_INVOICES.dag_id
EXPORT = Flow.EXPORT_PAYMENTS.dag_id
AUDIT = "audit_books"


def show(machine: Machine, ports: Ports) -> None:
    """Every flow once, the way that a person would start it; what an earlier demo did is not done again."""
    engine = make_engine(machine.staging)
    print(
        f"The simulated SmartAccounts takes {REQUESTS_PER_MINUTE} requests a minute, so that nobody waits for it here."
        f" The real one takes {Limits().per_minute}."
    )
    with step("DAGs"):
        for flow in Flow:
            machine.api.wait_for_dag(flow.dag_id, machine.processes.check)
    # It starts from its first run on: only what the books take up after that goes to Scoro.
    machine.api.unpause(EXPORT)
    _backfill(machine, SALES, ports)
    _by_hand(machine, PURCHASES, MONTH)
    if not machine.api.runs(EXPORT, "manual"):
        with step(f"{EXPORT}: first run of the schedule"):
            _await_first(machine, EXPORT, _is_over)
        with step("SmartAccounts: the bank brings payments of imported invoices"):
            pay_at_the_bank(engine, ports)
    _by_hand(machine, Flow.PAYMENTS.dag_id, MONTH)
    _by_hand(machine, EXPORT, {})
    _first_night(machine)
    tell(engine)
    engine.dispose()


def _first_night(machine: Machine) -> None:
    """Hold both systems against each other, as every night does: its pages show whether they agree."""
    machine.api.unpause(AUDIT)
    with step(f"{AUDIT}: do both systems agree?"):
        # A hunt may go on for hours.
        _await_first(machine, AUDIT, _has_reported)


def _await_first(machine: Machine, dag_id: str, is_done: Callable[[Machine, str, str], bool]) -> None:
    """Wait for the first run of a schedule."""
    while not any(is_done(machine, dag_id, run_id) for run_id in machine.api.runs(dag_id, "scheduled")):
        machine.processes.check()
        time.sleep(1)


def _is_over(machine: Machine, dag_id: str, run_id: str) -> bool:
    return machine.api.run_state(dag_id, run_id) in airflow.FINAL_STATES


def _has_reported(machine: Machine, dag_id: str, run_id: str) -> bool:
    states = {task["task_id"]: task["state"] for task in machine.api.tasks(dag_id, run_id)}
    return _is_over(machine, dag_id, run_id) or states.get("write_report") == "success"


def _backfill(machine: Machine, dag_id: str, ports: Ports) -> None:
    """Run a real backfill: a run a day. Tells of each day that ends, and of invoices that enter the books."""
    machine.api.unpause(dag_id)
    if machine.api.runs(dag_id, "backfill"):
        print(f"The backfill of {FIRST} to {LAST} was done before.")
        return
    with step(f"{dag_id}: backfill of {FIRST} to {LAST} through Airflow"):
        machine.api.backfill(dag_id, FIRST, LAST)
        told = (-1, -1)
        while True:
            machine.processes.check()
            states = list(machine.api.runs(dag_id, "backfill").values())
            finished = sum(state in airflow.FINAL_STATES for state in states)
            booked = len(_ask(f"http://{HOST}:{ports.smartaccounts}/admin/state")["clientinvoices"])
            if (finished, booked) != told:
                told = finished, booked
                print(f"    {finished} of {len(states)} days, {booked} invoices in the books", flush=True)
            if states and finished == len(states):
                return
            time.sleep(1)


def _by_hand(machine: Machine, dag_id: str, conf: dict[str, str]) -> None:
    """One run over all days: it costs fewer requests than a run a day."""
    machine.api.unpause(dag_id)
    if machine.api.runs(dag_id, "manual"):
        print(f"{dag_id} ran by hand before.")
        return
    follow(machine.api, dag_id, start(machine.api, dag_id, conf), machine.processes.check)


def pay_at_the_bank(engine: Engine, ports: Ports) -> int:
    """Put payments of some imported sales invoices into SmartAccounts as its bank import would; how many."""
    remote_ids = _unpaid(engine, ports)
    for remote_id in remote_ids:
        _ask(f"http://{HOST}:{ports.smartaccounts}/admin/pay", {"documents": remote_id})
    return len(remote_ids)


def _unpaid(engine: Engine, ports: Ports) -> list[str]:
    """Return some imported sales invoices, by their ids in SmartAccounts, of which Scoro knows no payment."""
    rows = _ask(f"http://{HOST}:{ports.scoro}/admin/state?module=invoices")["rows"]
    unpaid = [
        str(row["id"])
        for row in rows
        if row["currency"] == "EUR"
        and float(row["sum"]) > 0
        and not float(row["paid_sum"] or 0)
        and not float(row["prepayment_sum"] or 0)
    ]
    with engine.connect() as connection:
        imported = read_links(connection, DEFAULT_KEY, KIND_OF[Flow.SALES_INVOICES], unpaid)
    return [imported[source_id] for source_id in sorted(imported)][:BANK_PAYMENTS]


def _ask(address: str, body: dict[str, Any] | None = None) -> Any:
    """Return an admin route of a simulator."""
    answer = airflow.on_this_machine("GET" if body is None else "POST", address, body)
    answer.raise_for_status()
    return answer.json()


def tell(engine: Engine) -> None:
    """Print what became of each document, once: under the run that carried it over, else under the first that the tour
    asked for. A run of the schedule may have been quicker, while the tour's waited; it is told of where it was."""
    with engine.connect() as connection:
        runs = [each for each in entries(connection, DEFAULT_KEY) if each.summary is not None]
        taken = {each.run_key: _outcomes(connection, each) for each in runs}
    order = {flow: place for place, flow in enumerate(Flow)}
    print("\nCarried over:")
    print(f"    {'':<18}{'':<10}{'days':<23}{'seen':>6}{'created':>9}{'quarantine':>12}{'waiting':>9}{'requests':>10}")
    counts = _once(runs, taken)
    for run in sorted(runs, key=lambda run: (order[run.flow], run.date_from)):
        seen = counts[run.run_key]
        if (run.kind == RunKind.SCHEDULED and not seen) or run.summary is None:
            continue
        requests = mapping(run.summary).get("requests_used", "–")
        days = f"{run.date_from:%d.%m.%Y}"
        if run.date_to != run.date_from:
            days += f"-{run.date_to:%d.%m.%Y}"
        print(
            f"    {run.flow.replace('_', ' '):<18}{_HOW[RunKind(run.kind)]:<10}{days:<23}{seen.total():>6}"
            f"{seen['created']:>9}{seen['quarantined']:>12}{seen['waiting']:>9}{requests:>10}"
        )


_HOW = {RunKind.SCHEDULED: "schedule", RunKind.BACKFILL: "backfill", RunKind.MANUAL: "by hand"}
_DONE = ("created", "adopted")


def _outcomes(connection: Connection, run: Entry) -> dict[str, str | None]:
    """How a run left its documents, by source id."""
    company = load_company(ROOT / "include" / "companies" / f"{DEFAULT_KEY}.yaml")
    kind, mode = RunKind(run.kind), Mode(run.mode)
    request = RunRequest(company, run.flow, run.run_key, kind, mode, run.date_from, run.date_to)
    return {source_id: outcome for source_id, (outcome, _) in outcomes_of(connection, request).items()}


def _once(runs: Iterable[Entry], taken: Mapping[str, Mapping[str, str | None]]) -> dict[str, Counter[str | None]]:
    """Count each document in one run: that which carried it over; else the first, one of the schedule last."""
    of_document: dict[tuple[Flow, str], tuple[str, str | None]] = {}
    for run in sorted(runs, key=lambda run: run.kind == RunKind.SCHEDULED):
        for source_id, outcome in taken[run.run_key].items():
            key = run.flow, source_id
            if key not in of_document or (outcome in _DONE and of_document[key][1] not in _DONE):
                of_document[key] = run.run_key, outcome
    counts: dict[str, Counter[str | None]] = {run.run_key: Counter() for run in runs}
    for run_key, outcome in of_document.values():
        counts[run_key][outcome] += 1
    return counts
