"""`reconcile`, `links-in` and `links-out`: who is who, as files say it."""

from __future__ import annotations

from pathlib import Path

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.cli.who import logged_in
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.reconcile_ids.decide import take_answers
from scoro_smartaccounts.reconcile_ids.linked_service.files import read_file, write_beside
from scoro_smartaccounts.reconcile_ids.linked_service.fill import fill_links
from scoro_smartaccounts.reconcile_ids.linked_service.take import take_links
from scoro_smartaccounts.staging.links import Kind

_LISTS = {"clients": Kind.CLIENT, "vendors": Kind.VENDOR, "articles": Kind.ARTICLE}


def reconcile(place: Place, file: Path) -> CommandResult:
    """Take the answers of a report. Answers that were overtaken meanwhile are skipped, and the rest is done."""
    taken = take_answers(place.engine, place.company, "reconcile", read_file(file), utc_now, by=logged_in())
    counts = taken.counts
    linked = counted(counts["accepted"], "pair|pairs")
    skipped = [str(fault) for fault in taken.skipped]
    return CommandResult(
        [
            f"{linked} linked, {counts['rejected']} rejected, {counts['unchanged']} as before,"
            f" {counts['skipped']} skipped.",
            *(f"Skipped: {each}." for each in skipped),
        ],
        {
            "company": place.company.key,
            "linked": counts["accepted"],
            "rejected": counts["rejected"],
            "unchanged": counts["unchanged"],
            "skipped": skipped,
        },
    )


def links_in(place: Place, file: Path, kind: str) -> CommandResult:
    """Store the links that a list names."""
    content = read_file(file)
    engine, company, by = place.engine, place.company, logged_in()
    taken = take_links(engine, company, _LISTS[kind], content, run_key="links-in", clock=utc_now, by=by)
    lines = [
        f"{kind}: {taken.linked} linked, {taken.known} linked before, {counted(taken.empty, 'row|rows')} without a"
        f" link, {taken.foreign} of other services."
    ]
    if taken.overruled:
        lines.append(f"Linked although somebody had said no to it before: {', '.join(taken.overruled)}.")
    if taken.beside:
        lines.append(f"Linked to a record that is another id's too: {', '.join(taken.beside)}. Are they the same?")
    if taken.unseen:
        lines.append(
            f"Not read from Scoro yet, so taken unchecked: {', '.join(taken.unseen)}. reconcile_ids reads them all."
        )
    return CommandResult(
        lines,
        {
            "company": place.company.key,
            "kind": kind,
            "linked": taken.linked,
            "linked_before": taken.known,
            "without_link": taken.empty,
            "of_other_services": taken.foreign,
            "overruled": taken.overruled,
            "shared": taken.beside,
            "unchecked": taken.unseen,
        },
    )


def links_out(place: Place, file: Path, to: Path, kind: str) -> CommandResult:
    """Write a copy of a list with the stored links."""
    content = read_file(file)
    with place.engine.connect() as connection:
        done = fill_links(connection, place.company.key, _LISTS[kind], content)
    write_beside(file, to, done.content)
    return CommandResult(
        [
            f"{to}: {counted(done.filled, 'row|rows')} filled, filled before {done.kept}, without a link"
            f" {done.unlinked}, of other services {done.foreign}.",
            *(f"Row {row} stands for several records of Scoro; it shows the lowest id." for row in done.several),
        ],
        {
            "company": place.company.key,
            "kind": kind,
            "file": str(to),
            "filled": done.filled,
            "filled_before": done.kept,
            "without_link": done.unlinked,
            "of_other_services": done.foreign,
            "several": done.several,
        },
    )
