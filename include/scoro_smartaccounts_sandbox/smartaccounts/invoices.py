"""Rules for sales and purchase invoices.

A credit invoice is kept with positive amounts, and shown with negative ones. `_paid` is what payments have settled of
the total, never negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts import rates
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, basic, refuse_if, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, SALES, partner_of
from scoro_smartaccounts_sandbox.smartaccounts.settings import REVERSE_CHARGE
from scoro_smartaccounts_sandbox.smartaccounts.stock import move_stock, take_back
from scoro_smartaccounts_sandbox.smartaccounts.values import (
    boolean,
    cents,
    day,
    decimal,
    given,
    integer,
    number,
    objects,
    optional_day,
    optional_decimal,
    required,
    required_text,
    rounded,
    show_day,
    text,
)

_ROW_ACCOUNTS = ("accountSales", "accountWarehouse", "accountPurchase")
_LINKS = ("offerId", "orderId")
_ANSWERED = ("number", "invoiceNumber", "referenceNumber", "warehouseId")
# The rate changed on this day; a code of 24 % is refused in entries before it, one of 22 % is taken after it.
_FIRST_DAY_OF_24 = date(2025, 7, 1)
_AMOUNTS = ("amount", "vatAmount", "totalAmount", "roundAmount")


@dataclass(frozen=True)
class Draft:
    """An invoice as it was read from a request: well formed, not yet checked against the books."""

    service: str
    old: Record | None
    partner_id: str
    type: str
    issued: date
    due: date | None
    entry: date
    invoice_number: str
    currency: str
    rows: list[Record]
    texts: dict[str, str]
    rate: Decimal | None
    payment_method: str
    payment_amount: Decimal

    @property
    def is_sales(self) -> bool:
        return self.service == SALES


def sign(invoice: Record) -> int:
    """-1 where the invoice is shown with a negative total: money goes the other way."""
    return (-1 if invoice.get("type") == "CRE" else 1) * total_sign(invoice)


def total_sign(invoice: Record) -> int:
    """-1 where the total is kept negative."""
    return -1 if invoice["totalAmount"] < 0 else 1


def left_to_pay(invoice: Record) -> Decimal:
    """What is not settled yet, as a magnitude."""
    return abs(Decimal(invoice["totalAmount"])) - Decimal(invoice["_paid"])


def write_invoice(ledger: Ledger, service: str, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
    """Add an invoice, or put it in the place of an old one. Raises Refusal."""
    draft = _read(ledger, service, body, old)
    vat_given = _vat_given(ledger, body) if not draft.is_sales else None
    total_given = cents(decimal(body, "totalAmount")) if given(body, "totalAmount") else None
    round_given = cents(optional_decimal(body, "roundAmount"))
    interest = optional_decimal(body, "interest")
    refuse_if(_faults(ledger, draft))
    texts = {name: ledger.clean(value, name) for name, value in draft.texts.items()}
    comment = ledger.comment(text(body, "comment"))

    net = sum((row["_net"] for row in draft.rows), Decimal(0))
    declared = sum((row["_declared"] for row in draft.rows), Decimal(0)) if vat_given is None else Decimal(0)
    vat = _vat(ledger, draft.rows) if vat_given is None else vat_given
    rounding = round_given if total_given is None else total_given - net - vat
    total = net + vat + rounding
    paid = draft.payment_amount if draft.payment_method else Decimal(0)
    if old is not None:
        paid += old["_paid_by_payments"]
    if paid > abs(total):
        message = "payment amount larger than outstanding amount"
        refuse_if([("AMOUNT-TOO-LARGE", message, message)])

    who, partners = partner_of(service)
    partner = ledger.records[partners][draft.partner_id]
    rate = _rate(ledger, draft)
    row: Record = {
        "id": old["id"] if old else ledger.new_id(),
        f"{who}Id": draft.partner_id,
        "type": draft.type or None,
        "date": draft.issued,
        "dueDate": _due(ledger, draft, partner),
        "entryDate": draft.entry,
        "number": old["number"] if old else str(ledger.next(f"{service} {draft.entry.year}")),
        "invoiceNumber": draft.invoice_number
        or (old["invoiceNumber"] if old else ledger.next_invoice_number(draft.issued)),
        "currency": draft.currency,
        "exchangeRate": rates.shown(ledger, rate) if draft.rate is None else draft.rate,
        "interest": interest,
        "amount": net,
        "vatAmount": vat,
        "_declared": declared,
        "roundAmount": rounding,
        "totalAmount": total,
        "accountUnpaid": partner.get("accountUnpaid"),
        "rows": draft.rows,
        "comment": comment,
        **texts,
        "_rate": rate,
        "_paid": paid,
        "_paid_by_payments": old["_paid_by_payments"] if old else Decimal(0),
        "_payment_account": (_method(ledger, draft) or {}).get("account"),
    }
    if service == SALES or texts.get("referenceNumber"):
        row["referenceNumber"] = texts.get("referenceNumber") or ledger.next_reference_number()
    if not draft.is_sales:
        row["isCalculateVat"] = vat_given is None
        row["reverseVatChargeType"] = _reverse_charge(ledger, partner, draft.rows)
    if old is not None:
        take_back(ledger, old)
    ledger.insert(service, row, old)
    move_stock(ledger, service, row)
    return _answer(ledger, service, row)


def shown_vat(ledger: Ledger, invoice: Record) -> Decimal:
    """An invoice's VAT as it is shown: perhaps with that which the buyer declares."""
    declared: Decimal = invoice["_declared"] if ledger.switches.reverse_vat_shown else Decimal(0)
    return Decimal(invoice["vatAmount"]) + declared


def shown_rows(ledger: Ledger, invoice: Record) -> list[Record]:
    """An invoice's rows with their VAT as it is shown: an amount or a percentage."""
    switches = ledger.switches

    def vat(row: Record) -> Decimal:
        if switches.row_vat_is_rate:
            return Decimal(row["_percent"])
        return Decimal(row["_vat"] + (row["_declared"] if switches.reverse_vat_shown else 0))

    return [row | {"vat": vat(row)} for row in invoice["rows"]]


def _answer(ledger: Ledger, service: str, row: Record) -> dict[str, Any]:
    who, _ = partner_of(service)
    answer: dict[str, Any] = {"invoiceId": row["id"], f"{who}Id": row[f"{who}Id"]}
    answer |= {name: row[name] for name in _ANSWERED if row.get(name)}
    flip = -1 if row["type"] == "CRE" and ledger.switches.add_answer_signed else 1
    shown = row | {"vatAmount": shown_vat(ledger, row)}
    answer |= {name: number(shown[name] * flip) for name in _AMOUNTS}
    answer["interest"] = number(row["interest"])
    answer["dueDate"] = show_day(row["dueDate"])
    return answer


# --- reading the request: the first stage -------------------------------------------------------------------------


def _read(ledger: Ledger, service: str, body: Mapping[str, Any], old: Record | None) -> Draft:
    who, _ = partner_of(service)
    is_sales = service == SALES
    partner_id = required_text(body, f"{who}Id")
    issued = day(required(body, "date"), "date")
    currency = required_text(body, "currency")
    if not is_sales:
        required(body, "invoiceNumber")
    required(body, "rows")
    lines = objects(body, "rows")
    if not lines:
        raise basic("VALUE-REQUIRED", "rows may not be empty")
    kept: tuple[str, ...] = ("referenceNumber", "objectId", "warehouseId")
    if is_sales:
        kept = (*kept, "invoiceNote", "pdfTemplate", "baseForCreditInvoiceId", *_LINKS)
    return Draft(
        service=service,
        old=old,
        partner_id=partner_id,
        type=text(body, "type") if is_sales else "",
        issued=issued,
        due=optional_day(body, "dueDate"),
        entry=optional_day(body, "entryDate") or (ledger.today() if ledger.switches.entry_date_today else issued),
        invoice_number=text(body, "invoiceNumber"),
        currency=currency,
        rows=[_read_row(ledger, line, position, is_sales=is_sales) for position, line in enumerate(lines, 1)],
        texts={name: text(body, name) for name in kept if given(body, name)},
        rate=rates.kept(ledger, decimal(body, "exchangeRate")) if given(body, "exchangeRate") else None,
        payment_method=text(body, "paymentMethod"),
        payment_amount=cents(optional_decimal(body, "paymentAmount")),
    )


def _read_row(ledger: Ledger, line: Mapping[str, Any], position: int, *, is_sales: bool) -> Record:
    where, switches = f"rows[{position}].", ledger.switches
    code, description = required_text(line, "code", where), required_text(line, "description", where)
    price = rounded(decimal(line, "price", where), switches.price_decimals)
    quantity = decimal(line, "quantity", where)
    vat_code = required_text(line, "vatPc", where)
    discount = (
        rounded(optional_decimal(line, "discount", where), switches.discount_decimals) if is_sales else Decimal(0)
    )
    net = cents(price * quantity * (100 - discount) / 100)
    percent = ledger.vat_percent(vat_code) or Decimal(0)
    vat = cents(net * percent / 100)
    # What the buyer declares is not paid to the seller.
    declared = vat if vat_code in REVERSE_CHARGE else Decimal(0)
    vat -= declared
    row: Record = {
        "code": code,
        "description": ledger.clean(description, "description"),
        "price": price,
        "quantity": quantity,
        "unit": ledger.clean(text(line, "unit", where), "unit"),
        "discount": discount if is_sales else None,
        "vatPc": vat_code,
        "vat": vat,
        "sum": net + vat,
        "order": integer(line, "order", default=position),
        "_net": net,
        "_vat": vat,
        "_declared": declared,
        "_percent": percent,
        # What the entry is made by, as it was when the document was saved.
        "_article": dict(ledger.records[ARTICLES].get(code, {})),
        "_vat_accounts": _vat_accounts(ledger, vat_code),
    }
    for name in ("objectId", *(_ROW_ACCOUNTS if is_sales else _ROW_ACCOUNTS[1:])):
        if given(line, name):
            row[name] = text(line, name, where)
    if not is_sales and (additional := boolean(line, "additionalExpenses")) is not None:
        row["additionalExpenses"] = additional
    return row


def _vat_accounts(ledger: Ledger, vat_code: str) -> dict[str, str]:
    row = ledger.setting("settings/vatpcs", "vatPc", vat_code) or {}
    return {name: str(row[name]) for name in ("accountSales", "accountPurchase") if row.get(name)}


def _vat_given(ledger: Ledger, body: Mapping[str, Any]) -> Decimal | None:
    """The VAT of a purchase invoice whose VAT is not to be computed."""
    calculate = boolean(body, "isCalculateVat")
    if ledger.switches.calculate_vat if calculate is None else calculate:
        return None
    return cents(decimal(body, "vatAmount"))


def _vat(ledger: Ledger, rows: list[Record]) -> Decimal:
    if not ledger.switches.vat_per_code:
        return sum((row["_vat"] for row in rows), Decimal(0))
    nets: dict[str, Decimal] = {}
    for row in rows:
        if row["vatPc"] in REVERSE_CHARGE:
            continue
        nets[row["vatPc"]] = nets.get(row["vatPc"], Decimal(0)) + row["_net"]
    return sum((cents(net * (ledger.vat_percent(code) or 0) / 100) for code, net in nets.items()), Decimal(0))


def _rate(ledger: Ledger, draft: Draft) -> Decimal:
    if draft.rate is not None:
        return rates.other_way_round(ledger, draft.rate)
    return rates.quoted(ledger, draft.currency)


def _due(ledger: Ledger, draft: Draft, partner: Record) -> date:
    by_partner = draft.issued + timedelta(days=partner.get("invoiceDueDate", 0))
    match ledger.switches.due_date:
        case "partner":
            return by_partner
        case "document":
            return draft.due or draft.issued
    return draft.due or by_partner


def _method(ledger: Ledger, draft: Draft) -> Record | None:
    return ledger.setting("settings/paymentmethods", "name", draft.payment_method)


def _reverse_charge(ledger: Ledger, partner: Record, rows: list[Record]) -> str | None:
    if not any(row["vatPc"] in REVERSE_CHARGE for row in rows):
        return None
    country = partner.get("address", {}).get("country", "EE")
    known = ledger.setting("settings/countries", "code", country)
    if country == "EE":
        return "NATIONAL"
    return "UNION" if known and known.get("euMember") else "OTHER"


# --- checking against the books: the second stage -----------------------------------------------------------------


def _faults(ledger: Ledger, draft: Draft) -> Iterator[Fault]:
    _, partners = partner_of(draft.service)
    if draft.partner_id not in ledger.records[partners]:
        yield unknown("clientId" if draft.is_sales else "vendorId")
    if draft.type not in ("", "CRE"):
        yield unknown("type")
    for row in draft.rows:
        yield from _row_faults(ledger, row, is_sales=draft.is_sales)
        if ledger.vat_percent(row["vatPc"]) == 24 and draft.entry < _FIRST_DAY_OF_24:
            message = f"VAT code {row['vatPc']} is not in use on {draft.entry:%d.%m.%Y}"
            yield ("VAT-CODE-NOT-IN-USE", message, f"Käibemaksumäär {row['vatPc']} ei kehti sel kuupäeval")
    if "objectId" in draft.texts and not ledger.has_object(draft.texts["objectId"]):
        yield unknown("objectId")
    for name in _LINKS:
        if name in draft.texts:
            yield unknown(name)
    if draft.payment_method and _method(ledger, draft) is None:
        yield unknown("paymentMethod")
    yield from currency_faults(ledger, draft.currency, draft.rate, draft.entry)
    if ledger.is_locked(draft.entry):
        yield locked()
    yield from _credit_faults(ledger, draft)
    yield from _warehouse_faults(ledger, draft)
    yield from _number_faults(ledger, draft)


def _row_faults(ledger: Ledger, row: Record, *, is_sales: bool) -> Iterator[Fault]:
    if row["code"] not in ledger.records[ARTICLES]:
        yield unknown(f"article {row['code']}")
    if ledger.vat_percent(row["vatPc"], "activeSales" if is_sales else "activePurchase") is None:
        yield unknown(f"vatPc {row['vatPc']}")
    if "objectId" in row and not ledger.has_object(row["objectId"]):
        yield unknown("objectId")
    for name in _ROW_ACCOUNTS:
        if name in row and not ledger.has_account(row[name]):
            yield unknown(name)


def currency_faults(ledger: Ledger, currency: str, rate: Decimal | None, booked: date) -> Iterator[Fault]:
    """What is wrong with the currency of a document and its rate on the day on which it enters the books."""
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        yield unknown("currency")
    elif currency == "EUR":
        if rate not in (None, Decimal(1)):
            yield ("EXCHANGE-RATE-INVALID", "exchangeRate of EUR must be 1", "Euro exchangeRate peab olema 1")
    elif rate is None:
        if not rates.is_quoted(ledger, currency, booked):
            yield ("EXCHANGE-RATE-REQUIRED", "exchangeRate is required", "exchangeRate on kohustuslik")
    elif rate <= 0:
        yield ("EXCHANGE-RATE-INVALID", "exchangeRate must be positive", "exchangeRate peab olema positiivne")


def locked() -> Fault:
    """The period of a document is locked."""
    return ("PERIOD-LOCKED", "The period is locked", "Periood on lukustatud")


def _credit_faults(ledger: Ledger, draft: Draft) -> Iterator[Fault]:
    base_id = draft.texts.get("baseForCreditInvoiceId")
    if draft.type != "CRE" or not base_id:
        return
    base = ledger.records[SALES].get(base_id)
    if base is None:
        yield unknown("baseForCreditInvoiceId")
        return
    if draft.issued < base["date"]:
        key = "CREDIT-INVOICE-EARLIER-THAN-BASE"
        yield (key, "Credit invoice is earlier than its base", "Kreeditarve on alusarvest varasem")
    if draft.entry < base["entryDate"]:
        key = "CREDIT-INVOICE-ENTRY-EARLIER-THAN-BASE"
        yield (key, "Credit entry is earlier than its base", "Kreeditarve kanne on alusarvest varasem")


def _warehouse_faults(ledger: Ledger, draft: Draft) -> Iterator[Fault]:
    wanted = draft.texts.get("warehouseId", "")
    if ledger.warehouse_id(wanted) is None:
        yield unknown("warehouseId")
    is_stock = any(ledger.records[ARTICLES].get(row["code"], {}).get("type") == "WH" for row in draft.rows)
    if is_stock and not wanted and ledger.switches.stock_needs_warehouse:
        yield ("WAREHOUSE-REQUIRED", "warehouseId is required for stock articles", "Ladu on kohustuslik")


def _number_faults(ledger: Ledger, draft: Draft) -> Iterator[Fault]:
    switches = ledger.switches
    rule = switches.duplicate_sales_number if draft.is_sales else switches.duplicate_purchase_number
    if rule == "allow" or not draft.invoice_number:
        return
    for other in ledger.invoices_numbered(draft.service, draft.invoice_number):
        same_partner = draft.is_sales or other["vendorId"] == draft.partner_id
        if other is not draft.old and other["date"].year == draft.issued.year and same_partner:
            yield ("INVOICE-NUMBER-EXISTS", "Invoice number exists already", "Arve number on juba olemas")
            return


def change_faults(ledger: Ledger, invoice: Record) -> Iterator[Fault]:
    """Why an invoice may not be edited or deleted."""
    if invoice["_paid"] and ledger.switches.edit_paid == "refuse":
        yield ("INVOICE-HAS-PAYMENTS", "Invoice has payments", "Arvel on laekumisi")
    if ledger.is_locked(invoice["entryDate"]):
        yield locked()
