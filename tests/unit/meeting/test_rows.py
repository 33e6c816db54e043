"""Room meeting. Every row of docs/assumptions.md has an assumption that something readable tells about, or stands with
the reason why nothing can."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.meeting import of_scoro, of_smartaccounts
from tests.integration.meeting.told import (
    NOTHING_TELLS_OF_SCORO,
    NOTHING_TELLS_OF_SMARTACCOUNTS,
    NOTHING_TELLS_OF_THE_AUDIT,
    NOTHING_TELLS_OF_TROUBLE,
    NOTHING_TELLS_WITHOUT_A_SWITCH,
    TOLD_OF_SCORO,
    TOLD_OF_SMARTACCOUNTS,
    TOLD_WITHOUT_A_SWITCH,
)
from tests.unit.docs.test_assumptions import ROWS, switches_of

KEYS = {each.key for each in of_smartaccounts.ASSUMPTIONS} | {each.key for each in of_scoro.ASSUMPTIONS}
TOLD = TOLD_OF_SMARTACCOUNTS | TOLD_OF_SCORO
NOTHING = (
    NOTHING_TELLS_OF_SMARTACCOUNTS | NOTHING_TELLS_OF_SCORO | NOTHING_TELLS_OF_TROUBLE | NOTHING_TELLS_OF_THE_AUDIT
)


def keys_of(row: list[str]) -> list[str]:
    """The assumptions that tell about a row."""
    found = [TOLD[name] for name in switches_of(row) if name in TOLD]
    found += [keys for start, keys in TOLD_WITHOUT_A_SWITCH.items() if row[0].startswith(start)]
    return [key for keys in found for key in keys.split()]


def reasons_of(row: list[str]) -> list[str]:
    """Why nothing tells it."""
    found = [NOTHING[name] for name in switches_of(row) if name in NOTHING]
    return found + [why for start, why in NOTHING_TELLS_WITHOUT_A_SWITCH.items() if row[0].startswith(start)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_is_told_or_has_a_reason(row: list[str]) -> None:
    assert keys_of(row) or reasons_of(row)
    assert set(keys_of(row)) <= KEYS


def test_half_of_all_rows_are_told() -> None:
    told = [row for row in ROWS if keys_of(row)]
    assert len(told) * 2 >= len(ROWS), f"{len(told)} of {len(ROWS)}"


def test_no_row_is_named_that_there_is_not() -> None:
    starts = (*TOLD_WITHOUT_A_SWITCH, *NOTHING_TELLS_WITHOUT_A_SWITCH)
    assert [start for start in starts if not any(row[0].startswith(start) for row in ROWS)] == []
