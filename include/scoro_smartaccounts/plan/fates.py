"""What a planning makes of its documents: each has one fate, given by the first pass that knows it.

The passes of every flow follow each other: what cannot be read, what is in the target already, what must wait or needs
a person, and what is planned. What has no fate after one pass is open to the next.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Reason, phrase, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scoro_smartaccounts.staging.runs import Outcome

_Body = TypeVar("_Body")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Booked:
    """It is in the target, and was before."""

    outcome: ClassVar[str] = "already_there"
    why: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class _Told:
    why: Reason


@dataclass(frozen=True, slots=True)
class Adopted(_Told):
    """It was entered in the target by another hand, and is linked by this run."""

    outcome: ClassVar[str] = "adopted"


@dataclass(frozen=True, slots=True)
class FoundLater(_Told):
    """It was sent, the answer was lost, and this run found it."""

    outcome: ClassVar[str] = "created"


@dataclass(frozen=True, slots=True)
class Refused(_Told):
    """A person must decide or mend something."""

    outcome: ClassVar[str] = "quarantined"


@dataclass(frozen=True, slots=True)
class Waiting(_Told):
    """It goes on by itself when something else has happened."""

    outcome: ClassVar[str] = "waiting"


@dataclass(frozen=True, slots=True)
class InDoubt(_Told):
    """What it needs was sent, and the answer was lost."""

    outcome: ClassVar[str] = "in_doubt"


@dataclass(frozen=True, slots=True)
class NotOurs(_Told):
    """It is none of what the flow carries over."""

    outcome: ClassVar[str] = "not_ours"


@dataclass(frozen=True, slots=True)
class Planned(Generic[_Body]):
    """It is to be sent: the load step decides how the run leaves it."""

    body: _Body


Fate = Booked | Adopted | FoundLater | Refused | Waiting | InDoubt | NotOurs | Planned[_Body]


def fates_of_links(where: str, *, found: Iterable[str], linked: Iterable[str]) -> dict[str, Adopted | FoundLater]:
    """Return the fates of documents that a run came to know as booked (`where`: in_smartaccounts, in_scoro): it `found`
    them after a lost answer, or `linked` them to equal records."""
    later = FoundLater(reason("created.found_later", where=phrase(where)))
    return {**dict.fromkeys(linked, Adopted(reason("adopted", where=phrase(where)))), **dict.fromkeys(found, later)}


class Fates(dict[str, Fate[_Body]]):
    """The fates of a planning by source id, in the order in which they became known."""

    def open_among(self, items: Mapping[str, _Item]) -> dict[str, _Item]:
        """Those of the documents that have no fate yet."""
        return {source_id: item for source_id, item in items.items() if source_id not in self}

    @contextmanager
    def refusing(self, source_id: str) -> Iterator[None]:
        """Do what decides about a document: a problem that it raises is its fate."""
        try:
            yield
        except DocumentProblem as problem:
            self[source_id] = Refused(problem.reason)

    def refuse(self, problems: Mapping[str, DocumentProblem]) -> None:
        """Give documents their problems as fates."""
        self.update({source_id: Refused(problem.reason) for source_id, problem in problems.items()})

    def planned(self) -> dict[str, _Body]:
        """Return what is to be sent, in the order of planning."""
        return {source_id: fate.body for source_id, fate in self.items() if isinstance(fate, Planned)}

    def reasons(self, kind: type[_Told]) -> dict[str, Reason]:
        """Return why documents have a fate of this kind."""
        return {source_id: fate.why for source_id, fate in self.items() if isinstance(fate, kind)}

    def count(self, *kinds: type) -> int:
        """Return how many documents have a fate of one of these kinds."""
        return sum(isinstance(fate, kinds) for fate in self.values())

    def outcomes(self) -> dict[str, Outcome]:
        """How the run leaves the documents that are decided."""
        return {
            source_id: (fate.outcome, fate.why) for source_id, fate in self.items() if not isinstance(fate, Planned)
        }
