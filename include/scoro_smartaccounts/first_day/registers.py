"""Both sides into staging: SmartAccounts' clients, vendors and articles, Scoro's contacts and products."""

from __future__ import annotations

from scoro_smartaccounts.extract.registers import stage_registers
from scoro_smartaccounts.reconcile.registers import ARTICLES, PARTNERS, sync_register
from scoro_smartaccounts.run import Counts, ReconcileRequest, Services


def read_registers(request: ReconcileRequest, services: Services) -> Counts:
    """Read both sides whole: a register of SmartAccounts costs a request for 100 records, once; later only what
    changed. Safe to repeat."""
    for register in (*PARTNERS, ARTICLES):
        sync_register(services, request.company.key, register, max_age=None)
    return {**stage_registers(request, services), "requests": services.budget.used_by_run()}
