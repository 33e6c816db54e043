"""Who may do what with a company's DAGs in Airflow, by its company file: see, run, answer."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf

from scoro_smartaccounts.common.company import Company

if TYPE_CHECKING:
    from airflow.sdk.execution_time.hitl import HITLUser

# The DAGs that ask a person, by the name before the company's suffix.
ASKING = ("approve_plans", "reconcile_ids")

_SEE = ("can_read",)
_RUN = ("can_read", "can_edit")


def knows_roles() -> bool:
    """Whether this Airflow's auth manager is FAB, which has roles of one's own; Airflow asks the same way."""
    return "FabAuthManager" in conf.get("core", "auth_manager")


def access_control(company: Company, *, asks: bool = False) -> dict[str, Any] | None:
    """Role → permissions on one DAG of the company; None: Airflow's administrator says it, or the auth manager knows
    none.

    `asks`: the DAG asks a person. Roles that answer see all of the company's DAGs, and edit those.
    """
    if company.access is None or not knows_roles():
        return None
    # Lists: the order of a set may differ at each reading, and a DAG that differs is a new version.
    # Airflow says so of every DAG that names roles, at each reading: it means itself.
    warnings.filterwarnings("ignore", message="The airflow.security.permissions module is deprecated")
    answering = company.approval.roles
    run = {*company.access.run, *(answering if asks else ())}
    roles = sorted({*company.access.see, *run, *answering})
    return {role: {"DAGs": list(_RUN if role in run else _SEE)} for role in roles}


def assigned_users(company: Company) -> list[HITLUser] | None:
    """Who answers, as Airflow keeps it with a question; None: whoever may edit the DAG.

    Airflow compares ids. Where a user's id is the name, users are compared by that. Roles, and users whose id is
    another, are nobody's id: Airflow itself then lets nobody answer, and `answer_gate` adds who may when they do.
    """
    policy = company.approval
    if not policy.names_somebody:
        return None
    # A name of digits must not be taken for another user's id.
    users: list[HITLUser] = [
        {"id": f"user:{name}" if name.isdecimal() else name, "name": name} for name in policy.users
    ]
    return users + [{"id": f"role:{name}", "name": f"role {name}"} for name in policy.roles]


def may_answer(company: Company, name: str, roles: Collection[str]) -> bool:
    """Whether a user answers the company's questions."""
    policy = company.approval
    return not policy.names_somebody or name in policy.users or not set(roles).isdisjoint(policy.roles)


def company_that_asks(dag_id: str, companies: Collection[Company]) -> Company | None:
    """Return the company whose question a DAG puts; None for a DAG that asks nothing."""
    return next(
        (company for company in companies if dag_id in [f"{name}{company.dag_suffix}" for name in ASKING]), None
    )
