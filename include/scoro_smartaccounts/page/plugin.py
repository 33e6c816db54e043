"""Tells Airflow of the page, of the timetable, of the picture in the trigger form, and of the gates before answers and
connections.

Airflow finds it by its entry point and loads it in every process: keep it light.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from scoro_smartaccounts.orchestration.answer_gate import AnswerGate
from scoro_smartaccounts.orchestration.connection_gate import ConnectionGate
from scoro_smartaccounts.orchestration.params import PREFIX, page_address
from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """Serve the API server's own pages of this package, loaded when one is asked for. They ask `airflow`, the
    application around them, in the name of who looks at them."""
    from scoro_smartaccounts.page.app import app

    await app({**scope, "airflow": scope.get("app")}, receive, send)


class ScoroSmartAccountsPlugin(AirflowPlugin):
    """Everything that is registered and not discovered."""

    name = "scoro_smartaccounts"
    timetables: list[Any] = [TallinnDayTimetable]  # noqa: RUF012
    fastapi_apps: list[Any] = [{"app": pages, "url_prefix": PREFIX, "name": name}]  # noqa: RUF012
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Scoro",
            "href": page_address("/"),
            "url_route": "scoro",
            "nav_top_level": True,
            "icon": page_address("/static/icon.svg"),
            "icon_dark_mode": page_address("/static/icon.svg"),
        },
        {
            "name": "Scoro",
            "href": page_address("/dag/{DAG_ID}"),
            "url_route": "scoro-dag",
            "destination": "dag",
            "icon": page_address("/static/icon.svg"),
        },
    ]
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012
        {"middleware": AnswerGate, "name": "answers"},
        {"middleware": ConnectionGate, "name": "connections"},
    ]
