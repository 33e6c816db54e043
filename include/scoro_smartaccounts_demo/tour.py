"""What the demo does by itself once it is up: every flow over some days, and a table of what became of them."""

from __future__ import annotations

import subprocess
import time
from typing import Any

from sqlalchemy import Engine

from scoro_smartaccounts.common.company import DEFAULT_KEY
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.links import KIND_OF, read_links
from scoro_smartaccounts.staging.runs import entries
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.layout import HOST, Ports
from scoro_smartaccounts_demo.machine import Machine, step
from scoro_smartaccounts_demo.processes import DemoError
from scoro_smartaccounts_demo.runs import follow, start

FIRST, LAST = "2026-01-01", "2026-01-10"
# Hardly an invoice is paid within ten days.
MONTH = {"date_from": "2026-01-01", "date_to": "2026-01-31"}
BANK_PAYMENTS = 3
EXPORT = Flow.EXPORT_PAYMENTS.dag_id


def show(machine: Machine, ports: Ports) -> None:
    """Every flow once, the way that a person would start it; what an earlier demo did is not done again."""
    engine = make_engine(machine.staging)
    with step("DAGs"):
        for flow in Flow:
            machine.api.wait_for_dag(flow.dag_id, machine.processes.check)
    _switch_the_export_on(machine)
    _backfill(machine, Flow.SALES_INVOICES.dag_id)
    _by_hand(machine, Flow.PURCHASE_INVOICES.dag_id, MONTH)
    if not machine.api.runs(EXPORT, "manual"):
        with step("SmartAccounts: the bank brings payments of imported invoices"):
            pay_at_the_bank(engine, ports)
    _by_hand(machine, Flow.PAYMENTS.dag_id, MONTH)
    _by_hand(machine, EXPORT, {})
    tell(engine)
    engine.dispose()


def _switch_the_export_on(machine: Machine) -> None:
    """Switch the export on: it starts from its first run on: only what the books take up after that goes to Scoro."""
    machine.api.unpause(EXPORT)
    with step(f"{EXPORT}: first run of the schedule"):
        while not any(state in airflow.FINAL_STATES for state in machine.api.runs(EXPORT, "scheduled").values()):
            machine.processes.check()
            time.sleep(1)


def _backfill(machine: Machine, dag_id: str) -> None:
    """Run a real backfill: a run a day."""
    machine.api.unpause(dag_id)
    if machine.api.runs(dag_id, "backfill"):
        print(f"The backfill of {FIRST} to {LAST} was done before.")
        return
    with step(f"{dag_id}: backfill of {FIRST} to {LAST} through Airflow"):
        command = [*airflow.AIRFLOW, "backfill", "create", "--dag-id", dag_id, "--from-date", FIRST, "--to-date", LAST]
        made = subprocess.run(  # noqa: S603
            command, env=machine.environment, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise DemoError(f"airflow backfill create failed:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
        told = -1
        while True:
            machine.processes.check()
            states = list(machine.api.runs(dag_id, "backfill").values())
            finished = sum(state in airflow.FINAL_STATES for state in states)
            if finished != told:
                told = finished
                print(f"    {finished} of {len(states)} days", flush=True)
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
    """Print what the backfill and the runs by hand did."""
    with engine.connect() as connection:
        rows = [each for each in entries(connection, DEFAULT_KEY) if each.kind in ("backfill", "manual")]
    order = {flow.value: place for place, flow in enumerate(Flow)}
    print("\nCarried over by the backfill and by hand:")
    print(f"    {'':<18}{'days':<23}{'seen':>6}{'created':>9}{'quarantine':>12}{'waiting':>9}{'requests':>10}")
    for row in sorted(rows, key=lambda row: (order[row.flow], row.date_from)):
        if row.summary is None:
            continue
        documents = row.summary["documents"]
        days = f"{row.date_from:%d.%m.%Y}"
        if row.date_to != row.date_from:
            days += f"-{row.date_to:%d.%m.%Y}"
        print(
            f"    {row.flow.replace('_', ' '):<18}{days:<23}{documents['seen']:>6}{documents['created']:>9}"
            f"{documents['quarantined']:>12}{documents['waiting']:>9}{row.summary['requests_used']:>10}"
        )
