"""A Scoro site under test, and a plain client that only knows how to post."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.scoro import DEFAULT_API_KEY, Site, Switches
from scoro_smartaccounts_sandbox.scoro.app import create_app

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)


class InProcess:
    """Calls an app without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(send())

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        return self.request("POST", path, **arguments)


class Poster:
    """Posts to one site; ``data`` insists on success."""

    def __init__(self, **switches: Any) -> None:
        self.clock = Clock.frozen(NOON)
        self.site = Site(self.clock, Switches().changed({"requests_per_2_seconds": 0, **switches}))
        self.http = InProcess(create_app(self.site))

    def post(self, path: str, **body: Any) -> httpx.Response:
        keys = {"apiKey": DEFAULT_API_KEY, "company_account_id": "demoou", **body}
        return self.http.post(f"/api/v2/{path}", json={key: value for key, value in keys.items() if value is not None})

    def answer(self, path: str, **body: Any) -> dict[str, Any]:
        result: dict[str, Any] = self.post(path, **body).json()
        return result

    def data(self, path: str, **body: Any) -> Any:
        answer = self.answer(path, **body)
        assert answer["status"] == "OK", answer
        return answer["data"]

    def refused(self, path: str, **body: Any) -> int:
        answer = self.answer(path, **body)
        assert answer["status"] == "ERROR", answer
        assert answer["messages"]["error"][0]
        return int(answer["statusCode"])

    def client(self, name: str = "Näidis OÜ", **fields: Any) -> int:
        return int(self.site.create("contacts", {"name": name, "is_client": 1, **fields})["contact_id"])

    def product(self, name: str = "Kaabel", **fields: Any) -> int:
        return int(self.site.create("products", {"name": name, "price": 10, **fields})["product_id"])

    def invoice(self, company: int, **fields: Any) -> dict[str, Any]:
        lines = [{"product_id": 0, "comment": "Töö", "price": 100, "amount": 1}]
        request = {"company_id": company, "date": "2026-03-02", "lines": lines, **fields}
        result: dict[str, Any] = self.data("invoices/modify", request=request)
        return result
