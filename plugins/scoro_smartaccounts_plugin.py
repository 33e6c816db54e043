"""Tells Airflow of the timetable, of the picture in the trigger form, and of the gates before answers and connections.

Airflow runs every file of this folder, in every process: keep it the only one, and light.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from scoro_smartaccounts.orchestration.answer_gate import AnswerGate
from scoro_smartaccounts.orchestration.connection_gate import ConnectionGate
from scoro_smartaccounts.orchestration.params import PREFIX
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """Serve the API server's own pages of this package, loaded when one is asked for."""
    from scoro_smartaccounts.orchestration.proposal_picture import app

    await app(scope, receive, send)


class ScoroSmartAccountsPlugin(AirflowPlugin):
    """Everything that is registered and not discovered."""

    name = "scoro_smartaccounts"
    timetables: list[Any] = [TallinnDayTimetable]  # noqa: RUF012
    fastapi_apps: list[Any] = [{"app": pages, "url_prefix": PREFIX, "name": name}]  # noqa: RUF012
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012
        {"middleware": AnswerGate, "name": "answers"},
        {"middleware": ConnectionGate, "name": "connections"},
    ]
