"""What `make test` plays of many cases of the same kind, and what it leaves to `make test-slow`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slow_but(quick: Iterable[Any], cases: Iterable[Any]) -> list[Any]:
    """Cases to parametrise with: `quick` ones are played always."""
    always = list(quick)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)), marks=[] if case in always else [pytest.mark.slow]
        )
        for case in cases
    ]
