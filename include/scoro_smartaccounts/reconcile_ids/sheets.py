"""The sheets of the report."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.records import ItemRecord, PartnerRecord
from scoro_smartaccounts.reconcile_ids import words
from scoro_smartaccounts.reconcile_ids.keys import key_of
from scoro_smartaccounts.staging.proposals import Decision, StoredProposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pandas import DataFrame

    from scoro_smartaccounts.reconcile_ids.outcome import Outcome
    from scoro_smartaccounts.staging.links import StoredLink

Cell = str | Decimal | int | None

LIKELY = "Likely - Tõenäolised"
_PAIR = (
    words.KEY,
    words.WHAT,
    words.SCORO_ID,
    words.SCORO_NAME,
    words.SCORO_CODES,
    words.REMOTE_ID,
    words.REMOTE_NAME,
    words.REMOTE_CODES,
    words.WHY_EN,
    words.WHY_ET,
    words.SCORE,
    words.DECISION,
)
_DECIDED = (*_PAIR[:-1], words.BEFORE, words.DECISION)
_SO_FAR = {Decision.ACCEPTED: "jah", Decision.REJECTED: "ei"}
_COUNTS = {
    "in_scoro": "in Scoro / Scoros",
    "in_smartaccounts": "in SmartAccounts / SmartAccountsis",
    "linked_before": "linked before / varem seotud",
    "certain": "linked: certain / seotud: kindlad",
    "accepted": "linked: you said yes / seotud: vastasid jah",
    "rejected": "you said no / vastasid ei",
    "likely": "likely, wait for you / tõenäolised, ootavad sind",
    "conflicting": "conflicting, wait for you / vastuolulised, ootavad sind",
    "only_scoro": "only in Scoro: an import creates them / ainult Scoros: import lisab need",
    "only_smartaccounts": "only in SmartAccounts / ainult SmartAccountsis",
}
_HOW_TO = (
    "Write yes or no into the column Decision of the sheets Likely and Conflicting, save, and hand the file back.",
    "Rows without an answer stay as they are. On the sheets Certain and Decided an answer changes what was decided.",
    "Kirjuta lehtedel Likely ja Conflicting veergu Otsus jah või ei, salvesta ja anna fail tagasi.",
    "Vastuseta read jäävad, nagu on. Lehtedel Certain ja Decided muudab vastus otsust.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people: `rows` have a cell for each heading, those at the end may be missing."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def table(self) -> DataFrame:
        """Return the same for the writers of files."""
        from pandas import DataFrame

        rows = [(*row, *[None] * (len(self.headings) - len(row))) for row in self.rows]
        return DataFrame(rows, columns=list(self.headings), dtype=object)


def sheets_of(outcomes: Sequence[Outcome]) -> list[Sheet]:
    """Return what the report shows, all kinds together on each sheet."""
    return [
        _start(outcomes),
        Sheet("Certain - Kindlad", _PAIR, [_pair(each, item) for each in outcomes for item in each.certain]),
        likely_sheet(outcomes),
        Sheet("Conflicting - Vastuolulised", _PAIR, [_pair(e, item) for e in outcomes for item in e.conflicting]),
        Sheet("Decided - Otsustatud", _DECIDED, [_decided(each, item) for each in outcomes for item in each.decided]),
        _alone("Only Scoro - Ainult Scoros", outcomes, at_scoro=True),
        _alone("Only SmartAccounts - Ainult SA", outcomes, at_scoro=False),
        _linked(outcomes),
    ]


def likely_sheet(outcomes: Iterable[Outcome]) -> Sheet:
    """Return what most of the work is with: also a file of its own."""
    return Sheet(LIKELY, _PAIR, [_pair(each, item) for each in outcomes for item in each.likely])


def _start(outcomes: Sequence[Outcome]) -> Sheet:
    kinds = [f"{each.subject.plural} / {each.subject.plural_et}" for each in outcomes]
    rows: list[Sequence[Cell]] = [(label, *(each.counts[name] for each in outcomes)) for name, label in _COUNTS.items()]
    rows += [(), *((line,) for line in _HOW_TO)]
    return Sheet("Start - Alusta", ("", *kinds), rows)


def _pair(outcome: Outcome, item: StoredProposal) -> Sequence[Cell]:
    source = outcome.registers.sources.get(item.source_id)
    remote = outcome.registers.remotes.get(item.remote_id)
    return (
        key_of(outcome.company, item),
        _what(outcome),
        item.source_id,
        _name(source),
        _codes(source),
        item.remote_id,
        _name(remote),
        _codes(remote),
        words.details_en(item.evidence),
        words.details_et(item.evidence),
        item.score,
    )


def _decided(outcome: Outcome, item: StoredProposal) -> Sequence[Cell]:
    return (*_pair(outcome, item), _SO_FAR[item.decision])


def _alone(name: str, outcomes: Iterable[Outcome], *, at_scoro: bool) -> Sheet:
    rows = []
    for each in outcomes:
        records = each.registers.sources if at_scoro else each.registers.remotes
        for record_id in each.only_scoro if at_scoro else each.only_smartaccounts:
            rows.append((_what(each), record_id, _name(records[record_id]), _codes(records[record_id])))
    if at_scoro:
        return Sheet(name, (words.WHAT, words.SCORO_ID, words.SCORO_NAME, words.SCORO_CODES), rows)
    return Sheet(name, (words.WHAT, words.REMOTE_ID, words.REMOTE_NAME, words.REMOTE_CODES), rows)


def _linked(outcomes: Iterable[Outcome]) -> Sheet:
    headings = (
        words.WHAT,
        words.SCORO_ID,
        words.SCORO_NAME,
        words.REMOTE_ID,
        words.REMOTE_NAME,
        "How / Kuidas",
    )
    return Sheet(
        "Linked before - Varem seotud", headings, [_link(each, item) for each in outcomes for item in each.linked]
    )


def _link(outcome: Outcome, item: StoredLink) -> Sequence[Cell]:
    return (
        _what(outcome),
        item.source_id,
        _name(outcome.registers.sources.get(item.source_id)),
        item.remote_id,
        _name(outcome.registers.remotes.get(item.remote_id)),
        item.evidence.replace("_", " "),
    )


def _what(outcome: Outcome) -> str:
    return f"{outcome.subject.remote} / {outcome.subject.remote_et}"


def _name(record: PartnerRecord | ItemRecord | None) -> str:
    return "" if record is None else record.name


def _codes(record: PartnerRecord | ItemRecord | None) -> str:
    match record:
        case PartnerRecord():
            return ", ".join(filter(None, (record.registry_code, record.vat_number)))
        case ItemRecord():
            return record.code
    return ""
