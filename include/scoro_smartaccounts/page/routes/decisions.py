"""Decisions: whatever a person is asked is answered here, by the functions that the command line and Airflow's own
questions use."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import questions
from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.orchestration.approval import APPROVE, LEAVE_OUT, REJECT
from scoro_smartaccounts.page.access import Approver, Editor, Reader, Visitor, asking_id, asks
from scoro_smartaccounts.page.airflow_api import AirflowApi
from scoro_smartaccounts.page.database import engine_of, reading
from scoro_smartaccounts.page.queries.decisions import Decisions, cases_of, decisions_of
from scoro_smartaccounts.page.rendering import go_to, language_of, shown
from scoro_smartaccounts.page.words import said as word_of
from scoro_smartaccounts.plan.entry_days import PERIOD_ASK
from scoro_smartaccounts.reconcile_ids import decide as links
from scoro_smartaccounts.reconcile_ids.question import pair_of
from scoro_smartaccounts.staging import quarantine
from scoro_smartaccounts.staging.answers import Choice
from scoro_smartaccounts.staging.asked import answered_by
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.proposals import Pair
from scoro_smartaccounts.staging.quarantine import ID_PREFIX, StoredCase

ASKING_TASK = "ask_accountant"
RUN_KEY = "page"

# What came of an answer, as the address of the next page has it.
Said = Literal[
    "retry",
    "dismiss",
    "own_month",
    "first_open_day",
    "back",
    "same",
    "other",
    "approve",
    "reject",
    "asking",
    "enabled",
    "too_late",
]
Ids = Annotated[list[str], Form()]


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/decisions")(show_decisions)
    router.get("/decisions/cases")(show_cases)
    router.post("/decisions/cases")(decide_cases)
    router.post("/decisions/cases/back")(take_cases_back)
    router.post("/decisions/pairs")(decide_pairs)
    router.post("/decisions/pairs/back")(take_pairs_back)
    router.post("/decisions/approval")(answer_question)
    router.post("/decisions/ask")(ask_now)


async def show_decisions(
    request: Request,
    visitor: Reader,
    said: Annotated[Said | None, Query()] = None,
    done: Annotated[int, Query(ge=0)] = 0,
    missed: Annotated[int, Query(ge=0)] = 0,
    run: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Show everything that waits. `said`, `done`, `missed`: what came of an answer that was given just now; `run`: the
    run whose question somebody else answered first."""
    found, first = await run_in_threadpool(_read, visitor.company, run)
    api = AirflowApi(request)
    asked = {each.run_key: await api.question(*_run_of(each.run_key), ASKING_TASK) for each in found.questions}
    if run and first is None and (kept := await api.question(*_run_of(run), ASKING_TASK)) is not None:
        # The task has not taken the answer yet.
        first = (kept.by, kept.at) if kept.at is not None else None
    needs_asking = asks(visitor.company) or bool(found.waiting.unasked or found.questions)
    return shown(
        request,
        "decisions.html",
        visitor,
        found=found,
        asked=asked,
        said=said,
        done=done,
        missed=missed,
        first=first,
        policy=visitor.company.approval,
        nobody_asks=needs_asking and (await api.paused(visitor.company)).get(asking_id(visitor.company), False),
    )


def show_cases(
    request: Request,
    visitor: Reader,
    flow: Annotated[Flow, Query()],
    code: Annotated[str, Query(max_length=100)] = "",
    document: Annotated[str, Query(max_length=100)] = "",
    *,
    needs_note: Annotated[bool, Query()] = False,
    ticked: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Show the documents that wait for one reason, or one of them. `needs_note`: a dismissal had none; `ticked`: which
    documents it was of."""
    with reading(visitor.company) as connection:
        groups = cases_of(connection, visitor.company.key, flow, code, document)
    content: dict[str, Any] = {"flow": flow, "code": code, "document": document, "groups": groups}
    content["questions"] = questions()
    return shown(request, "cases.html", visitor, needs_note=needs_note, ticked=frozenset(ticked), **content)


def decide_cases(
    request: Request,
    visitor: Editor,
    flow: Annotated[Flow, Form()],
    choice: Annotated[Literal["retry", "dismiss", "own_month", "first_open_day"], Form()],
    *,
    ids: Ids = [],  # noqa: B006 - FastAPI copies it
    note: Annotated[str, Form(max_length=1000)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    document: Annotated[str, Form(max_length=100)] = "",
    month: Annotated[str, Form(pattern=r"^(\d{4}-\d{2})?$")] = "",
) -> Response:
    """Release or dismiss cases, or say on which day documents of a `month` are entered; a dismissal needs a note."""
    if choice == "dismiss" and not note.strip():
        # To an address, so that it can be loaded again.
        asked = {"flow": flow.value, "code": code, "document": document, "needs_note": True, "ticked": ids}
        return go_to(request, visitor, "/decisions/cases", **asked)
    if choice == "own_month" and not month:
        raise HTTPException(422)
    decided = _decided(visitor, language_of(request), flow, choice, ids, note, month)
    missed = len(set(ids)) - len(decided)
    return go_to(request, visitor, "/decisions", said=choice, done=len(decided), missed=missed or "")


def take_cases_back(
    request: Request,
    visitor: Editor,
    flow: Annotated[Flow, Form()],
    ids: Ids = [],  # noqa: B006
) -> Response:
    """Open cases again whose answer no run has acted on."""
    with engine_of(visitor.company).begin() as connection:
        done = quarantine.take_back(connection, visitor.company.key, flow, ids)
    return go_to(request, visitor, "/decisions", said="back", done=done, missed=len(set(ids)) - done or "")


def decide_pairs(
    request: Request,
    visitor: Approver,
    choice: Annotated[str, Form(pattern="^(same|other|none)$")],
    pairs: Ids = [],  # noqa: B006
    candidates: Ids = [],  # noqa: B006
) -> Response:
    """Link pairs, or note that they are not the same; with `none` that none of the candidates is."""
    engine, company = engine_of(visitor.company), visitor.company
    wanted = _pairs(candidates if choice == "none" else pairs)
    by = visitor.user.get_name()
    if choice == "same":
        counts = links.accept_shown(engine, company, RUN_KEY, wanted, utc_now, by=by)
        return go_to(
            request, visitor, "/decisions", said="same", done=counts["accepted"], missed=counts["outdated"] or ""
        )
    counts = links.reject_shown(engine, company, wanted, utc_now, by=by)
    return go_to(request, visitor, "/decisions", said="other", done=counts["rejected"], missed=counts["outdated"] or "")


def take_pairs_back(request: Request, visitor: Approver, pairs: Ids = []) -> Response:  # noqa: B006
    """Open pairs again whose decision no run has acted on."""
    engine, by = engine_of(visitor.company), visitor.user.get_name()
    counts = links.take_back(engine, visitor.company, _pairs(pairs), utc_now, by=by)
    return go_to(
        request, visitor, "/decisions", said="back", done=counts["taken_back"], missed=counts["outdated"] or ""
    )


async def answer_question(
    request: Request,
    visitor: Approver,
    run: Annotated[str, Form(max_length=300)],
    choice: Annotated[str, Form(pattern="^(approve|reject)$")],
    leave_out: Ids = [],  # noqa: B006
) -> Response:
    """Answer the question of a run of `approve_plans`, as Airflow's own page does; Airflow keeps who did."""
    dag, run_id = _run_of(run)
    if dag != asking_id(visitor.company):
        raise HTTPException(404)
    option, given = (APPROVE, {LEAVE_OUT: leave_out}) if choice == "approve" else (REJECT, {})
    is_first = await AirflowApi(request).answer(dag, run_id, ASKING_TASK, option, given)
    said = {"said": choice} if is_first else {"said": "too_late", "run": run}
    return go_to(request, visitor, "/decisions", **said)


async def ask_now(request: Request, visitor: Editor) -> Response:
    """Let the accountant be asked: enable the DAG that does it, and start it where something waits to be asked about.
    While it was paused no run of it was queued."""
    api, dag = AirflowApi(request), asking_id(visitor.company)
    found, _ = await run_in_threadpool(_read, visitor.company, "")
    if (await api.paused(visitor.company)).get(dag):
        await api.enable(dag)
    if found.waiting.unasked:
        await api.start(dag, {})
    return go_to(request, visitor, "/decisions", said="asking" if found.waiting.unasked else "enabled")


def _read(company: Company, run: str) -> tuple[Decisions, tuple[str, datetime] | None]:
    with reading(company) as connection:
        return decisions_of(connection, company), answered_by(connection, company.key, run) if run else None


def _decided(
    visitor: Visitor, language: Language, flow: Flow, choice: str, ids: list[str], note: str, month: str
) -> list[StoredCase]:
    key, names = visitor.company.key, [f"{ID_PREFIX}{each}" for each in ids]
    told = " · ".join(filter(None, (note.strip(), word_of(language, "decided_by", name=visitor.user.get_name()))))
    with engine_of(visitor.company).begin() as connection:
        if choice in ("retry", "dismiss"):
            decide = quarantine.release if choice == "retry" else quarantine.dismiss
            return decide(connection, key, names, told, flow)
        chosen = Choice(choice)
        return quarantine.choose(connection, key, names, chosen, code=PERIOD_ASK, month=month, note=told, flow=flow)


def _pairs(keys: list[str]) -> list[tuple[Kind, Pair]]:
    try:
        return [pair_of(key) for key in keys]
    except ValueError:
        raise HTTPException(422) from None


def _run_of(run_key: str) -> tuple[str, str]:
    dag, _, run_id = run_key.partition("/")
    return dag, run_id
