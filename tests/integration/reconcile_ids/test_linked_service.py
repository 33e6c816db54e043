"""Room reconcile_ids. SmartAccounts' own CSV files: links go out into the two columns and come in from them, and
nothing else moves.

The files are written here, cell by cell, and what comes back is held against them byte by byte.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from scoro_smartaccounts.cli import main
from scoro_smartaccounts.common.company import FOLDER_VARIABLE, Mode, default_folder, load_company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.reconcile_ids.linked_service.fill import Filled, fill_links
from scoro_smartaccounts.reconcile_ids.linked_service.take import Taken, take_links
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import WrongFile
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.schema import (
    article_register,
    client_register,
    contact,
    link,
    product,
    register_state,
    vendor_register,
)
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE
from tests.integration.world import World

THE_COMPANY = load_company(default_folder() / "default.yaml")
COMPANY = THE_COMPANY.key
NOW = datetime(2026, 3, 20, tzinfo=UTC)
REGISTERS = {
    Kind.CLIENT: ("purchasesales/clients", client_register),
    Kind.VENDOR: ("purchasesales/vendors", vendor_register),
    Kind.ARTICLE: ("purchasesales/articles", article_register),
}
PERSON = "Küllike Kanaarilind"


@dataclass(frozen=True)
class Style:
    """How a file is written."""

    encoding: str
    end: str
    quoted: bool
    preamble: tuple[str, ...] = ()
    ends_with_newline: bool = True

    def write(self, rows: Iterable[Sequence[str]]) -> bytes:
        lines = [*self.preamble, *(";".join(map(self._cell, row)) for row in rows)]
        return (self.end.join(lines) + self.end * self.ends_with_newline).encode(self.encoding)

    def _cell(self, text: str) -> str:
        needs = self.quoted or any(mark in text for mark in ';"\n')
        return '"' + text.replace('"', '""') + '"' if needs else text


@dataclass
class Books:
    """Mirrors of the registers and links of the company, put there directly."""

    engine: Engine
    _read: set[Kind] = field(default_factory=set)

    def read(self, kind: Kind, rows: Sequence[dict[str, Any]]) -> None:
        service, register = REGISTERS[kind]
        with self.engine.begin() as connection:
            connection.execute(
                insert(register_state).values(company=COMPANY, register=service, synced_to=NOW, read_at=NOW)
            )
            if rows:
                connection.execute(insert(register), [{"company": COMPANY, **row} for row in rows])

    def link(self, kind: Kind, **links: str) -> None:
        """Links by Scoro id; written as `_51`."""
        with self.engine.begin() as connection:
            made = [Link(kind, name.strip("_"), remote, Evidence.REGISTRY_CODE) for name, remote in links.items()]
            store_links(connection, COMPANY, "test", made)

    def links(self, kind: Kind) -> dict[str, tuple[str, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(select(link).where(link.c.kind == kind.value)).all()
        return {row.source_id: (row.remote_id, row.evidence) for row in rows}

    def take(self, kind: Kind, content: bytes) -> Taken:
        return take_links(self.engine, THE_COMPANY, kind, content, run_key="test", clock=lambda: NOW)

    def fill(self, kind: Kind, content: bytes) -> Filled:
        with self.engine.connect() as connection:
            return fill_links(connection, COMPANY, kind, content)

    def refused(self, what: Callable[[Kind, bytes], object], kind: Kind, content: bytes) -> list[tuple[int, str]]:
        """Row and column of everything that is wrong; no person is named."""
        with pytest.raises(WrongFile) as caught:
            what(kind, content)
        assert PERSON not in str(caught.value)
        return [(fault.row, fault.column) for fault in caught.value.faults]


@pytest.fixture
def books(engine: Engine) -> Books:
    return Books(engine)


def partner(remote_id: str, name: str, code: str = "", vat: str = "") -> dict[str, Any]:
    return {"remote_id": remote_id, "name": name, "registry_code": code, "vat_number": vat}


def article(code: str) -> dict[str, Any]:
    return {"code": code, "description": "", "type": "SERVICE"}


ARTICLE_HEADINGS = [
    *("Kood", "Kirjeldus", "Tüüp", "Ühik", "KM", "Hind", "Ostuhind"),
    *("Liidetud teenus", "Liidetud teenuse ID"),
]
CLIENT_HEADINGS = [
    *("Nimi", "Registrikood", "Liidetud teenus", "Liidetud teenuse ID", "KMKR number"),
    *("Aadress", "Kontaktandmed"),
]
VENDOR_HEADINGS = [*("Liidetud teenuse ID", "Liidetud teenus", "Nimi", "Registrikood", "KMKR number", "Aadress")]

ARTICLES = Style("utf-8-sig", "\r\n", quoted=False)
CLIENTS = Style(
    "cp1257", "\r\n", quoted=False, preamble=("Näidis OÜ", "Kliendid;20.03.2026", ""), ends_with_newline=False
)
VENDORS = Style("utf-8", "\n", quoted=True)


def test_the_round_trip_of_three_files_changes_the_two_columns_only(books: Books) -> None:
    """Out into the user's files, and in again into a staging database that knows nothing."""
    books.read(Kind.ARTICLE, [article(code) for code in ("TÖÖ-1", "00020", "LADU;3", "MUU")])
    books.link(Kind.ARTICLE, _7="TÖÖ-1", _12="LADU;3", fallback="MUU")
    books.read(
        Kind.CLIENT,
        [
            partner("c1", "Šokolaad ja Žürii OÜ", "19000022", "EE100000001"),
            partner("c2", PERSON),
            partner("c3", "Kask OÜ", "19000033"),
            partner("c4", "Kask OÜ"),
        ],
    )
    books.link(Kind.CLIENT, _51="c1", _52="c2", _54="c4", _49="c4")
    books.read(Kind.VENDOR, [partner("v1", 'AS "Tamm"', "", "EE100000001"), partner("v2", "Mänd OÜ", "19000044")])
    books.link(Kind.VENDOR, _51="v1")
    trips: list[tuple[Kind, Style, list[list[str]], list[list[str]]]] = [
        (
            Kind.ARTICLE,
            ARTICLES,
            [
                ARTICLE_HEADINGS,
                ["TÖÖ-1", "Töötund  ", "Teenus", "h", "24%", "1\u00a0250,50", "", "", ""],
                [" 00020 ", 'Kruvi 2"', "Kaup", "tk", "km-vaba", "0,05", "0,01", "WOO", "91"],
                ["LADU;3", "Riiul,\nkaherealine", "Laoartikkel", "tk", "24%", "-3,00", "", "", ""],
                ["MUU", "", "Teenus", "", "", "", "", "", ""],
            ],
            [["SC", "7"], ["WOO", "91"], ["SC", "12"], ["", ""]],
        ),
        (
            Kind.CLIENT,
            CLIENTS,
            [
                CLIENT_HEADINGS,
                ["Šokolaad ja Žürii OÜ", "1900 0022", "", "", "EE100000001", "Tõnu 1, Põltsamaa", "a@b.ee"],
                [PERSON.upper(), "", "SC", "52", "", "", ""],
                ["Kask OÜ", "19000033", "", "", "", "", ""],
                ["Kask OÜ", "", "", "", "", "", ""],
                ["Võõras OÜ", "19000077", "", "", "", "", ""],
            ],
            [["SC", "51"], ["SC", "52"], ["", ""], ["SC", "49"], ["", ""]],
        ),
        (
            Kind.VENDOR,
            VENDORS,
            [
                VENDOR_HEADINGS,
                ["", "", 'AS "Tamm"', "", "ee100000001", ""],
                ["", "", "Mänd OÜ", "19000044", "", ""],
            ],
            [["51", "SC"], ["", ""]],
        ),
    ]
    for kind, style, rows, wanted in trips:
        places = [place for place, name in enumerate(rows[0]) if name.startswith("Liidetud teenus")]
        expected = [rows[0]]
        for row, cells in zip(rows[1:], wanted, strict=True):
            expected.append([*row])
            for place, cell in zip(places, cells, strict=True):
                expected[-1][place] = cell
        done = books.fill(kind, style.write(rows))
        assert done.content == style.write(expected)
        assert changed_cells(style, rows, done.content) == {
            (row, rows[0][place])
            for row, (before, after) in enumerate(zip(rows, expected, strict=True))
            for place in range(len(before))
            if before[place] != after[place]
        }
        assert books.fill(kind, done.content).content == done.content
        before = books.links(kind)
        forget(books, kind)
        taken = books.take(kind, done.content)
        # Of several contacts the file names one; the article of lines without a product is none of Scoro's.
        lost = {"54", "fallback"}
        assert books.links(kind) == {
            name: (remote, "linked_service") for name, (remote, _) in before.items() if name not in lost
        }
        assert taken.linked == len(before.keys() - lost)
        assert books.take(kind, done.content) == replace(taken, linked=0, known=taken.linked)


def changed_cells(style: Style, rows: list[list[str]], content: bytes) -> set[tuple[int, str]]:
    """Row and heading of the cells that differ, as a reader of another make sees the file."""
    text = content.decode(style.encoding).split(style.end, len(style.preamble))[-1]
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [len(row) for row in found] == [len(row) for row in rows]
    return {
        (number, rows[0][place])
        for number, (before, after) in enumerate(zip(rows, found, strict=True))
        for place in range(len(before))
        if before[place] != after[place]
    }


def forget(books: Books, kind: Kind) -> None:
    with books.engine.begin() as connection:
        connection.execute(link.delete().where(link.c.kind == kind.value))


def clients(*rows: Sequence[str]) -> bytes:
    """A list of clients: name, registry code, service, id, VAT number."""
    return CLIENTS.write([CLIENT_HEADINGS, *([*row, "", ""] for row in rows)])


# The headings of `clients` stand on row 4.
FIRST = 5
ID, SERVICE = "Liidetud teenuse ID", "Liidetud teenus"


@pytest.fixture
def four(books: Books) -> Books:
    books.read(
        Kind.CLIENT,
        [
            partner("c1", "Näidis OÜ", "19000022", "EE100000001"),
            partner("c2", PERSON),
            partner("c3", "Kask OÜ", "19000033"),
            partner("c4", "Kask OÜ", "19000044"),
        ],
    )
    return books


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_stored(four: Books) -> None:
    four.link(Kind.CLIENT, _60="c1")
    content = clients(
        ("Näidis OÜ", "19000022", "SC", "60", "EE100000001"),
        (PERSON, "", "SC", "51,0", ""),
        ("Kask OÜ", "", "SC", "53", ""),
        ("Kask OÜ", "19000033", "SC", "54", ""),
        ("Kask OÜ", "19000044", "SC", "54", ""),
        ("Võõras OÜ", "19000099", "SC", "55", ""),
        ("Näidis OÜ", "19000022", "", "", "EE100000001"),
        ("Võõras OÜ", "19000099", "SC", "", ""),
        ("Võõras OÜ", "19000099", "", "56", ""),
        ("Võõras OÜ", "19000099", "WOO", "x", ""),
        ("Näidis OÜ", "19000022", "SC", "57", "EE100000002"),
    )
    assert four.refused(four.take, Kind.CLIENT, content + b"\r\nkatki;1") == [
        (FIRST + 1, ID),
        (FIRST + 2, "Nimi"),
        (FIRST + 4, ID),
        (FIRST + 5, "Registrikood"),
        (FIRST + 6, "Nimi"),
        (FIRST + 7, ID),
        (FIRST + 8, SERVICE),
        (FIRST + 10, "KMKR number"),
        (FIRST + 11, SERVICE),
    ]
    assert four.links(Kind.CLIENT) == {"60": ("c1", "registry_code")}


def test_a_link_that_says_otherwise_wins_and_both_are_named(four: Books) -> None:
    four.link(Kind.CLIENT, _51="c1")
    content = clients(("Kask OÜ", "19000033", "SC", "51", ""), ("Näidis OÜ", "19000022", "", "", ""))
    with pytest.raises(WrongFile, match=rf"row 5, column {ID}: 51 is linked to the client of row 6 \(c1\) .* c3"):
        four.take(Kind.CLIENT, content)
    assert four.links(Kind.CLIENT) == {"51": ("c1", "registry_code")}
    other = clients(("Näidis OÜ", "19000022", "SC", "52", ""))
    assert four.refused(four.fill, Kind.CLIENT, other) == [(FIRST, ID)]


def test_a_link_to_a_record_that_is_gone_binds_nobody(four: Books) -> None:
    four.link(Kind.CLIENT, _51="gone")
    assert four.take(Kind.CLIENT, clients(("Kask OÜ", "19000033", "SC", "51", ""))).linked == 1
    assert four.links(Kind.CLIENT) == {"51": ("c3", "linked_service")}


def test_the_codes_of_scoros_contact_must_be_those_of_the_record(four: Books) -> None:
    with four.engine.begin() as connection:
        connection.execute(
            insert(contact).values(
                company=COMPANY,
                source_id="51",
                raw_version=1,
                name="Kask OÜ",
                is_person=False,
                registry_code="19000044",
            )
        )
    assert four.refused(four.take, Kind.CLIENT, clients(("Kask OÜ", "19000033", "SC", "51", ""))) == [
        (FIRST, "Registrikood")
    ]
    assert four.take(Kind.CLIENT, clients(("Kask OÜ", "19000044", "SC", "51", ""))).unseen == ()


def test_an_id_that_staging_never_met_is_noted(four: Books) -> None:
    assert four.take(Kind.CLIENT, clients((PERSON, "", "sc", "51", ""))) == Taken(1, 0, 0, 0, unseen=("51",))
    books = Books(four.engine)
    books.read(Kind.ARTICLE, [article("A")])
    with four.engine.begin() as connection:
        row = {"source_id": "7", "raw_version": 1, "name": "Töö", "is_stock": False, "excludes_discounts": False}
        connection.execute(insert(product).values(company=COMPANY, **row))
    rows = [ARTICLE_HEADINGS, ["A", "", "", "", "", "", "", "SC", "7"]]
    assert books.take(Kind.ARTICLE, ARTICLES.write(rows)).unseen == ()


def test_articles_that_are_not_there_or_stand_twice(books: Books) -> None:
    books.read(Kind.ARTICLE, [article("A"), article("B")])
    blank = [""] * 6
    rows = [["A", *blank, "SC", "7"], ["C", *blank, "SC", "8"], ["A", *blank, "", ""], ["", *blank, "SC", "9"]]
    assert books.refused(books.take, Kind.ARTICLE, ARTICLES.write([ARTICLE_HEADINGS, *rows])) == [
        (3, "Kood"),
        (4, "Kood"),
        (5, "Kood"),
    ]


def test_without_a_mirror_it_says_what_to_run(books: Books) -> None:
    with pytest.raises(ConfigurationError, match=r"SmartAccounts' clients were never read\. Run reconcile_ids"):
        books.take(Kind.CLIENT, clients())


def test_the_doors(
    four: Books,
    staging_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv(STAGING_VARIABLE, staging_url)
    path, new = tmp_path / "kliendid.csv", tmp_path / "uus.csv"
    content = clients((PERSON, "", "SC", "52", ""), ("Näidis OÜ", "19000022", "", "", ""))
    path.write_bytes(content)
    four.link(Kind.CLIENT, _51="c1", _49="c1")

    def command(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out + told.err

    code, told = command("links-in", str(path), "--kind", "clients")
    assert (code, told.splitlines()) == (
        0,
        [
            "clients: 1 linked, 0 linked before, 1 row without a link, 0 of other services.",
            "Not read from Scoro yet, so taken unchecked: 52. reconcile_ids reads them all.",
        ],
    )
    assert json.loads(command("links-in", str(path), "--kind", "clients", "--json")[1]) == {
        "company": "default",
        "kind": "clients",
        "linked": 0,
        "linked_before": 1,
        "without_link": 1,
        "of_other_services": 0,
        "overruled": [],
        "shared": [],
        "unchecked": ["52"],
    }
    code, told = command("links-out", str(path), str(new), "--kind", "clients")
    assert (code, told.splitlines()[1]) == (0, "Row 6 stands for several records of Scoro; it shows the lowest id.")
    assert new.read_bytes() == clients((PERSON, "", "SC", "52", ""), ("Näidis OÜ", "19000022", "SC", "49", ""))
    assert json.loads(command("links-out", str(path), str(new), "--kind", "clients", "--json")[1]) == {
        "company": "default",
        "kind": "clients",
        "file": str(new),
        "filled": 1,
        "filled_before": 1,
        "without_link": 0,
        "of_other_services": 0,
        "several": [6],
    }
    for target in (path, tmp_path / "kliendid2.csv"):
        target.touch()
        code, told = command("links-out", str(path), str(target), "--kind", "clients")
        assert (code, "give the new one another name" in told) == (2, True)
    assert path.read_bytes() == content
    code, told = command("links-in", str(path), "--kind", "articles")
    assert (code, told.splitlines()[0]) == (
        2,
        "SmartAccounts' articles were never read. Run reconcile_ids, or an import in mode preview, and try again.",
    )
    assert command("links-in", str(tmp_path / "none.csv"), "--kind", "clients")[0] == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["kliendid.csv", "kliendid2.csv", "uus.csv"]


def test_what_a_file_links_the_import_does_not_create(world: World) -> None:
    """Persons without codes stand in both systems: only the file can tell who is who."""
    world.checked = False
    day = date(2026, 1, 15)
    remote = world.books.seed("purchasesales/clients", {"name": PERSON, "vatPc": "24"})
    person = world.site.create("contacts", {"name": "Küllike", "lastname": "Kanaarilind", "contact_type": "person"})
    lines = [{"product_id": 0, "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}]
    fields = {"company_id": person["contact_id"], "date": day.isoformat(), "deadline": day.isoformat(), "lines": lines}
    # The mirror is read by any import; this one has nothing to create yet.
    early = world.site.create("invoices", fields)
    world.run(day, day, mode=Mode.PREVIEW)
    assert world.writes() == []
    content = clients((PERSON, "", "SC", str(person["contact_id"]), ""))
    taken = take_links(world.engine, world.company, Kind.CLIENT, content, run_key="test", clock=world.clock.now)
    assert taken.unseen == ()
    world.run(day, day)
    assert [row["clientId"] for row in world.invoices()] == [remote]
    assert [row["invoiceNumber"] for row in world.invoices()] == [str(early["no"])]
    assert world.writes("clients") == []
