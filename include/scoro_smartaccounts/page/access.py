"""Who opens the page, and what of it: asked of Airflow's auth manager at every route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException, Query, Request

from scoro_smartaccounts.common.company import Company, Mode, default_folder, load_companies
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.access import ASKING, may_answer
from scoro_smartaccounts.orchestration.answer_gate import roles_of

_SAFE = ("GET", "HEAD", "OPTIONS")


class Denied(HTTPException):
    """What somebody may not do. `key`: the words that say why, with their values; `is_seen`: whether there is a company
    that they may look at."""

    def __init__(self, key: str, *, is_seen: bool = True, **values: str) -> None:
        super().__init__(403, key)
        self.key = key
        self.values = values
        self.is_seen = is_seen


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user of Airflow and the company that is looked at. `companies`: those whose DAGs the user may see; `may_run`:
    whether the user may start the company's runs, `may_answer` its questions; `is_only`: whether there is no other
    company, be it seen or not."""

    user: Any
    companies: Sequence[Company]
    company: Company
    may_run: bool
    may_answer: bool
    is_only: bool


def same_site(request: Request, _: GetUserDep) -> None:
    """Refuse what changes something and does not come from a page of this server: 403; 401 to who is not logged in."""
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = {request.headers.get("host", ""), urlsplit(conf.get("api", "base_url", fallback="") or "").netloc} - {""}
    is_own = site == "same-origin" if site else urlsplit(origin or "").netloc in own
    if not is_own:
        raise Denied("denied_other_site")


def somebody(_: GetUserDep) -> None:
    """Ask for a login, and for nothing more."""


def reader(user: GetUserDep, company: Annotated[str, Query()] = "") -> Visitor:
    """Return who visits which company. `company`: its key; without one the first that the user may see. 403 for a
    company that the user may not see, or that there is none of."""
    known = companies()
    seen = [each for each in known if _may_see(user, each)]
    chosen = next((each for each in seen if company in ("", each.key)), None)
    if chosen is None:
        raise Denied("denied_company" if seen else "denied_all", is_seen=bool(seen))
    may_run = _allows(user, "POST", [dag_id(chosen, Flow.SALES_INVOICES)], DagAccessEntity.RUN)
    asking = [f"{name}{chosen.dag_suffix}" for name in ASKING]
    answers = may_answer(chosen, user.get_name(), roles_of(user))
    return Visitor(
        user=user,
        companies=seen,
        company=chosen,
        is_only=len(known) == 1,
        may_run=may_run,
        may_answer=answers and _allows(user, "PUT", asking, DagAccessEntity.HITL_DETAIL),
    )


Reader = Annotated[Visitor, Depends(reader)]


def editor(visitor: Reader) -> Visitor:
    """Return who may start the company's runs; 403 for others."""
    if not visitor.may_run:
        raise Denied("denied_change", company=visitor.company.name)
    return visitor


def approver(visitor: Reader) -> Visitor:
    """Return who answers the company's questions; 403 for others, whatever else they may."""
    if not visitor.may_answer:
        raise Denied("denied_answer", company=visitor.company.name)
    return visitor


Editor = Annotated[Visitor, Depends(editor)]
Approver = Annotated[Visitor, Depends(approver)]


def dag_id(company: Company, flow: Flow) -> str:
    """Return the name of the company's DAG of a flow."""
    return f"{flow.dag_id}{company.dag_suffix}"


def audit_id(company: Company) -> str:
    """Return the name of the DAG that watches whether the company's books still agree."""
    return f"audit_books{company.dag_suffix}"


def asking_id(company: Company) -> str:
    """Return the name of the DAG that asks the accountant about plans of the company."""
    return f"approve_plans{company.dag_suffix}"


def asks(company: Company) -> bool:
    """Whether the company file lets runs ask the accountant."""
    return Mode.APPROVE in (company.mode.scheduled, company.mode.manual, company.mode.by_hand)


def companies() -> Sequence[Company]:
    """All companies, read anew where a file changed. Raises ConfigurationError where one cannot be read."""
    folder = default_folder()
    found = ((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yaml")))
    return _read(str(folder), tuple(found))


@lru_cache(maxsize=1)
def _read(_folder: str, _files: tuple[tuple[str, int], ...]) -> Sequence[Company]:
    return load_companies()


def _may_see(user: Any, company: Company) -> bool:
    # Airflow says yes of a DAG that does not exist: only those of the company files are asked for.
    return _allows(user, "GET", [dag_id(company, flow) for flow in Flow])


def _allows(user: Any, method: Any, dag_ids: Sequence[str], entity: DagAccessEntity | None = None) -> bool:
    """Whether Airflow lets the user do this with all of these DAGs."""
    teams = DagModel.get_dag_id_to_team_name_mapping(list(dag_ids)) if conf.getboolean("core", "multi_team") else {}
    manager = get_auth_manager()
    return all(
        manager.is_authorized_dag(
            method=method, access_entity=entity, details=DagDetails(id=each, team_name=teams.get(each)), user=user
        )
        for each in dag_ids
    )
