"""VAT returns (käibedeklaratsioonid), as somebody who works in the books saves, recalculates, deletes and pays them.

No service shows them. Saving one makes an entry of the general ledger that takes the month's VAT accounts to nothing;
what is booked into the month afterwards is in it only once it is calculated again. Its payment names it by its id.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from scoro_smartaccounts_sandbox.smartaccounts.entries import rows_of
from scoro_smartaccounts_sandbox.smartaccounts.invoices import locked
from scoro_smartaccounts_sandbox.smartaccounts.ledger import TAX_BOARD, Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.postings import Posting
from scoro_smartaccounts_sandbox.smartaccounts.refusal import basic, refuse_if
from scoro_smartaccounts_sandbox.smartaccounts.services import ENTRIES, VENDORS

_SETTLEMENT = "2320"
_TEXT = "Käibedeklaratsioon"
_ZERO = Decimal(0)


def save_return(ledger: Ledger, month: date) -> str:
    """Save the return of a month, or calculate again the one that is there; its id. Raises Refusal."""
    first = month.replace(day=1)
    old = next((row for row in ledger.returns.values() if row["_month"] == first), None)
    booked = old["_day"] if old else _entry_day(ledger, first)
    if ledger.is_locked(booked):
        refuse_if([locked()])
    balances = _balances(ledger, first)
    rows = [Posting(account, _TEXT, -amount, -amount) for account, amount in sorted(balances.items()) if amount]
    due = -sum((row.euros for row in rows), _ZERO)
    if due:
        rows.append(Posting(_SETTLEMENT, _TEXT, due, due))
    row = old or {
        "id": ledger.new_id(),
        "number": str(ledger.next(f"{ENTRIES} {booked.year}")),
        "vendorId": next(each["id"] for each in ledger.records[VENDORS].values() if each["name"] == TAX_BOARD),
        "currency": "EUR",
        "accountUnpaid": _SETTLEMENT,
        "_rate": Decimal(1),
        "_month": first,
        "_day": booked,
        "_paid": _ZERO,
        "_paid_by_payments": _ZERO,
    }
    row |= {"totalAmount": -due, "_entry_rows": [vars(posting) for posting in rows], "_saved": ledger.now()}
    ledger.returns[row["id"]] = row
    return str(row["id"])


def delete_return(ledger: Ledger, key: str) -> None:
    """Delete a return and its entry. Raises Refusal."""
    row = _find(ledger, key)
    if ledger.is_locked(row["_day"]):
        refuse_if([locked()])
    if row["_paid"]:
        refuse_if([("IN-USE", "The VAT return is paid", "Deklaratsioon on tasutud")])
    del ledger.returns[key]
    ledger.deleted_returns.append((ledger.now(), key))


def payment_of_return(ledger: Ledger, key: str) -> Mapping[str, object]:
    """What a payment of all that is due of a return settles, and whom it goes to. Raises Refusal."""
    row = _find(ledger, key)
    line = {"type": "VAT_RETURN", "id": key, "amount": row["totalAmount"] - row["_paid"]}
    return {"partnerType": "VENDOR", "vendorId": row["vendorId"], "currency": "EUR", "rows": [line]}


def _find(ledger: Ledger, key: str) -> Record:
    if key not in ledger.returns:
        raise basic("NOT-FOUND", "VAT return by id not found")
    return ledger.returns[key]


def _entry_day(ledger: Ledger, first: date) -> date:
    following = _next_month(first)
    days = {
        "last": following - timedelta(days=1),
        "next_first": following,
        "twentieth": following.replace(day=20),
    }
    return days[ledger.switches.return_entry_on]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _balances(ledger: Ledger, first: date) -> dict[str, Decimal]:
    """What a month left on the VAT accounts."""
    codes = ledger.settings["settings/vatpcs"]
    accounts = {str(code[name]) for code in codes for name in ("accountSales", "accountPurchase") if code.get(name)}
    found: dict[str, Decimal] = {}
    for booked, postings in rows_of(ledger):
        if first <= booked < _next_month(first):
            for posting in postings:
                if posting.account in accounts:
                    found[posting.account] = found.get(posting.account, _ZERO) + posting.euros
    return found
