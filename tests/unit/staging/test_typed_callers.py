"""Room staging. A misspelt column name in a keeper's caller is a type error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mypy.api import run

if TYPE_CHECKING:
    from pathlib import Path

CALLER = """
from sqlalchemy import ColumnElement, Connection

from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.staging.runs import left_documents
from scoro_smartaccounts.staging.waiting import take_off


def numbers(connection: Connection, request: RunRequest) -> list[str]:
    return [row.number for row in left_documents(connection, request, "waiting")]


def hashes(connection: Connection, is_meant: ColumnElement[bool]) -> list[str]:
    return [row.content_hash for row in take_off(connection, "demo", is_meant)]
"""


def errors(file: Path, caller: str) -> str:
    file.write_text(caller)
    return run([str(file)])[0]


@pytest.mark.slow
@pytest.mark.parametrize(("column", "misspelt"), [("number", "nummber"), ("content_hash", "content_hahs")])
def test_a_misspelt_column_is_a_type_error(column: str, misspelt: str, tmp_path: Path) -> None:
    wrong = CALLER.replace(f"row.{column}", f"row.{misspelt}")
    assert errors(tmp_path / "caller.py", CALLER).startswith("Success")
    assert f'has no attribute "{misspelt}"' in errors(tmp_path / "misspelt.py", wrong)
