"""Who writes which table, as PostgreSQL sees it: every statement is judged by the module that it comes from."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.unit.staging.test_keepers import CLEARING, KEEPERS, NAMES, ROOT

TESTS = str(Path(__file__).parents[1])
WRITES = re.compile(rf'\b(?:insert into|delete from|update|truncate|copy)\s+"?({NAMES})\b', re.IGNORECASE)
# What writes for whoever asks.
MEANS = {str(ROOT / "staging" / name) for name in ("bulk.py", "database.py")}


@dataclass
class Written:
    """Tables and the modules that wrote them; `wrong`: those that are not their keepers."""

    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def wrong(self) -> list[str]:
        return sorted(
            f"{table} is written by {module}"
            for table, module in self.seen
            if module not in (f"staging/{KEEPERS[table]}.py", f"staging/{CLEARING}.py")
        )

    def note(self, query: Any) -> None:
        text = query.as_string(None) if isinstance(query, sql.Composable) else str(query)
        if (tables := WRITES.findall(text)) and (module := _writer()):
            self.seen |= {(table, module) for table in tables}


def _writer() -> str:
    """The module of the product that the statement comes from; empty for a test or a migration."""
    frame = sys._getframe(2)
    while frame := frame.f_back:  # type: ignore[assignment]
        path = frame.f_code.co_filename
        if path.startswith(TESTS):
            return ""
        if path.startswith(f"{ROOT}/") and path not in MEANS:
            return "" if "/migrations/" in path else str(Path(path).relative_to(ROOT))
    return ""


@contextmanager
def watched() -> Iterator[Written]:
    """See all statements of this process."""
    written = Written()

    def noting(method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(self: psycopg.Cursor[Any], query: Any, *args: Any, **more: Any) -> Any:
            written.note(query)
            return method(self, query, *args, **more)

        return noted

    with pytest.MonkeyPatch.context() as patched:
        for name in ("execute", "executemany", "copy"):
            patched.setattr(psycopg.Cursor, name, noting(getattr(psycopg.Cursor, name)))
        yield written
