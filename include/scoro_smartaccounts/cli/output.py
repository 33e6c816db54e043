"""What a command has to say: lines for a person, or the same as one JSON object for a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import typer

from scoro_smartaccounts.cli.exit_codes import NOT_DONE
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, visible


@dataclass(frozen=True, slots=True)
class CommandResult:
    """`shape` is what `--json` prints (docs/commands.md): days and moments in it are dates, amounts are strings.

    `done`: whether all that was asked for was found and done.
    """

    lines: Sequence[str]
    shape: Mapping[str, Any]
    done: bool = True


def print_result(result: CommandResult, *, as_json: bool) -> None:
    """Print it; raises typer.Exit where something was not done."""
    print(json.dumps(result.shape, indent=2, default=_iso) if as_json else "\n".join(map(_visible, result.lines)))
    if not result.done:
        raise typer.Exit(NOT_DONE)


def _visible(line: str) -> str:
    return visible(line, LONGEST_SENTENCE)


def _iso(value: object) -> str:
    """Moments are Tallinn's, with their offset."""
    from scoro_smartaccounts.common.clock import TALLINN

    if isinstance(value, datetime):
        return value.astimezone(TALLINN).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
