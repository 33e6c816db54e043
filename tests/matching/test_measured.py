"""The bounds that the matching keeps, on a seed that nothing was tuned on; `make measure-matching` shows ten."""

from __future__ import annotations

from tests.matching.figures import measure_items, measure_parties
from tests.matching.labelled import labelled_parties
from tests.matching.measure import HELD_OUT

SEED = HELD_OUT[0]


def test_partners() -> None:
    figures, _ = measure_parties(SEED)
    assert figures.sources >= 2000
    assert figures.precision >= 0.999
    assert figures.recall >= 0.95
    assert figures.automatic >= 0.5


def test_articles() -> None:
    figures = measure_items(SEED)
    assert figures.precision >= 0.999
    assert figures.recall >= 0.95


def test_the_set_is_what_it_says() -> None:
    labelled = labelled_parties(SEED)
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
