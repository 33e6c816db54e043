"""The simulators. Settings and files of the SmartAccounts simulator."""

import base64
from typing import Any

import pytest

from tests.unit.sandbox.smartaccounts_helpers import ARTICLES, CLIENTS, SALES, Company, invoice, line

FILES = "general/files"


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


def test_a_fresh_company(company: Company) -> None:
    codes = {row["vatPc"]: row for row in company.rows("settings/vatpcs")}
    assert {code: codes[code]["pc"] for code in ("24", "22", "20", "13", "9", "0", "0EL", "MV")} == {
        **{"24": 24, "22": 22, "20": 20, "13": 13, "9": 9, "0": 0},
        **{"0EL": 0, "MV": 0},
    }
    assert not any(row["custom"] for row in codes.values())
    assert [row["name"] for row in company.rows("settings/bankaccounts") if row["forNetting"]] == ["Tasaarveldus"]
    assert company.read("settings/paymentmethods")["templates"]
    for service in ("accounts", "cashaccounts", "objects", "groups", "countries", "documenttemplates", "warehouses"):
        assert company.rows(f"settings/{service}")


@pytest.mark.parametrize(
    ("service", "body", "key"),
    [
        ("accounts", {"code": "3090", "type": "INCOME", "descriptionEt": "Muu"}, {"code": "3090"}),
        ("bankaccounts", {"name": "Swed", "account": "1010", "order": 9, "currency": "EUR"}, {"name": "Swed"}),
        ("cashaccounts", {"name": "Kassa 2", "account": "1000", "order": 2, "currency": "EUR"}, {"name": "Kassa 2"}),
        ("objects", {"code": "A", "name": "A", "id": "own-id"}, {"id": "own-id"}),
        ("paymentmethods", {"name": "Ülekanne", "account": "1010"}, {"name": "Ülekanne"}),
        ("groups", {"name": "Muud", "clients": True}, {"name": "Muud"}),
        ("countries", {"code": "XI", "name": "Põhja-Iirimaa"}, {"code": "XI"}),
        ("vatpcs", {"pc": "7.5", "descriptionEt": "Eri"}, {"vatPc": "C1"}),
        (
            "reportrows",
            {
                **{"code": "1", "reportType": "INCOME", "valueType": "FORMULA", "style": "BOLD"},
                "displayCondition": "ALWAYS",
            },
            {"code": "1"},
        ),
    ],
)
def test_settings_are_added_edited_and_deleted(
    company: Company, service: str, body: dict[str, Any], key: dict[str, str]
) -> None:
    name = f"settings/{service}"
    before = company.rows(name)
    answer = company.write(f"{name}:add", body)
    assert answer.items() >= key.items()
    assert len(company.rows(name)) == len(before) + 1
    if "vatPc" not in key:
        assert company.refused(f"{name}:add", body) == ["VALUE-EXISTS"]
    company.write(f"{name}:edit", {**body, **key})
    assert company.refused(f"{name}:edit", {**body, next(iter(key)): "none"}) == ["NOT-FOUND"]
    for missing in body.keys() - key.keys() - {"clients"}:
        assert company.refused(f"{name}:add", {**body, missing: None}) == ["VALUE-REQUIRED"]
    assert company.refused(f"{name}:delete", body) == ["NOT-FOUND"]
    company.write(f"{name}:delete", {}, **key)
    assert company.rows(name) == before


def test_what_the_system_brings_stays(company: Company) -> None:
    assert company.refused("settings/vatpcs:delete", {}, vatPc="24") == ["SYSTEM-VALUE"]
    assert company.refused("settings/countries:delete", {}, code="EE") == ["SYSTEM-VALUE"]


def test_a_custom_vat_code_tells_whether_it_is_used(company: Company) -> None:
    body = {"pc": 7, "descriptionEt": "Eri", "activeSales": True}
    code = company.write("settings/vatpcs:add", body)["vatPc"]
    shown = {row["vatPc"]: row for row in company.rows("settings/vatpcs")}
    assert (shown[code]["inUse"], "inUse" in shown["24"]) == (False, False)
    answer = company.write(f"{SALES}:add", invoice(company.client(), line(vat=code)))
    assert answer["vatAmount"] == 7
    assert {row["vatPc"]: row for row in company.rows("settings/vatpcs")}[code]["inUse"] is True
    assert company.refused("settings/vatpcs:delete", {}, vatPc=code) == ["IN-USE"]


def test_an_inactive_vat_code_is_refused(company: Company) -> None:
    row = next(row for row in company.rows("settings/vatpcs") if row["vatPc"] == "22")
    company.write("settings/vatpcs:edit", {**row, "activeSales": False})
    assert company.refused(f"{SALES}:add", invoice(company.client(), line(vat="22"))) == ["VALUE-UNKNOWN"]


def content(size: int = 10) -> str:
    return base64.b64encode(b"x" * size).decode()


def test_files(company: Company) -> None:
    client = company.client()
    owner = {"docType": "CLIENT", "docId": client}
    added = company.write(f"{FILES}:add", {**owner, "fileName": "leping.pdf", "fileContent": content()})
    assert added.items() >= {**owner, "fileName": "leping.pdf", "mimeType": "application/pdf"}.items()
    assert company.rows(FILES, **owner) == [
        {"fileId": added["fileId"], "fileName": "leping.pdf", "description": "", "mimeType": "application/pdf"}
    ]
    assert company.rows(FILES, docType="CLIENT", docId="x") == []
    details = company.write(f"{FILES}:getDetails", {}, **owner, fileId=added["fileId"])
    assert details["fileContent"] == content()
    assert "documents" not in company.row(CLIENTS)
    assert company.row(CLIENTS, fetchDocuments="true")["documents"][0]["fileName"] == "leping.pdf"
    assert "documents" not in company.row(ARTICLES, fetchDocuments="true")
    company.write(f"{FILES}:delete", {}, **owner, fileId=added["fileId"])
    assert company.rows(FILES, **owner) == []
    assert company.refused(f"{FILES}:delete", {}, **owner, fileId=added["fileId"]) == ["NOT-FOUND"]


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"docType": "PAYMENT"}, "VALUE-UNKNOWN"),
        ({"docId": "x"}, "VALUE-UNKNOWN"),
        ({"fileName": "x" * 65}, "VALUE-TOO-LONG"),
        ({"fileContent": "ä"}, "VALUE-INVALID"),
        ({"fileContent": content(10 * 1024 * 1024 + 1)}, "FILE-TOO-LARGE"),
        ({"fileContent": ""}, "VALUE-REQUIRED"),
    ],
    ids=["type", "owner", "name", "base64", "size", "empty"],
)
def test_files_that_are_refused(company: Company, fields: dict[str, str], key: str) -> None:
    body = {"docType": "ARTICLE", "docId": "TOO", "fileName": "a.txt", "fileContent": content()}
    assert company.refused(f"{FILES}:add", {**body, **fields}) == [key]
