"""What the steps of a run are, flow by flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import Counts, RunRequest
from scoro_smartaccounts.extract.documents import extract as extract_documents
from scoro_smartaccounts.extract.exported_payments import is_switched_off, read_payments
from scoro_smartaccounts.load.documents import load as load_documents
from scoro_smartaccounts.load.payments import load_payments
from scoro_smartaccounts.load.receipts import send_receipts
from scoro_smartaccounts.plan.invoices import reconcile_and_plan as plan_documents
from scoro_smartaccounts.plan.payments import plan_payments
from scoro_smartaccounts.plan.receipts import plan_receipts
from scoro_smartaccounts.quality.check import check as check_quality
from scoro_smartaccounts.report.booked_before import list_booked_before
from scoro_smartaccounts.report.files import write_list
from scoro_smartaccounts.services import Services

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def _into_the_books(plan: Step, load: Step) -> FlowSteps:
    """Return the steps of a flow from Scoro to SmartAccounts."""
    return FlowSteps(extract_documents, check_quality, plan, load, plan_reads=True, lists=_list_documents)


def _list_documents(request: RunRequest, services: Services) -> None:
    list_booked_before(request, services)
    if request.mode is not Mode.IMPORT:
        write_list(request, services)


def _check_receipts(request: RunRequest, services: Services) -> Counts:
    return {} if is_switched_off(request) else check_quality(request, services)


_INVOICES = _into_the_books(plan_documents, load_documents)

STEPS: Mapping[Flow, FlowSteps] = {
    Flow.SALES_INVOICES: _INVOICES,
    Flow.PURCHASE_INVOICES: _INVOICES,
    Flow.PAYMENTS: _into_the_books(plan_payments, load_payments),
    Flow.EXPORT_PAYMENTS: FlowSteps(
        extract=read_payments,
        check=_check_receipts,
        plan=plan_receipts,
        load=send_receipts,
        plan_reads=False,
        lists=lambda *_: None,
    ),
}
