"""Reasons as tests read and make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scoro_smartaccounts.common.reasons import Reason, as_told, render


def told(stored: Mapping[str, Any] | Reason | None) -> str:
    """The English sentence of a reason, stored or not; empty where there is none."""
    if stored is None:
        return ""
    return render(stored if isinstance(stored, Reason) else Reason.from_json(stored))


def said(reasons: Iterable[Reason]) -> list[str]:
    """The English sentences of reasons."""
    return [render(each) for each in reasons]


def case_of(code: str, text: str, field: str = "", system: str = "Scoro") -> Reason:
    """A reason of any code, with a sentence of the test's own."""
    return as_told(code, text, field=field, system=system, severity="error")
