"""A filled list of SmartAccounts → links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from scoro_smartaccounts.assumptions import CSV_SCORO, CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.reconcile.linked_service.entries import Entry, Say, entries, is_id
from scoro_smartaccounts.reconcile.linked_service.records import Records, read_records
from scoro_smartaccounts.reconcile.linked_service.table import read_table
from scoro_smartaccounts.reconcile.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.reconcile.registers import registry_key, vat_key
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_links, read_links, store_links
from scoro_smartaccounts.staging.schema import contact, product


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of rows: `linked` now, `known` as links before, `empty` of both columns, `foreign`: of other services.
    `unseen`: ids of Scoro that were linked, but that staging has not met yet."""

    linked: int
    known: int
    empty: int
    foreign: int
    unseen: tuple[str, ...]


def take_links(
    connection: Connection, company: str, kind: Kind, content: bytes, *, run_key: str, knows_scoro: bool = False
) -> Taken:
    """Store the links that a list of clients, vendors or articles names: all of them, or with WrongFile none.

    `knows_scoro`: staging holds every contact and product of Scoro, so that an id it does not hold is wrong. Works in
    the caller's transaction; reads SmartAccounts' records from their mirror.
    """
    records = read_records(connection, company, kind)
    table = read_table(content, kind)
    faults = list(table.faults)
    rows = list(entries(table, records, faults.append))
    for entry in rows:
        _check_filling(entry, faults.append)
    wanted = [entry for entry in rows if entry.is_filled and is_id(entry.scoro_id) and entry.remote_id is not None]
    unseen = _check_with_scoro(connection, company, kind, wanted, records, faults.append)
    if knows_scoro:
        faults += (
            Fault(entry.row.line, CSV_SERVICE_ID_COLUMN, _UNKNOWN) for entry in wanted if entry.scoro_id in unseen
        )
    with connection.begin_nested():
        links = {
            entry.scoro_id: Link(
                kind, entry.scoro_id, entry.remote_id, Evidence.LINKED_SERVICE, f"row {entry.row.line}"
            )
            for entry in wanted
            if entry.remote_id is not None
        }
        before = _living_links(connection, company, kind, links, records)
        if not faults:
            store_links(connection, company, run_key, links.values())
        # What somebody else linked meanwhile counts too.
        linked = read_links(connection, company, kind, links)
        faults += _contradicted(kind, rows, wanted, linked)
        if faults:
            raise WrongFile(faults)
    return Taken(
        linked=len(links.keys() - before.keys()),
        known=len(before),
        empty=sum(not entry.service and not entry.scoro_id for entry in rows),
        foreign=sum(entry.is_foreign for entry in rows),
        unseen=tuple(sorted(unseen, key=int)),
    )


_UNKNOWN = "Scoro has no record of this id"


def _check_filling(entry: Entry, say: Say) -> None:
    line = entry.row.line
    if entry.is_foreign or not (entry.service or entry.scoro_id):
        return
    if not entry.scoro_id:
        say(Fault(line, CSV_SERVICE_ID_COLUMN, f"the id is missing; fill it in, or empty {CSV_SERVICE_COLUMN} too"))
    elif not entry.service:
        say(Fault(line, CSV_SERVICE_COLUMN, f"there is an id, but no service; write {CSV_SCORO}, or remove the id"))
    elif entry.missed is not None:
        say(entry.missed)


def _check_with_scoro(
    connection: Connection, company: str, kind: Kind, wanted: Sequence[Entry], records: Records, say: Say
) -> set[str]:
    """Hold the codes of the contacts against those of the records; the ids that staging does not know."""
    ids = {entry.scoro_id for entry in wanted}
    if kind is Kind.ARTICLE:
        known = connection.scalars(
            select(product.c.source_id).where(product.c.company == company, product.c.source_id == any_of(ids))
        )
        return ids - set(known)
    contacts = {
        row.source_id: row
        for row in connection.execute(
            select(contact.c.source_id, contact.c.registry_code, contact.c.vat_number).where(
                contact.c.company == company, contact.c.source_id == any_of(ids)
            )
        )
    }
    for entry in wanted:
        found = contacts.get(entry.scoro_id)
        if found is None or entry.remote_id is None:
            continue
        codes = registry_key(found.registry_code), vat_key(found.vat_number)
        if column := records.contradiction(entry.remote_id, *codes):
            what = (
                f"contact {entry.scoro_id} of Scoro has another; correct {CSV_SERVICE_ID_COLUMN}, or one of the systems"
            )
            say(Fault(entry.row.line, column, what))
    return ids - contacts.keys()


def _living_links(
    connection: Connection, company: str, kind: Kind, ids: Mapping[str, Link], records: Records
) -> dict[str, str]:
    """Links that these ids have already; those whose record is gone are dropped."""
    links = read_links(connection, company, kind, ids)
    dead = [scoro_id for scoro_id, remote_id in links.items() if not records.has(remote_id)]
    drop_links(connection, company, kind, dead)
    return {scoro_id: remote_id for scoro_id, remote_id in links.items() if scoro_id not in dead}


def _contradicted(kind: Kind, rows: Sequence[Entry], wanted: Sequence[Entry], linked: Mapping[str, str]) -> list[Fault]:
    lines = {entry.remote_id: entry.row.line for entry in rows if entry.remote_id is not None}
    found = []
    for entry in wanted:
        other = linked.get(entry.scoro_id)
        if other is not None and other != entry.remote_id:
            where = f"of row {lines[other]} ({other})" if other in lines else other
            found.append(
                Fault(
                    entry.row.line,
                    CSV_SERVICE_ID_COLUMN,
                    f"{entry.scoro_id} is linked to the {kind} {where} already, the file says {entry.remote_id};"
                    " correct the id",
                )
            )
    return found
