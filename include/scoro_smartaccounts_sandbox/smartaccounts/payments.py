"""Rules for payments.

Amounts of rows are magnitudes; the document says which way the money goes. A payment's own amount is the sum of its
rows, prepayment and extras as they are written, so netting 10 against 10 has the amount 20. Where money comes and goes
in one payment, it must be one of a netting account; extras may be negative anywhere (a cent too few in the till).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts import rates
from scoro_smartaccounts_sandbox.smartaccounts.invoices import currency_faults, left_to_pay, locked, sign
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, basic, refuse_if, unknown
from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS, PAYMENTS, PURCHASES, SALES, VENDORS
from scoro_smartaccounts_sandbox.smartaccounts.values import (
    an_object,
    cents,
    day,
    decimal,
    given,
    number,
    objects,
    required,
    required_text,
    text,
)

_PARTNERS = {"CLIENT": ("clientId", CLIENTS), "VENDOR": ("vendorId", VENDORS)}
_TYPES = ("CLIENT_INVOICE", "VENDOR_INVOICE", "VAT_RETURN", "PREPAYMENT_PAYMENT", "SALARY")
_PREPAYMENT_ACCOUNTS = {"CLIENT": "2120", "VENDOR": "1420"}
_INVOICES = {"CLIENT_INVOICE": SALES, "VENDOR_INVOICE": PURCHASES}


@dataclass(frozen=True)
class Line:
    """A row: settles `amount` of a document."""

    amount: Decimal
    type: str
    id: str


def write_payment(ledger: Ledger, body: Mapping[str, Any], old: Record | None) -> dict[str, Any]:
    """Add a payment, or put it in the place of an old one. Raises Refusal."""
    issued = day(required(body, "date"), "date")
    partner_type = required_text(body, "partnerType")
    if partner_type not in _PARTNERS:
        raise basic("VALUE-INVALID", "partnerType is not known")
    partner_field, _ = _PARTNERS[partner_type]
    lines = [_read_line(line, position) for position, line in enumerate(objects(body, "rows"), 1)]
    extras = [_read_extra(ledger, extra, position) for position, extra in enumerate(objects(body, "extras"), 1)]
    prepayment = _read_prepayment(ledger, an_object(body, "prepayment"))
    row: Record = {
        "date": issued,
        "document": text(body, "document"),
        "partnerType": partner_type,
        partner_field: required_text(body, partner_field),
        "accountType": required_text(body, "accountType"),
        "accountName": required_text(body, "accountName"),
        "currency": required_text(body, "currency"),
        "exchangeRate": rates.kept(ledger, decimal(body, "exchangeRate")) if given(body, "exchangeRate") else None,
        "eurAmount": decimal(body, "eurAmount") if given(body, "eurAmount") else None,
        "prepayment": prepayment,
        "extras": extras,
    }
    refuse_if(_faults(ledger, row, lines, old))
    total = sum((line.amount for line in lines), Decimal(0))
    total += sum((extra["amount"] for extra in extras), Decimal(0))
    total += prepayment["amount"] if prepayment else 0
    row["_rate"] = _rate(ledger, row, total)
    if row["currency"] != "EUR" and row["exchangeRate"] is None:
        row["exchangeRate"] = rates.shown(ledger, row["_rate"])
    row |= {"document": ledger.clean(row["document"], "document"), "comment": ledger.comment(text(body, "comment"))}
    if prepayment:
        prepayment["account"] = _prepayment_account(ledger, row)
    row |= {
        "id": old["id"] if old else ledger.new_id(),
        "number": old["number"] if old else str(ledger.next(f"{PAYMENTS} {issued.year}")),
        "amount": total,
        "rows": [
            {"amount": line.amount, "type": line.type, "id": line.id, "description": _description(ledger, line)}
            for line in lines
        ],
        "_used": old["_used"] if old else Decimal(0),
    }
    if row["accountType"] == "CASH":
        row["orderNumber"] = old.get("orderNumber") if old else ledger.next(f"cash order {row['accountName']}")
    if old is not None:
        _settle(ledger, old, -1)
    _settle(ledger, row, 1)
    ledger.insert(PAYMENTS, row, old)
    return {"paymentId": row["id"], "number": row["number"], "amount": number(shown_amounts(ledger, row)["amount"])}


def shown_amounts(ledger: Ledger, payment: Record) -> Record:
    """The fields of a payment that carry a sign, as the switch `payments_shown` has them."""
    how = ledger.switches.payments_shown
    amounts: Record = {name: payment[name] for name in ("amount", "rows", "prepayment")}
    if how == "magnitudes":
        return amounts
    way = -1 if payment["partnerType"] == "VENDOR" else 1
    rows = [
        row | {"amount": row["amount"] * way * direction(ledger, Line(row["amount"], row["type"], row["id"]))}
        for row in payment["rows"]
    ]
    prepayment = payment["prepayment"]
    if prepayment:
        prepayment = prepayment | {"amount": prepayment["amount"] * way}
    # Extra rows go the way of the money, whichever that is.
    flow = -1 if sum((row["amount"] for row in rows), Decimal(0)) < 0 or (not rows and way < 0) else 1
    amounts["amount"] = sum((row["amount"] for row in rows), Decimal(0))
    amounts["amount"] += prepayment["amount"] if prepayment else 0
    amounts["amount"] += flow * sum((extra["amount"] for extra in payment["extras"]), Decimal(0))
    if how == "signed":
        amounts |= {"rows": rows, "prepayment": prepayment}
    return amounts


def take_back_payment(ledger: Ledger, payment: Record) -> None:
    """Open again what a payment settled."""
    _settle(ledger, payment, -1)


def lines_of(payment: Record) -> list[Line]:
    """The rows of a payment as it is kept."""
    return [Line(row["amount"], row["type"], row["id"]) for row in payment["rows"]]


def payment_change_faults(ledger: Ledger, payment: Record) -> Iterator[Fault]:
    """Why a payment may not be edited or deleted."""
    if ledger.is_locked(payment["date"]):
        yield locked()


def payment_delete_faults(ledger: Ledger, payment: Record) -> Iterator[Fault]:
    """Why a payment may not be deleted."""
    yield from payment_change_faults(ledger, payment)
    if payment["_used"]:
        yield _prepayment_used()


def _prepayment_used() -> Fault:
    return ("PREPAYMENT-IS-USED", "Prepayment is used by another payment", "Ettemaks on kasutatud")


def _read_line(line: Mapping[str, Any], position: int) -> Line:
    where = f"rows[{position}]."
    return Line(
        cents(decimal(line, "amount", where)), required_text(line, "type", where), required_text(line, "id", where)
    )


def _read_extra(ledger: Ledger, extra: Mapping[str, Any], position: int) -> Record:
    where = f"extras[{position}]."
    price, quantity = decimal(extra, "price", where), decimal(extra, "quantity", where)
    row: Record = {
        "price": price,
        "quantity": quantity,
        "description": ledger.clean(required_text(extra, "description", where), "description"),
        "account": required_text(extra, "account", where),
        "amount": cents(price * quantity),
    }
    if given(extra, "objectId"):
        row["objectId"] = text(extra, "objectId", where)
    return row


def _read_prepayment(ledger: Ledger, prepayment: Mapping[str, Any]) -> Record | None:
    if not prepayment:
        return None
    return {
        "amount": cents(decimal(prepayment, "amount", "prepayment.")),
        "description": ledger.clean(required_text(prepayment, "description", "prepayment."), "description"),
    }


def _faults(ledger: Ledger, row: Record, lines: list[Line], old: Record | None) -> Iterator[Fault]:
    partner_field, partners = _PARTNERS[row["partnerType"]]
    if row[partner_field] not in ledger.records[partners]:
        yield unknown(partner_field)
    if ledger.is_locked(row["date"]):
        yield locked()
    account = ledger.money_account(row["accountType"], row["accountName"])
    if account is None:
        yield unknown("accountName")
    elif row["currency"] != account["currency"] and account["currency"] != "EUR":
        yield ("CURRENCY-MISMATCH", "Currency differs from the account's", "Valuuta ei vasta kontole")
    rate = row["exchangeRate"]
    if rate is None and row["eurAmount"] is not None and row["currency"] != "EUR":
        rate = Decimal(1)  # eurAmount tells what a rate would
    yield from currency_faults(ledger, row["currency"], rate, row["date"])
    yield from _eur_faults(ledger, row, account)
    yield from _part_faults(ledger, row, lines)
    if old is not None and old["_used"] > (row["prepayment"] or {}).get("amount", 0):
        yield _prepayment_used()
    yield from _line_faults(ledger, row, lines, old)
    if account is not None:
        is_netting = bool(account.get("forNetting") or account.get("_netting"))
        yield from _direction_faults(ledger, row, lines, is_netting=is_netting)
        if is_netting and ledger.switches.netting_of_currency and row["currency"] != account["currency"]:
            message = "Netting needs an account of the documents' currency"
            yield ("NETTING-CURRENCY-MISMATCH", message, "Tasaarvelduskonto peab olema dokumentide valuutas")


def _eur_faults(ledger: Ledger, row: Record, account: Record | None) -> Iterator[Fault]:
    if row["eurAmount"] is None or ledger.switches.eur_amount_elsewhere == "allow":
        return
    if row["currency"] == "EUR" or (account is not None and account["currency"] != "EUR"):
        message = "eurAmount is for foreign payments on a EUR account"
        yield ("EUR-AMOUNT-INVALID", message, "eurAmount on valuutamaksele euro kontol")
    elif row["eurAmount"] <= 0:
        yield ("AMOUNT-INVALID", "eurAmount must be positive", "eurAmount peab olema positiivne")


def _direction_faults(ledger: Ledger, row: Record, lines: list[Line], *, is_netting: bool) -> Iterator[Fault]:
    others = sum((extra["amount"] for extra in row["extras"]), Decimal(0))
    if row["prepayment"]:
        others += row["prepayment"]["amount"]
    directions = {direction(ledger, line) for line in lines}
    if is_netting:
        balance = others + sum((line.amount * direction(ledger, line) for line in lines), Decimal(0))
        if balance != 0 and ledger.switches.netting_must_balance:
            yield ("NETTING-NOT-BALANCED", "Netting must add up to nothing", "Tasaarveldus peab olema tasakaalus")
        return
    if len(directions) > 1 and ledger.switches.mixed_rows == "refuse":
        message = "Documents of both directions need a netting account"
        yield ("NETTING-ACCOUNT-REQUIRED", message, "Tasaarveldus nõuab tasaarvelduskontot")
    if others < 0 and others + sum((max(line.amount, Decimal(0)) for line in lines), Decimal(0)) < 0:
        yield ("AMOUNT-INVALID", "amount may not be negative", "amount ei tohi olla negatiivne")


def _part_faults(ledger: Ledger, row: Record, lines: list[Line]) -> Iterator[Fault]:
    prepayment, extras = row["prepayment"], row["extras"]
    if not (lines or extras or prepayment):
        yield ("PAYMENT-EMPTY", "Payment settles nothing", "Laekumisel pole ridu")
    if prepayment and prepayment["amount"] <= 0:
        yield ("AMOUNT-INVALID", "prepayment.amount must be positive", "prepayment.amount peab olema positiivne")
    for extra in extras:
        if not ledger.has_account(extra["account"]):
            yield unknown("extras.account")
        if "objectId" in extra and not ledger.has_object(extra["objectId"]):
            yield unknown("extras.objectId")


def _line_faults(ledger: Ledger, row: Record, lines: list[Line], old: Record | None) -> Iterator[Fault]:
    partner_field, _ = _PARTNERS[row["partnerType"]]
    before = {(line["type"], line["id"]): line["amount"] for line in old["rows"]} if old else {}
    seen: set[tuple[str, str]] = set()
    for line in lines:
        key = (line.type, line.id)
        document = paid_document(ledger, line)
        if key in seen:
            yield ("ROW-REPEATED", "A document stands on two rows", "Dokument on kahel real")
        seen.add(key)
        if line.amount < 0 and ledger.switches.negative_row_is_too_large:
            yield _too_large()
        elif line.amount <= 0:
            yield ("AMOUNT-INVALID", "rows.amount must be positive", "rows.amount peab olema positiivne")
        if line.type not in _TYPES:
            yield unknown("rows.type")
        elif document is None or document is old:
            yield unknown(f"rows.id of {line.type}")
        else:
            if document.get(partner_field) != row[partner_field]:
                yield ("PARTNER-MISMATCH", "Document belongs to another partner", "Dokument on teise partneri")
            if document["currency"] != row["currency"]:
                yield ("CURRENCY-MISMATCH", "Currency differs from the document's", "Valuuta ei vasta dokumendile")
            if line.amount > _left(line, document) + before.get(key, Decimal(0)):
                yield _too_large()


def _too_large() -> Fault:
    message = "payment amount larger than outstanding amount on row"
    return ("AMOUNT-TOO-LARGE", message, message)


def paid_document(ledger: Ledger, line: Line) -> Record | None:
    """What a row settles. Of salaries the books have none."""
    if line.type == "VAT_RETURN":
        return ledger.returns.get(line.id)
    if line.type == "PREPAYMENT_PAYMENT":
        payment = ledger.records[PAYMENTS].get(line.id)
        return payment if payment and payment.get("prepayment") else None
    service = _INVOICES.get(line.type)
    return ledger.records[service].get(line.id) if service else None


def _left(line: Line, document: Record) -> Decimal:
    if line.type == "PREPAYMENT_PAYMENT":
        return Decimal(document["prepayment"]["amount"]) - Decimal(document["_used"])
    if line.type == "VAT_RETURN":
        return Decimal(document["totalAmount"]) - Decimal(document["_paid"])
    return left_to_pay(document)


def direction(ledger: Ledger, line: Line) -> int:
    """1 for what is paid, -1 for what pays: credit invoices and earlier prepayments."""
    document = paid_document(ledger, line)
    if document is None:
        return 1
    return -1 if line.type == "PREPAYMENT_PAYMENT" else sign(document)


def _settle(ledger: Ledger, payment: Record, way: int) -> None:
    for row, line in zip(payment["rows"], lines_of(payment), strict=True):
        document = paid_document(ledger, line)
        if document is None:
            continue
        amount = row["amount"] * way
        if way > 0:
            row["_euros"] = _euros(document, row)
        if row["type"] == "PREPAYMENT_PAYMENT":
            document["_used"] += amount
        else:
            document["_paid"] += amount
            document["_paid_by_payments"] += amount
        if ledger.switches.payment_moves_invoice:
            ledger.touch(document)


def _euros(document: Record, row: Record) -> Decimal:
    """What a row settles in euros at the rate of its document; together, rows settle it to the cent."""
    before = document["_used"] if row["type"] == "PREPAYMENT_PAYMENT" else document["_paid"]
    return rates.in_euros(document, before + row["amount"]) - rates.in_euros(document, before)


def _rate(ledger: Ledger, row: Record, total: Decimal) -> Decimal:
    """Foreign units for one euro: as sent, by the value in euros, or the bank's."""
    if row["exchangeRate"] is not None:
        return rates.other_way_round(ledger, row["exchangeRate"])
    if row["eurAmount"] and row["currency"] != "EUR":
        return total / Decimal(row["eurAmount"])
    return rates.quoted(ledger, row["currency"])


def _description(ledger: Ledger, line: Line) -> str:
    document = paid_document(ledger, line) or {}
    return str(document.get("invoiceNumber") or document.get("number") or "")


def _prepayment_account(ledger: Ledger, row: Record) -> str:
    partner_field, partners = _PARTNERS[row["partnerType"]]
    usual = _PREPAYMENT_ACCOUNTS[row["partnerType"]]
    return str(ledger.records[partners][row[partner_field]].get("accountPrepayment") or usual)
