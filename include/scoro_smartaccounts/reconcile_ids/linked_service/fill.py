"""Links → the user's own list with the two columns filled, and every other byte as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import CSV_SCORO, CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.reconcile_ids.linked_service.entries import Entry, entries, is_id
from scoro_smartaccounts.reconcile_ids.linked_service.records import read_records
from scoro_smartaccounts.reconcile_ids.linked_service.table import Row, Table, filled, read_table
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.staging.links import Kind, links_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Filled:
    """`content`: the file. Numbers of rows: `filled` now, `kept` as they were filled, `foreign`: of other services,
    `unlinked`: without a link. `several`: rows whose record stands for several of Scoro's; they show the lowest id."""

    content: bytes
    filled: int
    kept: int
    foreign: int
    unlinked: int
    several: tuple[int, ...]


def fill_links(connection: Connection, company: str, kind: Kind, content: bytes) -> Filled:
    """Fill the two columns of a list of clients, vendors or articles from the stored links, and from nothing else.

    Raises WrongFile where the list is broken, or says another id than the links.
    """
    records = read_records(connection, company, kind)
    table = read_table(content, kind)
    faults = list(table.faults)
    rows = {entry.row.line: entry for entry in entries(table, records, faults.append)}
    links = _links(connection, company, kind)
    done = dict.fromkeys(("filled", "kept", "foreign", "unlinked"), 0)
    several: list[int] = []
    written: list[Row] = []
    for row in table.rows:
        entry = rows.get(row.line)
        if entry is None:
            written.append(row)
            continue
        ids = links.get(entry.remote_id or "", ())
        outcome = _outcome(entry, ids)
        if outcome is None:
            said = " or ".join(ids)
            faults.append(
                Fault(row.line, CSV_SERVICE_ID_COLUMN, f"the {kind} is linked to {said}, the file says other")
            )
            continue
        done[outcome] += 1
        if outcome == "filled" and not entry.scoro_id and len(ids) > 1:
            several.append(row.line)
        written.append(_with_link(table, row, entry.scoro_id or ids[0]) if outcome == "filled" else row)
    if faults:
        raise WrongFile(faults)
    return Filled(table.with_rows(tuple(written)).to_bytes(), **done, several=tuple(several))


def _outcome(entry: Entry, ids: Sequence[str]) -> str | None:
    """Return what becomes of a row whose record is linked to `ids`; None where the row says another id."""
    if entry.is_foreign:
        return "foreign"
    if ids and entry.scoro_id and entry.scoro_id not in ids:
        return None
    if entry.is_filled:
        return "kept"
    return "filled" if ids else "unlinked"


def _with_link(table: Table, row: Row, scoro_id: str) -> Row:
    cells = list(row.cells)
    for column, value in ((CSV_SERVICE_COLUMN, CSV_SCORO), (CSV_SERVICE_ID_COLUMN, scoro_id)):
        if table.text(row, column) != value:
            place = table.columns[column]
            cells[place] = filled(cells[place], value)
    return replace(row, cells=tuple(cells))


def _links(connection: Connection, company: str, kind: Kind) -> dict[str, tuple[str, ...]]:
    """Scoro's ids by the record that stands for them, the lowest first."""
    found: dict[str, list[str]] = {}
    for item in links_of(connection, company, kind):
        # The article of lines without a product stands for nothing of Scoro's.
        if is_id(item.source_id):
            found.setdefault(item.remote_id, []).append(item.source_id)
    return {remote_id: tuple(sorted(ids, key=int)) for remote_id, ids in found.items()}
