"""A filled list of SmartAccounts → links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import CSV_SCORO, CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.common.codes import registry_code, vat_number
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.partners.partners import natural_key_of
from scoro_smartaccounts.reconcile_ids.linked_service.entries import Entry, Say, entries, is_id
from scoro_smartaccounts.reconcile_ids.linked_service.records import Records, read_records
from scoro_smartaccounts.reconcile_ids.linked_service.table import read_table
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.reconcile_ids.linking import only_one, read_both_with_links, store_where_free
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, read_links
from scoro_smartaccounts.staging.proposals import Decided, Decision, decide_pairs, rejected_pairs
from scoro_smartaccounts.staging.scoro_registers import StagedContact, staged_contacts, staged_products

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from scoro_smartaccounts.common.clock import Clock
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.reconcile_ids.both_registers import BothRegisters


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of rows: `linked` now, `known` as links before, `empty` of both columns, `foreign`: of other services.
    `unseen`: ids of Scoro that were linked, but that staging has not met yet; `overruled`: ids with a link to which a
    person had said no; `beside`: ids whose record stands for other ids too, or was created for another by an import."""

    linked: int
    known: int
    empty: int
    foreign: int
    unseen: tuple[str, ...]
    overruled: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def take_links(
    engine: Engine, company: Company, kind: Kind, content: bytes, *, run_key: str, clock: Clock, by: str = ""
) -> Taken:
    """Store the links that a list of clients, vendors or articles names: all of them, or with WrongFile none.

    What a person writes there is a decision: it overrules what was said of a proposal. Reads SmartAccounts' records
    from their mirror. `by`: who does.
    """
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        return _take(connection, company, kind, content, run_key, Decided(clock(), by))


def _take(connection: Connection, company: Company, kind: Kind, content: bytes, run_key: str, said: Decided) -> Taken:
    key = company.key
    records = read_records(connection, key, kind)
    table = read_table(content, kind)
    faults = list(table.faults)
    rows = list(entries(table, records, faults.append))
    for entry in rows:
        _check_filling(entry, faults.append)
    wanted = [entry for entry in rows if entry.is_filled and is_id(entry.scoro_id) and entry.remote_id is not None]
    registers, before = read_both_with_links(connection, company, kind)
    ids = {entry.scoro_id for entry in wanted}
    contacts = {} if kind is Kind.ARTICLE else staged_contacts(connection, key, ids)
    is_deleted = {source_id: each.is_deleted for source_id, each in contacts.items()}
    if kind is Kind.ARTICLE:
        is_deleted = staged_products(connection, key, ids)
    for entry in wanted:
        if is_deleted.get(entry.scoro_id):
            what = f"{entry.scoro_id} is deleted in Scoro; correct the id, or empty both columns"
            faults.append(Fault(entry.row.line, CSV_SERVICE_ID_COLUMN, what))
        elif (found := contacts.get(entry.scoro_id)) is not None:
            _check_with_contact(entry, kind, found, registers, records, faults.append)
    _check_with_imports(connection, key, kind, wanted, records, faults.append)
    registers = replace(registers, natural_keys={**_natural_keys(kind, wanted, contacts), **registers.natural_keys})
    links = {
        entry.scoro_id: Link(kind, entry.scoro_id, entry.remote_id, Evidence.LINKED_SERVICE, f"row {entry.row.line}")
        for entry in wanted
        if entry.remote_id is not None
    }
    if not faults:
        left_out = store_where_free(connection, key, run_key, kind, registers, list(links.values()))
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
    decide_pairs(connection, key, kind, pairs, Decision.ACCEPTED, said)
    taken = {remote_id for source_id, remote_id in before.items() if source_id not in links}
    others = (
        item.source_id
        for item in links.values()
        if item.remote_id in taken or records.marked_id(item.remote_id) not in ("", item.source_id)
    )
    return Taken(
        linked=len(links.keys() - before.keys()),
        known=len(links.keys() & before.keys()),
        empty=sum(not entry.service and not entry.scoro_id for entry in rows),
        foreign=sum(entry.is_foreign for entry in rows),
        unseen=_sorted(links.keys() - is_deleted.keys()),
        overruled=_sorted(source_id for source_id, _ in overruled),
        beside=_sorted(others),
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


def _check_with_contact(
    entry: Entry, kind: Kind, found: StagedContact, registers: BothRegisters, records: Records, say: Say
) -> None:
    """Hold the record that the id names against what Scoro says of its contact."""
    line, scoro_id = entry.row.line, entry.scoro_id
    if entry.remote_id is None:
        return
    # Contacts that are neither become what the first document needs.
    other = found.is_supplier if kind is Kind.CLIENT else found.is_client
    if other and scoro_id not in registers.sources:
        is_now, wanted = ("supplier", "client") if kind is Kind.CLIENT else ("client", "supplier")
        what = (
            f"contact {scoro_id} is a {is_now} in Scoro and no {wanted}; correct the id, or make it a {wanted} there"
            " and run reconcile_ids"
        )
        say(Fault(line, CSV_SERVICE_ID_COLUMN, what))
    ours = found.record
    codes = registry_code(ours.registry_code, ours.country), vat_number(ours.vat_number, ours.country)
    if column := records.contradiction(entry.remote_id, *codes):
        what = f"contact {scoro_id} of Scoro has another; correct {CSV_SERVICE_ID_COLUMN}, or one of the systems"
        say(Fault(line, column, what))


def _check_with_imports(
    connection: Connection, company: str, kind: Kind, wanted: Iterable[Entry], records: Records, say: Say
) -> None:
    """Leave alone what an import may have created just now for another contact or product."""
    sent = open_intents(connection, company, kind)
    for entry in wanted:
        if entry.remote_id is None:
            continue
        keys, marked = records.keys(entry.remote_id), records.marked_id(entry.remote_id)
        others = [item for item in sent if item.source_id != entry.scoro_id]
        if any(item.natural_key in keys or item.source_id == marked for item in others):
            say(Fault(entry.row.line, CSV_SERVICE_ID_COLUMN, _BEING_CREATED))


def _natural_keys(kind: Kind, wanted: Iterable[Entry], contacts: Mapping[str, StagedContact]) -> dict[str, str]:
    """Return what an import would lock that creates a record for these contacts, also for those that are no clients or
    vendors yet. Products that staging does not know lock nothing."""
    if kind is Kind.ARTICLE:
        return {}
    unknown = {entry.scoro_id: PartnerRecord(entry.scoro_id, "") for entry in wanted}
    known = {source_id: each.record for source_id, each in contacts.items()}
    return {source_id: natural_key_of(record) for source_id, record in (unknown | known).items()}


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
