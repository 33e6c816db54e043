"""Room staging. Documents come back from the typed rows exactly as their records tell, and from the records themselves
where another version of the program has filled the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from scoro_smartaccounts.common.documents import Document, Flow
from scoro_smartaccounts.extract.documents import extract
from scoro_smartaccounts.staging import documents
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.schema import document, document_line, raw_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoro_smartaccounts.common.errors import DocumentProblem
    from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
INVOICE_FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


class Odd:
    """A client in whose answers some invoices have odd values: many decimals, noise, powers of ten, other writings."""

    def __init__(self, scoro: Any, ids: list[int]) -> None:
        self._scoro = scoro
        self._ids = [str(each) for each in ids]

    def list(self, module: str, **options: Any) -> Iterator[dict[str, Any]]:
        for row in self._scoro.list(module, **options):
            yield self._odd(module, row)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scoro, name)

    def _odd(self, module: str, row: dict[str, Any]) -> dict[str, Any]:
        if module != "invoices" or not row.get("lines") or str(row["id"]) not in self._ids:
            return row
        which = self._ids.index(str(row["id"]))
        if which == 0:
            return row | {
                "discount": "33.3333333333",
                "discount3": Decimal("1.1"),
                "currency": "JPY",
                "currency_rate": Decimal("0.0061349693251"),
                "description": "Kaks rida\r\nja &amp; märk",
                "prepayment_id": [7, "008"],
                "prepayment_sum": "12.345",
            }
        if which == 1:
            return row | {"currency": "JPY", "currency_rate": 100, "reference_no": Decimal("1234500007.0")}
        odd = {
            "price": Decimal("0.30000000000000004"),
            "amount": "0.3333333333",
            "amount2": "1.50",
            "discount": Decimal("1e-7"),
            "unit": "t&#039;",
        }
        return row | {"lines": [line | odd for line in row["lines"]]}


def staged(world: World) -> None:
    """A month of invoices, bills and expenses with every feature, and with faults, in staging."""
    policy = world.company.purchase_invoices.model_copy(update={"expenses": True})
    world.company = world.company.model_copy(update={"purchase_invoices": policy})
    world.generate(FIRST, LAST, 150, bills_per_month=120, expenses_per_month=40, bad=0.1, bad_bills=0.1)
    for flow in INVOICE_FLOWS:
        again(world, flow)


def again(world: World, flow: Flow) -> None:
    request = world.request(FIRST, LAST, flow=flow)
    services = world.services(request)
    scoro: Any = Odd(services.scoro, list(world.site.records("invoices"))[:3])
    extract(request, replace(services, scoro=scoro))


def loaded(world: World, flow: Flow) -> tuple[dict[str, Document], dict[str, DocumentProblem]]:
    problems: dict[str, DocumentProblem] = {}
    with world.engine.connect() as connection:
        ids = connection.scalars(select(document.c.source_id).where(document.c.flow == flow.value)).all()
        return load_documents(connection, "default", flow, ids, problems), problems


def exactly(item: Document) -> tuple[str, object, object]:
    """Amounts with their decimals as they are written; moments whatever zone they are told in."""
    return repr(replace(item, created_at=None, modified_at=None)), item.created_at, item.modified_at


@pytest.mark.parametrize("flow", INVOICE_FLOWS)
def test_documents_come_back_as_their_records_tell(world: World, flow: Flow) -> None:
    staged(world)
    whole, problems = loaded(world, flow)
    with world.engine.begin() as connection:
        connection.execute(update(document).values(read_by="0.1.0"))
        connection.execute(update(document_line).values(description="of another program"))
    read_again, told_again = loaded(world, flow)

    assert len(whole) > 100
    assert {key: exactly(item) for key, item in whole.items()} == {
        key: exactly(item) for key, item in read_again.items()
    }
    assert {key: problem.reason for key, problem in problems.items()} == {
        key: problem.reason for key, problem in told_again.items()
    }


def test_rows_of_another_version_are_mended_when_the_record_comes_again(world: World) -> None:
    staged(world)
    before, _ = loaded(world, Flow.SALES_INVOICES)
    with world.engine.begin() as connection:
        connection.execute(update(document).values(read_by=None, description="of another program"))
    again(world, Flow.SALES_INVOICES)
    with world.engine.connect() as connection:
        left = connection.execute(select(document).where(document.c.description == "of another program")).all()
    after, _ = loaded(world, Flow.SALES_INVOICES)

    assert {row.flow for row in left} == {Flow.PURCHASE_INVOICES.value}
    assert {key: exactly(item) for key, item in after.items()} == {key: exactly(item) for key, item in before.items()}


def test_lines_and_header_are_of_one_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run stores a document anew between the two statements."""
    staged(world)
    before, _ = loaded(world, Flow.SALES_INVOICES)
    once = documents._lines_of

    def torn(*arguments: Any) -> Any:
        monkeypatch.setattr(documents, "_lines_of", once)
        lines = once(*arguments)
        with world.engine.begin() as other:
            other.execute(update(document).values(raw_version=document.c.raw_version + 1, description="anew"))
            other.execute(update(document_line).values(description="anew"))
        return lines

    monkeypatch.setattr(documents, "_lines_of", torn)
    after, _ = loaded(world, Flow.SALES_INVOICES)
    assert after.keys() == before.keys()
    assert {each.description for each in after.values()} == {"anew"}
    assert {line.description for each in after.values() for line in each.lines} == {"anew"}


def test_what_is_forgotten_stays_so_when_a_document_is_found_again(world: World) -> None:
    world.company = world.company.model_copy(update={"first_import_date": date(2026, 3, 1)})
    staged(world)
    with world.engine.begin() as connection:
        connection.execute(update(raw_record).values(forgotten_at=func.now()))
        connection.execute(update(document).values(description="", is_missing=True))
        connection.execute(update(document_line).values(description="", product_name=""))
    again(world, Flow.SALES_INVOICES)
    with world.engine.connect() as connection:
        sales = connection.execute(select(document).where(document.c.flow == Flow.SALES_INVOICES.value)).all()
        lines = connection.execute(
            select(document_line.c.description, document_line.c.product_name)
            .where(document_line.c.flow == Flow.SALES_INVOICES.value)
            .distinct()
        ).all()
    assert {(row.description, row.is_missing) for row in sales} == {("", False)}
    assert [tuple(row) for row in lines] == [("", "")]


def test_another_version_makes_no_change_of_a_record(world: World) -> None:
    """What it makes of the same record has another hash; the document did not change."""
    staged(world)
    with world.engine.begin() as connection:
        connection.execute(update(document).values(read_by="0.1.0", content_hash="of another program"))
    again(world, Flow.SALES_INVOICES)
    after, _ = loaded(world, Flow.SALES_INVOICES)
    assert {each.content_hash for each in after.values()} == {"of another program"}
