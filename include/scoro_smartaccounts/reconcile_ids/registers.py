"""Both systems into staging: SmartAccounts' clients, vendors and articles, Scoro's contacts, products and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.extract.registers import stage_registers
from scoro_smartaccounts.mirror.registers import PARTNERS, sync_register
from scoro_smartaccounts.reconcile_ids.mappings import read_documents
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import Counts, ReconcileRequest
    from scoro_smartaccounts.services import Services


def read_registers(request: ReconcileRequest, services: Services) -> Counts:
    """Read both systems whole: a register of SmartAccounts costs a request for 100 records, once; later only what
    changed. Then Scoro's documents, which tell of contacts that Scoro calls neither client nor supplier. Safe to
    repeat."""
    for register in (*PARTNERS, ARTICLES):
        sync_register(services, request.company.key, register, max_age=None)
    counts = stage_registers(request, services)
    read_documents(request, services)
    return {**counts, "requests": services.budget.used_by_run()}
