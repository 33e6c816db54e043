"""The command that forgets: what it would clear, or what it cleared, in sentences and as data.

A name is never an argument: arguments stand in the history of the shell and in the list of processes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.output import folder_of_this_machine, named_output
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.forget.forget import Forgotten, NobodyMeant, Person, forget_older_than, forget_person
from scoro_smartaccounts.staging.forget import NamedDocument, Open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from scoro_smartaccounts.common.company import Company

DONE, LEFT = 0, 1

_YEARS = re.compile(r"(\d{1,2})y")
# So many documents are named; the rest is counted.
_MOST_NAMED = 20
_DOCUMENTS = "document|documents"
_WHY = {
    Open.QUARANTINE: "it is in quarantine; mend it, or dismiss it",
    Open.WAITING: "it waits for something; import it, or dismiss it",
    Open.IN_DOUBT: "its answer was lost; the next run looks for it",
    Open.APPROVAL: "the accountant is asked about it, or has approved it and it is not sent yet",
    Open.NOT_IMPORTED: "it is not in SmartAccounts (any more); import its day, or delete it in Scoro",
}


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """What the command says: `lines` for people, `data` for machines, and its exit code (0; 1 where something open is
    left)."""

    lines: tuple[str, ...]
    data: dict[str, Any]
    code: int


def forget(  # noqa: PLR0913 - an option each
    engine: Engine,
    company: Company,
    *,
    contacts: Sequence[str] = (),
    clients: Sequence[str] = (),
    vendors: Sequence[str] = (),
    typed: str = "",
    older_than: str = "",
    by: str = "",
    is_wanted: bool = False,
    now: datetime | None = None,
    outputs: Sequence[Path] = (),
) -> ForgetResult:
    """Forget a person (ids, or lines that were `typed` at the prompt or came from standard input), or what is older
    than an age (`7y`: of financial years that ended so many years ago; or a day, `2019-01-01`: before it).

    Without `is_wanted` it tells what it would do. `by`: who asks for it, for the ledger. Raises PipelineError.
    """
    person = Person(tuple(contacts), tuple(clients), tuple(vendors), tuple(filter(None, typed.splitlines())))
    is_person = person != Person()
    if is_person == bool(older_than):
        raise NobodyMeant("say whom to forget (ids, or a name at the prompt), or older than what: one of the two")
    if is_wanted and not by.strip():
        raise WrongUsage(
            "say who forgets, with --by: it stands in the ledger as the proof, and a machine's account is nobody"
        )
    moment = now or utc_now()
    if is_person:
        found = forget_person(engine, company, person, by=by, now=moment, outputs=outputs, is_wanted=is_wanted)
        return _told(found, is_wanted, None, outputs)
    before = day_of_age(older_than, tallinn_day(moment))
    done = forget_older_than(engine, company, before, by=by, now=moment, outputs=outputs, is_wanted=is_wanted)
    return _told(done, is_wanted, before, outputs)


def day_of_age(age: str, today: date) -> date:
    """Return the day before which all is older than an age. Years are counted from the end of the financial year, which
    is the calendar year; a company with another one names the day. Raises WrongUsage."""
    if (years := _YEARS.fullmatch(age)) is not None and int(years.group(1)):
        return date(today.year - int(years.group(1)), 1, 1)
    try:
        day = date.fromisoformat(age)
    except ValueError:
        day = None
    if day is None or day > today:
        raise WrongUsage("an age is a number of years, such as 7y, or a day that is over, such as 2019-01-01")
    return day


def own_outputs(company: Company, *others: Path) -> list[Path]:
    """Return the company's output folders that are there: in the folder that the environment names, where it is one of
    this machine; where it names none, in Airflow's home and in `others`."""
    named = named_output()
    own = folder_of_this_machine(named)
    roots = dict.fromkeys([*([] if own is None else [own]), *(() if named else others)])
    return [folder for root in roots if (folder := root / company.key).is_dir()]


def _told(found: Forgotten, is_wanted: bool, before: date | None, outputs: Sequence[Path]) -> ForgetResult:
    would = "" if is_wanted else "would be "
    lines = [] if before is None else [f"What is dated before {before:%d.%m.%Y}:"]
    if before is None:
        ids = [
            f"{name} {', '.join(sorted(some))}"
            for name, some in (
                ("contact", found.partners.contacts),
                ("client", found.partners.clients),
                ("vendor", found.partners.vendors),
            )
            if some
        ]
        lines.append(f"Meant: {'; '.join(ids)}." if ids else "No contact, client or vendor is called so; texts may be.")
    rows = sum(found.counts.values())
    lines.append(
        f"{counted(rows, 'row|rows')} {would}cleared{': ' if rows else '.'}"
        + ", ".join(map(_count, found.counts.items()))
    )
    lines += _named(counted(len(found.documents), _DOCUMENTS), found.documents)
    lines += [f"{'removed' if is_wanted else 'would be removed'}: {path}" for path in found.files]
    lines += [
        f"could not be looked through; delete it yourself where it may name somebody: {path}" for path in found.unread
    ]
    if not outputs:
        lines.append("No output folder of this machine was looked through: delete lists there yourself.")
    for why in Open:
        some = [document for document, reason in found.kept_back if reason is why]
        lines += _named(f"Kept back, {_WHY[why]}. {counted(len(some), _DOCUMENTS)}", some)
    if not found.is_done:
        lines.append("Then forget again: until then nothing of their contacts, clients and vendors is cleared.")
    elif not is_wanted:
        lines.append("Nothing was changed. Run it with --yes to clear this.")
    data = {
        "before": None if before is None else before.isoformat(),
        "contacts": sorted(found.partners.contacts),
        "clients": sorted(found.partners.clients),
        "vendors": sorted(found.partners.vendors),
        "rows": found.counts,
        "documents": [_as_data(document) for document in found.documents],
        "files": [str(path) for path in found.files],
        "files_unread": [str(path) for path in found.unread],
        "kept_back": [{**_as_data(document), "why": why.value} for document, why in found.kept_back],
        "is_cleared": is_wanted,
        "is_done": found.is_done,
    }
    return ForgetResult(tuple(lines), data, DONE if found.is_done else LEFT)


def _count(item: tuple[str, int]) -> str:
    return f"{item[0]} {item[1]}"


def _named(title: str, documents: Sequence[NamedDocument]) -> Iterable[str]:
    if not documents:
        return
    names = ", ".join(map(_name, documents[:_MOST_NAMED]))
    more = f" and {len(documents) - _MOST_NAMED} more" if len(documents) > _MOST_NAMED else ""
    yield f"{title}: {names}{more}."


def _name(document: NamedDocument) -> str:
    nouns = {Flow.SALES_INVOICES: "invoice", Flow.PURCHASE_INVOICES: "bill"}
    noun = nouns.get(document.flow)
    return f"{noun} {document.name}" if noun else document.name


def _as_data(document: NamedDocument) -> dict[str, Any]:
    return {
        "flow": document.flow.value,
        "id": document.source_id,
        "number": document.name,
        "day": None if document.day is None else document.day.isoformat(),
    }
