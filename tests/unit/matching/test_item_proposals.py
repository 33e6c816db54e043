"""Room matching/identity. Which product is which article."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.common.records import Confidence, ItemRecord
from scoro_smartaccounts.matching.identity.item_proposals import propose_items

CERTAIN, LIKELY, CONFLICTING = Confidence.CERTAIN, Confidence.LIKELY, Confidence.CONFLICTING


def product(id_: str, code: str, name: str, is_stock: bool | None = False) -> ItemRecord:
    return ItemRecord(id_, code, name, is_stock)


def article(code: str, name: str, is_stock: bool | None = False) -> ItemRecord:
    return ItemRecord(code, code, name, is_stock)


def outcome(sources: list[ItemRecord], remotes: list[ItemRecord]) -> list[tuple[str, str, Confidence]]:
    return [(p.source_id, p.remote_id, p.confidence) for p in propose_items(sources, remotes)]


@pytest.mark.parametrize(
    ("ours", "theirs", "confidence"),
    [
        (("T-100", "Hooldus"), ("T-100", "Hooldus"), CERTAIN),
        (("T-100", "Hooldus"), ("T-100", "Hooldustööd"), CERTAIN),
        (("KONS-1001", "Consulting"), ("KONS-1001", "Nõustamine"), LIKELY),
        (("T00123", "Hooldus"), ("T00123", "Transport"), LIKELY),
        (("T00123", "Analüüs päevatöö (paigaldus)"), ("T00123", "Analüüs päevatöö (konsultatsioon)"), LIKELY),
        (("T00123", "Kruvi roheline"), ("T00123", "ruvi roheline"), CERTAIN),
        (("1", "Hooldus"), ("1", "Transport"), LIKELY),
        (("t 100", "Hooldus"), ("T-100", "Hooldus"), CERTAIN),
        (("00012", "Hooldus"), ("12", "Hooldus"), CERTAIN),
        (("00012", "Hooldus"), ("12", "Transport"), LIKELY),
        (("", "Hooldus kuutasu"), ("A7", "Kuutasu, hooldus"), LIKELY),
        (("B2", "Hooldus kuutasu"), ("A7", "Hooldus kuutasu"), LIKELY),
    ],
)
def test_code_and_name(ours: tuple[str, str], theirs: tuple[str, str], confidence: Confidence) -> None:
    assert outcome([product("7", *ours)], [article(*theirs)]) == [("7", theirs[0], confidence)]


@pytest.mark.parametrize("theirs", ["Kruvi 6 mm", "Kruvi 16 mm", "Pump"])
def test_another_size_is_another_thing(theirs: str) -> None:
    found = propose_items([product("7", "", "Kruvi 8 mm")], [article("A7", theirs)])
    assert found == ()


def test_another_type_is_not_certain() -> None:
    found = outcome([product("7", "T-100", "Kruvi", True)], [article("T-100", "Kruvi", False)])
    assert found == [("7", "T-100", LIKELY)]


def test_products_with_one_code_are_one_article() -> None:
    sources = [product("7", "T-100", "Kruvi"), product("8", "T-100", "Kruvi")]
    assert outcome(sources, [article("T-100", "Kruvi")]) == [("7", "T-100", CERTAIN), ("8", "T-100", CERTAIN)]


def test_the_exact_code_wins() -> None:
    remotes = [article("t100", "Kruvi"), article("T-100", "Kruvi")]
    assert outcome([product("7", "T-100", "Kruvi")], remotes) == [("7", "T-100", CERTAIN)]


def test_equal_names_of_two_articles_are_a_persons_choice() -> None:
    found = outcome([product("7", "", "Kruvi")], [article("A", "Kruvi"), article("B", "KRUVI")])
    assert found == [("7", "A", CONFLICTING), ("7", "B", CONFLICTING)]


def test_equal_names_of_two_products_are_a_persons_choice() -> None:
    found = outcome([product("7", "", "Kruvi"), product("8", "", "Kruvi")], [article("A", "Kruvi")])
    assert found == [("7", "A", CONFLICTING), ("8", "A", CONFLICTING)]


def test_an_article_that_is_taken_by_its_code_is_not_proposed_by_name() -> None:
    sources = [product("7", "T-100", "Kruvi"), product("8", "", "Kruvi")]
    assert outcome(sources, [article("T-100", "Kruvi")]) == [("7", "T-100", CERTAIN)]


def test_without_code_and_name_nothing_is_proposed() -> None:
    assert outcome([product("7", "", "")], [article("A", "")]) == []
