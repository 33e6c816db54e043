"""A contact of Scoro → a client or a vendor of SmartAccounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import ADDRESS_PART_LENGTH, NAME_LENGTH
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.transform.text import REPLACEMENT, Say, clean, split_at_word, tell_length

if TYPE_CHECKING:
    from scoro_smartaccounts.common.documents import Address, Partner

# Parts of an address whose words are not called as SmartAccounts' fields.
_PARTS = {"postalCode": "postal_code"}


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """A body to send, and what a person should know of how it came about."""

    payload: dict[str, Any]
    warnings: tuple[Reason, ...]


def plan_partner(partner: Partner, *, vat_code: str, marker: str) -> PlannedRecord:
    """Return the body of `clients:add` or `vendors:add`: nothing is sent that only one of them takes.

    Raises DocumentProblem when the contact has no name.

    A person's personal code is not sent: SmartAccounts does not need it.
    """
    warnings: list[Reason] = []
    contact_id = partner.source_id
    name = clean(partner.name, _part(contact_id, "name"), warnings.append)
    if not name:
        raise DocumentProblem(reason("partner_without_name", contact=contact_id))
    tell_length(name, NAME_LENGTH, _part(contact_id, "name"), warnings.append)
    for field in partner.stand_ins:
        warnings.append(reason("stand_in_left_out", where=_part(contact_id, field.value)))
    payload: dict[str, Any] = {"name": name, "vatPc": vat_code}
    if partner.registry_code and not partner.is_person:
        payload["regCode"] = partner.registry_code
    if partner.vat_number:
        payload["vatNumber"] = partner.vat_number
    if bank_account := _detail(partner.bank_account, _part(contact_id, "bank_account"), warnings.append):
        payload["bankAccount"] = bank_account
    if partner.reference_number:
        payload["referenceNumber"] = partner.reference_number
    if partner.address is not None:
        address = _address(partner.address, contact_id, warnings.append)
        if address:
            payload["address"] = address
    means = (("EMAIL", "email", partner.email), ("PHONE", "phone", partner.phone))
    contacts = [
        {"type": kind, "value": cleaned}
        for kind, part, value in means
        if (cleaned := _detail(value, _part(contact_id, part), warnings.append))
    ]
    if contacts:
        payload["contacts"] = contacts
    payload["comment"] = marker
    return PlannedRecord(payload, tuple(warnings))


def _part(contact_id: str, part: str) -> Phrase:
    return phrase("contact_part", id=contact_id, part=phrase(part))


def _detail(value: str, where: Phrase, say: Say) -> str:
    """`value` cleaned; empty where nothing of it is left."""
    cleaned = clean(value, where, say)
    return cleaned if cleaned.strip(f"{REPLACEMENT} ") else ""


def _address(address: Address, contact_id: str, say: Say) -> dict[str, str]:
    street = clean(address.street, _part(contact_id, "street"), say)
    first, rest = split_at_word(street, ADDRESS_PART_LENGTH)
    parts = {
        "country": address.country,
        "county": clean(address.county, _part(contact_id, "county"), say),
        "city": clean(address.city, _part(contact_id, "city"), say),
        "address1": first,
        "address2": rest,
        "postalCode": clean(address.postal_code, _part(contact_id, "postal_code"), say),
    }
    for name, value in parts.items():
        if len(value) > ADDRESS_PART_LENGTH:
            parts[name] = value[:ADDRESS_PART_LENGTH]
            say(reason("text_cut", where=_part(contact_id, _PARTS.get(name, name)), limit=ADDRESS_PART_LENGTH))
    return {name: value for name, value in parts.items() if value}
