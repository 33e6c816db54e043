"""Room reconcile_ids. A file that a person hands in, or a company file, cannot take a machine's memory, whatever it
holds."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from scoro_smartaccounts.common.company import default_folder, load_company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.reconcile import read_inside
from scoro_smartaccounts.reconcile_ids.answers import read_answers
from scoro_smartaccounts.reconcile_ids.linked_service.files import LARGEST_FILE, read_file
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import WrongFile
from tests.tiers import slow_but

MB = 2**20
SHEET = "xl/worksheets/sheet1.xml"


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def workbook(rows: bytes, before: bytes = b"") -> bytes:
    """A workbook whose sheet has these rows."""
    made, packed = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, before + HEAD + rows + END if name == SHEET else source.read(name))
    return packed.getvalue()


def cell(text: bytes) -> bytes:
    return b'<row><c t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


def bomb_of_texts() -> bytes:
    return workbook(cell(b"a" * 100 * MB))


def bomb_of_rows() -> bytes:
    row = b'<row><c t="n"><v>1</v></c></row>'
    return workbook(row * (100 * MB // len(row)))


def many_parts() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(2000):
            archive.writestr(f"xl/{number}.xml", b"")
    return packed.getvalue()


def entities() -> bytes:
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return workbook(cell(b"&a9;"), f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{"".join(names)}]>'.encode())


@pytest.mark.parametrize("bomb", slow_but([many_parts], [bomb_of_texts, bomb_of_rows, many_parts]))
def test_a_workbook_that_unpacks_to_more_than_any_report_is_not_unpacked(bomb: Callable[[], bytes]) -> None:
    content = bomb()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WrongFile, match="unpacks to more than any report"):
        read_answers(content, "default")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_entities_that_multiply_are_no_workbook() -> None:
    with pytest.raises(WrongFile):
        read_answers(entities(), "default")


@pytest.mark.parametrize(("offset", "value"), [(6, 1), (8, 99)], ids=["encrypted", "packed in an unknown way"])
def test_a_workbook_with_parts_that_cannot_be_opened_is_none(offset: int, value: int) -> None:
    content = bytearray(workbook(cell(b"a")))
    # The same two bytes stand in the header of each part, and two bytes later in the list at the end.
    for header, shift in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        at = content.find(header)
        while at >= 0:
            content[at + offset + shift] = value
            at = content.find(header, at + 4)
    with pytest.raises(WrongFile, match="no workbook that can be read; save it as"):
        read_answers(bytes(content), "default")


@pytest.mark.slow
def test_a_part_that_says_less_of_itself_than_it_holds_is_cut_there(tmp_path: Path) -> None:
    """What a part says is what is read of it at most, so the sum of it bounds the whole."""
    content = bytearray(bomb_of_texts())
    true_size = zipfile.ZipFile(io.BytesIO(content)).getinfo(SHEET).file_size.to_bytes(4, "little")
    assert content.count(true_size) == 2
    file = tmp_path / "links.xlsx"
    file.write_bytes(content.replace(true_size, (1000).to_bytes(4, "little")))
    script = (
        "import sys, resource; from pathlib import Path\n"
        "from scoro_smartaccounts.reconcile_ids.answers import read_answers\n"
        "from scoro_smartaccounts.common.errors import ConfigurationError\n"
        "import openpyxl\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_answers(Path(sys.argv[1]).read_bytes(), 'default')\n"
        "except ConfigurationError as wrong: print(wrong)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, file], capture_output=True, text=True, check=True)
    told, above = done.stdout.rsplit("\n", 2)[:2]
    assert "The file is wrong" in told
    assert int(above) < 50


def test_a_file_that_is_no_list_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "links.csv"
    with file.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    reads: list[Callable[[], object]] = [
        lambda: read_file(file),
        lambda: read_inside(tmp_path, "links.csv"),
        lambda: read_file(Path("/dev/zero")),
    ]
    for read in reads:
        with pytest.raises(ConfigurationError, match="larger than 32 MB"):
            read()
    with file.open("wb") as stream:
        stream.truncate(LARGEST_FILE)
    assert len(read_file(file)) == LARGEST_FILE


def bomb_of_aliases() -> str:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(["a0: &a0 [x, x, x, x, x, x, x, x, x]", *levels])


def bomb_of_merges() -> str:
    levels = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 10)]
    return "\n".join(["a0: &a0 {x: 1}", *levels])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bomb_of_aliases(), "more than 30 aliases"),
        (bomb_of_merges(), "more than 30 aliases"),
        ("x: " + "[" * 100_000, "or 20 levels"),
        ("\n".join(f"{' ' * n}x:" for n in range(300)), "or 20 levels"),
        ("x: &x [*x]", "acme.yaml: x"),
        ("x: " + "9" * 5000, "not readable as YAML"),
        ("# " + "x" * 300_000, "larger than 256 KB"),
    ],
)
def test_a_company_file_cannot_explode(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_company(file)


def test_a_few_aliases_are_welcome(tmp_path: Path) -> None:
    shipped = (default_folder() / "default.yaml").read_text(encoding="utf-8")
    file = tmp_path / "acme.yaml"
    file.write_text(shipped.replace("scoro: scoro_default", "scoro: &one scoro_acme"), encoding="utf-8")
    assert load_company(file).connections.scoro == "scoro_acme"
