"""Contacts of Scoro and clients or vendors of SmartAccounts: who is who."""

from __future__ import annotations

from collections.abc import Sequence

from scoro_smartaccounts.reconcile.identity.proposals import Proposals
from scoro_smartaccounts.reconcile.identity.records import Party


def propose_parties(sources: Sequence[Party], remotes: Sequence[Party]) -> Proposals:
    """Proposals between contacts of Scoro and one register of SmartAccounts (clients, or vendors)."""
    raise NotImplementedError
