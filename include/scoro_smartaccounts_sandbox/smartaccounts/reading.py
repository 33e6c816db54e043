"""Lists: filters, pages and how records are shown."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.files import documents_of
from scoro_smartaccounts_sandbox.smartaccounts.invoices import left_to_pay, shown_rows, shown_vat, total_sign
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.payments import shown_amounts
from scoro_smartaccounts_sandbox.smartaccounts.refusal import basic
from scoro_smartaccounts_sandbox.smartaccounts.services import (
    ARTICLES,
    CLIENTS,
    DOCUMENTS,
    ENTRIES,
    INVOICES,
    MOVEMENTS,
    PARTNERS,
    PAYMENTS,
    PURCHASES,
    REGISTERS,
    SALES,
    VENDORS,
    key_of,
)
from scoro_smartaccounts_sandbox.smartaccounts.values import ZONE, moment, number, show_day

Params = Mapping[str, str]
Test = Callable[[Record], bool]

# Fields that are hidden unless a parameter asks for them.
HIDDEN = {
    "address": "fetchAddresses",
    "contacts": "fetchContacts",
    "comment": "fetchComments",
    "rows": "fetchRows",
    "extras": "fetchRows",
}
FETCHES = (*HIDDEN.values(), "fetchDocuments", "fetchAcceptsEinvoices")
_DATES = {"date": "date", "entrydate": "entryDate", "duedate": "dueDate"}
_DATE_TYPES = {
    SALES: (*_DATES, "modifydate"),
    PURCHASES: (*_DATES, "modifydate"),
    PAYMENTS: ("date", "modifydate"),
    MOVEMENTS: ("date",),
    ENTRIES: ("date", "modifydate"),
}
_FLIPPED = ("amount", "vatAmount", "roundAmount", "totalAmount")
_EXACT = {
    CLIENTS: {"id": "id"},
    VENDORS: {"id": "id"},
    ARTICLES: {"code": "code"},
    SALES: {"id": "id", "clientId": "clientId"},
    PURCHASES: {"id": "id", "vendorId": "vendorId"},
    PAYMENTS: {
        "id": "id",
        "partnerType": "partnerType",
        "accountType": "accountType",
        "accountName": "accountName",
    },
    MOVEMENTS: {"id": "id", "warehouseId": "warehouseId"},
}
_SEARCHED = {
    CLIENTS: {"nameOrRegCode": ("name", "regCode")},
    VENDORS: {"nameOrRegCode": ("name", "regCode")},
    ARTICLES: {"searchString": ("code", "description")},
    MOVEMENTS: {"documentOrComment": ("document", "comment")},
}


def read_page(ledger: Ledger, service: str, params: Params) -> tuple[list[Record], bool, list[str] | None]:
    """The rows of a page, whether there are more, and what was deleted (None where that is not shown).

    Raises Refusal.
    """
    rows, has_more = page_of(ledger, ledger.in_order(service), list(_tests(ledger, service, params)), params)
    shown = [show(ledger, service, row, params) for row in rows]
    since = changes_since(ledger, service, params)
    deleted = None if since is None else [key for when, key in ledger.deleted[service] if when >= since]
    return shown, has_more, deleted


def page_of(ledger: Ledger, rows: list[Record], tests: list[Test], params: Params) -> tuple[list[Record], bool]:
    """The rows of a page of those that pass the tests, and whether there are more. Raises Refusal."""
    page, size = _page_number(params), ledger.switches.page_size
    if tests:
        rows = [row for row in rows if all(test(row) for test in tests)]
    if ledger.switches.sort == "backwards":
        rows = rows[::-1]
    return rows[(page - 1) * size : page * size], len(rows) > page * size


def _page_number(params: Params) -> int:
    text = params.get("pageNumber") or "1"
    if not text.isdecimal() or int(text) < 1:
        raise basic("VALUE-INVALID", "pageNumber is not a positive integer")
    return int(text)


def changes_since(ledger: Ledger, service: str, params: Params) -> datetime | None:
    """From when on a list shows what was deleted, on page 1; None: it does not. Raises Refusal."""
    if _page_number(params) != 1 or service in ledger.switches.shows_nothing_of:
        return None
    if _changes_of(ledger, service) != "works":
        return None
    if service in REGISTERS:
        if ledger.switches.deleted_of_registers and params.get("modifiedFrom"):
            return moment(params["modifiedFrom"], "modifiedFrom")
    elif (service in INVOICES and not ledger.switches.deleted_of_invoices) or (
        service == PAYMENTS and not ledger.switches.deleted_of_payments
    ):
        return None
    elif params.get("dateType") == "modifydate" and params.get("dateFrom"):
        return moment(params["dateFrom"], "dateFrom")
    return None


# --- filters ------------------------------------------------------------------------------------------------------


def _tests(ledger: Ledger, service: str, params: Params) -> Iterator[Test]:
    """What a row must fulfil. Raises Refusal."""
    if service in ledger.switches.shows_nothing_of:
        yield lambda _: False
    for parameter, field in _EXACT[service].items():
        if wanted := params.get(parameter):
            yield lambda row, field=field, wanted=wanted: row.get(field) == wanted  # type: ignore[misc]
    for parameter, fields in _SEARCHED.get(service, {}).items():
        if needle := params.get(parameter, "").casefold():
            yield lambda row, fields=fields, needle=needle: any(  # type: ignore[misc]
                needle in str(row.get(name, "")).casefold() for name in fields
            )
    if service in REGISTERS:
        if params.get("modifiedFrom") and _changes_of(ledger, service) == "none":
            yield lambda _: False
        yield from _changed(params, "modifiedFrom", "modifiedTo")
    if service in DOCUMENTS:
        yield from dated(ledger, service, params)
        yield from _of_partner(ledger, service, params)
    if service in INVOICES:
        yield from _invoice_tests(ledger, params)
    if (
        service == MOVEMENTS
        and not ledger.switches.automatic_movements
        and params.get("includeAutoMovements") != "true"
    ):
        yield lambda row: not row["_automatic"]


def _changes_of(ledger: Ledger, service: str) -> str:
    """What change queries of a list show."""
    if service in REGISTERS:
        return ledger.switches.changes_of_registers
    if service in INVOICES:
        return ledger.switches.changes_of_invoices
    return ledger.switches.changes_of_payments if service == PAYMENTS else "works"


def _changed(params: Params, first: str, last: str) -> Iterator[Test]:
    if value := params.get(first):
        start = moment(value, first)
        yield lambda row: bool(row["_updated"] >= start)
    if value := params.get(last):
        end = moment(value, last, end=True)
        yield lambda row: bool(row["_updated"] <= end)


def dated(ledger: Ledger, service: str, params: Params) -> Iterator[Test]:
    """Whether a document is of the days that were asked for. Raises Refusal."""
    if not params.get("dateFrom"):
        _need_date_from(ledger, service, params)
    kind = params.get("dateType") or "date"
    if kind not in _DATE_TYPES[service]:
        raise basic("DATE-TYPE-INVALID", "dateType is not known")
    changes = _changes_of(ledger, service)
    if kind == "modifydate" and changes == "none":
        yield lambda _: False
    if kind == "modifydate" and changes == "all":
        return
    if kind == "modifydate" and changes != "by_date":
        yield from _changed(params, "dateFrom", "dateTo")
        return
    field = _DATES.get(kind, "date")
    if value := params.get("dateFrom"):
        start = moment(value, "dateFrom").date()
        yield lambda row: bool(row[field] >= start)
    if value := params.get("dateTo"):
        end = moment(value, "dateTo").date()
        if ledger.switches.date_to_excluded:
            end -= timedelta(days=1)
        yield lambda row: bool(row[field] <= end)


def _need_date_from(ledger: Ledger, service: str, params: Params) -> None:
    if params.get("id"):
        return
    if service in INVOICES and not params.get("paymentStatus"):
        raise basic("DATE-FROM-REQUIRED", "dateFrom only allowed to be null when paymentStatus or id is provided")
    if service == MOVEMENTS or (service == PAYMENTS and ledger.switches.payments_need_date_from):
        raise basic("DATE-FROM-REQUIRED", "dateFrom only allowed to be null when id is provided")


def _of_partner(ledger: Ledger, service: str, params: Params) -> Iterator[Test]:
    if service == PAYMENTS and (wanted := params.get("partnerId")):
        yield lambda row: wanted in (row.get("clientId"), row.get("vendorId"))
    parameter = {SALES: "clientName", PURCHASES: "vendorName", PAYMENTS: "partnerName"}.get(service, "")
    if needle := params.get(parameter, "").casefold():
        yield lambda row: any(needle in partner["name"].casefold() for _, partner in _partners(ledger, row))


def _invoice_tests(ledger: Ledger, params: Params) -> Iterator[Test]:
    if wanted := params.get("invoiceNumber", "").casefold():
        if ledger.switches.invoice_number_filter == "exact":
            yield lambda row: row["invoiceNumber"].casefold() == wanted
        else:
            yield lambda row: wanted in row["invoiceNumber"].casefold()
    status = params.get("paymentStatus")
    if status not in (None, "", "unpaid", "overdue"):
        raise basic("VALUE-INVALID", "paymentStatus is not known")
    if status:
        yield lambda row: left_to_pay(row) != 0
    if status == "overdue":
        today = ledger.today()
        yield lambda row: bool(row["dueDate"] < today)


# --- showing ------------------------------------------------------------------------------------------------------


def show(ledger: Ledger, service: str, row: Record, params: Params) -> Record:
    """A record as a list shows it; fields without a value are left out."""
    flip = -1 if row.get("type") == "CRE" and ledger.switches.credits_shown_negative else 1
    shown: Record = {}
    if service == PAYMENTS:
        length = {"whole": None, "cut": 20, "hidden": 0}[ledger.switches.payment_document]
        row = row | shown_amounts(ledger, row) | {"document": row["document"][:length]}
    if service in INVOICES:
        row = row | {"vatAmount": shown_vat(ledger, row), "rows": shown_rows(ledger, row)}
    for name, value in row.items():
        if name.startswith("_") or value in (None, "", [], {}):
            continue
        if name in HIDDEN and params.get(HIDDEN[name]) != "true":
            continue
        shown[name] = wire(value * flip if name in _FLIPPED and service in INVOICES else value)
    if service in PARTNERS and ledger.switches.codes_shown == "in_groups":
        shown |= {name: _in_groups(shown[name]) for name in ("regCode", "vatNumber") if name in shown}
    if service in INVOICES:
        shown["outstandingAmount"] = number(left_to_pay(row) * flip * total_sign(row))
    for who, partner in _partners(ledger, row):
        shown[who] = {name: partner[name] for name in ("id", "name", "regCode", "vatNumber") if partner.get(name)}
    if service in DOCUMENTS:
        shown = numbers_as_numbers(ledger, shown)
    if params.get("fetchDocuments") == "true" and (documents := documents_of(ledger, service, row[key_of(service)])):
        shown["documents"] = documents
    if service == CLIENTS and params.get("fetchAcceptsEinvoices") == "true":
        shown["acceptsEinvoices"] = False
    form = ledger.switches.moments
    if service == PAYMENTS and not ledger.switches.payments_tell_changes:
        return shown
    shown |= {"dateCreated": _show_moment(row["_created"], form), "dateUpdated": _show_moment(row["_updated"], form)}
    return shown | {"createdBy": "API", "updatedBy": "API"}


def numbers_as_numbers(ledger: Ledger, shown: Record) -> Record:
    """A document with its numbers as the switch has them."""
    if not ledger.switches.number_as_number:
        return shown
    digits = (name for name in ("number", "invoiceNumber", "referenceNumber") if str(shown.get(name, "")).isdecimal())
    return shown | {name: int(shown[name]) for name in digits}


def wire(value: Any) -> Any:
    """A value as JSON has it; names that begin with an underscore stay inside."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return show_day(value)
    if isinstance(value, dict):
        return {name: wire(part) for name, part in value.items() if not name.startswith("_") and part not in (None, "")}
    if isinstance(value, list):
        return [wire(part) for part in value]
    return value


def _partners(ledger: Ledger, row: Record) -> Iterator[tuple[str, Record]]:
    for who, service in (("client", CLIENTS), ("vendor", VENDORS)):
        partner = ledger.records[service].get(row.get(f"{who}Id", ""))
        if partner is not None:
            yield who, partner


def _in_groups(code: str) -> str:
    return " ".join(code[at : at + 3] for at in range(0, len(code), 3))


def _show_moment(value: datetime, form: str) -> str:
    local = value.astimezone(ZONE)
    if form == "iso":
        return local.isoformat()
    return f"{local:%d.%m.%Y}" if form == "day" else f"{local:%d.%m.%Y %H:%M:%S}"
