"""Data Docs: a static site in one folder, a page for each batch that was checked, the newest runs kept.

The results are those of Great Expectations; the pages are our own (`pages`). Those that it rendered itself load
scripts from the internet and run what stands in a document's number.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from scoro_smartaccounts.common.private_files import make_folder, write_whole
from scoro_smartaccounts.quality.pages import HEAD, ListedRun, index_page, plain_page, result_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from great_expectations.core import ExpectationSuiteValidationResult

SITE = "data_docs"

_RUNS_KEPT = 100
# In bytes: names may have 255.
_LONGEST_NAME = 150
# The moment of a run in the name of its folder.
_MOMENT = "%Y%m%dT%H%M%S.%f"


def write_pages(
    folder: Path, results: Mapping[str, ExpectationSuiteValidationResult], run_key: str, at: datetime
) -> None:
    """Add the pages of `results` by batch name to the site and list them. Raises OSError.

    Nobody but the pipeline's own user reads them; pages of an earlier version that lie there become plain.
    """
    site = folder / SITE
    run = _folder_of(run_key)
    with _only_writer(folder):
        _tighten(site)
        for name, result in results.items():
            where = site / "validations" / result.suite_name / run / f"{at.strftime(_MOMENT)}Z"
            page = result_page(result, run_key, at, "../" * 4 + "index.html")
            write_whole(where / f"{name}.html", page.encode())
        _list_pages(site)


def _folder_of(run_key: str) -> str:
    """Return the name of a run's folder; one that no file system takes is cut, and told from others by a mark."""
    name = re.sub(r"[^\w.-]+", "_", run_key)
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    mark = hashlib.sha256(run_key.encode()).hexdigest()[:8]
    return f"{name.encode()[:_LONGEST_NAME].decode(errors='ignore')}_{mark}"


def _tighten(site: Path) -> None:
    """Make pages of an earlier version plain, and take from all files what others may read."""
    for path in [site, *site.rglob("*")]:
        if path.is_dir():
            path.chmod(0o700)
        elif path.is_file():
            path.chmod(0o600)
            if path.suffix == ".html" and not _is_ours(path):
                write_whole(path, plain_page(path.read_text("utf-8", errors="replace")).encode())


def _is_ours(page: Path) -> bool:
    with page.open("rb") as stream:
        return stream.read(len(HEAD.encode())) == HEAD.encode()


def _list_pages(site: Path) -> None:
    """Write the index, newest run first, and drop the pages of runs beyond the kept ones."""
    runs: dict[tuple[str, str], list[Path]] = {}
    for page in sorted(site.glob("validations/*/*/*/*.html")):
        runs.setdefault((page.parent.name, page.parent.parent.name), []).append(page)
    newest = sorted(runs, reverse=True)
    for key in newest[_RUNS_KEPT:]:
        for page in runs[key]:
            shutil.rmtree(page.parent)
    listed = [
        ListedRun(
            at=datetime.strptime(time, f"{_MOMENT}%z"),
            name=run,
            pages=[(quote(page.relative_to(site).as_posix()), page.stem) for page in runs[time, run]],
        )
        for time, run in newest[:_RUNS_KEPT]
    ]
    write_whole(site / "index.html", index_page(listed).encode())


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    make_folder(folder)
    with os.fdopen(os.open(folder / f"{SITE}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
