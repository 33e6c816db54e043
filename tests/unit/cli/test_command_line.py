"""Room cli. The command line around its commands: help, completion, exit codes, what it is without the demo, and how
it stands in sentences."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Literal, get_args

import pytest

from scoro_smartaccounts.cli import beside, commands, main, place
from scoro_smartaccounts.common.command_line import command_line
from scoro_smartaccounts.common.company import FOLDER_VARIABLE
from scoro_smartaccounts.common.errors import ConfigurationError, DatabaseAway, PipelineError
from scoro_smartaccounts.staging.quarantine import AmbiguousName
from scoro_smartaccounts_demo.processes import DemoError, WrongDemoUsage
from tests.tiers import slow_but

ROOT = Path(__file__).parents[3]
PRODUCT = (
    "explain",
    "quarantine",
    "warnings",
    "retry",
    "dismiss",
    "book-into",
    "filed",
    "reopened",
    "audit",
    "drift",
    "accept",
    "totals",
    "kmd",
    "reviewed",
    "undo",
    "reconcile",
    "links-in",
    "links-out",
    "resume",
    "meet",
    "forget",
)
DEMO = ("run", "demo up", "demo down")
STAGING_VARIABLE = "AIRFLOW_CONN_STAGING_DEFAULT"


@pytest.mark.parametrize("command", [*PRODUCT, *DEMO])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"Usage: scoro-smartaccounts {command} [OPTIONS]")
    assert ("--json" in told.out, told.err) == (True, "")


def test_the_help_lists_all_and_says_what_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    listed = [line.split()[0] for line in told.partition("Commands:")[2].splitlines() if line.startswith("  ")]
    assert listed[: len(PRODUCT) + 2] == [*PRODUCT, "run", "demo"]
    assert "Exit codes: 0 done; 1 " in told


def test_the_version_is_that_of_pyproject(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert capsys.readouterr().out == f"{told}\n"


def test_the_objects_of_all_commands_are_documented() -> None:
    told = (ROOT / "docs" / "commands.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    assert [each.strip("` ") for row in rows for each in row.split(",")] == [*PRODUCT, *DEMO]


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (ConfigurationError("a setting"), 2),
        (AmbiguousName("a name"), 2),
        (WrongDemoUsage("days"), 2),
        (DatabaseAway("the database"), 1),
        (DemoError("a process"), 1),
        (PipelineError("something"), 1),
    ],
)
def test_an_error_is_a_sentence_and_a_code(
    problem: PipelineError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> None:
        raise problem

    monkeypatch.setattr(place, "place_of", fail)
    assert main(["quarantine"]) == code
    told = capsys.readouterr()
    again = ". Repeat the command when it does" if isinstance(problem, DatabaseAway) else ""
    assert (told.out, told.err) == ("", f"{problem}{again}\n")


@pytest.mark.parametrize(
    ("connection", "why"),
    [
        ('{"login": c4n4ry', "no address"),
        ('{"login": "a", "password": "c4n4ry", "port": "c4n4ry"}', "no address"),
        ('{"login": "a", "password": "c4n4ry", "extra": ["c4n4ry"]}', "no address"),
        ("c4n4ry", "no address"),
        ("postgres://a:c4n4ry@host:c4n4ry/b", "no address"),
        ('{"password": "c4n4ry", "host": "h", "extra": {"bogus": 1}}', "extra has a key"),
        ('{"password": "c4n4ry", "host": "h", "extra": "{\\"bogus\\": \\"c4n4ry\\"}"}', "extra has a key"),
        ("postgres://a:c4n4ry@host/b?bogus=c4n4ry", "extra has a key"),
    ],
)
def test_a_staging_connection_that_cannot_be_read_is_a_wrong_setting(
    connection: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, connection)
    assert main(["quarantine"]) == 2
    told = capsys.readouterr().err
    assert f"AIRFLOW_CONN_…) cannot be read ({why}" in told
    assert "c4n4ry" not in told


def test_a_database_that_is_away_is_no_reason_to_wait(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, '{"host": "/nowhere", "extra": {"connect_timeout": 5}}')
    assert main(["quarantine"]) == 1
    told = capsys.readouterr().err
    assert told == "The staging database does not answer (no connection). Repeat the command when it does\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, "place_of", interrupt)
    assert main(["quarantine"]) == 130


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no-such-command"],
        ["explain"],
        ["explain", "1", "2"],
        ["explain", "1", "--flow", "sales"],
        ["explain", "\udcff"],
        ["retry"],
        ["dismiss", "1"],
        ["totals", "2026-13"],
        ["kmd", "märts"],
        ["reviewed", "2026-03"],
        ["reviewed", "2026-03", "--by="],
        ["dismiss", "1", "--note="],
        ["links-in", "file.csv", "--kind", "persons"],
        ["links-out", "file.csv", "--kind", "clients"],
        ["run", "--from", "1.1.2026"],
        ["run", "--mode", "export"],
        ["demo"],
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert (told.out, "Usage: " in told.err) == ("", True)


def test_kinds_of_lists_are_those_that_are_read() -> None:
    from scoro_smartaccounts.cli import links

    assert get_args(commands.Lists) == tuple(links._LISTS)
    assert commands.Lists == Literal["clients", "vendors", "articles"]


COMPLETED = [
    ("scoro-smartaccounts re", ["retry", "reopened", "reviewed", "reconcile", "resume"]),
    ("scoro-smartaccounts demo ", ["up", "down"]),
    ("scoro-smartaccounts explain --flow p", ["purchase_invoices", "payments"]),
    ("scoro-smartaccounts links-in --kind ", ["clients", "vendors", "articles"]),
    ("scoro-smartaccounts run --mode pre", ["preview"]),
]


@pytest.mark.parametrize(("line", "offered"), slow_but(COMPLETED[2:3], COMPLETED))
def test_a_shell_completes_it(line: str, offered: list[str]) -> None:
    asked = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
        "_SCORO_SMARTACCOUNTS_COMPLETE": "complete_bash",
    }
    told = subprocess.run(
        [sys.executable, "-m", "scoro_smartaccounts.cli"], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert told.stdout.split() == offered, told.stderr


def test_completion_loads_no_database() -> None:
    """A person waits for it at every press of the key."""
    loaded = "import sys, scoro_smartaccounts.cli.application as a; a.application(); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "airflow", "pandas", "openpyxl", "psutil"} & set(told)


def test_without_demo_and_without_connection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)
    monkeypatch.setattr(beside, "demo", lambda: None)
    assert main(["quarantine"]) == 2
    assert capsys.readouterr().err == f"{STAGING_VARIABLE} is not set: set it to the staging database (postgres://…)\n"


def test_with_demo_and_without_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A demo that was never started has no database, and no other company has the demo's."""
    for variable in ("STAGING", "SCORO", "SMARTACCOUNTS"):
        monkeypatch.delenv(f"AIRFLOW_CONN_{variable}_DEFAULT", raising=False)
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path / "demo"))
    assert main(["quarantine"]) == 2
    assert capsys.readouterr().err.startswith(f"{STAGING_VARIABLE} is not set: set it to the staging database")
    (tmp_path / "demo" / "postgresql").mkdir(parents=True)
    monkeypatch.setenv("AIRFLOW_CONN_SCORO_DEFAULT", "scoro://one-of-two-services")
    assert main(["quarantine"]) == 2
    assert capsys.readouterr().err.startswith(f"{STAGING_VARIABLE} is not set: set it to the staging database")


@pytest.mark.slow
def test_the_package_alone_is_the_whole_command_line_but_the_demo(tmp_path: Path) -> None:
    """As the image installs it: no demo stands beside it, and nothing is imported of one."""
    source, site = tmp_path / "source", tmp_path / "site"
    shutil.copytree(ROOT / "include" / "scoro_smartaccounts", source / "include" / "scoro_smartaccounts")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    uv = Path(sys.executable).with_name("uv")
    install: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--python",
        sys.executable,
        "--no-deps",
        "--no-build-isolation",
        "--target",
        site,
        source,
    ]
    subprocess.run(install, check=True, capture_output=True)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        # -S: the project's own folder is not on the path.
        path = os.pathsep.join([str(site), sysconfig.get_path("purelib")])
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_CONN_")}
        environment = {**clean, "PYTHONPATH": path, FOLDER_VARIABLE: str(ROOT / "include" / "companies")}
        script = site / "bin" / "scoro-smartaccounts"
        return subprocess.run([sys.executable, "-S", script, *words], env=environment, capture_output=True, text=True)

    told = run("--help")
    assert told.returncode == 0
    assert all(f"  {command} " in told.stdout for command in PRODUCT)
    assert "the commands run and demo come with the project's folder" in " ".join(told.stdout.split())
    assert (run("run").returncode, run("demo", "up").returncode) == (2, 2)
    told = run("quarantine")
    assert (told.returncode, told.stdout, told.stderr) == (
        2,
        "",
        f"{STAGING_VARIABLE} is not set: set it to the staging database (postgres://…)\n",
    )


@pytest.mark.parametrize(
    "value", ["manual__2026-01-15T10:00:00+00:00", "F'`touch canary`'", "$(touch canary)", "7 & touch canary &", "a\nb"]
)
def test_a_command_in_a_sentence_may_be_copied_into_a_shell(value: str, tmp_path: Path) -> None:
    told = command_line("acme", "warnings", f"--run={value}")
    words = ["scoro-smartaccounts", "--company", "acme", "warnings", f"--run={value}"]
    assert shlex.split(told) == words
    heard = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {told}"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert heard.stdout.split("\0")[:-1] == words
    assert not (tmp_path / "canary").exists()
    assert command_line("default", "quarantine") == "scoro-smartaccounts quarantine"
