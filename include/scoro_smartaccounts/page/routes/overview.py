"""The first screen: what waits, both connections, the flows, the days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import DatabaseAway
from scoro_smartaccounts.page.access import Reader, Visitor, asking_id, asks, audit_id, dag_id
from scoro_smartaccounts.page.airflow_api import AirflowApi
from scoro_smartaccounts.page.connections import limits_of, pages_of
from scoro_smartaccounts.page.database import reading
from scoro_smartaccounts.page.queries.overview import Overview, overview_of
from scoro_smartaccounts.page.rendering import shown


def add_to(router: APIRouter) -> None:
    """Add the address."""
    router.get("/")(show_overview)


async def show_overview(
    request: Request, visitor: Reader, month: Annotated[str, Query(pattern=r"^(20\d\d-\d\d)?$")] = ""
) -> Response:
    """Show it; `month` as in `2026-01`."""
    try:
        chosen = date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        raise HTTPException(422) from None
    api = AirflowApi(request)
    going_on = await api.going_on(visitor.company)
    paused = await api.paused(visitor.company)
    systems = await run_in_threadpool(pages_of, visitor.company)
    try:
        found = await run_in_threadpool(_read, visitor.company, chosen, going_on)
    except DatabaseAway:
        return _without_database(request, visitor, paused, systems)
    asleep = _asleep(visitor.company, paused)
    is_unwatched = paused.get(audit_id(visitor.company), False)
    waiting = found.waiting
    needs_asking = asks(visitor.company) or bool(waiting.unasked or waiting.approvals)
    nobody_asks = needs_asking and paused.get(asking_id(visitor.company), False)
    content: dict[str, Any] = {"overview": found, "asleep": asleep, "systems": systems, "is_unwatched": is_unwatched}
    return shown(request, "overview.html", visitor, **content, nobody_asks=nobody_asks)


def _without_database(
    request: Request, visitor: Visitor, paused: Mapping[str, bool], systems: Mapping[str, str]
) -> Response:
    dags = {flow: dag_id(visitor.company, flow) for flow in Flow}
    content: dict[str, Any] = {"dags": dags, "asleep": _asleep(visitor.company, paused), "systems": systems}
    return shown(request, "overview_away.html", visitor, status=503, **content)


def _asleep(company: Company, paused: Mapping[str, bool]) -> dict[Flow, str]:
    """Return the flows whose DAGs do not run, and the words for why."""
    states = {flow: paused.get(dag_id(company, flow)) for flow in Flow}
    return {flow: "is_paused" if known else "is_unknown" for flow, known in states.items() if known is not False}


def _read(company: Company, month: date | None, going_on: Collection[str]) -> Overview:
    limits = limits_of(company)
    with reading(company) as connection:
        return overview_of(connection, company, limits, utc_now(), month, going_on)
