"""For which companies a DAG file defines its DAG."""

from __future__ import annotations

from airflow.sdk import get_parsing_context

from scoro_smartaccounts.common.company import DEFAULT_KEY, Company, load_companies, load_one


def companies_of(dag: str) -> list[Company]:
    """Return the companies whose DAG of this name is wanted: all where Airflow reads the file, one where a worker runs
    a task, so that a task begins as fast beside many companies as beside none."""
    wanted = get_parsing_context().dag_id
    if wanted is None:
        return load_companies()
    name, _, key = wanted.partition("__")
    company = load_one(key or DEFAULT_KEY) if name == dag else None
    return [] if company is None else [company]
