"""
### The accountant approves what enters the books

Runs of the import DAGs in mode `approve` plan and end; then this DAG asks. One question is open at a time: it holds
everything that waits. A newer one takes the place of the older, which ends by itself within minutes.

| step | what it does |
| --- | --- |
| `ask_accountant` | waits, without a worker, for the answer: see *Required Actions* |
| `load_approved` | reads both sides again and books what was approved, exactly as it was shown |
| `summarize_run` | the table of each flow, also after a failure |

**Answering.** Those answer whom the company file names under `approval`; where it names nobody, whoever may edit this
DAG. *Approve* books all documents but those chosen under *Dismiss*; *Reject* books none. Without an answer
nothing is booked, nothing else waits, and after the time in the company file (`approval.alert_after_hours`) a mail
goes out. What is dismissed or rejected is not asked about again until it changes, or until a run in mode `approve` with
`date_from` and `date_to` names its days.

**Changed meanwhile.** A document that would be booked otherwise than it was shown is refused, with the difference in
the summary; the others are booked. The next plan asks about it again.

**Rerun.** Clear `load_approved`: what is in the books is never entered twice. *Trigger* asks anew about everything that
has no answer, also where the run that asked is gone. A run that is cleared asks about its own documents only: Airflow
goes on showing what it showed first.

**Whom to ask.** The accountant for the answer; the data team, with the failed task's log, for anything else.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from airflow.sdk import chain, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.approval import AskAccountant, load_approved, summarize_approved
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.outcome import plans_asset
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS


def _define(company: Company) -> None:
    """Define the DAG of one company."""

    @dag(
        dag_id=f"approve_plans{company.dag_suffix}",
        dag_display_name=f"Approval of plans: {company.name}",
        schedule=reduce(or_, (plans_asset(company, flow) for flow in INTO_THE_BOOKS)),
        catchup=False,
        # It only does something once an import asks: then it must not be asleep.
        is_paused_upon_creation=False,
        max_active_runs=16,
        default_args=TASK_DEFAULTS,
        access_control=access_control(company, asks=True),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "approval", f"company {company.key}"],
    )
    def approve_plans() -> None:
        chain(
            AskAccountant(task_id="ask_accountant", company=company),
            load_approved(company, "load_approved"),
            summarize_approved(company, "summarize_run"),
        )

    approve_plans()


def define_dags() -> None:
    """Define `approve_plans` of every company."""
    for company in companies_of("approve_plans"):
        _define(company)
