"""A filled list of SmartAccounts → links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from scoro_smartaccounts.assumptions import CSV_SCORO, CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.clock import Clock
from scoro_smartaccounts.company import Company
from scoro_smartaccounts.first_day.linked_service.entries import Entry, Say, entries, is_id
from scoro_smartaccounts.first_day.linked_service.records import Records, read_records
from scoro_smartaccounts.first_day.linked_service.table import read_table
from scoro_smartaccounts.first_day.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.first_day.linking import only_one, read_linked_side, store_where_free
from scoro_smartaccounts.reconcile.registers import registry_key, vat_key
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, read_links
from scoro_smartaccounts.staging.proposals import Decision, decide_pairs, rejected_pairs
from scoro_smartaccounts.staging.schema import contact, product


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of rows: `linked` now, `known` as links before, `empty` of both columns, `foreign`: of other services.
    `unseen`: ids of Scoro that were linked, but that staging has not met yet; `overruled`: ids with a link to which a
    person had said no; `beside`: ids whose record stands for other ids too."""

    linked: int
    known: int
    empty: int
    foreign: int
    unseen: tuple[str, ...]
    overruled: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def take_links(engine: Engine, company: Company, kind: Kind, content: bytes, *, run_key: str, clock: Clock) -> Taken:
    """Store the links that a list of clients, vendors or articles names: all of them, or with WrongFile none.

    What a person writes there is a decision: it overrules what was said of a proposal. Reads SmartAccounts' records
    from their mirror.
    """
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        return _take(connection, company, kind, content, run_key, clock)


def _take(connection: Connection, company: Company, kind: Kind, content: bytes, run_key: str, clock: Clock) -> Taken:
    key = company.key
    records = read_records(connection, key, kind)
    table = read_table(content, kind)
    faults = list(table.faults)
    rows = list(entries(table, records, faults.append))
    for entry in rows:
        _check_filling(entry, faults.append)
    wanted = [entry for entry in rows if entry.is_filled and is_id(entry.scoro_id) and entry.remote_id is not None]
    unseen = _check_with_scoro(connection, key, kind, wanted, records, faults.append)
    side, before = read_linked_side(connection, company, kind)
    links = {
        entry.scoro_id: Link(kind, entry.scoro_id, entry.remote_id, Evidence.LINKED_SERVICE, f"row {entry.row.line}")
        for entry in wanted
        if entry.remote_id is not None
    }
    if not faults:
        left_out = store_where_free(connection, key, run_key, kind, side, list(links.values()))
        faults += (
            Fault(entry.row.line, CSV_SERVICE_ID_COLUMN, _BEING_CREATED)
            for entry in wanted
            if entry.scoro_id in left_out
        )
    # What somebody else linked meanwhile counts too.
    faults += _contradicted(kind, rows, wanted, read_links(connection, key, kind, links))
    if faults:
        raise WrongFile(faults)
    pairs = {(item.source_id, item.remote_id) for item in links.values()}
    overruled = rejected_pairs(connection, key, kind, links) & pairs
    decide_pairs(connection, key, kind, pairs, Decision.ACCEPTED, clock())
    taken = {remote_id for source_id, remote_id in before.items() if source_id not in links}
    return Taken(
        linked=len(links.keys() - before.keys()),
        known=len(links.keys() & before.keys()),
        empty=sum(not entry.service and not entry.scoro_id for entry in rows),
        foreign=sum(entry.is_foreign for entry in rows),
        unseen=_sorted(unseen),
        overruled=_sorted(source_id for source_id, _ in overruled),
        beside=_sorted(item.source_id for item in links.values() if item.remote_id in taken),
    )


_BEING_CREATED = "an import is creating this record at this moment; take the file again in half an hour"


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=int))


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
        columns = product.c
        known = connection.execute(
            select(columns.source_id, columns.is_deleted).where(
                columns.company == company, columns.source_id == any_of(ids)
            )
        ).all()
        _check_alive(wanted, {row.source_id for row in known if row.is_deleted}, say)
        return ids - {row.source_id for row in known}
    contacts = {
        row.source_id: row
        for row in connection.execute(
            select(contact.c.source_id, contact.c.registry_code, contact.c.vat_number, contact.c.is_deleted).where(
                contact.c.company == company, contact.c.source_id == any_of(ids)
            )
        )
    }
    _check_alive(wanted, {row.source_id for row in contacts.values() if row.is_deleted}, say)
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


def _check_alive(wanted: Iterable[Entry], deleted: Collection[str], say: Say) -> None:
    for entry in wanted:
        if entry.scoro_id in deleted:
            what = f"{entry.scoro_id} is deleted in Scoro; correct the id, or empty both columns"
            say(Fault(entry.row.line, CSV_SERVICE_ID_COLUMN, what))


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
