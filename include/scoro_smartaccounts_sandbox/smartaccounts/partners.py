"""Rules for clients and vendors."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, refuse_if, too_long, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS
from scoro_smartaccounts_sandbox.smartaccounts.values import (
    an_object,
    boolean,
    decimal,
    given,
    integer,
    objects,
    required,
    required_text,
    text,
)

_CONTACT_TYPES = ("EMAIL", "PHONE", "FAX", "WWW", "SKYPE", "OTHER", "PERSON", "POST_ADDRESS")
_ADDRESS_PARTS = ("country", "county", "city", "address1", "address2", "postalCode")
_ADDRESS_LENGTH = 64
_MOST_DUE_DAYS = 9999
_TEXTS = ("group", "regCode", "vatNumber", "bankAccount", "vatPc", "accountUnpaid", "accountPrepayment")
_CLIENT_TEXTS = ("pdfAdditionaldata", "pdfTemplateInvoice", "pdfTemplateOffer", "pdfTemplateOrder")


def write_partner(ledger: Ledger, service: str, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
    """Add a partner, or put it in the place of an old one. Raises Refusal."""
    is_client = service == CLIENTS
    row: Record = {"name": required_text(body, "name")}
    if ledger.switches.partner_vat_required:
        required(body, "vatPc")
    for name in (*_TEXTS, *(_CLIENT_TEXTS if is_client else ())):
        if given(body, name):
            row[name] = text(body, name)
    for name in ("invoiceInterest", *(("discount",) if is_client else ())):
        if given(body, name):
            row[name] = decimal(body, name)
    if given(body, "invoiceDueDate"):
        row["invoiceDueDate"] = integer(body, "invoiceDueDate")
    ignore = boolean(body, "ignoreOnVatDeclaration")
    if ignore is not None:
        row["ignoreOnVatDeclaration"] = ignore
    address = an_object(body, "address")
    row["address"] = {name: text(address, name, "address.") for name in _ADDRESS_PARTS if given(address, name)}
    row["contacts"] = [
        {name: text(contact, name, "contacts.") for name in ("type", "value", "description") if given(contact, name)}
        for contact in objects(body, "contacts")
    ]
    reference = text(body, "referenceNumber")
    refuse_if(_faults(ledger, service, row, old))
    row = ledger.clean(row, service.rpartition("/")[2])
    row["comment"] = ledger.comment(text(body, "comment"))
    row["id"] = old["id"] if old else ledger.new_id()
    row["referenceNumber"] = reference or ledger.next_reference_number()
    if old and old.get("_builtin"):
        row["_builtin"] = True
    ledger.insert(service, row, old)
    return {"clientId" if is_client else "vendorId": row["id"], "referenceNumber": row["referenceNumber"]}


def _faults(ledger: Ledger, service: str, row: Record, old: Record | None) -> Iterator[Fault]:
    if "vatPc" in row and ledger.vat_percent(row["vatPc"]) is None:
        yield unknown("vatPc")
    if not 0 <= row.get("invoiceDueDate", 0) <= _MOST_DUE_DAYS:
        yield ("VALUE-INVALID", "invoiceDueDate is out of range", "invoiceDueDate on lubamatu")
    if "group" in row and ledger.setting("settings/groups", "name", row["group"]) is None:
        yield unknown("group")
    for name in ("accountUnpaid", "accountPrepayment"):
        if name in row and not ledger.has_account(row[name]):
            yield unknown(name)
    for name in ("address1", "address2"):
        if len(row["address"].get(name, "")) > _ADDRESS_LENGTH:
            yield too_long(f"address.{name}")
    country = row["address"].get("country")
    if country and ledger.setting("settings/countries", "code", country) is None:
        yield unknown("address.country")
    for contact in row["contacts"]:
        if contact.get("type") not in _CONTACT_TYPES:
            yield unknown("contacts.type")
    if ledger.switches.duplicate_partner == "refuse" and any(
        (other["name"], other.get("regCode")) == (row["name"], row.get("regCode")) and other is not old
        for other in ledger.records[service].values()
    ):
        yield ("PARTNER-EXISTS", "Partner exists already", "Partner on juba olemas")
