"""Roles of Airflow's FAB auth manager for people of the books: `python -m scoro_smartaccounts.orchestration.roles`.

FAB's own Viewer and User see every DAG, but neither the pages of plugins nor what waits for an answer. A role made here
sees and runs the DAGs of the companies whose files name it under `access`, and no others. Safe to repeat: it adds what
is missing, and takes nothing away.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from scoro_smartaccounts.common.company import Company, load_companies
from scoro_smartaccounts.orchestration.access import knows_roles

ACCOUNTANT, VIEWER = "Accountant", "Bookkeeper viewer"

Permissions = tuple[tuple[str, str], ...]

# What belongs to a DAG is asked for beside the DAG itself, which `access_control` grants.
SEE: Permissions = (
    ("can_read", "Website"),
    ("can_read", "DAG Runs"),
    ("can_read", "DAG Versions"),
    ("can_read", "DAG Warnings"),
    ("can_read", "Task Instances"),
    ("can_read", "Task Logs"),
    ("can_read", "XComs"),
    ("can_read", "HITL Detail"),
    ("can_read", "Plugins"),
    ("can_read", "My Profile"),
    ("can_edit", "My Profile"),
    ("can_read", "My Password"),
    ("can_edit", "My Password"),
    ("menu_access", "Browse"),
    ("menu_access", "DAGs"),
    ("menu_access", "DAG Runs"),
    ("menu_access", "Task Instances"),
    ("menu_access", "HITL Detail"),
)
RUN: Permissions = (
    *SEE,
    ("can_create", "DAG Runs"),
    ("can_edit", "DAG Runs"),
    ("can_create", "Task Instances"),
    ("can_edit", "Task Instances"),
    ("can_edit", "HITL Detail"),
)


def wanted(companies: Iterable[Company]) -> dict[str, Permissions]:
    """Role → permissions: the two of this package, and those that the company files name."""
    roles = {VIEWER: SEE, ACCOUNTANT: RUN}
    for company in companies:
        if company.access is not None:
            roles |= {name: SEE for name in company.access.see if name not in roles}
            roles |= dict.fromkeys((*company.access.run, *company.approval.roles), RUN)
    return roles


def main() -> int:
    """Make the roles."""
    if not knows_roles():
        print("This Airflow's auth manager has no roles that can be made: nothing to do.")  # noqa: T201
        return 0
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
    from airflow.providers.fab.auth_manager.security_manager.constants import EXISTING_ROLES

    roles = {name: each for name, each in wanted(load_companies()).items() if name not in EXISTING_ROLES}
    with get_application_builder() as builder:
        builder.sm.bulk_sync_roles([{"role": name, "perms": each} for name, each in roles.items()])
    print(f"Roles in Airflow: {', '.join(sorted(roles))}.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
