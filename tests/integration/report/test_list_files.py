"""Room report. The list as files: a workbook and CSV in both languages, protected, stable, and harmless in a
spreadsheet."""

from __future__ import annotations

import stat
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from upath import UPath

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError, TransientError
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.report.files import FOLDER, file_name, write_list
from scoro_smartaccounts.report.listed import Verdict, list_documents, totals
from scoro_smartaccounts.report.words import COLUMNS, SHEETS, VERDICTS
from scoro_smartaccounts.services import Services
from tests.integration.full_disk import full_disk
from tests.integration.money import CANARIES, Money
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
FORMULAS = ("=1+1", "+372", "-12 %", "@SUM(A1)", "#N/A")


def previewed(world: World, flow: Flow = Flow.SALES_INVOICES, last: date = LAST, **changes: Any) -> Services:
    """A preview over the month; its services."""
    request = world.request(FIRST, last, flow=flow, mode=Mode.PREVIEW, key=f"{flow.dag_id}/manual__2026")
    services = world.services(request, **changes)
    for step in world.steps:
        step(request, services)
    return services


def request_of(world: World, flow: Flow = Flow.SALES_INVOICES, last: date = LAST) -> RunRequest:
    return world.request(FIRST, last, flow=flow, mode=Mode.PREVIEW, key=f"{flow.dag_id}/manual__2026")


def sheet(file: Any, title: str) -> list[dict[str, Any]]:
    """The rows of a sheet by heading."""
    rows = list(load_workbook(file)[title].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("flow", [Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS])
def test_files_hold_every_document_in_both_languages(world: World, flow: Flow) -> None:
    world.generate(FIRST, LAST, 40, bills_per_month=30, bad=0.1, bad_bills=0.1)
    last = LAST
    if flow is Flow.PAYMENTS:
        both, last = Money(world), world.site.today()
        both.import_documents(FIRST, LAST)
        both.import_documents(FIRST, LAST, Flow.PURCHASE_INVOICES)
    world.checked = True
    previewed(world, flow, last)
    request = request_of(world, flow, last)
    with world.engine.begin() as connection:
        listed = list_documents(connection, request)
    import pandas

    folder = world.output / FOLDER
    name = file_name(request)
    assert sorted(path.name for path in folder.iterdir()) == [f"{name}.en.csv", f"{name}.et.csv", f"{name}.xlsx"]
    assert name.startswith(f"{flow.value}_2026-01-01_{last}_manual_2026_")
    workbook = folder / f"{name}.xlsx"
    assert load_workbook(workbook).sheetnames == [words[place] for place in (0, 1) for words in SHEETS.values()]
    for place, (language, point) in enumerate((("et", ","), ("en", "."))):
        head = {key: words[place] for key, words in COLUMNS.items()}
        rows = sheet(workbook, SHEETS["documents"][place])
        csv = pandas.read_csv(
            folder / f"{name}.{language}.csv", sep=";", decimal=point, encoding="utf-8-sig", dtype={head["number"]: str}
        )
        assert [str(row[head["source_id"]]) for row in rows] == [item.source_id for item in listed]
        assert list(csv.columns) == list(rows[0])
        for item, row, read in zip(listed, rows, csv.to_dict("records"), strict=True):
            assert row[head["number"]] == read[head["number"]] == item.number
            assert row[head["verdict"]] == read[head["verdict"]] == VERDICTS[item.verdict][place]
            if item.total is not None:
                assert cents(Decimal(str(row[head["total"]]))) == item.total
                assert cents(Decimal(str(read[head["total"]]))) == item.total
            if item.day is not None:
                assert row[head["day"]].date() == item.day
                assert read[head["day"]] == f"{item.day:%d.%m.%Y}"
            if item.verdict is Verdict.QUARANTINED:
                assert row[head["why"]]
                assert row[head["system"]]
        lines = sheet(workbook, SHEETS["lines"][place])
        assert len(lines) == sum(item.line_count for item in listed)
        summed = sheet(workbook, SHEETS["totals"][place])
        create = VERDICTS[Verdict.CREATE][place]
        said = [row for row in summed if str(row[head["what"]]).startswith(create) and row[head["currency"]]]
        assert [cents(Decimal(str(row[head["total"]]))) for row in said] == [
            each.total for each in totals(listed).currencies
        ]


def test_a_workbook_can_be_read_and_summed(world: World) -> None:
    both = Money(world)
    both.enter(date(2026, 1, 15), "1234.50")
    previewed(world)
    [file] = (world.output / FOLDER).glob("*.xlsx")
    page = load_workbook(file)["Dokumendid"]
    assert page.freeze_panes == "A2"
    cells = {cell.value: page.cell(2, cell.column) for cell in page[1]}
    total, day = cells["Kokku"], cells["Kuupäev"]
    assert (total.data_type, total.value, total.number_format) == ("n", 1530.78, "#,##0.00")
    assert day.is_date
    assert day.number_format == "DD.MM.YYYY"
    assert cells["Number"].data_type == "s"
    assert page.column_dimensions["A"].width > 5


def test_text_is_never_a_formula(world: World) -> None:
    import pandas

    both = Money(world)
    for n, text in enumerate(FORMULAS):
        partner = {"name": f"{text} OÜ", "contact_type": "company", "is_supplier": 1}
        contact = int(world.site.create("contacts", partner)["contact_id"])
        line = {"product_id": 0, "product_name": text, "price": "10", "amount": "1", "vat_code_id": 9}
        more: dict[str, Any] = {"partner": contact, "no": f"{text}{n}", "lines": [line]}
        both.enter(date(2026, 1, 10 + n), "10", flow=Flow.PURCHASE_INVOICES, **more)
    previewed(world, Flow.PURCHASE_INVOICES)
    folder = world.output / FOLDER
    [file] = folder.glob("*.xlsx")
    book = load_workbook(file)
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert kinds.isdisjoint({"f", "e"})  # Neither formulas nor error values.
    assert {row["Partner"] for row in sheet(file, "Documents")} == {f"{text} OÜ" for text in FORMULAS}
    assert {row["Description"] for row in sheet(file, "Lines")} >= set(FORMULAS)
    for csv in folder.glob("*.csv"):
        read = pandas.read_csv(csv, sep=";", encoding="utf-8-sig", dtype=str, keep_default_na=False)
        for column in ("Partner", "Number"):
            assert not read[column].str.startswith(("=", "+", "-", "@")).any()
        assert set(read["Partner"].str.removeprefix("'")) == {f"{text} OÜ" for text in FORMULAS}


def test_a_run_that_is_repeated_writes_the_same_files(world: World) -> None:
    both = Money(world)
    both.enter(date(2026, 1, 15), "100")
    services = previewed(world)
    folder = world.output / FOLDER
    before = {path.name for path in folder.iterdir()}
    both.enter(date(2026, 1, 16), "100")
    previewed(world)
    assert {path.name for path in folder.iterdir()} == before
    [file] = folder.glob("*.xlsx")
    assert len(sheet(file, "Documents")) == 2
    other = world.request(FIRST, LAST, mode=Mode.PREVIEW, key="import_sales_invoices/manual:2026")
    assert file_name(other) not in {path.stem for path in folder.glob("*.xlsx")}
    assert services.local_folder == world.output


def test_files_are_for_their_user_alone(world: World) -> None:
    both = Money(world)
    both.enter(date(2026, 1, 15), "100", partner=both.person())
    previewed(world, output_folder=world.output / "made" / "here")
    folder = world.output / "made" / "here" / FOLDER
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents[:2])] == [0o700] * 3
    files = list(folder.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    # Who may read it reads the name.
    [file] = folder.glob("*.xlsx")
    assert any(CANARIES[0] in str(row["Partner"]) for row in sheet(file, "Documents"))


def test_the_list_goes_to_any_store(world: World) -> None:
    both = Money(world)
    both.enter(date(2026, 1, 15), "100")
    world.checked = True
    # Pages need a folder on this machine all the same.
    store = UPath("memory://lists-of-the-test/default")
    previewed(world, output_folder=store, pages_folder=world.output)
    names = sorted(path.name for path in (store / FOLDER).iterdir())
    name = file_name(request_of(world))
    assert names == [f"{name}.en.csv", f"{name}.et.csv", f"{name}.xlsx"]
    rows = sheet(BytesIO((store / FOLDER / f"{name}.xlsx").read_bytes()), "Documents")
    assert len(rows) == 1
    assert (world.output / "data_docs" / "index.html").exists()
    assert not (world.output / FOLDER).exists()


def test_a_list_of_nothing_is_a_list(world: World) -> None:
    services = previewed(world)
    [file] = (world.output / FOLDER).glob("*.xlsx")
    assert sheet(file, "Dokumendid") == []
    assert [Path(name).suffix for name in write_list(request_of(world), services)] == [".xlsx", ".csv", ".csv"]


def test_a_full_disk_is_told_with_the_folder_and_leaves_no_half_file(world: World) -> None:
    world.generate(FIRST, LAST, 5)
    services = previewed(world)
    folder = world.output / FOLDER
    for written in folder.iterdir():
        written.unlink()
    told_why = r"No space left on device.*Make room there"
    with full_disk(folder), pytest.raises(ConfigurationError, match=told_why) as told:
        write_list(request_of(world), services)
    assert str(folder) in str(told.value)
    assert list(folder.iterdir()) == []


def test_another_store_that_takes_no_file_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.generate(FIRST, LAST, 5)
    services = previewed(world, output_folder=UPath("memory://lists"), pages_folder=world.output)
    monkeypatch.setattr(type(UPath("memory://lists")), "open", _refuse)
    with pytest.raises(TransientError, match="memory://lists"):
        write_list(request_of(world), services)


def _refuse(*_: Any) -> None:
    raise OSError("the store is away")
