"""Room staging. Set-based writes: COPY and one statement, whatever the values hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import Engine, select, text

from scoro_smartaccounts.staging.bulk import copy, loaded, store_each, upsert
from scoro_smartaccounts.staging.schema import article_register, raw_record, waiting
from tests.told import case_of, told


def record(source_id: str, payload: Any, fingerprint: str = "f") -> dict[str, Any]:
    return {
        "company": "default",
        "module": "invoices",
        "source_id": source_id,
        "version": 1,
        "fingerprint": fingerprint,
        "payload": payload,
        "run_key": "run",
    }


def wait(source_id: str, message: str, code: str = "not_settled") -> dict[str, Any]:
    return {
        "company": "default",
        "flow": "sales_invoices",
        "source_id": source_id,
        "code": code,
        "reason": case_of(code, message).to_json(),
    }


def messages(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {row.source_id: row.reason["values"]["text"] for row in connection.execute(select(waiting))}


def test_any_text_and_number_survives_or_is_replaced(engine: Engine) -> None:
    payload = {
        "text": 'tab\t\\N "õ" 😀 \r\n',
        "sum": Decimal("0.1"),
        "none": None,
        "bad": "\x00 \ud800",
        "back": "\\u0000",
    }
    with engine.begin() as connection:
        assert copy(connection, raw_record, [record("1", payload), record("2", [])]) == 2
        assert upsert(connection, waiting, [wait("1", "a\tb\\N\x00\n\ud800ž")]) == 1
    with engine.connect() as connection:
        stored = connection.scalars(select(raw_record.c.payload).order_by(raw_record.c.source_id)).all()
    assert stored == [{**payload, "sum": 0.1, "bad": "\ufffd \ufffd"}, []]
    assert messages(engine) == {"1": "a\tb\\N\ufffd\n\ufffdž"}


def test_an_upsert_updates_what_it_is_told_to(engine: Engine) -> None:
    with engine.begin() as connection:
        assert upsert(connection, waiting, (wait(str(n), "old") for n in range(3))) == 3
        assert upsert(connection, waiting, [wait("0", "new"), wait("9", "new")], update=()) == 1
        assert upsert(connection, waiting, [wait("1", "new", "x")], update=("reason",)) == 1
        assert upsert(connection, waiting, [wait("2", "new")], where=waiting.c.code != "not_settled") == 0
        assert upsert(connection, waiting, []) == 0
    assert messages(engine) == {"0": "old", "1": "new", "2": "old", "9": "new"}


def test_a_key_that_exists_fails_a_plain_copy_and_nothing_of_it_stays(engine: Engine) -> None:
    with engine.begin() as connection:
        copy(connection, waiting, [wait("1", "old")])
    with pytest.raises(UniqueViolation, match="waiting_pk"), engine.begin() as connection:
        copy(connection, waiting, [wait("2", "new"), wait("1", "new")])
    assert messages(engine) == {"1": "old"}


def test_nothing_stays_behind_in_the_session(engine: Engine) -> None:
    with engine.connect() as connection:
        for _ in range(2):
            with connection.begin(), loaded(connection, waiting, [wait("1", "x")]) as temporary:
                assert temporary is not None
                assert told(connection.scalar(select(temporary.c.reason))) == "X"
        left = text("select count(*) from pg_class where relname like 'bulk_%'")
        assert connection.scalar(left) == 0


def test_rows_that_cannot_be_stored_are_found_and_the_others_stay(engine: Engine) -> None:
    """An index takes 2,704 bytes: one number of 6,000 letters must not take the chunk with it."""
    wide = "".join(chr(0x4E00 + number % 20_000) for number in range(6000))
    rows = [
        {
            "company": "default",
            "code": wide if place in (3, 70) else f"K-{place}",
            "description": "\ud800 \x00",
            "type": "PRODUCT",
        }
        for place in range(100)
    ]
    with engine.begin() as connection:
        refused = store_each(connection, rows, lambda part: upsert(connection, article_register, part))
    assert [len(row["code"]) for row, _ in refused] == [6000, 6000]
    with engine.connect() as connection:
        stored = connection.execute(select(article_register.c.code, article_register.c.description)).all()
    assert len(stored) == 98
    assert {row.description for row in stored} == {"\ufffd \ufffd"}
