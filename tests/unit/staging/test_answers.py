"""Room staging. An answer covers what was asked: the question in its words, and what it named."""

from __future__ import annotations

from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.common.reasons import Phrase, Reason, as_told, phrase, reason
from scoro_smartaccounts.staging.answers import Answers

P1, P2, P3 = (named_payment(f"MK{number}", None) for number in range(3))


def asked(form: str, *payments: Phrase) -> Reason:
    named = phrase("payment_undated", number="7")
    return reason(
        f"possible_duplicate.{form}", document=named, amount="124.00", currency="EUR", payments=list(payments)
    )


def answered(*questions: Reason) -> Answers:
    """As they come out of the database."""
    return Answers({"1": [Reason.from_json(each.to_json()) for each in questions]})


def test_what_was_named_is_not_asked_again() -> None:
    answers = answered(asked("payment", P1, P2))
    assert answers.left("1", asked("payment", P2)) is None
    assert answers.left("1", asked("payment", P2, P3)) == asked("payment", P3)
    assert answers.left("2", asked("payment", P2)) == asked("payment", P2)


def test_answers_add_up() -> None:
    answers = answered(asked("payment", P1), asked("payment", P2))
    assert answers.left("1", asked("payment", P1, P2)) is None
    assert answers.named("1", "possible_duplicate") == [P1, P2]


def test_other_words_are_another_question() -> None:
    answers = answered(asked("payment", P1))
    assert answers.left("1", asked("orphan", P1)) == asked("orphan", P1)
    assert answers.left("1", asked("orphan", P1), or_in=["possible_duplicate.payment"]) is None


def test_a_question_that_names_one_thing_or_none() -> None:
    sent = [reason("possible_duplicate.sent", payment=each) for each in (P1, P2)]
    answers = answered(sent[0], reason("foreign_rate_of_one", currency="USD"))
    assert answers.left("1", sent[0]) is None
    assert answers.left("1", sent[1]) == sent[1]
    assert answers.left("1", reason("foreign_rate_of_one", currency="SEK")) is None
    upside_down = reason("rate_upside_down", currency="USD")
    assert answers.left("1", upside_down) == upside_down


def test_answers_of_earlier_versions_cover_what_they_did() -> None:
    """Sentences that are known as they were told only, and questions that did not keep yet what they named."""
    answers = answered(as_told("possible_duplicate", "It was told otherwise."))
    assert answers.left("1", asked("payment", P1)) is None
    assert answers.named("1", "possible_duplicate") is None
    answers = answered(reason("possible_duplicate.covered", there="124.00"))
    assert answers.left("1", asked("covered", P1)) is None
    assert answers.left("1", asked("in_scoro", P1)) == asked("in_scoro", P1)
