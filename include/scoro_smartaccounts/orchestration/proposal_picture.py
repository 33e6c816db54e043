"""What the trigger form of an import shows as the next days: a picture that the API server draws when it is asked.

A parameter's description is fixed when the DAG is read, and must be: text that changes by the day would be a new DAG
version each day. A picture in it is not.
"""

from __future__ import annotations

import logging
from html import escape
from textwrap import wrap
from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import APIRouter, Depends, HTTPException, Path, Response

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.company import Company, load_companies
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.orchestration.services import staging_url
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.days_to_import import read_coverage

log = logging.getLogger(__name__)

WIDTH = 300

router = APIRouter()


@router.get(
    "/proposals/{dag_id}/picture.svg",
    dependencies=[Depends(requires_access_dag("GET"))],
    response_class=Response,
)
def draw_proposal(dag_id: Annotated[str, Path()]) -> Response:
    """Return the next days to import of a DAG, for whoever may see the DAG. 404 for a DAG that imports nothing."""
    for company in load_companies():
        for flow in Flow:
            if not flow.is_export and dag_id == f"{flow.dag_id}{company.dag_suffix}":
                return _drawn(_said(company, flow))
    raise HTTPException(404)


def _said(company: Company, flow: Flow) -> str:
    try:
        return _read(company, flow)
    except PipelineError as problem:
        log.warning("The days of %s cannot be read: %s", flow.dag_id, problem)
        return "The days cannot be read at the moment; a run takes them nevertheless."


@guarded()
def _read(company: Company, flow: Flow) -> str:
    engine = make_engine(staging_url(company.connections.staging))
    try:
        with engine.begin() as connection:
            return str(read_coverage(connection, company, flow, tallinn_day(utc_now())))
    finally:
        engine.dispose()


def _drawn(text: str) -> Response:
    """Text as a picture, in a grey that shows on light and dark. The form shrinks wider ones."""
    lines = wrap(text, 42)
    rows = "".join(f'<text y="{13 + 18 * number}">{escape(line)}</text>' for number, line in enumerate(lines))
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{18 * len(lines)}" role="img"'
        f' aria-label="{escape(text)}" font-family="sans-serif" font-size="13" font-weight="bold" fill="#718096">'
        f"{rows}</svg>"
    )
    headers: dict[str, Any] = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'"}
    return Response(picture, media_type="image/svg+xml", headers=headers)
