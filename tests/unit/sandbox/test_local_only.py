"""The simulators. A web page that a browser of this machine shows cannot drive a simulator."""

from __future__ import annotations

from typing import Any

import pytest

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.scoro import Site
from scoro_smartaccounts_sandbox.scoro.app import create_app as create_scoro
from scoro_smartaccounts_sandbox.smartaccounts import Books
from scoro_smartaccounts_sandbox.smartaccounts import create_app as create_smartaccounts
from tests.unit.sandbox.scoro_helpers import InProcess

PATHS = ("/admin/state", "/admin/reset", "/api/v2/contacts/list", "/en/api/settings/vatpcs:get")


def simulators() -> list[InProcess]:
    return [InProcess(create_scoro(Site(Clock()))), InProcess(create_smartaccounts(Books(clock=Clock())))]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8901", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::2]:80"]
)
def test_another_host_name_is_refused_everywhere(host: str) -> None:
    for simulator in simulators():
        for path in PATHS:
            for method in ("GET", "POST"):
                assert simulator.request(method, path, headers={"host": host}).status_code == 403, (path, method)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "https://[::2]:80"]
)
def test_a_page_of_another_site_is_refused(origin: str) -> None:
    for simulator in simulators():
        for path in PATHS:
            assert simulator.request("POST", path, headers={"origin": origin}).status_code == 403, path


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.0.1:8901", "localhost", "LocalHost:1", "[::1]", "[::1]:8902"])
def test_this_machine_is_let_in(name: str) -> None:
    headers: dict[str, Any] = {"host": name, "origin": f"http://{name}"}
    for simulator in simulators():
        assert simulator.request("GET", "/admin/state", headers=headers).status_code == 200
