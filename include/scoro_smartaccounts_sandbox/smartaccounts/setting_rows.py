"""Rules for the settings of a company."""

from collections.abc import Iterator, Mapping
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, basic, refuse_if, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import INVOICES, PAYMENTS
from scoro_smartaccounts_sandbox.smartaccounts.settings import ACCOUNT_FIELDS, CHOICES, SETTINGS
from scoro_smartaccounts_sandbox.smartaccounts.values import boolean, decimal, given, integer, required, text

_BOOLEANS = (
    "forNetting",
    "showOnInvoice",
    "activePurchase",
    "activeSales",
    "active",
    "isCash",
    "clients",
    "vendors",
    "euMember",
)
_VAT = "settings/vatpcs"
_DEFAULTS: dict[str, Record] = {"settings/objects": {"active": True}}


def shown_settings(ledger: Ledger, service: str) -> Iterator[Record]:
    """The rows of a setting as lists show them."""
    for row in ledger.settings[service]:
        shown = dict(row)
        if service == "settings/warehouses" and not ledger.switches.warehouse_ids:
            del shown["id"]
        if service == _VAT and row["custom"]:
            shown["inUse"] = _is_used(ledger, service, row)
        yield shown


def write_setting(ledger: Ledger, service: str, body: Mapping[str, Any], *, edit: bool) -> dict[str, Any]:
    """Add a row, or replace the one with the same key. Raises Refusal."""
    setting = SETTINGS[service]
    for name in setting.mandatory:
        required(body, name)
    row: Record = dict(_DEFAULTS.get(service, {}))
    for name in (*setting.mandatory, *setting.optional):
        if given(body, name):
            row[name] = _value(body, name)
    row = ledger.clean(row, service)
    old = find_setting(ledger, service, text(body, setting.key)) if edit else None
    row |= _key(ledger, service, body, old)
    refuse_if(_faults(ledger, service, row, old))
    rows = ledger.settings[service]
    if old is None:
        rows.append(row)
    else:
        rows[rows.index(old)] = row
    answer = {setting.key: row[setting.key]}
    return answer | ({"accountId": row["id"]} if service == "settings/accounts" else {})


def delete_setting(ledger: Ledger, service: str, params: Mapping[str, str]) -> None:
    """Remove a row by its key in the query. Raises Refusal."""
    row = find_setting(ledger, service, params.get(SETTINGS[service].key, ""))
    if row.get("systemCountry") or row.get("custom") is False:
        refuse_if([("SYSTEM-VALUE", "A system value cannot be deleted", "Süsteemset väärtust ei saa kustutada")])
    if ledger.switches.delete_used == "refuse" and _is_used(ledger, service, row):
        refuse_if([("IN-USE", "The value is in use", "Väärtus on kasutusel")])
    ledger.settings[service].remove(row)


def _value(body: Mapping[str, Any], name: str) -> Any:
    if name == "pc":
        return decimal(body, name)
    if name == "order":
        return integer(body, name)
    return boolean(body, name) if name in _BOOLEANS else text(body, name)


def find_setting(ledger: Ledger, service: str, key: str) -> Record:
    """The row with a key. Raises Refusal."""
    name = SETTINGS[service].key
    row = ledger.setting(service, name, key) if key else None
    if row is None:
        raise basic("NOT-FOUND", f"{service.rpartition('/')[2]} by {name} not found")
    return row


def _key(ledger: Ledger, service: str, body: Mapping[str, Any], old: Record | None) -> Record:
    """The parts of a row that are generated."""
    if service == _VAT:
        if old is not None:
            return {"vatPc": old["vatPc"], "custom": old["custom"]}
        return {"vatPc": f"C{ledger.next('VAT code')}", "custom": True}
    if service == "settings/objects":
        # Who adds an object may choose its id.
        return {"id": old["id"] if old else text(body, "id") or ledger.new_id()}
    if service == "settings/accounts":
        return {"id": old["id"] if old else ledger.new_id()}
    if service == "settings/countries":
        return {"systemCountry": bool(old and old["systemCountry"])}
    return {}


def _faults(ledger: Ledger, service: str, row: Record, old: Record | None) -> Iterator[Fault]:
    setting = SETTINGS[service]
    if old is None and ledger.setting(service, setting.key, row[setting.key]) is not None:
        yield ("VALUE-EXISTS", f"{setting.key} exists already", f"{setting.key} on juba olemas")
    for name, value in row.items():
        choices = CHOICES.get((service, name))
        if choices and value not in choices:
            yield unknown(name)
        if name in ACCOUNT_FIELDS and not ledger.has_account(value):
            yield unknown(name)


def _is_used(ledger: Ledger, service: str, row: Record) -> bool:
    """Whether documents stand on a row."""
    if service == _VAT:
        invoices = (invoice for name in INVOICES for invoice in ledger.records[name].values())
        return any(line["vatPc"] == row["vatPc"] for invoice in invoices for line in invoice["rows"])
    if service in ("settings/bankaccounts", "settings/cashaccounts"):
        kind = "BANK" if service == "settings/bankaccounts" else "CASH"
        payments = ledger.records[PAYMENTS].values()
        return any((payment["accountType"], payment["accountName"]) == (kind, row["name"]) for payment in payments)
    return False
