"""What an assumption comes to: it is confirmed or contradicted by what was read, or nothing that was read tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


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
        told = " ≠ ".join(filter(None, (self.there, self.here)))
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
    counts = {"agreeing": len(agreeing), "against": len(against)}
    if len(against) >= enough and len(against) > len(agreeing):
        return Verdict(State.CONTRADICTED, other, example=against[0], **counts)
    if len(agreeing) >= enough and not against:
        return Verdict(State.CONFIRMED, assumed, example=agreeing[0], **counts)
    return Verdict(State.NO_EXAMPLE, **counts)


def sorted_out(found: Mapping[bool, Sequence[Example]]) -> tuple[Sequence[Example], Sequence[Example]]:
    """Return the examples that agree, and those that do not."""
    return found.get(True, ()), found.get(False, ())


def read_as(reading: str, *, assumed: str, of: str = "", count: int = 1) -> Verdict:
    """Return the verdict where every record tells the reading: it is the assumed one, or it is not."""
    if not reading:
        return NOTHING
    example = Example(of, reading)
    if reading == assumed:
        return Verdict(State.CONFIRMED, reading, agreeing=count, example=example)
    return Verdict(State.CONTRADICTED, reading, against=count, example=Example(of, reading, assumed))
