"""The documentation. What pages and docstrings name by dots is there; so is where the changes say that modules went."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from pydoc import locate

import pytest

import scoro_smartaccounts
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.reasons import REASONS
from scoro_smartaccounts.staging.schema import metadata

ROOT = Path(scoro_smartaccounts.__file__).parents[2]
CHANGES = (ROOT / "CHANGELOG.md").read_text("utf-8")
NAME = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`")
# Names of others (Airflow's settings, Python's modules), of files, and of what a test or a function calls so itself.
NOT_OURS = re.compile(r"(core|scheduler|workers|pathlib|sys|app|code|partner)\..*|.*\.(py|md|yaml|toml)")
PATHS = [
    *sorted({*ROOT.glob("*.md")} - {ROOT / "CHANGELOG.md"}),
    *(path for ending in ("md", "py") for path in sorted((ROOT / "docs").rglob(f"*.{ending}"))),
    *(path for folder in ("include", "dags", "plugins", "tests") for path in sorted((ROOT / folder).rglob("*.py"))),
]


def is_there(name: str) -> bool:
    """Whether the name leads from the top, or from the package, to a module or to something in one."""
    name = re.sub(r"^assumptions\.", "common.assumptions.", name)
    return any(is_module(path) or locate(path) is not None for path in (name, f"scoro_smartaccounts.{name}"))


def is_module(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False


def is_kept(name: str) -> bool:
    """Whether it is a column of a table, a key of the company file, or a reason."""
    first, _, rest = name.partition(".")
    is_column = first in metadata.tables and rest in metadata.tables[first].c
    return is_column or name in REASONS or (first in Company.model_fields and is_key(name))


def is_key(name: str) -> bool:
    kind: object = Company
    for each in name.split("."):
        fields = getattr(kind, "model_fields", {})
        if each not in fields:
            return False
        kind = fields[each].annotation
    return True


def test_what_has_dots_is_there() -> None:
    named = {(name, str(path.relative_to(ROOT))) for path in PATHS for name in NAME.findall(path.read_text("utf-8"))}
    gone = [
        f"{path}: {name}"
        for name, path in sorted(named)
        if not NOT_OURS.fullmatch(name) and not is_kept(name) and not is_there(name)
    ]
    assert gone == []


def moved() -> list[str]:
    """Where modules went, by the second table of the changes."""
    table = CHANGES.partition("| old | new |")[2].partition("###")[0]
    found = []
    for line in table.splitlines():
        if line.startswith("| `"):
            old, new = (re.findall(r"`([\w.]+)`", cell) for cell in line.strip("| ").split(" | "))
            if new[0].endswith("."):
                new[:1] = [new[0] + name.rpartition(".")[2] for name in old]
            found += new
    return found


@pytest.mark.parametrize("name", moved())
def test_where_modules_went(name: str) -> None:
    assert is_module(f"scoro_smartaccounts.{name}")
