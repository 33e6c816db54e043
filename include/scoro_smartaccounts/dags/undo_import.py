"""
### An import is taken back, as a person approved it

Deletes in SmartAccounts (and receipts in Scoro that the export made) what approved undo plans name. It is never started
by a schedule or by another DAG, and does nothing without an approved plan.

| step | what it does |
| --- | --- |
| `undo_approved` | reads each record again, holds it against what was booked, and deletes it where it is the same |

**Before.** `scoro-smartaccounts undo RUN` writes the plan: the order, and of each document whether it can be deleted
(U1), is deleted after what the pipeline paid it with (U2), needs a credit invoice since its month is declared or locked
(U3), or a person (U4). `scoro-smartaccounts undo RUN --approve HASH` approves it exactly as it was shown. Then trigger
this DAG.

**Changed meanwhile.** What somebody edited, paid, netted, credited or sent to the client since is not deleted; the log,
and `scoro-smartaccounts undo RUN`, say why. Clients, vendors and articles stay.

**After.** What was taken back is dismissed: the next run does not import it again. `scoro-smartaccounts retry DOC`
does, once.

**Rerun.** Clear the task: what is gone is not deleted twice, and a lost answer is settled by the record's id.

**Whom to ask.** The accountant for what is left to a person; the data team, with the failed task's log, for anything
else.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS
from scoro_smartaccounts.orchestration.timetable import ZONE
from scoro_smartaccounts.orchestration.undo import undo_plans


def _define(company: Company) -> None:
    """Define the DAG of one company."""
    started = company.first_import_date

    @dag(
        dag_id=f"undo_import{company.dag_suffix}",
        dag_display_name=f"Take an import back: {company.name}",
        schedule=None,
        is_paused_upon_creation=False,
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        max_active_runs=1,
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "undo", f"company {company.key}"],
    )
    def undo_import() -> None:
        undo_plans(company, "undo_approved")

    undo_import()


def define_dags() -> None:
    """Define `undo_import` of every company."""
    for company in companies_of("undo_import"):
        _define(company)
