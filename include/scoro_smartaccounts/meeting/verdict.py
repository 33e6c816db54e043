"""What an assumption comes to: it is confirmed or contradicted by what was read, or nothing that was read tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class State(StrEnum):
    """Its value is what reports and `--json` say."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NO_EXAMPLE = "no_example"


@dataclass(frozen=True, slots=True)
class Example:
    """One record that tells it: what it is called, what stands there, and what was assumed to stand."""

    of: str
    there: str = ""
    here: str = ""

    def written(self) -> str:
        """Return it as people read it."""
        told = self.there if self.there == self.here else " ≠ ".join(filter(None, (self.there, self.here)))
        return ": ".join(filter(None, (self.of, told)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reading`: how the service is to be read by what was seen; `agreeing` and `against` count examples."""

    state: State
    reading: str = ""
    agreeing: int = 0
    against: int = 0
    example: Example | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    def evidence(self) -> str:
        """Return what speaks for it, in figures."""
        counted = f"{self.agreeing} : {self.against}" if self.agreeing or self.against else ""
        return "; ".join(filter(None, (counted, "" if self.example is None else self.example.written())))


NOTHING = Verdict(State.NO_EXAMPLE)
# So many examples that agree, with none against, where one alone may be a chance.
ENOUGH = 3


def judged(
    agreeing: Sequence[Example],
    against: Sequence[Example],
    *,
    assumed: str,
    other: str,
    enough: int = 1,
) -> Verdict:
    """Return the verdict on an assumption by its examples: `assumed` and `other` are the two readings. With fewer than
    `enough`, and where each reading has as many, nothing is told."""
    many, others = len(agreeing), len(against)
    if others >= enough and others > many:
        return Verdict(State.CONTRADICTED, other, many, others, against[0])
    if many >= enough and not others:
        return Verdict(State.CONFIRMED, assumed, many, others, agreeing[0])
    return Verdict(State.NO_EXAMPLE, agreeing=many, against=others)


def examples() -> tuple[list[Example], list[Example]]:
    """Return two empty lists of examples, of one reading and of the other."""
    return [], []


def read_as(reading: str, *, assumed: str, of: str = "", count: int = 1) -> Verdict:
    """Return the verdict where every record tells the reading: it is the assumed one, or it is not."""
    if not reading:
        return NOTHING
    example = Example(of, reading)
    if reading == assumed:
        return Verdict(State.CONFIRMED, reading, agreeing=count, example=example)
    return Verdict(State.CONTRADICTED, reading, against=count, example=Example(of, reading, assumed))
