"""The documentation. What CONTRIBUTING says of sizes holds: no long function, nothing written twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import scoro_smartaccounts

INCLUDE = Path(scoro_smartaccounts.__file__).parents[1]
MODULES = {
    str(path.relative_to(INCLUDE)): path.read_text("utf-8")
    for package in ("scoro_smartaccounts", "scoro_smartaccounts_demo")
    for path in sorted((INCLUDE / package).rglob("*.py"))
    if "migrations" not in path.parts
}
LONGEST, EQUAL = 60, 12


def test_functions_are_short() -> None:
    functions = [
        (f"{name}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for name, source in MODULES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [name for name, length in functions if length > LONGEST] == []


def test_nothing_is_written_twice() -> None:
    """But for imports."""
    places = defaultdict(list)
    for name, source in MODULES.items():
        imports = {
            line
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for line in range(node.lineno, (node.end_lineno or 0) + 1)
        }
        lines = [(number, line.strip()) for number, line in enumerate(source.splitlines(), 1) if number not in imports]
        full = [(number, line) for number, line in lines if line and not line.startswith("#")]
        for first in range(len(full) - EQUAL + 1):
            places[tuple(line for _, line in full[first : first + EQUAL])].append(f"{name}:{full[first][0]}")
    assert [found for found in places.values() if len(found) > 1] == []
