"""Precision and recall of the matching on one labelled set."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.item_proposals import propose_items
from scoro_smartaccounts.matching.identity.partner_proposals import propose_partners
from scoro_smartaccounts.matching.identity.proposals import Proposal
from tests.matching.labelled import LabelledSet, labelled_parties
from tests.matching.products import labelled_items


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one set. `true`: sources that have a counterpart; `undecidable` of them cannot be told, and are
    counted as missed; `conflicting`: missed, but the right record is among the candidates shown."""

    sources: int
    remotes: int
    true: int
    undecidable: int
    certain: int
    certain_wrong: int
    likely: int
    likely_wrong: int
    conflicting: int
    missed: frozenset[str]
    seconds: float

    @property
    def precision(self) -> float:
        """Of what is linked without asking, the share that is right."""
        return 1 - self.certain_wrong / self.certain

    @property
    def precision_of_likely(self) -> float:
        """Of what waits for a yes, the share that is right."""
        return 1 - self.likely_wrong / self.likely

    @property
    def recall(self) -> float:
        """Of the sources that have a counterpart, the share that is certain or likely and right."""
        return 1 - len(self.missed) / self.true

    @property
    def automatic(self) -> float:
        """The share that is linked without asking, and right."""
        return (self.certain - self.certain_wrong) / self.true


def measure_parties(seed: int, count: int = 3000) -> tuple[Figures, LabelledSet]:
    """The figures of one set of parties."""
    labelled = labelled_parties(seed, count)
    sources, remotes = [r.party for r in labelled.sources], [r.party for r in labelled.remotes]
    started = time.perf_counter()
    found = propose_partners(sources, remotes)
    seconds = time.perf_counter() - started
    return _figures(found, labelled.truth, len(sources), len(remotes), len(labelled.undecidable), seconds), labelled


def measure_items(seed: int, count: int = 1000) -> Figures:
    """The figures of one set of products."""
    sources, remotes, truth = labelled_items(seed, count)
    started = time.perf_counter()
    found = propose_items(sources, remotes)
    seconds = time.perf_counter() - started
    truths = {source: frozenset({remote}) for source, remote in truth.items()}
    return _figures(found, truths, len(sources), len(remotes), 0, seconds)


def damage_of(labelled: LabelledSet, figures: Figures) -> list[tuple[str, int, int]]:
    """What happened to the sources with a counterpart: kind of damage, how many had it, how many of them are missed."""
    met, lost = Counter[str](), Counter[str]()
    for source_id, kinds in labelled.damages().items():
        met.update(kinds)
        if source_id in figures.missed:
            lost.update(kinds)
    return [(kind, met[kind], count) for kind, count in lost.most_common()]


def _figures(
    found: tuple[Proposal, ...],
    truth: Mapping[str, frozenset[str]],
    sources: int,
    remotes: int,
    undecidable: int,
    seconds: float,
) -> Figures:
    right = {
        confidence: [p.remote_id in truth.get(p.source_id, ()) for p in found if p.confidence is confidence]
        for confidence in Confidence
    }
    hit = {
        p.source_id
        for p in found
        if p.confidence is not Confidence.CONFLICTING and p.remote_id in truth.get(p.source_id, ())
    }
    named = {p.source_id for p in found if p.remote_id in truth.get(p.source_id, ())}
    certain, likely = right[Confidence.CERTAIN], right[Confidence.LIKELY]
    return Figures(
        sources=sources,
        remotes=remotes,
        true=len(truth),
        undecidable=undecidable,
        certain=len(certain),
        certain_wrong=certain.count(False),
        likely=len(likely),
        likely_wrong=likely.count(False),
        conflicting=len(named - hit),
        missed=frozenset(truth) - hit,
        seconds=seconds,
    )
