"""The documentation. What scripts outside were promised: old doors hand on all that 0.1.0 had, new paths are there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import scoro_smartaccounts

CHANGES = (Path(scoro_smartaccounts.__file__).parents[2] / "CHANGELOG.md").read_text("utf-8")
# Every public name of the three modules in 0.1.0.
OLD = {
    "company": (
        "AccessPolicy ApprovalPolicy ArticlePolicy Code Company Connections DEFAULT_KEY DefaultMode EntryDatePolicy"
        " EntryDateRule ExportPolicy FOLDER_VARIABLE LedgerPolicy Mode Name NotificationPolicy PaymentPolicy Percent"
        " PurchasePolicy RateSource ReceiptAccount ReverseChargeRule SalesPolicy UnsentRule VatRule default_folder"
        " load_companies load_company"
    ),
    "documents": (
        "Address Document Flow Line PAYMENT_NAME Partner PartnerField Product RECEIPT_NAME Receipt ReceiptGroup"
        " named_payment payment_name"
    ),
    "run": (
        "Clock Counts Folder ReconcileRequest RunKind RunRequest Services TALLINN priority_of refuse_stronger"
        " tallinn_day utc_now"
    ),
}


def promised() -> list[tuple[str, str]]:
    """Names and their paths, by the first table of the changes."""
    table = CHANGES.partition("| what | path | old path |")[2].partition("\n\n")[0]
    rows = [[re.findall(r"`([\w.]+)`", cell) for cell in line.split(" | ")[:2]] for line in table.splitlines()[2:]]
    return [(name, path[0]) for names, path in rows for name in names if path]


@pytest.mark.parametrize("door", OLD)
def test_an_old_door_hands_on_what_it_had(door: str) -> None:
    module = import_module(f"scoro_smartaccounts.{door}")
    assert [name for name in OLD[door].split() if not hasattr(module, name)] == []


@pytest.mark.parametrize(("name", "path"), promised())
def test_what_is_promised_is_there(name: str, path: str) -> None:
    assert hasattr(import_module(path), name)


@pytest.mark.parametrize("name", ["RunRequest", "Services"])
def test_the_pipeline_hands_them_on(name: str) -> None:
    assert hasattr(import_module("scoro_smartaccounts.pipeline"), name)


def test_the_changes_name_the_newest_migration() -> None:
    versions = Path(scoro_smartaccounts.__file__).parent / "staging/migrations/versions"
    newest = max(path.name for path in versions.glob("0*.py")).partition("_")[0]
    assert f"to migration {newest}" in CHANGES
