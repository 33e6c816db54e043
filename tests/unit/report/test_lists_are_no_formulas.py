"""Room report. No text of a list is a formula, in whatever program and however that cuts its lines; numbers stay
numbers, and what is handed back is what was written."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from scoro_smartaccounts.reconcile_ids.cells import may_show, text_of
from scoro_smartaccounts.report.delimited import FORMULA_SIGNS, as_it_was, csv_of, harmless
from scoro_smartaccounts.report.workbook import workbook_of

FORMULAS = [
    "=1+1",
    "B,=1+1,",
    "B;=1+1",
    "B\t=1+1",
    "B|=1+1",
    "B\n=1+1",
    "B\r=1+1",
    'B\r\n=HYPERLINK("http://example.com")',
    '","=1+1',
    '";"=1+1"',
    '"\n=1+1',
    " =1+1",
    ", +372",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "'=1+1",
    "B,'=1+1",
]
TEXTS = st.text(st.sampled_from("=+-@'\",;|\t\r\n aB1＝"), max_size=12)


def written(*rows: tuple[Any, ...], language: str = "et") -> str:
    from pandas import DataFrame

    table = DataFrame(list(rows), columns=[f"column {n}" for n in range(len(rows[0]))], dtype=object)
    return csv_of(table, language).decode("utf-8-sig")  # type: ignore[arg-type]


def cells(text: str, separator: str, *, quotes: bool) -> list[str]:
    """What a program makes of a file that it cuts at `separator`, and at every line end where it knows no quotes."""
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    lines = io.StringIO(text, newline="") if quotes else text.splitlines()
    return [cell for row in csv.reader(lines, delimiter=separator, quoting=quoting) for cell in row]


def is_formula(cell: str) -> bool:
    """Whether a program would compute it; a plain number is one."""
    cell = cell.strip().strip('"').strip()
    return cell.startswith(FORMULA_SIGNS) and not cell.replace(",", "").replace(".", "").lstrip("-").isdigit()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("quotes", [True, False])
@given(text=st.one_of(st.sampled_from(FORMULAS), TEXTS), beside=st.one_of(st.sampled_from(FORMULAS), TEXTS))
def test_no_cell_of_a_csv_file_is_a_formula(separator: str, quotes: bool, text: str, beside: str) -> None:
    made = written((text, Decimal("-12.50"), beside, date(2026, 1, 5)), (beside, Decimal("1"), text, None))
    assert [cell for cell in cells(made, separator, quotes=quotes) if is_formula(cell)] == []


def test_the_attack_would_be_seen() -> None:
    plain = "column;other\r\nA;B,=1+1,\r\n"
    assert any(is_formula(cell) for cell in cells(plain, ",", quotes=True))
    quoted = '"column";"other"\r\n"A";"B,=1+1,"\r\n'
    assert any(is_formula(cell) for cell in cells(quoted, ",", quotes=True))


def test_every_cell_stands_in_quotes_and_numbers_stay_numbers() -> None:
    made = written(("a", Decimal("-1234.5"), 7, None, date(2026, 1, 5)))
    assert made.splitlines()[1] == '"a";"-1234,50";"7";"";"05.01.2026"'
    from pandas import read_csv

    read = read_csv(io.StringIO(made), sep=";", decimal=",")
    assert list(read.iloc[0])[:3] == ["a", -1234.5, 7]


@given(st.one_of(st.sampled_from(FORMULAS), TEXTS, st.text()))
def test_what_is_read_back_is_what_was_written(text: str) -> None:
    assert as_it_was(harmless(text)) == text


@given(st.one_of(st.sampled_from(FORMULAS), TEXTS))
def test_a_code_is_known_again(code: str) -> None:
    """Codes of articles may hold such signs; without control characters, which no system has."""
    code = " ".join(code.split())
    [_, cell] = csv.reader(io.StringIO(written((code,)), newline=""), delimiter=";")
    assert may_show(cell[0], code)
    assert text_of(cell[0]) in (code, code.removeprefix("'"))


@given(st.one_of(st.sampled_from(FORMULAS), TEXTS))
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    from pandas import DataFrame

    table = DataFrame([(text, Decimal("-1.50"), 7)], columns=["a", "b", "c"], dtype=object)
    [_, row] = load_workbook(BytesIO(workbook_of({"sheet": table})))["sheet"].iter_rows()
    assert row[0].data_type not in ("f", "e")
    assert row[0].value is None or isinstance(row[0].value, str)
    assert (row[1].data_type, row[1].value, row[2].value) == ("n", -1.5, 7)


def test_turned_writing_and_control_characters_are_shown() -> None:
    assert '"a\\x1b[2J\\u202eb"' in written(("a\x1b[2J\u202eb",))
    assert '"two\nlines"' in written(("two\r\nlines",))
    # A blank of another width is part of a name.
    assert '"a\u00a0b"' in written(("a\u00a0b",))
