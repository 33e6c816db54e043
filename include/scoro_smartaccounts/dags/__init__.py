"""The DAGs of every company: what, when, in which order.

`dags/` has a file for each; an Airflow that is there already takes all of them by one file in its own folder of DAGs:

    # The DAGs between Scoro and SmartAccounts, for Airflow.
    from scoro_smartaccounts.dags import define_dags
    define_dags()
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def define_dags() -> None:
    """Define every DAG of every company."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}").define_dags()
