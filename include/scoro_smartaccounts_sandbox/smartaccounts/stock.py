"""Stock: what invoices move, and what is there."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.refusal import basic
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, MOVEMENTS, SALES
from scoro_smartaccounts_sandbox.smartaccounts.values import number

_MOST_CODES = 50


def move_stock(ledger: Ledger, service: str, invoice: Record) -> None:
    """Write the movement that an invoice with stock articles makes."""
    direction = (-1 if service == SALES else 1) * (-1 if invoice.get("type") == "CRE" else 1)
    moved: dict[str, Decimal] = {}
    for line in invoice["rows"]:
        if ledger.records[ARTICLES][line["code"]]["type"] == "WH":
            moved[line["code"]] = moved.get(line["code"], Decimal(0)) + line["quantity"] * direction
    if not moved:
        return
    movement: Record = {
        "id": ledger.new_id(),
        "date": invoice["entryDate"],
        "number": str(ledger.next(f"{MOVEMENTS} {invoice['entryDate'].year}")),
        "document": invoice["invoiceNumber"],
        "warehouseId": ledger.warehouse_id(invoice.get("warehouseId", "")),
        "rows": [{"code": code, "quantity": quantity} for code, quantity in moved.items()],
        "_automatic": True,
    }
    ledger.insert(MOVEMENTS, movement)
    invoice["_movement"] = movement["id"]


def take_back(ledger: Ledger, invoice: Record) -> None:
    """Remove the movement of an invoice."""
    movement = ledger.records[MOVEMENTS].get(invoice.get("_movement", ""))
    if movement is not None:
        ledger.remove(MOVEMENTS, movement)


def quantities(ledger: Ledger, params: Mapping[str, str]) -> dict[str, Any]:
    """The answer to `articles:getwarehousequantities`: the default warehouse only. Raises Refusal."""
    codes = [code for code in params.get("codes", "").split(",") if code]
    if not codes:
        raise basic("VALUE-REQUIRED", "codes may not be null")
    if len(codes) > _MOST_CODES:
        raise basic("TOO-MANY-CODES", f"At most {_MOST_CODES} codes")
    default = ledger.warehouse_id("")
    there: Counter[str] = Counter()
    for movement in ledger.records[MOVEMENTS].values():
        if movement["warehouseId"] == default:
            for line in movement["rows"]:
                there[line["code"]] += line["quantity"]
    return {"quantities": [_quantity(ledger, code, Decimal(there[code])) for code in codes]}


def _quantity(ledger: Ledger, code: str, quantity: Decimal) -> dict[str, Any]:
    article = ledger.records[ARTICLES].get(code)
    if article is None:
        return {"code": code, "quantity": 0, "status": "NOT-FOUND"}
    if article["type"] != "WH":
        return {"code": code, "quantity": 0, "status": "NOT-WH"}
    return {"code": code, "quantity": number(quantity), "status": "OK"}
