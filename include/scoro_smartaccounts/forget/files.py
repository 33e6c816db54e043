"""Files for people that name a person or are old: lists, reports of reconcile_ids, pages of the quality checks.

They were made from what the pipeline knows, and are no proof of anything: they are removed whole.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from html import unescape
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PACKED = ".xlsx"
_SUFFIXES = frozenset({_PACKED, ".csv", ".html", ".yaml", ".json"})
# The last day that a list is about, or the one on which a report was made.
_LAST_DAY = re.compile(r"^(?:[a-z_]+_\d{4}-\d\d-\d\d_|links_)(\d{4}-\d\d-\d\d)_")


def files_naming(folder: Path, is_named: Callable[[str], bool]) -> list[Path]:
    """Return the files in which a text stands."""
    return [path for path in _files(folder) if any(map(is_named, _texts(path)))]


def files_before(folder: Path, before: date) -> list[Path]:
    """Return the files about days before this one; those whose name tells no day, by when they were written."""
    return [path for path in _files(folder) if _day(path) < before]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES and path.is_file())


def _day(path: Path) -> date:
    if (told := _LAST_DAY.match(path.name)) is not None:
        return date.fromisoformat(told.group(1))
    return datetime.fromtimestamp(path.stat().st_mtime, TALLINN).date()


def _texts(path: Path) -> Iterator[str]:
    if path.suffix != _PACKED:
        yield unescape(path.read_text(encoding="utf-8", errors="replace"))
        return
    try:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.endswith(".xml"):
                    yield unescape(re.sub(r"<[^>]*>", "\n", book.read(name).decode("utf-8", "replace")))
    except zipfile.BadZipFile:
        return
