"""`audit`, `drift` and `accept`: whether the books still agree, and what a person takes as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.accepting import accept as accept_drift
from scoro_smartaccounts.audit.report import Case, cases_of, last_report
from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.who import logged_in
from scoro_smartaccounts.common.clock import tallinn_text, utc_now
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.drifts import Drift, open_drifts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.cli.place import Place


def audit(place: Place) -> CommandResult:
    """Return what the last night said; not done where there was none."""
    company = place.company.key
    with place.engine.connect() as connection:
        found = last_report(connection, company)
    if found is None:
        return CommandResult(
            ["No night has been told yet: start audit_books in Airflow."],
            {"company": company, "night": None},
            done=False,
        )
    notes = [{"en": render(note), "et": render(note, "et")} for note in found.notes]
    return CommandResult(list(found.lines()), {"company": company, **found.counts, "notes": notes})


def drift(place: Place) -> CommandResult:
    """Return what differs, case by case; an empty list is an answer too."""
    company = place.company.key
    with place.engine.connect() as connection:
        cases = cases_of([each for each in open_drifts(connection, company) if each.state != "suspected"])
    lines = [line for case in cases for line in _lines(case)] or ["Nothing differs that is known of."]
    return CommandResult(lines, {"company": company, "cases": [_shape(case.drifts) for case in cases]})


def accept(place: Place, drift_id: int, note: str, by: str) -> CommandResult:
    """Take a difference as it is, with all of its case; not done where it is not open. Raises WrongUsage where nobody
    says who does."""
    company = place.company.key
    if not (name := by.strip() or logged_in()):
        raise WrongUsage('say who accepts it: --by "Mari Maasikas"')
    with place.engine.begin() as connection:
        accepted = accept_drift(connection, company, drift_id, utc_now(), by=name, note=note)
    lines = [f"{each.id}: accepted. {render(each.reason)}" for each in accepted]
    return CommandResult(
        lines or [f"There is no open difference {drift_id}."],
        {"company": company, "accepted": [each.id for each in accepted]},
        done=bool(accepted),
    )


def _lines(case: Case) -> Iterator[str]:
    first = case.first
    yield f"{first.id}, {first.kind}, {first.state}, since {tallinn_text(first.first_seen)}"
    yield f"    {case.sentence('en')}"


def _shape(drifts: Sequence[Drift]) -> dict[str, Any]:
    first = drifts[0]
    return {
        "id": first.id,
        "system": first.system,
        "kind": first.kind,
        "state": first.state,
        "since": first.first_seen,
        "evidence": first.evidence,
        "sentence": {"en": render(first.reason), "et": render(first.reason, "et")},
        "documents": [
            {
                "id": each.id,
                "flow": each.flow,
                "source_id": each.source_id,
                "remote_id": each.remote_id,
                "amount": None if each.amount is None else str(each.amount),
                "currency": each.currency,
                "before": each.before,
                "after": each.after,
            }
            for each in drifts
        ],
    }
