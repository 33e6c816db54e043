"""Which database of the embedded server is a company's staging database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from sqlalchemy import URL

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import STAGING, Layout
from scoro_smartaccounts_demo.processes import WrongDemoUsage
from scoro_smartaccounts_demo.target import Variables, is_simulated


def given_variables(names: Variables) -> dict[str, str]:
    """Those that the environment sets."""
    return {name: os.environ[name] for name in names.all if os.environ.get(name)}


def database_of(company: Company, given: Mapping[str, str]) -> str:
    """Return the name of the database for what the environment names.

    What was linked for one pair of services must never be taken for another's. Raises DemoError as `is_simulated`.
    """
    if is_simulated(company, given):
        return STAGING
    services = "\n".join(given[name] for name in Variables.of(company).services)
    return f"{STAGING}_{hashlib.blake2b(services.encode(), digest_size=5).hexdigest()}"


def staging_to_ask(company: Company) -> URL:
    """Return the database that runs of the company work on where no staging connection is named.

    Raises WrongDemoUsage where runs would refuse to, or where none was ever made.
    """
    names = Variables.of(company)
    wrong = WrongDemoUsage(
        f"{names.staging} is not set: set it to the staging database of company {company.key} (postgres://…), or start"
        " the demo once (for company default only)."
    )
    try:
        name = database_of(company, given_variables(names))
    except WrongDemoUsage:
        raise wrong from None
    layout = Layout.of_project()
    if not layout.database.exists():
        raise wrong
    return Database.start(layout.database).url(name)
