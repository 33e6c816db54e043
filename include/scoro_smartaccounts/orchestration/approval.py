"""The tasks of `approve_plans`: ask the accountant, book what was approved, tell what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param, get_current_context, task
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import TaskAwaitingInput
from sqlalchemy import Connection, Engine

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.errors import ConfigurationError, StillInDoubt
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.orchestration.notifications import alert_unanswered, on_summary
from scoro_smartaccounts.orchestration.outcome import (
    books_alias,
    books_asset,
    did_not_finish,
    note_try,
    plans_asset,
    unfinished_steps,
)
from scoro_smartaccounts.orchestration.question import PatientQuestion
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.orchestration.services import open_services, output_folder, staging_engine
from scoro_smartaccounts.services import Services

if TYPE_CHECKING:
    from scoro_smartaccounts.approval import words

log = logging.getLogger(__name__)

APPROVE, REJECT = "Approve", "Reject"
LEAVE_OUT = "leave_out"
# How often an open question looks whether a newer one has taken its place.
_LOOKS_EVERY = timedelta(minutes=5)


class AskAccountant(PatientQuestion):
    """Parks, without a worker, until the accountant answers or nothing is left to answer.

    Without an answer nothing is booked. The question ends by itself when newer ones are about all its documents.
    """

    def __init__(self, *, company: Company, **options: Any) -> None:
        super().__init__(
            company=company,
            subject="Documents to approve",
            options=[APPROVE, REJECT],
            params=ParamsDict({LEAVE_OUT: _leave_out([])}),
            response_timeout=_LOOKS_EVERY,
            **options,
        )

    def ask(self, context: Any) -> Any:
        """Ask about everything that waits; done at once when that is nothing new. A run by hand takes over what older
        questions are about."""
        from scoro_smartaccounts.approval import words
        from scoro_smartaccounts.approval.questions import open_questions

        by_hand = context["dag_run"].run_type == "manual"
        with self._staging() as connection:
            open_questions(
                connection,
                self.company,
                run_key_of(context),
                _flows(self.company, context),
                utc_now(),
                take_over=by_hand,
            )
            documents = self._documents(connection, context)
            files = self._write_lists(connection, context, documents)
        if not documents:
            log.info("No plan waits that the accountant has not been asked about, or this run has its answer.")
            return {"approved": 0, "declined": 0}
        self.subject = words.subject(self.company.name, documents)
        self.body = words.body(documents, files)
        self.params = ParamsDict({LEAVE_OUT: _leave_out([document.label for document in documents])})
        names = ", ".join(document.number for document in documents)
        log.info("Asked about %s: %s", counted(len(documents), "document|documents"), names)
        return self.park(context)

    def take(self, context: Any, given: Any, asked: Any) -> Any:
        """Store the answer."""
        from scoro_smartaccounts.approval.questions import Answer, give_answer

        answer = Answer(
            approved=given["chosen_options"] == [APPROVE],
            left_out=frozenset(_document_of(label) for label in given["params_input"].get(LEAVE_OUT) or []),
            by=(given["responded_by_user"] or {}).get("name") or "an unnamed user",
        )
        with self._staging() as connection:
            counts = give_answer(connection, self.company.key, run_key_of(context), answer, utc_now())
        log.info("Answered: documents approved: %d, declined: %d.", counts["approved"], counts["declined"])
        if not any(counts.values()):
            log.warning("Nothing was decided: a newer question is about these documents, or they are settled already.")
        return counts

    def look(self, context: Any) -> Any:
        """Without an answer go on waiting, unless nothing is left to answer."""
        from scoro_smartaccounts.approval.questions import alert_is_due, is_superseded

        company, key = self.company, run_key_of(context)
        with self._staging() as connection:
            if is_superseded(connection, company.key, key):
                log.info("Nothing is left to answer: a newer question is about the same documents, or they are booked.")
                return {"approved": 0, "declined": 0}
            waiting = len(self._documents(connection, context))
            hours = company.approval.alert_after_hours
            is_due = alert_is_due(connection, company.key, key, utc_now(), after_hours=hours)
        if is_due:
            what = f"{counted(waiting, 'document has|documents have')} waited"
            log.warning("%s for the accountant for %s; nothing is booked.", what, counted(hours, "hour|hours"))
            alert_unanswered(company, context, documents=waiting, hours=hours)
        raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)

    def _write_lists(self, connection: Connection, context: Any, documents: Sequence[words.Asked]) -> list[str]:
        """Return the lists of what is asked about, a flow each: names of their workbooks."""
        from scoro_smartaccounts.report.files import write_list_of

        files = []
        for flow in INTO_THE_BOOKS:
            asked = [document for document in documents if document.flow is flow]
            if asked:
                request = RunRequest(
                    company=self.company,
                    flow=flow,
                    run_key=f"{run_key_of(context)}/{flow.value}",
                    kind=RunKind.MANUAL,
                    mode=Mode.APPROVE,
                    date_from=min(document.day for document in asked),
                    date_to=max(document.day for document in asked),
                )
                folder = output_folder() / self.company.key
                ids = [document.source_id for document in asked]
                files += write_list_of(connection, request, folder, ids)[:1]
        return files

    def _documents(self, connection: Connection, context: Any) -> list[words.Asked]:
        from scoro_smartaccounts.approval.questions import asked_about

        return asked_about(connection, self.company.key, run_key_of(context), INTO_THE_BOOKS)

    @contextmanager
    def _staging(self) -> Iterator[Connection]:
        with _engine(self.company) as engine, engine.begin() as connection:
            yield connection


def load_approved(company: Company, task_id: str) -> Any:
    """Return the task that books what is approved, of all flows, in the order in which they need each other."""

    @task(task_id=task_id, multiple_outputs=False)
    @waits_without_failing
    def book() -> dict[str, dict[str, int]]:
        from scoro_smartaccounts.approval.release import release_approved
        from scoro_smartaccounts.outbox.doubt import put_off_what_is_in_doubt

        note_try()
        counts = {}
        doubts: list[StillInDoubt] = []
        for request, services in _releases(company):
            counts[request.flow.value] = release_approved(request, services)
            log.info("%s: %s", request.flow.value, counts[request.flow.value])
            try:
                put_off_what_is_in_doubt(request, services)
            except StillInDoubt as doubt:
                doubts.append(doubt)
        if not counts:
            log.info("Nothing is approved that is not booked.")
        if doubts:
            raise max(doubts, key=lambda doubt: doubt.until)
        return counts

    return book()


def summarize_approved(company: Company, task_id: str) -> Any:
    """Return the task that tells what became of the approved documents, a table a flow, also after a failure."""

    @task(
        task_id=task_id,
        trigger_rule="all_done",
        outlets=[books_alias(company, flow) for flow in INTO_THE_BOOKS],
        on_success_callback=on_summary(company),
        # What was sent before a step broke off has put documents into quarantine all the same.
        on_failure_callback=on_summary(company),
        multiple_outputs=False,
    )
    @waits_without_failing
    def summarize() -> dict[str, dict[str, Any]]:
        from scoro_smartaccounts.report.summary import render_summary

        unfinished = unfinished_steps()
        summaries = {}
        for request, services in _releases(company, begun=True):
            summary = summaries[request.flow.value] = pipeline.summarize(request, services)
            for line in render_summary(summary).splitlines():
                log.info("%s", line)
            if summary["documents"]["created"]:
                events = get_current_context()["outlet_events"]
                events[books_alias(company, request.flow)].add(books_asset(company, request.flow))
        if unfinished:
            get_current_context()["ti"].xcom_push(key="return_value", value=summaries)
            raise did_not_finish(unfinished)
        return summaries

    return summarize()


def run_key_of(context: Mapping[str, Any]) -> str:
    """How staging calls the run that asks."""
    return f"{context['dag_run'].dag_id}/{context['dag_run'].run_id}"


def _releases(company: Company, *, begun: bool = False) -> Iterator[tuple[RunRequest, Services]]:
    """Yield the running task's requests, a flow each, with what they work with; `begun`: those that this run has worked
    on, and not what was approved since."""
    from scoro_smartaccounts.approval.release import release_request
    from scoro_smartaccounts.staging.runs import days_of

    key = run_key_of(get_current_context())
    for flow in INTO_THE_BOOKS:
        with _engine(company) as engine, engine.begin() as connection:
            request = release_request(connection, company, key, flow)
            is_begun = request is not None and days_of(connection, company.key, request.run_key) is not None
        if request is not None and (is_begun or not begun):
            with open_services(request) as services:
                yield request, services


def _flows(company: Company, context: Mapping[str, Any]) -> list[Flow]:
    """Return the flows whose plans started the run; all of them in a run by hand."""
    names = {asset.name for asset in context.get("triggering_asset_events") or {}}
    return [flow for flow in INTO_THE_BOOKS if plans_asset(company, flow).name in names] or list(INTO_THE_BOOKS)


def _leave_out(choices: list[str]) -> Param:
    return Param(
        None,
        # What may be null may stay empty in the form.
        type=["null", "array"],
        items={"type": "string"},
        examples=choices,
        title="Dismiss · Jäta kõrvale",
        description="Documents that are not to be booked. They are not asked about again until they change, or until"
        " a run in mode approve names their days.",
    )


def _document_of(label: str) -> tuple[Flow, str]:
    from scoro_smartaccounts.approval import words

    found = words.document_of(label)
    if found is None:
        raise ConfigurationError(
            "leave_out: choose from the documents that are shown. Nothing was stored; trigger approve_plans to be asked"
            " again"
        )
    return found


@contextmanager
def _engine(company: Company) -> Iterator[Engine]:
    engine = staging_engine(company)
    try:
        yield engine
    finally:
        engine.dispose()
