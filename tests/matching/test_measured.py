"""Room matching/identity. The bounds that the matching keeps, on seeds that nothing was tuned on; `make
measure-matching` shows ten."""

from __future__ import annotations

import pytest

from tests.matching.figures import measure_items, measure_parties
from tests.matching.imports import measure_import, measure_import_of_items
from tests.matching.labelled import labelled_parties
from tests.matching.measure import HELD_OUT

SEEDS = HELD_OUT[:3]


@pytest.mark.slow
def test_partners() -> None:
    figures = [measure_parties(seed)[0] for seed in SEEDS]
    assert all(each.sources >= 2000 for each in figures)
    certain, true = sum(each.certain for each in figures), sum(each.true for each in figures)
    assert sum(each.certain_wrong for each in figures) / certain <= 0.001
    assert sum(len(each.missed) for each in figures) / true <= 0.05
    assert all(each.automatic >= 0.5 for each in figures)


@pytest.mark.slow
def test_partners_of_an_import() -> None:
    figures = [measure_import(seed) for seed in SEEDS]
    assert sum(each.wrong for each in figures) / sum(each.links for each in figures) <= 0.001
    assert all(each.links / each.contacts >= 0.4 for each in figures)
    assert all(each.left / each.contacts <= 0.1 for each in figures)


def test_articles() -> None:
    figures = [measure_items(seed) for seed in SEEDS]
    assert sum(each.certain_wrong for each in figures) / sum(each.certain for each in figures) <= 0.001
    assert sum(len(each.missed) for each in figures) / sum(each.true for each in figures) <= 0.05


def test_articles_of_an_import() -> None:
    links, wrong = (sum(counts) for counts in zip(*map(measure_import_of_items, SEEDS), strict=True))
    assert links >= 1000
    assert wrong / links <= 0.001


def test_the_set_is_what_it_says() -> None:
    labelled = labelled_parties(SEEDS[0])
    true = len(labelled.truth)
    companies = [record for record in labelled.sources if not record.entity.is_person]
    without_code = [record for record in companies if not record.party.registry_code]
    damages = labelled.damages().values()
    assert 0.25 <= len(without_code) / len(companies) <= 0.45
    assert sum(record.entity.is_person for record in labelled.sources) >= 200
    assert sum("nothing but the name in common" in kinds for kinds in damages) / true >= 0.15
    assert len(labelled.undecidable) / true <= 0.03
    assert len(labelled.sources) - true >= 200
    hard = ("typo", "group", "same name", "renamed", "namesake", "bureau", "copied codes", "wrong code", "mojibake")
    assert all(sum(kind in kinds for kinds in damages) >= 5 for kind in hard)
    lookalikes = ("town sisters", "street twins", "VAT group", "code twins", "court twins", "stand-in code")
    assert all(sum(kind in kinds for kinds in damages) >= 3 for kind in lookalikes)
