"""What is compared: contacts of Scoro and clients or vendors of SmartAccounts, as staging holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Row, Table, func, or_, select

from scoro_smartaccounts.common.codes import read_codes, read_iban, written_codes
from scoro_smartaccounts.matching.identity.emails import read_emails
from scoro_smartaccounts.matching.identity.records import Party
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.schema import contact

if TYPE_CHECKING:
    from scoro_smartaccounts.common.documents import Partner

PARTY_FIELDS = ("registry_code", "vat_number", "bank_account", "email", "country", "city", "street", "postal_code")
# Where people leave the country out of a VAT number, or add it to a registry code.
_COUNTRIES = ("EE", "LV", "FI")


def party_of_partner(partner: Partner) -> Party:
    """Return a contact as it is compared."""
    address = partner.address
    return Party(
        id=partner.source_id,
        name=partner.name,
        is_person=partner.is_person,
        registry_code=partner.registry_code,
        vat_number=partner.vat_number,
        bank_account=partner.bank_account,
        email=partner.email,
        country=address.country if address else "",
        city=address.city if address else "",
        street=address.street if address else "",
        postal_code=address.postal_code if address else "",
    )


def party_of(row: Row[tuple[object, ...]], own_id: str, *, is_person: bool | None, marked_id: str = "") -> Party:
    """Return a row of staging or of a register, as it is compared."""
    fields = {name: getattr(row, name) for name in PARTY_FIELDS}
    return Party(id=own_id, name=row.name, is_person=is_person, marked_id=marked_id, **fields)


def read_contacts(connection: Connection, company: str, like: Party | None = None) -> list[Party]:
    """Return the contacts that are known and not deleted; only those that have a code, the account or the e-mail
    address of `like`, if given."""
    wanted = [contact.c.company == company, ~contact.c.is_deleted]
    if like is not None:
        wanted.append(_may_be(contact, like))
    rows = connection.execute(select(contact).where(*wanted))
    return [party_of(row, row.source_id, is_person=row.is_person) for row in rows]


def read_records(connection: Connection, company: str, register: Table, like: Party | None = None) -> list[Party]:
    """Return the clients or vendors; only those that have a code, the account or the e-mail address of `like`, or our
    marker for it, if given."""
    wanted: list[ColumnElement[bool]] = [register.c.company == company]
    if like is not None:
        wanted.append(or_(register.c.marked_id == like.id, _may_be(register, like)))
    rows = connection.execute(select(register).where(*wanted))
    return [party_of(row, row.remote_id, is_person=None, marked_id=row.marked_id) for row in rows]


def _codes(party: Party) -> set[str]:
    """As people write them: with the country or without it, the registry code as a VAT number."""
    read = read_codes(party.registry_code, party.vat_number, party.country)
    written = written_codes(party.registry_code, party.vat_number, party.country)
    codes = set(filter(None, (read.registry_code, read.vat_number, *written)))
    for country in _COUNTRIES:
        codes |= {f"{country}{code}" for code in codes} | {code.removeprefix(country) for code in codes}
    return codes


def _may_be(table: Table, party: Party) -> ColumnElement[bool]:
    columns = (table.c.registry_code, table.c.vat_number)
    found = [_plain(each) == any_of(_codes(party)) for each in columns]
    if account := read_iban(party.bank_account):
        found.append(_plain(table.c.bank_account) == account)
    found += (func.lower(table.c.email).contains(email, autoescape=True) for email in read_emails(party.email))
    return or_(*found)


def _plain(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.regexp_replace(func.upper(column), "[^0-9A-Z]", "", "g")
