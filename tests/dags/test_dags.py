"""The DAGs as Airflow reads them: structure, schedule, parameters, retries, connection types."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime
from airflow.timetables.base import DagRunInfo, TimeRestriction

from scoro_smartaccounts.errors import (
    BudgetExhausted,
    ConfigurationError,
    LoadStopped,
    RequestRefused,
    TransientError,
)
from scoro_smartaccounts.orchestration.params import days_of
from scoro_smartaccounts.orchestration.retries import RetryByMeaning, waits_for_budget
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable
from tests.dags.conftest import ROOT

STEPS = ["extract_documents", "check_quality", "reconcile_and_plan", "load_documents", "summarize_run"]
TALLINN = ZoneInfo("Europe/Tallinn")


@pytest.fixture
def two_companies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    content = yaml.safe_load((ROOT / "include/companies/default.yaml").read_text("utf-8"))
    (tmp_path / "default.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    content["connections"] = {"scoro": "scoro_acme", "smartaccounts": "smartaccounts_acme"}
    content["notifications"] = {"to": ["books@acme.example"]}
    (tmp_path / "acme.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    monkeypatch.setenv("SCORO_SMARTACCOUNTS_COMPANIES", str(tmp_path))
    return tmp_path


def read_dags() -> Any:
    bag = DagBag(str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag


def test_every_company_file_is_a_dag_of_five_steps_in_a_row(two_companies: Path) -> None:
    bag = read_dags()
    assert sorted(bag.dags) == ["import_sales_invoices", "import_sales_invoices__acme"]
    for dag in bag.dags.values():
        assert [task.task_id for task in dag.topological_sort()] == STEPS
        for task, following in pairwise(STEPS):
            assert dag.get_task(task).downstream_task_ids == {following}
        assert dag.get_task("summarize_run").trigger_rule == "all_done"
        assert dag.doc_md.strip().startswith("###")
        assert {"scoro", "smartaccounts"} <= set(dag.tags)
        assert dag.catchup is False
        for task in dag.tasks:
            assert task.execution_timeout is not None
            assert task.retries >= 1
            assert isinstance(task.retry_policy, RetryPolicy)
    assert not bag.dags["import_sales_invoices"].on_failure_callback
    assert bag.dags["import_sales_invoices__acme"].on_failure_callback


def test_reading_the_dags_twice_makes_no_new_version(two_companies: Path) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    first, second = (
        {dag_id: DagSerialization.to_dict(dag) for dag_id, dag in read_dags().dags.items()} for _ in range(2)
    )
    assert first == second


def test_reading_the_dags_loads_nothing_heavy() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'dags')!r}); import import_sales_invoices;"
        "print([name for name in ('great_expectations', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_plugins_holds_registration_only() -> None:
    assert [path.name for path in (ROOT / "plugins").glob("*.py")] == ["scoro_smartaccounts_plugin.py"]


def intervals(earliest: datetime, latest: datetime) -> list[tuple[datetime, datetime]]:
    """What Airflow makes of a backfill between two moments, in its own way of going through a timetable."""
    timetable, found = TallinnDayTimetable(), []
    info: DagRunInfo | None = None
    restriction = TimeRestriction(pendulum.instance(earliest), pendulum.instance(latest), catchup=True)
    while (info := timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=restriction)) is not None:
        assert info.data_interval is not None
        found.append((info.data_interval.start, info.data_interval.end))
    return found


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/New_York", "Europe/Tallinn"])
@pytest.mark.parametrize("last_moment", [False, True], ids=["midnight", "last moment"])
def test_a_backfill_of_ten_days_is_ten_tallinn_days_from_any_browser(zone: str, last_moment: bool) -> None:
    here = ZoneInfo(zone)
    latest = datetime(2026, 1, 10, tzinfo=here)
    if last_moment:
        latest = latest.replace(hour=23, minute=59, second=59, microsecond=999000)
    days = intervals(datetime(2026, 1, 1, tzinfo=here), latest)
    assert [start.astimezone(TALLINN).date() for start, _ in days] == [date(2026, 1, n) for n in range(1, 11)]
    assert all(start.astimezone(TALLINN).hour == 0 for start, _ in days)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)])
def test_days_of_the_clock_changes_are_whole(day: date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=TALLINN)
    ((start, end),) = intervals(midnight, midnight)
    assert (start.astimezone(UTC), end.astimezone(UTC) - start.astimezone(UTC)) == (
        midnight.astimezone(UTC),
        timedelta(hours=hours),
    )


def test_explicit_days_need_both_ends_in_order() -> None:
    assert days_of(None, None) is None
    assert days_of("", "") is None
    assert days_of("2026-01-01", "2026-01-10") == (date(2026, 1, 1), date(2026, 1, 10))
    for first, last, words in (
        ("2026-01-01", None, "both"),
        ("2026-01-10", "2026-01-01", "after"),
        ("01.01.2026", "2026-01-02", "like 2026-01-31"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            days_of(first, last)


@pytest.mark.parametrize(
    ("error", "action", "delay"),
    [
        (ConfigurationError("x"), RetryAction.FAIL, None),
        (RequestRefused("x", status=400), RetryAction.FAIL, None),
        (LoadStopped("x"), RetryAction.FAIL, None),
        (TransientError("x", retry_after=120), RetryAction.RETRY, timedelta(minutes=2)),
        (TransientError("x"), RetryAction.DEFAULT, None),
        (RuntimeError("x"), RetryAction.DEFAULT, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_are_retried_by_their_meaning(error: Exception, action: RetryAction, delay: timedelta | None) -> None:
    decision = RetryByMeaning().evaluate(error, 1, 3)
    assert (decision.action, decision.retry_delay) == (action, delay)


def test_a_spent_budget_gives_the_worker_back() -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    until = datetime(2026, 1, 2, tzinfo=UTC)

    @waits_for_budget
    def spend() -> None:
        raise BudgetExhausted("nothing left", until=until)

    with pytest.raises(AirflowRescheduleException) as caught:
        spend()
    assert caught.value.reschedule_date == until


def test_both_connection_types_are_known_to_airflow() -> None:
    manager = ProvidersManagerTaskRuntime()
    assert {"scoro", "smartaccounts"} <= set(manager.hooks)
    for kind in ("scoro", "smartaccounts"):
        hook = manager.hooks[kind]
        assert hook is not None
        assert hook.connection_testable
