"""The demo. `run` works on real services or on the simulators, never on one of each, and on the company of its DAG."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.common.company import FOLDER_VARIABLE, Company, PaymentPolicy, load_companies
from scoro_smartaccounts.orchestration.params import PREFIX
from scoro_smartaccounts_demo import by_hand, runs, standing, tour
from scoro_smartaccounts_demo.__main__ import main
from scoro_smartaccounts_demo.by_hand import Asked, conf_of
from scoro_smartaccounts_demo.layout import Layout
from scoro_smartaccounts_demo.processes import DemoError
from scoro_smartaccounts_demo.target import Variables, company_of, is_simulated

DEFAULT_FILE = Path(__file__).parents[3] / "include" / "companies" / "default.yaml"
SCORO, SMARTACCOUNTS, STAGING = (f"AIRFLOW_CONN_{name}_DEFAULT" for name in ("SCORO", "SMARTACCOUNTS", "STAGING"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Company files: the project's own, and acme's, whose connections have names of their own."""
    text = DEFAULT_FILE.read_text("utf-8")
    (tmp_path / "default.yaml").write_text(text, "utf-8")
    acme = text.replace("scoro: scoro_default", "scoro: acme_scoro").replace("_default\n", "_acme\n")
    (tmp_path / "acme.yaml").write_text(acme, "utf-8")
    return tmp_path


@pytest.fixture
def companies(folder: Path) -> list[Company]:
    return load_companies(folder)


@pytest.fixture
def default(companies: list[Company]) -> Company:
    return company_of("import_sales_invoices", companies)


@pytest.fixture
def acme(companies: list[Company]) -> Company:
    return company_of("import_sales_invoices__acme", companies)


def test_the_dag_tells_the_company_and_its_file_the_variables(default: Company, acme: Company) -> None:
    assert Variables.of(default).all == (SCORO, SMARTACCOUNTS, STAGING)
    assert acme.key == "acme"
    assert Variables.of(acme) == Variables(
        "AIRFLOW_CONN_ACME_SCORO", "AIRFLOW_CONN_SMARTACCOUNTS_ACME", "AIRFLOW_CONN_STAGING_ACME"
    )


@pytest.mark.parametrize(
    ("dag_id", "told"),
    [
        ("import_sales_invoices__nobody", "nobody.yaml"),
        ("import_sales_invoices__default", "no DAG import_sales_invoices__default"),
        ("import_everything", "there are: import_sales_invoices__acme, import_purchase_invoices__acme, import_pay"),
    ],
)
def test_an_unknown_dag_or_company_is_told_at_once(companies: list[Company], dag_id: str, told: str) -> None:
    with pytest.raises(DemoError, match=told):
        company_of(dag_id, companies)


def test_several_accounts_of_scoro_may_be_one_of_smartaccounts() -> None:
    PaymentPolicy(accounts=[{"scoro": "Pank", "bank": "LHV"}, {"scoro": "Kaart", "bank": "LHV"}])
    with pytest.raises(ValueError, match="scoro account Pank stands twice"):
        PaymentPolicy(accounts=[{"scoro": "Pank", "bank": "LHV"}, {"scoro": "Pank", "bank": "SEB"}])


def test_without_connections_the_default_company_is_simulated(default: Company) -> None:
    assert is_simulated(default, [])
    with pytest.raises(DemoError, match=STAGING):
        is_simulated(default, [STAGING])


def test_both_services_given_are_taken(default: Company, acme: Company) -> None:
    assert not is_simulated(default, [SCORO, SMARTACCOUNTS])
    assert not is_simulated(acme, Variables.of(acme).services)


@pytest.mark.parametrize(("given", "missing"), [(SCORO, SMARTACCOUNTS), (SMARTACCOUNTS, SCORO)])
def test_a_simulator_never_stands_in_for_one_of_two(default: Company, given: str, missing: str) -> None:
    with pytest.raises(DemoError, match=f"^{missing} is not set, but {given} is.*set {missing} too, or unset {given}"):
        is_simulated(default, [given, STAGING])


def test_another_company_is_never_simulated(acme: Company) -> None:
    variables = Variables.of(acme)
    for given in ([], [SCORO, SMARTACCOUNTS], [variables.staging]):
        with pytest.raises(DemoError, match=f"{variables.scoro} and {variables.smartaccounts} are not set"):
            is_simulated(acme, given)
    with pytest.raises(DemoError, match=f"set {variables.smartaccounts} too.$"):
        is_simulated(acme, [variables.scoro])


def test_make_run_refuses_before_anything_starts(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    monkeypatch.setenv(SCORO, "scoro://account:key@site.scoro.example")
    monkeypatch.setenv(SMARTACCOUNTS, "")
    days = ["--from", "2026-01-01", "--to", "2026-01-02"]
    assert main(["run", *days]) == 2
    told = capsys.readouterr().err
    assert SMARTACCOUNTS in told
    assert "site.scoro.example" not in told
    assert main(["run", "--dag", "import_sales_invoices__nobody", *days]) == 2
    assert "nobody.yaml" in capsys.readouterr().err
    assert main(["--company", "acme", "run", *days]) == 2
    assert capsys.readouterr().err == "import_sales_invoices is a DAG of company default, not of acme.\n"
    assert not (tmp_path / "demo").exists()


def test_days_are_named_both_or_not_at_all() -> None:
    def conf(first: date | None, last: date | None) -> dict[str, Any]:
        return conf_of(Asked("import_payments", first, last))

    assert conf(date(2026, 1, 1), date(2026, 1, 2)) == {
        "date_from": "2026-01-01",
        "date_to": "2026-01-02",
    }
    assert conf(None, None) == {}
    for first, last in ((date(2026, 1, 1), None), (None, date(2026, 1, 1))):
        with pytest.raises(DemoError, match="both --from and --to"):
            conf(first, last)
    with pytest.raises(DemoError, match="after --to"):
        conf(date(2026, 1, 2), date(2026, 1, 1))


def test_the_company_file_says_the_mode_unless_the_command_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []

    def run(run: Asked, **_: object) -> CommandResult:
        asked.append(run)
        return CommandResult([], {})

    monkeypatch.setattr(by_hand, "run", run)
    for words in ([], ["--mode", "preview"], ["--dag", "export_payments"]):
        assert main(["run", *words]) == 0
    assert [conf_of(each) for each in asked] == [{}, {"mode": "preview"}, {}]


def test_what_is_no_day_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--from", "01.01.2026", "--to", ""]) == 2
    assert "01.01.2026 is no day like 2026-01-31" in capsys.readouterr().err


def test_another_company_runs_with_its_own_variables_only(
    folder: Path, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: dict[str, Any] = {}

    def running(_: object, **options: Any) -> Any:
        started.update(options)
        raise DemoError("not started")

    monkeypatch.setattr(by_hand, "running", running)
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    for name in (SCORO, SMARTACCOUNTS, STAGING):
        monkeypatch.delenv(name, raising=False)
    names = Variables.of(acme)
    for name in names.all:
        monkeypatch.setenv(name, f"value of {name}")
    monkeypatch.setenv(HOSTS_VARIABLE, "scoro.example.com")
    dag = "import_sales_invoices__acme"
    assert main(["run", "--dag", dag, "--from", "2026-01-01", "--to", "2026-01-02"]) == 1
    assert "not started" in capsys.readouterr().err
    hosts = {HOSTS_VARIABLE: "scoro.example.com"}
    assert started["connections"] == {name: f"value of {name}" for name in names.all} | hosts
    assert (started["staging_variable"], started["ports"]) == (names.staging, None)
    assert started["companies"] == str(folder)


def test_reconcile_ids_takes_no_days_and_asks_nothing_where_nobody_may_answer() -> None:
    assert conf_of(Asked("reconcile_ids__acme", None, None)) == {"ask": False}
    day = date(2026, 1, 1)
    with pytest.raises(DemoError, match="takes no days"):
        conf_of(Asked("reconcile_ids__acme", day, day))


class Api:
    """Airflow's answers about one run, one after the other: its state and its task's."""

    def __init__(self, *answers: tuple[str, str]) -> None:
        self._answers = [*answers]

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        return "manual__1"

    def run_state(self, dag_id: str, run_id: str) -> str:
        return self._answers[0][0]

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        _, state = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [{"task_id": "read_registers", "state": state, "end_date": None, "try_number": 4, "max_tries": 3}]

    def returned(self, dag_id: str, run_id: str, task_id: str) -> None:
        return None


def run_by_hand(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, str]) -> int:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    api: Any = Api(*answers)
    staging: Any = None
    return runs.run_once(api, "reconcile_ids", {}, check=lambda: None, staging=staging)


def test_a_run_that_waits_for_a_service_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = ("running", "up_for_reschedule")
    answers = (waits, waits, ("running", "running"), waits, ("success", "success"))
    assert run_by_hand(monkeypatch, *answers) == 0
    told = capsys.readouterr().out
    assert told.count("read_registers: waits and goes on by itself; its log says for what") == 2


def test_a_failed_run_tells_the_tries_and_what_an_empty_log_means(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_by_hand(monkeypatch, ("failed", "failed")) == 1
    told = capsys.readouterr().err
    assert "read_registers (4 of 4 tries)" in told
    assert "ends without an error" in told


def test_a_run_for_a_script_tells_its_progress_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the one JSON object goes to standard output."""
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def run(asked: Asked) -> runs.Outcome:
        api: Any = Api(("running", "running"), ("failed", "failed"))
        staging: Any = None
        return runs.run_to_its_end(api, asked.dag_id, {}, check=lambda: None, staging=staging)

    monkeypatch.setattr(by_hand, "_run", run)
    assert main(["run", "--dag", "reconcile_ids", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "dag": "reconcile_ids",
        "run": "manual__1",
        "state": "failed",
        "failed_tasks": ["read_registers"],
        "summary": None,
        "report": None,
    }
    assert "read_registers: failed" in told.err


def test_a_demo_that_is_stopping_is_up_until_it_has_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[Any] = []

    def check() -> None:
        raise KeyboardInterrupt

    @contextmanager
    def machine(layout: Layout, _: object) -> Iterator[Any]:
        yield SimpleNamespace(api=SimpleNamespace(password="made up"), processes=SimpleNamespace(check=check))
        # What stops the processes, which takes a while.
        found.append(standing.state_of(layout))

    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    monkeypatch.setattr(standing, "_machine", machine)
    monkeypatch.setattr(tour, "show", lambda *_: None)
    monkeypatch.setattr(standing, "require_free", lambda ports: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["up", "--json"]) == 0
    assert [state["pid"] for state in found] == [os.getpid()]
    assert standing.state_of(Layout(tmp_path / "demo")) is None


def test_a_second_down_does_not_break_off_the_stopping() -> None:
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, standing._interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_demo_for_a_script_tells_where_it_is_once_it_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends it, and that is no failure."""

    def check() -> None:
        raise KeyboardInterrupt

    def show(_: object, __: object) -> None:
        print("a table")

    @contextmanager
    def machine(layout: Layout, _: object) -> Iterator[Any]:
        yield SimpleNamespace(api=SimpleNamespace(password="made up"), processes=SimpleNamespace(check=check))

    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    monkeypatch.setattr(standing, "_machine", machine)
    monkeypatch.setattr(tour, "show", show)
    monkeypatch.setattr(standing, "require_free", lambda ports: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["up", "--json"]) == 0
    told = capsys.readouterr()
    assert "a table" in told.err
    up = json.loads(told.out)
    assert (up["airflow"], up["user"], up["password"]) == ("http://127.0.0.1:8080", "admin", "made up")
    assert up["page"] == f"http://127.0.0.1:8080{PREFIX}/"
    assert set(up) == {"page", "airflow", "scoro", "smartaccounts", "user", "password", "quality_reports"}
    assert main(["up"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("scoro-smartaccounts quarantine" in line for line in lines)
    # Where somebody looks first, before all other addresses.
    assert up["page"] in next(line for line in lines if "http://" in line)
    assert (main(["down", "--json"]), json.loads(capsys.readouterr().out)) == (0, {"stopped": False})
