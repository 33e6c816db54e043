"""The requests of a night: how many are left, and what a night may spend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.client import Answer

# A night on which nothing is wrong; one on which something is; and one that reads whole lists, or what a bulk import
# left.
QUIET, ALARMED, WHOLE_LISTS = 10, 25, 150


class NoRequestsLeft(PipelineError):
    """The night has used up its requests. What is left waits for the next one."""


@dataclass
class Asking:
    """The way to SmartAccounts of one night. The requests of all tries of its tasks count."""

    services: Services
    allowed: int = QUIET
    # Hears of more that is allowed: a task that is killed goes on with it.
    keep: Callable[[int], None] = lambda _: None

    _used: int | None = None

    @property
    def used(self) -> int:
        """Requests that the night sent."""
        if self._used is None:
            self._used = self.services.budget.used_by_run()
        return self._used

    @property
    def left(self) -> int:
        """Requests that it may still send."""
        return self.allowed - self.used

    def allow(self, most: int) -> None:
        """Let the night spend more, where it is not allowed as much already."""
        if most > self.allowed:
            self.allowed = most
            self.keep(most)

    def within(self, most: int) -> Services:
        """Return services that raise NoRequestsLeft once the night has sent `most` requests, for what asks by
        itself."""

        def may_ask() -> None:
            self._used = None
            if self.used >= most:
                raise NoRequestsLeft("What the audit may ask for here is used up")
            self._used = None

        return replace(self.services, smartaccounts=self.services.smartaccounts.asking_first(may_ask))

    def read(self, service: str, **params: str) -> Answer:
        """Raise NoRequestsLeft, or as the client's `read` does."""
        if self.left < 1:
            raise NoRequestsLeft("The audit has used up its requests of this night")
        # What the client tries again counts too.
        self._used = None
        return self.services.smartaccounts.read(service, **params)
