"""Data Docs: a static site in one folder, a page for each batch that was checked, the newest runs kept.

Great Expectations renders the pages. Its own index is empty without scripts from the internet and needs every
earlier result; a plain list of the pages stands in its place.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

SITE = "data_docs"

# A page shows this many rows of each rule; findings hold all of them.
_ROWS = 20
_RUNS_KEPT = 100


def site_configuration(folder: Path) -> dict[str, Any]:
    """The site in `folder`/data_docs, as a data context wants it described."""
    return {
        SITE: {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str((folder / SITE).absolute()),
            },
        }
    }


def write_pages(
    context: EphemeralDataContext,
    folder: Path,
    results: Mapping[str, ExpectationSuiteValidationResult],
    run_key: str,
    at: datetime,
) -> None:
    """Add the pages of `results` by batch name, shortened, to the site and list them. Raises OSError."""
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run_id = RunIdentifier(run_name=re.sub(r"[^\w.-]+", "_", run_key), run_time=at)
    identifiers: list[Any] = []
    for batch_name, result in results.items():
        _shorten(result)
        result.meta["run_id"] = run_id
        result.meta["validation_time"] = at.isoformat()
        suite = ExpectationSuiteIdentifier(name=result.suite_name)
        identifier = ValidationResultIdentifier(
            expectation_suite_identifier=suite, run_id=run_id, batch_identifier=batch_name
        )
        context.validation_results_store.store_validation_results(result, identifier, suite)
        identifiers += [suite, identifier]
    with _only_writer(folder):
        with _kept_from_the_log() as kept:
            context.build_data_docs(resource_identifiers=identifiers, build_index=False)
        _list_pages(folder / SITE)
    if kept:
        raise OSError(errno.EIO, f"{len(kept)} of {len(identifiers)} pages could not be made")


@contextmanager
def _kept_from_the_log() -> Iterator[list[logging.LogRecord]]:
    """The errors of rendering: Great Expectations logs a traceback for each page that it cannot write, and goes on."""
    kept: list[logging.LogRecord] = []

    def keep(record: logging.LogRecord) -> bool:
        kept.append(record)
        return False

    renderer = logging.getLogger("great_expectations.render.renderer.site_builder")
    renderer.addFilter(keep)
    try:
        yield kept
    finally:
        renderer.removeFilter(keep)


def _shorten(result: ExpectationSuiteValidationResult) -> None:
    for item in result.results:
        for name, value in item.result.items():
            if name.startswith(("unexpected_", "partial_unexpected_")) and isinstance(value, list):
                item.result[name] = value[:_ROWS]


def _list_pages(site: Path) -> None:
    """Write the index, newest run first, and drop the pages of runs beyond the kept ones."""
    runs: dict[tuple[str, str], list[Path]] = {}
    for page in sorted(site.glob("validations/*/*/*/*.html")):
        runs.setdefault((page.parent.name, page.parent.parent.name), []).append(page)
    newest = sorted(runs, reverse=True)
    for key in newest[_RUNS_KEPT:]:
        for page in runs[key]:
            shutil.rmtree(page.parent)
    rows = "\n".join(_row(site, *key, runs[key]) for key in newest[:_RUNS_KEPT])
    new = site / "index.html.new"
    new.write_text(_INDEX.format(rows=rows), encoding="utf-8")
    new.replace(site / "index.html")


def _row(site: Path, time: str, run: str, pages: list[Path]) -> str:
    links = ", ".join(f'<a href="{quote(page.relative_to(site).as_posix())}">{escape(page.stem)}</a>' for page in pages)
    moment = datetime.strptime(time, "%Y%m%dT%H%M%S.%f%z")
    return f"<tr><td>{moment:%Y-%m-%d %H:%M:%S} UTC</td><td>{escape(run)}</td><td>{links}</td></tr>"


_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Quality checks</title>
<style>
body {{ font-family: sans-serif; margin: 2rem }}
table {{ border-collapse: collapse }}
th, td {{ border: 1px solid #ccc; padding: .3rem .8rem; text-align: left }}
</style>
</head>
<body>
<h1>Quality checks</h1>
<table>
<tr><th>Checked</th><th>Run</th><th>Results</th></tr>
{rows}
</table>
</body>
</html>
"""


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{SITE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
