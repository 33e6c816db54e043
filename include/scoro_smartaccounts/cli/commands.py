"""The commands of the product: their names, arguments, options and help. What they do is imported when it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from scoro_smartaccounts.cli.output import print_result
from scoro_smartaccounts.common.documents import Flow

if TYPE_CHECKING:
    from scoro_smartaccounts.cli.place import Place


def _text(value: str) -> str:
    """Return a value that is text, as what it is compared with is."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise typer.BadParameter("this is no text in UTF-8") from None
    return value


def _reason(value: str) -> str:
    if not value.strip():
        raise typer.BadParameter("say why, for those who read it later")
    return _text(value)


def _month(value: str) -> date:
    """Return the first day of a month."""
    try:
        return datetime.strptime(value, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter("a month is written as 2026-03") from None


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts (docs/commands.md).")]
Number = Annotated[
    str, typer.Argument(metavar="NUMBER", parser=_text, help="The document's number, as the summary and lists name it.")
]
Numbers = Annotated[
    list[str],
    typer.Argument(metavar="NUMBER", parser=_text, help="Document numbers; or `id:` and Scoro's id, as id:5021."),
]
Month = Annotated[str, typer.Argument(metavar="MONTH", parser=_text, help="As 2026-01.")]
MonthOfTotals = Annotated[
    date, typer.Argument(metavar="MONTH", parser=_month, help="Which month, as 2026-03: of documents, and of entries.")
]
WhichFlow = Annotated[Flow | None, typer.Option(help="Of which flow; to tell documents of one name apart.")]
Lists = Literal["clients", "vendors", "articles"]
KindOfList = Annotated[Lists, typer.Option("--kind", help="What the file lists.")]


def explain(
    context: typer.Context,
    number: Number,
    flow: Annotated[Flow, typer.Option(help="Of which flow.")] = Flow.SALES_INVOICES,
    as_json: AsJson = False,
) -> None:
    """Tell the whole story of one document.

    A payment's number is receipt-901 (Scoro's id), or payment-12 (SmartAccounts' number) if it was entered there.
    """
    from scoro_smartaccounts.cli import documents

    print_result(documents.explain(_place(context), number, flow), as_json=as_json)


def quarantine(context: typer.Context, as_json: AsJson = False) -> None:
    """List the documents that wait, for a person or for others, and why."""
    from scoro_smartaccounts.cli import documents

    print_result(documents.quarantine(_place(context)), as_json=as_json)


def warnings(
    context: typer.Context,
    run: Annotated[
        str,
        typer.Option(
            metavar="KEY", parser=_text, help="Key of the run, as its summary names it; else the last of each flow."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List what a run found worth a look, document by document."""
    from scoro_smartaccounts.cli import documents

    print_result(documents.warnings(_place(context), run), as_json=as_json)


def retry(
    context: typer.Context,
    numbers: Numbers,
    flow: WhichFlow = None,
    note: Annotated[str, typer.Option(parser=_text, help="Why, for those who read it later.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let the next run try documents again."""
    from scoro_smartaccounts.cli import documents

    print_result(documents.retry(_place(context), numbers, flow, note), as_json=as_json)


def dismiss(
    context: typer.Context,
    numbers: Numbers,
    note: Annotated[str, typer.Option(parser=_reason, help="Why, for those who read it later.")],
    flow: WhichFlow = None,
    as_json: AsJson = False,
) -> None:
    """Never import documents as they are now."""
    from scoro_smartaccounts.cli import documents

    print_result(documents.dismiss(_place(context), numbers, flow, note), as_json=as_json)


def book_into(
    context: typer.Context,
    where: Annotated[
        str, typer.Argument(metavar="WHERE", parser=_text, help="The documents' month, as 2026-01; or first-open-day.")
    ],
    numbers: Numbers,
    flow: WhichFlow = None,
    as_json: AsJson = False,
) -> None:
    """Say on which day documents of a declared month are entered."""
    from scoro_smartaccounts.cli import periods

    print_result(periods.book_into(_place(context), where, numbers, flow), as_json=as_json)


def filed(context: typer.Context, month: Month, as_json: AsJson = False) -> None:
    """Say that the VAT return of a month is filed as it stands in SmartAccounts."""
    from scoro_smartaccounts.cli import periods
    from scoro_smartaccounts.common.periods import Said

    print_result(periods.say_of_month(_place(context), month, Said.FILED), as_json=as_json)


def reopened(context: typer.Context, month: Month, as_json: AsJson = False) -> None:
    """Say that a month is open again, until its VAT return is saved anew."""
    from scoro_smartaccounts.cli import periods
    from scoro_smartaccounts.common.periods import Said

    print_result(periods.say_of_month(_place(context), month, Said.REOPENED), as_json=as_json)


def audit(context: typer.Context, as_json: AsJson = False) -> None:
    """Tell what the last night of the audit found: whether both systems still agree on what was imported."""
    from scoro_smartaccounts.cli import audit as commands

    print_result(commands.audit(_place(context)), as_json=as_json)


def drift(context: typer.Context, as_json: AsJson = False) -> None:
    """List what differs between the systems since the import, and what can be done."""
    from scoro_smartaccounts.cli import audit as commands

    print_result(commands.drift(_place(context)), as_json=as_json)


def accept(
    context: typer.Context,
    difference: Annotated[int, typer.Argument(metavar="DRIFT", help="Its number, as `drift` lists it.")],
    note: Annotated[str, typer.Option(parser=_text, help="Why, for those who read it later.")] = "",
    by: Annotated[str, typer.Option(metavar="NAME", parser=_text, help="Who accepts it; else the user's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take a difference as it is, with all documents to which the same was done: it is told no more."""
    from scoro_smartaccounts.cli import audit as commands

    print_result(commands.accept(_place(context), difference, note, by), as_json=as_json)


def totals(context: typer.Context, month: MonthOfTotals, as_json: AsJson = False) -> None:
    """Hold a month's sums in Scoro, SmartAccounts and its ledger against each other: what differs, and why."""
    from scoro_smartaccounts.cli import totals as commands

    print_result(commands.totals(_place(context), month), as_json=as_json)


def kmd(context: typer.Context, month: MonthOfTotals, as_json: AsJson = False) -> None:
    """Tell what to look at before the VAT return of a month is filed."""
    from scoro_smartaccounts.cli import totals as commands

    print_result(commands.kmd(_place(context), month), as_json=as_json)


def reviewed(
    context: typer.Context,
    month: MonthOfTotals,
    by: Annotated[str, typer.Option(parser=_reason, help="Who looked at it.")],
    as_json: AsJson = False,
) -> None:
    """Note that a person has looked at the pages of a month as they were written last."""
    from scoro_smartaccounts.cli import totals as commands

    print_result(commands.reviewed(_place(context), month, by), as_json=as_json)


def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", parser=_text, help="The run's key, as its summary names it.")],
    approve: Annotated[
        str, typer.Option(metavar="HASH", parser=_text, help="Approve the plan of this hash, exactly as it was shown.")
    ] = "",
    by: Annotated[str, typer.Option(metavar="NAME", parser=_text, help="Who approves; else the user's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show how a run could be taken back, and approve that; this deletes nothing yet."""
    from scoro_smartaccounts.cli import undo as commands

    print_result(commands.undo(_place(context), run, approve, by), as_json=as_json)


def reconcile(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The report with yes or no (jah, ei) filled in: XLSX or CSV.")],
    as_json: AsJson = False,
) -> None:
    """Take what was decided in a report of reconcile_ids."""
    from scoro_smartaccounts.cli import links

    print_result(links.reconcile(_place(context), file), as_json=as_json)


def links_in(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file as SmartAccounts exported it.")],
    kind: KindOfList,
    as_json: AsJson = False,
) -> None:
    """Take the links that a CSV file of SmartAccounts names."""
    from scoro_smartaccounts.cli import links

    print_result(links.links_in(_place(context), file, kind), as_json=as_json)


def links_out(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file as SmartAccounts exported it.")],
    to: Annotated[Path, typer.Argument(help="The new file; the first one stays as it is.")],
    kind: KindOfList,
    as_json: AsJson = False,
) -> None:
    """Copy a CSV file of SmartAccounts with the links filled in."""
    from scoro_smartaccounts.cli import links

    print_result(links.links_out(_place(context), file, to, kind), as_json=as_json)


def resume(context: typer.Context, as_json: AsJson = False) -> None:
    """Lift the pause of the company's requests to SmartAccounts."""
    from scoro_smartaccounts.cli import requests

    print_result(requests.resume(_place(context)), as_json=as_json)


def forget(  # noqa: PLR0917 - an option each
    context: typer.Context,
    contact: Annotated[list[str] | None, typer.Option(parser=_text, help="Scoro's id of a contact.")] = None,
    client: Annotated[list[str] | None, typer.Option(parser=_text, help="SmartAccounts' id of a client.")] = None,
    vendor: Annotated[list[str] | None, typer.Option(parser=_text, help="SmartAccounts' id of a vendor.")] = None,
    older_than: Annotated[
        str, typer.Option(parser=_text, metavar="AGE", help="What is older: years, as 7y, or a day, as 2019-01-01.")
    ] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Read names, e-mails or codes from standard input.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Clear it; without this it is only told.")] = False,
    by: Annotated[
        str, typer.Option(parser=_text, help="Who asks for it; else who is logged in, but not root or airflow.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Clear what is personal of a person, or of what is older than an age; books and proofs stay.

    Without ids and age it asks for a name, an e-mail or a personal code: as an argument it would stay in the shell's
    history.
    """
    from scoro_smartaccounts.cli import forgetting

    is_asked = not (contact or client or vendor or older_than or stdin)
    typed = sys.stdin.read() if stdin else ""
    if is_asked:
        typed = typer.prompt("Name, e-mail or code", hide_input=True, err=True)
    person = {"contacts": contact or (), "clients": client or (), "vendors": vendor or (), "typed": typed}
    print_result(
        forgetting.forget(_place(context), **person, older_than=older_than, by=by, is_wanted=yes), as_json=as_json
    )


def meet(context: typer.Context, as_json: AsJson = False) -> None:
    """Hold what both services are assumed to do against what they show: reads only, and each question once.

    The variables AIRFLOW_CONN_SCORO_DEFAULT and AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT name the services, as Airflow takes
    them.
    """
    from scoro_smartaccounts.cli import meeting

    print_result(meeting.meet(_place(context)), as_json=as_json)


# In the order of the help.
COMMANDS: tuple[Callable[..., Any], ...] = (
    explain,
    quarantine,
    warnings,
    retry,
    dismiss,
    book_into,
    filed,
    reopened,
    audit,
    drift,
    accept,
    totals,
    kmd,
    reviewed,
    undo,
    reconcile,
    links_in,
    links_out,
    resume,
    meet,
    forget,
)


def _place(context: typer.Context) -> Place:
    from scoro_smartaccounts.cli.place import place_of

    return place_of(context.obj)
