"""The books of one company: its records, the rules for changing them, and how they are shown.

Records are dictionaries with the API's field names; amounts are Decimal, days are date. Names that begin with an
underscore are never shown.
"""

import json
import random
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from scoro_smartaccounts.sandbox.clock import Clock
from scoro_smartaccounts.sandbox.smartaccounts.refusal import Refusal, basic
from scoro_smartaccounts.sandbox.smartaccounts.settings import SETTINGS, fresh_settings
from scoro_smartaccounts.sandbox.smartaccounts.switches import Switches
from scoro_smartaccounts.sandbox.smartaccounts.values import (
    ZONE,
    cents,
    day,
    decimal,
    moment,
    number,
    optional_day,
    required,
    show_day,
    show_moment,
    text,
)

Record = dict[str, Any]
Params = Mapping[str, str]

CLIENTS = "purchasesales/clients"
VENDORS = "purchasesales/vendors"
ARTICLES = "purchasesales/articles"
SALES = "purchasesales/clientinvoices"
PURCHASES = "purchasesales/vendorinvoices"
PAYMENTS = "purchasesales/payments"
MOVEMENTS = "inventory/warehousemovements"

LIST_KEYS = {
    CLIENTS: "clients",
    VENDORS: "vendors",
    ARTICLES: "articles",
    SALES: "clientInvoices",
    PURCHASES: "vendorInvoices",
    PAYMENTS: "payments",
    MOVEMENTS: "movements",
    **{f"settings/{name}": key for name, (key, _) in SETTINGS.items()},
}
_CONTACT_TYPES = ("EMAIL", "PHONE", "FAX", "WWW", "SKYPE", "OTHER", "PERSON", "POST_ADDRESS")
_PARTNER_FIELDS = [
    "group",
    "name",
    "regCode",
    "vatNumber",
    "bankAccount",
    "referenceNumber",
    "ignoreOnVatDeclaration",
    "invoiceDueDate",
    "invoiceInterest",
    "discount",
    "vatPc",
    "pdfAdditionaldata",
    "pdfTemplateInvoice",
    "pdfTemplateOffer",
    "pdfTemplateOrder",
    "accountUnpaid",
    "accountPrepayment",
    "address",
    "contacts",
    "comment",
]
_ARTICLE_FIELDS = [
    "code",
    "description",
    "type",
    "unit",
    "vatPc",
    "activeSales",
    "activePurchase",
    "priceSales",
    "pricePurchase",
    "priceOwn",
    "accountSales",
    "accountPurchase",
    "accountWarehouse",
]
_HIDDEN = {"address": "fetchAddresses", "contacts": "fetchContacts", "comment": "fetchComments", "rows": "fetchRows"}
_ADDRESS_PART = 64


class Books:
    """One company. Every public method takes the lock: writes are atomic and come one after another."""

    def __init__(self, *, clock: Clock | None = None, switches: Switches | None = None, seed: int = 1) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.switches = switches or Switches()
        self.keys = {"testkey": "test-secret"}
        self.writes = 0
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """A fresh company."""
        with self.lock:
            self._random = random.Random(self._seed)
            self.records: dict[str, dict[str, Record]] = {
                name: {} for name in (CLIENTS, VENDORS, ARTICLES, SALES, PURCHASES, PAYMENTS, MOVEMENTS)
            }
            self.deleted: dict[str, list[tuple[datetime, str]]] = {name: [] for name in self.records}
            self.settings = fresh_settings(self._new_id)
            self._counters: dict[str, int] = {}
            self._numbers: set[tuple[str, str]] = set()
            self._insert(VENDORS, {"id": self._new_id(), "name": "Maksu- ja Tolliamet", "regCode": "70000349"})

    # --- the API's methods -------------------------------------------------------------------------------------

    def get(self, service: str, params: Params) -> dict[str, Any]:
        """The answer to `service:get`."""
        with self.lock:
            if service.startswith("settings/"):
                return self._envelope(service, [dict(row) for row in self._shown_settings(service)])
            if service in (SALES, PURCHASES, MOVEMENTS) and not any(
                params.get(name) for name in ("dateFrom", "id", "paymentStatus")
            ):
                raise basic(
                    "DATE-FROM-REQUIRED", "dateFrom only allowed to be null when paymentStatus or id is provided"
                )
            rows = [row for row in self.records[service].values() if self._matches(service, row, params)]
            rows.sort(key=self._order(service))
            page, size = max(1, int(params.get("pageNumber") or 1)), self.switches.page_size
            shown = [self._show(service, row, params) for row in rows[(page - 1) * size : page * size]]
            answer = self._envelope(service, shown)
            answer["hasMoreEntries"] = len(rows) > page * size
            since = self._deleted_since(params)
            if since is not None and page == 1:
                answer["deleted"] = [key for when, key in self.deleted[service] if when >= since]
            return answer

    def add(self, service: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `service:add`. Raises Refusal."""
        with self.lock:
            answer = self._writers(service)(body, None)
            self.writes += 1
            return answer

    def edit(self, service: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `service:edit`: the whole record is replaced. Raises Refusal."""
        with self.lock:
            key = required(body, "code" if service == ARTICLES else "id")
            old = self.records[service].get(str(key))
            if old is None:
                raise basic("NOT-FOUND", f"{_noun(service)} by id not found")
            if service in (SALES, PURCHASES):
                self._may_change(old)
            answer = self._writers(service)(body, old)
            self.writes += 1
            return answer

    def delete(self, service: str, params: Params) -> dict[str, Any]:
        """The answer to `service:delete`. Raises Refusal."""
        with self.lock:
            key = params.get("code" if service == ARTICLES else "id", "")
            row = self.records[service].get(key)
            if row is None:
                raise basic("NOT-FOUND", f"{_noun(service)} by id not found")
            self._may_delete(service, row)
            self._undo_effects(service, row)
            del self.records[service][key]
            self.deleted[service].append((self.clock.now(), key))
            self.writes += 1
            return {}

    def quantities(self, params: Params) -> dict[str, Any]:
        """The answer to `articles:getwarehousequantities`."""
        codes = [code for code in params.get("codes", "").split(",") if code]
        if len(codes) > 50:
            raise basic("TOO-MANY-CODES", "At most 50 codes")
        with self.lock:
            return {"quantities": [self._quantity(code) for code in codes]}

    # --- for tests and the demo --------------------------------------------------------------------------------

    def seed(self, service: str, body: Mapping[str, Any]) -> str:
        """Add a record past all limits, as somebody who works in the books would; its id or code."""
        answer = self.add(service, body)
        return str(
            next(answer[key] for key in ("invoiceId", "clientId", "vendorId", "code", "paymentId") if key in answer)
        )

    def state(self) -> dict[str, Any]:
        """All records, with everything that can be shown."""
        everything = dict.fromkeys(_HIDDEN.values(), "true")
        with self.lock:
            return {
                service.rpartition("/")[2]: [self._show(service, row, everything) for row in rows.values()]
                for service, rows in self.records.items()
            }

    def save(self, path: Path) -> None:
        """Write the records to a file."""
        with self.lock:
            content = {
                "records": self.records,
                "deleted": self.deleted,
                "settings": self.settings,
                "counters": self._counters,
                "numbers": sorted(self._numbers),
                "random": self._random.getstate(),
            }
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(content, default=_tagged), encoding="utf-8")
            fresh.replace(path)

    def load(self, path: Path) -> None:
        """Read back what `save` wrote."""
        with self.lock:
            content = json.loads(path.read_text(encoding="utf-8"), object_hook=_untagged)
            self.records = content["records"]
            self.deleted = {name: [(when, key) for when, key in rows] for name, rows in content["deleted"].items()}
            self.settings = content["settings"]
            self._counters = content["counters"]
            self._numbers = {(kind, value) for kind, value in content["numbers"]}
            version, internal, gauss = content["random"]
            self._random.setstate((version, tuple(internal), gauss))

    # --- reading -----------------------------------------------------------------------------------------------

    def _envelope(self, service: str, rows: list[Record]) -> dict[str, Any]:
        key = self.switches.list_keys.get(service, LIST_KEYS[service])
        return {} if not rows and self.switches.omit_empty_list else {key: rows}

    def _shown_settings(self, service: str) -> Iterable[Record]:
        for row in self.settings[service.partition("/")[2]]:
            if service == "settings/warehouses" and not self.switches.warehouse_ids:
                yield {"name": row["name"]}
            else:
                yield {name: number(value) if isinstance(value, Decimal) else value for name, value in row.items()}

    def _order(self, service: str) -> Callable[[Record], Any]:
        if service in (SALES, PURCHASES, PAYMENTS, MOVEMENTS):
            return lambda row: (row["date"], int(row["number"]), row["id"])
        if service == ARTICLES:
            return lambda row: row["code"]
        return lambda row: (row["name"], row["id"])

    def _matches(self, service: str, row: Record, params: Params) -> bool:
        if (wanted := params.get("id")) and row.get("id") != wanted:
            return False
        if (code := params.get("code")) and row.get("code") != code:
            return False
        for parameter, names in (("nameOrRegCode", ("name", "regCode")), ("searchString", ("code", "description"))):
            needle = params.get(parameter, "").casefold()
            if not any(needle in str(row.get(name, "")).casefold() for name in names):
                return False
        if not self._in_changes(row, params.get("modifiedFrom"), params.get("modifiedTo")):
            return False
        if service in (SALES, PURCHASES, PAYMENTS, MOVEMENTS):
            return self._in_dates(row, params) and self._matches_document(service, row, params)
        return True

    @staticmethod
    def _in_changes(row: Record, first: str | None, last: str | None) -> bool:
        updated = row.get("_updated")
        if updated is None:
            return True
        if first and updated < moment(first, "modifiedFrom"):
            return False
        return not (last and updated > moment(last, "modifiedTo", end=True))

    def _in_dates(self, row: Record, params: Params) -> bool:
        kind = params.get("dateType") or "date"
        first, last = params.get("dateFrom"), params.get("dateTo")
        if kind == "modifydate":
            return self._in_changes(row, first, last)
        field = {"date": "date", "entrydate": "entryDate", "duedate": "dueDate"}.get(kind)
        if field is None:
            raise basic("DATE-TYPE-INVALID", "dateType is not known")
        value = row[field]
        if first and value < moment(first, "dateFrom").date():
            return False
        return not (last and value > moment(last, "dateTo").date())

    def _matches_document(self, service: str, row: Record, params: Params) -> bool:
        who = "client" if service == SALES else "vendor"
        if (wanted := params.get(f"{who}Id") or params.get("partnerId")) and wanted not in (
            row.get("clientId"),
            row.get("vendorId"),
        ):
            return False
        name = params.get(f"{who}Name") or params.get("partnerName")
        if name and name.casefold() not in self._partner_name(row).casefold():
            return False
        if (no := params.get("invoiceNumber")) and no.casefold() not in str(row.get("invoiceNumber", "")).casefold():
            return False
        if (status := params.get("paymentStatus")) and service in (SALES, PURCHASES):
            if row["_outstanding"] == 0:
                return False
            if status == "overdue" and row["dueDate"] >= self._today():
                return False
        for name in ("partnerType", "accountType", "accountName", "warehouseId"):
            if (value := params.get(name)) and row.get(name) != value:
                return False
        return True

    def _deleted_since(self, params: Params) -> datetime | None:
        if params.get("modifiedFrom"):
            return moment(params["modifiedFrom"], "modifiedFrom")
        if params.get("dateType") == "modifydate" and params.get("dateFrom"):
            return moment(params["dateFrom"], "dateFrom")
        return None

    def _show(self, service: str, row: Record, params: Params) -> Record:
        shown: Record = {}
        sign = -1 if row.get("type") == "CRE" else 1
        for name, value in row.items():
            if name.startswith("_") or value is None or value == "":
                continue
            if name in _HIDDEN and params.get(_HIDDEN[name]) != "true":
                continue
            if name == "rows":
                shown[name] = [_shown_row(item) for item in value]
            elif isinstance(value, Decimal):
                flips = sign if name in ("amount", "vatAmount", "roundAmount", "totalAmount") else 1
                shown[name] = number(value * flips)
            elif isinstance(value, date) and not isinstance(value, datetime):
                shown[name] = show_day(value)
            else:
                shown[name] = value
        if service in (SALES, PURCHASES):
            shown["outstandingAmount"] = number(row["_outstanding"] * sign)
        if service in (SALES, PURCHASES, PAYMENTS):
            shown |= self._shown_partner(row)
        for name in ("number", "invoiceNumber", "referenceNumber"):
            if self.switches.number_as_number and str(shown.get(name, "")).isdigit():
                shown[name] = int(shown[name])
        shown["dateCreated"], shown["dateUpdated"] = show_moment(row["_created"]), show_moment(row["_updated"])
        return shown

    def _shown_partner(self, row: Record) -> Record:
        for who, service in (("client", CLIENTS), ("vendor", VENDORS)):
            partner = self.records[service].get(row.get(f"{who}Id", ""))
            if partner is not None:
                names = ("id", "name", "regCode", "vatNumber")
                return {who: {name: partner[name] for name in names if partner.get(name)}}
        return {}

    def _partner_name(self, row: Record) -> str:
        return "".join(str(partner.get("name", "")) for partner in self._shown_partner(row).values())

    def _quantity(self, code: str) -> Record:
        article = self.records[ARTICLES].get(code)
        if article is None:
            return {"code": code, "quantity": 0, "status": "NOT-FOUND"}
        if article["type"] != "WH":
            return {"code": code, "quantity": 0, "status": "NOT-WH"}
        total = sum((m["_quantities"].get(code, Decimal(0)) for m in self.records[MOVEMENTS].values()), Decimal(0))
        return {"code": code, "quantity": number(total), "status": "OK"}

    # --- writing -----------------------------------------------------------------------------------------------

    def _writers(self, service: str) -> Callable[[Mapping[str, Any], Record | None], dict[str, Any]]:
        writers: dict[str, Callable[[Mapping[str, Any], Record | None], dict[str, Any]]] = {
            CLIENTS: lambda body, old: self._write_partner(CLIENTS, body, old),
            VENDORS: lambda body, old: self._write_partner(VENDORS, body, old),
            ARTICLES: self._write_article,
            SALES: lambda body, old: self._write_invoice(SALES, body, old),
            PURCHASES: lambda body, old: self._write_invoice(PURCHASES, body, old),
            PAYMENTS: self._write_payment,
        }
        return writers[service]

    def _write_partner(self, service: str, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
        required(body, "name")
        if self.switches.partner_vat_required:
            required(body, "vatPc")
        faults: list[tuple[str, str, str]] = []
        if body.get("vatPc") not in (None, "") and self._vat(text(body, "vatPc")) is None:
            faults.append(_unknown("vatPc"))
        for name, value in (body.get("address") or {}).items():
            if len(str(value or "")) > _ADDRESS_PART:
                faults.append(("VALUE-TOO-LONG", f"address.{name} is too long", f"address.{name} on liiga pikk"))
        country = (body.get("address") or {}).get("country")
        if country and country not in {row["code"] for row in self.settings["countries"]}:
            faults.append(_unknown("address.country"))
        for contact in body.get("contacts") or ():
            if contact.get("type") not in _CONTACT_TYPES:
                faults.append(_unknown("contacts.type"))
        if faults:
            raise Refusal(400, faults)
        row: Record = {name: self._clean(body[name], name) for name in _PARTNER_FIELDS if body.get(name) is not None}
        row["id"] = old["id"] if old else self._new_id()
        row["referenceNumber"] = text(body, "referenceNumber") or self._reference_number()
        self._insert(service, row, old)
        who = "client" if service == CLIENTS else "vendor"
        return {f"{who}Id": row["id"], "referenceNumber": row["referenceNumber"]}

    def _write_article(self, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
        for name in ("code", "description", "type"):
            required(body, name)
        faults = []
        if body["type"] not in ("PRODUCT", "SERVICE", "WH"):
            faults.append(_unknown("type"))
        if body.get("vatPc") not in (None, "") and self._vat(text(body, "vatPc")) is None:
            faults.append(_unknown("vatPc"))
        code = str(body["code"])
        if old is None and code in self.records[ARTICLES]:
            faults.append(("ARTICLE-CODE-EXISTS", "Article code exists already", "Artikli kood on juba olemas"))
        if faults:
            raise Refusal(400, faults)
        row: Record = {name: self._clean(body[name], name) for name in _ARTICLE_FIELDS if body.get(name) is not None}
        row["code"] = code
        for name in ("priceSales", "pricePurchase", "priceOwn"):
            if name in row:
                row[name] = decimal(body, name)
        self._insert(ARTICLES, row, old)
        return {"code": code}

    def _write_invoice(self, service: str, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
        sales = service == SALES
        who = "client" if sales else "vendor"
        required(body, f"{who}Id")
        issued = day(required(body, "date"), "date")
        currency = str(required(body, "currency"))
        if not sales:
            required(body, "invoiceNumber")
        lines = required(body, "rows")
        rows = [self._invoice_row(line, position, sales=sales) for position, line in enumerate(lines, 1)]
        entry = optional_day(body, "entryDate") or (self._today() if self.switches.entry_date_today else issued)
        credit = sales and text(body, "type") == "CRE"
        faults = [
            *self._partner_faults(who, body),
            *self._row_faults(rows, sales=sales),
            *self._currency_faults(currency, body),
            *self._lock_faults(entry),
            *(self._credit_faults(body, issued, entry) if credit else ()),
            *self._warehouse_faults(rows, body),
            *self._number_faults(service, body, old),
        ]
        if sales and text(body, "type") not in ("", "CRE"):
            faults.append(_unknown("type"))
        if faults:
            raise Refusal(400, faults)
        net = sum((row["_net"] for row in rows), Decimal(0))
        vat = self._invoice_vat(rows, body, sales=sales)
        computed = net + vat
        if body.get("totalAmount") not in (None, ""):
            rounding = cents(decimal(body, "totalAmount")) - computed
        else:
            rounding = cents(decimal(body, "roundAmount", default=Decimal(0)))
        partner = self.records[CLIENTS if sales else VENDORS][str(body[f"{who}Id"])]
        due = optional_day(body, "dueDate") or issued + timedelta(days=int(partner.get("invoiceDueDate") or 0))
        row: Record = {
            "id": old["id"] if old else self._new_id(),
            f"{who}Id": partner["id"],
            "type": "CRE" if credit else None,
            "date": issued,
            "dueDate": due,
            "entryDate": entry,
            "number": old["number"] if old else str(self._next(f"{service} {entry.year}")),
            "invoiceNumber": text(body, "invoiceNumber") or self._invoice_number(issued),
            "referenceNumber": text(body, "referenceNumber") or self._reference_number(),
            "currency": currency,
            "exchangeRate": decimal(body, "exchangeRate", default=Decimal(1)),
            "interest": decimal(body, "interest", default=Decimal(0)),
            "amount": net,
            "vatAmount": vat,
            "roundAmount": rounding,
            "totalAmount": computed + rounding,
            "rows": rows,
        }
        for name in (
            "invoiceNote",
            "objectId",
            "warehouseId",
            "comment",
            "baseForCreditInvoiceId",
            "offerId",
            "orderId",
        ):
            if body.get(name) not in (None, ""):
                row[name] = self._clean(body[name], name)
        row["_outstanding"] = row["totalAmount"]
        if body.get("paymentMethod") and body.get("paymentAmount"):
            row["_outstanding"] -= decimal(body, "paymentAmount")
        if old is not None:
            self._undo_effects(service, old)
        self._numbers.add((service, row["invoiceNumber"]))
        self._insert(service, row, old)
        self._move_stock(service, row)
        answer: dict[str, Any] = {"invoiceId": row["id"], f"{who}Id": partner["id"]}
        for name in ("number", "invoiceNumber", "referenceNumber", "warehouseId"):
            if row.get(name):
                answer[name] = row[name]
        sign = -1 if credit and self.switches.add_answer_signed else 1
        for name in ("amount", "vatAmount", "totalAmount", "roundAmount"):
            answer[name] = number(row[name] * sign)
        answer["interest"] = number(row["interest"])
        answer["dueDate"] = show_day(due)
        return answer

    def _invoice_row(self, line: Mapping[str, Any], position: int, *, sales: bool) -> Record:
        where = f"rows[{position}]."
        for name in ("code", "description", "vatPc"):
            required(line, name, where)
        step = Decimal(1).scaleb(-self.switches.price_decimals)
        price = decimal(line, "price", where).quantize(step)
        quantity = decimal(line, "quantity", where)
        discount = decimal(line, "discount", where, Decimal(0)) if sales else Decimal(0)
        net = cents(price * quantity * (100 - discount) / 100)
        percent = self._vat(text(line, "vatPc")) or Decimal(0)
        vat = cents(net * percent / 100)
        row: Record = {
            "code": str(line["code"]),
            "description": self._clean(line["description"], "description"),
            "price": price,
            "quantity": quantity,
            "unit": self._clean(text(line, "unit"), "unit"),
            "discount": discount,
            "vatPc": str(line["vatPc"]),
            "vat": vat,
            "sum": net + vat,
            "order": line.get("order") or position,
            "_net": net,
        }
        for name in ("objectId", "accountSales", "accountPurchase", "accountWarehouse"):
            if line.get(name):
                row[name] = str(line[name])
        return row

    def _invoice_vat(self, rows: list[Record], body: Mapping[str, Any], *, sales: bool) -> Decimal:
        if not sales and body.get("isCalculateVat") is False:
            return cents(decimal(body, "vatAmount"))
        if not self.switches.vat_per_code:
            return sum((row["vat"] for row in rows), Decimal(0))
        nets: dict[str, Decimal] = {}
        for row in rows:
            nets[row["vatPc"]] = nets.get(row["vatPc"], Decimal(0)) + row["_net"]
        return sum((cents(net * (self._vat(code) or Decimal(0)) / 100) for code, net in nets.items()), Decimal(0))

    def _partner_faults(self, who: str, body: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
        if str(body[f"{who}Id"]) not in self.records[CLIENTS if who == "client" else VENDORS]:
            yield _unknown(f"{who}Id")

    def _row_faults(self, rows: Iterable[Record], *, sales: bool) -> Iterable[tuple[str, str, str]]:
        for row in rows:
            if row["code"] not in self.records[ARTICLES]:
                yield _unknown(f"article {row['code']}")
            if self._vat(row["vatPc"], active="activeSales" if sales else "activePurchase") is None:
                yield _unknown(f"vatPc {row['vatPc']}")
            if row.get("objectId") and row["objectId"] not in {item["id"] for item in self.settings["objects"]}:
                yield _unknown("objectId")

    def _currency_faults(self, currency: str, body: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
        if currency == "EUR":
            return
        if currency not in self.switches.ecb_currencies and body.get("exchangeRate") in (None, ""):
            yield ("EXCHANGE-RATE-REQUIRED", "exchangeRate is required", "exchangeRate on kohustuslik")

    def _lock_faults(self, *days: date) -> Iterable[tuple[str, str, str]]:
        locked = self.switches.locked_until
        if locked and any(value <= date.fromisoformat(locked) for value in days):
            yield ("PERIOD-LOCKED", "The period is locked", "Periood on lukustatud")

    def _credit_faults(self, body: Mapping[str, Any], issued: date, entry: date) -> Iterable[tuple[str, str, str]]:
        base_id = text(body, "baseForCreditInvoiceId")
        if not base_id:
            return
        base = self.records[SALES].get(base_id)
        if base is None:
            yield _unknown("baseForCreditInvoiceId")
            return
        if issued < base["date"]:
            key = "CREDIT-INVOICE-EARLIER-THAN-BASE"
            yield (key, "Credit invoice is earlier than its base", "Kreeditarve on alusarvest varasem")
        if entry < base["entryDate"]:
            key = "CREDIT-INVOICE-ENTRY-EARLIER-THAN-BASE"
            yield (key, "Credit entry is earlier than its base", "Kreeditarve kanne on alusarvest varasem")

    def _warehouse_faults(self, rows: Iterable[Record], body: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
        wanted = text(body, "warehouseId")
        known = {row[name] for row in self.settings["warehouses"] for name in ("id", "name")}
        if wanted and wanted not in known:
            yield _unknown("warehouseId")
        stock = any(self.records[ARTICLES].get(row["code"], {}).get("type") == "WH" for row in rows)
        if stock and not wanted and self.switches.stock_needs_warehouse:
            yield ("WAREHOUSE-REQUIRED", "warehouseId is required for stock articles", "Ladu on kohustuslik")

    def _number_faults(
        self, service: str, body: Mapping[str, Any], old: Record | None
    ) -> Iterable[tuple[str, str, str]]:
        wanted = text(body, "invoiceNumber")
        if not wanted or (old is not None and old["invoiceNumber"] == wanted):
            return
        mode = self.switches.duplicate_sales_number if service == SALES else self.switches.duplicate_purchase_number
        if mode != "refuse":
            return
        year = day(body["date"], "date").year
        for row in self.records[service].values():
            same_vendor = service == SALES or row["vendorId"] == body.get("vendorId")
            if row["invoiceNumber"] == wanted and row["date"].year == year and same_vendor:
                yield ("INVOICE-NUMBER-EXISTS", "Invoice number exists already", "Arve number on juba olemas")
                return

    def _write_payment(self, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
        issued = day(required(body, "date"), "date")
        who = {"CLIENT": "client", "VENDOR": "vendor"}.get(str(required(body, "partnerType")))
        if who is None:
            raise basic("VALUE-INVALID", "partnerType is not known")
        partner_id = str(required(body, f"{who}Id"))
        account_type = str(required(body, "accountType"))
        account = self._account(account_type, str(required(body, "accountName")))
        currency = str(required(body, "currency"))
        faults = [*self._partner_faults(who, body), *self._lock_faults(issued)]
        if account is None:
            faults.append(_unknown("accountName"))
        elif currency != account["currency"] and account["currency"] != "EUR":
            faults.append(("CURRENCY-MISMATCH", "Currency differs from the account's", "Valuuta ei vasta kontole"))
        if old is not None:
            self._undo_effects(PAYMENTS, old)
        total = Decimal(0)
        rows = []
        for line in body.get("rows") or ():
            amount, kind, target = decimal(line, "amount"), str(required(line, "type")), str(required(line, "id"))
            document = self._payable(kind, target)
            if document is None:
                faults.append(_unknown(f"row {kind}"))
                continue
            if document.get(f"{who}Id") != partner_id:
                faults.append(("PARTNER-MISMATCH", "Document belongs to another partner", "Dokument on teise partneri"))
            if abs(amount) > abs(document["_outstanding"]):
                message = "payment amount larger than outstanding amount on row"
                faults.append(("AMOUNT-TOO-LARGE", message, message))
            sign = -1 if document.get("type") == "CRE" else 1
            total += amount * sign
            rows.append({"amount": amount, "type": kind, "id": target})
        if faults:
            if old is not None:
                self._apply_payment(old)
            raise Refusal(400, faults)
        prepayment = body.get("prepayment")
        if prepayment:
            total += decimal(prepayment, "amount")
        for extra in body.get("extras") or ():
            total += decimal(extra, "price") * decimal(extra, "quantity")
        row: Record = {
            "id": old["id"] if old else self._new_id(),
            "date": issued,
            "number": old["number"] if old else str(self._next(f"{PAYMENTS} {issued.year}")),
            "document": text(body, "document"),
            "partnerType": body["partnerType"],
            f"{who}Id": partner_id,
            "accountType": account_type,
            "accountName": body["accountName"],
            "currency": currency,
            "exchangeRate": decimal(body, "exchangeRate", default=Decimal(1)),
            "amount": cents(total),
            "comment": self._clean(text(body, "comment"), "comment"),
            "rows": rows,
        }
        if prepayment:
            row["prepayment"] = {
                "amount": number(decimal(prepayment, "amount")),
                "description": text(prepayment, "description"),
            }
        self._apply_payment(row)
        self._insert(PAYMENTS, row, old)
        return {"paymentId": row["id"], "number": row["number"], "amount": number(row["amount"])}

    def _payable(self, kind: str, target: str) -> Record | None:
        services = {"CLIENT_INVOICE": SALES, "VENDOR_INVOICE": PURCHASES}
        return self.records[services[kind]].get(target) if kind in services else None

    def _apply_payment(self, row: Record, sign: int = 1) -> None:
        for line in row["rows"]:
            document = self._payable(line["type"], line["id"])
            if document is not None:
                document["_outstanding"] -= abs(line["amount"]) * sign * (-1 if document["_outstanding"] < 0 else 1)
                document["_updated"] = self.clock.now()

    def _account(self, kind: str, name: str) -> Record | None:
        service = {"BANK": "bankaccounts", "CASH": "cashaccounts"}.get(kind)
        return next((row for row in self.settings.get(service or "", []) if row["name"] == name), None)

    # --- shared rules ------------------------------------------------------------------------------------------

    def _may_change(self, row: Record) -> None:
        if self.switches.edit_paid == "refuse" and row["_outstanding"] != row["totalAmount"]:
            raise Refusal(400, [("INVOICE-HAS-PAYMENTS", "Invoice has payments", "Arvel on laekumisi")])
        if faults := list(self._lock_faults(row["entryDate"])):
            raise Refusal(400, faults)

    def _may_delete(self, service: str, row: Record) -> None:
        if service in (SALES, PURCHASES):
            self._may_change(row)
        used = False
        if service in (CLIENTS, VENDORS):
            key = "clientId" if service == CLIENTS else "vendorId"
            used = any(
                r.get(key) == row["id"] for name in (SALES, PURCHASES, PAYMENTS) for r in self.records[name].values()
            )
        if service == ARTICLES:
            used = any(
                line["code"] == row["code"]
                for name in (SALES, PURCHASES)
                for document in self.records[name].values()
                for line in document["rows"]
            )
        if used:
            raise Refusal(400, [("IN-USE", f"{_noun(service)} is in use", "Kirje on kasutusel")])

    def _undo_effects(self, service: str, row: Record) -> None:
        if service == PAYMENTS:
            self._apply_payment(row, -1)
        if service in (SALES, PURCHASES):
            for key in [key for key, item in self.records[MOVEMENTS].items() if item["_document"] == row["id"]]:
                del self.records[MOVEMENTS][key]

    def _move_stock(self, service: str, row: Record) -> None:
        direction = (-1 if service == SALES else 1) * (-1 if row.get("type") == "CRE" else 1)
        moved: dict[str, Decimal] = {}
        for line in row["rows"]:
            if self.records[ARTICLES][line["code"]]["type"] == "WH":
                moved[line["code"]] = moved.get(line["code"], Decimal(0)) + line["quantity"] * direction
        if moved:
            movement = {
                "id": self._new_id(),
                "date": row["entryDate"],
                "number": str(self._next(f"{MOVEMENTS} {row['entryDate'].year}")),
                "documentNumber": row["invoiceNumber"],
                "warehouseId": row.get("warehouseId"),
                "rows": [{"code": code, "quantity": number(amount)} for code, amount in moved.items()],
                "_quantities": moved,
                "_document": row["id"],
            }
            self._insert(MOVEMENTS, movement)

    def _insert(self, service: str, row: Record, old: Record | None = None) -> None:
        now = self.clock.now()
        row["_created"] = old["_created"] if old else now
        row["_updated"] = now
        self.records[service][row["code"] if service == ARTICLES else row["id"]] = row

    def _clean(self, value: Any, name: str) -> Any:
        if not isinstance(value, str) or all(ord(char) <= 0xFFFF for char in value):
            return value
        if self.switches.four_byte == "refuse":
            raise Refusal(
                400, [("TEXT-INVALID", f"{name} contains unsupported characters", f"{name} sisaldab lubamatuid märke")]
            )
        return "".join("?" if ord(char) > 0xFFFF else char for char in value)

    def _vat(self, code: str, active: str | None = None) -> Decimal | None:
        for row in self.settings["vatpcs"]:
            if row["vatPc"] == code and (active is None or row[active]):
                return Decimal(row["pc"])
        return None

    def _today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _next(self, counter: str) -> int:
        self._counters[counter] = self._counters.get(counter, 0) + 1
        return self._counters[counter]

    def _invoice_number(self, issued: date) -> str:
        while True:
            wanted = f"MA{issued:%y}{self._next(f'MA {issued.year}'):05d}"
            if (SALES, wanted) not in self._numbers:
                return wanted

    def _reference_number(self) -> str:
        digits = str(self._next("reference") + 1000)
        weighted = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits)))
        return f"{digits}{-weighted % 10}"


def _unknown(what: str) -> tuple[str, str, str]:
    return ("VALUE-UNKNOWN", f"{what} is not known", f"{what} ei ole teada")


def _noun(service: str) -> str:
    return {CLIENTS: "Client", VENDORS: "Vendor", ARTICLES: "Article", PAYMENTS: "Payment"}.get(service, "Invoice")


def _shown_row(row: Mapping[str, Any]) -> Record:
    return {
        name: number(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if not name.startswith("_") and value not in (None, "")
    }


def _tagged(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    raise TypeError(type(value).__name__)


def _untagged(value: dict[str, Any]) -> Any:
    if "$decimal" in value:
        return Decimal(value["$decimal"])
    if "$moment" in value:
        return datetime.fromisoformat(value["$moment"])
    if "$day" in value:
        return date.fromisoformat(value["$day"])
    return value
