"""Room orchestration. What a connection lacks is told with what to fill in: done, and it is taken. Its key goes to
the service only."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.hooks import (
    ScoroHook,
    SmartAccountsHook,
    complete_connection,
    connection_of_type,
)

WHOLE = {"conn_type": "scoro", "host": "demo.scoro.com", "login": "demoou", "password": "key"}


def test_a_connection_is_created_given_its_type_and_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(**connection: str) -> dict[str, str]:
        if connection:
            monkeypatch.setenv("AIRFLOW_CONN_SCORO_TRIED", json.dumps(connection))
        return complete_connection(connection_of_type("scoro_tried", "scoro"))

    for lacking, words in (
        ({}, "create it with type scoro"),
        ({**WHOLE, "conn_type": "http"}, "must have type scoro"),
        ({**WHOLE, "password": ""}, "fill in password"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            tried(**lacking)
    assert tried(**WHOLE) == {"host": "https://demo.scoro.com", "login": "demoou", "password": "key"}


@pytest.mark.parametrize(("host", "limits"), [("sa.smartaccounts.eu", Limits()), ("http://127.0.0.1:1", Limits(600))])
def test_only_a_simulator_on_this_machine_has_limits_of_its_own(
    monkeypatch: pytest.MonkeyPatch, host: str, limits: Limits
) -> None:
    connection = {"conn_type": "smartaccounts", "host": host, "extra": {"requests_per_minute": 600}}
    monkeypatch.setenv("AIRFLOW_CONN_TRIED", json.dumps(connection))
    assert SmartAccountsHook("tried").limits == limits


@pytest.mark.parametrize("number", ["fast", 0, None])
def test_a_limit_that_is_no_number_is_told_until_it_is_one(monkeypatch: pytest.MonkeyPatch, number: object) -> None:
    def limits(per_minute: object) -> Limits:
        connection = {"conn_type": "smartaccounts", "host": "http://127.0.0.1:1"}
        named = {"requests_per_minute": per_minute}
        monkeypatch.setenv("AIRFLOW_CONN_TRIED", json.dumps({**connection, "extra": named}))
        return SmartAccountsHook("tried").limits

    with pytest.raises(ConfigurationError, match="tried: requests_per_minute in its extra field is no number above 0"):
        limits(number)
    assert limits(600) == Limits(600)


@pytest.mark.parametrize("hook", [ScoroHook, SmartAccountsHook])
@pytest.mark.parametrize(
    "host", ["https://127.0.0.1:{port}", "http://127.0.0.1:{port}", "http://evil.example", "evil.example"]
)
def test_a_key_is_not_read_by_sending_it_elsewhere(
    monkeypatch: pytest.MonkeyPatch, hook: type[ScoroHook | SmartAccountsHook], host: str
) -> None:
    monkeypatch.delenv(HOSTS_VARIABLE)
    asked: list[str] = []

    def found(name: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(name)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        values = {"conn_type": hook.conn_type, "login": "c4n4ry-login", "password": "c4n4ry-password"}
        connection = {**values, "host": host.format(port=listener.getsockname()[1])}
        monkeypatch.setenv("AIRFLOW_CONN_TRIED", json.dumps(connection))
        # What the form's Test button and a task do.
        is_good, told = hook("tried").test_connection()
        assert not is_good
        assert "host of the connection" in told
        assert "nothing was sent" in told
        with pytest.raises(ConfigurationError) as refused:
            hook("tried").get_conn()
        with pytest.raises(TimeoutError):
            listener.accept()
    assert asked == []
    assert "c4n4ry" not in told + str(refused.value)


def test_nothing_in_a_connection_opens_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOSTS_VARIABLE)
    extra = {HOSTS_VARIABLE: "evil.example", "hosts": "evil.example", "verify": False, "host": "evil.example"}
    connection = {**WHOLE, "host": "evil.example", "schema": "http", "port": 443, "extra": json.dumps(extra)}
    monkeypatch.setenv("AIRFLOW_CONN_TRIED", json.dumps(connection))
    monkeypatch.setenv(f"AIRFLOW_VAR_{HOSTS_VARIABLE}", "evil.example")
    with pytest.raises(ConfigurationError, match=HOSTS_VARIABLE):
        ScoroHook("tried").get_conn()
    monkeypatch.setenv(HOSTS_VARIABLE, "evil.example")
    assert "https://evil.example" in repr(ScoroHook("tried").get_conn())
