"""`forget`: persons, or what is older than an age."""

from __future__ import annotations

from typing import Any

from scoro_smartaccounts.cli import beside
from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.cli.who import logged_in
from scoro_smartaccounts.forget import command as forget_command


def forget(place: Place, *, by: str, **wanted: Any) -> CommandResult:
    """As `forget.command.forget`, on the company's own output folders and the demo's; by whoever is logged in unless
    `by` says.

    The accounts of machines are nobody: there `by` must say who clears.
    """
    demo = beside.demo()
    said = forget_command.forget(
        place.engine,
        place.company,
        by=by or logged_in(),
        outputs=forget_command.own_outputs(place.company, *([] if demo is None else [demo.output()])),
        **wanted,
    )
    return CommandResult(said.lines, said.data, done=said.code == forget_command.DONE)
