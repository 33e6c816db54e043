"""What a night of the audit says: lines for the log, a page in each language, and the link in the chain of reports."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from html import escape
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.scoro import scoro_notes
from scoro_smartaccounts.audit.words import STATES, TITLES
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason, render
from scoro_smartaccounts.common.reasons.spoken import amounts
from scoro_smartaccounts.common.stored import items, mapping, whole_number
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.quality.pages import HEAD, STYLE
from scoro_smartaccounts.report.files import write_file
from scoro_smartaccounts.report.words import LANGUAGES, word
from scoro_smartaccounts.staging.audit_books import BooksList, count_records
from scoro_smartaccounts.staging.audit_nights import Night, nights, note_night, open_night
from scoro_smartaccounts.staging.drifts import Drift, drifts_since, has_open_drifts, note_told, open_drifts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from scoro_smartaccounts.common.reasons import Language
    from scoro_smartaccounts.common.run import AuditRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

FOLDER = "audit"
# So many cases are told in the log; the pages have all.
_MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Case:
    """Differences that are one: the same was done to many documents."""

    drifts: tuple[Drift, ...]

    @property
    def first(self) -> Drift:
        """The one whose number stands for all."""
        return self.drifts[0]

    def sentence(self, language: Language, *, on_page: bool = False) -> str:
        """Return the sentence of the first one, and how many there are; `on_page` as of `render`."""
        told = render(self.first.reason, language, on_page=on_page)
        others = len(self.drifts) - 1
        return f"{told} {word(TITLES, 'others', language).format(count=others)}" if others else told


@dataclass(frozen=True, slots=True)
class NightReport:
    """What is told of a night. `fresh`: cases that were not told before; `lasting`: those that were;
    `blind_nights`: how many in a row showed nothing, this one among them."""

    night: Night
    notes: tuple[Reason, ...]
    fresh: tuple[Case, ...]
    lasting: tuple[Case, ...]
    closed: tuple[Drift, ...]
    blind_nights: int = 0

    @property
    def counts(self) -> dict[str, Any]:
        """Its numbers, for machines."""
        return {
            "night": self.night.night.isoformat(),
            "state": self.night.state,
            "scoro_state": self.night.scoro_state,
            "new": len(self.fresh),
            "open": len(self.fresh) + len(self.lasting),
            "closed": len(self.closed),
            "blind_nights": self.blind_nights,
            "requests_smartaccounts": self.night.requests_smartaccounts,
            "requests_scoro": self.night.requests_scoro,
            "hash": self.night.hash,
        }

    def headings(self, language: Language) -> Iterator[str]:
        """How each side was read: a side that was not is told beside one that was."""
        yield f"SmartAccounts: {word(STATES, self.night.state, language)}"
        yield f"Scoro: {word(STATES, self.night.scoro_state or 'open', language)}"

    @property
    def is_ok(self) -> bool:
        """Whether both sides were read and compared."""
        return self.night.state == self.night.scoro_state == "ok"

    def lines(self) -> Iterator[str]:
        """Lines for the log, in English."""
        yield f"{self.night.night}: {'; '.join(self.headings('en'))}."
        yield from (render(note) for note in self.notes)
        for title, cases in (("new", self.fresh), ("lasting", self.lasting)):
            if cases:
                yield f"{word(TITLES, title, 'en')}: {len(cases)}"
            for case in cases[:_MOST_TOLD]:
                yield f"  {case.first.id}: {visible(case.sentence('en'), 1000)}"
        if self.closed:
            yield f"{word(TITLES, 'closed', 'en')}: {len(self.closed)}"
        yield f"Requests: {self.night.requests_smartaccounts} to SmartAccounts, {self.night.requests_scoro} to Scoro."


def tell(request: AuditRequest, services: Services) -> NightReport:
    """Write the pages of a night, tell the log, and close the night. A night that is told again and found the same
    keeps its pages and its hash, and so does one that later ones follow: their hashes hold its own.

    Raises as `write_file` does.
    """
    company = request.company.key
    with services.engine.begin() as connection:
        night = open_night(connection, company, request.night, services.clock())
        before = nights(connection, company, 30, before=request.night)
        previous = before[0].hash if before else ""
        found = _report(connection, company, night)
        mark = _hash(company, found, previous)
        last = nights(connection, company, 1)
        is_past = bool(night.hash) and bool(last) and last[0].night > request.night
    is_kept = is_past or mark == night.hash
    if not is_kept:
        night = replace(night, previous_hash=previous, hash=mark)
    blind = [*takewhile(lambda each: each.state == "blind", [night, *before])]
    found = replace(found, night=night, blind_nights=len(blind))
    if not is_kept:
        for language in LANGUAGES:
            name = f"audit_{request.night}.{language}.html"
            written = write_file(services.output_folder / FOLDER, name, page_of(found, language).encode())
            log.info("The report of this night: %s", written)
    with services.engine.begin() as connection:
        note_told(connection, company, [each.id for case in found.fresh for each in case.drifts], services.clock())
        told = {"reported_at": services.clock(), "previous_hash": night.previous_hash, "hash": night.hash}
        note_night(connection, company, request.night, **told)
    for line in found.lines():
        log.info("%s", line)
    return found


def last_report(connection: Any, company: str) -> NightReport | None:
    """Return what the last night that was told said, with what is open by now; None where none was."""
    last = nights(connection, company, 1)
    return _report(connection, company, last[0]) if last else None


def page_of(found: NightReport, language: Language) -> str:
    """Return the page of a night: every value is escaped, nothing is loaded, no script runs."""
    night = found.night
    title = word(TITLES, "title", language).format(night=f"{night.night:%d.%m.%Y}")
    parts = [
        f'{HEAD}<html lang="{language}"><head><title>{escape(title)}</title><style>{STYLE}</style></head><body>',
        f"<h1>{escape(title)}</h1>",
        f'<p class="{"passed" if found.is_ok else "error"}">{escape("; ".join(found.headings(language)))}</p>',
        *(f"<p>{escape(render(note, language, on_page=True))}</p>" for note in found.notes),
        _table(word(TITLES, "new", language), found.fresh, language),
        _table(word(TITLES, "lasting", language), found.lasting, language),
        _closed(found.closed, language),
        f'<p class="quiet">SmartAccounts {night.requests_smartaccounts}, Scoro {night.requests_scoro}.'
        f" {night.previous_hash[:16] or '–'} → {night.hash[:16]}</p></body></html>\n",
    ]
    return "\n".join(filter(None, parts))


def cases_of(drifts: Sequence[Drift]) -> tuple[Case, ...]:
    """Return differences as cases, in the order of their first ones."""
    by_key: dict[str, list[Drift]] = defaultdict(list)
    for each in drifts:
        by_key[each.case_key].append(each)
    return tuple(Case(tuple(some)) for some in by_key.values())


def _report(connection: Any, company: str, night: Night) -> NightReport:
    told = [each for each in open_drifts(connection, company) if each.state != "suspected"]
    is_fresh = [each.told_at is None or each.told_at >= night.opened_at for each in told]
    return NightReport(
        night,
        tuple(notes_of(connection, company, night)),
        cases_of([each for each, fresh in zip(told, is_fresh, strict=True) if fresh]),
        cases_of([each for each, fresh in zip(told, is_fresh, strict=True) if not fresh]),
        tuple(drifts_since(connection, company, _since(connection, company, night))),
    )


def _since(connection: Any, company: str, night: Night) -> datetime:
    """Return when the night before was told."""
    before = nights(connection, company, 1, before=night.night)
    return before[0].reported_at or night.opened_at if before else night.opened_at


def notes_of(connection: Any, company: str, night: Night) -> Iterator[Reason]:
    """Yield what is told of a night beside its state, and of what it could not tell."""
    evidence = night.evidence
    ledger = evidence.get("ledger", {})
    of_totals = list(_of_totals(evidence.get("totals", {})))
    yield from of_totals
    lists = {
        state: [phrase(f"list_{of}") for of in BooksList if _state_of(evidence, of) == state]
        for state in ("blind", "incomplete", "refused")
    }
    match night.state:
        case "ok":
            if not of_totals and not has_open_drifts(connection, company) and night.scoro_state == "ok":
                count = sum(count_records(connection, company, of) for of in BooksList if of is not BooksList.ENTRIES)
                if ledger.get("guarded") or ledger.get("loose"):
                    yield reason("night_clean", count=count, accounts=ledger.get("guarded", 0))
                else:
                    yield reason("night_clean_first", count=count)
        case "blind":
            yield reason("night_blind", kinds=[*lists["blind"], *lists["refused"]])
        case "incomplete":
            yield from _incomplete(evidence, lists["incomplete"])
        case "no_balances":
            why = ledger.get("state") or ("right_missing" if lists["refused"] else "no_answer")
            known = why if why in ("right_missing", "no_such_service") else "no_answer"
            yield reason("night_without_balances", why=phrase(known))
        case "baseline":
            shares = [step.get("share") for name, step in evidence.items() if name.startswith("baseline/")]
            shares = [each for each in shares if isinstance(each, int | float)]
            yield reason("night_of_baseline", percent=int(100 * sum(shares) / max(len(BooksList), 1)))
    yield from scoro_notes(evidence.get("scoro", {}))
    if old := evidence.get("used", {}).get("old"):
        days = {phrase(f"register_{each}"): _told_day(day) for each, day in old.items()}
        yield reason("registers_old", kinds=[phrase("register_read", kind=kind, day=day) for kind, day in days.items()])
    yield from _of_months_and_accounts(evidence)


def _told_day(written: str) -> str:
    return f"{date.fromisoformat(written):%d.%m.%Y}" if written else "–"


def _of_totals(told: Mapping[str, Any]) -> Iterator[Reason]:
    if unexplained := told.get("unexplained", 0):
        yield reason("totals_unexplained", count=unexplained)
    elif differing := told.get("differing", 0):
        yield reason("totals_explained", count=differing)


def _of_months_and_accounts(evidence: Mapping[str, Any]) -> Iterator[Reason]:
    for month in items(evidence.get("returns", {}).get("saved")):
        yield reason("return_saved", month=month)
    ledger = evidence.get("ledger", {})
    if ledger.get("anew"):
        yield reason("old_entries", accounts=ledger["anew"])
    for account in items(ledger.get("loose")):
        yield reason("account_not_compared", account=account)


def _incomplete(evidence: Mapping[str, Any], lists: list[Phrase]) -> Iterator[Reason]:
    short = mapping(evidence.get("count", {}).get("short"))
    unreadable = sum(whole_number(step.get("unreadable")) or 0 for step in evidence.values())
    for name, count in short.items():
        yield reason("books_short", kinds=phrase(f"list_{name}"), count=count)
    if unreadable:
        yield reason("books_unreadable", count=unreadable)
    # Where the reading did not end, its state says all.
    if lists or ("tidied" in evidence and not (short or unreadable)):
        yield reason("night_incomplete", kinds=lists or [phrase("list_entries")])


def _state_of(evidence: Mapping[str, Any], of: BooksList) -> str:
    steps = [evidence.get(f"{step}/{of}", {}).get("state") for step in ("changes", "baseline")]
    return str(next((state for state in steps if state and state != "complete"), ""))


def _hash(company: str, found: NightReport, previous: str) -> str:
    """Return what proves the report, and through the one before all that came before it. How it was found, and by how
    many requests, is no part of it."""
    told = {
        "company": company,
        "night": found.night.night.isoformat(),
        "states": [found.night.state, found.night.scoro_state],
        "notes": [note.to_json() for note in found.notes],
        "open": [
            [each.id, each.kind, dict(each.after)] for case in (*found.fresh, *found.lasting) for each in case.drifts
        ],
        "closed": [[each.id, each.state] for each in found.closed],
        "previous": previous,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _table(title: str, cases: Sequence[Case], language: Language) -> str:
    if not cases:
        return ""
    rows = "".join(
        f"<tr><td>{case.first.id}</td><td>{escape(case.sentence(language, on_page=True))}</td>"
        f"<td>{escape(_amount(case, language))}</td></tr>"
        for case in cases
    )
    return f"<h2>{escape(title)}: {len(cases)}</h2><table>{rows}</table>"


def _closed(closed: Sequence[Drift], language: Language) -> str:
    if not closed:
        return ""
    rows = "".join(
        f"<tr><td>{each.id}</td><td>{escape(render(each.reason, language, on_page=True))}</td>"
        f"<td>{escape(word(STATES, each.state, language))}"
        f"{escape(f', {each.accepted_by}') if each.accepted_by else ''}"
        f" {each.closed_at.astimezone(TALLINN):%d.%m.%Y %H:%M}</td></tr>"
        for each in closed
        if each.closed_at is not None
    )
    return f"<h2>{escape(word(TITLES, 'closed', language))}: {len(closed)}</h2><table>{rows}</table>"


def _amount(case: Case, language: Language) -> str:
    found = [each.amount for each in case.drifts if each.amount]
    return f"{amounts(plain(sum(found, Decimal(0))), language)} {case.first.currency}" if found else ""
