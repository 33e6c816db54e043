"""Room staging. Cases open, are released, dismissed and resolved, and there is never more than one of a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import Engine, func, select, update

from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.quarantine import (
    State,
    StoredCase,
    dismiss,
    dismissed,
    list_cases,
    open_case,
    release,
    resolve,
)
from scoro_smartaccounts.staging.schema import quarantine
from tests.integration.staged import COMPANY, Staged, request_for
from tests.told import case_of

FIRST = request_for("import_sales_invoices/first")
SECOND = request_for("import_sales_invoices/second")
NO_PARTNER = case_of("partner_not_named", "Invoice N1 names no client.", "company_id")
NO_LINES = case_of("lines_not_given", "Invoice N1 has no lines.", "lines", "Scoro")
ACTIVE: Sequence[State] = ("open", "released", "dismissed")


@pytest.fixture
def staged(engine: Engine) -> Staged:
    staged = Staged(engine)
    staged.partner()
    for source_id in ("1", "2"):
        staged.invoice(source_id)
    staged.invoice("3", number="")
    for request in (FIRST, SECOND):
        staged.put_into(request, "1", "2", "3")
    return staged


def put(staged: Staged, request: RunRequest = FIRST, **cases: Reason) -> int:
    with staged.engine.begin() as connection:
        return open_case(connection, request, {key.removeprefix("id"): case for key, case in cases.items()})


def cases(staged: Staged, *states: State) -> dict[str, StoredCase]:
    with staged.engine.connect() as connection:
        return {case.source_id: case for case in list_cases(connection, COMPANY, states or ACTIVE)}


def since(staged: Staged, moment: datetime) -> None:
    """Pretend that all cases were opened at `moment`."""
    with staged.engine.begin() as connection:
        connection.execute(update(quarantine).values(opened_at=moment))


LONG_AGO = datetime.fromisoformat("2026-01-01T08:00:00+00:00")


def test_an_open_case_says_what_to_mend_and_where(staged: Staged) -> None:
    assert put(staged, id1=NO_PARTNER, id3=NO_LINES) == 2
    found = cases(staged)
    assert found["1"].reason == NO_PARTNER
    assert (found["1"].name, found["1"].state, found["1"].run_key) == ("N1", "open", FIRST.run_key)
    assert found["3"].name == "3"
    assert found["1"].closed_at is None


def test_documents_that_are_not_staged_get_no_case(staged: Staged) -> None:
    assert put(staged, id99=NO_LINES) == 0
    assert put(staged) == 0
    assert cases(staged) == {}


def test_the_same_reason_keeps_its_age_and_its_run(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    since(staged, LONG_AGO)
    put(staged, SECOND, id1=case_of("partner_not_named", "Said again", "company_id"))
    case = cases(staged)["1"]
    assert (case.opened_at, case.run_key, case.message) == (LONG_AGO, FIRST.run_key, "Said again")


def test_another_reason_starts_anew_in_the_same_case(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    since(staged, LONG_AGO)
    put(staged, SECOND, id1=NO_LINES)
    case = cases(staged)["1"]
    assert case.reason == NO_LINES
    assert case.opened_at > LONG_AGO
    assert case.run_key == SECOND.run_key


def test_a_released_case_opens_again_when_nothing_was_mended(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    since(staged, LONG_AGO)
    with staged.engine.begin() as connection:
        (released,) = release(connection, COMPANY, ["N1", "N404"], " partner added ")
    assert (released.state, released.note, released.source_id) == ("released", "partner added", "1")
    put(staged, SECOND, id1=NO_PARTNER)
    case = cases(staged)["1"]
    assert (case.state, case.opened_at, case.run_key) == ("open", LONG_AGO, SECOND.run_key)


def test_a_dismissed_document_stays_dismissed_until_it_changes(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    with staged.engine.begin() as connection:
        (case,) = dismiss(connection, COMPANY, ["N1"], "a test invoice")
        assert (case.state, case.closed_at is not None) == ("dismissed", True)
        assert dismissed(connection, SECOND) == {"1": "a test invoice"}
    assert put(staged, SECOND, id1=NO_LINES) == 0
    assert cases(staged)["1"].state == "dismissed"

    staged.change("1", content_hash="second")
    with staged.engine.connect() as connection:
        assert dismissed(connection, SECOND) == {}
    assert put(staged, SECOND, id1=NO_LINES) == 1
    assert (cases(staged)["1"].state, cases(staged)["1"].closed_at) == ("open", None)


def test_only_documents_without_an_outcome_count_as_dismissed(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    with staged.engine.begin() as connection:
        dismiss(connection, COMPANY, ["N1"], "a test invoice")
        runs.set_outcomes(connection, SECOND, {"1": ("dismissed", case_of("dismissed", "a test invoice"))})
        assert dismissed(connection, SECOND) == {}
        assert dismissed(connection, FIRST) == {"1": "a test invoice"}


def test_a_dismissal_needs_a_reason_and_can_be_taken_back(staged: Staged) -> None:
    put(staged, id3=NO_LINES)
    with staged.engine.begin() as connection:
        with pytest.raises(ValueError, match="note"):
            dismiss(connection, COMPANY, ["3"], "  ")
        dismiss(connection, COMPANY, ["3"], "not ours")
        (case,) = release(connection, COMPANY, ["3"], "ours after all")
    assert (case.state, case.closed_at, case.note) == ("released", None, "ours after all")


def test_resolving_closes_the_cases_of_the_given_reasons_only(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER, id2=NO_LINES)
    with staged.engine.begin() as connection:
        assert resolve(connection, SECOND, ["1", "2"], codes=["lines_not_given"]) == 1
        assert resolve(connection, SECOND, []) == 0
    assert set(cases(staged)) == {"1"}
    assert cases(staged, "resolved")["2"].closed_at is not None
    with staged.engine.begin() as connection:
        assert resolve(connection, SECOND, ["1", "2"]) == 1
    assert cases(staged) == {}


def test_a_dismissed_case_is_resolved_only_when_the_document_changed(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    with staged.engine.begin() as connection:
        dismiss(connection, COMPANY, ["N1"], "a test invoice")
        assert resolve(connection, SECOND, ["1"]) == 0
    staged.change("1", content_hash="second")
    with staged.engine.begin() as connection:
        assert resolve(connection, SECOND, ["1"]) == 1


def test_a_resolved_document_may_fail_again(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    with staged.engine.begin() as connection:
        resolve(connection, FIRST, ["1"])
    put(staged, SECOND, id1=NO_PARTNER)
    with staged.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(quarantine)) == 2
    assert set(cases(staged)) == {"1"}


def test_other_companies_are_not_touched(staged: Staged) -> None:
    put(staged, id1=NO_PARTNER)
    with staged.engine.begin() as connection:
        assert release(connection, "acme", ["N1"], "") == []
        assert list_cases(connection, "acme", ACTIVE) == []
    assert cases(staged)["1"].state == "open"
