"""What people answered with `retry` or `dismiss`, and what of a question is still to be asked.

An answer covers what was asked and no more: the question in its words, and what it named. In other words, or about
something that it did not name, it is another question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, select

from scoro_smartaccounts.common.reasons import AS_TOLD, REASONS, Phrase, Reason, Value
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_documents, same_document
from scoro_smartaccounts.staging.schema import document, quarantine

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import RunRequest


@dataclass(frozen=True, slots=True)
class Answers:
    """Questions that were answered, by the source id of their document, as they were asked."""

    given: Mapping[str, Sequence[Reason]] = field(default_factory=dict)

    def left(self, source_id: str, asked: Reason, *, or_in: Collection[str] = ()) -> Reason | None:
        """Return what is left of a question: without what an answer to it, or to one of the keys `or_in`, named
        already; None where nothing is."""
        keys = {asked.key, AS_TOLD, *or_in}
        said = [each for each in self.given.get(source_id, ()) if each.key in keys and each.code == asked.code]
        name = REASONS[asked.key].asks_about
        # An answer of an earlier version may not tell what it named.
        if said and any(name not in each.values for each in said):
            return None
        known = [item for each in said for item in _listed(each.values[name])]
        about = asked.values.get(name, ())
        left = [item for item in _listed(about) if item not in known]
        if len(left) == len(_listed(about)):
            return asked
        return Reason(asked.key, {**asked.values, name: left}) if left else None

    def named(self, source_id: str, code: str) -> list[Value] | None:
        """Return what the answered questions of a code named; None where an answer covers everything of the code."""
        said = [each for each in self.given.get(source_id, ()) if each.code == code]
        if any(each.key == AS_TOLD for each in said):
            return None
        return [item for each in said for item in _listed(each.values.get(REASONS[each.key].asks_about, ()))]


class Choice(StrEnum):
    """What a person chose of a question with several answers: the document's own month, or the first open day."""

    OWN_MONTH = "own_month"
    FIRST_OPEN_DAY = "first_open_day"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, and the state that the question named."""

    choice: Choice
    about: Value


@dataclass(frozen=True, slots=True)
class AnswersAboutMoney:
    """What people said of money that looks like other money: with `retry` what it is not, with `dismiss` what alone it
    is. `code` is that of the questions."""

    code: str
    not_these: Answers
    only_these: Answers

    def allows(self, source_id: str, other: Phrase) -> bool:
        """Whether the one may be the same money as the other."""
        others = self.not_these.named(source_id, self.code)
        same = self.only_these.named(source_id, self.code)
        return others is not None and other not in others and (not same or other in same)


def answers_to(connection: Connection, request: RunRequest, source_ids: Iterable[str], *codes: str) -> Answers:
    """Return what people answered about documents that are as they were then, of questions of these codes."""
    return _asked(connection, request, source_ids, codes, quarantine.c.answered_at.is_not(None))


def choices_of(connection: Connection, request: RunRequest, source_ids: Iterable[str], code: str) -> dict[str, Chosen]:
    """Return what people chose of questions of a code, about documents that are as they were then, by source id."""
    rows = connection.execute(
        select(quarantine.c.source_id, quarantine.c.choice, quarantine.c.reason)
        .join(document, same_document(document, quarantine))
        .where(
            of_documents(quarantine, request.company.key, request.flow, source_ids),
            quarantine.c.code == code,
            quarantine.c.choice != "",
            quarantine.c.answered_at.is_not(None),
            quarantine.c.content_hash == document.c.content_hash,
        )
        .order_by(quarantine.c.answered_at)
    )
    return {
        row.source_id: Chosen(Choice(row.choice), Reason.from_json(row.reason).values.get("state", "")) for row in rows
    }


def answers_about_money(
    connection: Connection, request: RunRequest, source_ids: Collection[str], code: str
) -> AnswersAboutMoney:
    """Return what people said of money that is as it was then."""
    not_these = _asked(connection, request, source_ids, [code], quarantine.c.answered_at.is_not(None))
    only_these = _asked(connection, request, source_ids, [code], quarantine.c.state == "dismissed")
    return AnswersAboutMoney(code, not_these, only_these)


def _asked(
    connection: Connection,
    request: RunRequest,
    source_ids: Iterable[str],
    codes: Collection[str],
    is_said: ColumnElement[bool],
) -> Answers:
    rows = connection.execute(
        select(quarantine.c.source_id, quarantine.c.reason)
        .join(
            document,
            same_document(document, quarantine),
        )
        .where(
            of_documents(quarantine, request.company.key, request.flow, source_ids),
            quarantine.c.code == any_of(codes),
            is_said,
            quarantine.c.content_hash == document.c.content_hash,
        )
        .order_by(quarantine.c.id)
    )
    given: dict[str, list[Reason]] = defaultdict(list)
    for row in rows:
        given[row.source_id].append(Reason.from_json(row.reason))
    return Answers(given)


def _listed(value: Value) -> Sequence[Value]:
    return [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
