"""What is known of a document that staging does not have: where else its id stands, and whether a list showed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import PAYMENT_NAME, Flow
from scoro_smartaccounts.scoro.modules import module_of
from scoro_smartaccounts.staging.documents import known_documents
from scoro_smartaccounts.staging.mirror_payments import living_payments
from scoro_smartaccounts.staging.source_listings import known_listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Other flows that have a document of the id; its number and day as a list of its system showed them, where one
    did."""

    flows: Sequence[Flow] = ()
    number: str = ""
    day: date | None = None
    is_listed: bool = False


def elsewhere(connection: Connection, company: str, flow: Flow, source_id: str) -> Elsewhere:
    """Return what is known of a document that the flow does not have."""
    flows = [each for each in Flow if each is not flow and is_known(connection, company, each, source_id)]
    if flow.is_export:
        payment = living_payments(connection, company, [source_id]).get(source_id)
        if payment is not None:
            return Elsewhere(flows, f"{PAYMENT_NAME}{payment.number}", payment.day, is_listed=True)
        return Elsewhere(flows)
    module = module_of(flow, source_id)
    record_id = module.record_id(source_id)
    listed = known_listed(connection, company, module.name, [record_id]).get(record_id)
    if listed is None or listed.is_deleted:
        return Elsewhere(flows)
    return Elsewhere(flows, listed.number, listed.day, is_listed=True)


def is_known(connection: Connection, company: str, flow: Flow, source_id: str) -> bool:
    """Whether staging has a document."""
    return bool(known_documents(connection, company, flow, [source_id]))
