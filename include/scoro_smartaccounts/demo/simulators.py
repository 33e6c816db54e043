"""The two simulated services: how they are started, and the Airflow connections that reach them."""

from __future__ import annotations

import json
import sys

from scoro_smartaccounts.demo.layout import HOST, Layout, Ports

SEED = 7
SCORO_LOGIN = {"login": "demo", "password": "demo-scoro-api-key"}
SMARTACCOUNTS_LOGIN = {"login": "demo-public-key", "password": "demo-secret-key"}


def processes(layout: Layout, ports: Ports) -> dict[str, list[str]]:
    """Name → command of both simulators; what they hold survives in the demo's folder."""
    return {
        "scoro-simulator": [
            *(sys.executable, "-m", "scoro_smartaccounts.sandbox.scoro"),
            *("--port", str(ports.scoro), "--state", str(layout.folder / "scoro.json"), "--seed", str(SEED)),
        ],
        "smartaccounts-simulator": [
            *(sys.executable, "-m", "scoro_smartaccounts.sandbox.smartaccounts"),
            *("--port", str(ports.smartaccounts), "--state", str(layout.folder / "smartaccounts.json")),
        ],
    }


def connections(ports: Ports) -> dict[str, str]:
    """The two connections as Airflow reads them from the environment."""
    scoro = {"conn_type": "scoro", "host": f"http://{HOST}:{ports.scoro}/", **SCORO_LOGIN}
    smartaccounts = {
        "conn_type": "smartaccounts",
        "host": f"http://{HOST}:{ports.smartaccounts}/api/",
        **SMARTACCOUNTS_LOGIN,
    }
    return {
        "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(scoro),
        "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(smartaccounts),
    }
