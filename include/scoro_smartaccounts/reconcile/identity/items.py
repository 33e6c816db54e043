"""Products of Scoro and articles of SmartAccounts: which is which."""

from __future__ import annotations

from collections.abc import Sequence

from scoro_smartaccounts.reconcile.identity.proposals import Proposals
from scoro_smartaccounts.reconcile.identity.records import Item


def propose_items(sources: Sequence[Item], remotes: Sequence[Item]) -> Proposals:
    """Proposals between products of Scoro and articles of SmartAccounts."""
    raise NotImplementedError
