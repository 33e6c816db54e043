"""What one run by hand works on: services that the environment names, or the demo's simulators, never one of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE, on_this_machine
from scoro_smartaccounts.common.company import DEFAULT_KEY, Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_demo.processes import WrongDemoUsage

RECONCILE_IDS = "reconcile_ids"
DAG_IDS = (*(flow.dag_id for flow in Flow), RECONCILE_IDS)


@dataclass(frozen=True, slots=True)
class Variables:
    """Names of the variables of the environment that hold a company's Airflow connections."""

    scoro: str
    smartaccounts: str
    staging: str

    @classmethod
    def of(cls, company: Company) -> Variables:
        """As Airflow derives them from the connection ids of the company's file."""
        ids = company.connections
        return cls(*(f"AIRFLOW_CONN_{each.upper()}" for each in (ids.scoro, ids.smartaccounts, ids.staging)))

    @property
    def services(self) -> tuple[str, str]:
        """Those of both services."""
        return self.scoro, self.smartaccounts

    @property
    def all(self) -> tuple[str, str, str]:
        """Those of both services and of the staging database."""
        return (*self.services, self.staging)


def company_of(dag_id: str, companies: Iterable[Company]) -> Company:
    """Return the company that a DAG belongs to. Raises WrongDemoUsage when no company file makes such a DAG."""
    by_dag = {f"{dag_id}{company.dag_suffix}": company for company in companies for dag_id in DAG_IDS}
    if dag_id in by_dag:
        return by_dag[dag_id]
    key = dag_id.partition("__")[2]
    hint = f" A company {key} needs a file {key}.yaml among the company files." if key else ""
    raise WrongDemoUsage(f"There is no DAG {dag_id}; there are: {', '.join(by_dag)}.{hint}")


def has_days(dag_id: str) -> bool:
    """Whether the DAG's runs are about days and have a mode."""
    return dag_id.partition("__")[0] != RECONCILE_IDS


def is_simulated(company: Company, given: Collection[str]) -> bool:
    """Whether a run works on the simulators, by the names of the variables that are set.

    Raises WrongDemoUsage where a simulator would stand in for only one of two services, or for those of a company that
    the demo does not know.
    """
    names = Variables.of(company)
    services = names.services
    missing = [name for name in services if name not in given]
    if not missing:
        return False
    if len(missing) < len(services):
        (present,) = (name for name in services if name in given)
        instead = f", or unset {present} to run on the demo's simulators" if company.key == DEFAULT_KEY else ""
        raise WrongDemoUsage(
            f"{missing[0]} is not set, but {present} is. A simulator never stands in for one of two services:"
            f" set {missing[0]} too{instead}."
        )
    if company.key != DEFAULT_KEY:
        raise WrongDemoUsage(
            f"{' and '.join(missing)} are not set. The demo simulates the services of the company {DEFAULT_KEY} only:"
            f" set both to connect company {company.key}."
        )
    if names.staging in given:
        raise WrongDemoUsage(
            f"{names.staging} is set, but {' and '.join(services)} are not. What is linked for simulated services does"
            " not belong into another staging database than the demo's: set these too, or unset that one."
        )
    return True


def hosts_on_this_machine(connections: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that lets keys go to simulators on this machine too, where the environment's own connections
    (JSON or URI) name such: whoever starts the run has set both."""
    named = environment.get(HOSTS_VARIABLE, "").split(",")
    found = [on_this_machine(_host_of(connection)) for connection in connections]
    return {HOSTS_VARIABLE: ",".join(dict.fromkeys(filter(None, (*named, *found))))}


def _host_of(connection: str) -> str:
    """Return the host field of an Airflow connection, empty where it cannot be read."""
    if connection.lstrip().startswith("{"):
        try:
            return str(json.loads(connection).get("host") or "")
        except ValueError:
            return ""
    return unquote(connection.partition("://")[2].rpartition("@")[2].partition("?")[0].rstrip("/"))
