"""Airflow's public API, asked in this process in the name of who looks at the page: Airflow decides what they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from fastapi import HTTPException, Request

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.approval import APPROVE, LEAVE_OUT

FINAL = ("success", "failed")


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task of a run; `state` is None before its turn."""

    task_id: str
    state: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunState:
    """A run of a DAG; its tasks in their order. `by`: who started it; `has_days`: whether that named days; `asked`: all
    that it named."""

    state: str
    by: str
    tasks: tuple[TaskState, ...]
    has_days: bool = True
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it goes on."""
        return self.state in FINAL

    @property
    def has_failed_step(self) -> bool:
        """Whether a task failed by itself or was failed: there is a log to look into."""
        return any(each.state == "failed" for each in self.tasks)


@dataclass(frozen=True, slots=True)
class DagState:
    """Whether a DAG is paused, and when its schedule starts it next; None: it has none."""

    is_paused: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a task asks, as Airflow keeps it. `option`: what was chosen; `left_out`: but for which."""

    is_answered: bool
    by: str
    at: datetime | None
    option: str = ""
    left_out: Sequence[str] = ()

    @property
    def what(self) -> str:
        """What was answered: `approve`, `approve_but` or `reject`."""
        if self.option != APPROVE:
            return "reject"
        return "approve_but" if self.left_out else "approve"


class AirflowApi:
    """The few calls that the page makes."""

    def __init__(self, request: Request) -> None:
        self._app = request.scope["airflow"]
        token = request.headers.get("authorization") or f"Bearer {request.cookies.get(COOKIE_NAME_JWT_TOKEN, '')}"
        self._headers = {"authorization": token}

    async def paused(self, company: Company) -> dict[str, bool]:
        """Return whether the company's DAGs are paused, of those that Airflow knows and can run."""
        return {name: each.is_paused for name, each in (await self.dags(company)).items()}

    async def dags(self, company: Company) -> dict[str, DagState]:
        """Return the company's DAGs, of those that Airflow knows and can run: their file is there and is read without
        an error."""
        answer = await self._call("GET", "/dags", params={"tags": f"company {company.key}", "limit": "50"})
        found = _done(answer).json()["dags"]
        return {
            each["dag_id"]: DagState(each["is_paused"], _moment(each.get("next_dagrun_run_after")))
            for each in found
            if not each.get("has_import_errors")
        }

    async def going_on(self, company: Company) -> frozenset[str]:
        """Return the keys of runs of the company's DAGs that are not over, whatever they wait for."""
        params = {"state": ["running", "queued"], "order_by": "start_date", "limit": "100"}
        answer = await self._call("GET", "/dags/~/dagRuns", params=params)
        found = answer.json()["dag_runs"] if answer.is_success else []
        own = [each for each in found if ("__" + each["dag_id"].partition("__")[2]) == (company.dag_suffix or "__")]
        return frozenset(f"{each['dag_id']}/{each['dag_run_id']}" for each in own)

    async def enable(self, dag_id: str) -> None:
        """Let a DAG run."""
        _done(await self._call("PATCH", f"/dags/{quote(dag_id)}", {"is_paused": False}))

    async def has_open_backfill(self, dag_id: str) -> bool:
        """Whether a backfill of the DAG goes on."""
        answer = await self._call("GET", "/backfills", params={"dag_id": dag_id, "limit": "100"})
        found = answer.json()["backfills"] if answer.is_success else []
        return any(each["completed_at"] is None for each in found)

    async def start(self, dag_id: str, conf: dict[str, str]) -> str:
        """Start a run by hand; its id."""
        answer = await self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", {"logical_date": None, "conf": conf})
        return str(_done(answer).json()["dag_run_id"])

    async def run(self, dag_id: str, run_id: str) -> RunState | None:
        """Return how far a run is; None where there is none."""
        where = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
        answer = await self._call("GET", where)
        if answer.status_code == 404:
            return None
        run = _done(answer).json()
        tasks = _done(await self._call("GET", f"{where}/taskInstances", params={"limit": "50"})).json()
        states = tuple(
            TaskState(each["task_id"], each["state"], _moment(each["end_date"])) for each in tasks["task_instances"]
        )
        asked = run.get("conf") or {}
        return RunState(run["state"], _starter(run), states, bool(asked.get("date_from")), asked)

    async def newest(self, dag_id: str) -> dict[str, RunState]:
        """Return the newest runs of a DAG by their ids, without their tasks."""
        params = {"order_by": "-run_after", "limit": "50"}
        answer = await self._call("GET", f"/dags/{quote(dag_id)}/dagRuns", params=params)
        found = answer.json()["dag_runs"] if answer.is_success else []
        return {each["dag_run_id"]: RunState(each["state"], _starter(each), ()) for each in found}

    async def question(self, dag_id: str, run_id: str, task_id: str) -> Question | None:
        """Return what Airflow keeps of a question; None where it keeps none."""
        answer = await self._call("GET", _question_of(dag_id, run_id, task_id))
        if not answer.is_success:
            return None
        kept = answer.json()
        by = (kept.get("responded_by_user") or {}).get("name") or ""
        return Question(
            bool(kept["response_received"]),
            str(by),
            _moment(kept.get("responded_at")),
            option=next(iter(kept.get("chosen_options") or []), ""),
            left_out=(kept.get("params_input") or {}).get(LEAVE_OUT) or [],
        )

    async def answer(self, dag_id: str, run_id: str, task_id: str, option: str, given: dict[str, list[str]]) -> bool:
        """Answer a question; False where somebody was first."""
        body = {"chosen_options": [option], "params_input": given}
        answer = await self._call("PATCH", _question_of(dag_id, run_id, task_id), body)
        if answer.status_code == 409:
            return False
        _done(answer)
        return True

    async def _call(
        self, method: str, path: str, body: Any = None, params: dict[str, Any] | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow", headers=self._headers) as client:
            return await client.request(method, f"/api/v2{path}", json=body, params=params)


class AirflowRefused(HTTPException):
    """Airflow did not do what it was asked for; `detail`: its words."""


def _done(answer: httpx.Response) -> httpx.Response:
    """Return an answer that says yes; what Airflow refuses, the page refuses with its words."""
    if answer.is_success:
        return answer
    detail = answer.json().get("detail") if "json" in answer.headers.get("content-type", "") else None
    raise AirflowRefused(answer.status_code, detail if isinstance(detail, str) else "")


def _question_of(dag_id: str, run_id: str, task_id: str) -> str:
    return f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}/-1/hitlDetails"


def _starter(run: Mapping[str, Any]) -> str:
    return str(run.get("triggering_user_name") or "")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
