"""Values of JSON that was stored, as they should be: what an older version or a hand left there otherwise is nothing,
and what stands beside it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(stored: Any) -> Mapping[str, Any]:
    """Return an object; an empty one where none is stored."""
    return stored if isinstance(stored, Mapping) else {}


def items(stored: Any) -> list[Any]:
    """Return a list; an empty one where none is stored."""
    return stored if isinstance(stored, list) else []


def whole_number(stored: Any) -> int | None:
    """Return a whole number; None where none is stored."""
    return stored if isinstance(stored, int) and not isinstance(stored, bool) else None
