"""Lists: filters, pages and how records are shown."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.sandbox.smartaccounts.files import documents_of
from scoro_smartaccounts.sandbox.smartaccounts.invoices import left_to_pay, sign
from scoro_smartaccounts.sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts.sandbox.smartaccounts.refusal import basic
from scoro_smartaccounts.sandbox.smartaccounts.services import (
    ARTICLES,
    CLIENTS,
    DOCUMENTS,
    INVOICES,
    MOVEMENTS,
    PAYMENTS,
    PURCHASES,
    REGISTERS,
    SALES,
    VENDORS,
    key_of,
)
from scoro_smartaccounts.sandbox.smartaccounts.values import ZONE, moment, number, show_day

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
    page = _page_number(params)
    tests = list(_tests(ledger, service, params))
    rows = ledger.in_order(service)
    if tests:
        rows = [row for row in rows if all(test(row) for test in tests)]
    if ledger.switches.sort == "backwards":
        rows = rows[::-1]
    size = ledger.switches.page_size
    shown = [show(ledger, service, row, params) for row in rows[(page - 1) * size : page * size]]
    since = _changes_since(ledger, service, params)
    deleted = None
    if page == 1 and since is not None:
        deleted = [key for when, key in ledger.deleted[service] if when >= since]
    return shown, len(rows) > page * size, deleted


def _page_number(params: Params) -> int:
    text = params.get("pageNumber") or "1"
    if not text.isdecimal() or int(text) < 1:
        raise basic("VALUE-INVALID", "pageNumber is not a positive integer")
    return int(text)


def _changes_since(ledger: Ledger, service: str, params: Params) -> datetime | None:
    if service in REGISTERS:
        if ledger.switches.deleted_of_registers and params.get("modifiedFrom"):
            return moment(params["modifiedFrom"], "modifiedFrom")
    elif service in INVOICES and not ledger.switches.deleted_of_invoices:
        return None
    elif params.get("dateType") == "modifydate" and params.get("dateFrom"):
        return moment(params["dateFrom"], "dateFrom")
    return None


# --- filters ------------------------------------------------------------------------------------------------------


def _tests(ledger: Ledger, service: str, params: Params) -> Iterator[Test]:
    """What a row must fulfil. Raises Refusal."""
    for parameter, field in _EXACT[service].items():
        if wanted := params.get(parameter):
            yield lambda row, field=field, wanted=wanted: row.get(field) == wanted  # type: ignore[misc]
    for parameter, fields in _SEARCHED.get(service, {}).items():
        if needle := params.get(parameter, "").casefold():
            yield lambda row, fields=fields, needle=needle: any(  # type: ignore[misc]
                needle in str(row.get(name, "")).casefold() for name in fields
            )
    if service in REGISTERS:
        yield from _changed(params, "modifiedFrom", "modifiedTo")
    if service in DOCUMENTS:
        yield from _dated(ledger, service, params)
        yield from _of_partner(ledger, service, params)
    if service in INVOICES:
        yield from _invoice_tests(ledger, params)
    if (
        service == MOVEMENTS
        and not ledger.switches.automatic_movements
        and params.get("includeAutoMovements") != "true"
    ):
        yield lambda row: not row["_automatic"]


def _changed(params: Params, first: str, last: str) -> Iterator[Test]:
    if value := params.get(first):
        start = moment(value, first)
        yield lambda row: bool(row["_updated"] >= start)
    if value := params.get(last):
        end = moment(value, last, end=True)
        yield lambda row: bool(row["_updated"] <= end)


def _dated(ledger: Ledger, service: str, params: Params) -> Iterator[Test]:
    if not params.get("dateFrom"):
        _need_date_from(ledger, service, params)
    kind = params.get("dateType") or "date"
    if kind not in _DATE_TYPES[service]:
        raise basic("DATE-TYPE-INVALID", "dateType is not known")
    if kind == "modifydate":
        yield from _changed(params, "dateFrom", "dateTo")
        return
    field = _DATES[kind]
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
    flip = -1 if row.get("type") == "CRE" else 1
    shown: Record = {}
    for name, value in row.items():
        if name.startswith("_") or value in (None, "", [], {}):
            continue
        if name in HIDDEN and params.get(HIDDEN[name]) != "true":
            continue
        shown[name] = wire(value * flip if name in _FLIPPED and service in INVOICES else value)
    if service in INVOICES:
        shown["outstandingAmount"] = number(left_to_pay(row) * sign(row))
    for who, partner in _partners(ledger, row):
        shown[who] = {name: partner[name] for name in ("id", "name", "regCode", "vatNumber") if partner.get(name)}
    if service in DOCUMENTS and ledger.switches.number_as_number:
        for name in ("number", "invoiceNumber", "referenceNumber"):
            if str(shown.get(name, "")).isdecimal():
                shown[name] = int(shown[name])
    if params.get("fetchDocuments") == "true" and (documents := documents_of(ledger, service, row[key_of(service)])):
        shown["documents"] = documents
    if service == CLIENTS and params.get("fetchAcceptsEinvoices") == "true":
        shown["acceptsEinvoices"] = False
    form = ledger.switches.moments
    shown |= {"dateCreated": _show_moment(row["_created"], form), "dateUpdated": _show_moment(row["_updated"], form)}
    return shown | {"createdBy": "API", "updatedBy": "API"}


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


def _show_moment(value: datetime, form: str) -> str:
    local = value.astimezone(ZONE)
    if form == "iso":
        return local.isoformat()
    return f"{local:%d.%m.%Y}" if form == "day" else f"{local:%d.%m.%Y %H:%M:%S}"
