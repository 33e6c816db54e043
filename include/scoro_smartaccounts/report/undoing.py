"""What a preview says of undoing: how much of what would be booked could be taken back, and until when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.periods import MonthState, month_of, month_text
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.plan.known_periods import periods_of
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.staging.mirror_registers import article_records
from scoro_smartaccounts.staging.plans import read_plans
from scoro_smartaccounts.staging.runs import left_as

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

_STOCK = "WH"


def told_of_undo(connection: Connection, request: RunRequest, services: Services) -> Phrase | None:
    """Return the sentence, of a preview of invoices or bills that would book any. Within the caller's transaction."""
    if request.mode is not Mode.PREVIEW or request.flow not in INVOICE_FLOWS:
        return None
    ids = left_as(connection, request, "planned")
    plans = list(read_plans(connection, request.company.key, request.flow, ids).values())
    if not plans:
        return None
    periods = periods_of(connection, services, request.company, request.flow)
    known = article_records(connection, request.company.key)
    stocked = {code for code, each in known.items() if each.type == _STOCK}
    days, articles = [], set()
    for plan in plans:
        body = json.loads(plan.payload)
        days.append(sent_day(body["entryDate"]))
        new = {item["body"]["code"] for item in plan.new_articles if item["body"]["type"] == _STOCK}
        articles |= {row["code"] for row in body["rows"]} & (stocked | new)
    open_days = [day for day in days if periods.state(day) is MonthState.OPEN]
    months = sorted({month_of(day) for day in open_days})
    return phrase(
        "undo_preview",
        count=len(days),
        deletable=len(open_days),
        until=phrase("undo_until", months=[month_text(month) for month in months]) if months else "",
        credited=len(days) - len(open_days),
        articles=len(articles),
    )
