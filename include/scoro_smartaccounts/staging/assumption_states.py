"""How the services are read where no source tells it and their own records do. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.staging.schema import assumption_state

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class AssumptionState:
    """The `reading` that fits what was seen: `evidence`, counted or named, as its user likes."""

    reading: str
    evidence: Mapping[str, Any]


def known_state(connection: Connection, company: str, key: str) -> AssumptionState | None:
    """Return what the records of a company told so far."""
    row = connection.execute(
        select(assumption_state.c.reading, assumption_state.c.evidence).where(
            assumption_state.c.company == company, assumption_state.c.key == key
        )
    ).one_or_none()
    return None if row is None else AssumptionState(row.reading, row.evidence)


def note_state(connection: Connection, company: str, key: str, state: AssumptionState) -> None:
    """Keep what the records tell by now."""
    values = {"reading": state.reading, "evidence": dict(state.evidence)}
    statement = insert(assumption_state).values(company=company, key=key, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["company", "key"], set_={**values, "seen_at": func.statement_timestamp()}
        )
    )


def known_states(connection: Connection, company: str, prefix: str) -> dict[str, AssumptionState]:
    """Return what is known of a company under keys that begin like this, by the rest of the key."""
    rows = connection.execute(
        select(assumption_state.c.key, assumption_state.c.reading, assumption_state.c.evidence).where(
            assumption_state.c.company == company, assumption_state.c.key.startswith(prefix, autoescape=True)
        )
    )
    return {row.key.removeprefix(prefix): AssumptionState(row.reading, row.evidence) for row in rows}
