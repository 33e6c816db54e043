"""What the tests of the first day share: runs of reconcile_ids, records on both sides, answers in its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import insert, select, update

from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.reconcile_ids import words
from scoro_smartaccounts.reconcile_ids.decide import Taken, take_answers
from scoro_smartaccounts.reconcile_ids.propose import propose_links
from scoro_smartaccounts.reconcile_ids.registers import read_registers
from scoro_smartaccounts.reconcile_ids.report import Report, write_report
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.schema import intent, link, link_proposal
from tests.integration.world import World

CLIENTS, VENDORS, ARTICLES = "purchasesales/clients", "purchasesales/vendors", "purchasesales/articles"
STREET = {"country": "est", "city": "Tallinn", "street": "Pärnu mnt 1", "zipcode": "10141"}
ADDRESS = {"country": "EE", "city": "Tallinn", "address1": "Pärnu mnt 1", "postalCode": "10141"}


@dataclass
class FirstDay:
    """reconcile_ids over a world."""

    world: World
    runs: int = 0

    def request(self) -> tuple[ReconcileRequest, Services]:
        self.runs += 1
        request = ReconcileRequest(self.world.company, f"reconcile_ids/manual-{self.runs}")
        return request, self.world.services(request)

    def run(self) -> Report:
        """All steps; seconds later than the one before."""
        self.world.clock.advance(timedelta(seconds=60))
        request, services = self.request()
        read_registers(request, services)
        propose_links(request, services)
        return write_report(request, services)

    def contact(self, **fields: Any) -> str:
        values = {"contact_type": "company", "is_client": 1, **fields}
        return str(self.world.site.create("contacts", values)["contact_id"])

    def known(self, service: str = CLIENTS, **fields: Any) -> str:
        return str(self.world.books.seed(service, {"vatPc": "24", **fields}))

    def links(self, kind: str = "client") -> dict[str, tuple[str, str]]:
        """Remote id and evidence by Scoro's id."""
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(link).where(link.c.kind == kind))
            return {row.source_id: (row.remote_id, row.evidence) for row in rows}

    def proposals(self) -> dict[tuple[str, str, str], tuple[str, str]]:
        """Confidence and decision by kind and pair."""
        with self.world.engine.connect() as connection:
            return {
                (row.kind, row.source_id, row.remote_id): (row.confidence, row.decision)
                for row in connection.execute(select(link_proposal))
            }

    def file(self, report: Report) -> Path:
        return self.world.output / report.file

    def settled(self) -> None:
        """Imports have heard that what they sent is not there."""
        with self.world.engine.begin() as connection:
            connection.execute(update(intent).values(state="absent", settled_at=self.world.clock.now()))

    def creating(self, source_id: str, natural_key: str = "x", kind: str = "client") -> None:
        """An import has sent a client (article) and not heard of it yet."""
        with self.world.engine.begin() as connection:
            connection.execute(
                insert(intent).values(
                    company="default",
                    kind=kind,
                    source_id=source_id,
                    natural_key=natural_key,
                    operation=f"purchasesales/{kind}s:add",
                    payload="{}",
                    payload_hash="x",
                    signed_at=self.world.clock.now(),
                    run_key="x",
                )
            )

    def hand_back(self, content: bytes) -> Taken:
        return take_answers(self.world.engine, self.world.company, "test", content, self.world.clock.now)


def likely_pair(day: FirstDay, name: str = "Põhjatäht") -> tuple[str, str]:
    """A contact and a client that are likely the same: an equal name and address, no code."""
    source = day.contact(name=f"{name} OÜ", addresses=[STREET])
    return source, day.known(name=f"OÜ {name}", address=ADDRESS)


def fill_in(path: Path, say: Callable[[Mapping[str, Any]], object]) -> bytes:
    """The workbook with a decision in every row of which `say` gives one."""
    book = load_workbook(path)
    for sheet in book.worksheets:
        headings = [cell.value for cell in sheet[1]]
        if words.DECISION not in headings:
            continue
        for row in sheet.iter_rows(min_row=2):
            facts = {heading: cell.value for heading, cell in zip(headings, row, strict=True)}
            if (said := say({**facts, "sheet": sheet.title})) is not None:
                row[headings.index(words.DECISION)].value = said
    return saved(book, path.with_name("filled.xlsx"))


def saved(book: Workbook, path: Path) -> bytes:
    book.save(path)
    return path.read_bytes()


def rows_of(path: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """The rows of the sheet whose name begins like this."""
    book = load_workbook(path)
    page = next(each for each in book.worksheets if each.title.startswith(sheet))
    headings = [cell.value for cell in page[1]]
    for row in page.iter_rows(min_row=2, values_only=True):
        yield dict(zip(headings, row, strict=True))
