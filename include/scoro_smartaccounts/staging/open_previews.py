"""Previews that nobody followed: their days were not imported since, and no later run took them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Connection, Text, bindparam, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.common.documents import Flow

# The export covers no days: whatever wrote since took what a preview saw.
_OPEN = text(
    """
select p.run_key from run p
where p.company = :company and p.flow = :flow and p.run_key = any(:run_keys) and p.mode = 'preview'
  and not exists (
    select from run r
    where r.company = p.company and r.flow = p.flow and r.started_at > p.started_at
      and (r.date_from <= p.date_from and r.date_to >= p.date_to or :is_export and r.mode <> 'preview'))
  and (:is_export or exists (
    select from generate_series(p.date_from, p.date_to, interval '1 day') as days (day)
    where not exists (
      select from coverage c
      where c.company = p.company and c.flow = p.flow and c.day = cast(days.day as date))))
"""
).bindparams(bindparam("run_keys", type_=ARRAY(Text)))


def open_previews(connection: Connection, company: str, flow: Flow, run_keys: Sequence[str]) -> set[str]:
    """Return those of the runs that are such previews."""
    values = {"company": company, "flow": flow.value, "run_keys": list(run_keys), "is_export": flow.is_export}
    return set(connection.scalars(_OPEN, values))
