"""Decisions: whatever a person is asked is answered here, by the functions that the command line and Airflow's own
questions use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.reasons import questions
from scoro_smartaccounts.orchestration.approval import APPROVE, LEAVE_OUT, REJECT
from scoro_smartaccounts.page.access import Approver, Editor, Reader, Visitor, asking_id, asks, dag_id
from scoro_smartaccounts.page.airflow_api import AirflowApi
from scoro_smartaccounts.page.database import engine_of, reading
from scoro_smartaccounts.page.next_run import NextRun, next_run_of
from scoro_smartaccounts.page.queries.decisions import (
    After,
    Decisions,
    cases_of,
    decisions_of,
    labels_of,
    waits_of,
)
from scoro_smartaccounts.page.rendering import go_to, shown
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
    "nothing_chosen",
    "all_left_out",
]
_NOTHING_DONE = ("nothing_chosen", "all_left_out")
# The next run acts on these.
_OF_NEXT_RUN = ("retry", "own_month", "first_open_day", "same", "other")
Ids = Annotated[list[str], Form()]
Behind = Annotated[str, Form(max_length=500)]
BehindOf = Annotated[str, Query(max_length=500)]
# Airflow writes addresses into its log, but for values that are called a secret.
NOTE = "note_secret"


@dataclass(frozen=True, slots=True)
class Answered:
    """What an address says of an answer that was given just now. `flow`: about documents of which; `run`: the run whose
    question somebody else answered first, or whose documents were all dismissed."""

    said: Annotated[Said | None, Query()] = None
    done: Annotated[int, Query(ge=0)] = 0
    missed: Annotated[int, Query(ge=0)] = 0
    run: Annotated[str, Query(max_length=300)] = ""
    flow: Annotated[Flow | None, Query()] = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What an address says of a form that was sent and of which nothing came: why, and what stood in it."""

    wrong: Annotated[Literal["note_needed", "nothing_chosen"] | None, Query()] = None
    month: Annotated[str, Query(max_length=7)] = ""
    note: Annotated[str, Query(alias=NOTE, max_length=1000)] = ""
    ticked: Annotated[tuple[str, ...], Query()] = ()


@dataclass(frozen=True, slots=True)
class CaseList:
    """Where a form of cases stood: of which reason or document, of which month, behind what the page began."""

    code: Annotated[str, Form(max_length=100)] = ""
    document: Annotated[str, Form(max_length=100)] = ""
    month: Annotated[str, Form(pattern=r"^(\d{4}-\d{2})?$")] = ""
    after: Behind = ""


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/decisions")(show_decisions)
    router.get("/decisions/cases")(show_cases)
    router.get("/decisions/waits")(show_waits)
    router.post("/decisions/cases")(decide_cases)
    router.post("/decisions/cases/back")(take_cases_back)
    router.post("/decisions/pairs")(decide_pairs)
    router.post("/decisions/pairs/back")(take_pairs_back)
    router.post("/decisions/approval")(answer_question)
    router.post("/decisions/ask")(ask_now)


def behind(
    after_pairs: BehindOf = "",
    after_conflicts: BehindOf = "",
    after_decided: BehindOf = "",
    after_decided_pairs: BehindOf = "",
) -> After:
    """Return behind what each list goes on."""
    return After(after_pairs, after_conflicts, after_decided, after_decided_pairs)


async def show_decisions(
    request: Request,
    visitor: Reader,
    after: Annotated[After, Depends(behind)],
    answered: Annotated[Answered, Depends()],
) -> Response:
    """Show everything that waits."""
    run = answered.run
    found, first = await run_in_threadpool(_read, visitor.company, run, after)
    api = AirflowApi(request)
    asked = {each.run_key: await api.question(*_run_of(each.run_key), ASKING_TASK) for each in found.questions}
    if run and first is None and (kept := await api.question(*_run_of(run), ASKING_TASK)) is not None:
        # The task has not taken the answer yet.
        first = (kept.by, kept.at) if kept.at is not None else None
    needs_asking = asks(visitor.company) or bool(found.waiting.unasked or found.questions)
    needs_next = answered.said in _OF_NEXT_RUN
    dags = await api.dags(visitor.company) if needs_asking or needs_next else {}
    flows = [answered.flow] if answered.flow else INTO_THE_BOOKS
    next_run = next_run_of(dags, [dag_id(visitor.company, each) for each in flows], utc_now()) if needs_next else None
    asking = dags.get(asking_id(visitor.company))
    return shown(
        request,
        "decisions.html",
        visitor,
        found=found,
        asked=asked,
        said=answered.said,
        done=answered.done,
        missed=answered.missed,
        is_nothing=answered.said in _NOTHING_DONE,
        first=first,
        run_key=run,
        next_run=next_run or NextRun(),
        policy=visitor.company.approval,
        nobody_asks=needs_asking and asking is not None and asking.is_paused,
    )


def show_cases(
    request: Request,
    visitor: Reader,
    flow: Annotated[Flow, Query()],
    sent: Annotated[Sent, Depends()],
    code: Annotated[str, Query(max_length=100)] = "",
    document: Annotated[str, Query(max_length=100)] = "",
    after: BehindOf = "",
) -> Response:
    """Show the documents that wait for one reason, or one of them."""
    try:
        with reading(visitor.company) as connection:
            found = cases_of(connection, visitor.company.key, flow, code, document, after)
    except ValueError:
        raise HTTPException(422) from None
    content: dict[str, Any] = {"flow": flow, "code": code, "document": document, "found": found}
    content["questions"] = questions()
    ticked = frozenset(sent.ticked)
    return shown(request, "cases.html", visitor, wrong=sent.wrong, sent=sent, ticked=ticked, **content)


def show_waits(
    request: Request,
    visitor: Reader,
    flow: Annotated[Flow, Query()],
    code: Annotated[str, Query(max_length=100)],
    after: BehindOf = "",
) -> Response:
    """Show the documents that wait for one reason and go on by themselves."""
    try:
        with reading(visitor.company) as connection:
            found = waits_of(connection, visitor.company.key, flow, code, after)
    except ValueError:
        raise HTTPException(422) from None
    return shown(request, "waits.html", visitor, flow=flow, code=code, found=found)


def decide_cases(
    request: Request,
    visitor: Editor,
    flow: Annotated[Flow, Form()],
    choice: Annotated[Literal["retry", "dismiss", "own_month", "first_open_day"], Form()],
    place: Annotated[CaseList, Depends()],
    ids: Ids = [],  # noqa: B006 - FastAPI copies it
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Release or dismiss cases, or say on which day documents of a month are entered; a dismissal needs a note."""
    wrong = "nothing_chosen" if not ids else "note_needed" if choice == "dismiss" and not note.strip() else ""
    if wrong:
        # To an address, so that it can be loaded again.
        form = {"flow": flow.value, **asdict(place), NOTE: note}
        return go_to(request, visitor, "/decisions/cases", wrong=wrong, ticked=ids, **form)
    if choice == "own_month" and not place.month:
        raise HTTPException(422)
    decided = _decided(visitor, flow, choice, ids, note, place.month)
    missed = len(set(ids)) - len(decided)
    of = flow.value if choice in _OF_NEXT_RUN else ""
    return go_to(request, visitor, "/decisions", said=choice, flow=of, done=len(decided), missed=missed or "")


def take_cases_back(
    request: Request,
    visitor: Editor,
    cases: Ids = [],  # noqa: B006
    after_decided: Behind = "",
) -> Response:
    """Open cases again whose answer no run has acted on. `cases`: flow and source id of each."""
    if not cases:
        return go_to(request, visitor, "/decisions", said="nothing_chosen", after_decided=after_decided)
    wanted, done = _cases(cases), 0
    with engine_of(visitor.company).begin() as connection:
        for flow, ids in wanted.items():
            done += quarantine.take_back(connection, visitor.company.key, flow, ids)
    missed = sum(map(len, wanted.values())) - done
    return go_to(request, visitor, "/decisions", said="back", done=done, missed=missed or "")


def decide_pairs(
    request: Request,
    visitor: Approver,
    choice: Annotated[str, Form(pattern="^(same|other|none)$")],
    pairs: Ids = [],  # noqa: B006
    candidates: Ids = [],  # noqa: B006
    after_pairs: Behind = "",
    after_conflicts: Behind = "",
) -> Response:
    """Link pairs, or note that they are not the same; with `none` that none of the candidates is."""
    engine, company = engine_of(visitor.company), visitor.company
    wanted = _pairs(candidates if choice == "none" else pairs)
    if not wanted:
        begun = {"after_pairs": after_pairs, "after_conflicts": after_conflicts}
        return go_to(request, visitor, "/decisions", said="nothing_chosen", **begun)
    by = visitor.user.get_name()
    if choice == "same":
        counts = links.accept_shown(engine, company, RUN_KEY, wanted, utc_now, by=by)
        return go_to(
            request, visitor, "/decisions", said="same", done=counts["accepted"], missed=counts["outdated"] or ""
        )
    counts = links.reject_shown(engine, company, wanted, utc_now, by=by)
    return go_to(request, visitor, "/decisions", said="other", done=counts["rejected"], missed=counts["outdated"] or "")


def take_pairs_back(
    request: Request,
    visitor: Approver,
    pairs: Ids = [],  # noqa: B006
    after_decided_pairs: Behind = "",
) -> Response:
    """Open pairs again whose decision no run has acted on."""
    if not pairs:
        return go_to(request, visitor, "/decisions", said="nothing_chosen", after_decided_pairs=after_decided_pairs)
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
    """Answer the question of a run of `approve_plans`, as Airflow's own page does; Airflow keeps who did. To approve
    with every document left out is no answer: who wants none of them rejects."""
    dag, run_id = _run_of(run)
    if dag != asking_id(visitor.company):
        raise HTTPException(404)
    if choice == "approve" and leave_out:
        asked = await run_in_threadpool(_labels, visitor.company, run)
        if asked and asked <= set(leave_out):
            return go_to(request, visitor, "/decisions", said="all_left_out", run=run)
    option, given = (APPROVE, {LEAVE_OUT: leave_out}) if choice == "approve" else (REJECT, {})
    is_first = await AirflowApi(request).answer(dag, run_id, ASKING_TASK, option, given)
    said = {"said": choice} if is_first else {"said": "too_late", "run": run}
    return go_to(request, visitor, "/decisions", **said)


async def ask_now(request: Request, visitor: Editor) -> Response:
    """Let the accountant be asked: enable the DAG that does it, and start it where something waits to be asked about.
    While it was paused no run of it was queued."""
    api, dag = AirflowApi(request), asking_id(visitor.company)
    found, _ = await run_in_threadpool(_read, visitor.company, "", After())
    if (await api.paused(visitor.company)).get(dag):
        await api.enable(dag)
    if found.waiting.unasked:
        await api.start(dag, {})
    return go_to(request, visitor, "/decisions", said="asking" if found.waiting.unasked else "enabled")


def _read(company: Company, run: str, after: After) -> tuple[Decisions, tuple[str, datetime] | None]:
    try:
        with reading(company) as connection:
            found = decisions_of(connection, company, after)
            return found, answered_by(connection, company.key, run) if run else None
    except ValueError:
        raise HTTPException(422) from None


def _labels(company: Company, run: str) -> set[str]:
    with reading(company) as connection:
        return labels_of(connection, company.key, run)


def _decided(visitor: Visitor, flow: Flow, choice: str, ids: list[str], note: str, month: str) -> list[StoredCase]:
    key, names = visitor.company.key, [f"{ID_PREFIX}{each}" for each in ids]
    # It is read in either language.
    told = ": ".join(filter(None, (visitor.user.get_name(), note.strip())))
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


def _cases(keys: list[str]) -> dict[Flow, set[str]]:
    found: dict[Flow, set[str]] = {}
    try:
        for flow, _, source_id in (key.partition(":") for key in keys):
            found.setdefault(Flow(flow), set()).add(source_id)
    except ValueError:
        raise HTTPException(422) from None
    return found


def _run_of(run_key: str) -> tuple[str, str]:
    dag, _, run_id = run_key.partition("/")
    return dag, run_id
