"""Who answers a question is looked at where the answer comes in: in Airflow's API server, which knows users and roles.

Airflow asks whether a user's id is among those that a question was assigned to, and knows no roles there. The gate
stands before Airflow's own routes and refuses whom the company file does not name; of those that it names it puts the
id beside the question. Where it does not run, Airflow refuses everybody (`orchestration.access.assigned_users`).

An answer that was given is kept in the task's state store, and what was shown in an XCom, until both are taken: nobody
writes there by hand, or an answer could be made up.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from scoro_smartaccounts.common.company import Company, load_companies
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.access import company_that_asks, may_answer

log = logging.getLogger(__name__)

_TASK = re.compile(
    r"/dags/(?P<dag_id>[^/]+)/dagRuns/(?P<run_id>[^/]+)/taskInstances/(?P<task_id>[^/]+)/(?P<rest>.+)", re.DOTALL
)


class AnswerGate:
    """ASGI middleware of the API server."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request on, or answer it with a refusal."""
        if scope["type"] == "http" and scope["method"] in ("PATCH", "PUT", "POST"):
            found = _TASK.search(scope["path"])
            refusal = await _refusal(scope, found) if found else None
            if refusal is not None:
                from fastapi.responses import JSONResponse

                status, detail = refusal
                await JSONResponse({"detail": detail}, status)(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _refusal(scope: Any, task: re.Match[str]) -> tuple[int, str] | None:
    """Status and sentence of a request about a task that is not handed on."""
    # Rather too much than too little: Airflow's routes forgive a line feed at the end, and blanks around numbers.
    is_kept = task["rest"].startswith(("state-store", "xcomEntries"))
    if not is_kept and "hitlDetails" not in task["rest"]:
        return None
    try:
        company = company_that_asks(task["dag_id"], load_companies())
    except ConfigurationError as problem:
        log.warning("Who may answer cannot be told: %s", problem)
        return 503, "The company files cannot be read, so nobody answers now. Airflow's log says what is wrong in them."
    if company is None:
        return None
    if is_kept:
        return 403, "What a question and its answer leave behind is written by the task alone, never by hand."
    return await _refusal_of_answer(scope, task, company) if company.approval.names_somebody else None


async def _refusal_of_answer(scope: Any, task: re.Match[str], company: Company) -> tuple[int, str] | None:
    from fastapi import HTTPException
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request

    try:
        user = await asking_user(Request(scope))
    except HTTPException as refused:
        return refused.status_code, str(refused.detail)
    if not may_answer(company, user.get_name(), roles_of(user)):
        return 403, (
            f"You are not among those who answer for {company.name}: {company.key}.yaml names them under approval."
            " Nothing was done, and the question stays open."
        )
    await run_in_threadpool(_assign, task, user)
    return None


async def asking_user(request: Any) -> Any:
    """Airflow's user who sends a request. Raises HTTPException where it is nobody's."""
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user

    return await get_user(request, None, await bearer_scheme(request))


def roles_of(user: Any) -> list[str]:
    """Names of a user's roles: FAB knows several, the simple auth manager one."""
    own = getattr(user, "role", None)
    return [role.name for role in getattr(user, "roles", ())] + ([str(own)] if own else [])


def _assign(task: re.Match[str], user: Any) -> None:
    """Put a user who may answer among those that Airflow asks for."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        details = session.scalars(
            select(HITLDetail)
            .join(TaskInstance, TaskInstance.id == HITLDetail.ti_id)
            .where(
                TaskInstance.dag_id == task["dag_id"],
                TaskInstance.run_id == task["run_id"],
                TaskInstance.task_id == task["task_id"],
            )
        )
        for detail in details:
            assigned = detail.assignees or []
            if assigned and user.get_id() not in [each["id"] for each in assigned]:
                detail.assignees = [*assigned, {"id": user.get_id(), "name": user.get_name()}]
