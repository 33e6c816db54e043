"""What Scoro is asked before anything is written: a function a group of questions, reading only."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.meeting import scoro_facts as facts
from scoro_smartaccounts.scoro.modules import (
    BILLS,
    CONTACTS,
    FINANCE_ACCOUNTS,
    INVOICES,
    PRODUCTS,
    RECEIPT_ACCOUNTS,
    RECEIPTS,
    VAT_CODES,
)
from scoro_smartaccounts.scoro.queries import ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoro_smartaccounts.meeting.asking import Asking, Facts


def ask_site(ask: Asking) -> None:
    """S1: the business entity, which tells that the key is right."""
    ask.scoro("S1", "companyAccount", facts.counted)


def ask_lists(ask: Asking) -> None:
    """S2: two pages of each list, without a filter."""
    for module in (INVOICES, BILLS, RECEIPTS):
        first = ask.scoro(f"S2/{module.name}/1", module.name, facts.documents)
        if first.get("length"):
            ask.scoro(f"S2/{module.name}/2", module.name, facts.documents, page=2)


def ask_days(ask: Asking) -> None:
    """S3: invoices of the day of which most are known, and of it and the day after."""
    day = day_asked(ask.answers.get("S2/invoices/1", {}))
    if day is not None:
        for name, last in (("S3/day", day), ("S3/next", day + ONE_DAY)):
            wanted = {"date": {"from_date": day.isoformat(), "to_date": last.isoformat()}}
            ask.scoro(name, INVOICES.name, facts.documents, filter=wanted)


def ask_moments(ask: Asking) -> None:
    """S4: invoices by the day on which they changed, and on which they were made."""
    rows = ask.answers.get("S2/invoices/1", {}).get("rows", [])
    for name, fact, field in (("S4/changed", "changed", "modified_date"), ("S4/created", "created", "created_date")):
        moments = sorted(row[fact] for row in rows if row[fact])
        if moments:
            day = tallinn_day(datetime.fromisoformat(moments[-1]))
            wanted = {field: {"from_date": day.isoformat(), "to_date": (day + ONE_DAY).isoformat()}}
            ask.scoro(name, INVOICES.name, facts.documents, filter=wanted)


def ask_deleted(ask: Asking) -> None:
    """S5: deleted invoices, asked for in either place, and by a filter."""
    for name, place in (("S5/top", "top"), ("S5/request", "request")):
        ask.scoro(name, INVOICES.name, facts.documents, include_deleted=place, filter={"is_deleted": 1})  # type: ignore[arg-type]
    ask.scoro("S5/both", INVOICES.name, facts.documents, include_deleted=True)


def ask_unknown(ask: Asking) -> None:
    """S6: a filter that there is not."""
    ask.scoro("S6", INVOICES.name, facts.documents, filter={"no_such_field": 1})


def ask_in_full(ask: Asking) -> None:
    """S7: invoices and bills with their lines."""
    for module in (INVOICES, BILLS):
        ask.scoro(f"S7/{module.name}", module.name, facts.documents, detailed=True)


def ask_registers(ask: Asking) -> None:
    """S9: what documents name."""
    for module in (VAT_CODES, RECEIPT_ACCOUNTS, FINANCE_ACCOUNTS):
        ask.scoro(f"S9/{module}", module, facts.counted)
    ask.scoro(f"S9/{PRODUCTS}", PRODUCTS, facts.products)
    ask.scoro(f"S9/{CONTACTS}", CONTACTS, facts.counted)


def day_asked(known: Facts) -> date | None:
    """Return the day of which a page without filter shows most documents."""
    days: list[str] = [row["day"] for row in known.get("rows", []) if row["day"]]
    most: Any = max(sorted(set(days)), key=days.count, default=None)
    return None if most is None else date.fromisoformat(most)


# In the order in which they are asked.
PROBES: tuple[Callable[[Asking], None], ...] = (
    ask_site,
    ask_lists,
    ask_days,
    ask_moments,
    ask_deleted,
    ask_unknown,
    ask_in_full,
    ask_registers,
)
