"""Contacts without a known code → clients or vendors, by a bank account or e-mail address that only the two have.

The rules are those of `reconcile_ids` (reconcile/identity); only what is certain is taken. Scoro's contacts are known
as far as documents brought them: all that were staged are asked whether they share the account or the address.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, or_, select

from scoro_smartaccounts.documents import Partner
from scoro_smartaccounts.flows import InvoiceFlow
from scoro_smartaccounts.reconcile.identity.codes import read_emails, read_iban
from scoro_smartaccounts.reconcile.identity.parties import propose_parties
from scoro_smartaccounts.reconcile.identity.proposals import Confidence, Kind
from scoro_smartaccounts.reconcile.identity.records import Party
from scoro_smartaccounts.staging.links import Evidence, Link
from scoro_smartaccounts.staging.schema import contact

_EVIDENCE = {Kind.BANK_ACCOUNT: Evidence.BANK_ACCOUNT, Kind.EMAIL: Evidence.EMAIL}
_FIELDS = ("registry_code", "vat_number", "bank_account", "email", "country", "city", "street", "postal_code")


def link_by_details(connection: Connection, company: str, spec: InvoiceFlow, partners: Iterable[Partner]) -> list[Link]:
    """Links of these contacts, none of which is linked yet. The link does not repeat the account or the address."""
    wanted = {partner.source_id: _of_partner(partner) for partner in partners}
    accounts = {account for party in wanted.values() if (account := read_iban(party.bank_account))}
    emails = {email for party in wanted.values() for email in read_emails(party.email)}
    if not accounts and not emails:
        return []
    register = spec.register
    remotes = [
        party_of(row, row.remote_id, is_person=None, marked_id=row.marked_id)
        for row in connection.execute(_sharing(register, company, accounts, emails))
    ]
    if not remotes:
        return []
    others = [
        party_of(row, row.source_id, is_person=row.is_person)
        for row in connection.execute(
            _sharing(contact, company, accounts, emails).where(
                contact.c.source_id.not_in(wanted), ~contact.c.is_deleted
            )
        )
    ]
    links: list[Link] = []
    for proposal in propose_parties([*wanted.values(), *others], remotes).proposals:
        if proposal.source_id not in wanted or proposal.confidence is not Confidence.CERTAIN:
            continue
        evidence = next((_EVIDENCE[item.kind] for item in proposal.evidence if item.kind in _EVIDENCE), None)
        if evidence is not None:
            links.append(Link(spec.partner_kind, proposal.source_id, proposal.remote_id, evidence))
    return links


def _sharing(table: Table, company: str, accounts: set[str], emails: set[str]) -> Select[tuple[object, ...]]:
    columns = table.c
    same: list[ColumnElement[bool]] = [func.upper(func.replace(columns.bank_account, " ", "")).in_(accounts)]
    same += [func.lower(columns.email).contains(email, autoescape=True) for email in emails]
    return select(table).where(columns.company == company, or_(*same))


def _of_partner(partner: Partner) -> Party:
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
    """A row of staging or of a register, as it is compared."""
    fields = {name: getattr(row, name) for name in _FIELDS}
    return Party(id=own_id, name=row.name, is_person=is_person, marked_id=marked_id, **fields)
