"""
### What should have happened by now

Every hour, of a company whose file names somebody to tell (`notifications`): runs that their schedule should have
started and did not, records that have been in doubt for over an hour, and what was held back because the same had been
told a short while before. Asks neither service. Where nothing is wrong, nothing is told.

| step | what it does |
| --- | --- |
| `tell_what_is_overdue` | looks into the staging database, and tells |

It cannot tell that Airflow itself stands still: let something outside ask `/api/v2/monitor/health`.

**Whom to ask.** The data team, with the task's log.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import CronTriggerTimetable, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS
from scoro_smartaccounts.orchestration.timetable import ZONE
from scoro_smartaccounts.orchestration.watch import watch


def _define(company: Company) -> None:
    """Define the DAG of one company."""
    started = company.first_import_date

    @dag(
        dag_id=f"watch_runs{company.dag_suffix}",
        dag_display_name=f"What should have happened: {company.name}",
        schedule=CronTriggerTimetable("30 * * * *", timezone=ZONE),
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        # Who names somebody to tell wants them told.
        is_paused_upon_creation=False,
        max_active_runs=1,
        allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # their names do
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "notifications", f"company {company.key}"],
    )
    def watch_runs() -> None:
        watch(company, "tell_what_is_overdue")

    watch_runs()


def define_dags() -> None:
    """Define `watch_runs` of every company that has somebody to tell."""
    for company in companies_of("watch_runs"):
        if company.notifications.is_wanted:
            _define(company)
