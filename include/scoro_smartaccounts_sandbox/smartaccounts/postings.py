"""What a document makes in the general ledger: the rows of its automatic entry.

Computed from the record as it is kept. Amounts are signed, debit positive and credit negative; a credit invoice is its
invoice with both sides swapped. What the cents of a foreign document do not give in euros, and what a rate gained or
lost until a payment, goes to the account of exchange differences; so every entry balances.

Stock has quantities only here: what is bought goes to the stock account, the cost of what is sold is booked where a
recalculation said what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts import rates
from scoro_smartaccounts_sandbox.smartaccounts.invoices import sign
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.payments import direction, lines_of, paid_document
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, INVOICES, PURCHASES, SALES, partner_of
from scoro_smartaccounts_sandbox.smartaccounts.settings import REVERSE_CHARGE
from scoro_smartaccounts_sandbox.smartaccounts.values import cents

_ROUNDING, _EXCHANGE = "8600", "8700"
_STOCK, _COST = "1310", "4010"
_ROUNDING_TEXT, _EXCHANGE_TEXT = "Ümardamine", "Kursivahe"
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Posting:
    """A row of an entry: an amount in euros and in the document's currency; debit is positive."""

    account: str
    description: str
    euros: Decimal
    original: Decimal
    object_id: str = ""


@dataclass(frozen=True)
class Side:
    """How documents of a kind are booked. `debt` is 1 where what is unpaid is a debit; `rows` are the accounts of
    articles without one, by type of article, and `row_field` names the account of a row or article by type."""

    debt: int
    unpaid: str
    rows: dict[str, str]
    row_fields: dict[str, str]
    vat_field: str


_SIDES = {
    SALES: Side(
        1,
        "1200",
        {"SERVICE": "3010", "PRODUCT": "3020", "WH": "3020"},
        {"SERVICE": "accountSales", "PRODUCT": "accountSales", "WH": "accountSales"},
        "accountSales",
    ),
    PURCHASES: Side(
        -1,
        "2110",
        {"SERVICE": "4210", "PRODUCT": "4010", "WH": "1310"},
        {"SERVICE": "accountPurchase", "PRODUCT": "accountPurchase", "WH": "accountWarehouse"},
        "accountPurchase",
    ),
}


def postings(ledger: Ledger, service: str, record: Record) -> list[Posting]:
    """The rows of a document's entry; those of nothing are left out."""
    made = _of_invoice(ledger, service, record) if service in INVOICES else _of_payment(ledger, record)
    return [row for row in _balanced(made) if row.euros or row.original]


def _balanced(rows: Iterator[Posting]) -> Iterator[Posting]:
    difference = _ZERO
    for row in rows:
        difference -= row.euros
        yield row
    yield Posting(_EXCHANGE, _EXCHANGE_TEXT, difference, _ZERO)


# --- invoices and bills -------------------------------------------------------------------------------------------


def _of_invoice(ledger: Ledger, service: str, invoice: Record) -> Iterator[Posting]:
    side = _SIDES[service]
    is_swapped = invoice.get("type") == "CRE" and ledger.switches.credit_sides == "swapped"
    way = side.debt * (-1 if is_swapped else 1)
    name = _partner_name(ledger, service, invoice)
    unpaid, owner = invoice.get("accountUnpaid") or side.unpaid, invoice.get("objectId", "")

    def posting(account: str, description: str, amount: Decimal, object_id: str = "") -> Posting:
        return Posting(account, description, rates.in_euros(invoice, amount), amount, object_id)

    yield posting(unpaid, name, way * invoice["totalAmount"], owner)
    for row in invoice["rows"]:
        account = _row_account(ledger, side, row)
        yield posting(account, row["description"], -way * row["_net"], row.get("objectId") or owner)
    for code, amount in _vat_by_code(invoice).items():
        yield posting(_vat_account(ledger, invoice, code, side.vat_field), code, -way * amount)
    how = "computed" if invoice.get("isCalculateVat") else "on_paper"
    if service == PURCHASES and ledger.switches.reverse_charge_posted in ("always", how):
        for code, amount in _reverse_charge(invoice).items():
            yield posting(_vat_account(ledger, invoice, code, "accountPurchase"), code, -way * amount)
            yield posting(_vat_account(ledger, invoice, code, "accountSales"), code, way * amount)
    yield posting(_ROUNDING, _ROUNDING_TEXT, -way * invoice["roundAmount"])
    if cost := invoice.get("_cost"):
        yield posting(_COST, name, way * cost)
        yield posting(_STOCK, name, -way * cost)
    if at_once := invoice["_paid"] - invoice["_paid_by_payments"]:
        moved = side.debt * sign(invoice) * at_once
        yield posting(invoice["_payment_account"], name, moved)
        yield posting(unpaid, name, -moved)


def _partner_name(ledger: Ledger, service: str, document: Record) -> str:
    who, partners = partner_of(service)
    return str(ledger.records[partners].get(document[f"{who}Id"], {}).get("name", ""))


def _row_account(ledger: Ledger, side: Side, row: Record) -> str:
    """The row's own account, its article's, or the usual one."""
    article = row.get("_article") or ledger.records[ARTICLES].get(row["code"], {})
    kind = article.get("type", "SERVICE")
    field = side.row_fields[kind]
    return str(row.get(field) or article.get(field) or side.rows[kind])


def _vat_account(ledger: Ledger, invoice: Record, code: str, field: str) -> str:
    kept = next(row.get("_vat_accounts") for row in invoice["rows"] if row["vatPc"] == code)
    return str((kept or ledger.setting("settings/vatpcs", "vatPc", code) or {})[field])


def _vat_by_code(invoice: Record) -> dict[str, Decimal]:
    """The VAT that stands in the total. What the rows do not explain of it goes to the code with the most VAT."""
    vat = dict.fromkeys((row["vatPc"] for row in invoice["rows"]), _ZERO)
    for row in invoice["rows"]:
        if row["vatPc"] not in REVERSE_CHARGE:
            vat[row["vatPc"]] += row["_vat"]
    most = max(vat, key=lambda code: abs(vat[code]))
    vat[most] += invoice["vatAmount"] - sum(vat.values(), _ZERO)
    return vat


def _reverse_charge(bill: Record) -> dict[str, Decimal]:
    """The VAT that the buyer declares and deducts."""
    nets: dict[str, Decimal] = {}
    percents = {row["vatPc"]: row["_percent"] for row in bill["rows"]}
    for row in bill["rows"]:
        if row["vatPc"] in REVERSE_CHARGE:
            nets[row["vatPc"]] = nets.get(row["vatPc"], _ZERO) + row["_net"]
    return {code: cents(net * percents[code] / 100) for code, net in nets.items()}


# --- payments -----------------------------------------------------------------------------------------------------


def _of_payment(ledger: Ledger, payment: Record) -> Iterator[Posting]:
    """What is settled, and the money: the other side of it all."""
    rows = [*_settled(ledger, payment), *_others(ledger, payment)]
    account: dict[str, Any] = ledger.money_account(payment["accountType"], payment["accountName"]) or {}
    amount = -sum((row.original for row in rows), _ZERO)
    euros = rates.in_euros(payment, amount)
    if payment["eurAmount"] and payment["currency"] != "EUR":
        euros = payment["eurAmount"].copy_sign(amount) if amount else _ZERO
    rows.insert(0, Posting(account["account"], payment["accountName"], euros, amount))
    is_turned = ledger.switches.refund_side == "of_a_payment"
    if not _is_refund(ledger, payment):
        is_turned = payment["partnerType"] == "VENDOR" and ledger.switches.supplier_payment_side == "of_a_receipt"
    if is_turned:
        rows = [replace(row, euros=-row.euros, original=-row.original) for row in rows]
    yield from rows


def _debt(payment: Record) -> int:
    """1 where what the partner owes is a debit."""
    return 1 if payment["partnerType"] == "CLIENT" else -1


def _settled(ledger: Ledger, payment: Record) -> Iterator[Posting]:
    service = SALES if payment["partnerType"] == "CLIENT" else PURCHASES
    name = _partner_name(ledger, service, payment)
    for row, line in zip(payment["rows"], lines_of(payment), strict=True):
        document = paid_document(ledger, line) or {}
        side = -_debt(payment) * direction(ledger, line)
        if line.type == "PREPAYMENT_PAYMENT":
            account = document["prepayment"]["account"]
        else:
            account = document.get("accountUnpaid") or _SIDES[service].unpaid
        yield Posting(account, name, side * row["_euros"], side * line.amount)


def _others(ledger: Ledger, payment: Record) -> Iterator[Posting]:
    """Prepayment and extras stand with the documents that are paid; extras of a refund with what is given back."""
    side = -_debt(payment)
    if kept := payment["prepayment"]:
        amount = side * kept["amount"]
        yield Posting(kept["account"], kept["description"], rates.in_euros(payment, amount), amount)
    if _is_refund(ledger, payment):
        side = -side
    if ledger.switches.extras_sign == "against_rows":
        side = -side
    for extra in payment["extras"]:
        amount = side * extra["amount"]
        yield Posting(
            extra["account"],
            extra["description"],
            rates.in_euros(payment, amount),
            amount,
            extra.get("objectId", ""),
        )


def _is_refund(ledger: Ledger, payment: Record) -> bool:
    """Whether money goes back: only documents that pay, and no netting account."""
    account = ledger.money_account(payment["accountType"], payment["accountName"]) or {}
    if account.get("forNetting") or account.get("_netting") or not payment["rows"]:
        return False
    return all(direction(ledger, line) < 0 for line in lines_of(payment))
