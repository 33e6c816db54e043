"""How SmartAccounts is read where the meeting saw it otherwise than assumed, and what is held because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO, VAT_ROUNDING, VatRounding
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, known_states, note_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

# The keys of what the meeting found.
MET = "met/"
# Readings that replace a constant of `common/assumptions.py`.
ROUNDING, RATE = f"{MET}vat_rounding", f"{MET}exchange_rate"
_FOREIGN_PER_EURO = "foreign_per_euro"


def note_reading(connection: Connection, company: str, key: str, reading: str, evidence: Mapping[str, Any]) -> None:
    """Keep how a service was seen to be."""
    note_state(connection, company, f"{MET}{key}", AssumptionState(reading, evidence))


def vat_rounding(connection: Connection, company: str) -> VatRounding:
    """Return how SmartAccounts rounds VAT, as it was seen, else as it is assumed. Within a transaction."""
    seen = known_state(connection, company, ROUNDING)
    return VAT_ROUNDING if seen is None else VatRounding(seen.reading)


def rate_is_foreign_per_euro(connection: Connection, company: str) -> bool:
    """Whether a rate is foreign units for one euro, as it was seen, else as it is assumed. Within a transaction."""
    seen = known_state(connection, company, RATE)
    return EXCHANGE_RATE_IS_FOREIGN_PER_EURO if seen is None else seen.reading == _FOREIGN_PER_EURO


def any_consequence(connection: Connection, company: str) -> bool:
    """Whether anything follows of what was seen not to be as assumed. Within a transaction."""
    seen = known_states(connection, company, MET).values()
    return any(state.evidence["verdict"] == "contradicted" and state.evidence["follows"] != "either" for state in seen)


def contradicted_kinds(connection: Connection, company: str) -> dict[DocumentKind, AssumptionState]:
    """Return the kinds of documents that are booked otherwise than assumed, with what was seen. Within a
    transaction."""
    return {
        DocumentKind(kind): state
        for state in known_states(connection, company, MET).values()
        for kind in state.evidence.get("held", ())
    }
