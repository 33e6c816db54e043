"""Room border. Pages that are legal and full, one after the other, take neither the memory of a worker nor its day:
many companies share one machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from scoro_smartaccounts.staging.schema import raw_record
from tests.integration.memory import measured, needs_proc
from tests.tiers import slow_but
from tests.unit.local_server import Request, Response, serving

pytestmark = needs_proc

DAY = "2026-03-02"
Row = dict[str, object]


def large_texts(page: int, number: int) -> Row:
    """Eight pages of a hundred rows are 8 MB each."""
    return {f"custom_{field}": "näidis " * 1400 for field in range(7 if number else 1)}


def many_values(page: int, number: int) -> Row:
    """Names that come once only, and numbers: what takes most memory for its bytes."""
    return {"custom": {f"c_{page}_{number}_{field:06d}": 1.25 for field in range(2200)}}


def one_row(page: int, number: int) -> Row:
    return {"custom": {f"c_{page}_{field:06d}": 1.25 for field in range(220_000 if number == 0 else 1)}}


def scoro_row(page: int, number: int) -> Row:
    return {
        "id": page * 1000 + number,
        "no": str(page * 1000 + number),
        "date": DAY,
        "modified_date": f"{DAY} 10:00:00",
        "company_id": 7,
        "lines": [{"id": 1, "sum": 10}],
    }


class FullPages:
    """Both services, with lists that never end, but where they are asked for their end."""

    def __init__(self, more: Callable[[int, int], Row], row: Callable[[int, int], Row] = scoro_row) -> None:
        self.more = more
        self.row = row
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        is_scoro = request.method == "POST"
        if is_scoro:
            page = int(request.json().get("page", 1))
        else:
            page = int(request.raw_query.partition("pageNumber=")[2].partition("&")[0] or 1)
        self.asked.append(page)
        rows = [self.row(page, number) | self.more(page, number) for number in range(100)] if page < 100_000 else []
        content: Row = {"status": "OK", "statusCode": 200, "data": rows}
        if not is_scoro:
            content = {"rows": rows, "hasMoreEntries": bool(rows)}
        body = json.dumps(content, ensure_ascii=False).encode()
        assert len(body) < 8 * 2**20
        return Response(body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("more", slow_but([large_texts], [large_texts, many_values, one_row]))
def test_documents_of_scoro(engine: Engine, tmp_path: Path, more: Callable[[int, int], Row]) -> None:
    pages = FullPages(more)
    step = "client._LARGEST_LIST = 40 * 2**20\npipeline.extract(request, services)"
    with serving(pages) as server:
        above, seconds, told = measured(step, server.url, engine.url.render_as_string(hide_password=False), tmp_path)
    print(f"{more.__name__}: {above:.0f} MB above idle, {seconds:.1f} s, {len(pages.asked)} pages: {told}")
    assert "invoices/list: the pages do not come to an end" in told
    assert above < 100
    with engine.connect() as connection:
        assert connection.scalars(select(func.count()).select_from(raw_record)).one() > 300


def partner(page: int, number: int) -> Row:
    return {"id": f"{page:08x}-{number:04d}", "name": f"Näidis {page}-{number} OÜ", "regCode": str(page * 100 + number)}


def invoice(page: int, number: int) -> Row:
    return {
        "id": f"{page:08x}-{number:04d}",
        "invoiceNumber": str(page * 1000 + number),
        "date": "02.03.2026",
        "totalAmount": 12.40,
        "clientId": "1",
    }


def payment(page: int, number: int) -> Row:
    rows = [{"type": "CLIENT_INVOICE", "id": f"{page:08x}-{row:04d}", "amount": 1.5} for row in range(20)]
    return {"id": f"{page:08x}-{number:04d}", "date": "02.03.2026", "number": "1", "amount": 30, "rows": rows}


LISTS = {
    "registers.sync_register(services, company.key, 'purchasesales/clients', max_age=None)": partner,
    "documents.read_days(services, company.key, flows.INVOICE_FLOWS[request.flow], [day], prove_absence=True)": invoice,
    "payments.sync_payments(services, company)": payment,
}


@pytest.mark.parametrize("more", slow_but([], [large_texts, many_values]))
@pytest.mark.parametrize("step", LISTS)
def test_lists_of_smartaccounts(engine: Engine, tmp_path: Path, step: str, more: Callable[[int, int], Row]) -> None:
    pages = FullPages(more, LISTS[step])
    with serving(pages) as server:
        above, seconds, told = measured(step, server.url, engine.url.render_as_string(hide_password=False), tmp_path)
    print(f"{step}, {more.__name__}: {above:.0f} MB above idle, {seconds:.1f} s, {len(pages.asked)} pages: {told}")
    assert ":get: no end after" in told
    assert above < 100
