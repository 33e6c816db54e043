"""Reasons of planning invoices and bills: what the books hold, and what cannot be sent as it is."""

from __future__ import annotations

from scoro_smartaccounts.reasons.message import Entry

ENTRIES: tuple[Entry, ...] = ()
