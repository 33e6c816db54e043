"""The demo. The demo's folder is its owner's only: logs, simulators' state, Airflow's home."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from scoro_smartaccounts.cli import beside, forgetting
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.common.company import load_company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.output import home_output
from scoro_smartaccounts.forget import command
from scoro_smartaccounts.forget.command import ForgetResult
from scoro_smartaccounts_demo.layout import ROOT, Layout
from scoro_smartaccounts_demo.processes import Processes


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("older", [False, True])
def test_nobody_else_enters(tmp_path: Path, older: bool) -> None:
    layout = Layout(tmp_path / "above" / ".demo")
    if older:
        for folder in (layout.folder, layout.airflow_home, layout.logs):
            folder.mkdir(parents=True)
            folder.chmod(0o755)
    layout.prepare()
    assert {mode(each) for each in (layout.folder, layout.airflow_home, layout.companies, layout.logs)} == {0o700}
    layout.secrets()
    assert mode(layout.folder / "secrets.json") == 0o600


def test_what_its_processes_write_is_closed_too(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("teller", ["sh", "-c", "umask"], {})
    processes.children["teller"].wait()
    processes.stop()
    assert (tmp_path / "teller.log").read_text().strip() == "0077"


def test_a_folder_that_all_share_is_no_folder_of_the_demo(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(ConfigurationError, match="DEMO_FOLDER"):
        Layout(shared).prepare()
    assert mode(shared) == 0o1777


def test_forget_looks_where_the_demo_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path))
    monkeypatch.delenv("SCORO_SMARTACCOUNTS_OUTPUT", raising=False)
    monkeypatch.setenv("AIRFLOW_HOME", str(Layout.of_project().airflow_home))
    demo = beside.demo()
    assert demo is not None
    # What its Airflow takes for the output folder.
    assert demo.output() == home_output()
    monkeypatch.delenv("AIRFLOW_HOME")
    asked: dict[str, Any] = {}

    def forget(*_: Any, **wanted: Any) -> ForgetResult:
        asked.update(wanted)
        return ForgetResult((), {}, 0)

    monkeypatch.setattr(command, "forget", forget)
    company = load_company(ROOT / "include/companies/default.yaml")
    (demo.output() / company.key).mkdir(parents=True)
    forgetting.forget(Place(company, create_engine("postgresql+psycopg://")), by="andmekaitse", older_than="7y")
    assert demo.output() / company.key in asked["outputs"]
