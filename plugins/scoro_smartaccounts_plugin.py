"""Tells Airflow of the timetable. Airflow runs every file of this folder: keep it the only one."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from scoro_smartaccounts.orchestration.timetable import TallinnDayTimetable


class ScoroSmartAccountsPlugin(AirflowPlugin):
    """Everything that is registered and not discovered."""

    name = "scoro_smartaccounts"
    timetables: list[Any] = [TallinnDayTimetable]  # noqa: RUF012
