"""Asks the two services, each question once: what an answer told is kept, and a meeting that is repeated after it was
cut short asks for the rest only. Nothing is ever written to a service.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import (
    BillingStopped,
    ConfigurationError,
    PipelineError,
    RequestRefused,
    UnreadableAnswer,
)
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_states, note_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.client import Answer

log = logging.getLogger(__name__)

System = Literal["smartaccounts", "scoro"]
MOST_OF_SMARTACCOUNTS, MOST_OF_SCORO = 29, 22
_MOST: Mapping[System, int] = {"smartaccounts": MOST_OF_SMARTACCOUNTS, "scoro": MOST_OF_SCORO}
# The keys in staging: of answers, and of how many questions were asked.
ANSWERS, ASKED = "meeting/answer/", "meeting/asked"

# What an answer told, without names and texts: what JSON can hold, amounts as text.
Facts = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Asking:
    """The questions of one company's meeting. `answers` are facts by the name of their question; one that the service
    refused has the fact `refused`: "right" where the right is missing, else "question"; one whose answer cannot be
    read, "unreadable". Questions beyond what may be asked stay without an answer."""

    connection: Connection
    services: Services
    company: Company
    answers: dict[str, Facts] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    began: date = field(init=False)

    def __post_init__(self) -> None:
        key = self.company.key
        with self.connection.begin():
            self.answers = {
                name: dict(state.evidence) for name, state in known_states(self.connection, key, ANSWERS).items()
            }
            state = known_states(self.connection, key, ASKED).get("")
            today = tallinn_day(self.services.clock())
            self.asked = {"smartaccounts": 0, "scoro": 0} if state is None else dict(state.evidence)
            # Questions name days: a meeting that goes on another day asks for the same ones.
            self.began = today if state is None else date.fromisoformat(state.reading)

    def smartaccounts(
        self, name: str, service: str, digest: Callable[[Answer], Facts], params: Mapping[str, str]
    ) -> Facts:
        """Return the facts of a page of SmartAccounts, asked for unless they are known."""
        return self.once(
            name, "smartaccounts", lambda: digest(self.services.smartaccounts.read(service, **dict(params)))
        )

    def scoro(
        self,
        name: str,
        module: str,
        digest: Callable[[Rows], Facts],
        *,
        page: int = 1,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool | Literal["top", "request"] = False,
    ) -> Facts:
        """Return the facts of a page of Scoro, asked for unless they are known."""
        client = self.services.scoro
        how: dict[str, Any] = {"filter": filter, "detailed": detailed, "include_deleted": include_deleted}
        return self.once(name, "scoro", lambda: digest(client.page(module, page, **how)))

    def once(self, name: str, system: System, ask: Callable[[], Facts]) -> Facts:
        """Return the facts of an answer, kept from the moment that they are there.

        Raises what the service raises where it does not answer, or refuses the very first question: then its key is
        wrong, no right is missing. Nothing is kept then, and nothing counts.
        """
        if name in self.answers or self.asked[system] >= _MOST[system]:
            return self.answers.get(name, {})
        # Counted before it is sent: whatever happens meanwhile, no more are ever sent than may be.
        self._count(system, 1)
        try:
            facts = self._answered(system, ask)
        except PipelineError:
            self._count(system, -1)
            raise
        with self.connection.begin():
            note_state(self.connection, self.company.key, f"{ANSWERS}{name}", AssumptionState("read", facts))
        self.answers[name] = facts
        return facts

    def _answered(self, system: System, ask: Callable[[], Facts]) -> Facts:
        try:
            return ask()
        except BillingStopped:
            raise
        except ConfigurationError as refusal:
            if self.asked[system] == 1:
                raise
            log.info("%s", refusal)
            return {"refused": "right"}
        except RequestRefused as refusal:
            log.info("%s", refusal)
            return {"refused": "question"}
        except UnreadableAnswer as trouble:
            log.warning("%s", trouble)
            return {"refused": "unreadable"}

    def _count(self, system: System, more: int) -> None:
        self.asked[system] += more
        with self.connection.begin():
            state = AssumptionState(self.began.isoformat(), self.asked)
            note_state(self.connection, self.company.key, ASKED, state)
