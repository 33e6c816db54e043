"""The documentation. What the pages for newcomers name is there: files, folders and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import scoro_smartaccounts
from scoro_smartaccounts.staging.schema import metadata

PACKAGE = Path(scoro_smartaccounts.__file__).parent
ROOT = PACKAGE.parents[1]
PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/decisions/rooms.md")


def named(page: str) -> set[str]:
    """What stands in backticks and has the form of a path: a slash, or an ending of ours."""
    text = (ROOT / page).read_text("utf-8")
    return set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders(page: str) -> None:
    paths = {each for each in named(page) if "/" in each or each.endswith((".py", ".yaml", ".toml"))}
    known = {path.name for folder in ("include", "tests") for path in (ROOT / folder).rglob("*.py")}
    gone = {each for each in paths if not (PACKAGE / each).exists() and not (ROOT / each).exists()}
    assert {each for each in gone if "/" in each or each not in known} == set()


def test_the_page_of_rooms_names_every_table_once() -> None:
    tables = re.findall(r"^\| [\w' ]+ \| ((?:`\w+`(?:, )?)+) \|$", (ROOT / PAGES[1]).read_text("utf-8"), re.MULTILINE)
    told = [name for row in tables for name in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(metadata.tables)


def test_both_guides_tell_accountants_who_is_told_what() -> None:
    """As many rows as the runbook has; what is planned is called as the page calls it."""
    headings = {"runbook": "Who is told what", "accountant.en": "Who is told what"}
    headings["accountant.et"] = "Kellele mida teatatakse"
    texts = {page: (ROOT / f"docs/{page}.md").read_text("utf-8") for page in headings}
    parts = {
        page: re.split(r"\n##", texts[page].partition(f"# {heading}\n")[2])[0] for page, heading in headings.items()
    }
    rows = {page: len(re.findall(r"^\| (?!---)", part, re.MULTILINE)) for page, part in parts.items()}
    assert set(rows.values()) == {8}, rows
    daily = texts["accountant.en"].partition("## The daily summary\n")[2].partition("\n| ")[0]
    assert "booked differently" in daily
    assert not re.search(r"\bplaan", texts["accountant.et"])


STEPS = re.findall(r"^\d\. .*(?:\n   .*)*", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[:30])
def test_a_step_names_what_stands_in_its_files(step: str) -> None:
    paths = [path for name in re.findall(r"`([\w/]+(?:\.py|/))`", step) for path in (PACKAGE / name, ROOT / name)]
    paths += [ROOT / "tests/unit/staging" / name for name in re.findall(r"`(test_\w+\.py)`", step)]
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path]) if file.is_file()]
    text = "\n".join(file.read_text("utf-8") for file in files)
    names = re.findall(r"`(_?[A-Z]\w+)[`(]", step)
    assert [name for name in names if not re.search(rf"^(?:class )?{name}\b", text, re.MULTILINE)] == []


def test_every_table_by_flow_is_named_where_a_flow_is_added() -> None:
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    tables = set(re.findall(r"^([A-Z]\w+): Mapping\[Flow, ", source, re.MULTILINE))
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## A flow\n")[2].partition("\n## ")[0]
    assert sorted(tables - set(re.findall(r"`(\w+)`", told))) == []


def test_each_commit_is_checked_as_make_lint_does() -> None:
    """But for the names of files, which pre-commit gives to ruff by itself."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    checks = [check.removesuffix(" .") for check in re.findall(r"@\$\(BIN\)/(.*)", recipe)]
    entries = [hook["entry"].removeprefix(".venv/bin/").removesuffix(" --force-exclude") for hook in hooks]
    assert sorted(entries) == sorted(checks)
