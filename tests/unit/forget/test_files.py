"""Room forget. Files are looked through whatever they are: leftovers of killed writes, bombs, endless ones."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest

from scoro_smartaccounts.forget import files
from scoro_smartaccounts.forget.files import files_before, files_naming

if TYPE_CHECKING:
    from pathlib import Path


def is_named(text: str) -> bool:
    return "Mari Kanaarilind" in text


def book(path: Path, *texts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, text in enumerate(texts):
            packed.writestr(f"xl/sheet{number}.xml", text)
    return path


def age(path: Path, hours: int) -> Path:
    then = path.stat().st_mtime - hours * 3600
    os.utime(path, (then, then))
    return path


def test_what_a_killed_write_left_goes_too(tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx.new", "<c>Mari Kanaarilind</c>")
    other = book(tmp_path / "b.xlsx.new", "<c>Jaan Papagoi</c>")
    half = tmp_path / "c.xlsx.new"
    half.write_bytes(whole.read_bytes()[:60])
    text = tmp_path / "d.csv.new"
    text.write_text("1;Mari Kanaarilind")
    being_written = tmp_path / "e.xlsx.new"
    being_written.write_bytes(half.read_bytes())
    for path in (whole, other, half, text):
        age(path, 2)
    searched = files_naming([tmp_path], is_named)
    assert searched.found == [whole, half, text]
    assert searched.unread == [being_written]


@pytest.mark.parametrize(("offset", "value"), [(6, 1), (8, 99)], ids=["encrypted", "packed in an unknown way"])
def test_a_list_that_cannot_be_opened_is_named_and_the_others_are_looked_through(
    tmp_path: Path, offset: int, value: int
) -> None:
    closed = book(tmp_path / "a.xlsx", "<c>Mari Kanaarilind</c>")
    content = bytearray(closed.read_bytes())
    # In the header of each part, and two bytes later in the list at the end.
    for header, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        content[content.find(header) + offset + shift] = value
    closed.write_bytes(content)
    # A file that exists and cannot be read, whoever asks.
    (tmp_path / "b.csv").symlink_to("/proc/self/mem")
    other = book(tmp_path / "c.xlsx", "<c>Mari Kanaarilind</c>")
    searched = files_naming([tmp_path], is_named)
    assert searched.found == [other]
    assert searched.unread == [closed, tmp_path / "b.csv"]


def test_leftovers_are_old_as_lists_are(tmp_path: Path) -> None:
    left = tmp_path / "sales_invoices_2026-01-01_2026-01-31_run_12345678.xlsx.new"
    left.write_bytes(b"PK")
    assert files_before([tmp_path, tmp_path / "none"], date(2026, 3, 1)) == [left]


def test_a_name_on_the_border_of_two_pieces_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIECE", 64)
    monkeypatch.setattr(files, "_OVERLAP", 32)
    for before in range(40, 90):
        path = tmp_path / "list.csv"
        path.write_text("õ" * before + " Mari Kanaarilind " + "x" * 200)
        assert files_naming([tmp_path], is_named).found == [path]


def test_no_file_takes_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = book(tmp_path / "many.xlsx", "<c>" + "a" * 200 * 2**20 + "</c>", "Mari Kanaarilind")
    tracemalloc.start()
    searched = files_naming([tmp_path], is_named)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert searched.found == [many]
    assert peak < 50 * 2**20
    monkeypatch.setattr(files, "_LARGEST", 100 * 2**20)
    assert files_naming([tmp_path], is_named).unread == [many]
    book(tmp_path / "many.xlsx", *["x"] * 1001)
    assert files_naming([tmp_path], is_named).unread == [many]
