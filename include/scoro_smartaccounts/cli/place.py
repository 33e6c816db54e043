"""What a command works on: a company, and the staging database that the environment names."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from sqlalchemy import Engine

from scoro_smartaccounts.cli import beside
from scoro_smartaccounts.common.company import Company, load_companies
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.staging.database import airflow_url, make_engine


@dataclass(frozen=True, slots=True)
class Place:
    """A company and its staging database."""

    company: Company
    engine: Engine


def place_of(key: str) -> Place:
    """Return the place of the company with this key. Raises ConfigurationError where there is none."""
    company = _company(key)
    return Place(company, _staging(company))


def _company(key: str) -> Company:
    companies = {company.key: company for company in load_companies()}
    if key not in companies:
        raise ConfigurationError(f"no company {key}; there are: {', '.join(companies)}")
    return companies[key]


def _staging(company: Company) -> Engine:
    """Return the database that the environment names as an Airflow connection, else the demo's, which is said."""
    variable = f"AIRFLOW_CONN_{company.connections.staging.upper()}"
    if connection := os.environ.get(variable):
        return make_engine(airflow_url(connection))
    if (demo := beside.demo()) is None:
        raise ConfigurationError(f"{variable} is not set: set it to the staging database (postgres://…)")
    url = demo.staging_of(company)
    print(f"{variable} is not set: this is the demo's database {url.database}.", file=sys.stderr)
    return make_engine(url)
