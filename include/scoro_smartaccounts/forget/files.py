"""Files for people that name a person or are old: lists, reports of reconcile_ids, pages of the quality checks.

They were made from what the pipeline knows, and are no proof of anything: they are removed whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html import unescape
from typing import IO, TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.private_files import NEW
from scoro_smartaccounts.common.workbooks import UNREADABLE, unpacks_to_too_much

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_PACKED = ".xlsx"
_SUFFIXES = frozenset({_PACKED, ".csv", ".html", ".yaml", ".json"})
# The last day that a list is about, or the one on which a report was made.
_LAST_DAY = re.compile(r"^(?:[a-z_]+_\d{4}-\d\d-\d\d_|links_)(\d{4}-\d\d-\d\d)_")
# A file is read in pieces (letters), which overlap: a name does not stand on the border of two.
_PIECE = 2**20
_OVERLAP = 2**14
# No list is larger, packed or not.
_LARGEST = 2**30
# Nobody writes at a file for longer.
_WRITTEN_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Searched:
    """The files in which a text stands, and those that could not be looked through."""

    found: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)


class _Unreadable(Exception):
    """A file that cannot be looked through."""


def files_naming(folders: Iterable[Path], is_named: Callable[[str], bool]) -> Searched:
    """Look for a text in all files. What was left of a write that was killed, and cannot be read, counts as found: it
    serves nobody."""
    searched = Searched()
    for path in _files(folders):
        try:
            if any(map(is_named, _texts(path))):
                searched.found.append(path)
        except _Unreadable:
            (searched.found if _is_left_over(path) else searched.unread).append(path)
        except OSError:
            # Not ours to read, or gone by now.
            searched.unread.append(path)
    return searched


def files_before(folders: Iterable[Path], before: date) -> list[Path]:
    """Return the files about days before this one; those whose name tells no day, by when they were written."""
    return [path for path in _files(folders) if _day(path) < before]


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    paths = (path for folder in folders for path in sorted(folder.rglob("*")))
    return (path for path in paths if _suffix(path) in _SUFFIXES and path.is_file())


def _suffix(path: Path) -> str:
    """Return what a file is, also where it was not written to its end."""
    return path.with_suffix("").suffix if path.suffix == NEW else path.suffix


def _is_left_over(path: Path) -> bool:
    written = datetime.fromtimestamp(path.stat().st_mtime, TALLINN)
    return path.suffix == NEW and datetime.now(TALLINN) - written > _WRITTEN_WITHIN


def _day(path: Path) -> date:
    if (told := _LAST_DAY.match(path.name)) is not None:
        return date.fromisoformat(told.group(1))
    return datetime.fromtimestamp(path.stat().st_mtime, TALLINN).date()


def _texts(path: Path) -> Iterator[str]:
    """Yield what stands in a file, in pieces. Raises _Unreadable."""
    if _suffix(path) != _PACKED:
        if path.stat().st_size > _LARGEST:
            raise _Unreadable
        with path.open("rb") as content:
            yield from map(unescape, _pieces(content))
        return
    try:
        with zipfile.ZipFile(path) as book:
            is_too_much = unpacks_to_too_much(book, _LARGEST)
            for name in [] if is_too_much else book.namelist():
                if name.endswith(".xml"):
                    with book.open(name) as content:
                        yield from (unescape(re.sub(r"<[^>]*>", "\n", piece)) for piece in _pieces(content))
    except UNREADABLE:
        is_too_much = True
    if is_too_much:
        raise _Unreadable


def _pieces(content: IO[bytes]) -> Iterator[str]:
    text = io.TextIOWrapper(content, encoding="utf-8", errors="replace")
    before = ""
    while piece := text.read(_PIECE):
        yield before + piece
        before = (before + piece)[-_OVERLAP:]
