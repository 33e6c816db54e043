"""Reasons of planning payments, in both directions."""

from __future__ import annotations

from scoro_smartaccounts.reasons.message import Entry

ENTRIES: tuple[Entry, ...] = ()
