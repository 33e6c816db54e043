"""Room common. The record that brings a set down is found, and the others go on; a fault of the whole is none of a
record."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DataError, NoResultFound, OperationalError, PendingRollbackError, ResourceClosedError

from scoro_smartaccounts.common.culprits import (
    MOST_CULPRITS,
    fault_of,
    in_halves,
    is_of_data,
    is_of_records,
    one_document,
)
from scoro_smartaccounts.common.errors import DatabaseAway, DocumentProblem
from scoro_smartaccounts.common.reasons import phrase


@given(st.integers(0, 60), st.sets(st.integers(0, 59), max_size=5))
def test_every_culprit_is_found_and_everything_else_is_done_once(size: int, bad: set[int]) -> None:
    done: list[int] = []

    def work(part: Sequence[int]) -> None:
        if bad & set(part):
            raise ZeroDivisionError
        done.extend(part)

    found = in_halves(range(size), work)
    assert {item for item, _ in found} == {item for item in bad if item < size}
    assert sorted(done) == [item for item in range(size) if item not in bad]


def test_what_most_records_bring_up_is_no_accident() -> None:
    def work(part: Sequence[int]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_halves(range(MOST_CULPRITS + 1), work)


@pytest.mark.parametrize(("size", "bad"), [(5_000, 21), (5_000, 500), (20, 20), (200, 20)])
def test_bad_records_among_many_stop_nobody(size: int, bad: int) -> None:
    culprits = set(range(0, size, size // bad)[:bad])

    def work(part: Sequence[int]) -> None:
        if culprits & set(part):
            raise ZeroDivisionError

    assert {item for item, _ in in_halves(range(size), work)} == culprits


def test_where_more_than_a_tenth_are_bad_nobody_is_blamed() -> None:
    def work(part: Sequence[int]) -> None:
        if any(item % 9 == 0 for item in part):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_halves(range(5_000), work)


@pytest.mark.parametrize(
    "problem",
    [
        DatabaseAway("away"),
        MemoryError(),
        OSError("disk full"),
        OperationalError("", {}, psycopg.OperationalError()),
        PendingRollbackError("Can't reconnect until invalid transaction is rolled back"),
        ResourceClosedError("This Connection is closed"),
    ],
)
def test_a_fault_of_the_whole_goes_up_at_once(problem: Exception) -> None:
    tries = []

    def work(part: Sequence[int]) -> None:
        tries.append(part)
        raise problem

    with pytest.raises(type(problem)):
        in_halves(range(8), work)
    assert len(tries) == 1


def test_data_is_told_from_outages_by_the_code() -> None:
    for code, is_data in (("22003", True), ("23505", True), ("54000", True), ("40P01", False), ("53100", False)):
        error = psycopg.errors.lookup(code)('CONTEXT: COPY contact, line 3: "Mari-Liis"')
        assert is_of_data(error) is is_data
        assert is_of_records(DataError("insert", {}, error)) is is_data
        assert fault_of(error).error == f"PostgreSQL {code}"


def test_a_record_that_is_not_there_may_be_one_documents_own_fault() -> None:
    assert is_of_records(NoResultFound())


def test_a_sentence_names_the_place_and_no_value() -> None:
    with pytest.raises(DocumentProblem) as told, one_document(phrase("invoice", number="7"), "unexpected", "Scoro"):
        int("Mari-Liis")
    assert "Invoice 7 is not what the program expects (ValueError in " in told.value.message
    assert "Mari" not in str(told.value)
    assert told.value.__cause__ is None
