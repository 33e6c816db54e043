"""Room orchestration. Where files for people go: a folder, or any store that Airflow knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.io import attach
from fsspec.implementations.memory import MemoryFileSystem

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.output import OUTPUT_VARIABLE
from scoro_smartaccounts.orchestration.services import output_folder, pages_folder
from scoro_smartaccounts.report.files import write_file


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv(OUTPUT_VARIABLE, raising=False)
    return tmp_path


def test_without_the_variable_it_is_in_airflows_home(home: Path) -> None:
    assert output_folder() == pages_folder() == home / "output"


@pytest.mark.parametrize("named", ["/srv/reports", "file:///srv/reports"])
def test_a_folder_of_this_machine(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, named)
    assert output_folder() == pages_folder() == Path("/srv/reports")


def test_an_empty_variable_names_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, "")
    assert output_folder() == home / "output"


def test_another_store_takes_files_and_this_machine_the_pages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attach("memory", fs=MemoryFileSystem())
    monkeypatch.setenv(OUTPUT_VARIABLE, "memory://output-of-the-test/here")
    folder = output_folder() / "default"
    assert isinstance(folder, ObjectStoragePath)
    assert pages_folder() == home / "output"
    for content in (b"old", b"new"):
        write_file(folder, "list.csv", content)
    assert (folder / "list.csv").read_bytes() == b"new"


def test_a_store_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OUTPUT_VARIABLE, "nowhere://user:secret@bucket/folder")
    with pytest.raises(ConfigurationError) as told:
        output_folder()
    assert OUTPUT_VARIABLE in str(told.value)
    assert "secret" not in str(told.value)
