"""An import by hand: the days, a preview, the list, the confirmation, how far it is, what came of it.

Runs are started through Airflow's API in the visitor's name; what they do is the DAG's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.access import Editor, Reader, asking_id, asks, dag_id
from scoro_smartaccounts.page.airflow_api import AirflowApi, RunState
from scoro_smartaccounts.page.connections import limits_of
from scoro_smartaccounts.page.database import reading
from scoro_smartaccounts.page.queries.entries import ListedRun, listed_runs
from scoro_smartaccounts.page.queries.importing import Proposal, Result, begun, proposal_of, result_of
from scoro_smartaccounts.page.queries.overview import quota_of
from scoro_smartaccounts.page.rendering import go_to, shown
from scoro_smartaccounts.staging.runs import Entry

STEPS = ("extract_documents", "check_quality", "reconcile_and_plan", "load_documents", "summarize_run")
EXPORT_STEPS = ("read_payments", "check_quality", "plan_receipts", "send_receipts", "summarize_run")
# Of what the accountant approved.
APPROVED_STEPS = ("load_approved", "summarize_run")

FlowField = Annotated[Flow, Form()]
DayField = Annotated[str, Form(max_length=10)]

# What is wrong with the days of a form, as the address of the form has it.
Wrong = Literal["both_days", "both_or_none", "reversed", "before_first", "future"]


@dataclass(frozen=True, slots=True)
class Head:
    """What a run is about, as far as it is known: without days those are what is there."""

    first: date | None
    last: date | None
    mode: str


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
    proposal, runs = await run_in_threadpool(_offered, visitor.company, flow)
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
        may_ask=Mode.APPROVE in modes_of(visitor.company, flow),
        today=tallinn_day(utc_now()),
        runs=runs,
        of_airflow={f"{dag}/{run_id}": state for run_id, state in (await api.newest(dag)).items()},
    )


async def enable(
    request: Request,
    visitor: Editor,
    flow: FlowField,
    back: Annotated[Literal["import", "overview"], Form()] = "import",
) -> Response:
    """Let the flow's DAG run, and lead back to the screen where that was wanted."""
    await AirflowApi(request).enable(dag_id(visitor.company, flow))
    if back == "overview":
        return go_to(request, visitor, "/")
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
    wrong = _wrong(visitor.company, flow, first, last)
    if wrong or (await api.paused(visitor.company)).get(dag, True):
        # A run would wait for ever without a word, or not begin; the form says so.
        named = {"flow": flow.value, "from": first, "to": last, "wrong": wrong or ""}
        return go_to(request, visitor, "/import", **named)
    days = {"date_from": first, "date_to": last} if first else {}
    run_id = await api.start(dag, {**days, "mode": mode.value})
    return go_to(request, visitor, "/import/run", flow=flow.value, run=run_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run of a flow, as an address names it. `approved`: that of `approve_plans`, which booked what was approved."""

    flow: Annotated[Flow, Query()]
    run: Annotated[str, Query(max_length=250)]
    approved: Annotated[bool, Query()] = False

    def dag(self, company: Company) -> str:
        """Return the name of its DAG."""
        return asking_id(company) if self.approved else dag_id(company, self.flow)

    def key(self, company: Company) -> str:
        """Return how staging calls it."""
        return f"{self.dag(company)}/{self.run}" + (f"/{self.flow.value}" if self.approved else "")

    @property
    def steps(self) -> Sequence[str]:
        """Its steps."""
        if self.approved:
            return APPROVED_STEPS
        return EXPORT_STEPS if self.flow.is_export else STEPS

    @property
    def writing_step(self) -> str:
        """The one whose log tells what was written."""
        return self.steps[-2]


async def show_run(request: Request, visitor: Reader, wanted: Annotated[Wanted, Depends()]) -> Response:
    """Show how far a run is, or what came of it."""
    return await _shown(request, visitor, wanted, "run.html")


async def show_progress(request: Request, visitor: Reader, wanted: Annotated[Wanted, Depends()]) -> Response:
    """Show how far a run is, as a part of its page; once it is over the page is loaded anew."""
    return await _shown(request, visitor, wanted, "progress.html")


async def _shown(request: Request, visitor: Reader, wanted: Wanted, template: str) -> Response:
    company, flow, api = visitor.company, wanted.flow, AirflowApi(request)
    run_key = wanted.key(company)
    state = await api.run(wanted.dag(company), wanted.run)
    is_part = template == "progress.html"
    result, ledger, free_at = await run_in_threadpool(_known, company, run_key, is_part=is_part, state=state)
    if state is None:
        if result is None:
            raise HTTPException(404)
        # Airflow forgets old runs; what came of them stays known.
        state = RunState("success", "", (), has_days=not flow.is_export)
    paused = await api.paused(company) if not (is_part and state.is_over) else {}
    answer = shown(
        request,
        template,
        visitor,
        flow=flow,
        wanted=wanted,
        run_key=run_key,
        head=_head(ledger, state),
        state=state,
        is_paused=not state.is_over and paused.get(wanted.dag(company), False),
        nobody_asks=_nobody_asks(company, flow, paused),
        tasks={each.task_id: each for each in state.tasks},
        free_at=free_at,
        result=result,
        modes=modes_of(company, flow),
    )
    if is_part and state.is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


def modes_of(company: Company, flow: Flow) -> Sequence[Mode]:
    """Return how a person may have documents booked, as the company file has it: at once, or once they are approved.
    First what a run by hand is without another word, else the strongest."""
    if flow.is_export:
        return (Mode.IMPORT,)
    strongest = company.mode.by_hand
    wanted = [company.mode.manual, strongest, *([Mode.APPROVE] if asks(company) else [])]
    return tuple(dict.fromkeys(each for each in wanted if 0 < each.strength <= strongest.strength))


def _head(ledger: Entry | None, state: RunState) -> Head:
    """Return what a run is about: as it began, else as it was asked for."""
    if ledger is not None:
        return Head(ledger.date_from, ledger.date_to, ledger.mode)
    first, last = (_day(state.asked.get(name)) for name in ("date_from", "date_to"))
    named = str(state.asked.get("mode") or "")
    mode = named if named in tuple(Mode) else ""
    return Head(first, last, mode) if first and last else Head(None, None, mode)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _nobody_asks(company: Company, flow: Flow, paused: Mapping[str, bool]) -> bool:
    """Whether what is put up for approval by hand would wait for a question that nobody asks."""
    return Mode.APPROVE in modes_of(company, flow) and paused.get(asking_id(company), False)


def _offered(company: Company, flow: Flow) -> tuple[Proposal, Sequence[ListedRun]]:
    limits = limits_of(company)
    with reading(company) as connection:
        proposal = proposal_of(connection, company, flow, limits, utc_now())
        return proposal, listed_runs(connection, company.key, flow)


def _known(
    company: Company, run_key: str, *, is_part: bool, state: RunState | None
) -> tuple[Result | None, Entry | None, datetime | None]:
    """Return what came of a run that is over, what it is about, and when requests are free again."""
    limits = limits_of(company)
    with reading(company) as connection:
        free_at = quota_of(connection, company.key, limits, utc_now()).free_at
        if is_part and state is not None:
            return None, None, free_at
        if state is not None and not state.is_over:
            return None, begun(connection, company.key, run_key), free_at
        result = result_of(connection, company, run_key)
        return result, None if result is None else result.entry, free_at


def _wrong(company: Company, flow: Flow, first: str, last: str) -> Wrong | None:
    """Return what is wrong with the days of a form."""
    if flow.is_export and not (first or last):
        return None
    try:
        since, until = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return "both_or_none" if flow.is_export else "both_days"
    if since > until:
        return "reversed"
    if until > tallinn_day(utc_now()):
        return "future"
    return "before_first" if since < company.first_import_date and not flow.is_export else None
