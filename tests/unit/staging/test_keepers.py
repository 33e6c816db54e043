"""Room staging. Tables have a keeper: one module writes each, and nobody outside the room knows their columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import scoro_smartaccounts
from scoro_smartaccounts.staging.schema import metadata

ROOT = Path(scoro_smartaccounts.__file__).parent
SCHEMA = "scoro_smartaccounts.staging.schema"
TABLES = frozenset(metadata.tables)
# Each under `staging/`. What is personal is cleared in all tables at once, by `staging/forget.py`.
KEEPERS = {
    "approval": "approvals",
    "article_register": "mirror_registers",
    "assumption_state": "assumption_states",
    "audit_mark": "audit_nights",
    "audit_night": "audit_nights",
    "books_document": "audit_books",
    "books_document_line": "audit_books",
    "books_entry": "audit_books",
    "books_entry_row": "audit_books",
    "books_payment": "audit_books",
    "books_payment_row": "audit_books",
    "client_register": "mirror_registers",
    "contact": "scoro_registers",
    "control_cause": "control_totals",
    "control_page": "control_totals",
    "control_total": "control_totals",
    "coverage": "days_to_import",
    "document": "documents",
    "document_line": "documents",
    "drift": "drifts",
    "finding": "findings",
    "first_of_kind": "kinds",
    "forgotten": "forget",
    "hunt": "audit_nights",
    "intent": "intents",
    "later_change": "changed_since_import",
    "ledger_balance": "audit_balances",
    "ledger_base": "audit_balances",
    "ledger_check": "ledger",
    "ledger_entry": "ledger",
    "ledger_row": "ledger",
    "link": "links",
    "link_proposal": "proposals",
    "lock_bound": "lock_bounds",
    "payment_row": "documents",
    "period": "periods",
    "notice": "notices",
    "plan": "plans",
    "product": "scoro_registers",
    "quarantine": "quarantine",
    "question": "questions",
    "raw_record": "raw_records",
    "register_state": "mirror_registers",
    "remote_document": "mirror_documents",
    "remote_payment": "mirror_payments",
    "remote_payment_row": "mirror_payments",
    "request": "request_log",
    "request_pause": "request_log",
    "run": "runs",
    "run_document": "runs",
    "setting_register": "mirror_settings",
    "source_listing": "source_listings",
    "undo_plan": "undo_plans",
    "undo_step": "undo_plans",
    "used_record": "used_records",
    "vendor_register": "mirror_registers",
    "waiting": "waiting",
    "watermark": "watermarks",
}
CLEARING = "forget"
NAMES = "|".join(sorted(TABLES))
IN_SQL = re.compile(rf"\b(?:from|join|into|update)\s+({NAMES})\b", re.IGNORECASE)
WRITTEN_IN_SQL = re.compile(rf"\b(?:insert into|delete from|update)\s+({NAMES})\b", re.IGNORECASE)
# A sentence may say "from run" or "into quarantine" too.
IS_SQL = re.compile(r"\b(?:select|insert into|delete from|left join)\b|\bupdate\s+\w+\s+set\b", re.IGNORECASE)
WRITING = frozenset({"insert", "update", "delete", "upsert", "copy"})


def tables_known(source: str) -> Iterator[str]:
    """The tables that a module knows: imported, taken from the schema, or named in SQL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=module, names=names) if module == SCHEMA:
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module="scoro_smartaccounts.staging", names=names):
                yield from (alias.name for alias in names if alias.name == "schema")
            case ast.Constant(value=str(text)) if is_sql(text):
                yield from IN_SQL.findall(text)


def tables_written(source: str) -> Iterator[str]:
    """The tables that a module of staging writes: given to what writes by name, or named in SQL that does. What is
    written by way of variables, `tests/integration/written.py` sees."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in WRITING:
                yield from (arg.id for arg in args if isinstance(arg, ast.Name) and arg.id in TABLES)
            case ast.Constant(value=str(text)) if is_sql(text):
                yield from WRITTEN_IN_SQL.findall(text)


def is_sql(text: str) -> bool:
    return bool(IS_SQL.search(text)) or text.lstrip().startswith(("from ", "join "))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def modules(*, of_staging: bool) -> list[Path]:
    return [
        path
        for path in sorted(ROOT.rglob("*.py"))
        if (room_of(path) == "staging") is of_staging and "migrations" not in path.parts
    ]


def test_every_table_has_one_keeper() -> None:
    assert KEEPERS.keys() == TABLES


def test_each_table_is_written_by_its_keeper_alone() -> None:
    found = {
        f"{table} is written by {path.stem}, its keeper is {KEEPERS[table]}"
        for path in modules(of_staging=True)
        for table in tables_written(path.read_text())
        if path.stem not in (KEEPERS[table], CLEARING)
    }
    assert sorted(found) == []


def test_every_keeper_is_there() -> None:
    keepers = {table: ROOT / "staging" / f"{name}.py" for table, name in KEEPERS.items()}
    for table in TABLES:
        assert table in set(tables_known(keepers[table].read_text())), keepers[table]


def test_nobody_outside_staging_knows_a_table() -> None:
    found = {
        f"{path.relative_to(ROOT)} knows {table}"
        for path in modules(of_staging=False)
        for table in tables_known(path.read_text())
    }
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("source", "tables"),
    [
        (f"from {SCHEMA} import document, link", ["document", "link"]),
        ("from scoro_smartaccounts.staging import schema", ["schema"]),
        ("text('select 1 from link k where k.kind = 1')", ["link"]),
        ("TEXT = f\"left join link on {'x'} = 1\"", ["link"]),
    ],
)
def test_each_way_to_know_a_table_is_seen(source: str, tables: list[str]) -> None:
    assert list(tables_known(source)) == tables


@pytest.mark.parametrize(
    "source",
    [
        "connection.execute(update(link).where(x).values(y=1))",
        "upsert(connection, link, rows)",
        "text('insert into link (company) select 1')",
        "text('update link set company = 1')",
    ],
)
def test_each_way_to_write_a_table_is_seen(source: str) -> None:
    assert list(tables_written(source)) == ["link"]
