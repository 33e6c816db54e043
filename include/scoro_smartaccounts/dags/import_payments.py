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
"""

from __future__ import annotations

from datetime import timedelta

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.imports import define_import_dags
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable

# Early payments of the day's invoices find these in the books already.
AN_HOUR_LATER = TallinnDayTimetable(delay=timedelta(hours=1))


def define_dags() -> None:
    """Define `import_payments` of every company."""
    define_import_dags(Flow.PAYMENTS, AN_HOUR_LATER, __doc__)
