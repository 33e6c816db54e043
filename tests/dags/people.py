"""People with the roles of Airflow and of this package, on a real Airflow with each auth manager."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from scoro_smartaccounts_demo import airflow
from tests.dags.conftest import ROOT

FAB = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
PASSWORD = "kolm sammu-õhtul"
ACME = "__acme"

# Company default goes by the roles that ship, and mari answers; acme has roles of its own, of which one answers.
FAB_PEOPLE = {
    "admin": ["Admin"],
    "op": ["Op"],
    "user": ["User"],
    "viewer": ["Viewer"],
    "accountant": ["Accountant"],
    "reader": ["Bookkeeper viewer"],
    "mari": ["Accountant"],
    "acme": ["Acme accountant"],
    "auditor": ["Acme auditor"],
}
# This auth manager knows one role a person, and no company; its own spelling of a role counts.
SIMPLE_PEOPLE = {"admin": "admin", "op": "op", "user": "user", "viewer": "viewer", "mari": "user", "acme": "user"}
ANSWERS = {"": {"users": ["mari"]}, ACME: {"users": ["juhan"], "roles": ["Acme accountant"]}}

_MAKE_USERS = """
import json, sys
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from scoro_smartaccounts.orchestration import roles
assert roles.main() == 0
people, password = json.loads(sys.argv[1]), sys.argv[2]
with get_application_builder() as builder:
    for name, theirs in people.items():
        found = [builder.sm.find_role(role) for role in theirs]
        assert builder.sm.add_user(name, name, name, f"{name}@example.org", found, password), name
"""


def write_companies(folder: Path) -> None:
    """Both companies' files."""
    content = yaml.safe_load((ROOT / "include/companies/default.yaml").read_text("utf-8"))
    content["mode"] = {"scheduled": "approve", "manual": "preview"}
    content["approval"] = ANSWERS[""]
    (folder / "default.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    content["name"] = "Acme OÜ"
    content["connections"] = {"scoro": "scoro_acme", "smartaccounts": "smartaccounts_acme"}
    content["approval"] = ANSWERS[ACME]
    content["access"] = {"see": ["Acme auditor"], "run": ["Acme accountant"]}
    (folder / "acme.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def fab_settings() -> dict[str, str]:
    """What an Airflow with FAB is told."""
    # FAB takes five logins in 40 seconds from one address; the tests' people all sit at this one.
    return {"AIRFLOW__CORE__AUTH_MANAGER": FAB, "AIRFLOW__FAB__AUTH_RATE_LIMITED": "False"}


def simple_settings(folder: Path) -> dict[str, str]:
    """What an Airflow with the simple auth manager is told; its passwords go into the folder."""
    passwords = folder / "simple_passwords.json"
    passwords.write_text(json.dumps(dict.fromkeys(SIMPLE_PEOPLE, PASSWORD)), "utf-8")
    return {
        "AIRFLOW__CORE__AUTH_MANAGER": SIMPLE,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in SIMPLE_PEOPLE.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }


def make_roles_and_people(environment: Mapping[str, str]) -> None:
    """The roles of this package, as its command makes them, and FAB's users."""
    command = [sys.executable, "-c", _MAKE_USERS, json.dumps(FAB_PEOPLE), PASSWORD]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@dataclass
class Person:
    """One user of one Airflow."""

    url: str
    name: str
    password: str = PASSWORD
    _token: str = ""

    def ask(
        self, method: str, path: str, body: Any = None, headers_too: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """What Airflow answers to the person."""
        if not self._token:
            login = {"username": self.name, "password": self.password}
            answer = requests.post(f"{self.url}/auth/token", json=login, timeout=60)
            assert answer.status_code == 201, answer.text
            self._token = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {self._token}", **(headers_too or {})}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=60, **options)

    def may(self, method: str, path: str, body: Any = None) -> bool:
        """Whether Airflow lets the person do it."""
        answer = self.ask(method, path, body)
        assert answer.status_code < 500, answer.text
        return answer.status_code not in (401, 403)


def dag_processor_once(environment: Mapping[str, str]) -> None:
    """Read the DAGs once, as the DAG processor does; their access goes into FAB's tables."""
    command = [*airflow.AIRFLOW, "dags", "reserialize"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
