"""Room orchestration. The DAGs as Airflow reads them: structure, schedule, parameters, retries, connection types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.plugins_manager import get_import_errors, get_plugin_info
from airflow.sdk import Asset, AssetAlias, RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowRescheduleException
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.budget import Priority
from scoro_smartaccounts.common.company import DefaultMode, Mode, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import (
    ConfigurationError,
    LoadStopped,
    RequestRefused,
    StillInDoubt,
    TransientError,
)
from scoro_smartaccounts.orchestration import approval, outcome, steps
from scoro_smartaccounts.orchestration.access import ASKING
from scoro_smartaccounts.orchestration.params import current_request, days_of
from scoro_smartaccounts.orchestration.retries import RetryByMeaning
from scoro_smartaccounts.orchestration.services import session_name
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable
from scoro_smartaccounts.services import priority_of
from tests.dags.conftest import ROOT

IMPORT_STEPS = ["extract_documents", "check_quality", "reconcile_and_plan", "load_documents", "summarize_run"]
EXPORT_STEPS = ["read_payments", "check_quality", "plan_receipts", "send_receipts", "summarize_run"]
EXPORT = Flow.EXPORT_PAYMENTS.dag_id
IMPORTS = [flow.dag_id for flow in Flow if flow is not Flow.EXPORT_PAYMENTS]
TALLINN = ZoneInfo("Europe/Tallinn")
FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
# What the company file that ships gives the roles that ship.
DEFAULT_ACCESS = {"Accountant": {"DAGs": ["can_read", "can_edit"]}, "Bookkeeper viewer": {"DAGs": ["can_read"]}}


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


def flows() -> dict[str, Any]:
    """The DAGs of the flows of two companies."""
    dags = read_dags().dags
    return {dag_id: dags[dag_id] for dag_id in (f"{flow.dag_id}{end}" for flow in Flow for end in ("", "__acme"))}


def as_scheduled(dag: Any) -> Any:
    """The DAG as the scheduler sees it."""
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def test_every_flow_of_every_company_is_a_dag_of_five_steps_in_a_row(two_companies: Path) -> None:
    for dag_id, dag in flows().items():
        steps = EXPORT_STEPS if dag_id.startswith(EXPORT) else IMPORT_STEPS
        assert [task.task_id for task in dag.topological_sort()] == steps
        for task, following in pairwise(steps):
            assert dag.get_task(task).downstream_task_ids == {following}
        assert dag.get_task("summarize_run").trigger_rule == "all_done"
        assert dag.doc_md.strip().startswith("###")
        assert all(f"`{step}`" in dag.doc_md for step in steps)
        assert {"scoro", "smartaccounts"} <= set(dag.tags)
        assert dag.catchup is False
        assert list(dag.params) == ["date_from", "date_to", "mode"]
        for task in dag.tasks:
            # Only what goes round in circles is bounded by time: a first import may take hours.
            assert task.execution_timeout == timedelta(hours=24)
            assert task.retries >= 1
            assert isinstance(task.retry_policy, RetryPolicy)
        assert bool(dag.on_failure_callback) == dag_id.endswith("__acme")


def test_a_dag_is_named_as_its_file() -> None:
    others = {dag_id for dag_id in read_dags().dags if "__" not in dag_id}
    # Who is told of nothing has no need to be watched.
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} == {*others, "watch_runs"}


def test_watched_are_companies_that_have_somebody_to_tell(two_companies: Path) -> None:
    assert {dag_id for dag_id in read_dags().dags if dag_id.startswith("watch")} == {"watch_runs__acme"}


def test_every_dag_updates_an_asset_of_its_own(two_companies: Path) -> None:
    found = {
        dag_id: (asset.group, asset.name)
        for dag_id, dag in flows().items()
        for asset in dag.get_task("summarize_run").outlets
        if isinstance(asset, Asset)
    }
    assert len(set(found.values())) == len(found) == 8
    assert found["import_payments"] == ("smartaccounts", "smartaccounts_payments")
    assert found["export_payments__acme"] == ("scoro", "scoro_receipts__acme")


def test_the_accountant_is_asked_by_a_dag_of_its_own_that_blocks_no_other(two_companies: Path) -> None:
    dags = read_dags().dags
    for suffix in ("", "__acme"):
        dag = dags[f"approve_plans{suffix}"]
        steps = ["ask_accountant", "load_approved", "summarize_run"]
        assert [task.task_id for task in dag.topological_sort()] == steps
        assert all(f"`{step}`" in dag.doc_md for step in steps)
        assert (dag.max_active_runs, dag.catchup) == (16, False)
        asked_by = {asset.name for _, asset in as_scheduled(dag).timetable.asset_condition.iter_assets()}
        assert asked_by == {f"plans_{flow}{suffix}" for flow in ("sales_invoices", "purchase_invoices", "payments")}
        question = dag.get_task("ask_accountant")
        assert question.options == ["Approve", "Reject"]
        # Nothing answers by itself.
        assert question.defaults is None
        tells = dag.get_task("summarize_run")
        assert bool(tells.on_success_callback) == bool(tells.on_failure_callback) == (suffix == "__acme")
        assert dag.get_task("summarize_run").trigger_rule == "all_done"


def test_the_audit_of_every_company_is_five_steps_each_morning(two_companies: Path) -> None:
    dags = read_dags().dags
    audit_steps = ["read_scoro", "read_books", "write_totals", "write_report", "hunt_difference"]
    for dag_id in ("audit_books", "audit_books__acme"):
        dag = dags[dag_id]
        # Each side is looked at whatever the other one answers; a report is written whatever was found, and before the
        # hours that a hunt may take.
        assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {
            "read_scoro": set(),
            "read_books": set(),
            "write_totals": {"read_scoro", "read_books"},
            "write_report": {"write_totals"},
            "hunt_difference": {"write_report"},
        }
        assert [dag.get_task(name).trigger_rule for name in audit_steps[2:]] == ["all_done"] * 3
        assert all(f"`{step}`" in dag.doc_md for step in audit_steps)
        assert (dag.max_active_runs, dag.catchup, list(dag.params)) == (1, False, [])
        assert all(isinstance(task.retry_policy, RetryPolicy) and task.execution_timeout for task in dag.tasks)
        summer = pendulum.datetime(2026, 7, 1, tz="Europe/Tallinn")
        following_run = as_scheduled(dag).timetable.next_dagrun_info_v2(
            last_dagrun_info=None,
            restriction=TimeRestriction(earliest=summer, latest=None, catchup=True),
        )
        assert following_run.run_after.astimezone(TALLINN).hour == 5
        mails = dag.get_task("write_report").on_success_callback
        assert bool(mails) == bool(dag.on_failure_callback) == dag_id.endswith("__acme")


def test_nothing_but_a_person_starts_the_undo(two_companies: Path) -> None:
    dags = read_dags().dags
    for dag_id in ("undo_import", "undo_import__acme"):
        dag = dags[dag_id]
        [task] = dag.tasks
        assert (task.task_id, dag.max_active_runs, list(dag.params)) == ("undo_approved", 1, [])
        assert as_scheduled(dag).timetable.summary == "None"
        assert f"`{task.task_id}`" in dag.doc_md
        assert isinstance(task.retry_policy, RetryPolicy)
        assert task.execution_timeout
        assert bool(dag.on_failure_callback) == dag_id.endswith("__acme")


def test_only_imports_may_ask(two_companies: Path) -> None:
    for dag_id, dag in flows().items():
        modes = dag.params.get_param("mode").schema["enum"]
        aliases = [alias.name for alias in dag.get_task("summarize_run").outlets if isinstance(alias, AssetAlias)]
        assert ("approve" in modes, len(aliases)) == ((False, 0) if dag_id.startswith(EXPORT) else (True, 1))


def test_imports_are_daily_and_the_export_is_hourly(two_companies: Path) -> None:
    dags = {dag_id: as_scheduled(dag) for dag_id, dag in read_dags().dags.items()}
    assert {dag_id: dags[dag_id].timetable.summary for dag_id in IMPORTS} == {
        "import_sales_invoices": "daily, Tallinn",
        "import_purchase_invoices": "daily, Tallinn",
        "import_payments": "daily at 01:00, Tallinn",
    }
    assert dags["import_payments"].timetable.description.endswith("60 minutes after the midnight that ends it")
    assert all(dags[dag_id].allowed_run_types is None for dag_id in IMPORTS)
    export = dags[EXPORT]
    assert (export.timetable.summary, export.max_active_runs) == ("0 * * * *", 1)
    assert "backfill" not in export.allowed_run_types


def test_reading_the_dags_twice_makes_no_new_version(two_companies: Path) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    first, second = (
        {dag_id: DagSerialization.to_dict(dag) for dag_id, dag in read_dags().dags.items()} for _ in range(2)
    )
    assert first == second


def test_a_worker_reads_one_company_file_and_defines_the_dag_that_it_runs(
    two_companies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    everything = read_dags().dags
    for dag_id in everything:
        other = two_companies / ("acme.yaml" if "__" not in dag_id else "default.yaml")
        written = other.read_text(encoding="utf-8")
        other.write_text("not a company file", encoding="utf-8")
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", dag_id)
        found = read_dags()
        assert (list(found.dags), found.import_errors) == ([dag_id], {})
        assert DagSerialization.to_dict(found.dags[dag_id]) == DagSerialization.to_dict(everything[dag_id])
        other.write_text(written, encoding="utf-8")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "import_payments__gone")
    assert read_dags().dags == {}


@pytest.mark.parametrize("side", ["scoro", "smartaccounts"])
def test_a_worker_does_not_run_a_company_whose_connection_another_one_took(
    two_companies: Path, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    other = two_companies / "acme.yaml"
    other.write_text(other.read_text("utf-8").replace(f"{side}_acme", f"{side}_default"), "utf-8")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "import_payments")
    bag = DagBag(str(ROOT / "dags"))
    assert bag.dags == {}
    assert any(f"{side}_default belongs to" in problem for problem in bag.import_errors.values())


def test_the_plugin_comes_once_and_with_the_package() -> None:
    assert [*(ROOT / "plugins").glob("*.py")] == []
    names = [plugin["name"] for plugin in get_plugin_info()]
    assert names.count("scoro_smartaccounts") == 1
    assert not [name for name in get_import_errors() if "scoro" in name]


def test_one_file_brings_every_dag(two_companies: Path, tmp_path: Path) -> None:
    file = tmp_path / "ours.py"
    file.write_text("# For Airflow.\nfrom scoro_smartaccounts.dags import define_dags\n\ndefine_dags()\n", "utf-8")
    bag = DagBag(str(file))
    assert bag.import_errors == {}
    assert bag.dags.keys() == read_dags().dags.keys()


def infos(timetable: Timetable, earliest: datetime, latest: datetime) -> Iterator[DagRunInfo]:
    """What Airflow makes of a backfill between two moments, in its own way of going through a timetable."""
    info: DagRunInfo | None = None
    restriction = TimeRestriction(pendulum.instance(earliest), pendulum.instance(latest), catchup=True)
    while (info := timetable.next_dagrun_info_v2(last_dagrun_info=info, restriction=restriction)) is not None:
        yield info


def intervals(
    earliest: datetime, latest: datetime, timetable: Timetable | None = None
) -> list[tuple[datetime, datetime]]:
    """The data intervals of a backfill."""
    found = [info.data_interval for info in infos(timetable or TallinnDayTimetable(), earliest, latest)]
    return [(interval.start, interval.end) for interval in found if interval is not None]


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


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 1)])
def test_a_later_start_leaves_the_days_as_they_are(day: date) -> None:
    later = TallinnDayTimetable.deserialize(TallinnDayTimetable(timedelta(hours=1)).serialize())
    midnight = datetime(day.year, day.month, day.day, tzinfo=TALLINN)
    assert intervals(midnight, midnight + timedelta(days=2), later) == intervals(midnight, midnight + timedelta(days=2))
    (info,) = infos(later, midnight, midnight)
    assert info.data_interval is not None
    assert info.run_after - info.data_interval.end == timedelta(hours=1)
    assert info.run_after.astimezone(TALLINN).hour == 1
    assert TallinnDayTimetable.deserialize(TallinnDayTimetable().serialize()).summary == "daily, Tallinn"


@pytest.mark.parametrize(("now", "ran", "day"), [("00:30", None, 9), ("00:30", 8, 9), ("01:30", 9, 10)])
def test_a_later_start_skips_no_day(now: str, ran: int | None, day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the scheduler asks on 10 January: before the hour is over, the day that ended is still to come."""
    monkeypatch.setattr("airflow.timetables.interval.utcnow", lambda: pendulum.parse(f"2026-01-10T{now}+02:00"))
    last = ran and pendulum.datetime(2026, 1, ran, tz="Europe/Tallinn")
    info = TallinnDayTimetable(timedelta(hours=1)).next_dagrun_info(
        last_automated_data_interval=DataInterval(last, last.add(days=1)) if last else None,
        restriction=TimeRestriction(pendulum.datetime(2026, 1, 1, tz="Europe/Tallinn"), None, catchup=False),
    )
    assert info is not None
    assert info.data_interval is not None
    assert info.data_interval.start == pendulum.datetime(2026, 1, day, tz="Europe/Tallinn")
    assert info.run_after == pendulum.datetime(2026, 1, day + 1, 1, tz="Europe/Tallinn")


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)])
def test_the_export_has_every_hour_of_a_day_once(day: date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=TALLINN)
    last = midnight.replace(hour=23)
    found = intervals(midnight, last, as_scheduled(read_dags().dags[EXPORT]).timetable)
    assert len(found) == hours
    assert all((end - start) == timedelta(hours=1) for start, end in found)
    assert all(end == start for (_, end), (start, _) in pairwise(found))


def ran(dag_id: str, kind: str, **values: Any) -> Any:
    """What `current_request` reads of a run."""
    at = pendulum.datetime(2026, 1, 10, 22, 30)  # 11 January, 00:30 in Tallinn
    run = {"run_type": SimpleNamespace(value=kind), "dag_id": dag_id, "run_id": "1", "run_after": at}
    return SimpleNamespace(**{**run, "data_interval_start": None, "data_interval_end": None, **values})


@pytest.mark.parametrize(
    ("flow", "kind", "params", "hour", "days", "is_range", "mode"),
    [
        (Flow.PAYMENTS, "manual", {}, None, ("2026-01-10", "2026-01-10"), False, Mode.PREVIEW),
        (Flow.PAYMENTS, "manual", {"mode": "approve"}, None, ("2026-01-10", "2026-01-10"), False, Mode.APPROVE),
        (Flow.EXPORT_PAYMENTS, "manual", {}, None, ("2026-01-10", "2026-01-11"), False, Mode.IMPORT),
        (Flow.EXPORT_PAYMENTS, "scheduled", {}, 21, ("2026-01-10", "2026-01-10"), False, Mode.IMPORT),
        (Flow.EXPORT_PAYMENTS, "scheduled", {}, 22, ("2026-01-11", "2026-01-11"), False, Mode.IMPORT),
        (Flow.EXPORT_PAYMENTS, "manual", {"mode": "preview"}, 22, ("2026-01-11", "2026-01-11"), False, Mode.PREVIEW),
        (
            Flow.EXPORT_PAYMENTS,
            "manual",
            {"date_from": "2026-01-02", "date_to": "2026-01-04"},
            22,
            ("2026-01-02", "2026-01-04"),
            True,
            Mode.IMPORT,
        ),
    ],
)
def test_a_run_is_what_interval_and_parameters_say(
    flow: Flow,
    kind: str,
    params: dict[str, str],
    hour: int | None,
    days: tuple[str, str],
    is_range: bool,
    mode: Mode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = hour and pendulum.datetime(2026, 1, 10, hour)
    run = ran(flow.dag_id, kind, data_interval_start=start, data_interval_end=start and start.add(hours=1))
    context = {"dag_run": run, "params": {"date_from": None, "date_to": None, "mode": None, **params}}
    monkeypatch.setattr("scoro_smartaccounts.orchestration.params.get_current_context", lambda: context)
    company = load_company(ROOT / "include/companies/default.yaml")
    request = current_request(company.model_copy(update={"mode": DefaultMode(strongest=Mode.APPROVE)}), flow)
    assert (request.date_from.isoformat(), request.date_to.isoformat()) == days
    assert (request.is_range, request.mode) == (is_range, mode)
    assert (priority_of(request) is Priority.EXPORT) == (flow is Flow.EXPORT_PAYMENTS)


@pytest.mark.parametrize(
    ("file", "kind", "asked", "mode"),
    [
        # What the file says of a run by hand nobody overrules; where it says nothing, what it says of runs.
        ({}, "manual", "import", None),
        ({}, "manual", "approve", None),
        ({}, "backfill", "import", None),
        ({}, "asset_triggered", "import", None),
        ({"manual": "approve"}, "manual", "import", None),
        ({"manual": "approve"}, "manual", "approve", Mode.APPROVE),
        ({"manual": "approve"}, "manual", "preview", Mode.PREVIEW),
        ({"scheduled": "import"}, "manual", "import", Mode.IMPORT),
        ({"scheduled": "import"}, "manual", None, Mode.PREVIEW),
        ({"scheduled": "import", "strongest": "approve"}, "manual", "import", None),
        ({"scheduled": "import", "strongest": "approve"}, "scheduled", None, Mode.IMPORT),
        ({"scheduled": "import", "strongest": "approve"}, "backfill", None, None),
        ({"scheduled": "import", "strongest": "approve"}, "backfill", "approve", Mode.APPROVE),
        ({"scheduled": "approve", "strongest": "preview"}, "scheduled", "import", None),
        ({"strongest": "import"}, "manual", "import", Mode.IMPORT),
    ],
)
def test_no_run_is_stronger_than_the_company_file_lets_it_be(
    file: dict[str, str], kind: str, asked: str | None, mode: Mode | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = {"dag_run": ran("any", kind), "params": {"date_from": None, "date_to": None, "mode": asked}}
    monkeypatch.setattr("scoro_smartaccounts.orchestration.params.get_current_context", lambda: context)
    company = load_company(ROOT / "include/companies/default.yaml")
    company = company.model_copy(update={"mode": DefaultMode.model_validate(file)})
    if mode is not None:
        assert current_request(company, Flow.SALES_INVOICES).mode is mode
        return
    with pytest.raises(ConfigurationError, match=r"changes mode\.strongest in default\.yaml"):
        current_request(company, Flow.SALES_INVOICES)


def test_the_form_says_which_modes_are_refused(two_companies: Path) -> None:
    content = yaml.safe_load((two_companies / "acme.yaml").read_text("utf-8"))
    content["mode"] = {"strongest": "approve"}
    (two_companies / "acme.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    param = read_dags().dags["import_payments__acme"].params.get_param("mode")
    titles = {"import": "import (refused)", "approve": "approve", "preview": "preview"}
    assert param.schema["values_display"] == {"null": "as the company file says", **titles}
    assert "mode.strongest in acme.yaml" in param.description


@pytest.mark.filterwarnings("error:The airflow.security.permissions")
def test_access_to_a_companys_dags_is_what_its_file_says(two_companies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {dag.access_control for dag in read_dags().dags.values()} == {None}
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", FAB)
    content = yaml.safe_load((two_companies / "acme.yaml").read_text("utf-8"))
    content["access"] = {"see": ["Auditor"], "run": ["Acme"]}
    content["approval"] = {"roles": ["Head"], "users": ["mari", "7"]}
    (two_companies / "acme.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    see, run = {"DAGs": ["can_read"]}, {"DAGs": ["can_read", "can_edit"]}
    for dag_id, dag in read_dags().dags.items():
        asks = dag_id.startswith((*ASKING,))
        if not dag_id.endswith("__acme"):
            assert dag.access_control == DEFAULT_ACCESS
        else:
            assert dag.access_control == {"Auditor": see, "Acme": run, "Head": run if asks else see}
    for dag_id, task_id in (("approve_plans", "ask_accountant"), ("reconcile_ids", "ask_about_likely")):
        dags = read_dags().dags
        assert dags[dag_id].get_task(task_id).assigned_users is None
        # Neither a role nor a name of digits is the id of a user.
        assert dags[f"{dag_id}__acme"].get_task(task_id).assigned_users == [
            {"id": "mari", "name": "mari"},
            {"id": "user:7", "name": "7"},
            {"id": "role:Head", "name": "role Head"},
        ]


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


def test_a_run_that_did_not_finish_tells_state_and_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed tells nothing itself. What comes after the summary is still to come."""
    steps = ["extract", "load", "summarize_run", "later"]
    states = {"extract": "success", "load": "failed", "summarize_run": "running", "later": None}
    before = SimpleNamespace(get_flat_relative_ids=lambda *, upstream: {*steps[:2]})
    kept = {"extract": 1, "load": 4}
    ti = SimpleNamespace(
        task_id="summarize_run",
        try_number=3,
        get_task_states=lambda dag_id, run_ids: {run_ids[0]: states},
        xcom_pull=lambda task_ids, key: kept.get(task_ids),
        xcom_push=lambda key, value: kept.update(pushed=value),
    )
    run = SimpleNamespace(dag_id="d", run_id="r")
    context = {"ti": ti, "dag_run": run, "dag": SimpleNamespace(task_ids=steps), "task": before}
    monkeypatch.setattr(outcome, "get_current_context", lambda: context)
    assert outcome.unfinished_steps() == {"load": "failed in try 4"}
    told = str(outcome.did_not_finish(outcome.unfinished_steps()))
    assert "load (failed in try 4)" in told
    assert "ends without an error" in told
    outcome.note_try()
    assert kept["pushed"] == 3


def test_sessions_of_the_staging_database_are_called_after_their_task() -> None:
    for run_id in ("scheduled__2026-01-10T22:00:00+00:00", "manual__2026-01-10T22:00:01.123456+00:00_AbC"):
        ti = SimpleNamespace(task_id="reconcile_and_plan", dag_id="import_purchase_invoices", run_id=run_id)
        name = session_name({"ti": ti})
        assert name == "reconcile_and_plan import_purchase_invoices 2026-01-10T22:00"
        assert len(name) < 64


def test_a_load_that_is_still_in_doubt_is_put_off_and_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The load task of every flow, and that of approved plans."""
    until = datetime.now(UTC) + timedelta(minutes=21)
    request = SimpleNamespace(flow=Flow.SALES_INVOICES)

    def opened(*_: object, **__: object) -> Iterator[tuple[Any, None]]:
        yield request, None

    def doubt(*_: object) -> None:
        raise StillInDoubt("a document is in doubt", until=until)

    for module in (steps, approval):
        monkeypatch.setattr(module, "note_try", lambda: None)
    monkeypatch.setattr(steps, "opened_run", contextmanager(opened))
    monkeypatch.setattr(approval, "_releases", opened)
    monkeypatch.setattr("scoro_smartaccounts.approval.release.release_approved", lambda *_: {"in_doubt": 1})
    monkeypatch.setattr(pipeline, "load", lambda *_: {"in_doubt": 1})
    monkeypatch.setattr("scoro_smartaccounts.outbox.doubt.put_off_what_is_in_doubt", doubt)
    dags = read_dags().dags
    for dag_id, task_id in {
        **dict.fromkeys(IMPORTS, "load_documents"),
        EXPORT: "send_receipts",
        "approve_plans": "load_approved",
    }.items():
        with pytest.raises(AirflowRescheduleException) as caught:
            dags[dag_id].get_task(task_id).python_callable()
        assert caught.value.reschedule_date == until


def test_both_connection_types_are_known_to_airflow() -> None:
    manager: Any = ProvidersManagerTaskRuntime()  # type: ignore[no-untyped-call]
    assert {"scoro", "smartaccounts"} <= set(manager.hooks)
    for kind in ("scoro", "smartaccounts"):
        hook = manager.hooks[kind]
        assert hook is not None
        assert hook.connection_testable
