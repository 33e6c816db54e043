"""An accountant who is asked: plans, questions, answers and what is booked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.approval import words
from scoro_smartaccounts.approval.questions import (
    Answer,
    asked_about,
    give_answer,
    is_superseded,
    open_questions,
)
from scoro_smartaccounts.approval.release import release_approved, release_request
from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.staging.days_to_import import Days, read_coverage
from scoro_smartaccounts.staging.schema import approval, run_document
from tests.integration.money import Money
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 1, 12)
NEXT = date(2026, 1, 13)
SALES = Flow.SALES_INVOICES


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Office:
    """A world whose accountant is asked."""

    world: World
    money: Money
    asked: int = 0
    released: int = 0
    seen: dict[str, list[words.Asked]] = field(default_factory=dict)

    def plan(self, first: date = DAY, last: date = NEXT, **more: Any) -> dict[str, Any]:
        return self.world.run(first, last, mode=Mode.APPROVE, **more)

    def plan_yesterday(self, flow: Flow = SALES) -> dict[str, Any]:
        """What the schedule does."""
        yesterday = tallinn_day(self.world.clock.now()) - timedelta(days=1)
        return self.plan(yesterday, yesterday, kind=RunKind.SCHEDULED, flow=flow)

    def ask(self, *flows: Flow, take_over: bool = False) -> str:
        """The run that asks; its key."""
        self.asked += 1
        key = f"approve_plans/run-{self.asked}"
        with self.world.engine.begin() as connection:
            now = self.world.clock.now()
            open_questions(connection, self.world.company, key, flows or INTO_THE_BOOKS, now, take_over=take_over)
            self.seen[key] = self._documents(connection, key)
        return key

    def _documents(self, connection: Any, key: str) -> list[words.Asked]:
        return asked_about(connection, self.world.company.key, key, INTO_THE_BOOKS)

    def numbers(self, key: str) -> list[str]:
        """What a run asks about now."""
        with self.world.engine.begin() as connection:
            return [document.number for document in self._documents(connection, key)]

    def answer(
        self, key: str, *, approve: bool = True, but: tuple[str, ...] = (), picked: list[words.Asked] | None = None
    ) -> dict[str, int]:
        documents = [
            words.document_of(document.label) for document in picked or self.seen[key] if document.number in but
        ]
        left_out = frozenset(document for document in documents if document is not None)
        with self.world.engine.begin() as connection:
            return give_answer(
                connection,
                self.world.company.key,
                key,
                Answer(approve, left_out, "raamatupidaja"),
                self.world.clock.now(),
            )

    def release(self, key: str, flow: Flow = SALES) -> dict[str, int]:
        with self.world.engine.begin() as connection:
            request = release_request(connection, self.world.company, key, flow)
        return {} if request is None else release_approved(request, self.world.services(request))

    def summary(self, key: str, flow: Flow = SALES) -> dict[str, Any]:
        with self.world.engine.begin() as connection:
            request = release_request(connection, self.world.company, key, flow)
        assert request is not None
        return pipeline.summarize(request, self.world.services(request))

    def approve(self, **answer: Any) -> dict[str, int]:
        key = self.ask()
        self.answer(key, **answer)
        counts: dict[str, int] = {}
        for flow in INTO_THE_BOOKS:
            counts |= self.release(key, flow)
        return counts

    def is_superseded(self, key: str) -> bool:
        with self.world.engine.begin() as connection:
            return is_superseded(connection, self.world.company.key, key)

    def states(self) -> dict[str, str]:
        with self.world.engine.begin() as connection:
            return {row.source_id: row.state for row in connection.execute(select(approval))}

    def notes(self, key: str, flow: Flow = SALES) -> dict[str, str]:
        with self.world.engine.begin() as connection:
            rows = connection.execute(
                select(run_document.c.source_id, run_document.c.outcome_reason).where(
                    run_document.c.run_key == f"{key}/{flow.value}"
                )
            )
            return {row.source_id: told(row.outcome_reason) for row in rows}

    def proposal(self, flow: Flow = SALES) -> Days | None:
        with self.world.engine.begin() as connection:
            today = tallinn_day(self.world.clock.now())
            return read_coverage(connection, self.world.company, flow, today).proposal


def open_office(world: World) -> Office:
    """It is the morning of 14 January."""
    world.company = world.company.model_copy(update={"first_import_date": DAY})
    world.clock.set(datetime(2026, 1, 14, 9, tzinfo=TALLINN).astimezone(UTC))
    return Office(world, Money(world))


def line(price: str) -> dict[str, Any]:
    return {"product_id": 0, "product_name": "Töö", "price": price, "amount": "1", "vat_code_id": 9}
