"""Room reconcile_ids/linked_service. A CSV file of SmartAccounts is taken apart without losing a byte; what is wrong
with it is said by row and column.

Files are made by a writer of the test's own, which knows what every cell says.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.reconcile_ids.linked_service.table import filled, read_table
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import WrongFile
from scoro_smartaccounts.staging.links import Kind

ARTICLES = ["Kood", "Kirjeldus", "Tüüp", "Ühik", "KM", "Hind", "Ostuhind", "Liidetud teenus", "Liidetud teenuse ID"]
PARTNERS = ["Nimi", "Registrikood", "KMKR number", "Aadress", "Kontaktandmed", "Liidetud teenus", "Liidetud teenuse ID"]


@dataclass(frozen=True)
class Written:
    """A file, and what the cells of its rows say, by line."""

    content: bytes
    rows: list[tuple[int, list[str]]]


def cell(text: str, separator: str, *, quoted: bool) -> str:
    if quoted or text.startswith('"') or any(mark in text for mark in (separator, "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


letters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t\"';,õäöüšžÕÄÖÜŠŽ \u00a0")
texts = st.text(letters, max_size=12)


@st.composite
def files(draw: st.DrawFn) -> Written:
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1257"]))
    separator = draw(st.sampled_from([";", "\t", ","]))
    end = draw(st.sampled_from(["\r\n", "\n"]))

    def known(text: str) -> str:
        return text.encode(encoding, "ignore").decode(encoding) if encoding == "cp1257" else text

    more = draw(st.lists(texts.filter(lambda text: text.strip() not in PARTNERS), max_size=3))
    headings = [f"  {name.upper()} " if draw(st.booleans()) else name for name in PARTNERS]
    headings = draw(st.permutations([*headings, *(known(text) for text in more)]))
    preamble = draw(st.lists(st.text(letters, max_size=20).map(known), max_size=3))
    lines = ["".join(text.split('"')).replace("\r", " ").replace("\n", " ") for text in preamble]
    line = len(lines) + 1
    lines.append(separator.join(cell(text, separator, quoted=draw(st.booleans())) for text in headings))
    line += breaks(lines[-1])
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.booleans()) and draw(st.booleans()):
            lines.append("")
        else:
            says = [known(draw(texts)) for _ in headings]
            lines.append(separator.join(cell(text, separator, quoted=draw(st.booleans())) for text in says))
            rows.append((line, [text.strip() for text in says]))
        line += breaks(lines[-1])
    text = end.join(lines) + (end if draw(st.booleans()) else "")
    return Written(text.encode(encoding), rows)


def breaks(line: str) -> int:
    return 1 + line.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@given(files())
def test_every_byte_and_every_cell_survives(written: Written) -> None:
    table = read_table(written.content, Kind.CLIENT)
    assert table.faults == ()
    assert table.to_bytes() == written.content
    rows = [row for row in table.rows if not row.is_blank]
    assert [row.line for row in rows] == [line for line, _ in written.rows]
    places = {name: table.columns[name] for name in PARTNERS if name not in ("Aadress", "Kontaktandmed")}
    for row, (_, says) in zip(rows, written.rows, strict=True):
        assert {name: table.text(row, name) for name in places} == {name: says[places[name]] for name in places}


@given(st.binary(max_size=200), st.sampled_from(list(Kind)[:3]))
def test_nothing_that_is_no_list_does_more_than_say_so(content: bytes, kind: Kind) -> None:
    with pytest.raises(WrongFile, match="nothing was changed"):
        read_table(content, kind)


@given(st.binary(max_size=60))
def test_whatever_follows_the_headings_is_told_or_kept(rest: bytes) -> None:
    content = ";".join(PARTNERS).encode() + b"\n" + rest
    try:
        table = read_table(content, Kind.VENDOR)
    except WrongFile:
        return
    if not table.faults:
        assert table.to_bytes() == content


def test_a_cell_is_filled_as_it_was_quoted() -> None:
    assert [filled(before, "51") for before in (b"", b'""', b'"7"', b"  ")] == [b"51", b'"51"', b'"51"', b"51"]


def wrong(content: str | bytes, kind: Kind = Kind.ARTICLE) -> list[tuple[int, str]]:
    """Row and column of everything that is wrong with a file."""
    data = content.encode() if isinstance(content, str) else content
    try:
        table = read_table(data, kind)
    except WrongFile as problem:
        return [(fault.row, fault.column) for fault in problem.faults]
    return [(fault.row, fault.column) for fault in table.faults]


HEADINGS = ";".join(ARTICLES)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", [(0, "")]),
        ("nothing here", [(0, "")]),
        (HEADINGS.encode("utf-16"), [(0, "")]),
        (b"PK\x03\x04" + b"\0" * 30, [(0, "")]),
        (HEADINGS.encode() + b"\nA;\xa1\xff;;;;;;;\n", [(0, "")]),
        (b"\xef\xbb\xbf" + HEADINGS.encode("cp1257"), [(0, "")]),
        ("Artiklid\n\n" + HEADINGS.removesuffix(";Liidetud teenuse ID"), [(3, "Liidetud teenuse ID")]),
        ("Kood;Kirjeldus;Hind", [(1, "Liidetud teenus"), (1, "Liidetud teenuse ID")]),
        (f"{HEADINGS};kood", [(1, "Kood")]),
        (";".join(PARTNERS), [(1, "Kood")]),
        (f"{HEADINGS}\nA;B;C\n\nB;;;;;;;;\nC;;;;;;;;;", [(2, "Ühik"), (5, "after Liidetud teenuse ID")]),
        (f'{HEADINGS}\nA;"kaks\nrida";;;;;;;\nB;"on "lahti;;;;;;;', [(4, "Kirjeldus")]),
        (f'{HEADINGS}\nA;"ei lõpe;;;;;;;\n', [(2, "Kirjeldus")]),
        (f'{HEADINGS}\nA;"Kask" OÜ;;;;;;;\n', [(2, "Kirjeldus")]),
        (f"{HEADINGS.replace(';', ',')}\nA,,,,,12,50,,SC,51\n", [(2, "after Liidetud teenuse ID")]),
        (HEADINGS.replace("Kirj", '"Kirj'), [(1, '"Kirjeldus')]),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(content: str | bytes, where: list[tuple[int, str]]) -> None:
    assert wrong(content) == where


def test_a_list_of_articles_is_none_of_clients() -> None:
    assert wrong(HEADINGS, Kind.CLIENT) == [(1, "Nimi")]
    with pytest.raises(WrongFile, match="row 1, column Nimi: this is a list of articles, not of vendors"):
        read_table(HEADINGS.encode(), Kind.VENDOR)


def test_no_more_than_fifty_faults_are_told() -> None:
    table = read_table(f"{HEADINGS}\n{'A;B;C' + chr(10)}".encode() + b"x\n" * 70, Kind.ARTICLE)
    told = str(WrongFile(table.faults)).splitlines()
    assert (len(told), told[1].strip()[:18], told[-1].strip()) == (52, "row 2, column Ühik", "and 21 more")


def test_a_preamble_that_looks_like_headings_does_not_win() -> None:
    content = f"Nimi;Näidis OÜ;Registrikood;12345678\r\n\r\n{';'.join(PARTNERS)}\r\nKask OÜ;1;;;;;\r\n"
    table = read_table(content.encode("cp1257"), Kind.CLIENT)
    assert (table.header.line, table.encoding, [table.text(row, "Nimi") for row in table.rows]) == (
        3,
        "cp1257",
        ["Kask OÜ"],
    )
