"""The schedule of the daily flows: one run for each Tallinn day, when the day is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from pendulum import DateTime

ZONE = "Europe/Tallinn"


class TallinnDayTimetable(CronDataIntervalTimetable):
    """Data intervals from Tallinn midnight to the next one.

    Airflow reads the dates of its backfill form in the time zone that the browser chose, and sends the first
    moment of the first day and the last moment of the last day. Both are brought to the Tallinn day that was
    meant, so that the same two dates give the same runs from any zone between UTC-9 and UTC+14.

    `delay` lets a flow start later than the others; the interval stays the day.
    """

    def __init__(self, delay: timedelta = timedelta()) -> None:
        super().__init__("0 0 * * *", ZONE)
        self._delay = delay
        moment = f"{delay // timedelta(minutes=1)} minutes after" if delay else "at"
        self.description = f"Every Tallinn day, {moment} the midnight that ends it"

    @property
    def summary(self) -> str:
        """The schedule as the list of DAGs shows it."""
        hours, minutes = divmod(self._delay // timedelta(minutes=1), 60)
        return f"daily at {hours:02}:{minutes:02}, Tallinn" if self._delay else "daily, Tallinn"

    def serialize(self) -> dict[str, Any]:
        """Return what varies between two instances."""
        return {"delay": self._delay.total_seconds()} if self._delay else {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """Return the counterpart of `serialize`."""
        return cls(timedelta(seconds=data.get("delay", 0)))

    def next_dagrun_info(
        self,
        *,
        last_automated_data_interval: DataInterval | None,
        restriction: TimeRestriction,
    ) -> DagRunInfo | None:
        """Return the run after the last one, within bounds that mean whole Tallinn days."""
        info = super().next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval,
            restriction=TimeRestriction(
                earliest=restriction.earliest and self._nearest_midnight(restriction.earliest),
                latest=restriction.latest and self._start_of_last_day(restriction.latest),
                catchup=restriction.catchup,
            ),
        )
        return info and info._replace(run_after=info.run_after + self._delay)

    def _nearest_midnight(self, moment: DateTime) -> DateTime:
        return self._align_to_prev(moment + timedelta(hours=12))

    def _start_of_last_day(self, moment: DateTime) -> DateTime:
        """`moment`, or the start of the day that ends with the minute of `moment` in some zone's clock."""
        if moment.minute % 15 != 14:
            return moment
        day_after = self._nearest_midnight(moment.replace(second=0, microsecond=0) + timedelta(minutes=1))
        return self._get_prev(day_after)
