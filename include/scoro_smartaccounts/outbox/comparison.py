"""What SmartAccounts booked against what was planned."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason, render
from scoro_smartaccounts.smartaccounts.wire import amount
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.staging.drifts import BOOKED_DIFFERENTLY, Found, note_drift, note_told_before
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.quarantine import resolve
from scoro_smartaccounts.staging.waiting import stop_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest

log = logging.getLogger(__name__)

# What is told of a sum that is none: what stands there may be anything, so it is not repeated.
NO_AMOUNT = "?"


def note_booked(
    connection: Connection,
    request: RunRequest,
    *,
    source_id: str,
    number: str,
    predicted: Mapping[str, Any],
    body: Mapping[str, Any],
    answer: Mapping[str, Any],
    now: datetime,
) -> None:
    """Note that a document is in the books: it waits for nothing any more, and every difference of its sums or number
    from its plan is an alarm, one of the due date a warning.

    Within the transaction that links it.
    """
    close_document(connection, request, [source_id])
    document = phrase(request.flow.noun, number=number)
    if answer.get("dueDate") not in (None, "", body["dueDate"]):
        told = reason("due_date_differs", there=str(answer["dueDate"]), here=body["dueDate"]).about(document)
        store_findings(connection, request, [Finding(source_id, told)], codes=())
    differences = compare_amounts(predicted, answer, is_credit=body.get("type") == CREDIT)
    there, here = str(answer.get("invoiceNumber") or ""), str(body["invoiceNumber"])
    if there and there.lstrip("0") != here.lstrip("0"):
        differences.append(phrase("number_instead", there=there, here=here))
    if differences:
        why = reason(BOOKED_DIFFERENTLY, document=document, differences=differences)
        sound_alarm(connection, request, source_id, why, now)


def sound_alarm(connection: Connection, request: RunRequest, source_id: str, why: Reason, now: datetime) -> None:
    """Tell that what was booked is not what was predicted: the run's summary does, and it stays open among the
    differences until somebody has looked at it."""
    log.error("%s", render(why))
    store_findings(connection, request, [Finding(source_id, why)], codes=())
    key, flow = request.company.key, request.flow.value
    note_drift(connection, key, Found("books", BOOKED_DIFFERENTLY, flow, why, source_id), now)
    # A night has nothing new to tell of it.
    note_told_before(connection, key, "books", flow, {source_id: now})


def close_document(connection: Connection, request: RunRequest, source_ids: list[str]) -> None:
    """Documents that are linked are in quarantine no more and wait for nothing."""
    resolve(connection, request, source_ids)
    stop_waiting(connection, request, source_ids)


def compare_amounts(predicted: Mapping[str, Any], answer: Mapping[str, Any], *, is_credit: bool) -> list[Phrase]:
    """Where the answer's net, VAT, rounding or total is not the predicted one. Amounts that it does not give are
    not compared; credit invoices may be told with either sign."""
    sign = 1
    if is_credit and (amount(answer.get("totalAmount")) or 0) < 0:
        sign = -1
    found = []
    for name, key in (("net", "amount"), ("vat", "vatAmount"), ("rounding", "roundAmount"), ("total", "totalAmount")):
        expected = Decimal(predicted[name])
        if (said := amount(answer.get(key))) is not None:
            if said * sign != expected:
                found.append(phrase(f"{name}_instead", there=said * sign, here=expected))
        elif is_no_amount(answer.get(key)):
            found.append(phrase(f"{name}_instead", there=NO_AMOUNT, here=expected))
    return found


def is_no_amount(value: object) -> bool:
    """Whether something stands in an answer where an amount should, and is none."""
    return value not in (None, "") and amount(value) is None
