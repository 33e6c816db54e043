"""The question about likely pairs, as Airflow's page shows it: no private person's name stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.markdown import as_text
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.records import ItemRecord, PartnerRecord
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.reconcile_ids.words import reasons_en, reasons_et
from scoro_smartaccounts.staging.links import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.reconcile_ids.outcome import Outcome
    from scoro_smartaccounts.staging.proposals import Pair

# More than a person looks through on one page; the rest stands in the file.
MOST_SHOWN = 100
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Question:
    """`body` is Markdown; `shown`: key → label of each pair, the most likely first."""

    body: str
    shown: Mapping[str, str]


def ask(outcomes: Sequence[Outcome], report: str) -> Question:
    """Return what to show of the likely pairs. `report` is where all of them stand."""
    likely = sorted(((each, item) for each in outcomes for item in each.likely), key=lambda pair: -pair[1].score)
    conflicting = sum(each.counts["conflicting"] for each in outcomes)
    rows, shown = [], {}
    for outcome, item in likely[:MOST_SHOWN]:
        key = ":".join((item.kind.value, *item.pair))
        ours, theirs = outcome.registers.sources.get(item.source_id), outcome.registers.remotes.get(item.remote_id)
        source = _called(outcome.subject.source, item.source_id, ours)
        # SmartAccounts does not say who is a person: a last name may look like a company form.
        remote = _called(outcome.subject.remote, item.remote_id, theirs if _public_name(ours) else None)
        shown[key] = f"{source} = {remote}"
        why = f"{reasons_en(item.evidence)} / {reasons_et(item.evidence)}"
        rows.append(f"| {as_text(source)} | {as_text(remote)} | {as_text(why)} |")
    body = "\n".join(
        [
            f"{counted(len(likely), 'likely pair waits|likely pairs wait')}, shown here: {len(shown)}. Conflicting"
            f" pairs, decided on the page Decisions or in the file `{report}` of the output folder: {conflicting}.",
            "",
            f"Ootel tõenäolisi paare: {len(likely)}, neist siin {len(shown)}. Vastuolulisi paare, mida saab otsustada"
            f" lehel „Otsused“ või failis: {conflicting}.",
            "",
            "| Scoro | SmartAccounts | why / miks |",
            "| --- | --- | --- |",
            *rows,
        ]
    )
    return Question(body, shown)


def pair_of(key: str) -> tuple[Kind, Pair]:
    """Return the pair that a key of `shown` names."""
    kind, source_id, remote_id = key.split(":", 2)
    return Kind(kind), (source_id, remote_id)


def _called(noun: str, record_id: str, record: PartnerRecord | ItemRecord | None) -> str:
    name = _public_name(record)
    return f"{noun} {record_id}, {name}" if name else f"{noun} {record_id}"


def _public_name(record: PartnerRecord | ItemRecord | None) -> str:
    """Return the name of a company or an article; empty for whoever may be a private person."""
    if record is None:
        return ""
    name = profile_of(record).public_name if isinstance(record, PartnerRecord) else record.name
    return visible(" ".join(name.split()), _LONGEST_NAME)
