"""Audit: how the last night was, what differs and what of it a person takes as it is, and the control totals."""

from __future__ import annotations

from datetime import date
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.command_line import command_line
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.periods import Said
from scoro_smartaccounts.common.periods import month_of as month_of_day
from scoro_smartaccounts.orchestration.services import output_folder
from scoro_smartaccounts.page.access import Editor, Reader, Visitor, audit_id
from scoro_smartaccounts.page.airflow_api import AirflowApi
from scoro_smartaccounts.page.database import engine_of, reading
from scoro_smartaccounts.page.queries.audit import Audit, audit_of, case_of, month_of, named
from scoro_smartaccounts.page.queries.bars import HEIGHT
from scoro_smartaccounts.page.queries.undoing import one_undo
from scoro_smartaccounts.page.rendering import go_to, language_of, shown
from scoro_smartaccounts.report.words import word
from scoro_smartaccounts.staging.control_totals import last_page, note_reviewed
from scoro_smartaccounts.staging.drifts import open_case
from scoro_smartaccounts.staging.periods import say
from scoro_smartaccounts.totals.words import VALUES
from scoro_smartaccounts.totals.write import FOLDER
from scoro_smartaccounts.undo.approving import is_run, show_plan

_MONTH = r"20\d\d-(0[1-9]|1[0-2])"
Month = Annotated[str, Path(pattern=f"^{_MONTH}$")]
# A number as PostgreSQL has them.
Number = Annotated[int, Path(ge=1, lt=2**63)]
FILE_TYPES = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Word = Annotated[str, Query(max_length=100)]


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/audit")(show_audit)
    router.get("/audit/months/{month}")(show_month)
    router.post("/audit/months/{month}")(review_month)
    router.post("/audit/months/{month}/return")(say_of_return)
    router.get("/audit/cases/{drift}")(show_case)
    router.post("/audit/cases/{drift}")(accept_case)
    router.post("/audit/enable")(enable)
    router.get("/audit/months/{month}/{name}")(give_file)
    router.post("/audit/undo")(plan_undo)
    router.get("/audit/undo/{plan}")(show_undo)


async def show_audit(
    request: Request,
    visitor: Reader,
    before: Annotated[str, Query(pattern=f"^({_MONTH})?$")] = "",
    said: Annotated[Literal["accepted"] | None, Query()] = None,
    done: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show it. `before`: a month, of which earlier ones are shown; `said`, `done`: what came of an answer."""
    found = await run_in_threadpool(_read, visitor.company, _first(before) if before else None)
    is_paused = (await AirflowApi(request).paused(visitor.company)).get(audit_id(visitor.company), False)
    content = {"found": found, "is_paused": is_paused, "before": before, "said": said, "done": done}
    return _shown(request, "audit.html", visitor, **content)


async def enable(request: Request, visitor: Editor) -> Response:
    """Let the nights go on."""
    await AirflowApi(request).enable(audit_id(visitor.company))
    return go_to(request, visitor, "/audit")


def show_month(
    request: Request,
    visitor: Reader,
    month: Month,
    *,
    measure: Word = "",
    bridge: Word = "",
    flow: Word = "",
    currency: Word = "",
    vat_code: Word = "",
    said: Annotated[Literal["filed", "reopened", "reviewed", "missed"] | None, Query()] = None,
) -> Response:
    """Show a month's totals and what makes them differ; with a measure, what makes that total differ. `said`: what the
    visitor said of it just now; `missed`: that it was looked at, which was not noted."""
    place = {"measure": measure, "bridge": bridge, "flow": flow, "currency": currency, "vat_code": vat_code}
    with reading(visitor.company) as connection:
        found = month_of(connection, visitor.company.key, _first(month), place if measure else {}, utc_now())
    if found is None:
        raise HTTPException(404)
    place_of = place if measure else None
    return _shown(request, "audit_month.html", visitor, found=found, place_of=place_of, said=said)


def review_month(
    request: Request, visitor: Editor, month: Month, seen: Annotated[str, Form(max_length=64)]
) -> Response:
    """Note that the visitor has looked at the page of a month. `seen`: its hash; another was written meanwhile: no."""
    key = visitor.company.key
    with engine_of(visitor.company).begin() as connection:
        page = last_page(connection, key, _first(month))
        if page is None:
            raise HTTPException(404)
        is_same = page.hash == seen and not page.reviewed_by
        if is_same:
            note_reviewed(connection, key, page.id, utc_now(), visitor.user.get_name())
    return go_to(request, visitor, f"/audit/months/{month}", said="reviewed" if is_same else "missed")


def say_of_return(
    request: Request, visitor: Editor, month: Month, said: Annotated[Literal["filed", "reopened"], Form()]
) -> Response:
    """Keep that the VAT return of a month is filed as it stands, or that the month is open again. 404 for a month of
    which no page was written, 422 for one that is not over."""
    key, first, now = visitor.company.key, _first(month), utc_now()
    if first >= month_of_day(tallinn_day(now)):
        raise HTTPException(422)
    with engine_of(visitor.company).begin() as connection:
        if last_page(connection, key, first) is None:
            raise HTTPException(404)
        say(connection, key, first, Said(said), now, by=visitor.user.get_name())
    return go_to(request, visitor, f"/audit/months/{month}", said=said)


def give_file(request: Request, visitor: Reader, month: Month, name: str) -> Response:
    """Return a file that was written of a month: one that its newest page names, and as it was written."""
    with reading(visitor.company) as connection:
        page = last_page(connection, visitor.company.key, _first(month))
    if page is None or name not in page.files:
        raise HTTPException(404)
    try:
        content = (output_folder() / visitor.company.key / FOLDER / name).read_bytes()
    except OSError:
        content = None
    if content is None or sha256(content).hexdigest() != page.files[name]:
        return _shown(
            request, "no_file.html", visitor, status=404, name=name, month=month, is_other=content is not None
        )
    kind = FILE_TYPES[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def plan_undo(request: Request, visitor: Editor, run: Annotated[str, Form(max_length=300)]) -> Response:
    """Plan how a run is taken back, as the command `undo` does: neither service is asked, and nothing is deleted. 404
    for a run that there is not."""
    with engine_of(visitor.company).begin() as connection:
        if not is_run(connection, visitor.company.key, run):
            raise HTTPException(404)
        plan = show_plan(connection, visitor.company, run, utc_now())
    return go_to(request, visitor, f"/audit/undo/{plan.id}")


def show_undo(request: Request, visitor: Reader, plan: Number) -> Response:
    """Show a plan that takes a run back: what it deletes, in its order, and what is left to people."""
    with reading(visitor.company) as connection:
        found = one_undo(connection, visitor.company.key, plan)
    if found is None:
        raise HTTPException(404)
    dag = f"undo_import{visitor.company.dag_suffix}"
    approve = command_line(visitor.company.key, "undo", found.plan.run_key, f"--approve={found.plan.plan_hash}")
    return shown(request, "undo.html", visitor, undo=found, dag=dag, approve=approve)


def show_case(
    request: Request, visitor: Reader, drift: Number, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> Response:
    """Show the documents of a case of drifts, those behind `after`."""
    with reading(visitor.company) as connection:
        found = case_of(connection, visitor.company.key, drift, after)
    if found is None:
        raise HTTPException(404)
    return _shown(request, "audit_case.html", visitor, found=found)


def accept_case(
    request: Request,
    visitor: Editor,
    drift: Number,
    seen: Annotated[str, Form(max_length=64)],
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Take a case of drifts as it is. `seen`: its mark; what is another case by now is not accepted."""
    key, done = visitor.company.key, 0
    with engine_of(visitor.company).begin() as connection:
        case = open_case(connection, key, drift)
        if case is not None and case.mark == seen:
            by = visitor.user.get_name()
            done = len(accept(connection, key, drift, utc_now(), by=by, note=note.strip()))
    return go_to(request, visitor, "/audit", said="accepted", done=done)


def _shown(request: Request, template: str, visitor: Visitor, **content: Any) -> Response:
    value = partial(word, VALUES, language=language_of(request))
    return shown(request, template, visitor, named=named, value=value, height=HEIGHT, **content)


def _read(company: Company, before: date | None) -> Audit:
    with reading(company) as connection:
        return audit_of(connection, company.key, utc_now(), before)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
