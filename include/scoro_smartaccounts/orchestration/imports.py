"""The DAGs of the imports, for every company: what they share, so that a DAG file says only what is its own."""

from __future__ import annotations

import pendulum
from airflow.sdk import chain, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.outcome import books_asset
from scoro_smartaccounts.orchestration.params import give, import_params
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS, Steps
from scoro_smartaccounts.orchestration.timetable import ZONE, TallinnDayTimetable

BY_HAND = """
**A range by hand.** *Trigger* with `date_from` and `date_to` (Tallinn days, both included). Empty: the proposal,
which is the first days that are not imported yet, at most to yesterday. `mode`, empty as the company file says:
`import` writes; `approve` plans, ends, and lets `approve_plans` ask the accountant; `preview` writes nothing and shows
what would be written. A stronger mode than the company file allows (`mode.strongest`) is refused.

**Many days.** *Backfill* with the first and the last day, or
`airflow backfill create --dag-id {dag_id} --from-date 2026-01-01 --to-date 2026-01-10`. Each day
becomes a run. The time zone shown in Airflow may be any from UTC-9 to UTC+14: the days are Tallinn days.

**Rerun.** Clear the failed task, or run the same days again: what is in the books already is recognised and never
entered twice or changed. A run whose requests are used up, or a service of which is away, waits by itself
(`up_for_reschedule`) and loses no try.

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file.
Quarantine: the accountant, with `scoro-smartaccounts quarantine`. Anything else: the data team, with the failed
task's log.
"""


def define_import_dags(flow: Flow, schedule: TallinnDayTimetable, doc_md: str) -> None:
    """Define the flow's DAG of every company.

    `doc_md`: what its page in Airflow says of this flow; how an import is run by hand and again follows.
    """
    for company in companies_of(flow.dag_id):
        _define(company, flow, schedule, doc_md + BY_HAND.format(dag_id=flow.dag_id))


def _define(company: Company, flow: Flow, schedule: TallinnDayTimetable, doc_md: str) -> None:
    documents = flow.value.replace("_", " ")
    started = company.first_import_date

    @dag(
        dag_id=f"{flow.dag_id}{company.dag_suffix}",
        dag_display_name=f"{documents.capitalize()} to SmartAccounts: {company.name}",
        schedule=schedule,
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        max_active_runs=3,
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        on_failure_callback=on_failed_run(company),
        doc_md=doc_md,
        tags=["scoro", "smartaccounts", documents, f"company {company.key}"],
    )
    def five_steps() -> None:
        step = Steps(company, flow)
        chain(
            step.extract("extract_documents"),
            step.check("check_quality"),
            step.plan("reconcile_and_plan"),
            step.load("load_documents"),
            step.summarize("summarize_run", updates=books_asset(company, flow)),
        )

    give(five_steps(), import_params(company, flow))
