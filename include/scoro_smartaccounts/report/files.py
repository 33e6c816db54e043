"""The list as files for people: a workbook in both languages, and the documents as CSV in each."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import ConfigurationError, TransientError
from scoro_smartaccounts.common.private_files import write_whole
from scoro_smartaccounts.report.listed import list_documents
from scoro_smartaccounts.report.log_lines import log_lines
from scoro_smartaccounts.report.periods import told_of_periods
from scoro_smartaccounts.report.tables import documents_table, lines_table, totals_table
from scoro_smartaccounts.report.totals import totals
from scoro_smartaccounts.report.words import LANGUAGES, SHEETS, word

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pandas import DataFrame
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.common.run import Folder, RunRequest
    from scoro_smartaccounts.report.document import ListedDocument
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

FOLDER = "lists"

# Longer names are more than some file systems take.
_MOST_LETTERS = 80


def write_list(request: RunRequest, services: Services) -> list[str]:
    """Write the list of the run's documents and tell the log what is in it; where the files lie.

    A run that is repeated writes the same files anew. Names of persons stand in the files, not in the log. Raises as
    `write_file` does.
    """
    with services.engine.begin() as connection:
        documents = list_documents(connection, request)
        told = told_of_periods(connection, request, services)
    written = _write(request, services.output_folder, documents, told)
    for line in log_lines(documents):
        log.info("%s", line)
    log.info("The list of these documents: %s", ", ".join(written))
    return written


def write_list_of(
    connection: Connection, request: RunRequest, folder: Folder, source_ids: Collection[str]
) -> list[str]:
    """Write the list of documents of any runs, named like one of the request's; where the files lie. `folder`: the
    company's output folder. Raises as `write_file` does."""
    return _write(request, folder, list_documents(connection, request, source_ids))


def _write(
    request: RunRequest, folder: Folder, documents: Sequence[ListedDocument], told: Sequence[Reason] = ()
) -> list[str]:
    return [
        str(write_file(folder / FOLDER, f"{file_name(request)}{ending}", content))
        for ending, content in _contents(request, documents, told)
    ]


def file_name(request: RunRequest) -> str:
    """Return the name of a run's files without their ending: the same each time the run is repeated."""
    run = re.sub(r"[^A-Za-z0-9.-]+", "_", request.run_key.rpartition("/")[2])[:_MOST_LETTERS]
    mark = hashlib.sha256(request.run_key.encode()).hexdigest()[:8]
    return f"{request.flow.value}_{request.date_from}_{request.date_to}_{run}_{mark}"


def _contents(
    request: RunRequest, documents: Sequence[ListedDocument], told: Sequence[Reason]
) -> list[tuple[str, bytes]]:
    from scoro_smartaccounts.report.delimited import csv_of
    from scoro_smartaccounts.report.workbook import workbook_of

    flow, sums = request.flow, totals(documents)
    sheets: dict[str, DataFrame] = {}
    files: list[tuple[str, bytes]] = []
    for language in LANGUAGES:
        tables = {
            "documents": documents_table(flow, documents, language),
            "lines": lines_table(flow, documents, language),
            "totals": totals_table(flow, sums, language, told),
        }
        sheets |= {word(SHEETS, name, language): table for name, table in tables.items()}
        files.append((f".{language}.csv", csv_of(tables["documents"], language)))
    return [(".xlsx", workbook_of(sheets)), *files]


def write_file(folder: Folder, name: str, content: bytes) -> Folder:
    """Write a file into a folder that is made where it is missing; the file. Whole or not at all: elsewhere than on
    this machine a store shows a file when it is complete.

    Raises ConfigurationError where the folder takes no file, TransientError where another store does not.
    """
    try:
        return write_whole(folder / name, content) if isinstance(folder, Path) else _write_there(folder, name, content)
    except OSError as problem:
        why = f"no file can be written into {folder}: {problem.strerror or type(problem).__name__}"
    if not isinstance(folder, Path):
        raise TransientError(f"{why}. It is tried again; if this stays so, check the address and its connection")
    raise ConfigurationError(f"{why}. Make room there, or let this user write there, then clear the failed task")


def _write_there(folder: Folder, name: str, content: bytes) -> Folder:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("wb") as target:
        target.write(content)
    return folder / name
