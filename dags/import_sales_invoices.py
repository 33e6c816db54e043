"""
### Sales invoices: Scoro → SmartAccounts

Every sales invoice that Scoro dates in the run's days is entered into SmartAccounts exactly once, with the client
and the articles that it needs. One run is one Tallinn day, started when the day is over.

| step | what it does |
| --- | --- |
| `extract_documents` | copies the invoices, clients and products from Scoro into the staging database |
| `check_quality` | Great Expectations rules; what fails goes to quarantine with a reason, the rest goes on |
| `reconcile_and_plan` | finds clients and articles in SmartAccounts, computes exactly what will be sent |
| `load_documents` | sends the plans, each once, whatever breaks on the way; in mode `preview` it sends nothing |
| `summarize_run` | the table of the run, also after a failure |

**A range by hand.** *Trigger* with `date_from` and `date_to` (Tallinn days, both included). Empty: yesterday. `mode`
says whether the run may write (`import`) or only shows what it would write (`preview`); empty: as the company file
says.

**Many days.** *Backfill* with the first and the last day, or
`airflow backfill create --dag-id import_sales_invoices --from-date 2026-01-01 --to-date 2026-01-10`. Each day
becomes a run. The time zone shown in Airflow may be any from UTC-9 to UTC+14: the days are Tallinn days.

**Rerun.** Clear the failed task, or run the same days again: what is in the books already is recognised and never
entered twice or changed. A run whose requests are used up waits by itself (`up_for_reschedule`).

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file.
Quarantine: the accountant, with `make quarantine`. Anything else: the data team, with the failed task's log.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import dag, task

from scoro_smartaccounts.company import Company, load_companies
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.orchestration.notifications import on_failed_run, on_new_quarantine
from scoro_smartaccounts.orchestration.outcome import books_asset, publish, unfinished_steps
from scoro_smartaccounts.orchestration.params import import_params
from scoro_smartaccounts.orchestration.retries import RetryByMeaning, waits_for_budget
from scoro_smartaccounts.orchestration.services import opened_run
from scoro_smartaccounts.orchestration.timetable import ZONE, TallinnDayTimetable

FLOW = Flow.SALES_INVOICES


def define(company: Company) -> None:
    """The DAG of one company."""
    books = books_asset(company, FLOW)
    started = company.first_import_date

    @dag(
        dag_id=f"import_sales_invoices{company.dag_suffix}",
        dag_display_name=f"Sales invoices to SmartAccounts: {company.name}",
        schedule=TallinnDayTimetable(),
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        max_active_runs=3,
        params=import_params(),
        default_args={
            "retries": 3,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=15),
            "retry_policy": RetryByMeaning(),
            "execution_timeout": timedelta(hours=1),
            # A run that has begun goes on before the next one begins.
            "weight_rule": "upstream",
        },
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "sales invoices", f"company {company.key}"],
    )
    def import_sales_invoices() -> Any:
        @task
        @waits_for_budget
        def extract_documents() -> dict[str, int]:
            from scoro_smartaccounts import pipeline

            with opened_run(company, FLOW) as run:
                return pipeline.extract(*run)

        @task
        def check_quality() -> dict[str, int]:
            from scoro_smartaccounts import pipeline

            with opened_run(company, FLOW) as run:
                return pipeline.check(*run)

        @task
        @waits_for_budget
        def reconcile_and_plan() -> dict[str, int]:
            from scoro_smartaccounts import pipeline

            with opened_run(company, FLOW) as run:
                return pipeline.reconcile_and_plan(*run)

        @task(execution_timeout=timedelta(hours=3))
        @waits_for_budget
        def load_documents() -> dict[str, int]:
            from scoro_smartaccounts import pipeline

            with opened_run(company, FLOW) as run:
                return pipeline.load(*run)

        @task(trigger_rule="all_done", outlets=[books], on_success_callback=on_new_quarantine(company))
        def summarize_run() -> dict[str, Any]:
            from scoro_smartaccounts import pipeline

            unfinished = unfinished_steps()
            with opened_run(company, FLOW) as run:
                summary = pipeline.summarize(*run)
            return publish(summary, books, unfinished)

        steps = [extract_documents(), check_quality(), reconcile_and_plan(), load_documents()]
        summary = summarize_run()
        for step, following in zip(steps, [*steps[1:], summary], strict=True):
            step >> following
        return summary

    import_sales_invoices()


for each_company in load_companies():
    define(each_company)
