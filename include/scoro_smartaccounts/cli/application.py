"""One application of all commands, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.cli import beside
from scoro_smartaccounts.cli.commands import COMMANDS
from scoro_smartaccounts.cli.exit_codes import EXIT_CODES, NOT_DONE, WRONG
from scoro_smartaccounts.common.command_line import PROGRAM
from scoro_smartaccounts.common.company import DEFAULT_KEY
from scoro_smartaccounts.common.errors import ConfigurationError, DatabaseAway, PipelineError, WrongUsage

_WITHOUT_DEMO = "Runs are started in Airflow; the commands run and demo come with the project's folder."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, of `sys.argv` unless told otherwise; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name of a file may be bytes that are no text: telling of it must not fail.
            stream.reconfigure(errors="backslashreplace")
    try:
        return guarded()(run)(arguments)
    except PipelineError as problem:
        # A task waits for the database by itself, a command does not.
        again = ". Repeat the command when it does" if isinstance(problem, DatabaseAway) else ""
        print(f"{problem}{again}", file=sys.stderr)
        return WRONG if isinstance(problem, ConfigurationError | WrongUsage) else NOT_DONE


def run(arguments: Sequence[str] | None = None) -> int:
    """As `main`, but raises what the command raises."""
    try:
        get_command(application()).main(arguments, prog_name=PROGRAM)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def application() -> typer.Typer:
    """Return the commands of the product, and of the demo where there is one."""
    demo = beside.demo()
    app = typer.Typer(
        epilog=EXIT_CODES if demo else f"{EXIT_CODES} {_WITHOUT_DEMO}",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_common)
    for command in COMMANDS:
        app.command()(command)
    if demo is not None:
        demo.add_commands(app)
    return app


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        print(version(PROGRAM))
        raise typer.Exit


def _common(
    context: typer.Context,
    company: Annotated[
        str, typer.Option(metavar="KEY", help="Whose: the name of the company's file without .yaml.")
    ] = DEFAULT_KEY,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Which version this is.")
    ] = False,
) -> None:
    """Ask what became of documents, and decide about those that wait.

    The variable AIRFLOW_CONN_STAGING_DEFAULT names the staging database (postgres://…), as Airflow takes it.
    """
    context.obj = company
