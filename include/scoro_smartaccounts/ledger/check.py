"""What was booked, held against SmartAccounts' ledger in euros: a request or two a run, and a few more where first
documents of their kinds are judged.

Nothing in an entry names its document for certain. The entry's id, its number or the number of its paper may be the
document's; which of these links all entries to documents without a contradiction is kept, and used from then on. Where
none does, an entry of the same day with all the expected amounts stands for the document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.culprits import fault_of, is_of_records
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import (
    BillingStopped,
    ConfigurationError,
    PutOff,
    RequestRefused,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.ledger.expected import (
    Chart,
    Difference,
    Expected,
    debt_account_of,
    differences,
    distance,
    expected_of,
    parts_sent,
)
from scoro_smartaccounts.mirror.changes import OVERLAP
from scoro_smartaccounts.mirror.registers import money_accounts, sync_settings, vat_codes
from scoro_smartaccounts.smartaccounts.endpoints import BANK_ACCOUNTS, CASH_ACCOUNTS, ENTRIES, VAT_CODES
from scoro_smartaccounts.smartaccounts.queries import WITH_ROWS, changed_since, entered
from scoro_smartaccounts.smartaccounts.queries import page as page_of
from scoro_smartaccounts.smartaccounts.wire import EntryRow, text
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.ledger import (
    Booked,
    Entry,
    booked_as_expected,
    booked_parts,
    booked_unchecked,
    free_entries,
    note_checked,
    shows_news,
    store_entries,
    verdicts_on,
)
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.readings import rate_is_foreign_per_euro

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

MOST_REQUESTS = 2
# And for the first documents of their kinds, which others of the same run wait for: a reading for each round of them.
MOST_REQUESTS_OF_FIRSTS = 4
# How entries name their documents, how far a reading is, and on which accounts debts stand.
LINK, READING, DEBTS = "entry_link", "ledger_reading", "debt_accounts"
# How far the reading of single days is, and since when questions are refused.
DAYS, REFUSED = "ledger_days", "ledger_refused"
# After so many documents a way of naming them is trusted, whatever the amounts are.
_ENOUGH = 20
# What was not found so long after it was booked is looked for by its day.
_LATE = timedelta(days=1)
# A refusal that lasts from one night to the next is no matter of the moment.
_LASTING = timedelta(hours=20)
# So many documents tell whether a way of naming them is right.
_SAMPLE = 40

# Verdicts without an alarm.
_NO_ALARM = ("equal", "not_compared")
_KEPT = (*INVOICE_TYPES.values(), "BANK_PAYMENT", "CASH_PAYMENT")

_Key = Callable[[Booked, Expected], str]
_EntryKey = Callable[[Entry], str]
# How an entry may name its document, the surest first.
_LINKS: Mapping[str, tuple[_Key, _EntryKey]] = {
    "id": (lambda booked, _: booked.remote_id, lambda entry: entry.entry_id),
    "document": (lambda _, expected: expected.paper, lambda entry: entry.document),
    "number": (lambda _, expected: expected.number, lambda entry: entry.number),
}


class Refusal(StrEnum):
    """Why the ledger cannot be read at all: the right is missing, or the question is refused for a day."""

    NONE = ""
    RIGHT = "right"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Posting:
    """A document, or a part of it, beside its entry. `differences` are None where no entry was found for it."""

    booked: Booked
    expected: Expected
    differences: tuple[Difference, ...] | None
    entry: Entry | None = None

    @property
    def is_different(self) -> bool:
        """Whether an alarm was sounded about it."""
        return self.differences is None or bool(self.differences)


@dataclass
class Checked:
    """What came of a check. `uncompared`: nothing that SmartAccounts' settings tell can be held against their entries;
    `left`: documents whose entries are still to be read, by their source ids. `by_sums`: how many were found by their
    sums alone; `without_vat`: how many are as expected but for their VAT, which nothing tells. `is_blind`: the ledger
    shows nothing of what was booked; `unreadable`: entries that cannot be read."""

    equal: list[Posting] = field(default_factory=list)
    different: list[Posting] = field(default_factory=list)
    uncompared: list[Posting] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    by_sums: int = 0
    without_vat: int = 0
    refusal: Refusal = Refusal.NONE
    is_blind: bool = False
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A document that is to be compared, and what its entry must hold."""

    booked: Booked
    expected: Expected


class LedgerCheck:
    """The check of one run: it asks for at most `MOST_REQUESTS` pages of the ledger, and `MOST_REQUESTS_OF_FIRSTS` more
    where first documents are judged, however often it is called. `note` hears what came of each comparison, within the
    transaction that stores it."""

    def __init__(
        self, connection: Connection, request: RunRequest, services: Services, note: Callable[[Checked], None]
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._note = note
        self._allowed = MOST_REQUESTS
        self._allowed_of_firsts = MOST_REQUESTS_OF_FIRSTS
        self._is_of_firsts = False
        # A service that does not answer is not asked again before the next call.
        self._is_away = False
        self._refusal = Refusal.NONE
        # Questions that SmartAccounts refused or answered, and entries that could not be read, in this run.
        self._refused = self._answered = self._unreadable = 0
        self._is_blind = False

    def run(self, only: Collection[str] | None = None, *, by_day: bool = False) -> Checked:
        """Hold what was booked and not checked yet against the ledger: all of it, or those of these source ids. Reads
        nothing where there is nothing. `by_day`: by the days of their entries, where they were booked long ago."""
        result = Checked()
        self._is_of_firsts = only is not None
        self._is_away = False
        booked = self._booked(only)
        if booked and not self._refusal:
            if self._knows_accounts():
                left = self._read_and_compare(self._wanted(booked), result, is_all=only is None, by_day=by_day)
                result.left = [item.booked.source_id for item in left]
            else:
                result.left = [item.source_id for item in booked]
        self._note_refusals()
        result.refusal, result.is_blind, result.unreadable = self._refusal, self._is_blind, self._unreadable
        return result

    def judged_parts(self, source_id: str) -> list[Posting] | None:
        """Return all parts of a document, those with an alarm without their differences; None where some of them are
        not booked, or not compared yet. Within the transaction that stores the verdicts."""
        flow = self._request.flow
        booked = booked_parts(self._connection, self._company, flow, source_id)
        verdicts = verdicts_on(self._connection, self._company, flow, [item.remote_id for item in booked])
        if not booked or len(booked) < parts_sent(booked[0].payload) or len(verdicts) < len(booked):
            return None
        parts = []
        for item in self._expected(booked):
            verdict, entry = verdicts[item.booked.remote_id]
            parts.append(Posting(item.booked, item.expected, () if verdict in _NO_ALARM else None, entry))
        return parts

    def found_as_expected(self) -> list[Posting]:
        """Return what earlier runs compared and found right."""
        with self._connection.begin():
            booked = booked_as_expected(self._connection, self._company, self._request.flow)
            ids = [item.remote_id for item in booked]
            verdicts = verdicts_on(self._connection, self._company, self._request.flow, ids)
        return [
            Posting(item.booked, item.expected, (), verdicts[item.booked.remote_id][1]) for item in self._wanted(booked)
        ]

    def _read_and_compare(
        self, wanted: Sequence[_Wanted], result: Checked, *, is_all: bool, by_day: bool
    ) -> list[_Wanted]:
        """Those that are left to the next run."""
        if not by_day:
            since = _booked_since(wanted)
            is_whole = self._read_on(since) if is_all else self._read_new(since)
            wanted = self._compare(wanted, result)
            # Of all, what is on pages to come needs no question of its own.
            if wanted and is_all and not is_whole and self._services.clock() - _booked_since(wanted) <= _LATE:
                return list(wanted)
        left, asked = list(wanted), set()
        while self._may_ask():
            # What changes do not show is looked for by its day: nobody knows whether they show all.
            days = [(item.expected.doc_type, item.expected.day) for item in left]
            following = next((each for each in days if each not in asked), None)
            if following is None:
                break
            asked.add(following)
            shown_until = self._read_day(*following)
            same = [item for item, day in zip(left, days, strict=True) if day == following]
            gone = [item for item in same if shown_until is not None and item.booked.planned_at <= shown_until]
            still = self._compare(same, result, missing=gone)
            left = [item for item, day in zip(left, days, strict=True) if day != following or item in still]
        if by_day and left and self._refused and self._may_ask():
            self._read_new(_booked_since(left))
            left = self._compare(left, result)
        return left

    def _may_ask(self) -> bool:
        allowed = self._allowed_of_firsts if self._is_of_firsts else self._allowed
        return allowed > 0 and not self._refusal and not self._is_away

    def _booked(self, only: Collection[str] | None) -> list[Booked]:
        with self._connection.begin():
            booked = booked_unchecked(self._connection, self._company, self._request.flow)
        return [item for item in booked if only is None or item.source_id in only]

    def _wanted(self, booked: Sequence[Booked]) -> list[_Wanted]:
        with self._connection.begin():
            return self._expected(booked)

    def _expected(self, booked: Sequence[Booked]) -> list[_Wanted]:
        """Within a transaction."""
        flow, base = self._request.flow, self._request.company.base_currency
        chart = _chart(self._connection, self._company)
        wanted = []
        for item in booked:
            try:
                wanted.append(_Wanted(item, expected_of(flow, item, chart, base)))
            except Exception as problem:
                if not is_of_records(problem):
                    raise
                log.warning(
                    "%s cannot be held against the ledger (%s); tell the developers.", item.number, fault_of(problem)
                )
        return wanted

    def _knows_accounts(self) -> bool:
        """Read the settings that name accounts, once a day; False where SmartAccounts does not show them."""
        is_payment = self._request.flow is Flow.PAYMENTS
        try:
            sync_settings(self._services, self._company, (VAT_CODES, *((BANK_ACCOUNTS, CASH_ACCOUNTS) * is_payment)))
        except (TransientError, PutOff, BillingStopped, ConfigurationError, RequestRefused) as trouble:
            # What was booked is booked: the load does not fail because of it.
            log.warning("The ledger was not read, because the settings that name its accounts were not: %s", trouble)
            return False
        return True

    def _read_new(self, since: datetime) -> bool:
        """Read the entries made since a moment, a page of them: what it does not show is asked for by its day. Whether
        these are all."""
        return self._read(_made_since(since), first_page=1, most=1) is None and not self._refusal

    def _read_day(self, doc_type: str, day: date) -> datetime | None:
        """Read the entries of a type and day, from the page on that the run before came to. The moment up to which all
        of them were shown by now; None: not all were. A day more at the end: no source tells whether the last one
        counts."""
        key, name = f"{DAYS}/{self._request.flow.value}", f"{doc_type}/{day}"
        with self._connection.begin():
            known = known_state(self._connection, self._company, key)
        days = dict(known.evidence) if known is not None else {}
        before = days.pop(name, None) or {"page": 1, "turns": 0, "begun": self._services.clock().isoformat()}
        begun, unreadable = datetime.fromisoformat(before["begun"]), self._unreadable
        asked = entered(day, day + timedelta(days=1))
        following = self._read(asked | {"docType": doc_type}, first_page=before["page"])
        is_at_end = following is None and not before.get("unreadable") and self._unreadable == unreadable
        # Pages move between runs: what a reading of several runs did not show, the next one may.
        is_whole = is_at_end and (before["page"] == 1 or before["turns"] > 0)
        if following is not None:
            days[name] = before | {"page": following, "unreadable": self._unreadable > unreadable}
        elif not is_whole:
            days[name] = {"page": 1, "turns": before["turns"] + is_at_end, "begun": self._services.clock().isoformat()}
        with self._connection.begin():
            note_state(self._connection, self._company, key, AssumptionState("pages", days))
            if is_whole and not shows_news(self._connection, self._request, doc_type, day, begun):
                # Whatever it answers to this question, it is not what was booked lately.
                self._is_blind, is_whole = True, False
        return begun if is_whole else None

    def _read_on(self, since: datetime) -> bool:
        """Return the same as `_read_new`, or go on where an earlier run had to stop: pages may have moved since then,
        so that what it did not see it may have missed."""
        key = f"{READING}/{self._request.flow.value}"
        with self._connection.begin():
            before = known_state(self._connection, self._company, key)
        page = int(before.evidence["next_page"]) if before is not None else 1
        begun = datetime.fromisoformat(before.reading) if before is not None and page > 1 else since
        following = self._read(_made_since(begun), first_page=page)
        with self._connection.begin():
            state = AssumptionState(begun.isoformat(), {"next_page": following or 1})
            note_state(self._connection, self._company, key, state)
        return following is None and page == 1 and not self._refusal

    def _read(self, asked: Mapping[str, str], *, first_page: int, most: int = MOST_REQUESTS) -> int | None:
        """Read pages of entries; the next page to read, None where there is none."""
        page = first_page
        try:
            while self._may_ask() and page < first_page + most:
                self._ask()
                answer = self._services.smartaccounts.read(ENTRIES, **asked, **WITH_ROWS, **page_of(page))
                self._answered += 1
                with self._connection.begin():
                    rows = self._readable(answer.rows)
                    refused = store_entries(self._connection, self._company, rows, self._services.clock())
                    # What cannot be kept may be the entry of any document: none counts as missing.
                    self._unreadable += len(refused)
                if not answer.has_more:
                    return None
                page += 1
        except (TransientError, PutOff, BillingStopped) as trouble:
            self._is_away = True
            log.warning("The ledger was not read to its end: %s", trouble)
        except ConfigurationError as refusal:
            self._refusal = Refusal.RIGHT
            log.warning("SmartAccounts does not let the ledger be read: %s", refusal)
        except RequestRefused as refusal:
            # No matter of rights: nothing is let go because of it, unless it lasts.
            self._refused += 1
            log.warning("SmartAccounts refused the question about its ledger: %s", refusal)
        return page

    def _ask(self) -> None:
        if self._is_of_firsts:
            self._allowed_of_firsts -= 1
        else:
            self._allowed -= 1

    def _readable(self, rows: Iterable[Mapping[str, Any]]) -> list[EntryRow]:
        """Entries of documents and payments: of wages and the like nothing is kept. One that cannot be read spoils no
        other."""
        found = []
        for row in rows:
            if text(row.get("docType")).upper() not in _KEPT:
                continue
            try:
                found.append(EntryRow.from_wire(row))
            except UnreadableAnswer as trouble:
                self._unreadable += 1
                log.warning("An entry of SmartAccounts' ledger is left out: %s", trouble)
        return found

    def _note_refusals(self) -> None:
        """Note a question that is refused for a day: it is like a missing right: nobody waits for its answer any
        more."""
        if not (self._refused or self._answered):
            return
        with self._connection.begin():
            known = known_state(self._connection, self._company, REFUSED)
            if self._answered:
                if known is not None and known.reading:
                    note_state(self._connection, self._company, REFUSED, AssumptionState("", {}))
                return
            now = self._services.clock()
            since = datetime.fromisoformat(known.reading) if known is not None and known.reading else now
            note_state(self._connection, self._company, REFUSED, AssumptionState(since.isoformat(), {}))
        if now - since >= _LASTING and not self._refusal:
            self._refusal = Refusal.QUESTION

    def _compare(self, wanted: Sequence[_Wanted], result: Checked, *, missing: Sequence[_Wanted] = ()) -> list[_Wanted]:
        """Hold documents against the entries that were read, store the verdicts, and tell what came of it: those of
        which no entry was found. Of those that are `missing` then, there is none."""
        found = Checked()
        with self._connection.begin():
            transaction_lock(self._connection, self._company, "ledger_check")
            # What another run compared meanwhile is done; what was booked meanwhile may not have been read.
            unchecked = {
                (item.source_id, item.part)
                for item in booked_unchecked(self._connection, self._company, self._request.flow)
            }
            wanted = [item for item in wanted if (item.booked.source_id, item.booked.part) in unchecked]
            left = self._judge(wanted, found, missing)
            self._note(found)
        result.by_sums += found.by_sums
        result.without_vat += found.without_vat
        return left

    def _judge(self, wanted: Sequence[_Wanted], found: Checked, missing: Sequence[_Wanted]) -> list[_Wanted]:
        entries: dict[str, list[Entry]] = {}
        for doc_type in {item.expected.doc_type for item in wanted}:
            days = {item.expected.day for item in wanted if item.expected.doc_type == doc_type}
            entries[doc_type] = free_entries(self._connection, self._company, doc_type, days)
        linked, by_sums = self._pairs(wanted, entries)
        left = []
        for item in wanted:
            remote_id = item.booked.remote_id
            entry = linked.get(remote_id) or by_sums.get(remote_id)
            if not item.expected.is_comparable:
                verdict = "equal" if item.expected.is_nothing else "not_compared"
                self._store(item, verdict, entry, is_named=remote_id in linked)
                if verdict == "not_compared":
                    found.uncompared.append(Posting(item.booked, item.expected, ()))
            elif entry is not None:
                told = tuple(differences(item.expected, entry))
                self._store(item, "differs" if told else "equal", entry, is_named=remote_id in linked)
                (found.different if told else found.equal).append(Posting(item.booked, item.expected, told, entry))
                found.by_sums += remote_id in by_sums
                found.without_vat += item.expected.vat_is_unseen and not told
                if not told:
                    self._learn_debts(item.expected, entry)
            else:
                left.append(item)
        gone = [item for item in left if item in missing]
        taken = {entry.entry_id for entry in (*linked.values(), *by_sums.values())}
        for item in gone:
            others = [each for each in left if each is not item and _is_alike(each, item)]
            entry = None if others else _only_one(item, entries[item.expected.doc_type], taken)
            off = None if entry is None else tuple(differences(item.expected, entry))
            self._store(item, "not_found" if entry is None else "differs", entry)
            found.different.append(Posting(item.booked, item.expected, off, entry))
        return [item for item in left if item not in gone]

    def _store(self, item: _Wanted, verdict: str, entry: Entry | None, *, is_named: bool = False) -> None:
        note_checked(self._connection, self._request, item.booked.remote_id, verdict, entry, is_named=is_named)

    def _learn_debts(self, expected: Expected, entry: Entry) -> None:
        account = debt_account_of(expected, entry)
        if account is None or account in expected.debts:
            return
        key = f"{DEBTS}/{expected.settles or expected.doc_type}"
        known = known_state(self._connection, self._company, key)
        accounts = sorted({account, *(known.evidence["accounts"] if known is not None else ())})
        note_state(self._connection, self._company, key, AssumptionState("seen", {"accounts": accounts}))

    def _pairs(
        self, wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]]
    ) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """Entries by the remote id of their document: those that name it, and those that are found by their sums."""
        state = known_state(self._connection, self._company, LINK)
        before = int(state.evidence["documents"]) if state is not None else 0
        known = [state.reading] if state is not None else []
        for name in (*known, *(name for name in _LINKS if name not in known)):
            pairs = _paired(wanted, entries, *_LINKS[name])
            seen = before if name in known else 0
            evidence = _evidence(wanted, pairs, entries)
            if pairs and evidence.speaks_for_it(is_trusted=seen >= _ENOUGH):
                if evidence.agreeing:
                    note = AssumptionState(name, {"documents": seen + evidence.agreeing})
                    note_state(self._connection, self._company, LINK, note)
                return pairs, _by_amounts(wanted, entries, pairs)
        return {}, _by_amounts(wanted, entries, {})


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for a way of naming documents. `agreeing`: documents whose amounts only one entry of their day has,
    and it is the one that is named; `against`: it is another one. `explained`: all differences mean something;
    `mostly_equal`: most of what is named has the amounts, others may have them too."""

    agreeing: int
    against: int
    explained: bool
    mostly_equal: bool

    def speaks_for_it(self, *, is_trusted: bool) -> bool:
        if self.against:
            return self.agreeing > self.against
        return bool(self.agreeing or self.explained or self.mostly_equal or is_trusted)


def _evidence(wanted: Sequence[_Wanted], pairs: Mapping[str, Entry], entries: Mapping[str, list[Entry]]) -> _Evidence:
    """Equal sums of a day prove nothing: a way that names a neighbour would look right."""
    agreeing = against = equal = 0
    explained: list[bool] = []
    for item in [item for item in wanted if item.booked.remote_id in pairs][:_SAMPLE]:
        pair = pairs[item.booked.remote_id]
        same_day = [entry for entry in entries[item.expected.doc_type] if entry.day == item.expected.day]
        fits = [entry for entry in same_day if item.expected.is_comparable and not differences(item.expected, entry)]
        agreeing += fits == [pair]
        against += len(fits) == 1 and fits != [pair]
        if told := differences(item.expected, pair):
            explained.append(all(each.cause for each in told))
        else:
            equal += 1
    return _Evidence(agreeing, against, bool(explained) and all(explained), equal > len(explained))


def _booked_since(wanted: Sequence[_Wanted]) -> datetime:
    return min(item.booked.planned_at for item in wanted)


def _made_since(moment: datetime) -> dict[str, str]:
    return changed_since(moment - OVERLAP)


def _is_alike(one: _Wanted, other: _Wanted) -> bool:
    """Whether an entry of the one may be that of the other."""
    mine, theirs = one.expected, other.expected
    return (mine.doc_type, mine.day, mine.currency) == (theirs.doc_type, theirs.day, theirs.currency)


def _only_one(item: _Wanted, entries: Sequence[Entry], taken: Collection[str]) -> Entry | None:
    """Return the only entry of the day and currency that nothing else has; None where there are none or several."""
    day, currency = item.expected.day, item.expected.currency
    same = [
        entry for entry in entries if (entry.day, entry.currency) == (day, currency) and entry.entry_id not in taken
    ]
    return same[0] if len(same) == 1 else None


def _chart(connection: Connection, company: str) -> Chart:
    codes = vat_codes(connection, company)
    vat = {row.vat_pc: (text(row.raw.get("accountSales")), text(row.raw.get("accountPurchase"))) for row in codes}
    halved = frozenset(row.vat_pc for row in codes if "50%" in f"{row.vat_pc} {row.description}")
    money = {key: text(row.raw.get("account")) for key, row in money_accounts(connection, company).items()}
    debts = {
        doc_type: frozenset(map(str, known.evidence["accounts"]))
        for doc_type in INVOICE_TYPES.values()
        if (known := known_state(connection, company, f"{DEBTS}/{doc_type}")) is not None
    }
    return Chart(vat, halved, money, debts, rate_is_foreign_per_euro(connection, company))


def _paired(
    wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]], key: _Key, entry_key: _EntryKey
) -> dict[str, Entry]:
    """Return the entries that name their document in one way, where each names one only."""
    found: dict[str, Entry] = {}
    for doc_type, those in entries.items():
        by_key: dict[tuple[str, object], list[Entry]] = {}
        for entry in those:
            by_key.setdefault((entry_key(entry), entry.day), []).append(entry)
        for item in wanted:
            if item.expected.doc_type != doc_type or not (name := key(item.booked, item.expected)):
                continue
            mine = by_key.get((name, item.expected.day), [])
            if len(mine) == 1:
                found[item.booked.remote_id] = mine[0]
    return found if len({entry.entry_id for entry in found.values()}) == len(found) else {}


def _by_amounts(
    wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]], paired: Mapping[str, Entry]
) -> dict[str, Entry]:
    """Entries of the day that hold all that is expected, each for one of the documents that are not paired: for as many
    documents as there can be, the nearest amounts first. An entry of the document's currency is nearer than others, and
    what has a debt or moves money comes before what has VAT alone."""
    taken = {entry.entry_id for entry in paired.values()}
    free: dict[tuple[str, date], list[Entry]] = {}
    for doc_type, those in entries.items():
        for entry in those:
            if entry.entry_id not in taken:
                free.setdefault((doc_type, entry.day), []).append(entry)
    found: list[tuple[tuple[bool, bool, Decimal, int, int], str, Entry]] = []
    for place, item in enumerate(wanted):
        expected = item.expected
        if item.booked.remote_id in paired or not expected.is_comparable:
            continue
        for number, entry in enumerate(free.get((expected.doc_type, expected.day), ())):
            if not differences(expected, entry):
                is_poor = not expected.partner and expected.moved is None
                rank = is_poor, entry.currency != expected.currency, distance(expected, entry), place, number
                found.append((rank, item.booked.remote_id, entry))
    found.sort(key=lambda each: each[0])
    return _matched([(remote_id, entry) for _, remote_id, entry in found])


def _matched(options: Sequence[tuple[str, Entry]]) -> dict[str, Entry]:
    """Return an entry for as many documents as there can be, the first of the options where they may be taken."""
    found: dict[str, Entry] = {}
    holders: dict[str, str] = {}
    by_document: dict[str, list[Entry]] = {}
    for remote_id, entry in options:
        by_document.setdefault(remote_id, []).append(entry)
        if remote_id not in found and entry.entry_id not in holders:
            found[remote_id], holders[entry.entry_id] = entry, remote_id
    for remote_id in by_document:
        if remote_id not in found:
            _make_room(remote_id, by_document, found, holders)
    return found


def _make_room(
    remote_id: str, options: Mapping[str, list[Entry]], found: dict[str, Entry], holders: dict[str, str]
) -> None:
    """Let documents that have an entry take another that they may have, so that one gets free for this document."""
    came_from: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    waiting = [remote_id]
    for asking in waiting:
        for entry in options[asking]:
            if entry.entry_id in came_from:
                continue
            came_from[entry.entry_id], entries[entry.entry_id] = asking, entry
            if (holder := holders.get(entry.entry_id)) is not None:
                waiting.append(holder)
                continue
            entry_id: str | None = entry.entry_id
            while entry_id is not None:
                taker = came_from[entry_id]
                left = found.get(taker)
                found[taker], holders[entry_id] = entries[entry_id], taker
                entry_id = None if taker == remote_id or left is None else left.entry_id
            return
