"""The registers of SmartAccounts as they were mirrored: clients, vendors, articles, and up to when each is known. The
keeper of these tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import article_register, client_register, register_state, vendor_register

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

_Record = TypeVar("_Record")

_PARTNERS: Mapping[Kind, Table] = {Kind.CLIENT: client_register, Kind.VENDOR: vendor_register}
# What a contact of Scoro has too, under the same names.
DETAILS = ("registry_code", "vat_number", "bank_account", "email", "country", "city", "street", "postal_code")


@dataclass(frozen=True, slots=True)
class RegisterState:
    """Up to when a register is known, by the service's own clock where it shows one, and when it was read."""

    synced_to: datetime
    read_at: datetime


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article, as its register shows it."""

    code: str
    description: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
    """What records are looked up by: codes without blanks and in capitals, an IBAN, e-mail addresses in small letters;
    `marked_id`: the contact that our marker names; `digits`: those of codes, whatever letters stand with them."""

    codes: Collection[str] = ()
    iban: str = ""
    emails: Collection[str] = ()
    marked_id: str = ""
    digits: Collection[str] = ()


def synced_to(connection: Connection, company: str, register: str) -> RegisterState | None:
    """Return up to when a register is known; None where it was never read."""
    row = connection.execute(
        select(register_state.c.synced_to, register_state.c.read_at).where(
            register_state.c.company == company, register_state.c.register == register
        )
    ).one_or_none()
    return None if row is None else RegisterState(row.synced_to, row.read_at)


def note_synced_to(connection: Connection, company: str, register: str, state: RegisterState) -> None:
    """Note up to when a register is known."""
    values = {"synced_to": state.synced_to, "read_at": state.read_at}
    statement = insert(register_state).values(company=company, register=register, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["company", "register"], set_=values))


# Clients and vendors


def partner_records(
    connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str] | None = None
) -> dict[str, PartnerRecord]:
    """Return the clients or vendors by id, all of them or those of the given ids."""
    table = _PARTNERS[kind]
    return _records(
        connection, company, table, *([] if remote_ids is None else [table.c.remote_id == any_of(remote_ids)])
    )


def partner_records_like(
    connection: Connection, company: str, kind: Kind, traits: Traits, *, most: int | None = None
) -> dict[str, PartnerRecord]:
    """Return the clients or vendors that have one of these traits, `most` of them at the most."""
    table = _PARTNERS[kind]
    is_like = has_a_trait(table, traits)
    if traits.marked_id:
        is_like |= table.c.marked_id == traits.marked_id
    return _records(connection, company, table, is_like, most=most)


def names_in_books(connection: Connection, company: str, kind: Kind, remote_id: str) -> tuple[str, ...]:
    """How SmartAccounts calls a client or vendor: what a refusal may repeat and nobody may read."""
    return tuple(record.name for record in partner_records(connection, company, kind, [remote_id]).values())


def marked_partner(connection: Connection, company: str, kind: Kind, contact_id: str) -> str | None:
    """Return the client or vendor that our marker says was created for a contact."""
    register = _PARTNERS[kind].c
    found: str | None = connection.scalar(
        select(register.remote_id).where(register.company == company, register.marked_id == contact_id)
    )
    return found


def may_be_unmarked(connection: Connection, company: str, kind: Kind, name: str) -> bool:
    """Whether a client or vendor has this name, and no marker of any has ever come back."""
    register = _PARTNERS[kind].c
    marks = func.count().filter(register.marked_id != "", ~register.marked_id.startswith(STAND_IN))
    namesakes = func.count().filter(register.name == name)
    marked, named = connection.execute(select(marks, namesakes).where(register.company == company)).one()
    return bool(named and not marked)


def living_partners(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> set[str]:
    """Those of the clients or vendors that SmartAccounts still has."""
    table = _PARTNERS[kind]
    wanted = table.c.remote_id == any_of(remote_ids)
    return set(connection.scalars(select(table.c.remote_id).where(table.c.company == company, wanted)))


def has_unreadable_partner(connection: Connection, company: str, kind: Kind) -> bool:
    """Whether the mirror holds a client or vendor of which only a part could be read."""
    table = _PARTNERS[kind]
    found = table.c.marked_id.startswith(STAND_IN)
    return bool(connection.scalar(select(exists().where(table.c.company == company, found))))


def has_nameless_partner(connection: Connection, company: str, kind: Kind, *, read_before: datetime) -> bool:
    """Whether the mirror holds a client or vendor whose id could not be read, and was last tried before then."""
    table = _PARTNERS[kind]
    found = table.c.remote_id.startswith(STAND_IN) & (table.c.read_at < read_before)
    return bool(connection.scalar(select(exists().where(table.c.company == company, found))))


def store_partners(
    connection: Connection, company: str, kind: Kind, records: Iterable[PartnerRecord], *, read_at: datetime
) -> list[Exception]:
    """Put clients or vendors into the mirror, in the place of those with their ids; why some cannot be kept."""
    return _store(
        connection, _PARTNERS[kind], {each.id: each for each in records}, lambda each: _row(company, each), read_at
    )


def add_partner(connection: Connection, company: str, kind: Kind, record: PartnerRecord) -> None:
    """Put a client or vendor that was just created into the mirror; one that is there already stays."""
    connection.execute(insert(_PARTNERS[kind]).values(_row(company, record)).on_conflict_do_nothing())


def drop_partners(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str] | None = None) -> None:
    """Take clients or vendors out of the mirror, all of them or those of the given ids."""
    _drop(connection, company, _PARTNERS[kind], "remote_id", remote_ids)


def _row(company: str, record: PartnerRecord) -> dict[str, object]:
    details = {name: getattr(record, name) for name in (*DETAILS, "marked_id", "is_left_out")}
    return {"company": company, "remote_id": record.id, "name": record.name, **details}


def _records(
    connection: Connection, company: str, table: Table, *conditions: ColumnElement[bool], most: int | None = None
) -> dict[str, PartnerRecord]:
    wanted = table.c.company == company, *conditions
    rows = connection.execute(select(table).where(*wanted).order_by(table.c.remote_id).limit(most))
    return {
        row.remote_id: PartnerRecord(
            row.remote_id,
            row.name,
            marked_id=row.marked_id,
            is_left_out=row.is_left_out,
            **{name: getattr(row, name) for name in DETAILS},
        )
        for row in rows
    }


def has_a_trait(table: Table, traits: Traits) -> ColumnElement[bool]:
    """Whether a row of a register has one of the codes, the account or one of the addresses, however it is written."""
    found: list[ColumnElement[bool]] = []
    for column in (table.c.registry_code, table.c.vat_number):
        if traits.codes:
            found.append(_plain(column) == any_of(traits.codes))
        if traits.digits:
            found.append(func.regexp_replace(column, "[^0-9]", "", "g") == any_of(traits.digits))
    if traits.iban:
        found.append(_plain(table.c.bank_account) == traits.iban)
    found += (func.lower(table.c.email).contains(email, autoescape=True) for email in traits.emails)
    return or_(false(), *found)


def _plain(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.regexp_replace(func.upper(column), "[^0-9A-Z]", "", "g")


# Articles


def article_records(
    connection: Connection, company: str, codes: Iterable[str] | None = None
) -> dict[str, ArticleRecord]:
    """Return the articles by code, all of them or those of the given codes."""
    wanted = [article_register.c.company == company]
    if codes is not None:
        wanted.append(article_register.c.code == any_of(codes))
    rows = connection.execute(select(article_register).where(*wanted).order_by(article_register.c.code))
    return {row.code: ArticleRecord(row.code, row.description, row.type) for row in rows}


def store_articles(
    connection: Connection, company: str, records: Iterable[ArticleRecord], *, read_at: datetime
) -> list[Exception]:
    """Put articles into the mirror, in the place of those with their codes; why some cannot be kept."""

    def row(each: ArticleRecord) -> dict[str, str]:
        return {"company": company, "code": each.code, "description": each.description, "type": each.type}

    return _store(connection, article_register, {each.code: each for each in records}, row, read_at)


def add_article(connection: Connection, company: str, record: ArticleRecord) -> None:
    """Put an article that was just created into the mirror; one that is there already stays."""
    values = {"code": record.code, "description": record.description, "type": record.type}
    connection.execute(insert(article_register).values(company=company, **values).on_conflict_do_nothing())


def drop_articles(connection: Connection, company: str, codes: Iterable[str] | None = None) -> None:
    """Take articles out of the mirror, all of them or those of the given codes."""
    _drop(connection, company, article_register, "code", codes)


def _store(
    connection: Connection,
    table: Table,
    records: Mapping[str, _Record],
    row: Callable[[_Record], Mapping[str, object]],
    read_at: datetime,
) -> list[Exception]:
    def store(part: Sequence[_Record]) -> None:
        # One at a time: rows take several times the room of records.
        upsert(connection, table, ({**row(each), "read_at": read_at} for each in part))

    return [problem for _, problem in store_each(connection, records.values(), store)]


def _drop(connection: Connection, company: str, table: Table, key: str, ids: Iterable[str] | None) -> None:
    wanted = [table.c.company == company]
    if ids is not None:
        wanted.append(table.c[key] == any_of(ids))
    connection.execute(delete(table).where(*wanted))
