"""Room cli. `make` hands on what it is given, byte for byte, and no shell and no `make` ever takes a part of it for
a command.

What numbers, notes, names of files and the rest are made of comes from outside: a supplier writes the number of a bill.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.schema import quarantine
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE
from tests.integration.world import World

ROOT = Path(__file__).parents[3]
DAY = date(2026, 1, 15)

NASTY = (
    "F'`touch canary`'",
    "F`touch canary`",
    "$(touch canary)",
    "$$(touch canary)",
    "$(shell touch canary)",
    "${shell touch canary}",
    "$(eval x := $(shell touch canary))",
    "$(DOC)$(NOTE)$(FILE)",
    "$(error stop)",
    "$DOC",
    "7 & touch canary &",
    "7; touch canary",
    "7 | touch canary",
    "7 && touch canary #",
    "'; touch canary; '",
    '"; touch canary; "',
    '"$(touch canary)"',
    "7\ntouch canary",
    "7\n\ttouch canary\n",
    "canary: ; touch canary",
    "> canary",
    "2026/1 (A)",
    "-5",
    "--help",
    "--",
    "@touch canary",
    "+touch canary",
    "a=b",
    "x := $(shell touch canary)",
    "# no comment",
    "50 %",
    "*",
    "~",
    "\\",
    "\\\n$(touch canary)",
    "  between spaces  ",
    "\ttab\t",
    "Õie €",
    "\udcff no text",
)

WHOLE = ("-n", "{WORKERS}", "--dist", "loadfile", "--no-loadscope-reorder", "--durations=20")
# What each target takes, and the words that its command gets of it.
TARGETS: Mapping[str, tuple[str, ...]] = {
    "run": ("--company={COMPANY}", "run", "--dag={DAG}", "--from={FROM}", "--to={TO}", "--mode={MODE}"),
    "explain": ("--company={COMPANY}", "explain", "--flow={FLOW}", "--", "{DOC}"),
    "quarantine": ("--company={COMPANY}", "quarantine"),
    "warnings": ("--company={COMPANY}", "warnings", "--run={RUN}"),
    "retry": ("--company={COMPANY}", "retry", "--flow={FLOW}", "--note={NOTE}", "--", "{DOC}"),
    "dismiss": ("--company={COMPANY}", "dismiss", "--flow={FLOW}", "--note={NOTE}", "--", "{DOC}"),
    "audit": ("--company={COMPANY}", "audit"),
    "drift": ("--company={COMPANY}", "drift"),
    "accept": ("--company={COMPANY}", "accept", "--note={NOTE}", "--by={BY}", "--", "{DRIFT}"),
    "totals": ("--company={COMPANY}", "totals", "--", "{MONTH}"),
    "kmd": ("--company={COMPANY}", "kmd", "--", "{MONTH}"),
    "reviewed": ("--company={COMPANY}", "reviewed", "--by={BY}", "--", "{MONTH}"),
    "undo": ("--company={COMPANY}", "undo", "--approve={APPROVE}", "--by={BY}", "--", "{RUN}"),
    "reconcile": ("--company={COMPANY}", "reconcile", "--", "{FILE}"),
    "links-in": ("--company={COMPANY}", "links-in", "--kind={KIND}", "--", "{FILE}"),
    "links-out": ("--company={COMPANY}", "links-out", "--kind={KIND}", "--", "{FILE}", "{TO}"),
    "meet": ("--company={COMPANY}", "meet"),
    "test-unit": ("-m", "pytest", "tests/unit", "-m", "not slow and not long", "-n", "{WORKERS}"),
    "test": ("-m", "pytest", "-m", "not slow and not long", *WHOLE),
    "test-slow": ("-m", "pytest", "-m", "slow and not long", *WHOLE),
}
NAMES = (
    "APPROVE",
    "BY",
    "COMPANY",
    "DAG",
    "DOC",
    "DRIFT",
    "FILE",
    "FLOW",
    "FROM",
    "HISTORIES",
    "KIND",
    "MODE",
    "MONTH",
    "NOTE",
    "RUN",
    "TESTS",
    "TO",
    "WORKERS",
)
# Those that nobody is asked for, and those that the file makes for itself.
OTHERS = ("OTHER", "CLI", "BIN", "VENV", "FLOW_GIVEN", "NOTE_GIVEN", "MAKEFILE_LIST", "given")

# Writes its words into the file `heard`, with a zero byte after each.
RECORDER = "#!/bin/sh\nprintf '%s\\0' \"$@\" > heard\nprintf '%s' \"$HISTORIES\" > histories\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The real Makefile in a folder where everything is set up."""
    folder = tmp_path / "project"
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for file in [*ROOT.glob("requirements*.txt"), ROOT / "pyproject.toml", ROOT / "Makefile"]:
        shutil.copy(file, folder)
        os.utime(folder / file.name, (0, 0))
    (folder / ".venv" / ".done").touch()
    return folder


@pytest.fixture
def recorded(project: Path) -> Path:
    """A project whose programs only note what they were called with."""
    for name in ("scoro-smartaccounts", "python", "uv"):
        program(project / ".venv" / "bin" / name)
    return project


def program(path: Path) -> None:
    path.write_text(RECORDER)
    path.chmod(0o755)


def make(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=folder,
        env={**clean, **variables},
        capture_output=True,
        check=False,
    )


Way = tuple[list[str], dict[str, str], str]


def ways(target: str, names: Iterable[str], value: str) -> Iterator[Way]:
    """The ways to give a value to all these names: words, environment, and the value that arrives."""
    # Before make reads any file it drops the blanks that lead a value of its command line.
    yield [target, *(f"{name}={value}" for name in names)], {}, value.lstrip(" \t")
    yield [target], dict.fromkeys(names, value), value
    if target == "explain":
        yield ["-e", target], dict.fromkeys(names, value), value


@pytest.mark.parametrize("target", TARGETS)
def test_every_value_arrives_as_it_is(recorded: Path, target: str) -> None:
    for value in NASTY:
        for words, variables, arrives in ways(target, (*NAMES, *OTHERS), value):
            (recorded / "heard").unlink(missing_ok=True)
            done = make(recorded, *words, **variables)
            assert done.returncode == 0, (words, variables, done.stderr)
            heard = [os.fsdecode(word) for word in (recorded / "heard").read_bytes().split(b"\0")[:-1]]
            values = dict.fromkeys(NAMES, arrives)
            assert heard == [word.format_map(values) for word in TARGETS[target]], (words, variables)
            assert not (recorded / "canary").exists(), (words, variables)


def test_what_is_not_given_is_not_handed_on(recorded: Path) -> None:
    for target, words in (
        ("run", ["run"]),
        ("quarantine", ["quarantine"]),
        ("warnings", ["warnings"]),
        ("test-unit", ["-m", "pytest", "tests/unit", "-m", "not slow and not long", "-n", "2"]),
    ):
        assert make(recorded, target).returncode == 0
        assert (recorded / "heard").read_text().split("\0")[:-1] == words
    for target, told in (("explain", "make explain DOC="), ("dismiss", "NOTE="), ("reconcile", "FILE=")):
        done = make(recorded, target)
        assert (done.returncode, told.encode() in done.stderr) == (2, True)


def test_the_number_of_histories_and_the_interpreter(recorded: Path) -> None:
    """Values that are no words of a command of ours."""
    for value in NASTY:
        for words, variables, arrives in ways("test-long", ("HISTORIES", "WORKERS"), value):
            assert make(recorded, *words, **variables).returncode == 0
            assert os.fsdecode((recorded / "histories").read_bytes()) == arrives
    for value in (each for each in NASTY if "/" not in each):
        program(recorded / value)
        for words, variables, _ in ways("setup", ["PYTHON"], f"{recorded}/{value}"):
            (recorded / ".venv" / ".done").unlink()
            (recorded / ".venv" / "bin" / "python").unlink(missing_ok=True)
            make(recorded, *words, **variables)
            # There is no interpreter yet, so the one that was named is asked for an environment.
            assert (recorded / "heard").read_text().split("\0")[:-1] == ["-m", "venv", ".venv"], value
            (recorded / ".venv" / ".done").touch()
    assert not (recorded / "canary").exists()


def test_help_lists_the_targets(recorded: Path) -> None:
    told = re.findall(r"^[a-z-]+:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for value in NASTY:
        for words, variables, _ in ways("help", (*NAMES, *OTHERS), value):
            done = make(recorded, *words, **variables)
            assert (done.returncode, done.stdout.count(b"\n")) == (0, len(told)), done.stderr
    assert not (recorded / "canary").exists()


def test_a_bill_whose_number_is_a_command(world: World, staging_url: str, project: Path) -> None:
    """The real commands, over the staging database: the bill is found, and what is said of it kept as it was said."""
    binaries = project / ".venv" / "bin"
    binaries.rmdir()
    binaries.symlink_to(Path(sys.executable).parent)
    vendor = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022"})
    lines = [{"product_id": 0, "comment": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    numbers = ["F'`touch canary`'", "7 & $(shell touch canary) &", "-5"]
    for number in numbers:
        fields = {"company_id": vendor["contact_id"], "no": number, "date": DAY.isoformat(), "lines": lines}
        made = world.site.create("bills", {**fields, "deadline": DAY.isoformat()})
        world.site.put("bills", {**made, "company_id": 0, "person_id": 0})
    world.checked = False
    world.run(DAY, DAY, flow=Flow.PURCHASE_INVOICES)

    where = {STAGING_VARIABLE: staging_url}
    note = "`touch canary`$(shell touch canary)\n'\"; touch canary #"
    flow = "FLOW=purchase_invoices"
    for number in numbers:
        told = make(project, "explain", f"DOC={number}", flow, **where)
        assert (told.returncode, told.stdout.decode().startswith(f"{number} of 15.01.2026")) == (0, True), told.stderr
        told = make(project, "dismiss", f"DOC={number}", flow, f"NOTE={note}", **where)
        assert (told.returncode, told.stdout.decode().startswith(f"{number} (id:")) == (0, True), told.stderr
    with world.engine.connect() as connection:
        assert set(connection.scalars(select(quarantine.c.note))) == {note}
    assert not (project / "canary").exists()
