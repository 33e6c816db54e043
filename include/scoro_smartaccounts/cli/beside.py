"""The demo as a guest of the command line: its commands and its staging database, where it stands beside the product.

The product works without it and imports nothing of it by name: its wheel and the image hold no demo.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    import typer
    from sqlalchemy import URL

    from scoro_smartaccounts.common.company import Company

_DEMO = "scoro_smartaccounts_demo"


class Demo(Protocol):
    """What the demo brings along."""

    def add_commands(self, app: typer.Typer) -> None:
        """Add its commands to the application."""

    def staging_of(self, company: Company) -> URL:
        """Return the company's staging database on the embedded server. Raises PipelineError where there is none."""

    def output(self) -> Path:
        """Return the folder that runs of the demo write lists to, where the environment names none."""


def demo() -> Demo | None:
    """Return the demo, where it is installed."""
    if importlib.util.find_spec(_DEMO) is None:
        return None
    return cast(Demo, importlib.import_module(f"{_DEMO}.commands"))
