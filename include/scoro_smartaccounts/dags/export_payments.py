"""
### Payments: SmartAccounts → Scoro

Every payment of a sales or purchase invoice that was imported from Scoro and paid in SmartAccounts becomes a receipt
of that invoice in Scoro, exactly once. One run is one hour: it takes what was added to SmartAccounts since the last
run. Payments of other documents have nothing to attach to in Scoro and stay where they are; payments that came from
Scoro do not go back.

**The switch.** `export_payments: enabled` in the company file, off at first. While it is off, runs do nothing, end
green and say so. The first run that finds it on takes note of what the books hold; only what is added after that goes
to Scoro by itself, what was there before is brought over only by a range.

| step | what it does |
| --- | --- |
| `read_payments` | copies new payments from SmartAccounts into the staging database, takes those of imported invoices |
| `check_quality` | what breaks a rule goes to quarantine with a reason, the rest goes on |
| `plan_receipts` | finds what Scoro has already, computes exactly which receipts will be sent |
| `send_receipts` | sends the plans, each once, whatever breaks on the way; in mode `preview` it sends nothing |
| `summarize_run` | the table of the run, also after a failure |

**Catching up by hand.** *Trigger* with `date_from` and `date_to` (Tallinn days, both included, by the date of the
payment). Empty: what was added since the last run. `mode` `preview` only shows what would be written. The switch holds
for runs by hand too. There is no backfill: an hour's run takes everything since the last one, and a range by hand takes
days.

**Rerun.** Clear the failed task; or wait an hour, the next run takes what this one left.

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file.
Quarantine: the accountant, with `scoro-smartaccounts quarantine`. Anything else: the data team, with the failed
task's log.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import CronDataIntervalTimetable, chain, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.outcome import scoro_asset
from scoro_smartaccounts.orchestration.params import export_params, give
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS, Steps
from scoro_smartaccounts.orchestration.timetable import ZONE

FLOW = Flow.EXPORT_PAYMENTS


def _define(company: Company) -> None:
    """Define the DAG of one company."""
    receipts = scoro_asset(company)
    started = company.first_import_date

    @dag(
        dag_id=f"export_payments{company.dag_suffix}",
        dag_display_name=f"Payments to Scoro: {company.name}",
        schedule=CronDataIntervalTimetable("0 * * * *", timezone=ZONE),
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        max_active_runs=1,
        # No backfill: its runs would all do the same, take what was added since the last one.
        allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # their names do
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "payments", f"company {company.key}"],
    )
    def export_payments() -> None:
        step = Steps(company, FLOW)
        chain(
            step.extract("read_payments"),
            step.check("check_quality"),
            step.plan("plan_receipts"),
            step.load("send_receipts"),
            step.summarize("summarize_run", updates=receipts),
        )

    give(export_payments(), export_params())


def define_dags() -> None:
    """Define `export_payments` of every company."""
    for company in companies_of("export_payments"):
        _define(company)
