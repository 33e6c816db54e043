"""Rows of a list with the record that each stands for, and what is wrong with them whatever is done with the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import CSV_SCORO, CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.reconcile_ids.linked_service.records import NoRecord, Records
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault
from scoro_smartaccounts.scoro.values import record_id

if TYPE_CHECKING:
    from scoro_smartaccounts.reconcile_ids.linked_service.table import Row, Table

Say = Callable[[Fault], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """`service` and `scoro_id`: what the two columns say. `remote_id`: the record, None where `missed` says why."""

    row: Row
    service: str
    scoro_id: str
    remote_id: str | None
    missed: Fault | None

    @property
    def is_foreign(self) -> bool:
        """Whether it is linked to another service."""
        return bool(self.service) and self.service.upper() != CSV_SCORO

    @property
    def is_filled(self) -> bool:
        """Whether it names a record of Scoro."""
        return bool(self.service and self.scoro_id) and not self.is_foreign


def is_id(text: str) -> bool:
    """Whether a text can be an id of Scoro."""
    return record_id(text) is not None


def entries(table: Table, records: Records, say: Say) -> Iterator[Entry]:
    """Every row that is not blank. Tells `say` of ids that are none or stand twice, and of records that do."""
    ids: dict[str, int] = {}
    seen: dict[str, int] = {}
    for row in table.rows:
        if row.is_blank:
            continue
        entry = _entry(table, records, row)
        if entry.scoro_id and not entry.is_foreign:
            _check_id(entry, ids, say)
        if entry.remote_id is not None:
            first = seen.setdefault(entry.remote_id, row.line)
            if first != row.line:
                say(Fault(row.line, records.identity[0], f"the same record as row {first}; remove one of them"))
        yield entry


def _entry(table: Table, records: Records, row: Row) -> Entry:
    remote_id, missed = None, None
    try:
        remote_id = records.find({column: table.text(row, column) for column in records.identity})
    except NoRecord as problem:
        missed = Fault(row.line, problem.column, problem.what)
    service, written = table.text(row, CSV_SERVICE_COLUMN), table.text(row, CSV_SERVICE_ID_COLUMN)
    scoro_id = record_id(written) or written
    return Entry(row, service, scoro_id, remote_id, missed)


def _check_id(entry: Entry, ids: dict[str, int], say: Say) -> None:
    line = entry.row.line
    if not is_id(entry.scoro_id):
        say(Fault(line, CSV_SERVICE_ID_COLUMN, "this is no id of Scoro: an id is a whole number without blanks"))
        return
    first = ids.setdefault(entry.scoro_id, line)
    if first != line:
        say(Fault(line, CSV_SERVICE_ID_COLUMN, f"the id {entry.scoro_id} stands in row {first} already"))
