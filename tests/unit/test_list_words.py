"""The words of the accountant's list: everything that the source can say has Estonian words."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint

from scoro_smartaccounts import payment_planning, planning
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.export import plan as export_plan
from scoro_smartaccounts.extract.selection import LATER_DAY, NOT_SETTLED
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.load.documents import BASE_NOT_BOOKED
from scoro_smartaccounts.load.shared import NOT_A_DUPLICATE, OWN_CASES, REFUSED
from scoro_smartaccounts.quality.rules import rules_of
from scoro_smartaccounts.report import words
from scoro_smartaccounts.report.document import Direction, How, Note, RowKind, Verdict
from scoro_smartaccounts.report.notes import in_estonian, note_in_estonian
from scoro_smartaccounts.report.reasons import OF_FLOW, REASONS, reason_in_estonian
from scoro_smartaccounts.staging.links import Evidence
from scoro_smartaccounts.staging.schema import run_document

ROOT = Path(planning.__file__).parent
# What takes a reason code, and which of its arguments that is.
TAKES_CODE = {"DocumentProblem": 0, "_problem": 0, "Case": 0, "Waits": 0, "Rule": 0, "Finding": 1}
# The code was given to something else before, or comes from staging.
PASSED_ON = ("problem.code", "item.code", "rule.code", "row.code", "code", "state")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        if parts[0] not in ("sandbox", "demo", "report"):
            yield ".".join(("scoro_smartaccounts", *parts)), ast.parse(file.read_text(encoding="utf-8"))


def calls(tree: ast.Module, names: Any) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield name, node


def codes() -> Iterator[str]:
    """Every reason code that the source names."""
    for module, tree in modules():
        for name, call in calls(tree, TAKES_CODE):
            place = TAKES_CODE[name]
            argument = call.args[place] if len(call.args) > place else _keyword(call, "code")
            if argument is not None:
                yield from _codes(module, argument)
    yield from (*planning.PLAN_CODES, *payment_planning.PLAN_CODES, *payment_planning.WAIT_CODES)
    yield from planning.WAIT_CODES
    yield from (*export_plan.PLAN_CODES, *OWN_CASES, NOT_A_DUPLICATE, NOT_SETTLED, LATER_DAY, BASE_NOT_BOOKED)
    yield from (rule.code for flow in Flow for rule in rules_of(flow))
    yield "unreadable"


def _codes(module: str, argument: ast.expr) -> list[str]:
    written = ast.unparse(argument)
    match argument:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.Name(id=name) if written not in PASSED_ON:
            return [getattr(importlib.import_module(module), name)]
        case ast.JoinedStr():
            # Settings of bills' lines: accounts and objects.
            assert re.fullmatch(r"f'\{setting\}_(not_mapped|unknown)'", written), f"{module}: teach this test {written}"
            return [written[2:-1].format(setting=setting) for setting in ("account", "cost_object")]
        case _ if written == "REFUSED[target]":
            return list(REFUSED.values())
        case _ if written == "spec.partner_gone":
            return [spec.partner_gone for spec in INVOICE_FLOWS.values()]
    assert written in PASSED_ON, f"{module}: teach this test {written}"
    return []


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((item.value for item in call.keywords if item.arg == name), None)


def outcomes() -> set[str]:
    [check] = [
        str(item.sqltext)
        for item in run_document.constraints
        if isinstance(item, CheckConstraint) and str(item.sqltext).startswith("outcome")
    ]
    return set(re.findall(r"'(\w+)'", check))


def test_every_reason_code_has_an_estonian_sentence() -> None:
    found = set(codes())
    assert len(found) > 80
    assert found - REASONS.keys() == set()
    # Nothing stands in the table that the source does not say.
    assert REASONS.keys() - found == set(map(str, Verdict)) - {Verdict.CREATE}
    assert {code for flow in OF_FLOW.values() for code in flow} <= found


def test_every_sentence_is_one() -> None:
    for sentence in (*REASONS.values(), *(text for flow in OF_FLOW.values() for text in flow.values())):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "  " not in sentence


def test_every_outcome_has_a_verdict() -> None:
    assert {*outcomes()} - {"planned"} == {*Verdict} - {Verdict.CREATE}


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (words.VERDICTS, Verdict),
        (words.HOW, How),
        (words.EVIDENCE, Evidence),
        (words.DIRECTIONS, Direction),
        (words.ROW_KINDS, RowKind),
    ],
)
def test_every_word_is_told_in_both_languages(table: Any, keys: Any) -> None:
    assert set(table) == set(keys)


def test_no_word_is_missing_in_one_language() -> None:
    tables = [getattr(words, name) for name in dir(words) if name.isupper() and name != "LANGUAGES"]
    assert len(tables) > 8
    for table in tables:
        for language in words.LANGUAGES:
            assert all(words.word(table, key, language).strip() for key in table)


def fields() -> Iterator[str]:
    """Fields of Scoro and SmartAccounts to mend; settings of the company file have a dot and a section's name."""
    for _, tree in modules():
        for name, call in calls(tree, ("DocumentProblem", "Rule", "Finding")):
            argument = call.args[3] if name == "Rule" else _keyword(call, "field")
            if isinstance(argument, ast.Constant) and argument.value:
                yield argument.value


def test_every_field_to_mend_has_a_name() -> None:
    found = set(fields())
    assert len(found) > 20
    assert {field for field in found if not field.startswith("payments.")} - words.FIELDS.keys() == set()


def systems() -> Iterator[str]:
    for _, tree in modules():
        for _, call in calls(tree, ("DocumentProblem", "Rule", "Case")):
            argument = _keyword(call, "system")
            if isinstance(argument, ast.Constant):
                yield argument.value


def test_every_system_has_a_name() -> None:
    assert set(systems()) | {"Scoro"} == words.SYSTEMS.keys()


def notes() -> Iterator[str]:
    """Every note that turning documents into bodies can make, with a 7 for whatever it fills in."""
    for module, tree in modules():
        if ".transform." in module or module.endswith("payment_decisions"):
            for name, call in calls(tree, ("say", "append")):
                of_warnings = name == "say" or ast.unparse(call.func).endswith("warnings.append")
                if of_warnings and call.args and isinstance(call.args[0], ast.JoinedStr):
                    yield _filled(call.args[0])


def _filled(text: ast.JoinedStr) -> str:
    parts = []
    filled = {"document.number": "invoice 7", "name": "city"}
    if "reverse charge" in ast.unparse(text):
        filled["where"] = "VAT code 7"
    for part in text.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            parts.append(filled.get(ast.unparse(part.value), "7"))
    return "".join(parts)


def test_every_note_is_told_in_estonian() -> None:
    found = list(notes())
    assert len(found) >= 10
    for note in (*found, "without its part for invoice 7 (was dismissed)"):
        assert note_in_estonian(note) is not None, note
        assert note_in_estonian(f"Invoice 2026041: {note}") is not None, note


@pytest.mark.parametrize(
    ("message", "estonian"),
    [
        (
            "Invoice 2026041: line 3: told as one piece, since no price times its quantity comes to 10.01",
            "Rida 3: kantakse ühe tükina, sest ükski hind korda kogus ei anna summat 10.01.",
        ),
        (
            "Bill A-1: contact 51: street: unprintable characters were dropped",
            "Kontakt 51: tänav: mittetrükitavad märgid jäeti välja.",
        ),
        (
            "Payment 901 of 20.01.2026: bill A-7 is overpaid by 6.00, booked as a prepayment.",
            "Ostuarve A-7 on üle makstud 6.00 võrra, see kantakse ettemaksuks.",
        ),
        (
            "Bill A-1: VAT code PK is reverse charge, but the vendor's country is not given in Scoro",
            "Käibemaksukood PK on pöördmaksustamine, kuid tarnija riik ei ole Scoros märgitud.",
        ),
    ],
)
def test_notes_keep_places_and_amounts(message: str, estonian: str) -> None:
    assert note_in_estonian(message) == estonian


def test_an_unknown_note_stays_as_it_is() -> None:
    assert in_estonian(Flow.SALES_INVOICES, Note("note", "something new")) == "something new"


def test_a_code_says_what_it_means_for_its_flow() -> None:
    texts = {reason_in_estonian(flow, "possible_duplicate") for flow in Flow}
    assert len(texts) == 3
