"""A contact of Scoro → a client or a vendor of SmartAccounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scoro_smartaccounts.assumptions import ADDRESS_PART_LENGTH
from scoro_smartaccounts.documents import Address, Partner
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.transform.text import REPLACEMENT, Say, clean, split_at_word


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """A body to send, and what a person should know of how it came about."""

    payload: dict[str, Any]
    warnings: tuple[str, ...]


def plan_partner(partner: Partner, *, vat_code: str, marker: str) -> PlannedRecord:
    """The body of `clients:add` or `vendors:add`: nothing is sent that only one of them takes.

    Raises DocumentProblem when the contact has no name.

    A person's personal code is not sent: SmartAccounts does not need it.
    """
    warnings: list[str] = []
    where = f"contact {partner.source_id}"
    name = clean(partner.name, f"{where}: name", warnings.append)
    if not name:
        raise DocumentProblem("partner_without_name", f"Contact {partner.source_id} has no name.", field="name")
    for field in partner.stand_ins:
        warnings.append(f"{where}: {field.replace('_', ' ')}: left out; what stands in Scoro is none")
    payload: dict[str, Any] = {"name": name, "vatPc": vat_code}
    if partner.registry_code and not partner.is_person:
        payload["regCode"] = partner.registry_code
    if partner.vat_number:
        payload["vatNumber"] = partner.vat_number
    if bank_account := _detail(partner.bank_account, f"{where}: bank account", warnings.append):
        payload["bankAccount"] = bank_account
    if partner.reference_number:
        payload["referenceNumber"] = partner.reference_number
    if partner.address is not None:
        address = _address(partner.address, where, warnings.append)
        if address:
            payload["address"] = address
    means = (("EMAIL", "e-mail", partner.email), ("PHONE", "phone", partner.phone))
    contacts = [
        {"type": kind, "value": cleaned}
        for kind, called, value in means
        if (cleaned := _detail(value, f"{where}: {called}", warnings.append))
    ]
    if contacts:
        payload["contacts"] = contacts
    payload["comment"] = marker
    return PlannedRecord(payload, tuple(warnings))


def _detail(value: str, what: str, say: Say) -> str:
    """`value` cleaned; empty where nothing of it is left."""
    cleaned = clean(value, what, say)
    return cleaned if cleaned.strip(f"{REPLACEMENT} ") else ""


def _address(address: Address, where: str, say: Say) -> dict[str, str]:
    street = clean(address.street, f"{where}: street", say)
    first, rest = split_at_word(street, ADDRESS_PART_LENGTH)
    parts = {
        "country": address.country,
        "county": clean(address.county, f"{where}: county", say),
        "city": clean(address.city, f"{where}: city", say),
        "address1": first,
        "address2": rest,
        "postalCode": clean(address.postal_code, f"{where}: postal code", say),
    }
    for name, value in parts.items():
        if len(value) > ADDRESS_PART_LENGTH:
            parts[name] = value[:ADDRESS_PART_LENGTH]
            say(f"{where}: {name} was cut to {ADDRESS_PART_LENGTH} characters")
    return {name: value for name, value in parts.items() if value}
