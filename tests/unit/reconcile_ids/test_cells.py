"""Room reconcile_ids. What a spreadsheet makes of ids and codes is known again, and nothing else is taken for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from scoro_smartaccounts.reconcile_ids.cells import may_show


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("1302", "1302"),
        ("1302", 1302),
        ("1302", 1302.0),
        ("00123", 123),
        ("1E3", 1000),
        ("1E3", "1,00E+03"),
        ("5,50", 5.5),
        ("10.50", 10.5),
        ("-5", "'-5"),
        ("4740123456789", "4,74012E+12"),
        ("4740123456789", 4740123456789.0),
        ("12345678901234567", 1.2345678901234568e16),
        ("1-2", date(2026, 2, 1)),
        ("1-2", datetime(2026, 1, 2, tzinfo=UTC)),
        ("1-2", "01.02.2026"),
        ("1-2", "2-Jan"),
        ("10.2025", datetime(2025, 10, 1, tzinfo=UTC)),
        ("MAR-5", datetime(2026, 3, 5, tzinfo=UTC)),
        ("10:30", time(10, 30)),
    ],
)
def test_what_a_spreadsheet_does(expected: str, shown: object) -> None:
    assert may_show(shown, expected)


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("1302", None),
        ("1302", ""),
        ("1302", "1303"),
        ("1302", 1302.5),
        ("00123", 1230),
        ("1302", date(2026, 2, 1)),
        ("1-2", "3-4"),
        ("1-2", date(2026, 4, 3)),
        ("1-2", "03.04.2026"),
        ("1-2", "KAABEL"),
        ("10:30", time(11, 30)),
        ("4740123456789", "4,74013E+12"),
        ("4740123456789", "inf"),
        ("4740123456789", "nan"),
        ("4740123456789", "1E999999999"),
        ("KAABEL", 5),
        ("A1", "A2"),
    ],
)
def test_what_is_another_id(expected: str, shown: object) -> None:
    assert not may_show(shown, expected)
