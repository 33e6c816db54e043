"""What the steps of a run are, flow by flow.

A step's room is imported when the step begins: a process does one of them, and need not load the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

    Step = Callable[[RunRequest, Services], Counts]


@dataclass(frozen=True, slots=True)
class FlowSteps:
    """The steps of a flow; the last one, the summary, is the same for all. `plan_reads`: the plan step reads both sides
    by itself; `lists` writes what people read of the documents once they are loaded, or would be."""

    extract: Step
    check: Step
    plan: Step
    load: Step
    plan_reads: bool
    lists: Callable[[RunRequest, Services], None]


def _extract_documents(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.extract.documents import extract

    return extract(request, services)


def _check(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.quality.check import check

    return check(request, services)


def _plan_invoices(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.plan.invoices import reconcile_and_plan

    return reconcile_and_plan(request, services)


def _load_invoices(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.load.documents import load

    return load(request, services)


def _plan_payments(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.plan.payments import plan_payments

    return plan_payments(request, services)


def _load_payments(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.load.payments import load_payments

    return load_payments(request, services)


def _list_documents(request: RunRequest, services: Services) -> None:
    from scoro_smartaccounts.meeting.step import tell_of_meeting
    from scoro_smartaccounts.report.booked_before import list_booked_before

    tell_of_meeting(request, services)
    list_booked_before(request, services)
    if request.mode is not Mode.IMPORT:
        from scoro_smartaccounts.report.files import write_list

        write_list(request, services)


def _read_payments(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.extract.exported_payments import read_payments

    return read_payments(request, services)


def _check_receipts(request: RunRequest, services: Services) -> Counts:
    return _check(request, services) if request.company.export_payments.enabled else {}


def _plan_receipts(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.plan.receipts import plan_receipts

    return plan_receipts(request, services)


def _send_receipts(request: RunRequest, services: Services) -> Counts:
    from scoro_smartaccounts.load.receipts import send_receipts

    return send_receipts(request, services)


def _into_the_books(plan: Step, load: Step) -> FlowSteps:
    """Return the steps of a flow from Scoro to SmartAccounts."""
    return FlowSteps(_extract_documents, _check, plan, load, plan_reads=True, lists=_list_documents)


_INVOICES = _into_the_books(_plan_invoices, _load_invoices)

STEPS: Mapping[Flow, FlowSteps] = {
    Flow.SALES_INVOICES: _INVOICES,
    Flow.PURCHASE_INVOICES: _INVOICES,
    Flow.PAYMENTS: _into_the_books(_plan_payments, _load_payments),
    Flow.EXPORT_PAYMENTS: FlowSteps(
        extract=_read_payments,
        check=_check_receipts,
        plan=_plan_receipts,
        load=_send_receipts,
        plan_reads=False,
        lists=lambda *_: None,
    ),
}
