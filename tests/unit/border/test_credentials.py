"""Room border. A request carries the connection's keys and no others of this machine; a traceback shows nothing of
it."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from rich.traceback import Traceback

from scoro_smartaccounts.border.redaction import forgets_its_arguments
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.tiers import slow_but
from tests.unit.hostile_server import LARGE, hostile
from tests.unit.local_server import Request, Response, as_json, closed_port, serving

CANARY = "c4n4ry"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
CLIENTS = "purchasesales/clients"

Call = Callable[[str], object]


def scoro(url: str) -> ScoroClient:
    return ScoroClient(url, "demoou", f"ScoroAPI_{CANARY}", sleep=lambda _: None, read_timeout=1)


def smartaccounts(url: str) -> SmartAccountsClient:
    return SmartAccountsClient(url, f"{CANARY}-public", f"{CANARY}-secret", sleep=lambda _: None, read_timeout=1)


def create(url: str) -> object:
    return scoro(url).create("receipts", {"name": f"{CANARY}-name"}, personal=(f"{CANARY}-name",))


def write(url: str) -> object:
    return smartaccounts(url).write(
        f"{CLIENTS}:add", json.dumps({"name": f"{CANARY}-name"}).encode(), signed_at=NOW, personal=(f"{CANARY}-name",)
    )


def page(url: str) -> object:
    return scoro(url).page("invoices", 1)


def read(url: str) -> object:
    return smartaccounts(url).read(CLIENTS)


CALLS: dict[str, Call] = {call.__name__: call for call in (create, write, page, read)}


def with_locals(problem: BaseException) -> str:
    """Both ways in which tools print a traceback with what variables held; without the test's own frame."""
    below = problem.__traceback__.tb_next if problem.__traceback__ else None
    told = traceback.TracebackException(type(problem), problem, below, capture_locals=True)
    plain = "".join(told.format())
    console = Console(file=io.StringIO(), width=400)
    console.print(
        Traceback.from_exception(
            type(problem),
            problem,
            below,
            show_locals=True,
            locals_max_length=1_000_000,
            locals_max_string=1_000_000,
        )
    )
    assert isinstance(console.file, io.StringIO)
    return plain + console.file.getvalue()


@pytest.mark.parametrize("trouble", ["no connection", "no answer", "too much", "refused", "no JSON", "failed"])
@pytest.mark.parametrize("call", slow_but(["create"], CALLS))
def test_no_traceback_shows_what_was_sent(call: str, trouble: str) -> None:
    def answered(_: Request) -> Response:
        return {
            "no answer": Response(drop=True),
            "refused": as_json({"errors": [{"message": "Refused"}], "statusCode": 400}, 400),
            "no JSON": Response(b"<p>Maintenance"),
            "failed": Response(b"Internal error", 500),
        }[trouble]

    with serving(answered) as server, hostile() as monster:
        monster.attack = LARGE["200 MB"]
        url = {"no connection": f"http://127.0.0.1:{closed_port()}", "too much": monster.url}.get(trouble, server.url)
        with pytest.raises(PipelineError) as told:
            CALLS[call](url)
    shown = with_locals(told.value)
    assert "client.py" in shown
    assert CANARY not in shown


def test_what_a_function_was_called_with_is_forgotten_where_it_fails() -> None:
    @forgets_its_arguments
    def outer(secret: str) -> None:
        def inner(copy: dict[str, str]) -> None:
            try:
                raise KeyError("inner")
            except KeyError:
                raise ValueError("told") from None

        inner({"copy": secret})

    assert outer.__name__ == "outer"
    with pytest.raises(ValueError, match="told") as told:
        outer(f"{CANARY}-secret")
    shown = with_locals(told.value)
    assert "in inner" in shown
    assert f"{CANARY}-secret" not in shown


@pytest.mark.parametrize("call", CALLS)
def test_no_password_of_this_machine_goes_to_a_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: str
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login {CANARY}-login password {CANARY}-password\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with suppress(PipelineError), serving(lambda _: as_json({"statusCode": 200, "status": "OK", "data": []})) as server:
        CALLS[call](server.url)
    assert server.requests
    for request in server.requests:
        assert "Authorization" not in request.headers
        assert f"{CANARY}-password" not in str(request)


def test_a_proxy_of_the_environment_is_used_for_the_services_and_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def proxy(request: Request) -> Response:
        asked.append(f"{request.method} {request.target}")
        return Response(status=403)

    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(lambda _: as_json({"clients": [], "hasMoreEntries": False})) as server, serving(proxy) as through:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, through.url)
        assert read(server.url)
        assert asked == []
        with pytest.raises(PipelineError):
            read("https://sa.smartaccounts.eu")
        # Only the name of the host is told to it.
        assert set(asked) <= {"CONNECT sa.smartaccounts.eu:443"}


def test_the_certificates_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    client = SmartAccountsClient("https://127.0.0.1:1", "key", "secret", sleep=lambda _: None)
    with pytest.raises(PipelineError, match="OSError"):
        client.read(CLIENTS)
