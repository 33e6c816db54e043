"""`make run` works on real services or on the simulators, never on one of each, and on the company of its DAG."""

from __future__ import annotations

import argparse
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.company import FOLDER_VARIABLE, Company, PaymentPolicy, load_companies
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.hosts import HOSTS_VARIABLE
from scoro_smartaccounts_demo import __main__ as demo
from scoro_smartaccounts_demo import runs
from scoro_smartaccounts_demo.__main__ import _days, main
from scoro_smartaccounts_demo.processes import DemoError
from scoro_smartaccounts_demo.target import Variables, company_of, is_export, is_simulated

DEFAULT_FILE = Path(__file__).parents[2] / "include" / "companies" / "default.yaml"
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
    PaymentPolicy(accounts=[{"scoro": "Pank", "bank": "LHV"}, {"scoro": "Kaart", "bank": "LHV"}])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="scoro account Pank stands twice"):
        PaymentPolicy(accounts=[{"scoro": "Pank", "bank": "LHV"}, {"scoro": "Pank", "bank": "SEB"}])  # type: ignore[arg-type]


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
    assert main(["run", *days]) == 1
    told = capsys.readouterr().err
    assert SMARTACCOUNTS in told
    assert "site.scoro.example" not in told
    assert main(["run", "--dag", "import_sales_invoices__nobody", *days]) == 1
    assert "nobody.yaml" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


def test_days_are_named_both_or_not_at_all() -> None:
    days = _days(date(2026, 1, 1), date(2026, 1, 2))
    assert days == {"date_from": "2026-01-01", "date_to": "2026-01-02"}
    assert _days(None, None) == {}
    for first, last in ((date(2026, 1, 1), None), (None, date(2026, 1, 1))):
        with pytest.raises(DemoError, match="both FROM and TO"):
            _days(first, last)
    with pytest.raises(DemoError, match="after TO"):
        _days(date(2026, 1, 2), date(2026, 1, 1))
    assert [is_export(f"{flow.dag_id}{suffix}") for flow in Flow for suffix in ("", "__acme")] == [False] * 6 + [
        True
    ] * 2


@pytest.mark.parametrize(
    ("command", "flow"),
    [
        ("explain", "sales_invoices"),
        ("explain FLOW=payments", "payments"),
        ("retry", None),
        ("retry FLOW=purchase_invoices", "purchase_invoices"),
        ("dismiss", None),
        ("dismiss FLOW=payments", "payments"),
    ],
)
def test_make_passes_the_flow_on(command: str, flow: str | None) -> None:
    """Only `explain` supposes one."""
    run = ["make", "-n", "--no-print-directory", *command.split(), "DOC=receipt-901", "NOTE=a test"]
    printed = subprocess.run(run, cwd=DEFAULT_FILE.parents[2], capture_output=True, text=True, check=True).stdout
    line = printed.strip().splitlines()[-1]
    assert line.partition(" --flow ")[2].partition(" ")[0] == (f'"{flow}"' if flow else "")


def test_what_is_no_day_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--from", "01.01.2026", "--to", ""])
    assert "01.01.2026 is no day like 2026-01-31" in capsys.readouterr().err


def test_another_company_runs_with_its_own_variables_only(
    folder: Path, acme: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: dict[str, Any] = {}

    def running(_: object, **options: Any) -> Any:
        started.update(options)
        raise DemoError("not started")

    monkeypatch.setattr(demo, "running", running)
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
    options = argparse.Namespace(dag="reconcile_ids__acme", first=None, last=None, mode="import")
    assert demo._conf(options) == {"ask": False}
    options.first = options.last = date(2026, 1, 1)
    with pytest.raises(DemoError, match="takes no days"):
        demo._conf(options)
    assert demo._conf(argparse.Namespace(**{**vars(options), "dag": "import_payments"}))["mode"] == "import"


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
    monkeypatch.setattr(runs.time, "sleep", lambda _: None)
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
