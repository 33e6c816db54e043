"""`general/accountbalances`: the balance of every account on a day, once an hour."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts_sandbox.smartaccounts.entries import booked_rows
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.reading import Params
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal, refuse_if
from scoro_smartaccounts_sandbox.smartaccounts.values import day, number, required

_HOUR = timedelta(hours=1)
_OF_A_YEAR = ("INCOME", "EXPENSE")
_CREDIT = ("LIABILITY", "INCOME")


def read_balances(ledger: Ledger, params: Params) -> list[Record]:
    """The balances of a day. Raises Refusal: without the right, twice within an hour, for a day to come."""
    switches, now = ledger.switches, ledger.clock.now()
    if switches.balances_right != "granted":
        message = "No permission for this service"
        status = int(switches.balances_right.removeprefix("missing_"))
        raise Refusal(status, [("PERMISSION-DENIED", message, "Selleks teenuseks puudub õigus")])
    asked = day(required(params, "date"), "date")
    if switches.limits_of_balances and ledger.balances_read_at is not None and now - ledger.balances_read_at < _HOUR:
        refuse_if([("TOO-MANY-REQUESTS", "Once an hour only", "Ainult kord tunnis")])
    if asked > ledger.today() and switches.balances_of_days_to_come == "refuse":
        refuse_if([("DATE-INVALID", "date may not be in the future", "Kuupäev ei või olla tulevikus")])
    ledger.balances_read_at = now
    return [
        {"accountCode": account["code"], "balance": number(balance)}
        for account, balance in _balances(ledger, asked)
        if balance or switches.balances_show_zeros
    ]


def _balances(ledger: Ledger, asked: date) -> Iterator[tuple[dict[str, Any], Decimal]]:
    switches = ledger.switches
    last = asked if switches.balances_include_day else asked - timedelta(days=1)
    whole: dict[str, Decimal] = {}
    of_year: dict[str, Decimal] = {}
    for booked, account, euros in booked_rows(ledger):
        if booked > last:
            continue
        whole[account] = whole.get(account, Decimal(0)) + euros
        if booked.year == asked.year:
            of_year[account] = of_year.get(account, Decimal(0)) + euros
    for row in ledger.settings["settings/accounts"]:
        is_reset = row["type"] in _OF_A_YEAR and switches.balances_restart_each_year
        balance = (of_year if is_reset else whole).get(row["code"], Decimal(0))
        is_turned = row["type"] in _CREDIT and switches.balances_sign == "natural"
        yield row, -balance if is_turned else balance
