"""The parameters of SmartAccounts' lists: which records, and what is shown of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES, PAYMENTS
from scoro_smartaccounts.smartaccounts.signature import latest_instant, timestamp_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = "%d.%m.%Y"

Params = dict[str, str]

WITH_COMMENTS: Mapping[str, str] = {"fetchComments": "true"}
WITH_ROWS: Mapping[str, str] = {"fetchRows": "true"}
_WITH_DETAILS: Mapping[str, str] = {**WITH_COMMENTS, "fetchAddresses": "true", "fetchContacts": "true"}


def written_day(day: date) -> str:
    """Return a day as queries and bodies have it."""
    return day.strftime(_DAY)


def sent_day(text: str) -> date:
    """Return the day that a query or body has."""
    return datetime.strptime(text, _DAY).date()  # noqa: DTZ007 a day has no zone


def written_moment(moment: datetime) -> str:
    """Return `moment` as a change filter takes it: Tallinn time to the second; in the hour that the end of summer time
    repeats, the earlier reading."""
    if latest_instant(timestamp_text(moment)) != moment.replace(microsecond=0):
        moment -= timedelta(hours=1)
    return moment.astimezone(TALLINN).strftime(f"{_DAY}_%H:%M:%S")


def page(number: int) -> Params:
    """Return the parameter of one page, from 1."""
    return {"pageNumber": str(number)}


def dated(first: date, last: date) -> Params:
    """Return the parameters of documents of these days."""
    return {"dateFrom": written_day(first), "dateTo": written_day(last)}


def paid_from(first: date) -> Params:
    """Return the query of payments of this day and later ones."""
    return {"dateType": "date", "dateFrom": written_day(first), **WITH_ROWS}


def booked_from(first: date) -> Params:
    """Return the parameters of documents that are entered on this day and later ones."""
    return {"dateType": "entrydate", "dateFrom": written_day(first)}


def entered(first: date, last: date) -> Params:
    """Return the parameters of entries of the ledger of these days."""
    return {"dateType": "date", **dated(first, last)}


def changed_since(moment: datetime) -> Params:
    """Return the parameters of documents, payments or entries that were changed or deleted since a moment."""
    return {"dateType": "modifydate", "dateFrom": written_moment(moment)}


def changed_between(first: datetime, last: datetime) -> Params:
    """Return the parameters of documents, payments or entries that were changed from one moment to another one."""
    return {**changed_since(first), "dateTo": written_moment(last)}


def by_id(record_id: str) -> Params:
    """Return the parameters of one record, wherever it stands."""
    return {"id": record_id}


def balances_on(day: date) -> Params:
    """Return the parameters of balances of a day."""
    return {"date": written_day(day)}


def register(service: str, since: datetime | None) -> Params:
    """Return the query of a register, or of payments, in full detail: all of it, or what changed since a moment."""
    if service == PAYMENTS:
        changed = {} if since is None else {"dateFrom": written_moment(since)}
        return {"dateType": "modifydate", **WITH_ROWS, **changed}
    shown = {} if service == ARTICLES else _WITH_DETAILS
    return {**shown, **({} if since is None else {"modifiedFrom": written_moment(since)})}
