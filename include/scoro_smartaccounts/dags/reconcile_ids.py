"""
### Who is who: the first day

For books that hold clients, vendors and articles already. Finds which of them are Scoro's contacts and products, so
that no import creates them again. It reads both services and writes to neither: links are kept in the staging database.

| step | what it does |
| --- | --- |
| `take_decisions` | takes the yes and no (jah, ei) of a report that a person filled in, if `decisions_file` names one |
| `read_registers` | copies clients, vendors and articles from SmartAccounts, contacts, products and the documents of |
| | the days from Scoro |
| `propose_links` | compares them: certain pairs are linked at once, likely and conflicting ones are proposed |
| `write_report` | holds these documents against the company file; a workbook with all pairs and with what |
| | the file lacks, the likely pairs as CSV, lines to paste into the file; the table of the run |
| `ask_about_likely` | asks about the likely pairs on Airflow's page, for a week; nothing answered: nothing changes |

**Certain** is an own and equal registry code, VAT number, bank account, e-mail or article code that nothing
contradicts. A name alone never links.

**Deciding.** Open the workbook of the output folder (its name stands in the log of `write_report`), write yes or no
into the column *Decision / Otsus*, save, and *Trigger* again with `decisions_file`; or
`scoro-smartaccounts reconcile …`. A wrong file changes nothing, and the error names row and column. Or answer the
question of `ask_about_likely` under *Required actions*. Imports leave documents of a likely or conflicting contact or
product waiting until it is decided.

**Rerun.** At any time: what is linked stays as it is, what was decided is not asked again, and a no to a link undoes
it. After the first run it costs a request to SmartAccounts for each register.

**Whom to ask.** *An administrator must change something*: whoever keeps the connections and the company file. Pairs:
the accountant. Anything else: the data team, with the failed task's log.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import chain, dag

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.access import access_control
from scoro_smartaccounts.orchestration.companies import companies_of
from scoro_smartaccounts.orchestration.link_question import LinkQuestion
from scoro_smartaccounts.orchestration.notifications import on_failed_run
from scoro_smartaccounts.orchestration.params import give
from scoro_smartaccounts.orchestration.reconcile import ReconcileSteps, reconcile_params
from scoro_smartaccounts.orchestration.steps import TASK_DEFAULTS
from scoro_smartaccounts.orchestration.timetable import ZONE


def _define(company: Company) -> None:
    """Define the DAG of one company."""
    started = company.first_import_date

    @dag(
        dag_id=f"reconcile_ids{company.dag_suffix}",
        dag_display_name=f"Who is who: {company.name}",
        schedule=None,
        is_paused_upon_creation=False,
        start_date=pendulum.datetime(started.year, started.month, started.day, tz=ZONE),
        # A run that waits for an answer must not keep the next one from beginning.
        max_active_runs=10,
        default_args=TASK_DEFAULTS,
        access_control=access_control(company, asks=True),
        on_failure_callback=on_failed_run(company),
        doc_md=__doc__,
        tags=["scoro", "smartaccounts", "first day", f"company {company.key}"],
    )
    def reconcile_ids() -> None:
        step = ReconcileSteps(company)
        chain(
            step.take("take_decisions"),
            step.read("read_registers"),
            step.propose("propose_links"),
            step.report("write_report"),
            LinkQuestion(task_id="ask_about_likely", company=company, report_task_id="write_report"),
        )

    give(reconcile_ids(), reconcile_params())


def define_dags() -> None:
    """Define `reconcile_ids` of every company."""
    for company in companies_of("reconcile_ids"):
        _define(company)
