"""What SmartAccounts is asked before anything is written: a function a group of questions, reading only.

Later questions name days, accounts and moments that earlier answers showed. So they are asked in this order.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.meeting import facts
from scoro_smartaccounts.meeting.facts import at
from scoro_smartaccounts.meeting.seen import days_of_entries, known_changes, witness
from scoro_smartaccounts.mirror.registers import money_accounts, sync_settings, vat_codes, warehouses
from scoro_smartaccounts.smartaccounts.endpoints import (
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    CLIENT_INVOICES,
    CLIENTS,
    ENTRIES,
    PAYMENTS,
    VAT_CODES,
    VENDOR_INVOICES,
    WAREHOUSES,
)
from scoro_smartaccounts.smartaccounts.queries import (
    WITH_COMMENTS,
    WITH_ROWS,
    changed_since,
    dated,
    entered,
    page,
    paid_from,
    register,
    written_day,
)
from scoro_smartaccounts.smartaccounts.wire import text
from scoro_smartaccounts.smartaccounts.words import CLIENT, VENDOR
from scoro_smartaccounts.staging.ledger import store_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scoro_smartaccounts.meeting.asking import Asking, Facts
    from scoro_smartaccounts.smartaccounts.wire import EntryRow

# Long enough for what happens once a year, and for a change of VAT rates.
_BACK = timedelta(days=396)
# Of a long list the first page is old: what is new is asked for beside it.
_LATELY = timedelta(days=45)
_IN_FULL: Mapping[str, str] = {**WITH_ROWS, **WITH_COMMENTS}
# Where account balances may be found: no source prints it.
_BALANCES = ("general/accountbalances", "general/accountbalance", "general/balances")
_MOVEMENTS = "inventory/warehousemovements"
_DAYS_OF_ENTRIES = 4
_VAT_ACCOUNTS = ("accountSales", "accountPurchase")


def ask_settings(ask: Asking) -> None:
    """M12: codes of VAT, bank and cash accounts, warehouses. They are kept as every run keeps them."""
    company = ask.company.key

    def read(service: str) -> Callable[[], Facts]:
        def once() -> Facts:
            sync_settings(ask.services, company, [service])
            with ask.connection.begin():
                return _setting_facts(ask, service)

        return once

    for service in (VAT_CODES, BANK_ACCOUNTS, CASH_ACCOUNTS, WAREHOUSES):
        ask.once(f"M12/{service}", "smartaccounts", read(service))


def _setting_facts(ask: Asking, service: str) -> Facts:
    """Within a transaction."""
    connection, company = ask.connection, ask.company.key
    if service == VAT_CODES:
        return {
            "codes": [
                [row.vat_pc, str(row.pc), row.is_own, *(text(row.raw.get(name)) for name in _VAT_ACCOUNTS)]
                for row in vat_codes(connection, company)
            ]
        }
    if service == WAREHOUSES:
        named = warehouses(connection, company)
        return {"warehouses": len(named), "ids": sum(name != key for name, key in named.items())}
    wanted = "BANK" if service == BANK_ACCOUNTS else "CASH"
    accounts = money_accounts(connection, company)
    return {
        "accounts": [
            [kind, name, row.currency, text(row.raw.get("account")), row.for_netting]
            for (kind, name), row in accounts.items()
            if kind == wanted
        ]
    }


def ask_invoices(ask: Asking) -> None:
    """M1 to M3: sales invoices and bills of thirteen months with their rows, the first page, and where there is more,
    what is new."""
    for name, service in (("M1", CLIENT_INVOICES), ("M3", VENDOR_INVOICES)):
        first = _documents(ask, f"{name}/first", service, ask.began - _BACK)
        if first.get("more"):
            _documents(ask, f"{name}/lately", service, ask.began - _LATELY)


def _documents(ask: Asking, name: str, service: str, since: date) -> Facts:
    params = {"dateFrom": written_day(since), **_IN_FULL, **page(1)}
    return ask.smartaccounts(name, service, at(facts.invoices, ask.services.clock), params)


def ask_payments(ask: Asking) -> None:
    """M4, M5, M11: payments of suppliers and of clients, those on a netting account and on one in another currency."""
    since = {**paid_from(ask.began - _BACK), **page(1)}
    digest = at(facts.payments, ask.services.clock)
    for name, partner_type in (("M4/suppliers", VENDOR), ("M4/clients", CLIENT)):
        ask.smartaccounts(name, PAYMENTS, digest, {**since, "partnerType": partner_type})
    accounts = ask.answers.get(f"M12/{BANK_ACCOUNTS}", {}).get("accounts", [])
    netting = sorted(ask.company.payments.all_netting_accounts) or [each[1] for each in accounts if each[4]]
    foreign = [name for _, name, currency, _, _ in accounts if currency != ask.company.base_currency]
    for name, some in (("M5", netting), ("M11", [each for each in foreign if each not in netting])):
        if some:
            ask.smartaccounts(name, PAYMENTS, digest, {**since, "accountName": some[0]})


def ask_days(ask: Asking) -> None:
    """M6: whether the last day of a list belongs to it, and whether a number is found by a part of it."""
    known = [row for row in _rows(ask, "M1/first") if row["number"]]
    digest = at(facts.invoices, ask.services.clock)
    if not known:
        return
    day = date.fromisoformat(known[0]["day"])
    ask.smartaccounts("M6/day", CLIENT_INVOICES, digest, {**dated(day, day), **page(1)})
    if len(known[0]["number"]) > 1:
        params = {"dateFrom": written_day(day), "invoiceNumber": known[0]["number"][:-1], **page(1)}
        ask.smartaccounts("M6/number", CLIENT_INVOICES, digest, params)


def ask_changes(ask: Asking) -> None:
    """M7: what changed since the second in which a known document did, of invoices and of payments."""
    lists = {"M7/invoices": (CLIENT_INVOICES, "M1/first"), "M7/payments": (PAYMENTS, "M4/suppliers")}
    for name, (service, known) in lists.items():
        found = witness(_rows(ask, known))
        if found is not None:
            digest = at(facts.payments if service == PAYMENTS else facts.invoices, ask.services.clock)
            params = {**changed_since(datetime.fromisoformat(found["changed"])), **page(1)}
            ask.smartaccounts(name, service, digest, params)


def ask_entries(ask: Asking) -> None:
    """M8: the ledger's entries of days on which most kinds of documents were booked, and of the last changes."""
    clock = ask.services.clock

    def keep(rows: Iterable[EntryRow]) -> None:
        with ask.connection.begin():
            store_entries(ask.connection, ask.company.key, rows, clock())

    digest = at(facts.keeping(keep), clock)
    for place, day in enumerate(days_of_entries(ask.answers, _DAYS_OF_ENTRIES), start=1):
        asked = entered(day, day + timedelta(days=1))
        ask.smartaccounts(f"M8/{place}", ENTRIES, digest, {**asked, **WITH_ROWS, **page(1)})
    if changes := known_changes(ask.answers):
        params = {**changed_since(datetime.fromisoformat(changes[-1])), **WITH_ROWS, **page(1)}
        ask.smartaccounts("M8/changed", ENTRIES, digest, params)


def ask_returns_and_balances(ask: Asking) -> None:
    """M9, M10: whether VAT returns show in the ledger, and where account balances are found."""
    digest = at(facts.counted, ask.services.clock)
    params = {**entered(ask.began - _BACK, ask.began), "docType": "VAT_RETURN", **page(1)}
    ask.smartaccounts("M9", ENTRIES, digest, params)
    for place, service in enumerate(_BALANCES, start=1):
        asked = {"date": written_day(ask.began)}
        answer = ask.smartaccounts(f"M10/{place}", service, at(facts.balances, ask.services.clock), asked)
        if answer.get("refused") != "question":
            break


def ask_lists(ask: Asking) -> None:
    """M13, M14, M16: what is unpaid, changes of a register, movements of stock."""
    clock = ask.services.clock
    digest = at(facts.invoices, clock)
    ask.smartaccounts("M13", CLIENT_INVOICES, digest, {"paymentStatus": "unpaid", **page(1)})
    of_clients = at(facts.register, clock)
    since = datetime.combine(ask.began - _BACK, time(), TALLINN)
    known = ask.smartaccounts("M14/first", CLIENTS, of_clients, {**_plain(since), **page(1)})
    if moments := sorted(row["changed"] for row in known.get("rows", []) if row["changed"]):
        last = datetime.fromisoformat(moments[-1])
        ask.smartaccounts("M14/changed", CLIENTS, of_clients, {**_plain(last), **page(1)})
    if ask.answers.get(f"M12/{WAREHOUSES}", {}).get("warehouses"):
        params = {**dated(ask.began - _BACK, ask.began), **page(1)}
        ask.smartaccounts("M16", _MOVEMENTS, at(facts.movements, clock), params)


def _plain(since: datetime) -> dict[str, str]:
    """Return the query of clients that changed, without their addresses."""
    return {"modifiedFrom": register(CLIENTS, since)["modifiedFrom"]}


def _rows(ask: Asking, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask.answers.get(name, {}).get("rows", [])
    return rows


# In the order in which they are asked.
PROBES: tuple[Callable[[Asking], None], ...] = (
    ask_settings,
    ask_invoices,
    ask_payments,
    ask_days,
    ask_changes,
    ask_entries,
    ask_returns_and_balances,
    ask_lists,
)
