"""Words of the screen."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

DECISIONS: Words = {}
