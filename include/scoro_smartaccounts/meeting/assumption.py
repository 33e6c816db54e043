"""An assumption that something readable tells about: its sentence, its judge, and what follows where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoro_smartaccounts.common.kinds import DocumentKind
    from scoro_smartaccounts.meeting.verdict import Verdict

_Seen = TypeVar("_Seen")


class Follows(StrEnum):
    """What a contradiction leads to. EITHER: nothing, what is there is read either way. READ_SO: it is read as it was
    seen from now on. HELD: documents of its kinds are held. TOLD: the documents concerned are told of, or refused."""

    EITHER = "either"
    READ_SO = "read_so"
    HELD = "held"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Assumption(Generic[_Seen]):
    """`key` names it in staging, reports and `--json`. `kinds` are held where it is contradicted (HELD)."""

    key: str
    et: str
    en: str
    judge: Callable[[_Seen], Verdict]
    follows: Follows = Follows.EITHER
    kinds: tuple[DocumentKind, ...] = ()
