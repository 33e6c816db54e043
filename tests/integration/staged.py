"""Staged documents for tests: a good invoice to be spoiled, and a run to put it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, insert, select, update

from scoro_smartaccounts.common.company import Mode, default_folder, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.schema import contact, document, document_line, product, raw_record, run_document
from tests.told import told

COMPANY = "default"
FLOW = Flow.SALES_INVOICES.value
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)

Values = Mapping[str, Any]


def request_for(run_key: str = "import_sales_invoices/manual__1", **changes: Any) -> RunRequest:
    """A manual run over January 2026."""
    values: dict[str, Any] = {
        "company": load_company(default_folder() / f"{COMPANY}.yaml"),
        "flow": Flow.SALES_INVOICES,
        "run_key": run_key,
        "kind": RunKind.MANUAL,
        "mode": Mode.IMPORT,
        "date_from": date(2026, 1, 1),
        "date_to": date(2026, 1, 31),
    }
    return RunRequest(**{**values, **changes})


def services_for(engine: Engine, folder: Path) -> Services:
    """Services of a step that talks to nobody but the database."""
    nobody = cast(Any, None)
    return Services(
        engine=engine, budget=nobody, scoro=nobody, smartaccounts=nobody, clock=lambda: NOW, output_folder=folder
    )


class Staged:
    """Writes documents, partners and products the way the extract step does."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def partner(self, source_id: str = "51", **changes: Any) -> str:
        values = {
            "name": "Näidis OÜ",
            "is_person": False,
            "registry_code": "12345678",
            "vat_number": "EE100594102",
            "is_deleted": False,
        }
        self._insert(contact, {"source_id": source_id, "raw_version": 1, **values, **changes})
        return source_id

    def raw_contact(self, source_id: str, *, country: str) -> None:
        """What Scoro sent of a partner, as far as it tells where it lives."""
        payload = {"contact_id": source_id, "name": "Kaugel", "addresses": [{"country": country, "city": "Linn"}]}
        values = {"module": "contacts", "version": 1, "fingerprint": source_id, "payload": payload, "run_key": ""}
        self._insert(raw_record, {"source_id": source_id, **values})

    def product(self, source_id: str, **changes: Any) -> str:
        values = {"name": "Kaabel", "code": f"K{source_id}", "is_stock": False, "excludes_discounts": False}
        self._insert(product, {"source_id": source_id, "raw_version": 1, **values, **changes})
        return source_id

    def invoice(self, source_id: str, *lines: Values, **changes: Any) -> str:
        """An invoice of one line of 100.00 and 24 % VAT unless told otherwise; its number is `N` and the id, which
        its lines tell too."""
        values = {
            "number": f"N{source_id}",
            "day": date(2026, 1, 10),
            "due_day": date(2026, 1, 24),
            "partner_id": "51",
            "currency": "EUR",
            "currency_rate": Decimal(1),
            "net": Decimal("100.00"),
            "vat": Decimal("24.00"),
            "content_hash": "first",
        }
        self._insert(document, {"flow": FLOW, "source_id": source_id, "raw_version": 1, **values, **changes})
        for position, one in enumerate(lines or (line(),), start=1):
            own = {"flow": changes.get("flow", FLOW), "source_id": source_id, "position": position}
            self._insert(document_line, {"description": source_id, **own, **one})
        return source_id

    def put_into(self, request: RunRequest, *source_ids: str, reason: str = "in_range") -> None:
        with self.engine.begin() as connection:
            runs.open_run(connection, request)
            connection.execute(
                insert(run_document),
                [
                    {
                        "company": COMPANY,
                        "run_key": request.run_key,
                        "flow": request.flow.value,
                        "source_id": source_id,
                        "reason": reason,
                    }
                    for source_id in source_ids
                ],
            )

    def change(self, source_id: str, **changes: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(document).where(document.c.source_id == source_id).values(**changes))

    def outcomes(self, request: RunRequest) -> dict[str, tuple[str | None, str | None]]:
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(run_document.c.source_id, run_document.c.outcome, run_document.c.outcome_reason).where(
                    run_document.c.run_key == request.run_key
                )
            )
            return {row.source_id: (row.outcome, told(row.outcome_reason) or None) for row in rows}

    def _insert(self, table: Any, values: Values) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(table).values(company=COMPANY, **values))


def line(net: str = "100.00", **changes: Any) -> Values:
    """A line of one piece at `net` with 24 % VAT."""
    values = {
        "is_heading": False,
        "quantity": Decimal(1),
        "price": Decimal(net),
        "discount": Decimal(0),
        "net": Decimal(net),
        "vat_percent": Decimal(24),
    }
    return {**values, **changes}
