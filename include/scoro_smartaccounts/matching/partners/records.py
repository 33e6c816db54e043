"""Contacts that documents name as records to be compared, and what other records of them are looked up by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.codes import read_codes, read_iban, written_codes
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.identity.emails import read_emails
from scoro_smartaccounts.staging.mirror_registers import Traits

if TYPE_CHECKING:
    from scoro_smartaccounts.common.documents import Partner

# Where people leave the country out of a VAT number, or add it to a registry code.
_COUNTRIES = ("EE", "LV", "FI")


def record_of(partner: Partner) -> PartnerRecord:
    """Return a contact as it is compared."""
    address = partner.address
    return PartnerRecord(
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


def traits_of(record: PartnerRecord) -> Traits:
    """Return what other records of the same partner are looked up by."""
    return Traits(_codes(record), read_iban(record.bank_account), read_emails(record.email), marked_id=record.id)


def _codes(record: PartnerRecord) -> set[str]:
    """As people write them: with the country or without it, the registry code as a VAT number."""
    read = read_codes(record.registry_code, record.vat_number, record.country)
    written = written_codes(record.registry_code, record.vat_number, record.country)
    codes = set(filter(None, (read.registry_code, read.vat_number, *written)))
    for country in _COUNTRIES:
        codes |= {f"{country}{code}" for code in codes} | {code.removeprefix(country) for code in codes}
    return codes
