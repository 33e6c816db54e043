"""What is wrong with a file, by row and column. Never what stands there: it may name a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """`row`: the line of the file on which the row begins, from 1; 0 where the file as a whole is meant. `what` says
    what is wrong and how to mend it."""

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        places = [f"row {self.row}"] if self.row else []
        places += [f"column {self.column}"] if self.column else []
        return visible(f"{', '.join(places)}: {self.what}" if places else self.what, LONGEST_SENTENCE)


class WrongFile(ConfigurationError):
    """A person must mend the file; nothing was taken of it. `faults` are all there are, in the order of the rows."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.row))
        shown = [str(fault) for fault in self.faults[:_MOST_NAMED]]
        if more := len(self.faults) - len(shown):
            shown.append(f"and {more} more")
        super().__init__("\n  ".join(["The file is wrong; nothing was changed.", *shown]))

    def shown(self, message: str) -> str:
        """Return a line for each fault."""
        return visible_lines(message)
