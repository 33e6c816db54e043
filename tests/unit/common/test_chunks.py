"""Room common. A list of many things ends at a number of them, or at what they weigh."""

from __future__ import annotations

from scoro_smartaccounts.common.chunks import MOST_WEIGHT, chunks


def test_a_list_ends_at_a_number() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks(())) == []


def test_a_list_ends_with_what_makes_it_heavy() -> None:
    heavy = MOST_WEIGHT // 2
    assert list(chunks([heavy, heavy, 1, 2 * heavy, 2], weigh=lambda weight: weight)) == [
        [heavy, heavy],
        [1, 2 * heavy],
        [2],
    ]
