"""Room common. Lines for people say 1 document and 2 documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scoro_smartaccounts
from scoro_smartaccounts.common.reasons.spoken import counted

ROOM = Path(scoro_smartaccounts.__file__).parent
_THINGS = (
    *("article", "case", "client", "contact", "day", "deletion", "document", "group", "invoice", "mapping", "month"),
    *("pair", "part", "payment", "plan", "prepayment", "product", "question", "record", "request", "row", "vendor"),
    *("warning", "notice", "run", "link"),
)
# A number in a line, and what it counts, whatever stands between them.
_COUNTED = re.compile(rf"(?:%d|\{{[^{{}}]*(?:len\(|count|rows)[^{{}}]*\}})(?: [a-z]+)? (?:{'|'.join(_THINGS)})s\b")
# There are several of these whenever it is said.
_ALWAYS_MANY = (
    "{len(documents)} documents of this run are",
    "{len(called)} documents in quarantine are called",
    "{count} invoices; SmartAccounts links one",
    "{count} clients have",
    "{count} vendors have",
    "{rows} rows can",
    "{len(seen):,} records and",
)


@pytest.mark.parametrize(("number", "told"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (21, "21 rows")])
def test_a_number_has_the_word_that_fits(number: int, told: str) -> None:
    assert counted(number, "row|rows") == told


def test_no_line_counts_one_as_many() -> None:
    found = [
        f"{path.relative_to(ROOM)}: {line.strip()}"
        for path in sorted(ROOM.rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if _COUNTED.search(line) and not any(each in line for each in _ALWAYS_MANY)
    ]
    assert found == []
