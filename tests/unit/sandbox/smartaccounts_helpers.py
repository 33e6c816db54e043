"""A company in the books under test, and a plain client that knows how to sign."""

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import httpx

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.smartaccounts import Books, create_app

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)
KEY, SECRET = "testkey", "test-secret"
CLIENTS, VENDORS, ARTICLES = "purchasesales/clients", "purchasesales/vendors", "purchasesales/articles"
SALES, PURCHASES = "purchasesales/clientinvoices", "purchasesales/vendorinvoices"
PAYMENTS, MOVEMENTS = "purchasesales/payments", "inventory/warehousemovements"


def signature(query: str, body: bytes = b"", secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), query.encode() + body, hashlib.sha256).hexdigest()


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/Tallinn')):%d%m%Y%H%M%S}"


def address(path: str, moment: datetime, body: bytes = b"", prefix: str = "/en/api", **params: Any) -> str:
    """Path and signed query of a call."""
    query = urlencode({**params, "timestamp": stamp(moment), "apikey": KEY}, quote_via=quote)
    return f"{prefix}/{path}?{query}&signature={signature(query, body)}"


class Company:
    """Calls one company's books without a socket."""

    def __init__(self, **switches: Any) -> None:
        self.clock = Clock.frozen(NOON)
        self.books = Books(clock=self.clock)
        self.books.switches.change({"limits": False, **switches})
        self.app = create_app(self.books)
        self.server = self.app.state.server

    def request(self, method: str, url: str, body: bytes = b"") -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, url, content=body)

        return asyncio.run(send())

    def read(self, service: str, **params: Any) -> dict[str, Any]:
        """The answer to a `get` that succeeds."""
        response = self.request("GET", address(f"{service}:get", self.clock.now(), **params))
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def rows(self, service: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.read(service, **params)
        (rows,) = (value for key, value in answer.items() if isinstance(value, list) and key != "deleted")
        assert isinstance(rows, list)
        return rows

    def row(self, service: str, **params: Any) -> dict[str, Any]:
        (row,) = self.rows(service, **params)
        return row

    def post(self, operation: str, content: Any, prefix: str = "/en/api", **params: Any) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.request("POST", address(operation, self.clock.now(), body, prefix, **params), body)

    def write(self, operation: str, content: Any, **params: Any) -> dict[str, Any]:
        """The answer to a write that succeeds."""
        response = self.post(operation, content, **params)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def refused(self, operation: str, content: Any, **params: Any) -> list[str]:
        """The keys of the errors of a write that is refused."""
        response = self.post(operation, content, **params)
        assert response.status_code == 400, response.text
        return [error["key"] for error in response.json()["errors"]]

    def refused_read(self, service: str, **params: Any) -> list[str]:
        response = self.request("GET", address(f"{service}:get", self.clock.now(), **params))
        assert response.status_code == 400, response.text
        return [error["message"] for error in response.json()["errors"]]

    # --- what documents stand on -------------------------------------------------------------------------------

    def client(self, name: str = "Näidis OÜ", **fields: Any) -> str:
        return self.books.seed(CLIENTS, {"name": name, "vatPc": "24", **fields})

    def vendor(self, name: str = "Tarnija OÜ", **fields: Any) -> str:
        return self.books.seed(VENDORS, {"name": name, "vatPc": "24", **fields})

    def article(self, code: str = "TOO", kind: str = "SERVICE", **fields: Any) -> str:
        return self.books.seed(ARTICLES, {"code": code, "description": "Töö", "type": kind, **fields})

    def warehouse(self, name: str = "Põhiladu") -> str:
        return str(next(row["id"] for row in self.books.settings["warehouses"] if row["name"] == name))


def line(code: str = "TOO", price: Any = 100, quantity: Any = 1, vat: Any = "24", **fields: Any) -> dict[str, Any]:
    return {"code": code, "description": "Töö", "price": price, "quantity": quantity, "vatPc": vat, **fields}


def invoice(client: str, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"clientId": client, "date": "02.03.2026", "currency": "EUR", "rows": list(lines) or [line()], **fields}


def purchase(vendor: str, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    basis = {
        "vendorId": vendor,
        "date": "02.03.2026",
        "currency": "EUR",
        "invoiceNumber": "O-1",
        "isCalculateVat": True,
    }
    return {**basis, "rows": list(lines) or [line()], **fields}
