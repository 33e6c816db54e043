"""What a connection lacks is told with what to fill in: done, and it is taken."""

from __future__ import annotations

import json

import pytest

from scoro_smartaccounts.errors import ConfigurationError
from scoro_smartaccounts.orchestration.hooks import complete_connection

WHOLE = {"conn_type": "scoro", "host": "demo.scoro.com", "login": "demoou", "password": "key"}


def test_a_connection_is_created_given_its_type_and_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(**connection: str) -> dict[str, str]:
        if connection:
            monkeypatch.setenv("AIRFLOW_CONN_SCORO_TRIED", json.dumps(connection))
        return complete_connection("scoro_tried", "scoro")

    for lacking, words in (
        ({}, "create it with type scoro"),
        ({**WHOLE, "conn_type": "http"}, "must have type scoro"),
        ({**WHOLE, "password": ""}, "fill in password"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            tried(**lacking)
    assert tried(**WHOLE) == {"host": "https://demo.scoro.com", "login": "demoou", "password": "key"}
