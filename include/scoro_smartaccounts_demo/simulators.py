"""The two simulated services: how they are started, and the Airflow connections that reach them."""

from __future__ import annotations

import json
import sys

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts_demo.layout import HOST, Layout, Ports

SEED = 7
INVOICES_PER_MONTH = 60
FIRST_DAY, LAST_DAY = "2026-01-01", "2026-03-31"
SHARE_OF_BAD = 0.1
# The real service takes 60: with these, ten days are in the books within a minute.
REQUESTS_PER_MINUTE = 1000
SCORO_LOGIN = {"login": "demo", "password": "demo-scoro-api-key"}
SMARTACCOUNTS_LOGIN = {"login": "demo-public-key", "password": "demo-secret-key"}


def processes(layout: Layout, ports: Ports) -> dict[str, list[str]]:
    """Name → command of both simulators; what they hold survives in the demo's folder."""
    return {
        "scoro-simulator": [
            *(sys.executable, "-m", "scoro_smartaccounts_sandbox.scoro", "--port", str(ports.scoro)),
            *("--state", str(layout.folder / "scoro.json"), "--seed", str(SEED), "--bad", str(SHARE_OF_BAD)),
            *("--from", FIRST_DAY, "--to", LAST_DAY, "--invoices-per-month", str(INVOICES_PER_MONTH)),
            *("--bad-bills", str(SHARE_OF_BAD)),
            *("--account", SCORO_LOGIN["login"], "--api-key", SCORO_LOGIN["password"]),
        ],
        "smartaccounts-simulator": [
            *(sys.executable, "-m", "scoro_smartaccounts_sandbox.smartaccounts", "--port", str(ports.smartaccounts)),
            *("--state", str(layout.folder / "smartaccounts.json")),
            *("--key", SMARTACCOUNTS_LOGIN["login"], "--secret", SMARTACCOUNTS_LOGIN["password"]),
            *("--requests-per-minute", str(REQUESTS_PER_MINUTE)),
        ],
    }


def connections(ports: Ports) -> dict[str, str]:
    """Return the two connections as Airflow reads them from the environment, and leave to reach them."""
    scoro = {"conn_type": "scoro", "host": f"http://{HOST}:{ports.scoro}/", **SCORO_LOGIN}
    smartaccounts = {
        "conn_type": "smartaccounts",
        "host": f"http://{HOST}:{ports.smartaccounts}/en/api/",
        **SMARTACCOUNTS_LOGIN,
        "extra": {"requests_per_minute": REQUESTS_PER_MINUTE},
    }
    return {
        "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(scoro),
        "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(smartaccounts),
        HOSTS_VARIABLE: f"{HOST}:{ports.scoro},{HOST}:{ports.smartaccounts}",
    }
