"""What nights leave in staging for a page to show, put there by the keepers: in browsers nobody waits for nights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine

from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import Flow, named
from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.staging.audit_nights import note_night, note_step, open_night
from scoro_smartaccounts.staging.control_totals import Page, last_page, replace_totals, store_page
from scoro_smartaccounts.staging.drifts import Found, note_drift
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.quarantine import open_case
from scoro_smartaccounts.staging.undo_plans import Step, StepState, UndoClass, store_plan

MONTH = date(2026, 1, 1)
_PLACE = {"currency": "EUR", "vat_code": "", "measure": "total"}


def leave_night(engine: Engine, company: str, night: date, **values: Any) -> None:
    """A night that read and compared all, but for what `values` say (columns); it is told unless they say so."""
    at = datetime.combine(night, time(3), UTC)
    evidence = values.pop("evidence", {"totals": {"months": 1, "unexplained": 0}})
    values = {"state": "ok", "scoro_state": "ok", "reported_at": at + timedelta(minutes=20), **values}
    with engine.begin() as connection:
        open_night(connection, company, night, at)
        note_night(connection, company, night, evidence={}, **values)
        for step, told in evidence.items():
            note_step(connection, company, night, step, told)


def leave_drift(engine: Engine, company: str, source_id: str, **fields: Any) -> None:
    """An invoice whose total was changed in SmartAccounts."""
    document = named(Flow.SALES_INVOICES, fields.pop("number", "A-1"), None)
    told = reason("books_amount", document=document, now="250.00 EUR", booked="248.00 EUR")
    values: dict[str, Any] = {
        "system": "books",
        "kind": "books_amount",
        "flow": "sales_invoices",
        "reason": told,
        "source_id": source_id,
        "remote_id": f"r{source_id}",
        "after": {"total": "250.00"},
        "amount": Decimal("2.00"),
        "currency": "EUR",
    }
    with engine.begin() as connection:
        note_drift(connection, company, Found(**{**values, **fields}), datetime.now(UTC))


def leave_undo(engine: Engine, company: str, source_id: str) -> None:
    """A plan that takes a run of two invoices back, of which one is left to a person."""
    document = named(Flow.SALES_INVOICES, "A-1", None)
    of = Kind.SALES_INVOICE, Flow.SALES_INVOICES, source_id
    steps = [
        Step(0, *of, "r1", UndoClass.DELETE, phrase("undo_delete", document=document), state=StepState.PLANNED),
        Step(1, *of, "r2", UndoClass.PERSON, phrase("undo_unknown", document=document)),
    ]
    with engine.begin() as connection:
        store_plan(connection, company, "import_sales_invoices/x", steps, datetime.now(UTC))


def leave_question(engine: Engine, company: Company, source_id: str) -> None:
    """An invoice of a month whose return is saved, of which is asked on which day it is booked."""
    asked = reason(
        "period_ask",
        document=named(Flow.SALES_INVOICES, "A-1", None),
        month=f"{MONTH:%Y-%m}",
        state=phrase("period_saved"),
        evidence=phrase("period_saved_on", seen=date(2026, 2, 10)),
        day=date(2026, 2, 1),
        policy="periods.sales.saved",
    )
    request = RunRequest(
        company, Flow.SALES_INVOICES, "import_sales_invoices/x", RunKind.MANUAL, Mode.IMPORT, MONTH, MONTH
    )
    with engine.begin() as connection:
        open_case(connection, request, {source_id: asked})


def leave_month(
    engine: Engine,
    company: str,
    month: date = MONTH,
    *,
    unexplained: str = "0.00",
    source_id: str = "",
    number: str = "A-1",
    is_clean: bool = True,
    is_equal: bool = False,
    files: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The totals of a month, of which a document makes one differ by two euros unless both are equal, with the hashes
    of its files by name; the hash of its page."""
    place = {**_PLACE, "bridge": "documents", "flow": "sales_invoices"}
    amounts = {"night": month, "causes": Decimal("2.00"), "unexplained": Decimal(unexplained)}
    scoro = Decimal("1250.00" if is_equal else "1248.00")
    totals = [
        {**place, **amounts, "scoro": scoro, "books": Decimal("1250.00"), "ledger": None},
        {
            **{**place, "bridge": "ledger"},
            **{"night": month, "causes": Decimal(0), "unexplained": Decimal(0)},
            **{"scoro": None, "books": Decimal("1250.00"), "ledger": Decimal("1250.00")},
        },
    ]
    cause = {
        **place,
        **{"cause": "unexplained" if Decimal(unexplained) else "books_changed", "amount": Decimal("2.00")},
        **{"source_id": source_id, "remote_id": f"r{source_id}", "number": number},
        "words": phrase("cause_books_changed", before="248.00", after="250.00").to_json(),
    }
    with engine.begin() as connection:
        before = last_page(connection, company)
        mark = sha256(f"{'' if before is None else before.hash}{month}{unexplained}".encode()).hexdigest()
        replace_totals(connection, company, month, totals, [] if is_equal else [cause])
        store_page(
            connection, company, Page(month, month, "ok", is_clean, mark, {**files}, "", mark), datetime.now(UTC)
        )
    return mark
