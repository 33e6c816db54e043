"""
### Do the books still agree?

Every night: whether what was imported still stands in both systems as it was imported. Somebody may have changed,
moved or deleted an invoice, bill or payment, or edited its ledger entry. Nothing is written to either service; what
differs is told once, and stays in the list until both sides agree again or a person accepts it.

| step | what it does |
| --- | --- |
| `read_scoro` | holds Scoro's lists against what is known of them |
| `read_books` | holds SmartAccounts' lists against what is known of them: what changed, how long they are, and the |
| | balances of all accounts against all ledger entries |
| `write_totals` | the control totals of every month that changed, and its page before the VAT return; asks no service |
| `write_report` | the pages of the night and the lines in its log, also after a failure |
| `hunt_difference` | looks for a difference of the ledger whose document nobody knows, one balance an hour; what it |
| | finds stands in the list at once, and in the report of the next night |

The two sides are read beside each other. One that is away is waited for until 2 hours have passed; then the night is
told without it, as not clean, and the run fails.

**A clean night** is one on which everything was read and compared. On all others the report says on top what could not
be told: *incomplete* (more changed than a night's requests can read; the next one goes on), *blind* (SmartAccounts did
not show what it must), *without balances* (the API user group lacks a right), *first reading* (the first nights).

**Deciding.** `scoro-smartaccounts drift` lists what differs, with a number and what can be done;
`scoro-smartaccounts accept NUMBER --note "…"` takes it as it is.

**Requests.** 10 to SmartAccounts on a quiet night, 25 where something differs, 150 while lists are read for the first
time. They come after those of the imports. To Scoro 5 to 15, never more than 60.

**Rerun.** Clear the failed task, or trigger again: what is known stays, and nothing is told twice.

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file.
Differences: the accountant. Anything else: the data team, with the failed task's log.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import CronTriggerTimetable, chain, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.audit import AuditSteps
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS
from scoro_smartaccounts.orchestration.timetable import ZONE


def _define(company: Company) -> None:
    """Define the DAG of one company."""
    started = company.first_import_date

    @dag(
        dag_id=f"audit_books{company.dag_suffix}",
        dag_display_name=f"Do the books still agree: {company.name}",
        # After the imports of the day that ended.
        schedule=CronTriggerTimetable("0 5 * * *", timezone=ZONE),
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        catchup=False,
        max_active_runs=1,
        # No backfill: a night looks at what stands there now.
        allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # their names do
        default_args=TASK_DEFAULTS,
        access_control=access_control(company),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "audit", f"company {company.key}"],
    )
    def audit_books() -> None:
        step = AuditSteps(company)
        # Neither side waits for the other one, nor the report for a hunt of hours.
        chain(
            [step.scoro("read_scoro"), step.books("read_books")],
            step.totals("write_totals"),
            step.report("write_report"),
            step.hunt("hunt_difference"),
        )

    audit_books()


def define_dags() -> None:
    """Define `audit_books` of every company."""
    for company in companies_of("audit_books"):
        _define(company)
