"""Room staging. Statements of the staging database are progress; one that hangs is ended, there and here."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from scoro_smartaccounts.common.errors import NoProgress
from scoro_smartaccounts.common.progress import bounded
from scoro_smartaccounts.staging.locks import session_lock

BOUND = timedelta(milliseconds=500)


def test_statements_that_end_are_progress(engine: Engine) -> None:
    with bounded(BOUND), engine.connect() as connection:
        for _ in range(10):
            connection.execute(text("select pg_sleep(0.1)"))


@pytest.mark.parametrize("inside_lock", [False, True])
def test_a_statement_that_waits_for_ever_is_ended(engine: Engine, inside_lock: bool) -> None:
    """Whatever holds it up: here somebody who locked a table, and went home."""
    with engine.connect() as other:
        other.execute(text("lock table document in access exclusive mode"))
        with pytest.raises(NoProgress, match="in the statement select count") as told, bounded(BOUND):
            _ask(engine, inside_lock=inside_lock)
        assert "staging database came to an end. The task was stopped there" in str(told.value)
        time.sleep(0.2)
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%document%'"
        assert other.execute(text(waiting)).scalar_one() == 0
        other.rollback()
    # The pool goes on.
    with bounded(BOUND):
        _ask(engine, inside_lock=inside_lock)


def _ask(engine: Engine, *, inside_lock: bool) -> None:
    statement = text("select count(*) from document")
    with engine.connect() as connection:
        if inside_lock:
            with session_lock(connection, "default", "a lock"):
                connection.execute(statement)
        else:
            connection.execute(statement)
