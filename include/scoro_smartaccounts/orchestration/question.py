"""A question to a person whose answer is not lost where it cannot be stored at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Never

from airflow.providers.standard.exceptions import HITLTriggerEventError
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common import progress
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import NoProgress
from scoro_smartaccounts.orchestration.access import assigned_users, may_answer
from scoro_smartaccounts.orchestration.retries import pause_in, put_off

# Under this name Airflow keeps the answer of a task until it is stored.
_ANSWER = "answer"


class PatientQuestion(HITLOperator):
    """Asks, and takes the answer; while another process keeps a lock, or the staging database or a service is away,
    the task is put off and costs no try.

    A task that is started again after its answer takes the answer that it has and does not ask: Airflow would forget
    the answer and the task's XComs. An answer that is refused for good is forgotten: whoever clears the task is asked
    again.

    Only those answer whom the company file names. Airflow refuses others (`answer_gate`); what passes nevertheless is
    not taken, and the question is put again.
    """

    def __init__(self, *, company: Company, **options: Any) -> None:
        super().__init__(assigned_users=assigned_users(company), **options)
        self.company = company

    @abstractmethod
    def ask(self, context: Context) -> Any:
        """Put the question; the result where there is nothing to ask."""

    @abstractmethod
    def take(self, context: Context, given: Any, asked: Any) -> Any:
        """Store what was answered; `asked` is what `kept` said of the question."""

    def kept(self, context: Context) -> Any:
        """Return what has to be known of the question with the answer, as JSON."""
        return None

    def park(self, context: Context) -> Any:
        """Show the question, with who may answer it, and wait, without a worker."""
        if self.assigned_users:
            names = ", ".join(f"`{user['name']}`" for user in self.assigned_users)
            self.body = f"Answered by · Vastab: {names}\n\n{self.body}"
        return super().execute(context)

    def look(self, context: Context) -> Any:
        """No answer in time: what Airflow does then, unless a subclass knows better."""
        return super().execute_complete(context, {"error": "no answer in time", "error_type": "timeout"})

    @guarded(AirflowException, HITLTriggerEventError)
    def execute(self, context: Context) -> Any:
        """Ask, or take the answer of an earlier start."""
        answer = _account(context).get(_ANSWER)
        if answer:
            self.log.info("This task has its answer: it is taken now.")
            return self._take(context, answer)
        try:
            with progress.bounded():
                return self.ask(context)
        except Exception as problem:
            if (pause := pause_in(problem)) is None:
                raise
            put_off(pause)

    @guarded(AirflowException, HITLTriggerEventError)
    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Keep the answer until it is stored."""
        if event.get("error_type") == "timeout":
            try:
                with progress.bounded():
                    return self.look(context)
            except Exception as problem:
                if (pause := pause_in(problem)) is None:
                    raise
                self.log.info("%s. The question stays open", str(pause).rstrip("."))
                raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout) from None
        if "error" in event:
            return super().execute_complete(context, event)
        moment = event["responded_at"]
        event = {**event, "responded_at": moment and moment.isoformat()}
        answer = {"event": event, "asked": self.kept(context)}
        _account(context).set(_ANSWER, answer)
        return self._take(context, answer)

    def _take(self, context: Context, answer: Mapping[str, Any]) -> Any:
        event = answer["event"]
        try:
            moment = event["responded_at"]
            given = super().execute_complete(
                context, {**event, "responded_at": moment and datetime.fromisoformat(moment)}
            )
            if not self._is_from_one_who_may(given):
                _account(context).delete(_ANSWER)
                self._ask_again(context)
            with progress.bounded():
                taken = self.take(context, given, answer["asked"])
        except NoProgress:
            # The next try takes it.
            raise
        except Exception as problem:
            if (pause := pause_in(problem)) is not None:
                put_off(pause)
            _account(context).delete(_ANSWER)
            raise
        _account(context).delete(_ANSWER)
        return taken

    def _ask_again(self, context: Any) -> Never:
        """Wait for another answer to the question as Airflow shows it; of the one before Airflow keeps nothing."""
        upsert_hitl_detail(
            ti_id=context["task_instance"].id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            defaults=self.defaults,
            multiple=self.multiple,
            params=self.serialized_params,
            assigned_users=self.assigned_users,
        )
        raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)

    def _is_from_one_who_may(self, given: Any) -> bool:
        """Whether the answer counts. Who has which role is known to the API server alone: where roles may answer,
        it has looked."""
        user = given["responded_by_user"]
        # Nobody answered: Airflow took the default.
        if user is None and self.defaults is not None and given["chosen_options"] == self.defaults:
            return True
        name = str((user or {}).get("name") or "")
        if self.company.approval.roles or may_answer(self.company, name, ()):
            return True
        self.log.error(
            "%s answered, who is not named under approval in %s.yaml: nothing of that answer was done, and the question"
            " is asked again. Whoever is named there answers it, or whoever keeps the file names more.",
            name or "Nobody that is known",
            self.company.key,
        )
        return False


def _account(context: Any) -> Any:
    return context["task_state_store"]
