"""Room border. Where keys may go: by https to the two services, to others only where the environment says so."""

from __future__ import annotations

import json

import pytest

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE, check_pinned, on_this_machine, read_address
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts_demo.layout import Ports
from scoro_smartaccounts_demo.simulators import connections
from scoro_smartaccounts_demo.target import hosts_on_this_machine

OWN = {
    "Scoro": (
        "https://demo.scoro.com",
        "https://DEMO.Scoro.ee/",
        "https://a.b.scoro.lt/api/v2",
        "https://x.scoro.com:443",
    ),
    "SmartAccounts": (
        "https://sa.smartaccounts.eu/en/api/",
        "https://sa.smartaccounts.eu/api",
        " https://sa.smartaccounts.eu ",
    ),
}
# Each is taken by some reader for an address of the service, and by none for another one.
TRICKS = (
    "https://evil.example",
    "https://scoro.com.evil.example",
    "https://evilscoro.com",
    "https://scoro.com",
    "https://.scoro.com",
    "https://demo.scoro.com@evil.example",
    "https://demo.scoro.com:443@evil.example",
    "https://evil.example#.scoro.com",
    "https://evil.example?.scoro.com",
    "https://evil.example/.scoro.com",
    "https://evil.example\\.scoro.com",
    "https://evil.example\\@demo.scoro.com",
    "https://demo.scoro.com\\@evil.example",
    "https://demo.scoro.com.",
    "https://demo.scoro.com%2eevil.example",
    "https://evil.example%00.scoro.com",
    "https://evil.example%23.scoro.com",
    "https://evil.example\n.scoro.com",
    "https://evil.example\t.scoro.com",
    "https://evil.example .scoro.com",
    "https://demo\u3002scoro\u3002com",
    "https://demo.\u0455coro.com",
    "https://demo\u00ad.scoro.com",
    "https://demo.scoro.com\u2044.evil.example",
    "https:///demo.scoro.com",
    "https:/demo.scoro.com",
    "//demo.scoro.com",
    "https://demo..scoro.com",
    "https://demo.scoro.com:8443",
    "https://demo.scoro.com:0",
    "https://demo.scoro.com:99999",
    "https://demo.scoro.com:443:443",
    "https://[::ffff:10.0.0.1]",
    "https://10.0.0.1",
    "https://169.254.169.254/latest",
    "http://demo.scoro.com",
    "http://demo.scoro.com:443",
    "ftp://demo.scoro.com",
    "http://127.0.0.1:5432",
    "https://127.0.0.1",
    "http://localhost:8080",
    "http://[::1]:8080",
    "http://2130706433",
    "http://127.1",
    "http://0x7f000001",
    "https://sa.smartaccounts.eu.evil.example",
    "https://evil.sa.smartaccounts.eu",
    "https://smartaccounts.eu",
    "https://sa.smartaccounts.eu@evil.example",
    "https://sa.smartaccounts.eu:8443/api",
)


@pytest.mark.parametrize(("system", "url"), [(system, url) for system, urls in OWN.items() for url in urls])
def test_keys_go_to_the_services(system: str, url: str) -> None:
    check_pinned(system, url, {})


@pytest.mark.parametrize("system", OWN)
@pytest.mark.parametrize("url", TRICKS)
def test_keys_go_nowhere_else(system: str, url: str) -> None:
    with pytest.raises(ConfigurationError, match="host of the connection"):
        check_pinned(system, url, {})


@pytest.mark.parametrize(("system", "other"), [("Scoro", "SmartAccounts"), ("SmartAccounts", "Scoro")])
def test_one_services_key_does_not_go_to_the_other(system: str, other: str) -> None:
    with pytest.raises(ConfigurationError, match=HOSTS_VARIABLE):
        check_pinned(system, OWN[other][0], {})


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://scoro.example.com", "a.example, scoro.example.com"),
        ("https://scoro.example.com/deep/path", "SCORO.example.com"),
        ("https://books.example.com:8443", "books.example.com:8443"),
        ("http://127.0.0.1:8901/", "127.0.0.1:8901"),
        ("http://127.0.0.1:8901/", "127.0.0.1:*"),
        ("http://[::1]:8901", "[::1]:8901"),
        ("http://localhost:80", "localhost:80"),
        ("https://[::1]", "[::1]"),
    ],
)
def test_the_environment_names_others(url: str, named: str) -> None:
    check_pinned("Scoro", url, {HOSTS_VARIABLE: named})


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://evil.example", "scoro.example.com"),
        ("https://x.scoro.example.com", "scoro.example.com"),
        ("https://scoro.example.com:8443", "scoro.example.com"),
        ("http://scoro.example.com", "scoro.example.com"),
        ("http://scoro.example.com:80", "scoro.example.com:*"),
        ("http://127.0.0.1:8902", "127.0.0.1:8901"),
        ("http://127.0.0.1:8902", "localhost:*"),
        ("https://evil.example", "*"),
        ("https://evil.example", "*:*"),
        ("https://evil.example", ",,"),
    ],
)
def test_what_it_names_stands_for_nothing_else(url: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match="host of the connection"):
        check_pinned("Scoro", url, {HOSTS_VARIABLE: named})


def test_the_sentence_names_the_variable_and_what_to_add() -> None:
    for url, wanted in (
        ("https://Scoro.Example.com/x", "adds scoro.example.com to"),
        ("https://scoro.example.com:8443", "adds scoro.example.com:8443 to"),
        ("http://127.0.0.1", "adds 127.0.0.1:80 to"),
    ):
        with pytest.raises(ConfigurationError) as told:
            check_pinned("Scoro", url, {})
        assert f"{wanted} the environment variable {HOSTS_VARIABLE}" in str(told.value)
        check_pinned("Scoro", url, {HOSTS_VARIABLE: wanted.split()[1]})


def test_what_a_mistyped_address_holds_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as told:
        check_pinned("Scoro", "https://user:c4n4ry@demo.scoro.com", {})
    assert "c4n4ry" not in str(told.value)


def test_http_stays_on_this_machine() -> None:
    for url in ("http://127.0.0.1:1", "http://127.8.8.8", "http://localhost:1/en/api", "http://[::1]:1"):
        assert read_address("Scoro", url).is_this_machine
    for url in ("http://demo.scoro.com", "http://10.0.0.1", "http://localhost.evil.example", "http://0.0.0.0"):
        with pytest.raises(ConfigurationError, match="https://"):
            read_address("Scoro", url)


def test_a_run_by_hand_reaches_the_simulators_that_its_environment_names() -> None:
    plain = json.dumps({"conn_type": "scoro", "host": "http://127.0.0.1:8901/", "login": "a", "password": "b"})
    uri = "smartaccounts://key:secret@http%3A%2F%2F127.0.0.1%3A8902%2Fen%2Fapi"
    foreign = json.dumps({"conn_type": "scoro", "host": "https://evil.example"})
    named = hosts_on_this_machine([plain, uri, foreign, "{broken"], {HOSTS_VARIABLE: "books.example.com"})
    assert named == {HOSTS_VARIABLE: "books.example.com,127.0.0.1:8901,127.0.0.1:8902"}
    assert on_this_machine("https://demo.scoro.com") is None


def test_the_demo_names_its_simulators() -> None:
    variables = connections(Ports(airflow=8080, scoro=8901, smartaccounts=8902))
    for system in OWN:
        connection = json.loads(variables[f"AIRFLOW_CONN_{system.upper()}_DEFAULT"])
        check_pinned(system, connection["host"], variables)
