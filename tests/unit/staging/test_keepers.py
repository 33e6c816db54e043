"""Room staging. Tables that have a keeper: nobody outside the room of staging knows their columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import scoro_smartaccounts

ROOT = Path(scoro_smartaccounts.__file__).parent
SCHEMA = "scoro_smartaccounts.staging.schema"
KEEPERS = {
    "finding": "staging/findings.py",
    "intent": "staging/intents.py",
    "link": "staging/links.py",
    "locked_period": "staging/locked_periods.py",
    "quarantine": "staging/quarantine.py",
    "run": "staging/runs.py",
    "run_document": "staging/runs.py",
    "waiting": "staging/waiting.py",
    "watermark": "staging/watermarks.py",
}
IN_SQL = re.compile(rf"\b(?:from|join|into|update)\s+({'|'.join(KEEPERS)})\b", re.IGNORECASE)
# A sentence may say "from run" or "into quarantine" too.
IS_SQL = re.compile(r"\b(?:select|insert into|delete from|left join)\b", re.IGNORECASE)


def tables_known(source: str) -> Iterator[str]:
    """The tables with a keeper that a module knows: imported, taken from the schema, or named in SQL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=module, names=names) if module == SCHEMA:
                yield from (alias.name for alias in names if alias.name in KEEPERS)
            case ast.Attribute(value=ast.Name(id="schema"), attr=name) if name in KEEPERS:
                yield name
            case ast.Constant(value=str(text)) if IS_SQL.search(text) or text.lstrip().startswith(("from ", "join ")):
                yield from IN_SQL.findall(text)


def modules_outside() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if "staging" not in path.relative_to(ROOT).parts]


def test_every_keeper_is_there() -> None:
    for table, keeper in KEEPERS.items():
        assert table in set(tables_known((ROOT / keeper).read_text())), keeper


def test_nobody_outside_staging_knows_the_columns_of_a_kept_table() -> None:
    found = {
        f"{path.relative_to(ROOT)} knows {table}: ask {KEEPERS[table]}"
        for path in modules_outside()
        for table in tables_known(path.read_text())
    }
    assert sorted(found) == []


@pytest.mark.parametrize(
    "source",
    [
        f"from {SCHEMA} import document, link",
        "from scoro_smartaccounts.staging import schema\nprint(schema.link)",
        "text('select 1 from link k where k.kind = 1')",
        "TEXT = f\"left join link on {'x'} = 1\"",
    ],
)
def test_each_way_to_know_a_table_is_seen(source: str) -> None:
    assert list(tables_known(source)) == ["link"]
