"""The old door to `common.run` and `services`, for scripts outside the package."""

from scoro_smartaccounts.common.clock import TALLINN, Clock, tallinn_day, utc_now
from scoro_smartaccounts.common.run import Counts, Folder, ReconcileRequest, RunKind, RunRequest, refuse_stronger
from scoro_smartaccounts.services import Services, priority_of

__all__ = [
    "TALLINN",
    "Clock",
    "Counts",
    "Folder",
    "ReconcileRequest",
    "RunKind",
    "RunRequest",
    "Services",
    "priority_of",
    "refuse_stronger",
    "tallinn_day",
    "utc_now",
]
