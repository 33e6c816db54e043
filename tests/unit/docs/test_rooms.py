"""The documentation. Tests lie where what they hold lies: in a folder of its room, which their first line names."""

from __future__ import annotations

import re
from pathlib import Path

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


def names_its_room(path: Path) -> bool:
    before, _, rest = path.read_text(encoding="utf-8").partition('"""')
    told = "" if before else rest.partition('"""')[0]
    folder = path.parent.name
    if folder in BESIDE:
        return told.startswith(f"{BESIDE[folder]} ")
    room = re.match(r"Room ([a-z_/]+)\. ", told)
    if not room or not is_room(room[1]):
        return False
    return str(path.parent.relative_to(TESTS)) in ACROSS or room[1].split("/")[0] == folder


def test_a_file_of_tests_names_its_room() -> None:
    """In its first line."""
    files = {str(path.relative_to(TESTS)): path for path in sorted(TESTS.rglob("test_*.py"))}
    assert len(files) > 150
    assert [name for name, path in files.items() if not names_its_room(path)] == []
