"""Questions and decisions from the command line: `explain` a document; list, retry or dismiss those that wait; take
links from SmartAccounts' CSV files and write them there; take what was decided in a report of reconcile_ids."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Engine

from scoro_smartaccounts.border import guarded
from scoro_smartaccounts.clock import TALLINN, utc_now
from scoro_smartaccounts.company import Company, load_companies
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import ConfigurationError, PipelineError
from scoro_smartaccounts.explain import explain
from scoro_smartaccounts.first_day.decide import take_answers
from scoro_smartaccounts.first_day.linked_service.files import read_file, write_beside
from scoro_smartaccounts.first_day.linked_service.fill import fill_links
from scoro_smartaccounts.first_day.linked_service.take import take_links
from scoro_smartaccounts.reasons import Severity, render
from scoro_smartaccounts.staging.database import airflow_url, make_engine
from scoro_smartaccounts.staging.findings import findings_of_run
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.quarantine import ID_PREFIX, StoredCase, dismiss, list_cases, release
from scoro_smartaccounts.staging.runs import entries
from scoro_smartaccounts.staging.waiting import Wait, list_waiting
from scoro_smartaccounts.visible import LONGEST_SENTENCE, visible

_LISTS = {"clients": Kind.CLIENT, "vendors": Kind.VENDOR, "articles": Kind.ARTICLE}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it found what it was asked about."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except PipelineError as problem:
        print(problem, file=sys.stderr)
        return 2


@guarded()
def _run(options: argparse.Namespace) -> int:
    company = _company(options.company)
    engine = _staging(company)
    return int(options.command(options, company, engine))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scoro_smartaccounts.cli", description=__doc__)
    parser.add_argument("--company", default="default", help="key of the company: its file's name without .yaml")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("explain", help="the whole story of one document")
    one.add_argument("number")
    one.add_argument("--flow", choices=[flow.value for flow in Flow], default=Flow.SALES_INVOICES.value)
    one.set_defaults(command=_explain)
    every = commands.add_parser("quarantine", help="documents that wait for a person, and those that wait for others")
    every.set_defaults(command=_list)
    warned = commands.add_parser("warnings", help="what a run found worth a look, document by document")
    warned.add_argument(
        "--run", default="", help="key of the run as its summary names it; else the last one of each flow"
    )
    warned.set_defaults(command=_warnings)
    for name, command, text in (
        ("retry", _retry, "let the next run try documents again"),
        ("dismiss", _dismiss, "never import documents as they are now"),
    ):
        decide = commands.add_parser(name, help=text)
        decide.add_argument("numbers", nargs="+", metavar="NUMBER", help="document number, or id: and the Scoro id")
        decide.add_argument(
            "--flow", choices=[flow.value for flow in Flow], help="of which flow; to tell documents of one name apart"
        )
        decide.add_argument("--note", required=name == "dismiss", default="", help="why, for those who read it later")
        decide.set_defaults(command=command)
    decided = commands.add_parser("reconcile", help="take what was decided in a report of reconcile_ids")
    decided.add_argument("file", type=Path, help="the report with yes or no (jah, ei) filled in: XLSX or CSV")
    decided.set_defaults(command=_reconcile)
    for name, command, text in (
        ("links-in", _links_in, "take the links that a CSV file of SmartAccounts names"),
        ("links-out", _links_out, "copy a CSV file of SmartAccounts with the links filled in"),
    ):
        carry = commands.add_parser(name, help=text)
        carry.add_argument("file", type=Path, help="the file as SmartAccounts exported it")
        if command is _links_out:
            carry.add_argument("to", type=Path, help="the new file; the first one stays as it is")
        carry.add_argument("--kind", choices=_LISTS, required=True, help="what the file lists")
        carry.set_defaults(command=command)
    return parser


def _explain(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    with engine.connect() as connection:
        _say(explain(connection, company.key, Flow(options.flow), options.number))
    return 0


def _list(_: argparse.Namespace, company: Company, engine: Engine) -> int:
    with engine.connect() as connection:
        cases = list_cases(connection, company.key, ["open", "released", "dismissed"])
        waits = list_waiting(connection, company.key)
    _say(_case_lines(cases) or ["Nothing is in quarantine."])
    if waits:
        _say(["Waiting; they go on by themselves:", *_waiting_lines(waits)])
    return 0


def _warnings(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    with engine.connect() as connection:
        ended = [each for each in entries(connection, company.key) if each.summary is not None]
        wanted = {each.flow: each for each in ended if options.run in ("", each.run_key)}
        for each in wanted.values():
            found = findings_of_run(connection, company.key, each.run_key, Severity.WARNING)
            _say([f"{each.run_key}: {len(found)} warnings", *(f"    {render(item.finding.reason)}" for item in found)])
    if not wanted:
        _say([f"There is no run {options.run}." if options.run else "No run has ended yet."])
    return 0 if wanted else 1


def _retry(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    with engine.begin() as connection:
        released = release(connection, company.key, options.numbers, options.note, _flow(options))
    return _decided(options.numbers, released, "will be tried by the next run of its day or the next scheduled run")


def _dismiss(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    with engine.begin() as connection:
        dismissed = dismiss(connection, company.key, options.numbers, options.note, _flow(options))
    return _decided(options.numbers, dismissed, "is dismissed: it is not imported")


def _reconcile(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    taken = take_answers(engine, company, "reconcile", read_file(options.file), utc_now)
    counts = taken.counts
    _say(
        [
            f"{counts['accepted']} pairs linked, {counts['rejected']} rejected, {counts['unchanged']} as before,"
            f" {counts['skipped']} skipped."
        ]
    )
    _say(f"Skipped: {fault}." for fault in taken.skipped)
    return 0


def _links_in(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    content = read_file(options.file)
    taken = take_links(engine, company, _LISTS[options.kind], content, run_key="links-in", clock=utc_now)
    _say(
        [
            f"{options.kind}: {taken.linked} linked, {taken.known} linked before, {taken.empty} rows without a link,"
            f" {taken.foreign} of other services."
        ]
    )
    if taken.overruled:
        _say([f"Linked although somebody had said no to it before: {', '.join(taken.overruled)}."])
    if taken.beside:
        _say([f"Linked to a record that is another id's too: {', '.join(taken.beside)}. Are they the same?"])
    if taken.unseen:
        _say([f"Not read from Scoro yet, so taken unchecked: {', '.join(taken.unseen)}. reconcile_ids reads them all."])
    return 0


def _links_out(options: argparse.Namespace, company: Company, engine: Engine) -> int:
    content = read_file(options.file)
    with engine.connect() as connection:
        done = fill_links(connection, company.key, _LISTS[options.kind], content)
    write_beside(options.file, options.to, done.content)
    _say(
        [
            f"{options.to}: {done.filled} rows filled, {done.kept} were, {done.unlinked} have no link, {done.foreign}"
            " belong to other services."
        ]
    )
    _say(f"Row {row} stands for several records of Scoro; it shows the lowest id." for row in done.several)
    return 0


def _flow(options: argparse.Namespace) -> Flow | None:
    return None if options.flow is None else Flow(options.flow)


def _decided(numbers: Iterable[str], cases: Iterable[StoredCase], what: str) -> int:
    decided = list(cases)
    _say(f"{case.name} (id:{case.source_id}) {what}." for case in decided)
    found = {name for case in decided for name in (case.name, f"{ID_PREFIX}{case.source_id}")}
    missing = [number for number in numbers if number not in found]
    _say(f"{number} is not in quarantine." for number in missing)
    return 1 if missing else 0


def _case_lines(cases: Iterable[StoredCase]) -> list[str]:
    lines = []
    for case in cases:
        day = f"{case.day:%d.%m.%Y}" if case.day is not None else "no date"
        since = f"{case.opened_at.astimezone(TALLINN):%d.%m.%Y %H:%M}"
        note = f" Note: {case.note}" if case.note else ""
        what = f"{visible(case.name)} (id:{case.source_id}) of {day}, {case.flow.value.replace('_', ' ')}"
        lines.append(f"{what}, {case.state}, {case.reason.code}, since {since}")
        lines.append(f"    {render(case.reason)}{note}")
    return lines


def _waiting_lines(waits: Iterable[Wait]) -> list[str]:
    lines = []
    for wait in waits:
        day = f"{wait.day:%d.%m.%Y}" if wait.day is not None else "no date"
        since = f"{wait.since.astimezone(TALLINN):%d.%m.%Y %H:%M}"
        lines.append(
            f"{visible(wait.name)} (id:{wait.source_id}) of {day}, {wait.flow.value.replace('_', ' ')}, since {since}"
        )
        lines.append(f"    {render(wait.reason)}")
    return lines


def _company(key: str) -> Company:
    companies = {company.key: company for company in load_companies()}
    if key not in companies:
        raise ConfigurationError(f"no company {key}; there are: {', '.join(companies)}")
    return companies[key]


def _staging(company: Company) -> Engine:
    """The staging database that the environment names as an Airflow connection, else the demo's."""
    variable = f"AIRFLOW_CONN_{company.connections.staging.upper()}"
    if connection := os.environ.get(variable):
        return make_engine(airflow_url(connection))
    from scoro_smartaccounts_demo.database import Database
    from scoro_smartaccounts_demo.layout import STAGING, Layout

    layout = Layout.of_project()
    if not layout.database.exists():
        raise ConfigurationError(f"set {variable} to the staging database (postgres://…), or start the demo once")
    return make_engine(Database.start(layout.database).url(STAGING))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(visible(line, LONGEST_SENTENCE))


if __name__ == "__main__":
    sys.exit(main())
