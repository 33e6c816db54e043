"""Reasons of sending: what the target refused, and what a document waits for there."""

from __future__ import annotations

from scoro_smartaccounts.reasons.message import Entry

ENTRIES: tuple[Entry, ...] = ()
