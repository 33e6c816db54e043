"""What is known of months when documents are planned, and when SmartAccounts is asked for its VAT returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.periods import Periods, month_of
from scoro_smartaccounts.mirror.registers import FRESH
from scoro_smartaccounts.mirror.vat_returns import sync_returns
from scoro_smartaccounts.outbox.locked import locked_until
from scoro_smartaccounts.staging.periods import booked_after_return, known_months

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.services import Services


def ask_for_returns(connection: Connection, services: Services, company: Company, days: Collection[date]) -> None:
    """Bring what is known of VAT returns up to date, where documents of these days are to be planned: at most one
    request. None where all of them are of the month that goes on, which has no return yet, and nothing was booked into
    a month after its return."""
    if not days:
        return
    today = tallinn_day(services.clock())
    if min(days) >= month_of(today):
        with connection.begin():
            after = booked_after_return(connection, company.key, known_months(connection, company.key))
        if not after:
            return
    sync_returns(services, company, max_age=FRESH)


def periods_of(connection: Connection, services: Services, company: Company, flow: Flow) -> Periods:
    """Return what is known of all months, for documents of a flow. Within the caller's transaction."""
    now = services.clock()
    return Periods(
        today=tallinn_day(now),
        months=known_months(connection, company.key),
        closed=company.entry_date(flow).books_closed_until,
        refused=locked_until(connection, company.key, now),
    )
