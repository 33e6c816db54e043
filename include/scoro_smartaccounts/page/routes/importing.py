"""An import by hand: the days, a preview, the list, the confirmation, how far it is, what came of it.

Runs are started through Airflow's API in the visitor's name; what they do is the DAG's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.access import Editor, Reader, asking_id, dag_id
from scoro_smartaccounts.page.airflow_api import AirflowApi
from scoro_smartaccounts.page.connections import limits_of
from scoro_smartaccounts.page.database import reading
from scoro_smartaccounts.page.queries.importing import Proposal, Result, proposal_of, result_of
from scoro_smartaccounts.page.rendering import go_to, shown

STEPS = ("extract_documents", "check_quality", "reconcile_and_plan", "load_documents", "summarize_run")
EXPORT_STEPS = ("read_payments", "check_quality", "plan_receipts", "send_receipts", "summarize_run")

FlowField = Annotated[Flow, Form()]
DayField = Annotated[str, Form(max_length=10)]

# What is wrong with the days of a form, as the address of the form has it.
Wrong = Literal["both_days", "both_or_none", "reversed"]


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/import")(choose_days)
    router.post("/import/enable")(enable)
    router.post("/import/start")(start)
    router.get("/import/run")(show_run)
    router.get("/import/progress")(show_progress)


async def choose_days(
    request: Request,
    visitor: Reader,
    flow: Annotated[Flow, Query()] = Flow.SALES_INVOICES,
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    wrong: Annotated[Wrong | None, Query()] = None,
) -> Response:
    """Show the flow and the days, those that are named or the next that are not imported, and what is in the way.
    `wrong`: what the named days were refused for."""
    dag = dag_id(visitor.company, flow)
    proposal = await run_in_threadpool(_proposal, visitor.company, flow)
    api = AirflowApi(request)
    paused = await api.paused(visitor.company)
    days = proposal.coverage.proposal if proposal.coverage else None
    named = {"first": first, "last": last}
    if not (first or last) and days is not None:
        named = {"first": days.first.isoformat(), "last": days.last.isoformat()}
    return shown(
        request,
        "import.html",
        visitor,
        flow=flow,
        flows=tuple(Flow),
        named=named,
        proposal=proposal,
        dag=dag,
        is_unknown=dag not in paused,
        is_paused=paused.get(dag, False),
        wrong=wrong,
        has_backfill=await api.has_open_backfill(dag),
        nobody_asks=_nobody_asks(visitor.company, flow, paused),
        is_off=flow.is_export and not visitor.company.export_payments.enabled,
    )


async def enable(request: Request, visitor: Editor, flow: FlowField) -> Response:
    """Let the flow's DAG run."""
    await AirflowApi(request).enable(dag_id(visitor.company, flow))
    return go_to(request, visitor, "/import", flow=flow.value)


async def start(
    request: Request,
    visitor: Editor,
    flow: FlowField,
    mode: Annotated[Mode, Form()],
    first: DayField = "",
    last: DayField = "",
) -> Response:
    """Start a run over the days, and lead to where it shows how far it is."""
    dag, api = dag_id(visitor.company, flow), AirflowApi(request)
    wrong = _wrong(flow, first, last)
    if wrong or (await api.paused(visitor.company)).get(dag, True):
        # A run would wait for ever without a word, or not begin; the form says so.
        named = {"flow": flow.value, "from": first, "to": last, "wrong": wrong or ""}
        return go_to(request, visitor, "/import", **named)
    days = {"date_from": first, "date_to": last} if first else {}
    run_id = await api.start(dag, {**days, "mode": mode.value})
    return go_to(request, visitor, "/import/run", flow=flow.value, run=run_id)


async def show_run(
    request: Request, visitor: Reader, flow: Annotated[Flow, Query()], run: Annotated[str, Query(max_length=250)]
) -> Response:
    """Show how far a run is, or what came of it."""
    return await _shown(request, visitor, flow, run, "run.html")


async def show_progress(
    request: Request, visitor: Reader, flow: Annotated[Flow, Query()], run: Annotated[str, Query(max_length=250)]
) -> Response:
    """Show how far a run is, as a part of its page; once it is over the page is loaded anew."""
    return await _shown(request, visitor, flow, run, "progress.html")


async def _shown(request: Request, visitor: Reader, flow: Flow, run_id: str, template: str) -> Response:
    dag, api = dag_id(visitor.company, flow), AirflowApi(request)
    state = await api.run(dag, run_id)
    if state is None:
        raise HTTPException(404)
    is_part = template == "progress.html"
    paused = await api.paused(visitor.company) if not (is_part and state.is_over) else {}
    proposal = await run_in_threadpool(_proposal, visitor.company, flow)
    result = None
    if state.is_over and not is_part:
        result = await run_in_threadpool(_result, visitor.company, f"{dag}/{run_id}")
    strongest = visitor.company.mode.by_hand
    answer = shown(
        request,
        template,
        visitor,
        flow=flow,
        run_id=run_id,
        run_key=f"{dag}/{run_id}",
        state=state,
        is_paused=not state.is_over and paused.get(dag, False),
        nobody_asks=_nobody_asks(visitor.company, flow, paused),
        tasks={each.task_id: each for each in state.tasks},
        steps=EXPORT_STEPS if flow.is_export else STEPS,
        free_at=proposal.free_at,
        result=result,
        strongest=Mode.IMPORT if flow.is_export else strongest,
    )
    if is_part and state.is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _nobody_asks(company: Company, flow: Flow, paused: Mapping[str, bool]) -> bool:
    """Whether what is put up for approval by hand would wait for a question that nobody asks."""
    return not flow.is_export and company.mode.by_hand is Mode.APPROVE and paused.get(asking_id(company), False)


def _proposal(company: Company, flow: Flow) -> Proposal:
    limits = limits_of(company)
    with reading(company) as connection:
        return proposal_of(connection, company, flow, limits, utc_now())


def _result(company: Company, run_key: str) -> Result | None:
    with reading(company) as connection:
        return result_of(connection, company, run_key)


def _wrong(flow: Flow, first: str, last: str) -> Wrong | None:
    """Return what is wrong with the days of a form."""
    if flow.is_export and not (first or last):
        return None
    try:
        is_reversed = date.fromisoformat(first) > date.fromisoformat(last)
    except ValueError:
        return "both_or_none" if flow.is_export else "both_days"
    return "reversed" if is_reversed else None
