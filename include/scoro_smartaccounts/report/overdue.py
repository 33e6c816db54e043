"""What should have happened by now and did not: runs by the schedule that did not start, and records whose sending has
been in doubt for long. Asks no service, and not Airflow either: a DAG that is asleep shows in neither."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.staging.audit_nights import newest_night
from scoro_smartaccounts.staging.intents import count_in_doubt
from scoro_smartaccounts.staging.notices import Notice
from scoro_smartaccounts.staging.runs import newest_scheduled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company

# Imports begin at midnight and an hour later, the audit at five; a machine that is full starts them late.
_STARTED_BY = time(6)
_AUDITED_BY = time(9)
# The export begins every hour.
_EXPORTED_WITHIN = timedelta(hours=3)
# Who does not run a DAG for so long does not want it to run.
_MEANT_TO_RUN = timedelta(days=7)
_IN_DOUBT = timedelta(hours=1)

AUDIT = "audit_books"


def overdue(connection: Connection, company: Company, now: datetime) -> Iterator[Notice]:
    """Yield what somebody should look at."""
    for dag_id, last in _not_started(connection, company, now):
        path = f"/dags/{dag_id}{company.dag_suffix}"
        yield Notice("not_started", f"{dag_id}{company.dag_suffix}", {"last": last}, path)
    in_doubt = count_in_doubt(connection, company.key, now - _IN_DOUBT)
    if in_doubt:
        yield Notice("in_doubt", "records", {"number": sum(in_doubt.values())})


def _not_started(connection: Connection, company: Company, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield DAGs whose run is missing, and of when their last one was."""
    here = now.astimezone(TALLINN)
    yesterday = here.date() - timedelta(days=1)
    for flow, newest in newest_scheduled(connection, company.key).items():
        is_meant = now - newest.started_at < _MEANT_TO_RUN
        if flow in INTO_THE_BOOKS and is_meant and here.time() >= _STARTED_BY and newest.last_day < yesterday:
            yield flow.dag_id, f"{newest.last_day:%d.%m.%Y}"
        if flow is Flow.EXPORT_PAYMENTS and is_meant and now - newest.started_at > _EXPORTED_WITHIN:
            yield flow.dag_id, f"{newest.started_at.astimezone(TALLINN):%d.%m.%Y %H:%M}"
    last = newest_night(connection, company.key)
    if last and here.time() >= _AUDITED_BY and _MEANT_TO_RUN > here.date() - last.night > timedelta(0):
        yield AUDIT, f"{last.night:%d.%m.%Y}"
