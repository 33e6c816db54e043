"""The question about likely pairs as a task that waits for a person without holding a worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import Context, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.question import PatientQuestion
from scoro_smartaccounts.orchestration.reconcile import opened_reconcile

LINK = "Link those shown / Seo näidatud"
LATER = "Decide in the file / Otsustan failis"
LEAVE_OUT = "leave_out"
# Then the pairs stay as they are, and the run ends.
PATIENCE = timedelta(days=7)


class LinkQuestion(PatientQuestion):
    """Asks which of the likely pairs are the same; ends at once where there are none.

    What is shown is read when the task runs: the serialized DAG holds no pairs. Without an answer everything stays
    as it is.
    """

    def __init__(self, *, company: Company, report_task_id: str, **kwargs: Any) -> None:
        super().__init__(
            company=company,
            subject="Which of these are the same? / Millised neist on samad?",
            body="",
            options=[LINK, LATER],
            defaults=LATER,
            params={LEAVE_OUT: _leave_out({})},
            response_timeout=PATIENCE,
            **kwargs,
        )
        self._report_task_id = report_task_id

    def ask(self, context: Context) -> Any:
        """Ask, if there is anything to ask and the run is to ask."""
        from scoro_smartaccounts.reconcile_ids.outcome import read_outcomes
        from scoro_smartaccounts.reconcile_ids.question import ask

        if not context["params"].get("ask"):
            return {"shown": 0}
        if context["ti"].try_number > 1:
            # Airflow goes on showing the pairs that it showed first; by now they may be others.
            self.log.info("A run asks once; trigger the DAG again to be asked again.")
            return {"shown": 0}
        report = context["ti"].xcom_pull(task_ids=self._report_task_id)
        with opened_reconcile(self.company) as (request, services), services.engine.begin() as connection:
            question = ask(read_outcomes(connection, request.company), report["file"])
        if not question.shown:
            self.log.info("No likely pairs wait for a person.")
            return {"shown": 0}
        self.body = question.body
        self.params = ParamsDict({LEAVE_OUT: _leave_out(question.shown)})
        context["ti"].xcom_push("shown", list(question.shown))
        self.log.info("Likely pairs that are asked about: %d", len(question.shown))
        return self.park(context)

    def kept(self, context: Context) -> Any:
        """Return the pairs that were shown."""
        return context["ti"].xcom_pull(task_ids=self.task_id, key="shown") or []

    def take(self, context: Context, given: Any, asked: Any) -> Any:
        """Link what was shown and not left out. Raises AirflowFailException for an answer about other pairs."""
        from scoro_smartaccounts.reconcile_ids.decide import accept_shown
        from scoro_smartaccounts.reconcile_ids.question import pair_of

        shown = list(asked)
        if given["chosen_options"] != [LINK]:
            return {"shown": len(shown), "accepted": 0}
        left_out = set((given["params_input"] or {}).get(LEAVE_OUT) or [])
        if unknown := left_out - set(shown):
            raise AirflowFailException(
                f"{len(unknown)} of the pairs to leave out were not shown; nothing was linked. Trigger the DAG again"
                " to be asked again."
            )
        pairs = [pair_of(key) for key in shown if key not in left_out]
        by = (given["responded_by_user"] or {}).get("name") or ""
        with opened_reconcile(self.company) as (request, services):
            counts = accept_shown(services.engine, request.company, request.run_key, pairs, services.clock, by=by)
        return {"shown": len(shown), **counts}


def _leave_out(shown: Mapping[str, str]) -> Param:
    options: dict[str, Any] = {"examples": list(shown), "values_display": dict(shown)} if shown else {}
    return Param(
        [],
        type=["null", "array"],
        items={"type": "string"},
        title="Not the same / Ei ole samad",
        description="Pairs to leave out; they stay open. / Paarid, mida ei seota; need jäävad ootele.",
        **options,
    )
