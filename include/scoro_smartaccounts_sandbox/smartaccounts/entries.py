"""`general/entries`: the general ledger, an entry for every invoice, bill and payment, and those made by hand.

Automatic entries are not kept: their rows are computed when they are read, so that saving a document makes its entry
anew. Only what somebody changed in one by hand is kept, with its document, until the document is saved again.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.invoices import locked
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.postings import Posting, postings
from scoro_smartaccounts_sandbox.smartaccounts.reading import (
    Params,
    Test,
    changes_since,
    dated,
    numbers_as_numbers,
    page_of,
    wire,
)
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, Refusal, basic, refuse_if, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import BOOKED, ENTRIES, PAYMENTS, PURCHASES, SALES, booked_on
from scoro_smartaccounts_sandbox.smartaccounts.values import (
    cents,
    day,
    number,
    objects,
    optional_decimal,
    required,
    required_text,
    text,
)

_BY_HAND = "LEDGER_ENTRY"
_TYPES = (
    _BY_HAND,
    "CLIENT_INVOICE",
    "VENDOR_INVOICE",
    "BANK_PAYMENT",
    "CASH_PAYMENT",
    "VAT_RETURN",
    "WAREHOUSE_MOVEMENT",
    "PERIOD_DEPRECIATION",
    "PERIOD_SALARY",
)
_ZERO = Decimal(0)


def read_entries(ledger: Ledger, params: Params) -> tuple[list[Record], bool, list[str] | None]:
    """The entries of a page, whether there are more, and what was deleted (None where that is not shown).

    Raises Refusal.
    """
    _need_right(ledger)
    since = changes_since(ledger, ENTRIES, params) if ledger.switches.deleted_of_entries else None
    tests = list(_tests(ledger, params))
    rows, has_more = page_of(ledger, _in_order(ledger), tests, params)
    deleted = None
    if since is not None:
        gone = [(when, _id(ledger, key)) for name in BOOKED for when, key in ledger.deleted[name]]
        gone += [(when, _id(ledger, key)) for when, key in ledger.deleted_returns]
        gone += ledger.deleted_entries
        deleted = [key for when, key in gone if when >= since]
    return [_show(ledger, row, params) for row in rows], has_more, deleted


def all_entries(ledger: Ledger) -> list[Record]:
    """All entries with everything that can be shown."""
    return [_show(ledger, entry, {"fetchRows": "true", "fetchComments": "true"}) for entry in _in_order(ledger)]


def rows_of(ledger: Ledger) -> Iterator[tuple[date, list[Posting]]]:
    """The day and the rows of every entry but those of VAT returns."""
    for entry in _in_order(ledger):
        if entry["docType"] != "VAT_RETURN":
            yield entry["date"], _rows(ledger, entry)


def booked_rows(ledger: Ledger) -> Iterator[tuple[date, str, Decimal]]:
    """Day, account and euros (debit positive) of every row of the general ledger."""
    for entry in _in_order(ledger):
        for row in _rows(ledger, entry):
            yield entry["date"], row.account, row.euros


def book_wages(ledger: Ledger, booked: date, amounts: Mapping[str, Decimal], description: str) -> str:
    """Make the entry of somebody's wages, as the payroll does, of amounts by account (debit positive); its id."""
    rows = [Posting(account, description, amount, amount) for account, amount in amounts.items()]
    refuse_if(_faults(ledger, rows, booked, None))
    entry: Record = {
        "id": ledger.new_id(),
        "docType": "PERIOD_SALARY",
        "date": booked,
        "number": str(ledger.next(f"{ENTRIES} {booked.year}")),
        "document": description,
        "currency": "EUR",
        "comment": "",
        "_entry_rows": [vars(row) for row in rows],
        "_updated": ledger.now(),
    }
    ledger.entries[entry["id"]] = entry
    return str(entry["id"])


def write_entry(ledger: Ledger, body: Mapping[str, Any], *, edit: bool) -> dict[str, Any]:
    """Add an entry by hand, or change any entry; an automatic one keeps its day and document. Raises Refusal."""
    _need_right(ledger)
    old = _find(ledger, required_text(body, "id")) if edit else None
    booked = day(required(body, "date"), "date")
    currency = text(body, "currency") or "EUR"
    rate = optional_decimal(body, "exchangeRate", default=1)
    rows = [_read_row(line, f"rows[{place}].", currency, rate) for place, line in enumerate(objects(body, "rows"), 1)]
    refuse_if(_faults(ledger, rows, booked, old))
    if old is not None and old["docType"] != _BY_HAND:
        now = ledger.now()
        old["_record"] |= {"_entry_rows": [vars(row) for row in rows], "_saved": now, "_entry_saved": now}
        return _answer(old, rows)
    entry: Record = {
        "id": old["id"] if old else ledger.new_id(),
        "docType": _BY_HAND,
        "date": booked,
        "number": old["number"] if old else str(ledger.next(f"{ENTRIES} {booked.year}")),
        "document": ledger.clean(text(body, "document"), "document"),
        "currency": currency,
        "comment": ledger.comment(text(body, "comment")),
        "_entry_rows": [vars(row) for row in rows],
        "_updated": ledger.now(),
    }
    ledger.entries[entry["id"]] = entry
    return _answer(entry, rows)


def delete_entry(ledger: Ledger, params: Params) -> None:
    """Delete an entry that was made by hand. Raises Refusal."""
    _need_right(ledger)
    entry = _find(ledger, params.get("id", ""))
    if entry["docType"] != _BY_HAND:
        refuse_if([("AUTOMATIC-ENTRY", "Delete its document instead", "Kustuta kande dokument")])
    if ledger.is_locked(entry["date"]):
        refuse_if([locked()])
    del ledger.entries[entry["id"]]
    ledger.deleted_entries.append((ledger.now(), entry["id"]))


def _need_right(ledger: Ledger) -> None:
    if ledger.switches.entries_right != "granted":
        message = "No permission for this service"
        status = int(ledger.switches.entries_right.removeprefix("missing_"))
        raise Refusal(status, [("PERMISSION-DENIED", message, "Selleks teenuseks puudub õigus")])


# --- lists --------------------------------------------------------------------------------------------------------


def _in_order(ledger: Ledger) -> list[Record]:
    """All entries by day and number, without their rows: `_record` and `_service` are the document."""
    entries = [_automatic(ledger, service, row) for service in BOOKED for row in ledger.records[service].values()]
    entries += [_of_return(ledger, row) for row in ledger.returns.values()]
    entries += ledger.entries.values()
    return sorted(entries, key=lambda entry: (entry["date"], int(entry["number"]), entry["docType"], entry["id"]))


def _automatic(ledger: Ledger, service: str, record: Record) -> Record:
    link = ledger.switches.entry_link
    paper = record["document" if service == PAYMENTS else "invoiceNumber"]
    tells = ledger.switches.entries_tell_edits
    return {
        "id": _id(ledger, record["id"]),
        "docType": _doc_type(service, record),
        "date": booked_on(record),
        "number": record["number"] if link == "number" else _own_number(ledger, record),
        "document": paper if link == "document" else "",
        "currency": record["currency"],
        "_updated": record["_saved"] if tells else record.get("_entry_saved", record["_created"]),
        "_service": service,
        "_record": record,
    }


def _of_return(ledger: Ledger, record: Record) -> Record:
    return {
        "id": _id(ledger, record["id"]),
        "docType": "VAT_RETURN",
        "date": record["_day"],
        "number": record["number"],
        "document": "",
        "currency": "EUR",
        "_updated": record["_saved"],
        "_record": record,
    }


def _id(ledger: Ledger, document_id: str) -> str:
    """The id of the entry of a document, its own or the document's."""
    return document_id if ledger.switches.entry_link == "id" else str(uuid.uuid5(uuid.NAMESPACE_OID, document_id))


def _own_number(ledger: Ledger, record: Record) -> str:
    if ledger.switches.entry_numbers == "in_order":
        return str(record["_entry_number"])
    return str(uuid.uuid5(uuid.NAMESPACE_URL, record["id"]).int % 10**6)


def _doc_type(service: str, record: Record) -> str:
    if service == PAYMENTS:
        return f"{record['accountType']}_PAYMENT"
    return {SALES: "CLIENT_INVOICE", PURCHASES: "VENDOR_INVOICE"}[service]


def _tests(ledger: Ledger, params: Params) -> Iterator[Test]:
    if wanted := params.get("id"):
        yield lambda entry: bool(entry["id"] == wanted)
    if kind := params.get("docType"):
        if kind not in _TYPES:
            raise basic("VALUE-INVALID", "docType is not known")
        yield lambda entry: bool(entry["docType"] == kind)
    if params.get("dateType") == "modifydate" and ledger.switches.entries_changed != "since":
        yield lambda _: ledger.switches.entries_changed == "all"
    else:
        yield from dated(ledger, ENTRIES, params)
    if needle := params.get("filterDescription", "").casefold():
        yield (
            lambda entry: (
                needle in entry["document"].casefold()
                or any(needle in row.description.casefold() for row in _rows(ledger, entry))
            )
        )


def _rows(ledger: Ledger, entry: Record) -> list[Posting]:
    kept = entry.get("_record", entry).get("_entry_rows")
    if kept is not None:
        return [Posting(**row) for row in kept]
    return postings(ledger, entry["_service"], entry["_record"])


def _show(ledger: Ledger, entry: Record, params: Params) -> Record:
    rows = _rows(ledger, entry)
    hidden = () if params.get("fetchComments") == "true" else ("comment",)
    shown = {name: value for name, value in entry.items() if name not in hidden and value != ""}
    shown["amount"] = _debit(rows)
    if params.get("fetchRows") == "true":
        originals = entry["currency"] != "EUR" or ledger.switches.entry_euro_originals
        in_euros = entry["currency"] == "EUR" or ledger.switches.entry_amounts == "euros"
        shown["rows"] = [_show_row(row, originals=originals, in_euros=in_euros) for row in rows]
    wired: Record = wire(shown)
    return numbers_as_numbers(ledger, wired)


def _show_row(row: Posting, *, originals: bool, in_euros: bool) -> Record:
    """The side that is empty is left out."""
    shown: Record = {"account": row.account, "description": row.description}
    shown[_column(row.euros)] = abs(row.euros if in_euros else row.original)
    if originals:
        shown[f"{_column(row.original or row.euros)}OriginalCurrency"] = abs(row.original)
    return shown | {"objectId": row.object_id}


def _column(amount: Decimal) -> str:
    return "debitAmount" if amount > 0 else "creditAmount"


def _debit(rows: list[Posting]) -> Decimal:
    return sum((row.euros for row in rows if row.euros > 0), _ZERO)


# --- by hand ------------------------------------------------------------------------------------------------------


def _find(ledger: Ledger, key: str) -> Record:
    entry = next((entry for entry in _in_order(ledger) if entry["id"] == key), None)
    if entry is None:
        raise basic("NOT-FOUND", "Ledger entry by id not found")
    return entry


def _read_row(line: Mapping[str, Any], where: str, currency: str, rate: Decimal) -> Posting:
    """Amounts of euros are those without OriginalCurrency, of another currency those with it."""
    suffix = "" if currency == "EUR" else "OriginalCurrency"
    debit = cents(optional_decimal(line, f"debitAmount{suffix}", where))
    original = debit - cents(optional_decimal(line, f"creditAmount{suffix}", where))
    return Posting(
        required_text(line, "account", where),
        required_text(line, "description", where),
        cents(original / rate) if rate else _ZERO,
        original,
        text(line, "objectId", where),
    )


def _faults(ledger: Ledger, rows: list[Posting], booked: date, old: Record | None) -> Iterator[Fault]:
    if ledger.is_locked(booked, *([old["date"]] if old else [])):
        yield locked()
    if not rows or sum((row.euros for row in rows), _ZERO):
        yield ("NOT-BALANCED", "Debit and credit differ", "Deebet ja kreedit ei ole võrdsed")
    for row in rows:
        if not ledger.has_account(row.account):
            yield unknown("rows.account")
        if row.object_id and not ledger.has_object(row.object_id):
            yield unknown("rows.objectId")


def _answer(entry: Record, rows: list[Posting]) -> dict[str, Any]:
    amount = number(_debit(rows))
    return {"id": entry["id"], "amount": amount, "number": entry["number"], "docType": entry["docType"]}
