"""
### Payments: Scoro → SmartAccounts

Every payment that Scoro dates in the run's days is entered into SmartAccounts exactly once, on the bank or cash
account that the company file pairs with Scoro's, and settles the invoices that it pays. One run is one Tallinn day,
started an hour after the day is over, when the day's invoices are in.

| step | what it does |
| --- | --- |
| `extract_documents` | copies the payments from Scoro into the staging database |
| `check_quality` | Great Expectations rules; what fails goes to quarantine with a reason, the rest goes on |
| `reconcile_and_plan` | finds the paid invoices in SmartAccounts, computes exactly what will be sent |
| `load_documents` | sends the plans, each once, whatever breaks on the way; `preview` and `approve` send nothing |
| `summarize_run` | the table of the run, also after a failure |

A payment whose invoice is not in SmartAccounts yet waits; the first scheduled run after the invoice's import takes it.

**A range by hand.** *Trigger* with `date_from` and `date_to` (Tallinn days, both included). Empty: the proposal,
which is the first days that are not imported yet, at most to yesterday. `mode`, empty as the company file says:
`import` writes; `approve` plans, ends, and lets `approve_plans` ask the accountant; `preview` writes nothing and shows
what would be written. A stronger mode than the company file allows (`mode.strongest`) is refused.

**Many days.** *Backfill* with the first and the last day, or
`airflow backfill create --dag-id import_payments --from-date 2026-01-01 --to-date 2026-01-10`. Each day
becomes a run. The time zone shown in Airflow may be any from UTC-9 to UTC+14: the days are Tallinn days.

**Rerun.** Clear the failed task, or run the same days again: what is in the books already is recognised and never
entered twice or changed. A run whose requests are used up, or a service of which is away, waits by itself
(`up_for_reschedule`) and loses no try.

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file.
Quarantine: the accountant, with `scoro-smartaccounts quarantine`. Anything else: the data team, with the failed
task's log.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import chain, dag

from scoro_smartaccounts.common.company import Company, load_companies
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.outcome import books_asset
from scoro_smartaccounts.orchestration.params import import_params
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS, Steps
from scoro_smartaccounts.orchestration.timetable import ZONE, TallinnDayTimetable

FLOW = Flow.PAYMENTS


def define(company: Company) -> None:
    """Define the DAG of one company."""
    books = books_asset(company, FLOW)
    started = company.first_import_date

    @dag(
        dag_id=f"import_payments{company.dag_suffix}",
        dag_display_name=f"Payments to SmartAccounts: {company.name}",
        # Early payments of the day's invoices find these in the books already.
        schedule=TallinnDayTimetable(delay=timedelta(hours=1)),
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        max_active_runs=3,
        params=import_params(company, FLOW),
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "payments", f"company {company.key}"],
    )
    def import_payments() -> None:
        step = Steps(company, FLOW)
        chain(
            step.extract("extract_documents"),
            step.check("check_quality"),
            step.plan("reconcile_and_plan"),
            step.load("load_documents"),
            step.summarize("summarize_run", updates=books),
        )

    import_payments()


for each_company in load_companies():
    define(each_company)
