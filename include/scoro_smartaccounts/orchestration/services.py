"""From the connections that a company names to what its run works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from airflow.sdk import BaseHook, ObjectStoragePath, get_current_context
from sqlalchemy import URL, Engine, make_url

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.output import OUTPUT_VARIABLE, folder_of_this_machine, home_output, named_output
from scoro_smartaccounts.common.run import AuditRequest, ReconcileRequest, RunRequest, UndoRequest
from scoro_smartaccounts.common.supervision import parent_check
from scoro_smartaccounts.orchestration.params import current_request
from scoro_smartaccounts.services import Services, priority_of


@contextmanager
def open_services(
    request: RunRequest | ReconcileRequest | AuditRequest | UndoRequest, staging: Engine | None = None
) -> Iterator[Services]:
    """Both clients, the staging database (that of the company's connection, unless it is given) and the request budget
    of one run, for the length of one task."""
    from scoro_smartaccounts.budget import Budget
    from scoro_smartaccounts.orchestration.hooks import ScoroHook, SmartAccountsHook

    company = request.company
    engine = staging_engine(company) if staging is None else staging
    try:
        smartaccounts = SmartAccountsHook(company.connections.smartaccounts)
        budget = Budget(
            engine, company.key, request.run_key, priority_of(request), utc_now, limits=smartaccounts.limits
        )
        yield Services(
            engine=engine,
            budget=budget,
            scoro=ScoroHook(company.connections.scoro).get_conn(),
            smartaccounts=smartaccounts.get_conn(budget.reserve, budget.pause_after_refusal),
            clock=utc_now,
            output_folder=output_folder() / company.key,
            pages_folder=pages_folder() / company.key,
            check_watched=parent_check(),
        )
    finally:
        engine.dispose()


@contextmanager
def opened_run(company: Company, flow: Flow) -> Iterator[tuple[RunRequest, Services]]:
    """Give what the running task's DAG run is to do, and what it works with."""
    from scoro_smartaccounts.staging.days_to_import import proposed_days, takes_the_proposal

    request = current_request(company, flow)
    with open_services(request) as services:
        if takes_the_proposal(request):
            with services.engine.begin() as connection:
                days = proposed_days(connection, request, tallinn_day(services.clock()))
            request = replace(request, date_from=days.first, date_to=days.last)
        yield request, services


def staging_engine(company: Company, *, patience: int | None = None) -> Engine:
    """Return an engine of the company's staging database, whose sessions are called after the running task. `patience`:
    so many seconds a connection is waited for, where it is not the database's own time."""
    from scoro_smartaccounts.staging.database import make_engine

    url = make_url(staging_url(company.connections.staging))
    if patience is not None:
        url = url.update_query_dict({"connect_timeout": str(patience)})
    try:
        context: Mapping[str, Any] = get_current_context()
    except RuntimeError:
        return make_engine(url)
    return make_engine(url, name=session_name(context))


def session_name(context: Mapping[str, Any]) -> str:
    """Return what PostgreSQL calls a task's sessions: task, DAG, moment of the run to the minute; mostly in 63
    bytes."""
    ti = context["ti"]
    moment = ti.run_id.partition("__")[2] or ti.run_id
    return f"{ti.task_id} {ti.dag_id} {moment[:16]}"


def staging_url(conn_id: str, find: Callable[[str], Any] = BaseHook.get_connection) -> str:
    """Return the address of the staging database; the connection's extra fields are libpq's own settings. `find`: as in
    `connection_of_type`."""
    from scoro_smartaccounts.orchestration.hooks import connection_of_type

    connection = connection_of_type(conn_id, "postgres", find)
    url = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host or None,
        port=connection.port,
        database=connection.schema or "staging",
        query={name: str(value) for name, value in connection.extra_dejson.items()},
    )
    return url.render_as_string(hide_password=False)


def output_folder() -> Path | ObjectStoragePath:
    """Where files for people go: what the variable names, else `output` in Airflow's home.

    It may name a folder, or the address of one in any store that Airflow knows (`s3://connection@bucket/folder`).
    Raises ConfigurationError where Airflow knows no such store.
    """
    named = named_output()
    if (folder := folder_of_this_machine(named)) is not None:
        return folder
    try:
        return ObjectStoragePath(named)
    except (ImportError, ValueError):
        kind = named.partition("://")[0]
        raise ConfigurationError(
            f"{OUTPUT_VARIABLE} names a store of the kind {kind}://, which is not known here: install its provider"
        ) from None


def pages_folder() -> Path:
    """Where pages go that need a folder on this machine: the output folder where it is one."""
    folder = output_folder()
    return folder if isinstance(folder, Path) else home_output()
