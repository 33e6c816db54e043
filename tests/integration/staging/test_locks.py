"""Room staging. Locks: who waits says for whom, gives up after a while, and a holder that is gone frees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from scoro_smartaccounts.common.errors import LockHeld
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.locks import Patience, session_lock, transaction_lock

SHORT = Patience(timedelta(milliseconds=100), timedelta(milliseconds=400))
LONG = Patience(timedelta(milliseconds=100), timedelta(seconds=60))
HOLDER = "load_documents import_payments 2026-01-10T22:00"
PERSON = "49403136515"


@pytest.fixture
def holder(engine: Engine) -> Engine:
    return make_engine(engine.url.render_as_string(hide_password=False), name=HOLDER)


def take_for_a_session(connection: Connection, *names: str) -> None:
    with session_lock(connection, *names, patience=SHORT):
        pass


def take_for_a_transaction(connection: Connection, *names: str) -> None:
    transaction_lock(connection, *names, patience=SHORT)


@pytest.mark.parametrize("take", [take_for_a_session, take_for_a_transaction])
def test_a_lock_that_is_kept_is_told_and_given_up(
    engine: Engine, holder: Engine, caplog: pytest.LogCaptureFixture, take: Callable[..., None]
) -> None:
    caplog.set_level("INFO")
    with holder.connect() as holding, session_lock(holding, "default", "client", PERSON):
        pid = holding.execute(text("select pg_backend_pid()")).scalar_one()
        began = time.monotonic()
        with engine.connect() as waiting:
            with pytest.raises(LockHeld, match=HOLDER) as told:
                take(waiting, "default", "client", PERSON)
            # The transaction stays usable, and waits for other locks as before.
            assert waiting.execute(text("select current_setting('lock_timeout')")).scalar_one() == "0"
    assert time.monotonic() - began < 10
    (line,) = [record.message for record in caplog.records if "Waiting for" in record.message]
    assert HOLDER in line
    assert f"process {pid}" in line
    assert "connected since 20" in line
    assert PERSON not in line + str(told.value)


def test_a_lock_that_comes_free_is_taken(engine: Engine, holder: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with holder.connect() as holding, engine.connect() as waiting, session_lock(holding, "default", "client", "1"):
        threading.Timer(0.5, lambda: end(engine, holding_pid)).start()
        holding_pid = holding.execute(text("select pg_backend_pid()")).scalar_one()
        holding.commit()
        with session_lock(waiting, "default", "client", "1", patience=LONG):
            # The lock outlives commits, and nothing of the waiting stays behind.
            waiting.commit()
            assert waiting.execute(text("show lock_timeout")).scalar_one() == "0"
            with engine.connect() as third, pytest.raises(LockHeld):
                transaction_lock(third, "default", "client", "1", patience=SHORT)
        holding.invalidate()


def end(engine: Engine, pid: int) -> None:
    """The holder's machine vanishes and its session with it."""
    with engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
