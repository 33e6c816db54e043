"""SmartAccounts' registers, mirrored in staging: whole once, then by changes, so that nothing is searched for.

A record created at SmartAccounts is in the mirror at the latest after the next synchronisation; records that this
pipeline creates are put there at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.codes import account_number, registry_code, vat_number
from scoro_smartaccounts.common.countries import country_code
from scoro_smartaccounts.common.culprits import fault_of
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.changes import OVERLAP, TICK, Trust, known_trust, note_trust
from scoro_smartaccounts.mirror.pages import read_pages
from scoro_smartaccounts.mirror.twenty_minutes import Reading
from scoro_smartaccounts.smartaccounts.endpoints import (
    ACCOUNTS,
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    OBJECTS,
    VAT_CODES,
    WAREHOUSES,
)
from scoro_smartaccounts.smartaccounts.marker import marked_id
from scoro_smartaccounts.smartaccounts.queries import register as asked_of
from scoro_smartaccounts.smartaccounts.wire import (
    MOST_LETTERS_OF_NAMES,
    STAND_IN,
    ArticleRow,
    MoneyAccountRow,
    ObjectRow,
    Parsed,
    PartnerRow,
    VatPcRow,
    WarehouseRow,
    readable,
    text,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_registers import (
    ArticleRecord,
    RegisterState,
    drop_articles,
    drop_partners,
    has_nameless_partner,
    has_unreadable_partner,
    note_synced_to,
    partner_records,
    store_articles,
    store_partners,
    synced_to,
)
from scoro_smartaccounts.staging.mirror_settings import replace_setting, setting_rows
from scoro_smartaccounts.staging.statistics import refresh_statistics
from scoro_smartaccounts.transform.vat_doubts import PartnerInBooks

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.mirror.pages import Page, Rows, Taken
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.queries import Params
    from scoro_smartaccounts.staging.links import Kind

log = logging.getLogger(__name__)

# Whom the registers of partners hold, by service.
PARTNERS: Mapping[str, Kind] = {each.partners: each.partner_kind for each in INVOICE_FLOWS.values()}

# How old a mirror may be for planning.
FRESH = timedelta(minutes=3)
SETTINGS_FRESH = timedelta(hours=24)
_MOST_FULL_READS = 3


def sync_register(services: Services, company: str, register: str, *, max_age: timedelta | None) -> Reading:
    """Bring the mirror of `register` (one of PARTNERS, or ARTICLES) up to date unless it is younger than `max_age`.

    Returns the reading that the mirror rests on.
    """
    with services.engine.connect() as connection, session_lock(connection, company, "register", register):
        state = synced_to(connection, company, register)
        connection.commit()
        started = services.clock()
        if state is not None and max_age is not None and started - state.read_at <= max_age:
            return Reading(None, state.read_at)
        trust = known_trust(connection, company, register)
        since = None
        # What has no id is not heard of again by its changes.
        if state is not None and not _has_old_stand_ins(connection, company, register, started):
            since = (
                trust.since(state.synced_to, started) if trust.witness is not None and trust.may_ask(started) else None
            )
        connection.commit()
        pages, after = _read(services, register, trust, since, started)
        whole = after.whole_at == started
        is_readable = _mirror(connection, services, company, register, pages, whole=whole)
        # What is blind does not tell either whether something slipped past a page border.
        is_whole = is_readable and not (after.is_blind and len(pages) > 1)
        reading = Reading(pages[0].server_time, started, is_whole)
        note_trust(connection, company, register, after)
        remember(connection, company, register, reading)
        connection.commit()
        log.info(
            "Mirrored %s: %d %s, %d deleted, requests: %d.",
            register,
            sum(len(page.shown) for page in pages),
            "records" if whole else "changed",
            sum(len(page.deleted) for page in pages),
            len(pages),
        )
        refresh_statistics(connection)
        return reading


def sync_settings(
    services: Services,
    company: str,
    wanted: Iterable[str] = (VAT_CODES, WAREHOUSES),
    *,
    max_age: timedelta = SETTINGS_FRESH,
) -> None:
    """Read those of the settings `wanted` that are older than `max_age`: they have no change query."""
    for service in wanted:
        with services.engine.connect() as connection, session_lock(connection, company, "register", service):
            state = synced_to(connection, company, service)
            connection.commit()
            started = services.clock()
            if state is not None and started - state.read_at <= max_age:
                continue
            answer = services.smartaccounts.read(service)
            rows = [_json_safe(row) for row in answer.rows]
            _log_refused(service, replace_setting(connection, company, service, rows))
            remember(connection, company, service, Reading(answer.server_time, started))
            connection.commit()
            log.info("Read %s: %s.", service, counted(len(answer.rows), "record|records"))


def _readable(
    connection: Connection, company: str, service: str, parse: Callable[[Mapping[str, Any]], Parsed]
) -> list[Parsed]:
    """Return settings that can be read; what asks for another one does not find it."""
    return readable(setting_rows(connection, company, service), parse)[0]


def vat_codes(connection: Connection, company: str) -> list[VatPcRow]:
    """All VAT codes that can be read."""
    return _readable(connection, company, VAT_CODES, VatPcRow.from_wire)


def vat_percents(connection: Connection, company: str, flow: Flow) -> dict[str, Decimal]:
    """Return the percentage of every VAT code that is active for the invoices of the flow."""
    rows = _readable(connection, company, VAT_CODES, VatPcRow.from_wire)
    is_sales = flow is Flow.SALES_INVOICES
    return {row.vat_pc: row.pc for row in rows if (row.active_sales if is_sales else row.active_purchase)}


def own_vat_codes(connection: Connection, company: str) -> frozenset[str]:
    """Return the VAT codes that the company made itself."""
    rows = _readable(connection, company, VAT_CODES, VatPcRow.from_wire)
    return frozenset(row.vat_pc for row in rows if row.is_own)


def partners_in_books(
    connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]
) -> dict[str, PartnerInBooks]:
    """Return what SmartAccounts holds of clients or vendors, by its id."""
    records = partner_records(connection, company, INVOICE_FLOWS[flow].partner_kind, remote_ids)
    return {remote_id: PartnerInBooks(each.country, each.vat_number) for remote_id, each in records.items()}


def warehouses(connection: Connection, company: str) -> dict[str, str]:
    """Return what invoices and bills name a warehouse by (its id; where SmartAccounts shows none, its name), by
    name."""
    rows = _readable(connection, company, WAREHOUSES, WarehouseRow.from_wire)
    return {row.name: row.id or row.name for row in rows}


def accounts(connection: Connection, company: str) -> frozenset[str]:
    """Codes of the ledger's accounts, where they were asked for."""
    return frozenset(text(payload.get("code")) for payload in setting_rows(connection, company, ACCOUNTS))


def objects(connection: Connection, company: str) -> dict[str, str]:
    """Ids of the objects in use by code, where they were asked for."""
    rows = _readable(connection, company, OBJECTS, ObjectRow.from_wire)
    return {row.code: row.id for row in rows if row.active}


def money_accounts(connection: Connection, company: str) -> dict[tuple[str, str], MoneyAccountRow]:
    """Bank and cash accounts by kind (BANK, CASH) and name."""
    return {
        (kind, row.name): row
        for kind, service in (("BANK", BANK_ACCOUNTS), ("CASH", CASH_ACCOUNTS))
        for row in _readable(connection, company, service, MoneyAccountRow.from_wire)
    }


def created_partner(remote_id: str, source_id: str, body: Mapping[str, Any]) -> PartnerRecord:
    """Return the client or vendor that was just created for a contact, as the mirror has it; `body` is what was
    sent."""
    address = body.get("address", {})
    country = country_code(address.get("country", ""))
    emails = [each["value"] for each in body.get("contacts", ()) if each["type"] == "EMAIL"]
    return PartnerRecord(
        id=remote_id,
        name=body["name"],
        registry_code=registry_code(body.get("regCode", ""), country),
        vat_number=vat_number(body.get("vatNumber", ""), country),
        bank_account=account_number(body.get("bankAccount", "")),
        email=emails[0] if emails else "",
        country=country,
        city=address.get("city", ""),
        street=address.get("address1", ""),
        postal_code=address.get("postalCode", ""),
        marked_id=source_id,
        is_left_out=False,
    )


@dataclass(frozen=True, slots=True)
class _Records:
    """Records of a page as the mirror has them. `has_unread`: one of them could not be read."""

    found: list[Any]
    has_unread: bool


def _read(
    services: Services, register: str, trust: Trust, since: datetime | None, now: datetime
) -> tuple[list[Page[_Records]], Trust]:
    """Return what changed since a moment, or everything where no moment is given or the changes are blind; and what is
    known of them now."""

    def take(rows: Rows) -> _Records:
        return _partners(services, rows) if register in PARTNERS else _articles(rows)

    if since is not None:
        pages = read_whole(services, register, asked_of(register, since), take)
        if trust.is_believed(pages, now):
            return pages, trust.after_changes(pages, since, now)
    pages = read_whole(services, register, asked_of(register, None), take)
    return pages, trust.after_all(register, pages, now, was_asked=since is not None)


def read_whole(services: Services, register: str, asked: Params, take: Callable[[Rows], Taken]) -> list[Page[Taken]]:
    """All pages of what a query asks for, and what changed while they were read.

    A record deleted meanwhile would move another past the page border: then they are read again. Raises
    TransientError when that happens every time.
    """
    for _ in range(_MOST_FULL_READS):
        started = services.clock()
        pages = read_pages(services, register, asked, take)
        if len(pages) == 1:
            return pages
        server_time = pages[0].server_time
        since = server_time - TICK if server_time is not None else started - OVERLAP
        changes = read_pages(services, register, asked_of(register, since), take)
        if not any(page.deleted for page in changes):
            return [*pages, *changes]
        del pages
    raise TransientError(
        f"SmartAccounts {register}: records are being deleted there while they are read; nothing was missed, but the"
        " reading must be made again when that is over",
        retry_after=300,
    )


def _has_old_stand_ins(connection: Connection, company: str, register: str, now: datetime) -> bool:
    kind = PARTNERS.get(register)
    return kind is not None and has_nameless_partner(connection, company, kind, read_before=now - SETTINGS_FRESH)


def _mirror(
    connection: Connection,
    services: Services,
    company: str,
    register: str,
    pages: Iterable[Page[_Records]],
    *,
    whole: bool,
) -> bool:
    """Put what was read into the mirror; whether the mirror shows all that is there."""
    pages = list(pages)
    records = (each for page in pages for each in page.taken.found)
    gone = None if whole else [deleted for page in pages for deleted in page.deleted]
    if (kind := PARTNERS.get(register)) is not None:
        drop_partners(connection, company, kind, gone)
        refused = store_partners(connection, company, kind, records, read_at=services.clock())
        is_readable = not has_unreadable_partner(connection, company, kind)
    else:
        drop_articles(connection, company, gone)
        refused = store_articles(connection, company, records, read_at=services.clock())
        is_readable = not any(page.taken.has_unread for page in pages)
    _log_refused(f"SmartAccounts' {register}", refused)
    return is_readable and not refused


def _articles(rows: Rows) -> _Records:
    found, unread = readable(rows, ArticleRow.from_wire)
    return _Records([ArticleRecord(row.code, _cut(row.description), row.type) for row in found], bool(unread))


def _partners(services: Services, rows: Rows) -> _Records:
    """Clients or vendors. One that cannot be read stands in the mirror as far as it can: somebody may be meant by
    it."""
    found, unread = readable(rows, PartnerRow.from_wire)
    records = [_record(row, services) for row in found]
    records += [
        replace(_record(PartnerRow.as_far_as_readable(problem.row), services), marked_id=STAND_IN + problem.field)
        for problem in unread
    ]
    return _Records(records, bool(unread))


def _cut(text: str) -> str:
    return text[:MOST_LETTERS_OF_NAMES]


def _log_refused(service: str, problems: Iterable[Exception]) -> None:
    for problem in problems:
        log.warning("A record of %s cannot be kept (%s); it is left out.", service, fault_of(problem))


def _record(row: PartnerRow, services: Services) -> PartnerRecord:
    country = country_code(row.country)
    return PartnerRecord(
        id=row.id,
        name=row.name,
        registry_code=registry_code(row.reg_code, country),
        vat_number=vat_number(row.vat_number, country),
        bank_account=account_number(row.bank_account),
        email=_cut(row.email),
        country=country,
        city=_cut(row.city),
        street=_cut(row.street),
        postal_code=_cut(row.postal_code),
        marked_id=marked_id(row.comment, services.scoro.company_account_id, "contacts") or "",
        is_left_out=row.is_left_out,
    )


def remember(connection: Connection, company: str, register: str, reading: Reading, *, moves: bool = True) -> None:
    """Note what a register is known from; with `moves` false its changes are asked for from the same moment again."""
    before = None if moves else synced_to(connection, company, register)
    moment = reading.server_time or reading.started if before is None else before.synced_to
    state = RegisterState(moment, reading.started)
    note_synced_to(connection, company, register, state)


def _json_safe(value: Any) -> Any:
    """Decimals as text, so that they stay what they are."""
    if isinstance(value, Mapping):
        return {key: _json_safe(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_json_safe(each) for each in value]
    return str(value) if isinstance(value, Decimal) else value
