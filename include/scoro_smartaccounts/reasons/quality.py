"""Reasons of the quality checks."""

from __future__ import annotations

from scoro_smartaccounts.reasons.message import Entry

ENTRIES: tuple[Entry, ...] = ()
