"""For which companies a DAG file defines its DAG."""

from __future__ import annotations

from airflow.sdk import get_parsing_context

from scoro_smartaccounts.common.company import DEFAULT_KEY, Company, default_folder, load_companies, load_company


def companies_of(dag: str) -> list[Company]:
    """Return the companies whose DAG of this name is wanted: all where Airflow reads the file, one where a worker runs
    a task, so that a task begins as fast beside many companies as beside none."""
    wanted = get_parsing_context().dag_id
    if wanted is None:
        return load_companies()
    name, _, key = wanted.partition("__")
    path = default_folder() / f"{key or DEFAULT_KEY}.yaml"
    return [load_company(path)] if name == dag and path.is_file() else []
