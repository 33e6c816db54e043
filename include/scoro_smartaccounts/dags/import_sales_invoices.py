"""
### Sales invoices: Scoro → SmartAccounts

Every sales invoice that Scoro dates in the run's days is entered into SmartAccounts exactly once, with the client
and the articles that it needs. One run is one Tallinn day, started when the day is over.

| step | what it does |
| --- | --- |
| `extract_documents` | copies the invoices, clients and products from Scoro into the staging database |
| `check_quality` | Great Expectations rules; what fails goes to quarantine with a reason, the rest goes on |
| `reconcile_and_plan` | finds clients and articles in SmartAccounts, computes exactly what will be sent |
| `load_documents` | sends the plans, each once, whatever breaks on the way; `preview` and `approve` send nothing |
| `summarize_run` | the table of the run, also after a failure |
"""

from __future__ import annotations

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.imports import define_import_dags
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable


def define_dags() -> None:
    """Define `import_sales_invoices` of every company."""
    define_import_dags(Flow.SALES_INVOICES, TallinnDayTimetable(), __doc__)
