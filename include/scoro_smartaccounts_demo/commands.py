"""What the demo adds to the command line: `run`, `demo up` and `demo down`, and its database as the place to work on.

What the commands do is imported when it is done: every command of the product loads this module.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from scoro_smartaccounts.cli.commands import AsJson
from scoro_smartaccounts.cli.output import print_result
from scoro_smartaccounts.common.company import DEFAULT_KEY, Company, Mode
from scoro_smartaccounts.common.documents import Flow

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL


def add_commands(app: typer.Typer) -> None:
    """Add the demo's commands to the application."""
    app.command()(run)
    demo = typer.Typer(no_args_is_help=True, help="Everything on this machine, with both services simulated.")
    demo.command()(up)
    demo.command()(down)
    app.add_typer(demo, name="demo")


def staging_of(company: Company) -> URL:
    """Return the company's staging database on the embedded server."""
    from scoro_smartaccounts_demo.staging import staging_to_ask

    return staging_to_ask(company)


def output() -> Path:
    """Return the folder that runs of the demo write lists to, where the environment names none."""
    from scoro_smartaccounts.common.output import output_in
    from scoro_smartaccounts_demo.layout import Layout

    return output_in(Layout.of_project().airflow_home)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text} is no day like 2026-01-31") from None


def run(
    context: typer.Context,
    dag: Annotated[str, typer.Option(metavar="DAG", help="Which DAG.")] = Flow.SALES_INVOICES.dag_id,
    first: Annotated[
        date | None, typer.Option("--from", metavar="DAY", parser=_day, help="The first Tallinn day.")
    ] = None,
    last: Annotated[date | None, typer.Option("--to", metavar="DAY", parser=_day, help="The last one.")] = None,
    mode: Annotated[
        Mode | None,
        typer.Option(help="What is done with what is planned; without it what the company file says of runs by hand."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """One run of a DAG, over days or over what is new.

    Without days an import takes those that are not imported yet.
    """
    from scoro_smartaccounts_demo import by_hand

    asked = None if context.obj == DEFAULT_KEY else context.obj
    print_result(by_hand.run(by_hand.Asked(dag, first, last, mode, asked), quiet=as_json), as_json=as_json)


def up(as_json: AsJson = False) -> None:
    """Start the demo; it stays up until Ctrl-C or `demo down`."""
    from scoro_smartaccounts_demo import standing

    standing.up(as_json=as_json)


def down(as_json: AsJson = False) -> None:
    """Stop the demo."""
    from scoro_smartaccounts_demo import standing

    print_result(standing.down(quiet=as_json), as_json=as_json)
