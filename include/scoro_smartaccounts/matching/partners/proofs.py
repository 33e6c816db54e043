"""Whether anything can prove who a new contact is, before it is compared with all that are like it: most new ones have
nothing in common with anybody but a bureau's address or a group's account, and those are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.codes import read_iban, telling_digits
from scoro_smartaccounts.matching.identity.emails import read_emails
from scoro_smartaccounts.matching.identity.profile_index import MOST_SHARING
from scoro_smartaccounts.staging.mirror_registers import Traits, partner_records_like
from scoro_smartaccounts.staging.scoro_registers import contact_records_like

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.records import PartnerRecord
    from scoro_smartaccounts.staging.links import Kind

# Some of what is found has an address that merely contains the one looked for.
_MOST_READ = 5 * MOST_SHARING


def can_be_proved(connection: Connection, company: str, kind: Kind, record: PartnerRecord) -> bool:
    """Whether a client or vendor may be the contact's for certain, or in doubt: one with the digits of its codes, which
    stay however codes are written, or with our marker; or one that shares an account or an address with few."""
    digits = {telling_digits(record.registry_code), telling_digits(record.vat_number)} - {""}
    told = Traits(digits=digits, marked_id=record.id)
    if partner_records_like(connection, company, kind, told, most=1):
        return True
    shared = [Traits(emails=[email]) for email in sorted(read_emails(record.email))]
    if iban := read_iban(record.bank_account):
        shared.insert(0, Traits(iban=iban))
    return any(_is_of_few(connection, company, kind, trait) for trait in shared)


def _is_of_few(connection: Connection, company: str, kind: Kind, trait: Traits) -> bool:
    """Whether a client or vendor has this account or address, and no more on either side than it can be proof of."""
    theirs = partner_records_like(connection, company, kind, trait, most=_MOST_READ)
    if not theirs or _holders(theirs.values(), trait) > MOST_SHARING:
        return False
    ours = contact_records_like(connection, company, trait, most=_MOST_READ)
    return _holders(ours.values(), trait) <= MOST_SHARING


def _holders(records: Iterable[PartnerRecord], trait: Traits) -> int:
    return sum(
        read_iban(each.bank_account) == trait.iban if trait.iban else read_emails(each.email).issuperset(trait.emails)
        for each in records
    )
