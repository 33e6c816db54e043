"""What imported documents use in SmartAccounts: clients and vendors, by whose tax data VAT returns are filled, articles
and VAT codes. What the mirror shows of them is held against what is held for right, without a request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, NoRequestsLeft
from scoro_smartaccounts.audit.registers import REGISTERS, old_registers
from scoro_smartaccounts.audit.used_judging import (
    PARTNER_GONE,
    USED_KINDS,
    accepted,
    changed,
    differences,
    gone,
    learned,
)
from scoro_smartaccounts.common.errors import RequestRefused
from scoro_smartaccounts.common.money import told
from scoro_smartaccounts.mirror.registers import vat_codes
from scoro_smartaccounts.smartaccounts.queries import by_id
from scoro_smartaccounts.smartaccounts.wire import STAND_IN, text
from scoro_smartaccounts.staging.drifts import close_these, note_drift, open_drifts
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records
from scoro_smartaccounts.staging.mirror_settings import setting_rows
from scoro_smartaccounts.staging.used_records import Used, drop_used, held_for_right, hold_used, records_in_use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence, Set
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.audit.reader import Reader
    from scoro_smartaccounts.staging.drifts import Drift, Found
    from scoro_smartaccounts.staging.used_records import Basis, Key

log = logging.getLogger(__name__)

_PARTNERS: Mapping[Used, Kind] = {Used.CLIENT: Kind.CLIENT, Used.VENDOR: Kind.VENDOR}


def compare_used(reader: Reader) -> dict[str, Any]:
    """Note what differs of what imported documents use, and close what is right again. `old`: registers that were not
    read for a day, and when they were; `left`: clients and vendors that the mirror lost, and that the night had no
    request to ask for."""
    company = reader.company
    with reader.services.engine.connect() as connection:
        lost, others = _lost(connection, company)
    deleted, left = _deleted(reader, lost, others)
    with reader.services.engine.begin() as connection:
        at = reader.services.clock()
        _compare(connection, company, at, deleted)
        old = old_registers(connection, company, at)
    return {"old": old, "left": left}


def accept_used(connection: Connection, company: str, drifts: Sequence[Drift], at: datetime) -> None:
    """Hold for right what differences show."""
    held, shown = held_for_right(connection, company), _shown(connection, company)
    keys = {(Used(each.flow), each.remote_id): each.after for each in drifts}
    right = {key: accepted(held[key], shown.get(key), after) for key, after in keys.items() if key in held}
    hold_used(connection, company, right, at)


def _compare(connection: Connection, company: str, at: datetime, deleted: Collection[Key]) -> None:
    used, held = records_in_use(connection, company), held_for_right(connection, company)
    shown = _shown(connection, company)
    deleted = {*deleted, *_codes_gone(connection, company, held)}
    hold: dict[Key, Basis] = {}
    found: dict[Key, Found] = {}
    # Of what the mirror does not show nobody can tell whether it is right again.
    unknown = set()
    for key, count in used.items():
        basis, now = held.get(key), shown.get(key)
        if key in deleted and basis:
            found[key] = gone(key, count)
        elif now is None:
            unknown.add(key)
        elif not basis:
            hold[key] = now
        else:
            if (known := learned(basis, now)) != basis:
                hold[key] = known
            if fields := differences(basis, now):
                found[key] = changed(key, count, basis, now, fields)
    for each in found.values():
        note_drift(connection, company, each, at)
    over = []
    for drift in open_drifts(connection, company, *USED_KINDS):
        key = Used(drift.flow), drift.remote_id
        if key not in unknown and (key not in found or found[key].kind != drift.kind):
            over.append(drift.id)
    close_these(connection, company, over, at, "mended")
    hold_used(connection, company, hold, at)
    drop_used(connection, company, held.keys() - used.keys())


def _shown(connection: Connection, company: str) -> dict[Key, Basis]:
    """Return what the mirror shows, as far as it can be read."""
    found: dict[Key, Basis] = {}
    for used, kind in _PARTNERS.items():
        for record in partner_records(connection, company, kind).values():
            if not record.marked_id.startswith(STAND_IN):
                found[used, record.id] = {
                    "vat_number": record.vat_number,
                    "registry_code": record.registry_code,
                    "country": record.country,
                    "is_left_out": record.is_left_out,
                }
    for article in article_records(connection, company).values():
        found[Used.ARTICLE, article.code] = {"type": article.type or None}
    for row in vat_codes(connection, company):
        found[Used.VAT_CODE, row.vat_pc] = {
            "percent": told(row.pc),
            "account_sales": text(row.raw.get("accountSales")),
            "account_purchase": text(row.raw.get("accountPurchase")),
            "is_own": row.is_own,
        }
    return found


def _codes_gone(connection: Connection, company: str, held: Iterable[Key]) -> set[Key]:
    """VAT codes that the mirror does not show, where it shows others: one that cannot be read is there."""
    codes = {text(row.get("vatPc")) for row in setting_rows(connection, company, REGISTERS[Used.VAT_CODE])}
    return {key for key in held if codes and key[0] is Used.VAT_CODE and key[1] not in codes}


def _lost(connection: Connection, company: str) -> tuple[set[Key], dict[Used, str]]:
    """Return clients and vendors that imported documents use and that the mirror had, and has no more; and of each kind
    another one that it has."""
    there = {used: partner_records(connection, company, kind) for used, kind in _PARTNERS.items()}
    in_use = records_in_use(connection, company)
    lost = {
        key
        for key, basis in held_for_right(connection, company).items()
        if basis and key in in_use and key[0] in there and key[1] not in there[key[0]]
    }
    readable = {used: (each for each in records if not each.startswith(STAND_IN)) for used, records in there.items()}
    return lost, {used: next(ids, "") for used, ids in readable.items()}


def _deleted(reader: Reader, lost: Set[Key], others: Mapping[Used, str]) -> tuple[set[Key], int]:
    """Those of the lost that are deleted, and how many could not be asked for. A mirror may lose what is there, and a
    service that shows no other record either tells of none."""
    with reader.services.engine.connect() as connection:
        told_before = open_drifts(connection, reader.company, PARTNER_GONE)
    deleted = {(Used(each.flow), each.remote_id) for each in told_before}.intersection(lost)
    wanted = sorted(key for key in lost - deleted if others[key[0]])
    if wanted:
        reader.asking.allow(ALARMED)
    shows: dict[Used, bool] = {}
    for number, (used, record_id) in enumerate(wanted):
        try:
            if used not in shows:
                shows[used] = _is_shown(reader, used, others[used])
            if shows[used] and not _is_shown(reader, used, record_id):
                deleted.add((used, record_id))
        except NoRequestsLeft:
            return deleted, len(wanted) - number
    return deleted, 0


def _is_shown(reader: Reader, used: Used, record_id: str) -> bool:
    try:
        answer = reader.asking.read(REGISTERS[used], **by_id(record_id))
    except RequestRefused:
        # Some services refuse an id that they do not know.
        return False
    return any(text(row.get("id")) == record_id for row in answer.rows)
