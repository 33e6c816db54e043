"""The documentation. What the pages for newcomers name is there: files, folders and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
