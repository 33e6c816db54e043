"""What control totals must say, told by the simulators' own records: whole cents, and nothing of the package.

Scoro's documents and SmartAccounts' are paired by the marker that the latter carry. Each side is added up by the rules
of the documents themselves: a credit invoice takes away, whatever sign it is shown with.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

MARKER = re.compile(r"\[Scoro \S+ (invoices|bills|expenses)/(\d+)\]")
_CONTACT = re.compile(r"\[Scoro \S+ contacts/(\d+)\]")
FLOWS = {"clientinvoices": "sales_invoices", "vendorinvoices": "purchase_invoices"}
_MODULES = {"invoices": "sales_invoices", "bills": "purchase_invoices", "expenses": "purchase_invoices"}
_ENTRIES = {"CLIENT_INVOICE": ("sales_invoices", 1, "1200"), "VENDOR_INVOICE": ("purchase_invoices", -1, "2110")}

# Month, flow, currency and measure: whole cents (documents, for `count`).
Key = tuple[date, str, str, str]


@dataclass(frozen=True)
class Here:
    """A document of Scoro."""

    flow: str
    source_id: str
    day: date
    currency: str
    net: int
    vat: int
    paid: int
    # Whether Scoro's list shows both amounts.
    is_shown: bool = True

    @property
    def total(self) -> int:
        return self.net + self.vat


@dataclass(frozen=True)
class There:
    """A document of SmartAccounts. `by_code`: net and VAT in cents by VAT code."""

    flow: str
    remote_id: str
    source_id: str
    number: str
    entry_day: date
    currency: str
    per_euro: Decimal
    partner_id: str
    net: int
    vat: int
    rounding: int
    total: int
    outstanding: int
    by_code: Mapping[str, tuple[int, int]]


def in_cents(value: object) -> int:
    return int((Decimal(str(value or 0)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def is_amount(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def shown_day(record: Mapping[str, Any]) -> date:
    """The day of a document; of one whose day cannot be read, the one on which it was made."""
    for name in ("date", "created_date", "modified_date"):
        with suppress(ValueError):
            return day_of(str(record.get(name) or "")[:10])
    raise AssertionError(record)


def day_of(written: str) -> date:
    """A day as either service writes it."""
    if "." in written:
        day, month, year = written.split(".")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(written[:10])


def scoro(tables: Mapping[str, Mapping[int, Mapping[str, Any]]], receipts: Iterable[Mapping[str, Any]]) -> list[Here]:
    """Scoro's documents that are not deleted. `tables`: its records by module and id."""
    paid: Counter[tuple[str, int]] = Counter()
    for group in receipts:
        for row in group["receipts"]:
            paid[str(group["sales_doc_type"]), int(row["invoice_id"])] += in_cents(row["sum"])
    found = []
    for module, records in tables.items():
        for record in records.values():
            if record.get("is_deleted"):
                continue
            shown = record["sum"], record["tax_sum" if module == "expenses" else "vat_sum"]
            net, vat = (in_cents(each) if is_amount(each) else 0 for each in shown)
            turn = -1 if record.get("credited_invoices") and (net > 0 or (not net and vat > 0)) else 1
            prefix = "expense-" if module == "expenses" else ""
            found.append(
                Here(
                    _MODULES[module],
                    f"{prefix}{record['id']}",
                    shown_day(record),
                    str(record["currency"]),
                    turn * net,
                    turn * vat,
                    turn * paid[module, int(record["id"])],
                    all(is_amount(each) for each in shown),
                )
            )
    return found


def books(state: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[There]:
    """SmartAccounts' invoices and bills, as it shows everything."""
    found = []
    for service, flow in FLOWS.items():
        for row in state[service]:
            marked = MARKER.search(str(row.get("comment") or ""))
            prefix = "expense-" if marked and marked[1] == "expenses" else ""
            found.append(
                There(
                    flow=flow,
                    remote_id=str(row["id"]),
                    source_id=f"{prefix}{marked[2]}" if marked else "",
                    number=str(row["invoiceNumber"]),
                    entry_day=day_of(str(row.get("entryDate") or row["date"])),
                    currency=str(row["currency"]),
                    per_euro=Decimal(str(row.get("exchangeRate") or 1)),
                    partner_id=str(row.get("clientId") or row.get("vendorId")),
                    net=in_cents(row["amount"]),
                    vat=in_cents(row["vatAmount"]),
                    rounding=in_cents(row.get("roundAmount")),
                    total=in_cents(row["totalAmount"]),
                    outstanding=in_cents(row["outstandingAmount"]),
                    by_code=_by_code(row),
                )
            )
    return found


def sums_of_scoro(documents: Iterable[Here]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for each in documents:
        key = each.day.replace(day=1), each.flow, each.currency
        found[*key, "count"] += 1
        found[*key, "net"] += each.net
        found[*key, "vat"] += each.vat
        found[*key, "total"] += each.total
    return found


def sums_of_books(documents: Iterable[There]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for each in documents:
        key = each.entry_day.replace(day=1), each.flow, each.currency
        found[*key, "count"] += 1
        found[*key, "net"] += each.net
        found[*key, "vat"] += each.vat
        found[*key, "total"] += each.total
    return found


def debts_of_ledger(entries: Iterable[Mapping[str, Any]]) -> Counter[tuple[date, str, str]]:
    """What the ledger says of debts of invoices and bills, in euros, by month, flow and currency of the document."""
    found: Counter[tuple[date, str, str]] = Counter()
    for entry in entries:
        if entry["docType"] not in _ENTRIES:
            continue
        flow, way, account = _ENTRIES[entry["docType"]]
        for row in entry["rows"]:
            if row["account"] == account:
                amount = in_cents(row.get("debitAmount")) - in_cents(row.get("creditAmount"))
                found[day_of(entry["date"]).replace(day=1), flow, str(entry["currency"])] += way * amount
    return found


def euros(there: There, amount: int) -> int:
    exact = Decimal(amount) / there.per_euro if there.currency != "EUR" else Decimal(amount)
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rates(documents: Iterable[There], month: date) -> dict[tuple[str, str], tuple[int, int]]:
    """Base and VAT in euros by flow and VAT code of what is entered in a month."""
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in documents:
        if each.entry_day.replace(day=1) == month:
            for code, (net, vat) in each.by_code.items():
                found[each.flow, code][0] += euros(each, net)
                found[each.flow, code][1] += euros(each, vat)
    return {key: (base, vat) for key, (base, vat) in found.items()}


def annex(
    documents: Iterable[There],
    month: date,
    flow: str,
    partners: Mapping[str, Mapping[str, Any]],
    percents: Mapping[str, int],
    contacts: Mapping[int, Mapping[str, Any]],
) -> dict[str, tuple[int, int]]:
    """Invoices and credit invoices in cents of each partner of Estonia, or of no country, who comes to 1,000 euros and
    is no private person."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in documents:
        country = str((partners.get(each.partner_id, {}).get("address") or {}).get("country") or "")
        if each.flow != flow or each.entry_day.replace(day=1) != month or country not in ("", "EE", "Eesti", "Estonia"):
            continue
        if _is_private(partners.get(each.partner_id, {}), contacts):
            continue
        if any(percents.get(code, 0) > 0 for code in each.by_code):
            base = sum(euros(each, net) for net, _ in each.by_code.values())
            sums[each.partner_id][base < 0] += base
    return {who: (some, back) for who, (some, back) in sums.items() if max(some, -back) >= 100_000}


def _is_private(partner: Mapping[str, Any], contacts: Mapping[int, Mapping[str, Any]]) -> bool:
    """A sole proprietor has a registry code of eight digits."""
    if re.fullmatch(r"\d{8}", str(partner.get("regCode") or "")):
        return False
    found = [contacts[int(key)] for key in _CONTACT.findall(str(partner.get("comment") or ""))]
    are_persons = [each["contact_type"] == "person" and len(str(each.get("id_code") or "")) != 8 for each in found]
    return bool(are_persons) and all(are_persons)


def _by_code(row: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Net of rows by code, and of the VAT what they show; the document's own cents are with the code that has most."""
    nets: dict[str, int] = defaultdict(int)
    vats: dict[str, int] = defaultdict(int)
    is_credit = row.get("type") == "CRE"

    def counted(amount: int) -> int:
        # A credit invoice takes away, whatever sign its rows are shown with.
        return -abs(amount) if is_credit else amount

    for line in row["rows"]:
        price, quantity = Decimal(str(line["price"])), Decimal(str(line["quantity"]))
        exact = price * quantity * (100 - Decimal(str(line.get("discount") or 0))) / 100
        nets[line["vatPc"]] += counted(in_cents(exact))
        if not _is_declared(line["vatPc"]):
            vats[line["vatPc"]] += counted(in_cents(line["vat"]))
    missing = in_cents(row["vatAmount"]) - sum(vats.values())
    if missing and nets:
        most = max(sorted(vats or nets), key=lambda code: (abs(vats.get(code, 0)), abs(nets[code])))
        vats[most] += missing
    return {code: (net, vats.get(code, 0)) for code, net in nets.items()}


def _is_declared(code: str) -> bool:
    return "Reverse" in code or "41.1" in code
