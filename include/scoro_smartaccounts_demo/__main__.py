"""`python -m scoro_smartaccounts_demo up`, `down` and `run`: the same as `scoro-smartaccounts demo up`, … and `run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scoro_smartaccounts.cli import main as command_line
from scoro_smartaccounts_demo.runs import run_once

__all__ = ["main", "run_once"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    return command_line(["demo", *words] if words[:1] in (["up"], ["down"]) else words)


if __name__ == "__main__":
    sys.exit(main())
