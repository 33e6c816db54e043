"""Records in the form in which Scoro writes them: uneven types and all."""

import html
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from math import inf, nextafter
from typing import Any

from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Field, Kind, Module, Record
from scoro_smartaccounts_sandbox.scoro.site import Site, gross

_ESCAPED = {"name", "lastname", "company_name", "person_name", "product_name", "contact_name", "comment"}
_QUANTA = {kind: Decimal(1).scaleb(-kind.value) for kind in Kind if isinstance(kind.value, int)}
_PLAIN_LEAVES_OUT = {"company_address", "prepayment_sum", "custom_fields", "lines"}
_BASIC = {"id", "no", "name", "date", "status", "contact_id", "product_id", "modified_date", "is_deleted"}


def moment_text(moment: datetime | None, naive: bool = False) -> str | None:
    """A moment in the site's zone: ISO with offset, or ``YYYY-MM-DD HH:MM:SS``."""
    if moment is None:
        return None
    local = moment.astimezone(SITE_ZONE).replace(microsecond=0)
    return local.strftime("%Y-%m-%d %H:%M:%S") if naive else local.isoformat()


def _escaped(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#039;")


def number(value: Decimal, noise: bool = False) -> int | float:
    """A JSON number as PHP gives it: whole ones as integers, odd cents with binary noise when asked."""
    if value == value.to_integral_value():
        return int(value)
    exact = float(value)
    return nextafter(exact, -inf) if noise and int(value * 100) % 2 else exact


class Wire:
    """Formats the records of one site by its present switches."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._switches = site.switches

    def plain(self, module: Module, record: Record) -> Record:
        """A row of a plain list: documents without lines and names of partners."""
        row = self._fields(module.fields, record, leave_out=_PLAIN_LEAVES_OUT if module.is_document else ())
        if module.is_document:
            row["lines"] = row["custom_fields"] = None
        self._finish(module, record, row, detailed=False)
        return row

    def basic(self, module: Module, record: Record) -> Record:
        """A shortened row."""
        return {key: value for key, value in self.plain(module, record).items() if key in _BASIC}

    def listed(self, module: Module, record: Record) -> Record:
        """A row of a detailed list."""
        row = self.full(module, record)
        if module.name == "products" and self._switches.product_tag_in_list == "view_only":
            row.pop(self._switches.product_tag_key)
        return row

    def full(self, module: Module, record: Record) -> Record:
        """What view gives."""
        row = self._fields(module.fields, record)
        if module.is_document:
            gone = record["is_deleted"]
            row["lines"] = [] if gone else [self._line(module, record, line) for line in record["lines"]]
            if gone and "vat" in row:
                row.update(vat=None, vat_code="", vat_code_id=None)
        if "custom_fields" in row:
            row["custom_fields"] = row["custom_fields"] or []
        self._finish(module, record, row, detailed=True)
        return row

    def _fields(self, fields: Mapping[str, Field], record: Record, leave_out: Any = ()) -> Record:
        row = {}
        for name, field in fields.items():
            if name not in leave_out:
                row[name] = self._value(name, field.kind, record[name])
        return row

    def _value(self, name: str, kind: Kind, value: Any) -> Any:
        match kind:
            case Kind.STR:
                return self._text(name, value)
            case Kind.DEC2 | Kind.DEC3 | Kind.DEC4 | Kind.DEC6:
                return None if value is None else str(value.quantize(_QUANTA[kind], ROUND_HALF_UP) + 0)
            case Kind.NUM:
                return None if value is None else number(value)
            case Kind.MOMENT:
                return moment_text(value, self._switches.naive_datetimes)
            case Kind.STR_INT:
                return None if value is None else str(value)
            case Kind.IDS:
                return value or (None if self._switches.empty_list == "null" else [])
            case _:
                return value

    def _text(self, name: str, value: str) -> str:
        if self._switches.html_entities and name in _ESCAPED:
            once = _escaped(value)
            return _escaped(once) if self._switches.html_entities == "twice" else once
        return value

    def _finish(self, module: Module, record: Record, row: Record, *, detailed: bool) -> None:
        if module.is_document:
            self._finish_document(module, record, row, detailed=detailed)
        elif module.name == "contacts":
            self._finish_contact(record, row, detailed=detailed)
        elif module.name == "products":
            self._finish_product(record, row, detailed=detailed)
        elif module.name == "receipts":
            self._finish_receipts(record, row)
        elif module.name in ("financeAccounts", "tags"):
            row["parent_name"] = ""

    def _finish_document(self, module: Module, record: Record, row: Record, *, detailed: bool) -> None:
        sign = self._sign(record)
        if sign < 0:
            for name in ("sum", "vat_sum"):
                row[name] = str(-record[name] + 0)
        if module.name == "bills" and self._switches.bill_number == "own":
            row["no"] = str(1000 + record["id"])
        if module.name == "invoices":
            paid, total = record["paid_sum"] * sign, gross("invoices", record) * sign
            receivable = total if self._switches.receivable == "total" else self._left(record) * sign
            row["paid_sum"] = number(paid, self._switches.float_noise)
            row["receivable_sum"] = number(receivable, self._switches.float_noise)
        row["owner_email"] = "a@demo.example"
        if module.name == "expenses":
            row["owner_name"] = "Demo Kasutaja"
        if detailed:
            row["company_name"] = self._text("company_name", self._site.contact_name(record["company_id"]))
            row["person_name"] = self._text("person_name", self._site.contact_name(record["person_id"]))
            row["project_name"] = ""

    def _left(self, invoice: Record) -> Decimal:
        drawn = self._site.drawn_of(invoice)
        return gross("invoices", invoice) - self._site.paid_of("invoices", invoice["id"]) - drawn

    def _sign(self, record: Record) -> int:
        """-1 where a credit invoice, held negative, goes out positive."""
        return -1 if record.get("credited_invoices") and self._switches.credit_sign == "positive" else 1

    def _line(self, module: Module, record: Record, line: Record) -> Record:
        assert module.line_fields is not None
        row = self._fields(module.line_fields, line)
        if self._sign(record) < 0:
            row["amount"] = str((-line["amount"]).quantize(_QUANTA[Kind.DEC6]) + 0)
            row["sum"] = str(-line["sum"] + 0)
        tables = self._site.tables
        product = tables["products"].records.get(line["product_id"])
        name = product["name"] if product else line.get("product_name", "")
        row["product_name"] = self._text("product_name", name)
        if self._switches.product_code:
            row["product_code"] = product["code"] if product else ""
        if line["product_id"] == -1:
            for key in ("vat", "vat_code", "vat_code_id"):
                row.pop(key, None)
        elif record.get("vat_code_id") is not None:
            row.update(vat=None, vat_code="", vat_code_id=0)
        if not self._switches.line_discount:
            row.pop("discount", None)
        if not self._switches.secondary_quantity:
            row.pop("amount2", None)
        if "depot_amounts" in row:
            row["depot_amounts"] = [
                {**taken, "amount": f"{Decimal(taken['amount']) * self._sign(record):.6f}"}
                for taken in line["depot_amounts"] or []
            ]
        self._finance(row, "finance_account", "financeAccounts", "account_symbol", self._switches.finance_accounts)
        object_key = "accounting_object" if module.name == "expenses" else "finance_object"
        self._finance(row, object_key, "financeObjects", "object_symbol", self._switches.finance_objects)
        row["custom_fields"] = None
        return row

    def _finance(self, row: Record, prefix: str, module: str, symbol_key: str, in_use: bool) -> None:
        entry = self._site.tables[module].records.get(row[f"{prefix}_id"]) if in_use else None
        row[f"{prefix}_id"] = row[f"{prefix}_id"] if entry else 0
        row[f"{prefix}_name"] = entry["name"] if entry else ""
        row[f"{prefix}_symbol"] = entry[symbol_key] if entry else ""

    def _finish_contact(self, record: Record, row: Record, *, detailed: bool) -> None:
        row["search_name"] = self._text("name", f"{record['name']} {record['lastname']}".strip())
        row["timezone"] = "Europe/Tallinn"
        row["manager_email"] = "a@demo.example"
        row["cat_name"] = ""
        empty: list[Any] | None = None if self._switches.empty_list == "null" else []
        row["addresses"] = record["addresses"] or empty
        # An empty map is a PHP array on the wire.
        row["means_of_contact"] = record["means_of_contact"] or []
        row["tags"] = record["tags"] or empty
        row["contact_users"] = record["contact_users"] or empty
        if not detailed:
            row.pop("custom_fields")

    def _finish_product(self, record: Record, row: Record, *, detailed: bool) -> None:
        row.pop("tag")
        in_list = self._switches.product_tag_in_list
        if in_list is True or (detailed and in_list != "nowhere"):
            row[self._switches.product_tag_key] = self._tags(record["tag"])
        depots = record["depot_amounts"] or {}
        row["depot_amounts"] = {key: f"{Decimal(amount):.6f}" for key, amount in depots.items()} or []
        row["depots_total_amount"] = f"{sum((Decimal(item) for item in depots.values()), Decimal(0)):.6f}"
        if not self._switches.product_code:
            row.pop("code")

    def _tags(self, held: Any) -> Any:
        if held in (None, "", []):
            return held if self._switches.product_tag_form in ("string", "comma", "semicolon") else []
        tags = [held] if isinstance(held, str) else [str(tag) for tag in held]
        match self._switches.product_tag_form:
            case "string":
                return ", ".join(tags)
            case "comma":
                return ",".join(tags)
            case "semicolon":
                return ";".join(tags)
            case "array":
                return tags
            case "objects":
                return [{"tag_id": place, "tag_name": tag} for place, tag in enumerate(tags, start=1)]

    def _finish_receipts(self, record: Record, row: Record) -> None:
        contact = self._text("contact_name", self._site.contact_name(record["contact_id"]))
        row.pop("created_date")
        row["receipts"] = [
            {
                **receipt,
                "sum": number(receipt["sum"]),
                "sales_doc_type": record["sales_doc_type"],
                "contact_id": record["contact_id"],
                "contact_name": contact,
            }
            for receipt in record["receipts"]
        ]


def in_full(site: Site, module: Module, record: Record) -> Record:
    """The answer of view."""
    return Wire(site).full(module, record)


def formatter(site: Site, module: Module, *, detailed: bool, basic: bool) -> Callable[[Record], Record]:
    """The function that formats the rows of one answer."""
    wire = Wire(site)
    if basic:
        return lambda record: wire.basic(module, record)
    return lambda record: wire.listed(module, record) if detailed else wire.plain(module, record)
