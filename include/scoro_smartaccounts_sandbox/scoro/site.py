"""The state of a Scoro site and its rules. Knows nothing of HTTP."""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.scoro import reference_data
from scoro_smartaccounts_sandbox.scoro.codes import reference_number
from scoro_smartaccounts_sandbox.scoro.fields import (
    MODULES,
    SITE_ZONE,
    Field,
    InvalidValueError,
    Kind,
    Module,
    Record,
    coerce,
)
from scoro_smartaccounts_sandbox.scoro.switches import Switches
from scoro_smartaccounts_sandbox.scoro.totals import Part, cents, document_totals, factor, line_sum

DEFAULT_API_KEY = "ScoroAPI_000000000000000"
DEFAULT_ACCOUNT_ID = "demoou"
DEFAULT_USER_TOKEN = "sandbox-user-token"  # noqa: S105 (the simulator's own, public by design)

_DOCUMENTS_OF_RECEIPTS = ("invoices", "bills", "expenses")
_PAYABLE = (*_DOCUMENTS_OF_RECEIPTS, "prepayments")
_ZERO = Decimal(0)

_DocumentKey: TypeAlias = tuple[str, int]


class RefusedError(Exception):
    """A request that the site does not accept: ``code`` as in Scoro's statusCode, and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Table:
    """Records of one module by id. ``version`` grows with every change, so that listings can be kept."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.records: dict[int, Record] = {}
        self.version = 0
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def skip_to(self, record_id: int) -> None:
        """Give no id below this to a new record."""
        self._last_id = max(self._last_id, record_id - 1)

    def store(self, record: Record) -> None:
        record_id = record[self.module.id_key]
        self.records[record_id] = record
        self._last_id = max(self._last_id, record_id)
        self.version += 1

    def drop(self, record_id: int) -> None:
        del self.records[record_id]
        self.version += 1


class Site:
    """A Scoro site: one company account, its records, its switches and its clock.

    ``create``, ``modify`` and ``delete`` follow Scoro's rules and stamp times by the clock; ``put``, ``patch``
    and ``remove`` bypass them. Amounts are Decimal in the document's currency, days ``YYYY-MM-DD``, moments
    aware UTC datetimes. Public methods may be called from any thread.
    """

    def __init__(
        self,
        clock: Clock,
        switches: Switches | None = None,
        api_key: str = DEFAULT_API_KEY,
        account_id: str = DEFAULT_ACCOUNT_ID,
    ) -> None:
        self.clock = clock
        self.switches = switches or Switches()
        self.api_key = api_key
        self.user_token = DEFAULT_USER_TOKEN
        self.account_id = account_id
        self.lock = threading.RLock()
        self.company: Record = {}
        self.tables: dict[str, Table] = {}
        self.writes = 0
        self.reset()

    def reset(self) -> None:
        """Forget every record; the reference data (VAT codes, accounts, depot...) is there again."""
        with self.lock:
            self.company = dict(reference_data.COMPANY)
            # Versions go on, so that no listing of before the reset is taken for one of after.
            versions = {name: table.version + 1 for name, table in self.tables.items()}
            self.tables = {name: Table(module) for name, module in MODULES.items()}
            for name, version in versions.items():
                self.tables[name].version = version
            self._line_id = 0
            self._address_id = 0
            self._receipt_id = 0
            # What each receipt group pays of a document; what each credit invoice covers of its base.
            self._paid_by_group: dict[_DocumentKey, dict[int, Decimal]] = {}
            self._allocated: dict[int, dict[int, Decimal]] = {}
            # The invoices that draw, or once drew, on a prepayment invoice.
            self._drawing: dict[int, set[int]] = {}
            for module, records in reference_data.RECORDS.items():
                for record in records:
                    self.put(module, record)
            self.writes += 1

    # Reading

    def records(self, module: str) -> Mapping[int, Record]:
        """All records of a module by id, deleted ones too. Treat them as read-only."""
        return self.tables[module].records

    def get(self, module: str, record_id: int) -> Record:
        """One record, deleted or not. Raises RefusedError when there is none."""
        record = self.tables[module].records.get(record_id)
        if record is None:
            raise RefusedError(self.switches.not_found_code, f"{module} {record_id} was not found")
        return record

    def live(self, module: str) -> Iterator[Record]:
        """Records that are not deleted, by id."""
        records = self.tables[module].records
        return (records[key] for key in sorted(records) if not records[key].get("is_deleted"))

    def today(self) -> date:
        """The day it is at the site."""
        return self.clock.now().astimezone(SITE_ZONE).date()

    def contact_name(self, contact_id: int) -> str:
        """Company name, or first and last name; empty when there is no such contact."""
        contact = self.tables["contacts"].records.get(contact_id)
        return f"{contact['name']} {contact['lastname']}".strip() if contact else ""

    def paid_of(self, module: str, document_id: int) -> Decimal:
        """What receipts and credit invoices have paid of a document, signed as its total."""
        paid = self.received_of(module, document_id)
        if module == "invoices":
            paid += sum(self._allocated.get(document_id, {}).values(), _ZERO)
        return paid

    def received_of(self, module: str, document_id: int) -> Decimal:
        """What receipts alone have paid of a document, signed as its total."""
        return sum(self._paid_by_group.get((module, document_id), {}).values(), _ZERO)

    def drawn_of(self, document: Record) -> Decimal:
        """What an invoice draws from its prepayment invoices, as far as they are paid."""
        prepayments = self.tables["prepayments"].records
        paid = [
            prepayments[key]["status"] == "paid" for key in document.get("prepayment_id") or [] if key in prepayments
        ]
        drawn: Decimal = document.get("prepayment_sum") or _ZERO
        return drawn if paid and all(paid) else _ZERO

    # Changes by Scoro's rules

    def create(self, module: str, fields: Mapping[str, Any]) -> Record:
        """Store a new record. Raises RefusedError when Scoro would refuse it."""
        with self.lock:
            record = _blank(MODULES[module].fields)
            record[MODULES[module].id_key] = 0
            self._assign(module, record, fields, is_new=True)
            now = self.clock.now().astimezone(UTC)
            record[MODULES[module].id_key] = self.tables[module].next_id()
            if "created_date" in record:
                record["created_date"] = record["modified_date"] = now
            self._store(module, record)
            self._apply_effects(module, record, now)
            return record

    def modify(self, module: str, record_id: int, fields: Mapping[str, Any]) -> Record:
        """Change some fields of a record. Raises RefusedError when Scoro would refuse it."""
        with self.lock:
            old = self.get(module, record_id)
            if old.get("is_deleted"):
                raise RefusedError(self.switches.not_found_code, f"{module} {record_id} was not found")
            record = dict(old)
            self._assign(module, record, fields, is_new=False)
            self._refuse_change_of_paid_total(module, old, record)
            now = self.clock.now().astimezone(UTC)
            if "modified_date" in record:
                record["modified_date"] = now
            self._withdraw_effects(module, old, now)
            self._store(module, record)
            self._apply_effects(module, record, now)
            return record

    def delete(self, module: str, record_id: int) -> Record:
        """Delete a record: softly where the module has ``is_deleted``. Raises RefusedError when it is not there."""
        with self.lock:
            old = self.get(module, record_id)
            if old.get("is_deleted"):
                raise RefusedError(self.switches.not_found_code, f"{module} {record_id} was not found")
            if not MODULES[module].soft_deletes:
                self.remove(module, record_id)
                return old
            received = module in _PAYABLE and self._paid_by_group.get((module, record_id))
            if received and self.switches.delete_received == "refuse":
                raise RefusedError(400, "A received document cannot be deleted")
            now = self.clock.now().astimezone(UTC)
            record = {**old, "is_deleted": 1, "deleted_date": now}
            if self.switches.delete_bumps_modified:
                record["modified_date"] = now
            self._withdraw_effects(module, old, now)
            if module == "invoices":
                self._drop_allocations(record_id, now)
            self._store(module, record)
            return record

    def pay(
        self,
        module: str,
        documents: Mapping[int, Decimal | str | None],
        *,
        day: date | None = None,
        account_id: int = reference_data.BANK_ACCOUNT,
        **fields: Any,
    ) -> Record:
        """Store a receipt group of invoices, bills, expenses or prepayments: sums by id, None for what is left to pay.

        Of a credit invoice or a negative bill what is left is negative. Raises RefusedError.
        """
        with self.lock:
            receipts: list[Record] = []
            key = "prepayment_id" if module == "prepayments" else "invoice_id"
            currencies = []
            for document_id, amount in documents.items():
                document = self.get(module, document_id)
                currencies.append(document["currency"])
                whole = gross(module, document) - document.get("prepayment_sum", _ZERO)
                left = whole - self.paid_of(module, document_id)
                receipts.append({key: document_id, "sum": left if amount is None else amount})
            request = {
                "date": (day or self.today()).isoformat(),
                "currency": currencies[0],
                "sales_doc_type": "invoices" if module == "prepayments" else module,
                "receipt_account_id": account_id,
                "receipts": receipts,
            }
            return self.create("receipts", {**request, **fields})

    # Changes that bypass the rules

    def put(self, module: str, record: Mapping[str, Any]) -> Record:
        """Store a record as it is, totals and all; missing fields get their defaults, a missing id the next one.

        Values must already be in the form of their ``Kind``. Receipts still pay their documents.
        """
        with self.lock:
            spec = MODULES[module]
            stored = self.complete(module, record)
            if not stored[spec.id_key]:
                stored[spec.id_key] = self.tables[module].next_id()
            if "account_id" in stored:
                stored["account_id"] = self.account_id
            if "created_date" in stored:
                now = self.clock.now().astimezone(UTC)
                stored["created_date"] = stored["created_date"] or now
                stored["modified_date"] = stored["modified_date"] or stored["created_date"]
            if spec.line_fields is not None:
                self._number_lines(spec, stored[spec.lines_key])
            if spec.is_document and stored["company_address"] is None:
                self._take_address(stored)
            self._store(module, stored)
            if not stored.get("is_deleted"):
                self._apply_effects(module, stored, stored.get("modified_date"))
            return stored

    def complete(self, module: str, record: Mapping[str, Any]) -> Record:
        """A record with the defaults of its missing fields, lines included. Stores nothing."""
        spec = MODULES[module]
        full = {**_blank(spec.fields), **record}
        if spec.line_fields is not None:
            blank = _blank(spec.line_fields)
            full[spec.lines_key] = [{**blank, **line} for line in full[spec.lines_key] or []]
        return full

    def patch(self, module: str, record_id: int, fields: Mapping[str, Any], touch: bool = True) -> Record:
        """Overwrite fields of a record as they are given; ``touch`` moves ``modified_date`` to now."""
        with self.lock:
            record = {**self.get(module, record_id), **fields}
            if touch and "modified_date" in record:
                record["modified_date"] = self.clock.now().astimezone(UTC)
            self._store(module, record)
            return record

    def remove(self, module: str, record_id: int) -> None:
        """Take a record away without a trace."""
        with self.lock:
            record = self.get(module, record_id)
            if not record.get("is_deleted"):
                self._withdraw_effects(module, record, record.get("modified_date"))
                if module == "invoices":
                    self._drop_allocations(record_id, None)
            self.tables[module].drop(record_id)
            self.writes += 1

    # Assigning

    def _assign(self, module: str, record: Record, fields: Mapping[str, Any], *, is_new: bool) -> None:
        spec = MODULES[module]
        try:
            for name, value in fields.items():
                field = spec.fields.get(name)
                if field is not None and field.writable and name not in (spec.lines_key, "custom_fields"):
                    record[name] = coerce(name, field.kind, value)
            if "custom_fields" in fields:
                record["custom_fields"] = _custom_fields(record.get("custom_fields"), fields["custom_fields"])
            if spec.is_document:
                self._assign_document(spec, record, fields, is_new=is_new)
            elif module == "receipts":
                self._assign_receipts(record, fields)
        except InvalidValueError as error:
            raise RefusedError(400, str(error)) from None
        if module == "products":
            self._assign_product(record, fields)
        if module in ("products", "contacts") and not record["name"]:
            raise RefusedError(400, "Field name is required")
        if module == "contacts" and record["contact_type"] not in ("company", "person"):
            raise RefusedError(400, "Invalid value for contact_type")

    def _assign_product(self, record: Record, fields: Mapping[str, Any]) -> None:
        names = fields.get("names")
        if isinstance(names, Mapping) and names:
            record["name"] = str(names.get("est") or next(iter(names.values())))
        record["account_id"] = self.account_id

    def _assign_document(self, spec: Module, record: Record, fields: Mapping[str, Any], *, is_new: bool) -> None:
        self._require_contact(record, "company_id", required=True)
        self._require_contact(record, "person_id", required=False)
        if spec.name != "expenses":
            self._refuse_unknown_payment_type(record)
        today = self.today().isoformat()
        deadline = "due_date" if spec.name == "expenses" else "deadline"
        record["account_id"] = self.account_id
        record["date"] = record["date"] or today
        if not record[deadline]:
            days = timedelta(days=self._payment_term(record["company_id"]))
            record[deadline] = (date.fromisoformat(record["date"]) + days).isoformat()
        if "recognition_date" in record:
            record["recognition_date"] = record["recognition_date"] or record["date"]
        if not record["no"]:
            record["no"] = self._next_number(spec.name)
        if spec.name in ("invoices", "prepayments"):
            if not record["no"].isdigit():
                raise RefusedError(400, "Invalid value for no")
            record["reference_no"] = record["reference_no"] or reference_number(int(record["no"]))
        if is_new or "company_id" in fields or spec.name == "invoices":
            self._take_address(record)
        if is_new:
            self._choose_vat_layout(spec, record)
        if spec.lines_key in fields:
            record["lines"] = self._lines(spec, record, fields["lines"])
        elif is_new:
            record["lines"] = []
        self.recompute(spec.name, record)

    def _refuse_unknown_payment_type(self, record: Record) -> None:
        if record["payment_type"] not in ("banktransfer", "cash", "cardpayment", "credit", "barter"):
            raise RefusedError(400, "Invalid value for payment_type")

    def _require_contact(self, record: Record, field: str, *, required: bool) -> None:
        contact_id = record[field]
        if not contact_id and not required:
            return
        contact = self.tables["contacts"].records.get(contact_id)
        if contact is None or contact["is_deleted"]:
            raise RefusedError(400, f"Field {field} must be an existing contact")

    def _payment_term(self, contact_id: int) -> int:
        profile_id = self.tables["contacts"].records[contact_id]["client_profile_id"]
        profile = self.tables["clientProfiles"].records.get(profile_id)
        return int(profile["deadline_days"]) if profile else 14

    def _next_number(self, module: str) -> str:
        numbers = (int(row["no"]) for row in self.live(module) if row["no"].isdigit())
        return str(max(numbers, default=0) + 1)

    def _take_address(self, record: Record) -> None:
        contact = self.tables["contacts"].records.get(record["company_id"])
        addresses = (contact or {}).get("addresses") or []
        record["company_address"] = dict(addresses[0]) if addresses else dict(reference_data.EMPTY_ADDRESS)
        if "company_address_id" in record:
            self._address_id += 1
            record["company_address_id"] = self._address_id

    def _choose_vat_layout(self, spec: Module, record: Record) -> None:
        key = "tax_code_id" if spec.name == "expenses" else "vat_code_id"
        if self.switches.vat_layout == "lines":
            record[key] = None
        elif record[key] is None:
            record[key] = self._standard_vat_code()

    def _standard_vat_code(self) -> int:
        codes = [row for row in self.live("vatCodes") if row["is_active"] and not row["is_not_applicable"]]
        return int(max(codes, key=lambda row: row["percent"])["vat_code_id"]) if codes else 0

    def _lines(self, spec: Module, record: Record, given: Any) -> list[Record]:
        if given in (None, ""):
            given = []
        if not isinstance(given, list) or not all(isinstance(line, Mapping) for line in given):
            raise InvalidValueError("lines")
        old = {line["id"]: line for line in record["lines"] or []}
        lines = [self._line(spec, record, line, old) for line in given]
        self._number_lines(spec, lines)
        if self.switches.lines_on_modify == "merge":
            changed = {line["id"]: line for line in lines}
            return [changed.pop(line_id, line) for line_id, line in old.items()] + list(changed.values())
        return lines

    def _line(self, spec: Module, record: Record, given: Mapping[str, Any], old: Mapping[int, Record]) -> Record:
        assert spec.line_fields is not None
        known = old.get(coerce("id", Kind.INT, given.get("id")))
        line = dict(known) if known else _blank(spec.line_fields)
        for name, value in given.items():
            field = spec.line_fields.get(name)
            if field is not None and field.writable and name != "id":
                line[name] = coerce(f"lines.{name}", field.kind, value)
        if known is None:
            self._fill_from_product(spec, line, given)
        for setting, key in (
            (self.switches.finance_accounts, "finance_account_id"),
            (self.switches.finance_objects, "finance_object_id"),
            (self.switches.finance_objects, "accounting_object_id"),
        ):
            if not setting and line.get(key):
                raise RefusedError(400, f"Field lines.{key} is not in use on this site")
        if "discount" in line and not self.switches.line_discount:
            line["discount"] = _ZERO
        if "amount2" in line and not self.switches.secondary_quantity:
            line["amount2"] = None
        self._assign_line_vat(spec, record, line)
        return line

    def _fill_from_product(self, spec: Module, line: Record, given: Mapping[str, Any]) -> None:
        product_id = line["product_id"]
        if product_id <= 0:
            return
        product = self.tables["products"].records.get(product_id)
        if product is None or product["is_deleted"]:
            raise RefusedError(400, "Field lines.product_id must be an existing product")
        if "price" not in given:
            line["price"] = product["price" if spec.name in ("invoices", "prepayments") else "buying_price"]
        line["unit"] = line["unit"] or product["unit"]
        key = "tax_code_id" if spec.name == "expenses" else "vat_code_id"
        line[key] = line[key] or product["default_vat_code_id"]
        if self.switches.finance_accounts:
            side = "sales" if spec.name in ("invoices", "prepayments") else "purchases"
            line["finance_account_id"] = line["finance_account_id"] or product[f"{side}_finance_account_id"]

    def _assign_line_vat(self, spec: Module, record: Record, line: Record) -> None:
        id_key, code_key, percent_key = _vat_keys(spec)
        if record[id_key] is not None or line["product_id"] == -1:
            line.update({id_key: 0, code_key: "", percent_key: None})
            return
        code = self._vat_code(line[id_key] or self._standard_vat_code())
        line.update({id_key: code["vat_code_id"], code_key: code["vat_code"], percent_key: code["percent"]})

    def _vat_code(self, vat_code_id: int) -> Record:
        code = self.tables["vatCodes"].records.get(vat_code_id)
        if code is None:
            raise RefusedError(400, "Field vat_code_id must be an existing VAT code")
        return code

    def recompute(self, module: str, record: Record) -> None:
        """Set the VAT percent, line sums, net and VAT of a document from its lines, in place."""
        spec = MODULES[module]
        id_key, code_key, percent_key = _vat_keys(spec)
        document_percent: Decimal | None = None
        if record[id_key] is not None:
            code = self._vat_code(record[id_key])
            document_percent = code["percent"]
            record[code_key], record[percent_key] = code["vat_code"], code["percent"]
        else:
            record[code_key], record[percent_key] = "", None
        products = self.tables["products"].records
        parts = []
        for line in record["lines"]:
            if module == "expenses":
                quantities = {"amount": line["quantity"], "amount2": line["additional_quantity"]}
                line["sum"] = line_sum({**quantities, "price": line["price"]})
            else:
                line["sum"] = line_sum(line)
            product = products.get(line["product_id"])
            parts.append(Part(line["sum"], line[percent_key] or _ZERO, not (product and product["no_discounts"])))
        left = factor(record.get("discount"), record.get("discount2"), record.get("discount3"))
        totals = document_totals(parts, left, self.switches.vat_rounding, document_percent)
        record["sum"] = totals.net
        record["tax_sum" if module == "expenses" else "vat_sum"] = totals.vat

    def _refuse_change_of_paid_total(self, module: str, old: Record, new: Record) -> None:
        if module not in _PAYABLE:
            return
        if self.paid_of(module, old["id"]) and gross(module, old) != gross(module, new):
            raise RefusedError(400, "The total of a received document cannot be changed")

    # Receipts and credit invoices

    def _assign_receipts(self, group: Record, fields: Mapping[str, Any]) -> None:
        if group["sales_doc_type"] not in _DOCUMENTS_OF_RECEIPTS:
            raise RefusedError(400, "Invalid value for sales_doc_type")
        group["currency"] = group["currency"] or self.company["base_currency"]
        if group["currency"] not in self.company["active_currencies"]:
            raise RefusedError(400, "Invalid value for currency")
        group["date"] = group["date"] or self.today().isoformat()
        account = group["receipt_account_id"]
        if account and account not in self.tables["receiptAccounts"].records:
            raise RefusedError(400, "Field receipt_account_id must be an existing account")
        given = fields.get("receipts")
        if given is None:
            # Receipts that are not given again follow the group's day, and must still fit its kind of document.
            given = [{**item, "date": group["date"]} for item in group["receipts"] or []]
        if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
            raise InvalidValueError("receipts")
        group["receipts"] = [self._receipt(group, item) for item in given]
        self._number_lines(MODULES["receipts"], group["receipts"])
        if not group["receipts"]:
            raise RefusedError(400, "Field receipts is required")
        if group["contact_id"]:
            self._require_contact(group, "contact_id", required=True)
        else:
            group["contact_id"] = self._document_of(group, group["receipts"][0])[1]["company_id"]
        total = sum((item["sum"] for item in group["receipts"]), _ZERO)
        strict = self.switches.receipt_sum_differs == "refuse" and fields.get("sum") not in (None, "")
        if strict and cents(group["sum"]) != total:
            raise RefusedError(400, "Field sum must be the sum of the receipts")
        group["sum"] = total
        self._refuse_receipts(group)

    def _receipt(self, group: Record, given: Mapping[str, Any]) -> Record:
        spec = MODULES["receipts"]
        assert spec.line_fields is not None
        receipt = _blank(spec.line_fields)
        for name, value in given.items():
            field = spec.line_fields.get(name)
            if field is not None:
                receipt[name] = coerce(f"receipts.{name}", field.kind, value)
        old = {item["receipt_id"] for item in group["receipts"] or []}
        if receipt["receipt_id"] not in old:
            receipt["receipt_id"] = 0
        receipt["date"] = receipt["date"] or group["date"]
        receipt["sum"] = cents(receipt["sum"] or _ZERO)
        if not receipt["sum"]:
            raise RefusedError(400, "Field receipts.sum is required")
        module = group["sales_doc_type"]
        if receipt["prepayment_id"] and not receipt["invoice_id"]:
            if module != "invoices":
                raise RefusedError(400, "Field receipts.prepayment_id goes with sales only")
            self._require_document("prepayments", receipt["prepayment_id"], "prepayment_id")
            return receipt
        if not receipt["invoice_id"] and receipt["invoice_no"]:
            matches = [row["id"] for row in self.live(module) if row["no"] == receipt["invoice_no"]]
            receipt["invoice_id"] = matches[-1] if matches else 0
        document = self._require_document(module, receipt["invoice_id"], "invoice_id")
        receipt["invoice_no"] = document["no"]
        return receipt

    def _refuse_receipts(self, group: Record) -> None:
        """Refuse what the site's switches do not let a group pay."""
        switches = self.switches
        paid: dict[_DocumentKey, Decimal] = {}
        for receipt in group["receipts"]:
            module, document = self._document_of(group, receipt)
            if document["company_id"] != group["contact_id"] and switches.receipt_of_other_contact == "refuse":
                raise RefusedError(400, "A receipt's document must be the contact's")
            if document["currency"] != group["currency"] and switches.receipt_in_other_currency == "refuse":
                raise RefusedError(400, "Field currency must be the documents' currency")
            key = (module, document["id"])
            paid[key] = paid.get(key, _ZERO) + receipt["sum"]
        if switches.receipt_overpays == "allow":
            return
        for (module, document_id), amount in paid.items():
            document = self.tables[module].records[document_id]
            others = self._paid_by_group.get((module, document_id), {})
            before = sum((share for key, share in others.items() if key != group["id"]), _ZERO)
            total = gross(module, document) - document.get("prepayment_sum", _ZERO)
            if abs(before + amount) > abs(total):
                raise RefusedError(400, "Receipts are larger than their document")

    def _require_document(self, module: str, document_id: int, field: str) -> Record:
        document = self.tables[module].records.get(document_id)
        if document is None or document["is_deleted"]:
            raise RefusedError(400, f"Field receipts.{field} must be an existing document")
        return document

    def _document_of(self, group: Record, receipt: Record) -> tuple[str, Record]:
        """The document that a receipt pays, and its module."""
        if receipt["invoice_id"]:
            return group["sales_doc_type"], self.tables[group["sales_doc_type"]].records[receipt["invoice_id"]]
        return "prepayments", self.tables["prepayments"].records[receipt["prepayment_id"]]

    def _apply_effects(self, module: str, record: Record, moment: datetime | None) -> None:
        if module == "receipts":
            self._pay(record, moment, sign=1)
        elif module in _PAYABLE:
            if module == "invoices" and record["credited_invoices"] and self.switches.credit_shows_in_paid_sum:
                self._allocate(record, moment)
            self._refresh_paid(module, record["id"], None)

    def _withdraw_effects(self, module: str, record: Record, moment: datetime | None) -> None:
        if module == "receipts":
            self._pay(record, moment, sign=-1)
        elif module == "invoices" and record["credited_invoices"]:
            self._drop_allocations(record["id"], moment)

    def _drop_allocations(self, invoice_id: int, moment: datetime | None) -> None:
        """Undo what credit invoices cover of this invoice, or what this one covers of others."""
        for other_id in self._allocated.pop(invoice_id, {}):
            self._allocated[other_id].pop(invoice_id)
            self._refresh_paid("invoices", other_id, moment)

    def _pay(self, group: Record, moment: datetime | None, sign: int) -> None:
        """Book the receipts of a group (``sign`` -1: take them back) and what follows from them."""
        moved = moment if self.switches.receipt_bumps_modified else None
        keys = self._book(group, sign)
        for module, document_id in keys:
            document = self.tables[module].records.get(document_id)
            if document is not None and module == "invoices" and document["credited_invoices"]:
                # What receipts settle of a credit invoice is not allocated to its base a second time.
                self._drop_allocations(document_id, moved)
                if self.switches.credit_shows_in_paid_sum and not document["is_deleted"]:
                    self._allocate(document, moved)
        for key in keys:
            self._refresh_paid(*key, moved)

    def _book(self, group: Record, sign: int) -> list[_DocumentKey]:
        """Add a group's receipts to what it pays of each document; the documents."""
        keys: list[_DocumentKey] = []
        for receipt in group["receipts"]:
            if receipt["invoice_id"]:
                key = (group["sales_doc_type"], receipt["invoice_id"])
            else:
                key = ("prepayments", receipt["prepayment_id"])
            shares = self._paid_by_group.setdefault(key, {})
            share = shares.get(group["id"], _ZERO) + sign * receipt["sum"]
            if share:
                shares[group["id"]] = share
            else:
                shares.pop(group["id"], None)
            if key not in keys:
                keys.append(key)
        return keys

    def _allocate(self, credit: Record, moment: datetime | None) -> None:
        left = max(abs(gross("invoices", credit)) - abs(self.received_of("invoices", credit["id"])), _ZERO)
        for base_id in credit["credited_invoices"]:
            base = self.tables["invoices"].records.get(base_id)
            if base is None or base["is_deleted"] or not left:
                continue
            share = min(left, max(gross("invoices", base) - self.paid_of("invoices", base_id), _ZERO))
            if share:
                left -= share
                self._allocated.setdefault(base_id, {})[credit["id"]] = share
                own = self._allocated.setdefault(credit["id"], {})
                own[base_id] = own.get(base_id, _ZERO) - share
                self._refresh_paid("invoices", base_id, moment)

    def _refresh_paid(self, module: str, document_id: int, moment: datetime | None) -> None:
        """Bring paid_sum, status and dateofpayment up to date; ``moment`` may move modified_date forward."""
        document = self.tables[module].records.get(document_id)
        if document is None:
            return
        paid, total = self.paid_of(module, document_id), gross(module, document)
        paid += self.drawn_of(document)
        covered = bool(paid) and (paid >= total if total >= 0 else paid <= total)
        changes: Record = {"status": "paid" if covered else "unpaid"}
        if "paid_sum" in document:
            changes["paid_sum"] = paid if self.switches.prepayment_in_paid_sum else paid - self.drawn_of(document)
        if "dateofpayment" in document:
            groups = self._paid_by_group.get((module, document_id), {})
            days = [self.tables["receipts"].records[key]["date"] for key in groups]
            changes["dateofpayment"] = max(days) if covered and days else None
        if moment is not None:
            changes["modified_date"] = max(document["modified_date"], moment)
        if any(document[key] != value for key, value in changes.items()):
            self._store(module, {**document, **changes})
            if module == "prepayments":
                for invoice_id in self._drawing.get(document_id, ()):
                    self._refresh_paid("invoices", invoice_id, moment)

    # Storing

    def _store(self, module: str, record: Record) -> None:
        self.tables[module].store(record)
        if module == "invoices":
            self._note_drawing(record)
        self.writes += 1

    def _note_drawing(self, invoice: Record) -> None:
        for prepayment_id in invoice["prepayment_id"] or []:
            self._drawing.setdefault(prepayment_id, set()).add(invoice["id"])

    def _number_lines(self, spec: Module, lines: list[Record]) -> None:
        """Give every line that has no id the next one."""
        key, last = ("id", self._line_id) if spec.is_document else ("receipt_id", self._receipt_id)
        for line in lines:
            line[key] = line[key] or last + 1
            last = max(last, line[key])
        if spec.is_document:
            self._line_id = last
        else:
            self._receipt_id = last

    def dump(self) -> dict[str, Any]:
        """The whole site as JSON values; ``load`` takes it back."""
        with self.lock:
            return {
                "company": self.company,
                "switches": dict(vars(self.switches)),
                "counters": [self._line_id, self._address_id, self._receipt_id],
                "allocated": [
                    [base, credit, str(share)]
                    for base, shares in self._allocated.items()
                    for credit, share in shares.items()
                ],
                "records": {
                    name: [_dump_record(table.module, record) for record in table.records.values()]
                    for name, table in self.tables.items()
                },
            }

    def load(self, state: Mapping[str, Any]) -> None:
        """Replace everything by what ``dump`` gave."""
        with self.lock:
            self.reset()
            self.company = dict(state["company"])
            self.switches = Switches().changed(state["switches"])
            for name, table in self.tables.items():
                table.records.clear()
                for record in state["records"][name]:
                    table.store(_load_record(table.module, record))
            for invoice in self.records("invoices").values():
                self._note_drawing(invoice)
            self._line_id, self._address_id, self._receipt_id = state["counters"]
            for base, credit, share in state["allocated"]:
                self._allocated.setdefault(base, {})[credit] = Decimal(share)
            for group in self.live("receipts"):
                self._book(group, 1)

    def save(self, path: Path) -> None:
        """Write the state file, whole or not at all."""
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(json.dumps(self.dump(), ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)


def gross(module: str, record: Mapping[str, Any]) -> Decimal:
    """Net plus VAT of a document."""
    total: Decimal = record["sum"] + record["tax_sum" if module == "expenses" else "vat_sum"]
    return total


def _vat_keys(spec: Module) -> tuple[str, str, str]:
    if spec.name == "expenses":
        return "tax_code_id", "tax_code", "tax_percentage"
    return "vat_code_id", "vat_code", "vat"


def _blank(fields: Mapping[str, Field]) -> Record:
    return {name: field.default for name, field in fields.items()}


def _custom_fields(old: Any, given: Any) -> list[Record] | None:
    """Merge custom fields given as a map id to value or as an array of objects with id and value."""
    if isinstance(given, Mapping):
        changes = {str(key): value for key, value in given.items()}
    elif isinstance(given, list):
        if not all(isinstance(item, Mapping) and "id" in item for item in given):
            raise InvalidValueError("custom_fields")
        changes = {str(item["id"]): item.get("value") for item in given}
    elif given in (None, ""):
        changes = {}
    else:
        raise InvalidValueError("custom_fields")
    fields = {item["id"]: item for item in old or []}
    for key, value in changes.items():
        fields[key] = {"id": key, "name": fields.get(key, {}).get("name", key), "value": value, "type": "text"}
    return list(fields.values()) or None


def _dump_record(module: Module, record: Record) -> Record:
    dumped = {name: _dump_value(value) for name, value in record.items() if name != module.lines_key}
    if module.line_fields is not None:
        dumped[module.lines_key] = [
            {name: _dump_value(value) for name, value in line.items()} for line in record[module.lines_key]
        ]
    return dumped


def _dump_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _load_record(module: Module, dumped: Mapping[str, Any]) -> Record:
    record = {name: coerce(name, field.kind, dumped[name]) for name, field in module.fields.items()}
    if module.line_fields is not None:
        record[module.lines_key] = [
            {name: coerce(name, field.kind, line[name]) for name, field in module.line_fields.items()}
            for line in dumped[module.lines_key]
        ]
    return record
