"""The documentation. Tests lie where what they hold lies: in a folder of its room, which their first line names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scoro_smartaccounts

PACKAGE = Path(scoro_smartaccounts.__file__).parent
TESTS = Path(__file__).parents[2]
BESIDE = {
    "flows": "Whole flows.",
    "demo": "The demo.",
    "docs": "The documentation.",
    "production": "The production files.",
    "sandbox": "The simulators.",
}
# Folders that are no room's own, and whose room the first line names alone.
ACROSS = {"dags", "matching", "integration/remedies"}


def is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_a_file_of_tests_names_its_room(path: Path) -> None:
    before, _, rest = path.read_text(encoding="utf-8").partition('"""')
    told = "" if before else rest.partition('"""')[0]
    folder = path.parent.name
    if folder in BESIDE:
        assert told.startswith(f"{BESIDE[folder]} ")
        return
    room = re.match(r"Room ([a-z_/]+)\. ", told)
    assert room, "the first line says which room it holds"
    assert is_room(room[1])
    assert str(path.parent.relative_to(TESTS)) in ACROSS or room[1].split("/")[0] == folder
